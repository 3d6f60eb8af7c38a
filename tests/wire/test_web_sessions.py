"""Sessions and forms: who signs in, how often he may try, what ends a session, and which forms are believed."""

from __future__ import annotations

import concurrent.futures
import socket

import pytest

from gateway.model import Role
from tests.wire.program import PASSWORD, Program, running
from tests.wire.visitor import Visitor, add_person, hold_one, in_store, said, signed_in

PAGE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("sessions"))
    program.add_people(hanako=Role.REVIEWER, jiro=Role.REVIEWER)
    with running(program):
        yield program


@pytest.fixture(scope="module")
def held(program):
    return hold_one(program, "held")


def cookies_of(answer) -> list[str]:
    return [line for line in answer.headers.get_list("set-cookie") if line.startswith(("sekisho", "__Host"))]


def test_the_sessions_cookie_is_for_our_server_alone(program):
    (line,) = cookies_of(Visitor(program).sign_in("hanako"))
    attributes = {part.strip().lower() for part in line.split(";")[1:]}
    assert attributes >= {"httponly", "samesite=lax", "path=/"}
    assert not any(attribute.startswith(("domain", "max-age", "expires")) for attribute in attributes)


def test_over_https_the_cookie_is_bound_to_host_and_tls(tmp_path):
    program = Program(tmp_path)
    program.add_people(hanako=Role.REVIEWER)
    text = program.config.read_text(encoding="utf-8")
    program.config.write_text(
        text.replace("[web]\n", '[web]\npublic_url = "https://review.example.jp"\n'), encoding="utf-8"
    )
    with running(program):
        visitor = Visitor(program)
        answer = visitor.sign_in("hanako")
        (line,) = cookies_of(answer)
        assert line.startswith("__Host-sekisho=")
        assert {part.strip().lower() for part in line.split(";")} >= {"secure", "path=/", "httponly"}
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        visitor.client.headers["cookie"] = line.partition(";")[0]
        left = visitor.post("/logout")
        (gone,) = cookies_of(left)  # without Secure a browser would not take it for this name
        assert gone.startswith('__Host-sekisho="";') and "Secure" in gone and "Max-Age=0" in gone


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/nowhere", "/sends/nothing", "/static/sekisho.css", "/static/nothing", "/healthz", "/readyz", "/metrics",
     "/api/v1/sends", "/api/v1/nowhere", "/api/v1/openapi.json"],
)  # fmt: skip
def test_every_answer_says_that_it_may_not_be_framed_sniffed_kept_or_scripted(program, path):
    for visitor in (Visitor(program), signed_in(program, "hanako")):
        headers = visitor.get(path).headers
        assert PAGE_HEADERS.items() <= dict(headers).items()
        policy = {part.strip() for part in headers["content-security-policy"].split(";")}
        assert policy >= {
            "default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
            "style-src 'self'",
        }  # fmt: skip
        assert "unsafe" not in headers["content-security-policy"]
        assert "server" not in headers


@pytest.mark.parametrize("token", ["", "x", "あ", "0" * 22])
def test_a_form_without_the_sessions_token_changes_nothing(program, held, token):
    visitor = signed_in(program, "hanako")
    answer = visitor.post(
        f"/sends/{held}/approvals", csrf=token, decision="reject", comment="x", confirm="yes"
    )
    assert answer.status_code == 403
    assert "other pages" in said(answer)
    assert visitor.post("/logout", csrf=token).status_code == 403
    assert visitor.get("/").status_code == 200
    assert program.call(f"sends/{held}", "hanako")[1]["approvals"] == []


def test_a_token_of_another_session_is_not_taken(program, held):
    other, visitor = signed_in(program, "jiro"), signed_in(program, "hanako")
    assert visitor.post(f"/sends/{held}/stop", csrf=other.csrf()).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
def test_a_form_from_another_page_changes_nothing_whatever_its_token(program, held, headers):
    visitor = signed_in(program, "hanako")
    form = {"decision": "reject", "comment": "x", "confirm": "yes"}
    assert visitor.post(f"/sends/{held}/approvals", headers=headers, **form).status_code == 403
    assert visitor.post("/logout", headers=headers).status_code == 403
    stranger = Visitor(program)
    login = stranger.client.post("/login", data={"name": "hanako", "password": PASSWORD}, headers=headers)
    assert login.status_code == 403 and not cookies_of(login)


