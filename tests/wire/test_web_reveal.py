"""What a reviewer sees of the contents: shapes, until he asks for more; and who asked is on record before anything is shown."""

from __future__ import annotations

import io
import json
import re
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from gateway.demo.families import HEADER, families
from gateway.model import Role
from tests.wire.program import Program, running
from tests.wire.test_journey import one_send, send_all, zipped
from tests.wire.visitor import add_person, in_store, said, send_held, signed_in

PART = re.compile(r'name="part" value="([^"]+)"')
ROWS = families(people=30, households=15, repeats=0, rewritten=0)
LETTER = "小林 様\n\nご依頼の参加者です。\n\n氏名: 山田 太郎\n電話: 090-0000-1234\n生年月日: 1980年4月1日\n持病: ぜんそく\n"
VALUES = ("山田", "090-0000-1234", "1980", "ぜんそく", ROWS[0][0], ROWS[0][1])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("reveal"))
    for role in Role:
        add_person(program, role.value, role, email="tanaka@example.jp" if role is Role.SENDER else "")
    program.tokens["hanako"] = program.tokens["reviewer"]
    with running(program):
        yield program


@pytest.fixture(scope="module")
def send_id(program):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "tanaka@example.jp", "reader@example.com", "参加者"
    message.set_content(LETTER, cte="8bit")
    message.add_attachment(
        zipped([HEADER, *ROWS]), maintype="application", subtype="zip", filename="list.zip"
    )
    return send_held(program, message, sender="tanaka@example.jp")


@pytest.fixture(scope="module")
def parts(program, send_id):
    found = program.call(f"sends/{send_id}", "reviewer")[1]["parts"]
    return {part["outcome"]: part["id"] for part in found}


def reveals(send_id: str, program: Program) -> list[dict]:
    rows = in_store(program, "SELECT event FROM events WHERE send_id = ? ORDER BY seq", send_id)
    events = [json.loads(text) for (text,) in rows]
    return [event for event in events if event["kind"] == "evidence.revealed"]


@pytest.mark.parametrize("role", Role)
def test_what_is_not_revealed_stands_in_no_page_and_no_answer(program, send_id, role):
    page = signed_in(program, role.value).get(f"/sends/{send_id}")
    answer = json.dumps(program.call(f"sends/{send_id}", role.value)[1], ensure_ascii=False)
    assert page.status_code == 200
    for value in VALUES:
        assert value not in page.text and value not in answer
    assert "###-####-####" in page.text  # the shapes of a letter, and of a table in an archive
    assert "<td>〇〇 〇" in page.text
    assert bool(PART.search(page.text)) is (role is Role.REVIEWER)


def test_a_reveal_shows_one_part_and_is_recorded(program, send_id, parts):
    visitor = signed_in(program, "reviewer")
    before = len(reveals(send_id, program))
    page = visitor.post(f"/sends/{send_id}/reveals", part=parts["text"])
    assert page.status_code == 200
    assert "山田 太郎" in page.text and "090-0000-1234" in page.text
    assert ROWS[0][0] not in page.text  # the list beside it is still masked
    assert page.headers["cache-control"] == "no-store"
    assert page.url.path == f"/sends/{send_id}/reveals" and not page.url.query
    [event] = reveals(send_id, program)[before:]
    assert (event["actor"], event["facts"]["part"]) == ("reviewer", parts["text"])
    assert not any(value in json.dumps(event, ensure_ascii=False) for value in VALUES)
    again = visitor.get(f"/sends/{send_id}")
    assert "山田" not in again.text and "Part revealed" in said(again)


def test_a_page_says_why_something_was_found_masked_or_not(program, send_id, parts):
    visitor = signed_in(program, "reviewer")
    for page in (
        visitor.get(f"/sends/{send_id}"),
        visitor.post(f"/sends/{send_id}/reveals", part=parts["text"]),
    ):
        assert "<li>name: It follows a label that announces it</li>" in page.text
        assert 'title="phone: It follows a label that announces it"' in page.text


def test_the_first_rows_of_a_list_are_shown_with_their_headings(program, send_id, parts):
    page = signed_in(program, "reviewer").post(f"/sends/{send_id}/reveals", part=parts["table"])
    shown = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr><td>.*?</tr>", page.text)]
    assert shown == ROWS[:10]
    assert "フリガナ" in page.text and "20 more rows" in said(page)


def test_the_api_reveals_as_the_page_does(program, send_id, parts):
    before = len(reveals(send_id, program))
    status, shown = program.call(f"sends/{send_id}/reveals", "reviewer", {"part": parts["table"]})
    assert status == 200
    assert shown["headers"] == HEADER and shown["rows"] == ROWS[:10] and shown["left_out"] == 20
    status, shown = program.call(f"sends/{send_id}/reveals", "reviewer", {"part": parts["text"]})
    assert "".join(piece["text"] for piece in shown["pieces"]).strip() == LETTER.strip()
    assert {"text": "山田 太郎", "kind": "name", "why": "label"} in shown["pieces"]
    assert len(reveals(send_id, program)) == before + 2


def test_nothing_is_shown_that_could_not_be_recorded(program, send_id, parts):
    visitor = signed_in(program, "reviewer")
    csrf = visitor.csrf()
    in_store(
        program, "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no space'); END"
    )
    try:
        page = visitor.post(f"/sends/{send_id}/reveals", csrf=csrf, part=parts["text"])
        status, answer = program.call(f"sends/{send_id}/reveals", "reviewer", {"part": parts["text"]})
    finally:
        in_store(program, "DROP TRIGGER full")
    assert page.status_code == status == 500
    assert answer["error"] == "failed"
    assert "山田" not in page.text + str(answer)


