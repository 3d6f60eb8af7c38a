"""`sekisho sends`: the acts of the review page, for scripts.

In: ids. Out: lines or JSON. Fails: exit 2 with the reason.

Who decides on the command line is an account all the same: its API token comes in SEKISHO_TOKEN.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_accounts import Config, opened, settings_of
from gateway.clock import now
from gateway.model import Account, Choice, State
from gateway.store import accounts, sends
from gateway.store.database import Database

app = typer.Typer(no_args_is_help=True, help="一斉送信 / sends")
Comment = Annotated[str, typer.Option(help="理由 / why")]
Seen = Annotated[str, typer.Option(help="`show` が示したダイジェスト / the digest that `show` gave")]


@app.command(name="list")
def list_sends(
    state: Annotated[State | None, typer.Option()] = None,
    after: Annotated[
        str | None, typer.Option(help="前のページの最後のID / last id of the page before")
    ] = None,
    config: Config = None,
) -> None:
    """一覧。List sends, newest first, of HELD the nearest to expire."""
    with opened(config).read() as tx:
        found = sends.listed(tx, [state] if state else [], after=after)
        for send in found:
            people = send.exposure.people if send.exposure else "-"
            typer.echo(
                f"{send.id}\t{send.state}\t{send.mails}\t{people}\t{send.opened_at:%Y-%m-%dT%H:%M:%SZ}\t{send.subject}"
            )
    if following := sends.next_page(found):
        typer.echo(f"続きは / more: --after {following}", err=True)


@app.command()
def show(send_id: str, config: Config = None) -> None:
    """一件をJSONで。Show one send, as the API does."""
    from gateway.web.views import send_json  # noqa: PLC0415

    with opened(config).read() as tx:
        needed = settings_of(config).review.approvals
        typer.echo(
            json.dumps(send_json(tx, sends.get(tx, send_id), needed=needed), ensure_ascii=False, indent=1)
        )


@app.command()
def approve(send_id: str, seen: Seen, comment: Comment = "", config: Config = None) -> None:
    """承認する。Approve."""
    _decide(send_id, Choice.APPROVE, seen, comment, config)


@app.command()
def reject(send_id: str, seen: Seen, comment: Comment, config: Config = None) -> None:
    """却下する。Reject, with a reason."""
    _decide(send_id, Choice.REJECT, seen, comment, config)


@app.command()
def password(
    send_id: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    config: Config = None,
) -> None:
    """暗号化された添付をパスワードで開いて調べ直す。Open what is locked by a password, and judge the send again."""
    from gateway.inspection.locks import Locks  # noqa: PLC0415
    from gateway.inspection.sandbox import sandbox_of  # noqa: PLC0415
    from gateway.policy import load_policy  # noqa: PLC0415
    from gateway.web import acts  # noqa: PLC0415

    settings = settings_of(config)
    database = opened(config)
    account = _signed_in(database)
    if password_stdin:
        value = sys.stdin.readline().rstrip("\r\n")
    else:
        value = typer.prompt("パスワード / password", hide_input=True)
    sandbox = sandbox_of(settings.inspect, load_policy(settings.policy.file), workers=1)
    try:
        locks = Locks(database, sandbox, database.people_secret, settings, clock=now)
        after = acts.enter_password(database, locks, send_id, account.name, value, via="cli")
    finally:
        sandbox.close()
    typer.echo(f"{after.id}\t{after.state}")


@app.command()
def stop(send_id: str, config: Config = None) -> None:
    """止める。Stop what is going out."""
    _act(send_id, "stop", config)


@app.command()
def resume(send_id: str, config: Config = None) -> None:
    """再開する。Let it go on."""
    _act(send_id, "resume", config)


@app.command()
def withdraw(send_id: str, config: Config = None) -> None:
    """取り下げる。Take back what has not gone."""
    _act(send_id, "withdraw", config)


def _decide(send_id: str, choice: Choice, seen: str, comment: str, config: Path | None) -> None:
    from gateway.web import acts  # noqa: PLC0415

    settings = settings_of(config)
    database = opened(config)
    account = _signed_in(database)
    after = acts.decide(
        database,
        send_id,
        account.name,
        choice=choice,
        seen=seen,
        comment=comment,
        review=settings.review,
        via="cli",
        now=now(),
    )
    typer.echo(f"{after.id}\t{after.state}")


def _act(send_id: str, name: str, config: Path | None) -> None:
    from gateway.web import acts  # noqa: PLC0415

    database = opened(config)
    account = _signed_in(database)
    after = {"stop": acts.stop, "resume": acts.resume, "withdraw": acts.withdraw}[name](
        database, send_id, account.name, now=now()
    )
    typer.echo(f"{after.id}\t{after.state}")


def _signed_in(database: Database) -> Account:
    """Give the account whose API token is in the environment."""
    with database.read() as tx:
        found = accounts.recognised(tx, os.environ.get("SEKISHO_TOKEN", ""), accounts.Sort.TOKEN, now=now())
    if found is None:
        typer.echo("SEKISHO_TOKEN に有効なトークンを / put a valid token into SEKISHO_TOKEN", err=True)
        raise typer.Exit(2)
    return found.account
