"""`sekisho user`: local accounts and API tokens.

In: names, roles, passwords. Out: lines. Fails: exit 2 with the reason.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.clock import now
from gateway.errors import BadConfig
from gateway.log import set_up
from gateway.model import Account, Role
from gateway.settings import ENVIRONMENT_PREFIX, Settings, load_settings
from gateway.store import accounts
from gateway.store.database import Database, open_database
from gateway.store.migrate import migrate

app = typer.Typer(no_args_is_help=True, help="利用者とAPIトークン / accounts and API tokens")
MAX_DAYS = 3650
WHEN = "%Y-%m-%dT%H:%M:%SZ"
Config = Annotated[Path | None, typer.Option("--config", "-c", help="設定ファイル / config file (TOML)")]


def settings_of(config: Path | None) -> Settings:
    """Read a config file, and set up logging as it says."""
    settings = load_settings(config, os.environ)
    set_up(settings.log)
    return settings


@contextmanager
def naming(config: Path | None) -> Iterator[None]:
    """Say where a mistake stands that was found later, by its key alone: in the file, or in a variable."""
    try:
        yield
    except BadConfig as error:
        if error.file != "-":
            raise
        variable = f"{ENVIRONMENT_PREFIX}{error.key.replace('.', '__')}".upper()
        file, key = (
            ("environment", variable) if variable in os.environ else (str(config or "defaults"), error.key)
        )
        raise BadConfig(file=file, key=key, remedy=error.remedy) from error


def opened(config: Path | None) -> Database:
    """Open the database of a config file, its schema up to date."""
    settings = settings_of(config)
    with naming(config):
        database = open_database(settings.store)
    migrate(database)
    return database


def operator() -> str:
    """Give the name under which acts on the command line are recorded."""
    return f"cli:{getpass.getuser()}"


@app.command()
def add(
    name: str,
    role: Annotated[Role, typer.Option()],
    group: Annotated[str, typer.Option(help="所属 / affiliation")] = "",
    email: Annotated[str, typer.Option(help="本人のアドレス / the person's own address")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="今いる利用者の役割とパスワードを変える / change an account there is"),
    ] = False,
    config: Config = None,
) -> None:
    """利用者を加える。Add an account."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("パスワード / password", hide_input=True, confirmation_prompt=True)
    account = Account(name=name, role=role, group=group, email=email)
    with opened(config).write("account") as tx:
        accounts.add(tx, account, password, now=now(), actor=operator(), replace=replace)
    typer.echo(f"{name}\t{role}")


@app.command(name="list")
def list_accounts(config: Config = None) -> None:
    """利用者の一覧。List accounts."""
    with opened(config).read() as tx:
        for account in accounts.listed(tx):
            typer.echo(
                f"{account.name}\t{account.role}\t{account.group}\t{'disabled' if account.disabled else 'active'}"
            )


@app.command()
def disable(name: str, config: Config = None) -> None:
    """利用者を止める。Disable an account; its sessions and pending approvals end."""
    with opened(config).write("account") as tx:
        accounts.disable(tx, name, now=now(), actor=operator())
    typer.echo(f"{name}\tdisabled")


@app.command()
def token(
    name: str,
    days: Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="有効な日数 / valid for so many days")] = 365,
    listing: Annotated[
        bool, typer.Option("--list", help="発行日と期限の一覧 / list when each was issued and ends")
    ] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="この利用者のトークンをすべて無効に / end all of this account")
    ] = False,
    config: Config = None,
) -> None:
    """APIトークンを発行する(一度だけ表示)。Issue an API token; it is shown once."""
    database = opened(config)
    if listing:
        with database.read() as tx:
            accounts.get(tx, name)
            for one in accounts.tokens(tx, name):
                ends = f"{one.expires_at:{WHEN}}" if one.expires_at else "-"
                typer.echo(f"{name}\t{one.issued_at:{WHEN}}\t{ends}")
        return
    with database.write("account") as tx:
        accounts.get(tx, name)
        if revoke:
            said = f"{name}\t{accounts.revoke_tokens(tx, name, now=now(), actor=operator())}\trevoked"
        else:
            lasts = timedelta(days=days)
            said = accounts.issue(tx, name, accounts.Sort.TOKEN, now=now(), lasts=lasts, actor=operator())
    typer.echo(said)
