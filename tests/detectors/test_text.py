"""Running texts: whose records a mail holds, and whom it greets."""

from __future__ import annotations

import pytest

import detectors

SIGNATURE = """
━━━━━━━━━━━━━━━━━━━━
株式会社サンプル商店　お客様サポート
担当：佐藤花子
〒100-0001 東京都千代田区千代田1-1-1
TEL：03-0000-0000（代表）　フリーダイヤル 0120-000-000
info@shop.example.jp
https://shop.example.jp/
━━━━━━━━━━━━━━━━━━━━
"""
NEWS = "いつもご利用いただきありがとうございます。今月の新商品をご案内いたします。\n全品３０％オフ！ 3,980円→2,786円（税込）\n期間：2024年4月1日(月)～4月30日(火)\n\n"


def names(text):
    return [person.names[0] if person.names else "" for person in detectors.read_text(text).identities]


def test_a_newsletter_is_nobodys_record():
    report = detectors.read_text("山田太郎 様\n\n" + NEWS * 5 + SIGNATURE)
    assert report.identities == ()
    assert report.addressee == "山田太郎"


@pytest.mark.parametrize(
    ("head", "addressee"),
    [
        ("山田太郎 様\n", "山田太郎"),
        ("山田　太郎様、\n", "山田 太郎"),
        ("山田様\n", "山田"),
        ("鈴木 一郎さん\n\nこんにちは", "鈴木 一郎"),
        ("会員の皆様\n", None),
        ("お客様各位\n", None),
        ("株式会社サンプル商店 御中\n", None),
        ("", None),
    ],
)
def test_the_greeting_names_the_addressee(head, addressee):
    assert detectors.read_text(head + NEWS).addressee == addressee


def test_a_greeting_alone_is_no_identity():
    assert detectors.read_text("山田太郎様\n\nこんにちは。").identities == ()


def test_each_line_of_a_pasted_list_is_a_person():
    assert names(
        "以下の3名です。\n山田太郎 090-0000-0001\n佐藤 花子\t090-0000-0002\n鈴木一郎,ichiro@example.jp\n"
    ) == ["山田太郎", "佐藤 花子", "鈴木一郎"]


def test_nicknames_in_a_phone_book_are_people():
    assert (
        len(names("山田太郎 090-0000-0001\nええやません 090-0000-0002\nみきちゃんまま 080-0000-0003\n")) == 3
    )


def test_each_labelled_block_is_a_person():
    text = """お名前: 山田太郎
フリガナ: ヤマダタロウ
電話: 090-0000-1234
ご住所: 〒100-0001 東京都千代田区千代田1-1-1

お名前: 佐藤花子
メール: hanako@example.jp
生年月日: 平成元年2月3日
"""
    people = detectors.read_text(text).identities
    assert [person.names for person in people] == [("山田太郎",), ("佐藤花子",)]
    assert people[1].email_addresses == ("hanako@example.jp",)
    assert people[1].keys == ("n:佐藤花子|b:1989-02-03",)


def test_a_confirmation_carries_the_readers_own_record():
    text = (
        "山田太郎 様\n\nお申し込みありがとうございます。\n\n■お名前\n山田太郎\n\n■メールアドレス\ntaro@example.jp\n\n■電話番号\n090-0000-1234\n"
        + SIGNATURE
    )
    report = detectors.read_text(text)
    assert report.addressee == "山田太郎"
    assert [(person.names, person.email_addresses) for person in report.identities] == [
        (("山田太郎",), ("taro@example.jp",))
    ]


def test_a_form_whose_labels_are_spaced_out_is_a_record():
    form = "氏　　名　{}\n性　　別　女\n年　　齢　42\n携　　帯　090-0000-{}\n続　　柄　長女\n"
    text = form.format("奥寺　美緒", "0001") + "\n" + form.format("鈴木　花子", "0002")
    assert names(text) == ["奥寺 美緒", "鈴木 花子"]


def test_a_pasted_csv_is_its_people():
    assert names("会員番号,氏名,電話\n10001,山田太郎,090-0000-0001\n10002,佐藤次郎,090-0000-0002\n") == [
        "山田太郎",
        "佐藤次郎",
    ]


def test_a_pasted_list_of_mail_addresses_is_its_people():
    people = detectors.read_text("a.yamada@example.jp\nb.sato@example.jp\nc.suzuki@example.jp\n").identities
    assert [person.email_addresses[0][0] for person in people] == ["a", "b", "c"]


def test_where_links_lead_are_mail_addresses_and_no_nicknames():
    report = detectors.read_text(
        "mailto:a.yamada@example.jp\nmailto:b.sato@example.jp\nmailto:c.suzuki@example.jp\n"
    )
    assert len(report.identities) == 3
    assert {one.kind for one in report.findings} == {"email_address"}


