"""The relay: claims what is released, hands it over on a few connections, and keeps what became of it.

In: sends that were cleared, or are being released. Out: deliveries settled, sends done. Fails: never toward a loss: what is
not known to be delivered is tried again.

Nothing is claimed but from a send in RELEASING, and its state is read once more before each mail: after a stop is confirmed
no further mail of it starts.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from gateway.errors import Stale
from gateway.metrics import DELIVERIES
from gateway.model import Delivery, DeliveryStatus, Event, Send, State
from gateway.relay import outgoing
from gateway.relay.schedule import allowed, next_attempt
from gateway.relay.smarthost import HopTrouble, Reply, Smarthost
from gateway.review import states
from gateway.settings import Settings
from gateway.store import deliveries, events, mails, pieces, sends
from gateway.store.database import Database

log = structlog.get_logger()

POLL_SECONDS = 0.2
SETTLE_SECONDS = 0.1
LEASE_SECONDS = 900
CLAIMS_A_CONNECTION = 48
PAUSE_AFTER_TROUBLE_SECONDS = 1.0

WAITING, DELIVERED, FAILED = DeliveryStatus.WAITING, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED


class Relay:
    """The way out."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._queue: asyncio.Queue[tuple[Send, deliveries.Claim]] = asyncio.Queue()
        self._results: list[tuple[str, deliveries.Result]] = []
        self._in_hand: Counter[str] = Counter()  # deliveries claimed and not settled yet, by send

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; without a next hop there is nothing to do."""
        if self._settings.relay.host is None:
            await stop.wait()
            return
        await asyncio.to_thread(self._void_claims)
        connections = [
            asyncio.create_task(self._connection()) for _ in range(self._settings.relay.connections)
        ]
        settling = asyncio.create_task(self._settle_for_ever())
        try:
            while not stop.is_set():
                claimed = await self._feed()
                if not claimed:
                    await _either(stop, POLL_SECONDS)
        finally:
            for task in (*connections, settling):
                task.cancel()
            await asyncio.gather(*connections, settling, return_exceptions=True)
            await asyncio.to_thread(self._settle)
            await asyncio.to_thread(self._void_claims)

    def _void_claims(self) -> None:
        with self._database.write("relay") as tx:
            deliveries.void_claims(tx)

    # --- from the store to the queue ---

    async def _feed(self) -> int:
        room = self._settings.relay.connections * CLAIMS_A_CONNECTION - sum(self._in_hand.values())
        if room < self._settings.relay.connections * CLAIMS_A_CONNECTION // 2:
            await asyncio.sleep(SETTLE_SECONDS)
            return 0
        try:
            claims = await asyncio.to_thread(self._claim, room)
        except Exception as error:  # noqa: BLE001 - nothing was claimed; the store will be back
            log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
            return 0
        for send, claim in claims:
            self._in_hand[send.id] += len(claim.deliveries)
            self._queue.put_nowait((send, claim))
        return len(claims)

    def _claim(self, room: int) -> list[tuple[Send, deliveries.Claim]]:
        """Release what is cleared, finish what is done, and claim what may go now."""
        now = self._clock()
        with self._database.read() as tx:
            cleared = sends.in_state(tx, State.CLEARED)
            releasing = sends.in_state(tx, State.RELEASING)
        for send in cleared:
            self._move(send, states.Act.RELEASE)
        claims: list[tuple[Send, deliveries.Claim]] = []
        for send in releasing:
            if room <= 0:
                break
            with self._database.read() as tx:
                wanted = min(
                    room,
                    self._open_to(
                        send, deliveries.begun(tx, send.id) if self._settings.release.waves else 0, now
                    ),
                )
                waiting = wanted > 0 and deliveries.any_due(tx, send.id, now=now)
                finished = not self._in_hand[send.id] and not deliveries.any_unsettled(tx, send.id)
            if finished:
                self._finish(send)
            elif waiting:
                with self._database.write("relay") as tx:
                    lease = now + timedelta(seconds=LEASE_SECONDS)
                    taken = deliveries.claim(tx, send.id, now=now, lease_until=lease, limit=wanted)
                claims += [(send, claim) for claim in taken]
                room -= sum(len(claim.deliveries) for claim in taken)
        return claims

    def _open_to(self, send: Send, begun: int, now: datetime) -> int:
        release = self._settings.release
        upper = allowed(
            release.waves,
            wave_seconds=release.wave_seconds,
            released_at=send.released_at or now,
            now=now,
            total=send.recipients,
        )
        return (
            upper - begun if begun < send.recipients else send.recipients
        )  # once all have begun, tries may be repeated

    def _move(self, send: Send, act: states.Act, facts: dict[str, int] | None = None) -> None:
        try:
            with self._database.write("relay") as tx:
                sends.apply(tx, states.move(send, act, actor="sekisho", now=self._clock(), facts=facts))
        except Stale:
            log.info("relay.overtaken", send=send.id)

    def _finish(self, send: Send) -> None:
        with self._database.read() as tx:
            ledger = {str(status): number for status, number in deliveries.tally(tx, send.id).items()}
        self._move(send, states.Act.FINISH, ledger)
        log.info("send.done", send=send.id, **ledger)

    # --- from the queue to the next hop ---

    async def _connection(self) -> None:
        hop = Smarthost(self._settings.relay, self._settings.smtp.hostname)
        try:
            while True:
                send, claim = await self._queue.get()
                await self._hand_over(hop, send, claim)
        finally:
            hop.drop()

    async def _hand_over(self, hop: Smarthost, send: Send, claim: deliveries.Claim) -> None:
        try:
            data = await asyncio.to_thread(self._load, send.id, claim.mail)
        except (outgoing.Unsendable, pieces.Damaged) as error:
            log.error("relay.damaged", mail=claim.mail.id, error=type(error).__name__)  # noqa: TRY400 - no values in logs
            self._report(
                claim,
                [Reply(554, "5.6.0 the stored mail is not what was accepted")] * len(claim.deliveries),
                send,
            )
            return
        except Exception as error:  # noqa: BLE001 - the store is in trouble: try again
            log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            self._report(claim, [Reply(451, "4.3.0 trouble of our own")] * len(claim.deliveries), send)
            return
        if data is None:  # stopped meanwhile
            await asyncio.to_thread(self._give_back, send, claim)
            return
        try:
            replies = await hop.send(
                claim.mail.envelope.sender,
                claim.mail.envelope.parameters,
                [d.recipient for d in claim.deliveries],
                data,
            )
        except HopTrouble as trouble:
            said = f"4.4.2 {trouble.what}" + (", perhaps taken all the same" if trouble.after_data else "")
            replies = [Reply(421, said)] * len(claim.deliveries)
            log.warning("relay.next_hop", what=trouble.what, ambiguous=trouble.after_data)
            self._report(claim, replies, send)
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
            return
        self._report(claim, replies, send)

    def _load(self, send_id: str, mail: mails.StoredMail) -> bytes | None:
        """Build what goes out, unless the send is no longer being released."""
        with self._database.read() as tx:
            if sends.get(tx, send_id).state is not State.RELEASING:
                return None
            raw = mails.whole(tx, mail)
        line = outgoing.received_line(
            mail.envelope, hostname=self._settings.smtp.hostname, mail_id=mail.id, now=self._clock()
        )
        return outgoing.data(raw, line)

    def _give_back(self, send: Send, claim: deliveries.Claim) -> None:
        with self._database.write("relay") as tx:
            deliveries.give_back(tx, [delivery.id for delivery in claim.deliveries])
            if sends.get(tx, send.id).state in states.NEVER_SENT:
                deliveries.cancel(tx, send.id)
        self._in_hand[send.id] -= len(claim.deliveries)

    # --- from the next hop to the store ---

    def _report(self, claim: deliveries.Claim, replies: Iterable[Reply], send: Send) -> None:
        now = self._clock()
        self._results += [
            (send.id, self._result(delivery, reply, send, now))
            for delivery, reply in zip(claim.deliveries, replies, strict=True)
        ]

    def _result(self, delivery: Delivery, reply: Reply, send: Send, now: datetime) -> deliveries.Result:
        relay = self._settings.relay
        if 200 <= reply.code < 300:
            return deliveries.Result(delivery_id=delivery.id, status=DELIVERED, reply=reply.line)
        again_at = None
        if not 500 <= reply.code < 600:
            again_at = next_attempt(
                delivery.attempts + 1,
                retry_seconds=relay.retry_seconds,
                give_up_hours=relay.give_up_hours,
                released_at=send.released_at or now,
                now=now,
            )
        status = FAILED if again_at is None else WAITING
        return deliveries.Result(
            delivery_id=delivery.id, status=status, reply=reply.line, next_attempt_at=again_at
        )

    async def _settle_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            try:
                await asyncio.to_thread(self._settle)
            except Exception as error:  # noqa: BLE001 - the results stay in hand and are settled the next time
                log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)

    def _settle(self) -> None:
        """Keep the results that have come in, in one transaction, and tell the chain what failed for good."""
        number = len(self._results)
        results = self._results[:number]
        if not results:
            return
        failed = Counter(send_id for send_id, result in results if result.status is FAILED)
        with self._database.write("relay") as tx:
            deliveries.settle(tx, [result for _, result in results])
            now = self._clock()
            events.append(
                tx,
                *(
                    Event(
                        kind="delivery.failed",
                        at=now,
                        actor="sekisho",
                        send_id=send_id,
                        facts={"recipients": times},
                    )
                    for send_id, times in failed.items()
                ),
            )
        del self._results[:number]
        for send_id, result in results:
            self._in_hand[send_id] -= 1
            DELIVERIES.labels(result.status).inc()


async def _either(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
