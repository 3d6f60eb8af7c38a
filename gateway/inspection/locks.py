"""What is locked in a send, tried with the passwords that are known (PPAP): the archive in one mail, its password in another.

In: sends with ENCRYPTED parts. Out: their parts inspected again as far as a password opened them, in the store. Fails: never toward
a release: what no password opens, or what trying costs too much, stays ENCRYPTED.

Passwords come of the send's own mails, of other mails that its sender sent in the last days, of the organisation's list, and of a
reviewer. Mails are read for them only when something locked is about, and from the store; what fits nothing is kept nowhere, and
no log, event or error carries one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

import structlog

from gateway.errors import BadConfig, Stale, WrongState
from gateway.inspection import jobs
from gateway.inspection.sandbox import Closed, Died, NotStarted, Sandbox
from gateway.model import Event, GapReason, Inspection, Send, State
from gateway.settings import Settings
from gateway.store import events, mails, passwords, sends
from gateway.store.database import Database, Transaction
from gateway.store.passwords import Password, Source

log = structlog.get_logger()

SENDS_READ, MAILS_EACH = 40, 5  # of the same sender
LARGEST_MAIL = 256 << 10  # of those that may tell a password, less their attachments
LARGEST_BODY = 64 << 10
MAX_LISTED = 100
MAX_CANDIDATES = 200  # of one part
EFFORT_A_PART, EFFORT_A_SEND = 20_000, 200_000  # about milliseconds of one core
OPENABLE = (State.OPEN, State.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Locked:
    """A part with something locked in it: the key of its inspection, and a mail that carries it."""

    key: bytes
    mail: mails.StoredMail


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What may tell a password of a send: how many mails its sender sent, the newest of them, the list as it was changed last."""

    mails: int
    newest: datetime
    listed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A part after passwords: what it holds, and which ones fitted."""

    found: Inspection
    by: tuple[Password, ...]


def read_passwords(file: Path | None) -> tuple[str, ...]:
    """Read the organisation's passwords, one a line.

    Raises: BadConfig.
    """
    if file is None:
        return ()
    remedy = None
    try:
        found = tuple(line for line in file.read_text(encoding="utf-8").splitlines() if line)
        if len(found) > MAX_LISTED:
            remedy = f"{MAX_LISTED} 行までにしてください / no more than {MAX_LISTED} lines"
    except (OSError, UnicodeDecodeError) as error:
        remedy = f"UTF-8 のファイルとして読めません / the file cannot be read ({type(error).__name__})"
    if remedy:
        raise BadConfig(file=str(file), key="passwords.file", remedy=remedy)
    return found


class Locks:
    """Tries passwords on sends, one send at a time, in a thread of its own."""

    def __init__(
        self,
        database: Database,
        sandbox: Sandbox,
        secret: bytes,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sandbox = sandbox
        self._secret = secret
        self._listed = settings.passwords.file
        self._days = timedelta(days=settings.passwords.days)
        self._clients = frozenset(client.name for client in settings.client)
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "locks")
        self._under_way: dict[str, tuple[_Known, Future[bool]]] = {}
        self._tried: dict[str, _Known] = {}
        self._in_vain: dict[bytes, set[str]] = {}  # of a part: digests of what does not open it

    @property
    def since(self) -> datetime:
        """From when on mails of a sender are read."""
        return self._clock() - self._days

    def settled(self, send: Send, *, upto: datetime | None = None) -> bool:
        """Tell whether what mails had told by then, or by now, has been tried on a send; where not, begin with it.

        Who waits for this waits for no later mail: its sender may never be quiet.
        """
        with self._database.read() as tx:
            mails_of_sender, newest = sends.activity(tx, send, self._clients, since=self.since)
        known = _Known(mails=mails_of_sender, newest=newest, listed=_changed(self._listed))
        if send.id in self._under_way:
            begun_with, task = self._under_way[send.id]
            if not task.done():
                return False
            del self._under_way[send.id]
            if _ended(task):
                self._tried[send.id] = begun_with
        tried = self._tried.get(send.id)
        if tried is not None and (tried == known or (upto is not None and tried.newest >= upto)):
            return True
        self._under_way[send.id] = known, self._thread.submit(self._try, send.id)
        return False

    def forget(self, still: set[str]) -> None:
        """Forget what was tried on all sends but these."""
        if not self._tried.keys() <= still:
            self._tried = {send_id: known for send_id, known in self._tried.items() if send_id in still}
            self._in_vain.clear()

    def enter(self, send_id: str, value: str, actor: str, *, via: str) -> bool:
        """Try the password that a reviewer gives; tell whether it opened something. That he gave one is recorded either way.

        Raises: WrongState, Stale, NotFound, Died.
        """
        with self._database.read() as tx:
            send = sends.get(tx, send_id)
            if send.state is not State.HELD:
                raise WrongState(send.state)
            locked = _locked(tx, send)
            known = passwords.of_send(tx, send_id)
        entered = Password(value=value, source=Source.REVIEWER)
        self._in_vain.clear()
        opened = self._opened(locked, {one.key: [entered, *known] for one in locked}, none_may_die=True)
        fits = any(entered in one.by for one in opened.values())
        event = Event(
            kind="password.entered",
            at=self._clock(),
            actor=actor,
            send_id=send_id,
            facts={"fits": fits, "via": via},
        )
        self._keep(send, opened if fits else {}, event, actor=actor)
        return fits

    def _try(self, send_id: str) -> bool:
        """Try all that is known on a send; tell whether something was opened."""
        with self._database.read() as tx:
            send = sends.get(tx, send_id)
            locked = _locked(tx, send)
            if not locked:
                return False
            known = passwords.of_send(tx, send_id)
            which = sends.of_sender(send, self._clients, since=self.since)
            recent = mails.of_sender(tx, which, sends=SENDS_READ, mails_each=MAILS_EACH, largest=LARGEST_MAIL)
            texts = {mail.id: mail for mail in (*(one.mail for one in locked), *recent)}
            blobs = _small_blobs(tx, texts.values())
        told = dict(zip(texts, self._told(list(texts.values()), blobs), strict=True))
        everybodys = [
            *(Password(value=value, source=Source.LIST) for value in self._list()),
            *(
                Password(value=value, source=Source.MAIL, told_by=mail.send_id)
                for mail in recent
                for value in told[mail.id]
            ),
        ]
        candidates: dict[bytes, Sequence[Password]] = {}
        for one in locked:
            own = (Password(value=value, source=Source.MAIL, told_by=send_id) for value in told[one.mail.id])
            candidates[one.key] = [*known, *own, *everybodys]
        opened = self._opened(locked, candidates)
        if opened:
            self._keep(send, opened, None, actor="sekisho")
        return bool(opened)

    def _list(self) -> tuple[str, ...]:
        try:
            return read_passwords(self._listed)
        except BadConfig as error:  # it was there at the start; the others are tried all the same
            log.error("unlocking.no_list", key=error.key)  # noqa: TRY400 - it says all there is
            return ()

    def _told(
        self, stored: Sequence[mails.StoredMail], blobs: Mapping[bytes, bytes]
    ) -> tuple[tuple[str, ...], ...]:
        """Read which passwords mails may tell of; one that kills its worker tells none."""
        try:
            job = jobs.ReadPasswords(skeletons=tuple(mail.skeleton for mail in stored), blobs=blobs)
            return jobs.PASSWORDS_READ.validate_json(self._sandbox.run(job))
        except NotStarted:
            raise
        except Died:
            if len(stored) == 1:
                return ((),)
        return tuple(chain.from_iterable(self._told([mail], blobs) for mail in stored))

    def _opened(
        self,
        locked: Sequence[_Locked],
        candidates: Mapping[bytes, Sequence[Password]],
        *,
        none_may_die: bool = False,
    ) -> dict[bytes, _Opened]:
        """Inspect parts with passwords, each less those that were tried on it in vain; give those that one opened."""
        opened: dict[bytes, _Opened] = {}
        left = EFFORT_A_SEND
        for one in locked:
            by_value: dict[str, Password] = {}
            for password in candidates[one.key]:
                by_value.setdefault(password.value, password)
            values = tuple(by_value)[:MAX_CANDIDATES]
            digests = {self._digest(value) for value in values}
            in_vain = self._in_vain.setdefault(one.key, set())
            if digests <= in_vain or left <= 0:
                continue
            with self._database.read() as tx:
                blobs = mails.blobs(tx, {segment.digest for segment in one.mail.skeleton.segments})
            job = jobs.ReadLocked(
                skeleton=one.mail.skeleton,
                blobs=blobs,
                key=one.key,
                secret=self._secret,
                candidates=values,
                effort=min(EFFORT_A_PART, left),
            )
            try:
                read = jobs.UNLOCKED.validate_json(self._sandbox.run(job))
            except Died as death:
                if none_may_die or isinstance(death, NotStarted):
                    raise
                in_vain |= digests
                left -= EFFORT_A_PART
                continue
            left -= read.cost
            if read.fitted:
                by = tuple(by_value[values[place]] for place in read.fitted)
                opened[one.key] = _Opened(found=read.found, by=by)
            else:
                in_vain |= digests
        return opened

    def _keep(self, send: Send, opened: Mapping[bytes, _Opened], event: Event | None, *, actor: str) -> None:
        """Put what was opened in the place of what was locked; of a send that is over, only who told its password."""
        now = self._clock()
        fitted = list(dict.fromkeys(password for one in opened.values() for password in one.by))
        told_by = sorted({password.told_by for password in fitted if password.told_by} - {send.id})
        facts = {
            "parts": len(opened),
            "sources": sorted({password.source for password in fitted}),
            "told_by": told_by,
        }
        unlocked = Event(kind="send.unlocked", at=now, actor=actor, send_id=send.id, facts=facts)
        with self._database.write("unlock") as tx:
            if event is not None:
                events.append(tx, event)
            is_new = passwords.keep(tx, send.id, fitted, now=now)
            if opened and send.state in OPENABLE:
                for key, one in opened.items():
                    new = self._key(send, key, one.by)
                    mails.keep_inspections(tx, {new: one.found})
                    mails.replace_part(tx, send.id, key, by=new)
                sends.reopened(tx, send, unlocked)
            elif is_new:
                events.append(tx, unlocked)
        if opened:
            log.info("send.unlocked", send=send.id, parts=len(opened))

    def _key(self, send: Send, key: bytes, by: Sequence[Password]) -> bytes:
        """Give the key of what passwords made of a part in a send; nobody can try passwords against it without the secret."""
        whole = hashlib.blake2b(key + send.id.encode(), digest_size=16, key=self._secret)
        for value in sorted(password.value for password in by):
            whole.update(b"\0" + value.encode("utf-8", "surrogatepass"))
        return key[:16] + whole.digest()

    def _digest(self, value: str) -> str:
        return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._secret).hexdigest()


def _locked(tx: Transaction, send: Send) -> list[_Locked]:
    """Give the parts of a send in which something is locked."""
    keys = {key for content in mails.contents(tx, send.id) for key in content.parts}
    found: list[_Locked] = []
    for key, inspection in mails.inspections(tx, sorted(keys)).items():
        if any(part.gap is GapReason.ENCRYPTED for part in inspection.parts):
            carrier = mails.carrier(tx, send.id, key)
            if carrier is not None and not carrier.mail.is_purged:
                found.append(_Locked(key=key, mail=carrier.mail))
    return found


def _small_blobs(tx: Transaction, stored: Iterable[mails.StoredMail]) -> dict[bytes, bytes]:
    """Give the blobs of mails, empty those too large to be the text of one that tells a password."""
    segments = [segment for mail in stored for segment in mail.skeleton.segments]
    small = mails.blobs(tx, {segment.digest for segment in segments if segment.length <= LARGEST_BODY})
    return {segment.digest: small.get(segment.digest, b"") for segment in segments}


def _ended(task: Future[bool]) -> bool:
    """Tell whether a trial came to an end; trouble that says nothing of the send leaves it to be tried again."""
    error = task.exception()
    if isinstance(error, Stale | NotStarted | Closed):
        return False
    if error is not None:
        log.error("unlocking.failed", error=type(error).__name__)
    return True


def _changed(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file else 0
    except OSError:
        return 0