def test_the_same_person_twice_is_one():
    assert names(
        "山田太郎 090-0000-0001\n山田　太郎 ０９０－００００－０００１\n佐藤花子 090-0000-0002\n"
    ) == ["山田太郎", "佐藤花子"]


def test_minors_are_told():
    text = "お名前: 山田花子\n学年: 小3\n電話: 090-0000-1234\n"
    assert [person.minor for person in detectors.read_text(text).identities] == [True]


def test_masked_names_are_nobody():
    assert (
        detectors.read_text(
            "山〇〇郎 090-0000-0001\n佐〇〇子 090-0000-0002\n田**美 090-0000-0003\n"
        ).identities
        == ()
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "様",
        "@",
        "a@" * 2000,
        "0" * 1_000_000,
        "山" * 400_000,
        "1-" * 400_000,
        "氏名:" * 60_000,
        "東京都" * 100_000,
        "\ud800様",
        "(" * 400_000,
        "あ" * 400_000 + "様",
    ],
)
def test_reading_a_text_made_to_be_slow_ends(text):
    for finding in detectors.read_text(text).findings:
        assert 0 <= finding.start < finding.end <= len(text)


def test_an_order_names_the_buyer_and_the_one_it_goes_to():
    text = """山田 太郎 様

ご注文ありがとうございます。

【ご注文者】
山田 太郎 様
〒100-0001 東京都千代田区千代田1-1-1
TEL 090-0000-0001

【お届け先】
佐藤 花子 様
〒530-0001 大阪府大阪市北区梅田1-2-3
TEL 080-0000-0002
"""
    assert names(text + SIGNATURE) == ["山田 太郎", "佐藤 花子"]


def test_a_table_drawn_with_lines_is_its_people():
    assert names(
        "| 氏名 | 住所 |\n|---|---|\n| 山田太郎 | 東京都港区芝1-2-3 |\n| 佐藤花子 | 東京都港区芝2-2-3 |\n"
    ) == ["山田太郎", "佐藤花子"]


def test_a_quoted_csv_takes_name_and_reading_for_one_person():
    line = '"taro@example.jp","山田 太郎","ヤマダ タロウ","男","090-0000-0001"\n"hanako@example.jp","佐藤 花子","サトウ ハナコ","女","090-0000-0002"\n'
    assert names(line) == ["山田 太郎", "佐藤 花子"]


def test_records_over_several_lines_are_people():
    text = "1. 山田太郎（34歳）\n   東京都港区芝1-2-3\n   090-0000-0001\n\n2. 佐藤花子（28歳）\n   東京都港区芝2-3-4\n   090-0000-0002\n"
    assert names(text) == ["山田太郎", "佐藤花子"]


def test_a_business_mail_with_its_signature_is_nobodys_record():
    text = """山田様

お世話になっております。株式会社サンプルの佐藤です。
ご注文の件、担当の鈴木（03-0000-1234）までお電話ください。

--
株式会社サンプル 営業部
佐藤 花子
TEL 03-0000-1234 / FAX 03-0000-1235
hanako.sato@example.co.jp
〒100-0001 東京都千代田区千代田1-1-1
"""
    assert names(text) == []


def test_a_letter_of_a_school_is_nobodys_record():
    assert names("保護者各位\n桜小学校 校長 山田太郎\n電話 03-0000-0000\n") == []


def test_a_date_and_a_number_that_lines_break_are_found_whole():
    text = "お名前：\n　大野　真理子\n生年月日：\n　1990年2月\n　14日\n電話：090-\n0000-1357\n"
    found = {one.kind: text[one.start : one.end] for one in detectors.scan_text(text)}
    assert found == {
        "name": "大野　真理子",
        "birthdate": "1990年2月\n　14日",
        "phone": "090-\n0000-1357",
    }


def test_the_members_of_a_household_one_a_line_are_its_people():
    text = "渡辺 勇　男　昭和40年5月6日　本人\n渡辺 恵　女　昭和43年7月8日　妻\n渡辺 葵　女　平成15年9月10日　子\n"
    assert names(text) == ["渡辺 勇", "渡辺 恵", "渡辺 葵"]


@pytest.mark.parametrize(
    "text",
    [
        "保護者各位\n3年1組 担任 大野先生の学級は、5月10日から学級閉鎖とします。\nご不明な点は教頭（03-0000-1234）まで。\n",
        (
            "株式会社みほん（本社：東京都、代表取締役社長：上野 誠）は新サービスを開始します。\n"
            "【お問い合わせ】広報部 担当：白石 TEL：03-0000-1234 E-mail：pr@example.jp\n"
        ),
    ],
    ids=["the teacher of a class", "a press release"],
)
def test_who_stands_for_a_school_or_a_company_is_nobodys_record(text):
    assert names(text) == []


