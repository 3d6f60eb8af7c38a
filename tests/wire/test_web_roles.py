"""Who may do what: every route of pages and API, every role, and who is nobody."""

from __future__ import annotations

import itertools

import httpx2
import pytest

from gateway.model import Role
from gateway.web import api, entrance, pages
from tests.wire.program import Program, running
from tests.wire.visitor import Visitor, add_person, hold_one, in_store, signed_in

NOBODY = None
ROLES = (NOBODY, *Role)
EVERYBODY = frozenset(ROLES)
KNOWN = frozenset(Role)
READERS = KNOWN - {Role.SENDER}  # a sender sees his own sends alone
LOGIN, MISSING = "login", 404

# What stands here is what each route answers to whom; all the others are refused.
# The decisions and acts are asked for in a way that a person who may would be told 409, a reveal in one that would be told
# 404: nothing is changed by asking.
API = {
    ("GET", "/sends"): KNOWN,
    ("GET", "/sends/{id}"): READERS,
    ("POST", "/sends/{id}/approvals"): {Role.REVIEWER},
    ("POST", "/sends/{id}/reveals"): {Role.REVIEWER},
    ("POST", "/sends/{id}/passwords"): {Role.REVIEWER},
    ("POST", "/sends/{id}/stop"): {Role.REVIEWER, Role.ADMIN},
    ("POST", "/sends/{id}/resume"): {Role.REVIEWER, Role.ADMIN},
    ("POST", "/sends/{id}/withdraw"): {Role.ADMIN},
    ("GET", "/sends/{id}/deliveries"): READERS,
    ("GET", "/events"): {Role.AUDITOR, Role.ADMIN},
    ("GET", "/openapi.json"): EVERYBODY,
}
PAGES = {
    ("GET", "/"): KNOWN,
    ("GET", "/login"): EVERYBODY,
    ("GET", "/sends/{id}"): READERS,
    ("POST", "/sends/{id}/approvals"): {Role.REVIEWER},
    ("POST", "/sends/{id}/reveals"): {Role.REVIEWER},
    ("POST", "/sends/{id}/passwords"): {Role.REVIEWER},
    ("POST", "/sends/{id}/stop"): {Role.REVIEWER, Role.ADMIN},
    ("POST", "/sends/{id}/resume"): {Role.REVIEWER, Role.ADMIN},
    ("POST", "/sends/{id}/withdraw"): {Role.ADMIN},
}
ELSEWHERE = {("POST", "/login"), ("POST", "/logout")}  # test_web_sessions.py
DONE, STALE = 200, 409
UNSEEN = {
    "decision": "approve",
    "seen": "0" * 64,
    "confirm": "yes",
    "part": f"{'0' * 64}.0",
    "password": "x",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("roles"))
    for role in Role:
        add_person(program, role.value, role)
    with running(program):
        yield program


@pytest.fixture(scope="module")
def send_id(program):
    """A send that is over: acts on it change nothing, and say so to who may do them."""
    held = hold_one(program, "over")
    in_store(program, "UPDATE sends SET state = 'REJECTED' WHERE id = ?", held)
    return held


@pytest.fixture(scope="module")
def visitors(program):
    return {role: signed_in(program, role.value) for role in Role} | {NOBODY: Visitor(program)}


def test_each_route_stands_in_the_matrix():
    assert routes(api.ROUTES) == set(API)
    assert routes([*pages.ROUTES, *entrance.ROUTES]) == set(PAGES) | ELSEWHERE


def routes(found) -> set[tuple[str, str]]:
    return {(method, route.path) for route in found for method in route.methods - {"HEAD"}}


@pytest.mark.parametrize(("route", "role"), list(itertools.product(API, ROLES)), ids=str)
def test_the_api_lets_in_whom_it_should(program, send_id, route, role):
    method, path = route
    headers = {} if role is NOBODY else {"Authorization": f"Bearer {program.tokens[role]}"}
    answer = httpx2.request(
        method,
        f"http://127.0.0.1:{program.web_port}/api/v1" + path.format(id=send_id),
        json=UNSEEN if method == "POST" else None,
        headers=headers,
    )
    assert answer.status_code == expected(route, role, API[route], nobody=401)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("route", "role"), list(itertools.product(PAGES, ROLES)), ids=str)
def test_the_pages_let_in_whom_they_should(visitors, send_id, route, role):
    method, path = route
    visitor = visitors[role]
    path = path.format(id=send_id)
    if method == "GET":
        answer = visitor.get(path)
    else:
        answer = visitor.post(path, csrf="" if role is NOBODY else None, **UNSEEN)
    assert answer.status_code == expected(route, role, PAGES[route], nobody=303)
    if answer.status_code == 303:
        assert answer.headers["location"] == "/login"


def expected(route, role, allowed, *, nobody: int) -> int:
    method, path = route
    if role in allowed:
        return DONE if method == "GET" else MISSING if path.endswith("/reveals") else STALE
    if role is NOBODY:
        return nobody
    if method == "GET" and role is Role.SENDER:
        return MISSING if "{id}" in path else 403
    return 403


def test_a_session_may_use_the_api_as_a_token_may(visitors):
    assert visitors[Role.REVIEWER].get("/api/v1/sends").status_code == 200


@pytest.mark.parametrize(
    "credentials",
    [
        "Basic cmV2aWV3ZXI6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5",
        "Bearer",
        "Bearer x",
        "Token x",
        "Bearer \xff",
    ],
)
def test_only_a_token_that_was_issued_is_one(program, credentials):
    answer = httpx2.get(
        f"http://127.0.0.1:{program.web_port}/api/v1/sends",
        headers={b"Authorization": credentials.encode("latin-1")},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "not-signed-in")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_sessions_cookie_is_no_token(program, visitors):
    secret = visitors[Role.REVIEWER].client.cookies["sekisho"]
    answer = httpx2.get(
        f"http://127.0.0.1:{program.web_port}/api/v1/sends", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 401
    stolen = Visitor(program)
    stolen.client.cookies.set("sekisho", program.tokens["reviewer"])
    assert stolen.get("/").status_code == 303


def test_a_sender_sees_his_own_sends_and_takes_them_back(program):
    add_person(program, "tanaka", Role.SENDER, email="Tanaka@Example.JP")
    own, others = hold_one(program, "own", sender="tanaka@example.jp"), hold_one(program, "others")
    page = signed_in(program, "tanaka")
    assert [send["id"] for send in program.sends("tanaka")] == [own]
    assert f"/sends/{own}" in page.get("/").text and others not in page.get("/").text
    assert page.get(f"/sends/{own}").status_code == 200
    assert page.get(f"/sends/{others}").status_code == 404
    assert program.call(f"sends/{others}/withdraw", "tanaka", {})[0] == 403
    assert program.call(f"sends/{own}/stop", "tanaka", {})[0] == 403
    assert page.post(f"/sends/{own}/withdraw").status_code == 303
    assert program.call(f"sends/{own}", "tanaka")[1]["state"] == "WITHDRAWN"
