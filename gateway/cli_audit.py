"""`sekisho audit`: check or export the sealed event chain.

In: the database. Out: lines, or JSON lines. Fails: exit 1 where the chain is broken, naming the first bad entry.
"""

from __future__ import annotations

import json

import typer

from gateway.cli_accounts import Config, opened
from gateway.review import audit
from gateway.store import events

app = typer.Typer(no_args_is_help=True, help="監査記録 / the sealed event chain")


@app.command()
def verify(config: Config = None) -> None:
    """改ざんがないことを確かめる。Check that nothing was changed, removed, added or moved."""
    with opened(config).read() as tx:
        broken = events.verify(tx)
    if broken is not None:
        typer.echo(f"BROKEN  seq={broken.seq}  {broken.what}", err=True)
        raise typer.Exit(1)
    typer.echo("OK")


@app.command()
def export(config: Config = None) -> None:
    """JSON行で書き出す。Write the chain as JSON lines."""
    with opened(config).read() as tx:
        for entry in events.sealed(tx):
            event = json.loads(audit.event_to_text(entry.event))
            typer.echo(json.dumps({"seq": entry.seq, "seal": entry.seal.hex(), **event}, ensure_ascii=False))
