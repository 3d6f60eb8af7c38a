"""`sekisho register`: the organisation's own customers, kept as keyed hashes.

In: a list of them in any format that is read, the columns by which they are known. Out: the register, one line.
Fails: exit 2 where the list cannot be read, or a column names nobody.

The list is read and forgotten. What is kept are hashes of who with how to reach him (氏名 + 生年月日, 氏名 + 電話番号 …).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_accounts import Config, operator, settings_of
from gateway.clock import now
from gateway.customers import NOBODY, file_of, open_customers, write_customers
from gateway.errors import BadConfig
from gateway.model import Event
from gateway.store import events
from gateway.store.database import open_database
from gateway.store.migrate import migrate


def register(
    file: Annotated[Path, typer.Argument(help="顧客の一覧(CSV、Excelなど) / a list of customers")],
    column: Annotated[list[str], typer.Option(help="使う列の見出し / heading of a column to use; repeat it")],
    add: Annotated[bool, typer.Option("--add", help="足す / add to those registered")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="除く / remove these people")] = False,
    config: Config = None,
) -> None:
    """自社の顧客を鍵付きハッシュで登録する(一覧は残さない)。Register your customers as keyed hashes."""
    import numpy as np  # noqa: PLC0415 - each command pays for its own imports only

    if add and remove:
        raise BadConfig(
            file="command line",
            key="--add",
            remedy="--add と --remove はどちらか一方にしてください / give --add or --remove, not both",
        )
    settings = settings_of(config)
    database = open_database(settings.store)
    try:
        migrate(database)
        secret = database.people_secret
        known = open_customers(settings, secret) if (add or remove) and file_of(settings).exists() else NOBODY
        rows, met, unusable = 0, 0, 0
        hashes = array("Q")
        for keys in keys_in(file, column, secret):
            rows += bool(keys)
            unusable += not keys
            met += any(key in known for key in keys)
            hashes.extend(keys)
        if not rows:
            raise BadConfig(
                file=str(file),
                key="--column",
                remedy="誰のことか分かる行がありません。氏名と、生年月日・電話番号・メールアドレスなどの列を選んでください / no row tells who it is about; name columns such as 氏名 with 生年月日, 電話番号 or メールアドレス",
            )
        people = known.people - met if remove else known.people + rows - met
        given, before = np.asarray(hashes, dtype=np.uint64), np.asarray(known.hashes, dtype=np.uint64)
        after = np.setdiff1d(before, given) if remove else np.union1d(before, given)
        write_customers(file_of(settings), secret, people=people, hashes=after.tobytes())
        facts = {"people": people, "given": rows, "act": "remove" if remove else "add" if add else "replace"}
        with database.write("register") as tx:
            events.append(tx, Event(kind="customers.registered", at=now(), actor=operator(), facts=facts))
    finally:
        database.close()
    typer.echo(
        f"{people:,} 人を登録しています / customers registered: {people:,} (rows without use: {unusable:,})"
    )


def keys_in(file: Path, wanted: list[str], secret: bytes) -> Iterator[list[int]]:
    """Yield the hashes of each row of a list.

    Raises: BadConfig.
    """
    import detectors  # noqa: PLC0415
    from gateway import unpack  # noqa: PLC0415
    from gateway.inspection.hashes import hashed  # noqa: PLC0415
    from gateway.model import Gap, Table  # noqa: PLC0415

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadConfig(
            file=str(file), key="-", remedy=f"読めません / it cannot be read ({type(error).__name__})"
        ) from error
    source = unpack.Source(raw=raw, path=(file.name,), name=file.name, attachment=True)
    tables = 0
    for leaf in unpack.unpack(source, unpack.Budget()):
        if isinstance(leaf, Gap):
            raise BadConfig(
                file=str(file),
                key="-",
                remedy=f"読めない部分があります / not all of it can be read: {leaf.reason}",
            )
        if isinstance(leaf, Table):
            tables += 1
            try:
                for frame in leaf.frames():
                    for keys in detectors.row_keys(frame, wanted, header=leaf.header):
                        yield [hashed(key, secret) for key in keys]
            except KeyError as error:
                remedy = f"{error.args[0]} という見出しの列がありません / there is no column of this heading: {error.args[0]}"
                raise BadConfig(file=str(file), key="--column", remedy=remedy) from None
    if not tables:
        raise BadConfig(file=str(file), key="-", remedy="表がありません / it holds no table")
