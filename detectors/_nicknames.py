"""Find what people are called in a phone book: one word and a number, line after line (ええやません 090-0000-1234).

In: a folded text. Out: matches whose first group is the word. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from detectors._lexicon import names

# ええやません 090-0000-1234: one word and a mobile number or a mail address, line after line.
_ENTRY = regex.compile(
    r"^[ \t・]*(?:(?:ご|お|御)?(?:担当|連絡先|紹介|相談|依頼|申込)(?:者|先)?の)?([\p{L}々ー]{2,14}(?:・[\p{L}ー]{2,14})?)(?:[ \t,:]+|[ \t]?\()(?:0[6-9]0-?[0-9]{4}-?[0-9]{4}|(?P<fixed>0[1-9][0-9]{0,3}-[0-9]{1,4}-[0-9]{4}|会員番号[ :]?[A-Za-z0-9\-]+)|[\w.+\-]+@[\w.\-]+)\)?[ \t]*$",
    flags=regex.MULTILINE,
)
_ENTRY_GATE = re.compile(r"0[1-9][0-9]{0,3}-?[0-9]|@|会員番号")
_PHONE_BOOK = 3
# Words that say by themselves that they call somebody: A山B郎, 山びーろう, たろちゃん, けん坊, ジョン・スミス; ええやません.
_CALLING = (
    r"(?=.*[A-Z])(?=.*\p{Han})(?!.*[A-Z]{2}|.*[A-Z][型組棟類級班席判案社群票日面列])[A-Z\p{Han}\p{Hiragana}ー]{2,8}|\p{Han}{1,2}\p{Hiragana}*ー\p{Hiragana}+"
    r"|.+(?:さん|ちゃん|くん|さま|様|坊|っち)|\p{Katakana}[\p{Katakana}ー]+・\p{Katakana}[\p{Katakana}ー]+"
)
CALLS = regex.compile(_CALLING)
_NICKNAME = regex.compile(
    r"(?!(?:お?でんわ|けいたい|ご?れんらくさき|お?といあわせ|ご?よやく|うけつけ|うけつけじかん)$)"
    rf"(?:\p{{Hiragana}}{{3,}}|\p{{Hiragana}}{{2,3}}\p{{Katakana}}[\p{{Katakana}}ー]{{1,2}}|{_CALLING})"
)


def entries(folded: str) -> Iterator[regex.Match[str]]:
    """Yield the entries whose word calls somebody, or that stand in a book of such; what the word names else is not asked."""
    found = list(_ENTRY.finditer(folded)) if _ENTRY_GATE.search(folded) else []
    is_book = sum(1 for entry in found if not entry["fixed"]) >= _PHONE_BOOK
    for entry in found:
        is_said = (CALLS if entry["fixed"] else _NICKNAME).fullmatch(entry[1]) is not None
        is_kana_name = entry[1] in names().family_kana or entry[1] in names().given_kana
        if is_said or (not entry["fixed"] and (is_book or is_kana_name)):
            yield entry
