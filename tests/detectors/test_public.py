"""What an organisation has made public of itself is nobody's data; a name is never public by itself."""

from __future__ import annotations

import pytest

import detectors
from detectors import Public

DESKS = """お問い合わせは各担当へどうぞ。

山田 太郎 03-3210-0001
佐藤 花子 ０３（３２１０）０００２
鈴木 一郎 kikaku@example.co.jp
"""
CONTACTS = ("03-3210-0001", "+81-3-3210-0002", "Kikaku@Example.co.jp")


def people(text: str, **public: tuple[str, ...]) -> int:
    return len(detectors.read_text(text, Public(**public)).identities)


def test_names_beside_public_contacts_are_no_records():
    assert people(DESKS) == 3
    assert people(DESKS, contacts=CONTACTS) == 0
    assert people(DESKS, contacts=CONTACTS[:1]) == 2
    found = detectors.read_text(DESKS, Public(contacts=CONTACTS)).findings
    assert {finding.kind for finding in found} <= {"name"}


def test_a_name_beside_a_contact_of_her_own_is_counted_all_the_same():
    text = f"{DESKS}\n山田 太郎 090-0000-0001 携帯\n"
    assert people(text, contacts=(*CONTACTS, "山田 太郎")) == 1


@pytest.mark.parametrize(
    "shown",
    [
        "東京都千代田区千代田1-1-1",
        "東京都千代田区千代田１−１−１ サンプルビル3F",
        "〒100-0001 東京都千代田区千代田1-1-1",
    ],
)
def test_an_address_is_public_with_and_without_its_building(shown: str):
    letter = f"山田 太郎 {shown} 090-0000-0001\n"
    public = Public(contacts=("東京都千代田区千代田1-1-1",))
    kinds = {finding.kind for finding in detectors.read_text(letter, public).findings}
    assert "address" not in kinds and {"name", "phone"} <= kinds
    other = detectors.read_text("山田 太郎 東京都千代田区千代田1-2-3 090-0000-0001\n", public)
    assert "address" in {finding.kind for finding in other.findings}


def test_titles_of_an_organisation_sign_as_those_do_that_everybody_has():
    letter = (
        "株式会社みほん（本社：東京都、{title}：上野 誠）は新サービスを開始します。\n"
        "【連絡先】広報部 担当：白石 TEL：03-0000-1234 E-mail：pr@example.jp\n"
    )
    assert people(letter.format(title="代表取締役社長")) == 0
    assert people(letter.format(title="支配人")) == 1
    assert people(letter.format(title="支配人"), titles=("支配人",)) == 0