def test_a_surname_beside_its_own_number_is_a_record():
    assert names("田中さん 03-0000-1234\n") == ["田中"]


PEOPLE = ["奥寺 美緒", "鈴木 花子", "佐藤 健", "田中 翔太", "渡辺 葵", "小林 陽菜"]


@pytest.mark.parametrize(
    ("head", "item"),
    [
        ("", "{name}"),
        ("", "{number}. {name}"),
        ("", "({number}){solid}"),
        ("参加者\n", "・{solid}"),
        ("参加者\n", "・{solid}さん"),
        ("当選者一覧\n\n", "> {name} 様"),
        ("", "{name}　女"),
        ("", "{name}（ハナコ）　42歳"),
        ("", "{solid}　3年2組"),
        ("", "{solid} 昭和{year}年3月4日"),
        ("", "{name}、19{year}/3/4、長女"),
    ],
)
def test_lines_of_names_alone_are_a_list_of_people(head, item):
    lines = [
        item.format(number=place, name=one, solid=one.replace(" ", ""), year=30 + 5 * place)
        for place, one in enumerate(PEOPLE, 1)
    ]
    found = detectors.read_text(
        "よろしくお願いいたします。\n\n" + head + "\n".join(lines) + "\n\n以上です。\n"
    ).identities
    assert [one.names[0].replace(" ", "") for one in found] == [one.replace(" ", "") for one in PEOPLE]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PEOPLE[:4]),
        "\n".join(PEOPLE[:1] * 6),
        "\n".join(f"11/2{day} {one}" for day, one in enumerate(PEOPLE)),
        "\n".join(f"{one}　2026/11/2{day}" for day, one in enumerate(PEOPLE)),
        "\n".join(f"総務部 {one}" for one in PEOPLE),
        "出演者\n" + "\n".join(PEOPLE),
        "今年の審査員の方々\n（敬称略）\n・" + "\n・".join(PEOPLE),
        "出演：" + "\n".join(PEOPLE),
        "著者\n\n" + "\n".join(PEOPLE),
        "様\n".join(PEOPLE) + "様\n\n会議の資料をお送りします。",
        "株式会社みほん\n" + "様\n".join(PEOPLE) + "様\n\n会議の資料をお送りします。",
        "森永 製菓\n本田 技研\n松下 電器\n鈴木 自動車\n豊田 織機\n川崎 重工",
        "1 高尾山口\n2 高尾\n3 めじろ台\n4 北野\n5 八王子\n6 長沼",
        "夏目漱石　こころ\n芥川龍之介　羅生門\n太宰治　人間失格\n川端康成　雪国\n谷崎潤一郎　細雪",
        "さくら\nひまわり\nすみれ\nあやめ\nかえで\nもみじ",
        "山〇太郎\n佐〇花子\n鈴〇一郎\n高〇健\n田〇美咲",
    ],
    ids=lambda text: text[:8].replace("\n", " "),
)
def test_lines_that_are_no_list_of_people_are_nobody(text):
    assert detectors.read_text(text).identities == ()


def test_a_line_in_between_ends_no_list():
    assert len(names("\n".join((*PEOPLE[:3], "（以上A組）", *PEOPLE[3:])))) == len(PEOPLE)


@pytest.mark.parametrize(
    "line",
    [
        "小鳥遊彩（女、25歳）090-0000-{}",
        "奥寺 美緒 1960/01/{} 男",
        "(1)鈴木花子 昭和58年3月{}日生 (2)佐藤健 平成2年1月1日生",
    ],
)
def test_who_stands_beside_what_is_his_is_a_person(line):
    assert len(names(line.format("10" if "/" in line or "日" in line else "1005"))) == line.count("(1)") + 1


def test_whom_a_sentence_mentions_beside_the_number_of_an_office_is_nobodys_record():
    assert (
        names(
            "お問い合わせは広報の小鳥遊彩まで、電話 03-0000-1234\n小鳥遊彩が受付 03-0000-1234 でお待ちします。\n"
        )
        == []
    )


def test_accounts_count_where_they_are_a_list():
    line = "鈴木花子　普通 100000{}\n佐藤健　口座番号 200000{}\n"
    assert names("お振込先：みほん銀行 普通 1234567 鈴木花子\n") == []
    assert names(line.format(1, 2) + "渡辺 葵　口座番号 3000003\n") == ["鈴木花子", "佐藤健", "渡辺 葵"]
