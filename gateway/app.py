"""The one place where objects are wired together: what each role of the gateway is made of.

In: Settings. Out: running roles. Fails: BadConfig before anything listens.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import structlog
from sqlalchemy import make_url

from gateway.clock import now
from gateway.errors import SekishoError
from gateway.log import origin
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from gateway.store.migrate import current, migrate, newest
from gateway.supervisor import Child, await_free, die_with_parent, supervise

log = structlog.get_logger()


class RunRole(StrEnum):
    """What a process of the gateway can be."""

    SMTP = "smtp"
    WEB = "web"
    WORKER = "worker"


def serve(settings: Settings, roles: Sequence[RunRole], arguments: Sequence[str]) -> None:
    """Run the roles: one in this process, several in processes of their own; `arguments` say how to start this again.

    Raises: BadConfig, FirstStartFailed.
    """
    from gateway.policy import load_policy  # noqa: PLC0415 - not needed by a child that only listens

    if len(roles) == 1 and (
        roles[0] is not RunRole.SMTP or settings.smtp.processes == 1 or "SEKISHO_LIFELINE" in os.environ
    ):
        run_role(settings, roles[0])
        return
    load_policy(settings.policy.file)
    for address, key in _addresses(settings, roles):
        await_free(address, key)
    database = open_database(settings.store)
    migrate(database)
    database.close()
    with tempfile.TemporaryDirectory(prefix="sekisho-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        children = [
            Child(name=role, arguments=[*arguments, "--roles", role])
            for role in roles
            for _ in range(settings.smtp.processes if role is RunRole.SMTP else 1)
        ]
        supervise(children)


def _addresses(settings: Settings, roles: Sequence[RunRole]) -> Iterator[tuple[str, str]]:
    """Give what the roles will listen on, with the key of each."""
    if RunRole.SMTP in roles:
        yield from ((address, "smtp.listen") for address in settings.smtp.listen)
        yield from ((address, "smtp.listen_tls") for address in settings.smtp.listen_tls)
    if RunRole.WEB in roles:
        yield settings.web.listen, "web.listen"


def run_role(settings: Settings, role: RunRole) -> None:
    """Run one role in this process until SIGTERM or SIGINT.

    Raises: SekishoError; anything else ends the process with one line in the log.
    """
    die_with_parent()
    try:
        _run_role(settings, role)
    except SekishoError:
        raise
    except Exception as error:  # noqa: BLE001 - a trace would hold values, and come once for each try
        log.critical("role.failed", role=role, error=type(error).__name__, module=origin(error))
        raise SystemExit(1) from None


def _run_role(settings: Settings, role: RunRole) -> None:
    database = open_database(settings.store)
    try:
        if current(database) != newest():
            migrate(database)
        run = {RunRole.SMTP: run_smtp, RunRole.WEB: run_web, RunRole.WORKER: run_worker}[role]
        asyncio.run(run(settings, database))
    finally:
        database.close()


async def run_smtp(settings: Settings, database: Database) -> None:
    """Listen for mail tools."""
    from gateway.smtp.listener import listen  # noqa: PLC0415 - each role pays for its own imports only
    from gateway.store.intake import Intake  # noqa: PLC0415

    intake = Intake(database, {client.name: client.bulk for client in settings.client})
    listener = await listen(settings, intake, reuse_port=True, spool_folder=settings.smtp.spool_dir)
    log.info("smtp.listening", ports=listener.ports)
    try:
        await _until_told()
    finally:
        await listener.close()
        await intake.close()


async def run_worker(settings: Settings, database: Database) -> None:
    """Inspect, judge, relay."""
    from gateway.customers import open_customers  # noqa: PLC0415
    from gateway.inspection.allowance import Allowance  # noqa: PLC0415
    from gateway.inspection.inspector import Inspector  # noqa: PLC0415
    from gateway.inspection.judge import Judge  # noqa: PLC0415
    from gateway.inspection.locks import Locks  # noqa: PLC0415
    from gateway.inspection.sandbox import sandbox_of  # noqa: PLC0415
    from gateway.policy import load_policy  # noqa: PLC0415
    from gateway.relay.relay import Relay  # noqa: PLC0415
    from gateway.retention import Retention  # noqa: PLC0415
    from gateway.store.folding import Folding  # noqa: PLC0415

    policy = load_policy(settings.policy.file)
    secret = database.people_secret
    sandbox = sandbox_of(settings.inspect, policy, workers=settings.inspect.workers)
    inspector = Inspector(database, sandbox, secret, allowance=Allowance(settings.inspect.send_seconds))
    judge = Judge(
        database,
        policy,
        secret,
        customers=lambda: open_customers(settings, secret),
        locks=Locks(database, sandbox, secret, settings, clock=now),
        sends_settings=settings.sends,
        review_settings=settings.review,
        clock=now,
    )
    services = (
        inspector,
        judge,
        Relay(database, settings, clock=now),
        Retention(database, settings.retention, clock=now),
        Folding(database),
    )
    async with _alone(settings):
        stop = asyncio.Event()
        tasks = [asyncio.create_task(service.run(stop)) for service in services]
        beginning = asyncio.create_task(asyncio.to_thread(sandbox.begin))
        told = asyncio.create_task(_until_told())
        log.info("worker.running", policy=policy.name)
        try:
            await asyncio.wait({told, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            told.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(sandbox.close)
            await asyncio.gather(beginning, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome  # the supervisor starts this role again


async def run_web(settings: Settings, database: Database) -> None:
    """Show held sends to reviewers."""
    from gateway.inspection.evidence import Reader  # noqa: PLC0415
    from gateway.inspection.locks import Locks  # noqa: PLC0415
    from gateway.inspection.sandbox import sandbox_of  # noqa: PLC0415
    from gateway.policy import load_policy  # noqa: PLC0415
    from gateway.selftest import planted_leak_is_held  # noqa: PLC0415
    from gateway.web.app import Services, create_app  # noqa: PLC0415
    from gateway.web.readiness import readiness  # noqa: PLC0415
    from gateway.web.serve import run  # noqa: PLC0415

    policy = load_policy(settings.policy.file)
    sandbox = sandbox_of(settings.inspect, policy, workers=1)
    services = Services(
        database=database,
        settings=settings,
        clock=now,
        readiness=readiness(settings, database),
        evidence=Reader(database, sandbox),
        locks=Locks(database, sandbox, database.people_secret, settings, clock=now),
        selftest=lambda: planted_leak_is_held(settings).held,
        kind_names=policy.kind_names,
    )
    try:
        await run(create_app(services), settings.web)
    finally:
        await asyncio.to_thread(sandbox.close)


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[None]:
    """With SQLite there is one worker at a time: wait until an earlier one is gone."""
    url = make_url(settings.store.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with Path(url.database).with_suffix(".worker-lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield


async def _until_told() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    gc.collect()
    gc.freeze()  # what is there now stays to the end: the collector need not walk it again and again
    await told.wait()