@pytest.mark.parametrize("role", [Role.SENDER, Role.AUDITOR, Role.ADMIN])
def test_only_reviewers_reveal(program, send_id, parts, role):
    before = len(reveals(send_id, program))
    page = signed_in(program, role.value).post(f"/sends/{send_id}/reveals", part=parts["text"])
    status, answer = program.call(f"sends/{send_id}/reveals", role.value, {"part": parts["text"]})
    assert page.status_code == status == 403 and answer["error"] == "wrong-role"
    assert "山田" not in page.text
    assert len(reveals(send_id, program)) == before


def test_a_reveal_is_asked_for_on_our_own_page(program, send_id, parts):
    visitor = signed_in(program, "reviewer")
    before = len(reveals(send_id, program))
    for csrf, headers in (("x" * 43, {}), (None, {"sec-fetch-site": "cross-site"})):
        page = visitor.post(f"/sends/{send_id}/reveals", csrf=csrf, headers=headers, part=parts["text"])
        assert page.status_code == 403 and "山田" not in page.text
    assert visitor.get(f"/sends/{send_id}/reveals").status_code == 405
    assert len(reveals(send_id, program)) == before


@pytest.mark.parametrize("part", ["", "x", "0.0", f"{'0' * 64}.0", "../..", f"{'0' * 64}.-1"])
def test_there_is_no_part_by_another_name(program, send_id, part):
    assert program.call(f"sends/{send_id}/reveals", "reviewer", {"part": part})[0] == 404


def test_a_part_of_another_send_is_none_of_this(program, send_id, parts):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "s@example.jp", "reader@example.com", "別の件"
    message.set_content("別の件です。\n持病: 高血圧\n氏名: 鈴木 一郎\n", cte="8bit")
    message.add_attachment(b"\x00\x01\x02" * 99, maintype="application", subtype="octet-stream", filename="x")
    other = send_held(program, message, sender="other@example.jp")
    assert program.call(f"sends/{other}/reveals", "reviewer", {"part": parts["table"]})[0] == 404


def test_what_is_gone_is_said_to_be_gone(program):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "old@example.jp", "reader@example.com", "昔の件"
    message.set_content("氏名: 鈴木 一郎\n持病: 高血圧\n電話: 090-0000-1111\n", cte="8bit")
    message.add_attachment(b"\x00\x01\x02" * 99, maintype="application", subtype="octet-stream", filename="x")
    gone = send_held(program, message, sender="old@example.jp")
    [part] = [p for p in program.call(f"sends/{gone}", "reviewer")[1]["parts"] if p["outcome"] == "text"]
    in_store(program, "UPDATE mails SET skeleton = x'', segments = '' WHERE send_id = ?", gone)
    page = signed_in(program, "reviewer").get(f"/sends/{gone}")
    assert "removed when their term was over" in said(page) and not PART.search(page.text)
    assert program.call(f"sends/{gone}/reveals", "reviewer", {"part": part["id"]})[0] == 410


def test_what_was_changed_in_the_store_is_not_shown(program):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "swap@example.jp", "reader@example.com", "差し替え"
    message.set_content("氏名: 鈴木 一郎\n持病: 高血圧\n電話: 090-0000-1111\n", cte="8bit")
    message.add_attachment(b"\x00\x01\x02" * 99, maintype="application", subtype="octet-stream", filename="x")
    swapped = send_held(program, message, sender="swap@example.jp")
    [part] = [p for p in program.call(f"sends/{swapped}", "reviewer")[1]["parts"] if p["outcome"] == "text"]
    in_store(
        program,
        "UPDATE mails SET skeleton = CAST(replace(CAST(skeleton AS TEXT), '鈴木', '佐藤') AS BLOB) WHERE send_id = ?",
        swapped,
    )
    assert program.call(f"sends/{swapped}/reveals", "reviewer", {"part": part["id"]})[0] == 503


def test_a_bulk_send_shows_what_its_mails_share(program):
    send_all(program, "bulk", "bulk@example.jp", 12, zipped([HEADER, *ROWS]), "reader")
    send = one_send(program, "bulk", "HELD")
    page = said(signed_in(program, "reviewer").get(f"/sends/{send['id']}"))
    assert "［…］" in page and "様" in page and "今月のお知らせです。" in page and "項目 19" in page
    assert "reader-0@example.com" not in page


def test_of_very_many_parts_the_riskiest_are_listed_and_the_others_counted(program):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(230):
            archive.writestr(f"note-{number:03}.txt", f"Note {number}")
        archive.writestr("note-999.csv", "\r\n".join(",".join(row) for row in [HEADER, *ROWS]))
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "sato@example.jp", "reader@example.com", "many"
    message.set_content("Notes.")
    message.add_attachment(out.getvalue(), maintype="application", subtype="zip", filename="notes.zip")
    held = send_held(program, message, sender="sato@example.jp")
    shown = program.call(f"sends/{held}", "reviewer")[1]
    assert (len(shown["parts"]), shown["parts_left_out"]) == (200, 33)  # the body and the ZIP among them
    assert shown["parts"][0]["path"][-1] == "note-999.csv"
    assert "33 more parts are not listed" in said(signed_in(program, "reviewer").get(f"/sends/{held}"))