def test_a_form_of_our_own_page_is_believed(program, held):
    visitor = signed_in(program, "hanako")
    origin = str(visitor.client.base_url).rstrip("/")
    for headers in ({"sec-fetch-site": "same-origin", "origin": origin}, {"origin": origin}):
        assert visitor.post(f"/sends/{held}/stop", headers=headers).status_code == 409


def test_a_session_on_the_api_needs_its_token_in_a_header(program, held):
    visitor = signed_in(program, "hanako")
    path = f"/api/v1/sends/{held}/stop"
    assert visitor.client.post(path).status_code == 403
    assert visitor.client.post(path, headers={"x-csrf-token": visitor.csrf()}).status_code == 409


def test_nothing_is_changed_by_looking(program, held):
    visitor = signed_in(program, "hanako")
    for path in (
        "/logout",
        f"/sends/{held}/approvals",
        f"/sends/{held}/stop",
        f"/api/v1/sends/{held}/approvals",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 405
        assert "POST" in answer.headers["allow"]
    assert visitor.get("/").status_code == 200


def test_signing_out_ends_the_session_and_not_only_the_cookie(program):
    visitor = signed_in(program, "hanako")
    secret = visitor.client.cookies["sekisho"]
    assert visitor.post("/logout").headers["location"] == "/login"
    assert "sekisho" not in visitor.client.cookies
    visitor.client.cookies.set("sekisho", secret)
    assert visitor.get("/").headers["location"] == "/login"


def test_signing_in_again_ends_the_session_before(program):
    visitor = signed_in(program, "hanako")
    before = visitor.client.cookies["sekisho"]
    assert visitor.sign_in("jiro").status_code == 303
    assert visitor.client.cookies["sekisho"] != before
    stolen = Visitor(program)
    stolen.client.cookies.set("sekisho", before)
    assert stolen.get("/").status_code == 303


def test_a_disabled_account_is_out_at_once(program):
    add_person(program, "gone")
    visitor = signed_in(program, "gone")
    program.run("user", "disable", "gone")
    assert visitor.get("/").headers["location"] == "/login"
    assert program.call("sends", "gone")[0] == 401
    assert visitor.sign_in("gone").status_code == 401


def test_a_session_is_over_when_its_time_is(program):
    visitor = signed_in(program, "hanako")
    in_store(program, "UPDATE credentials SET expires_at = 1 WHERE sort = 'session'")
    assert visitor.get("/").headers["location"] == "/login"


def test_guessing_a_password_has_to_wait_also_when_many_guess_at_once(program):
    add_person(program, "victim")
    visitor = Visitor(program)

    def guess(number: int) -> int:
        return visitor.sign_in("victim", f"guess {number}").status_code

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(401) == 5
    assert answers.count(429) == 19
    assert visitor.sign_in("victim").status_code == 429  # from here now not even with the right one
    assert visitor.sign_in("VICTIM").status_code == 429
    assert visitor.sign_in("jiro").status_code == 303  # who shares the address is not locked out


def test_failures_stand_in_the_log_without_the_name_that_was_tried(program):
    found = program.run("audit", "export").stdout
    assert "login.failed" in found and "guess" not in found


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_more_than_a_form_can_hold_is_refused(program, size):
    visitor = signed_in_again(program)
    for path in ("/sends/x/approvals", "/login", "/logout"):
        answer = visitor.client.post(path, data={"comment": "x" * size})
        assert (answer.status_code, answer.headers["cache-control"]) == (413, "no-store")
        assert "too large" in said(answer)
    answer = visitor.client.post(
        "/api/v1/sends/x/approvals", json={"comment": "x" * size}, headers={"x-csrf-token": visitor.csrf()}
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "too-large")


def signed_in_again(program) -> Visitor:
    """Sign in by what is in the store: after the guessing our address has to wait."""
    visitor = Visitor(program)
    visitor.client.headers["Authorization"] = f"Bearer {program.tokens['hanako']}"
    visitor.csrf = lambda: ""  # type: ignore[method-assign]
    return visitor


@pytest.mark.parametrize(
    "body",
    [b"--x\r\nbroken", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\xfe\r\n--x--\r\n'],
)
def test_a_broken_form_is_refused_in_plain_words(program, body):
    visitor = signed_in_again(program)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = visitor.client.post("/sends/x/approvals", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert "Malformed" in said(answer)


def test_a_request_that_is_no_http_does_not_end_the_server(program):
    with socket.create_connection(("127.0.0.1", program.web_port), timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert Visitor(program).get("/healthz").text == "ok\n"
