"""Say in whole sentences, in Japanese and English, why something was found and why a table is about people or is not.

In: the `why` of a Finding or a TableReport. Out: a sentence for a reviewer. Fails: never; an unknown reason comes back as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

# why: (ja, en). {kinds} stands for the kinds that a reason lists behind its last "beside", or in brackets.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "label": ("項目名のすぐ後にあります", "It follows a label that announces it"),
    "honorific": ("敬称(様、さん、氏など)が付いています", "An honorific follows it"),
    "name in a sentence": (
        "文の前後関係から人名と判断しました",
        "The sentence round it reads as one about a person of this name",
    ),
    "full name behind a department": ("部署名に続く姓名です", "A full name follows a department"),
    "full name beside another identifier": (
        "姓と名の両方が辞書にあり、電話番号やメールアドレスなどと並んでいます",
        "Surname and given name are both known, and a telephone number, mail address or the like stands beside",
    ),
    "entry of a phone book": (
        "電話番号などと一行に並ぶ呼び名です",
        "A name to call somebody by, on one line with a number or address",
    ),
    "生まれ": ("「生まれ」などの語が付いた日付です", "A date that is said to be one of birth"),
    "gender in the same line": (
        "同じ行に性別が並ぶ日付です",
        "A date on one line with a gender",
    ),
    "records in cells": (
        "セルの文の中に、個人の氏名と連絡先などが書かれています",
        "Sentences in its cells name people with what belongs to them",
    ),
    "mobile number": ("携帯電話の番号です", "The number of a mobile telephone"),
    "number of the plan": ("電気通信番号計画にある番号です", "A number of the national numbering plan"),
    "addr-spec": ("メールアドレスの書式です", "It is written as a mail address"),
    "address of a function": (
        "info@ のような、部署や窓口のアドレスです",
        "An address such as info@, of an office rather than a person",
    ),
    "an address follows": ("すぐ後に住所が続きます", "An address follows it"),
    "prefecture to house number": (
        "都道府県から番地まで書かれています",
        "It is written from the prefecture down to the house number",
    ),
    "check digit and keyword": (
        "検査数字が合い、近くに項目名があります",
        "Its check digit fits, and a word that announces it is near",
    ),
    "check digit and label": (
        "検査数字が合い、項目名の後にあります",
        "Its check digit fits, and it follows a label",
    ),
    "check digit and expiry": (
        "検査数字が合い、すぐ後に有効期限があります",
        "Its check digit fits, and the month of its expiry follows",
    ),
    "check digits throughout": (
        "並んだ番号のすべてで検査数字が合います",
        "The check digits of all numbers listed fit",
    ),
    "own pattern": ("組織が定めた書式に合います", "It fits a pattern that your organisation defined"),
    "own pattern and keyword": (
        "組織が定めた書式に合い、近くに決められた語があります",
        "It fits a pattern that your organisation defined, and one of its keywords is near",
    ),
    "item of a list": ("同じ書式の行が並ぶ一覧の項目です", "An item of a list whose lines are alike"),
    "歳 in brackets": ("括弧の中に歳の付いた数です", "A number of years in brackets"),
    "said of a named person": (
        "名前を挙げた人について述べた文にあります",
        "It stands in a sentence about a person who is named",
    ),
    "said of somebody": (
        "名前や続柄を挙げた人、または書き手自身について述べています",
        "It is said of somebody: one who is named, one of a family, or the writer",
    ),
    "names beside": ("氏名と{kinds}が並んでいます", "Names beside {kinds}"),
    "member numbers beside": ("会員番号と{kinds}が並んでいます", "Member numbers beside {kinds}"),
    "telephone numbers beside": ("電話番号と{kinds}が並んでいます", "Telephone numbers beside {kinds}"),
    "mobile numbers beside": ("携帯電話番号と{kinds}が並んでいます", "Mobile numbers beside {kinds}"),
    "mail addresses of people": ("個人のメールアドレスの一覧です", "A list of mail addresses of people"),
    "a list of names": ("氏名の一覧です", "A list of names"),
    "a list of mobile numbers": ("携帯電話番号の一覧です", "A list of mobile numbers"),
    "numbers that each identify one person": (
        "一つ一つが誰か一人を示す番号({kinds})が並んでいます",
        "Numbers that each identify one person ({kinds})",
    ),
    "attributes of people": (
        "人の属性({kinds})はありますが、誰のものかは分かりません",
        "Attributes of people ({kinds}), but nothing that says who they are",
    ),
    "no column identifies a person": ("個人を特定する列がありません", "No column identifies a person"),
    "names, and nothing beside them that tells of a person": (
        "名前はありますが、個人に関する項目が並んでいません",
        "Names, and nothing beside them that tells of a person",
    ),
    "names of officers, makers or authors, and nothing else of them": (
        "役員、製造者、著者などの名前だけです",
        "Names of officers, makers or authors, and nothing else of them",
    ),
    "names are masked, and a telephone number alone names nobody": (
        "氏名は伏せられていて、電話番号だけでは誰か分かりません",
        "Names are masked, and a telephone number alone names nobody",
    ),
    "rows are shops, companies or goods, and name nobody": (
        "店舗、会社、商品などの表で、個人の名前はありません",
        "The rows are shops, companies or goods, and name nobody",
    ),
    "rows are shops, companies or goods; the names are of those who head or made them": (
        "店舗、会社、商品などの表で、名前は代表者や製造者のものです",
        "The rows are shops, companies or goods; the names are of those who head or made them",
    ),
    "rows are shops, companies or goods; the few names beside them are of those who look after them": (
        "店舗、会社、商品などの表で、名前は担当する数人のものです",
        "The rows are shops, companies or goods; the few names are of those who look after them",
    ),
    "rows are shops or companies; the names beside them are of those who head them": (
        "店舗や会社の表で、名前は代表者のものです",
        "The rows are shops or companies; the names are of those who head them",
    ),
    "rows are shops or companies, and the mail addresses are theirs": (
        "店舗や会社の表で、メールアドレスもそのものです",
        "The rows are shops or companies, and the mail addresses are theirs",
    ),
    "rows are goods or works": ("商品や作品の表です", "The rows are goods or works"),
    "the mail addresses belong to functions": (
        "部署や窓口のメールアドレスです",
        "The mail addresses belong to functions",
    ),
    "telephone numbers, and nobody they belong to": (
        "電話番号はありますが、持ち主は書かれていません",
        "Telephone numbers, and nobody they belong to",
    ),
}
_LISTS = tuple(head for head, (_, sentence) in SENTENCES.items() if "{kinds}" in sentence)


def explain(why: str, language: str = "ja", names: Mapping[str, str] | None = None) -> str:
    """Give the sentence for a reason; `names` says what the kinds are called in that language."""
    head, kinds = why, ""
    for one in _LISTS:
        if why.startswith(f"{one} "):
            head, kinds = one, why.removeprefix(f"{one} ").partition("),")[0].strip("()")
    if head not in SENTENCES:
        return why
    shown = [(names or {}).get(kind, kind) for kind in kinds.split(", ")]
    sentence = SENTENCES[head][language != "ja"]
    return sentence.format(kinds=("、" if language == "ja" else ", ").join(shown))
