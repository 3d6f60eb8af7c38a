"""Decisions over pages and API: two people, neither the sender, on exactly what they were shown, in time."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from gateway.clock import now
from gateway.model import Role
from gateway.store.schema import EPOCH, MICROSECOND
from tests.wire.program import Program, running, until
from tests.wire.visitor import add_person, hold_one, in_store, said, signed_in

NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("decisions"))
    program.add_people(hanako=Role.REVIEWER, jiro=Role.REVIEWER, audrey=Role.AUDITOR)
    add_person(program, "sato", email="sato@example.jp")
    add_person(program, "sato2", email="SATO@Example.JP")
    add_person(program, "sato3", email="ｓａｔｏ@example.jp")
    add_person(program, "Sato@example.jp")
    add_person(program, "news", email="News@Example.jp")
    with running(program):
        yield program


def approve(program: Program, send_id: str, who: str, **more: str) -> tuple[int, dict]:
    seen = program.call(f"sends/{send_id}", who)[1]["seen"]
    return program.call(f"sends/{send_id}/approvals", who, {"decision": "approve", "seen": seen, **more})


def state(program: Program, send_id: str) -> str:
    found: str = program.call(f"sends/{send_id}", "audrey")[1]["state"]
    return found


def approvals(program: Program, send_id: str) -> list[str]:
    return [a["reviewer"] for a in program.call(f"sends/{send_id}", "audrey")[1]["approvals"]]


@pytest.mark.parametrize("other", ["sato2", "sato3", "Sato@example.jp"])
def test_two_accounts_of_one_address_are_one_person(program, other):
    held = hold_one(program, f"one person, {other}")
    assert approve(program, held, "sato")[0] == 200
    status, body = approve(program, held, other)
    assert (status, body["error"]) == (403, "has-decided-already")
    page = signed_in(program, other).get(f"/sends/{held}")
    assert 'name="decision"' not in page.text  # he is not even asked
    assert state(program, held) == "HELD" and approvals(program, held) == ["sato"]


def test_who_owns_the_sending_address_does_not_decide(program):
    held = hold_one(program, "own", sender="NEWS@example.JP")
    assert approve(program, held, "news")[1]["error"] == "is-the-sender"
    page = signed_in(program, "news")
    assert 'name="decision"' not in page.get(f"/sends/{held}").text
    seen = program.call(f"sends/{held}", "news")[1]["seen"]
    answer = page.post(f"/sends/{held}/approvals", seen=seen, decision="reject", comment="x", confirm="yes")
    assert answer.status_code == 403 and approvals(program, held) == []


def test_approving_twice_counts_once_and_releases_nothing(program):
    held = hold_one(program, "twice")
    page = signed_in(program, "hanako")
    assert page.decide(held, "approve").status_code == 303
    seen = program.call(f"sends/{held}", "hanako")[1]["seen"]
    again = page.post(f"/sends/{held}/approvals", seen=seen, decision="approve", confirm="yes")
    assert again.status_code == 403 and "already" in said(again)
    assert approvals(program, held) == ["hanako"]
    assert program.call(f"sends/{held}", "hanako")[1]["tally"] == {"needed": 2, "approved": 1, "missing": 1}
    assert signed_in(program, "jiro").decide(held, "approve").status_code == 303
    assert state(program, held) in ("CLEARED", "RELEASING")
    assert approve(program, held, "sato")[0] == 409  # it is decided


def test_an_approval_of_what_no_longer_stands_is_refused(program):
    held = hold_one(program, "stale")
    page = signed_in(program, "hanako")
    shown = re.search(r'name="seen" value="(\w+)"', page.get(f"/sends/{held}").text)[1]
    in_store(
        program, "UPDATE sends SET seen = ? WHERE id = ?", "f" * 64, held
    )  # judged anew, of other content
    answer = page.post(f"/sends/{held}/approvals", seen=shown, decision="approve", confirm="yes")
    assert answer.status_code == 409 and "changed after it was shown" in said(answer)
    for seen in (shown, "", "F" * 64):
        body = {"decision": "approve", "seen": seen}
        assert program.call(f"sends/{held}/approvals", "jiro", body)[0] == 409
    assert approvals(program, held) == []


def test_an_approval_of_something_else_stops_counting(program):
    held = hold_one(program, "moved on")
    assert approve(program, held, "hanako")[0] == 200
    in_store(program, "UPDATE sends SET seen = ? WHERE id = ?", "e" * 64, held)
    assert approve(program, held, "jiro")[1]["tally"]["approved"] == 1
    assert state(program, held) == "HELD"
    assert "no longer counts" in said(signed_in(program, "sato").get(f"/sends/{held}"))


def test_a_rejection_needs_a_reason_and_shows_it_to_all(program):
    held = hold_one(program, "rejected")
    page = signed_in(program, "hanako")
    for reason in ("", " \n\u3000"):
        answer = page.decide(held, "reject", comment=reason)
        assert answer.status_code == 422 and "needs a reason" in said(answer)
    assert page.decide(held, "reject", comment=f"名簿です {NASTY}").status_code == 303
    shown = signed_in(program, "audrey").get(f"/sends/{held}")
    assert state(program, held) == "REJECTED"
    assert f"名簿です {NASTY}" in said_plainly(shown) and NASTY not in shown.text
    assert approve(program, held, "jiro")[0] == 409
    assert program.call(f"sends/{held}/deliveries", "audrey")[1]["deliveries"][0]["status"] == "cancelled"


def said_plainly(answer) -> str:
    return answer.text.replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize(
    ("comment", "error"),
    [
        pytest.param("x" * 2001, "comment-unusable", id="long"),
        pytest.param("a\x00b", "comment-unusable", id="nul"),
        pytest.param("\x1b[2J", "comment-unusable", id="escape"),
        pytest.param("\ud800", "bad-request", id="half"),  # no text at all
    ],
)
def test_a_comment_that_cannot_be_kept_is_refused(program, comment, error):
    held = hold_one(program, f"comment {len(comment)} {comment[:1].encode('unicode_escape').decode()}")
    status, body = approve(program, held, "hanako", comment=comment)
    assert (status, body["error"]) == (422, error)
    assert approvals(program, held) == []


def test_what_was_held_for_too_long_is_not_approved_even_before_it_is_moved(program):
    held = hold_one(program, "late")
    assert approve(program, held, "hanako")[0] == 200
    in_store(
        program,
        "UPDATE sends SET held_at = ? WHERE id = ?",
        (now() - timedelta(hours=73) - EPOCH) // MICROSECOND,
        held,
    )
    assert approve(program, held, "jiro")[0] == 409
    until(lambda: state(program, held) == "EXPIRED", seconds=45)
    assert approve(program, held, "jiro")[0] == 409
    assert program.call(f"sends/{held}", "audrey")[1]["deliveries"] == {"cancelled": 1}
    assert "send.expired" in program.run("audit", "export").stdout
    assert "not sent" in said(signed_in(program, "jiro").get(f"/sends/{held}"))


def test_what_was_not_confirmed_or_is_no_decision_is_none(program):
    held = hold_one(program, "unsure")
    page = signed_in(program, "hanako")
    assert page.decide(held, "approve", confirm="").status_code == 422
    for decision in ("", "APPROVE", "maybe"):
        assert page.decide(held, decision).status_code == 422
    for body in ("", "[]", "1", '"x"', '{"decision": "approve"}', '{"decision": 1, "seen": "x"}', '{"decision": "approve", "seen": 1}',
                 '{"decision": "approve", "seen": "x", "comment": 1}', "[" * 30_000, "\xff"):  # fmt: skip
        answer = page.client.post(
            f"/api/v1/sends/{held}/approvals",
            content=body.encode("latin-1"),
            headers={"Authorization": f"Bearer {program.tokens['hanako']}"},
        )
        assert (answer.status_code, answer.json()["error"]) == (422, "bad-request")
    assert approvals(program, held) == []


@pytest.mark.parametrize("send_id", ["nothing", "%00", "%ED%A0%80", "a%2Fb", "x" * 3000])
def test_what_is_not_there_is_not_found(program, send_id):
    page = signed_in(program, "hanako")
    for path in (f"/sends/{send_id}", f"/api/v1/sends/{send_id}", f"/api/v1/sends/{send_id}/deliveries"):
        assert page.get(path).status_code == 404
    body = {"decision": "approve", "seen": "x"}
    path, headers = f"/api/v1/sends/{send_id}/approvals", {"x-csrf-token": page.csrf()}
    assert page.client.post(path, json=body, headers=headers).status_code == 404
    assert page.post(f"/sends/{send_id}/stop").status_code == 404


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 30, "٣", ""])
def test_a_page_begins_after_a_number(program, after):
    held = hold_one(program, f"after {after.encode('unicode_escape').decode()}")
    for path in (f"sends/{held}/deliveries", "events"):
        assert program.call(f"{path}?after={json.dumps(after)[1:-1]}", "audrey")[0] == 422


def test_what_a_stranger_wrote_is_shown_as_text(program):
    held = hold_one(program, f"{NASTY} \"'><img src=x onerror=alert(1)>", name=f"{NASTY}.bin")
    in_store(program, "UPDATE sends SET client = ?, sender = ? WHERE id = ?", NASTY, f"a@{NASTY}", held)
    policy = 'UPDATE sends SET verdict = replace(verdict, \'"en":"\', \'"en":"\' || ?) WHERE id = ?'
    in_store(program, policy, NASTY, held)
    page = signed_in(program, "hanako")
    for path in ("/", f"/sends/{held}", f"/sends/{held}?lang=ja"):
        text = page.get(path).text
        assert "<script" not in text and "<img" not in text
    shown = page.get(f"/sends/{held}")
    assert said_plainly(shown).count(NASTY) >= 5  # subject, file, reason, client, sender
    answer = page.get(f"/api/v1/sends/{held}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["subject"].startswith(NASTY)
    assert page.get(f"/{NASTY}").status_code == 404
    assert "<script" not in page.get(f"/?state={NASTY}").text + page.get(f"/{NASTY}?lang={NASTY}").text


def test_the_chain_holds_and_tells_who_decided(program):
    held = hold_one(program, "told")
    assert approve(program, held, "hanako")[0] == 200
    assert signed_in(program, "jiro").decide(held, "reject", comment="no").status_code == 303
    assert program.run("audit", "verify").stdout.strip() == "OK"
    told = [json.loads(line) for line in program.run("audit", "export").stdout.splitlines() if held in line]
    decided = [(event["kind"], event["actor"]) for event in told if event["actor"] in ("hanako", "jiro")]
    assert decided == [
        ("approval.given", "hanako"),
        ("approval.refused", "jiro"),
        ("send.rejected", "jiro"),
    ]


def test_an_act_that_does_not_fit_the_state_names_the_state(program):
    held = hold_one(program, "cannot be stopped")
    status, body = program.call(f"sends/{held}/stop", "hanako", {})
    assert (status, body["error"]) == (409, "wrong-state")
    assert "「保留」" in body["message"] and "Held" in body["message_en"]
    page = signed_in(program, "hanako").post(f"/sends/{held}/resume")
    assert page.status_code == 409 and "Held" in said(page)
    done = program.run("sends", "stop", held, check=False, SEKISHO_TOKEN=program.tokens["hanako"])
    assert done.returncode == 2 and "「保留」" in done.stderr and "Held" in done.stderr


def test_the_command_line_says_in_both_languages_what_is_not_there(program):
    for arguments in (
        ("sends", "show", "nothing"),
        ("user", "disable", "nobody"),
        ("user", "token", "nobody"),
    ):
        done = program.run(*arguments, check=False)
        assert done.returncode == 2 and "見つかりません / There is no such" in done.stderr


def test_the_chain_tells_by_which_way_a_decision_came(program):
    held = hold_one(program, "by page and by api")
    assert signed_in(program, "hanako").decide(held, "approve").status_code == 303
    assert approve(program, held, "jiro")[0] == 200
    told = [json.loads(line) for line in program.run("audit", "export").stdout.splitlines()]
    given = [one for one in told if one.get("send_id") == held and one["kind"] == "approval.given"]
    assert [one["facts"]["via"] for one in given] == ["page", "api"]


def test_a_bug_is_a_page_in_both_languages_and_json_under_api(program):
    held = hold_one(program, "a bug")
    page = signed_in(program, "hanako")
    in_store(program, "ALTER TABLE approvals RENAME TO elsewhere")
    try:
        for lang, words in (("ja", "エラーが起きました"), ("en", "Something went wrong")):
            answer = page.get(f"/sends/{held}?lang={lang}")
            assert answer.status_code == 500 and words in said(answer)
            assert "approvals" not in answer.text and answer.headers["cache-control"] == "no-store"
        status, body = program.call(f"sends/{held}", "hanako")
        assert (status, body["error"]) == (500, "failed")
    finally:
        in_store(program, "ALTER TABLE elsewhere RENAME TO approvals")


def test_what_was_cleared_and_has_no_next_hop_is_seen_and_says_why_it_waits(program):
    cleared = hold_one(program, "cleared without a next hop")
    assert approve(program, cleared, "hanako")[0] == approve(program, cleared, "jiro")[0] == 200
    page = signed_in(program, "hanako")
    assert "cleared without a next hop" in said(page.get("/?state=CLEARED"))
    shown = said(page.get(f"/sends/{cleared}"))
    assert "no next hop" in shown and "72 hours" in shown
    assert page.post(f"/sends/{cleared}/stop").status_code == 303
    assert state(program, cleared) == "STOPPED"


def test_a_list_goes_on_after_its_last_line(program):
    ids = [hold_one(program, f"line {number}") for number in range(2)]
    after = [one["id"] for one in program.call(f"sends?state=HELD&after={ids[0]}", "audrey")[1]["sends"]]
    assert ids[1] in after and ids[0] not in after
    assert "line 1" in said(signed_in(program, "audrey").get(f"/?state=HELD&after={ids[0]}"))
    listed = program.run("sends", "list", "--state", "HELD", "--after", ids[0]).stdout
    assert ids[1] in listed and ids[0] not in listed
    assert program.call("sends?after=nothing", "audrey")[0] == 404
