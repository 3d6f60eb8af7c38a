"""`sekisho sends`: the acts of the review page, for scripts.

In: ids. Out: lines or JSON. Fails: exit 2 with the reason.

Who decides on the command line is an account all the same: its API token comes in SEKISHO_TOKEN.
"""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from gateway.cli_accounts import Config, opened
from gateway.errors import NotAllowed, Stale
from gateway.model import Choice, State
from gateway.store import accounts, deliveries, sends
from gateway.store.database import Database

app = typer.Typer(no_args_is_help=True, help="一斉送信 / sends")
Comment = Annotated[str, typer.Option(help="理由 / why")]
Seen = Annotated[str, typer.Option(help="`show` が示したダイジェスト / the digest that `show` gave")]


@app.command(name="list")
def list_sends(state: Annotated[State | None, typer.Option()] = None, config: Config = None) -> None:
    """一覧。List sends, newest first."""
    with opened(config).read() as tx:
        for send in sends.listed(tx, [state] if state else []):
            people = send.exposure.people if send.exposure else "-"
            typer.echo(f"{send.id}\t{send.state}\t{send.mails}\t{people}\t{send.opened_at:%Y-%m-%dT%H:%M:%SZ}\t{send.subject}")


@app.command()
def show(send_id: str, config: Config = None) -> None:
    """一件をJSONで。Show one send, as the API does."""
    from gateway.web.views import send_json  # noqa: PLC0415

    with opened(config).read() as tx:
        typer.echo(json.dumps(send_json(tx, sends.get(tx, send_id)), ensure_ascii=False, indent=1))


@app.command()
def approve(send_id: str, seen: Seen, comment: Comment = "", config: Config = None) -> None:
    """承認する。Approve."""
    _decide(send_id, Choice.APPROVE, seen, comment, config)


@app.command()
def reject(send_id: str, seen: Seen, comment: Comment, config: Config = None) -> None:
    """却下する。Reject, with a reason."""
    _decide(send_id, Choice.REJECT, seen, comment, config)


@app.command()
def stop(send_id: str, config: Config = None) -> None:
    """止める。Stop what is going out."""
    _act(send_id, "stop", config)


@app.command()
def resume(send_id: str, config: Config = None) -> None:
    """再開する。Let it go on."""
    _act(send_id, "resume", config)
