"""Who reads a mail, where it is one person: his own record is no leak to him.

In: a mail's recipients and headers, people whom it names. Out: those of them who are somebody else. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterable

import detectors
from gateway import unpack
from gateway.inspection.visible import visible_addresses


class Addressee:
    """Who reads a mail, where it is one person: his own record is no leak to him (JNSA 2018: 9 x 17, not 10 x 17).

    One person is left out of a mail and no more, in however many places his record stands. A name in To: counts only
    beside the very address that the mail goes to: the others there are other people. Who was left out of the mails of many
    readers was never the reader: the exposure of the send sees to that.
    """

    def __init__(self, recipients: tuple[str, ...], headers: unpack.Headers) -> None:
        self.address = recipients[0] if len(recipients) == 1 else ""
        self.visible = visible_addresses(headers, recipients)
        self.left_out: list[detectors.Identity] = []
        self._address = detectors.address_key(self.address) if self.address else None
        self._named = {
            detectors.name_key(name)
            for name, address in (headers.addresses("to") if self._address else ())
            if name and detectors.address_key(address) == self._address
        }
        self._known_by: set[str] = set()  # names and keys of the one who was left out

    def others(
        self, identities: Iterable[detectors.Identity], addressee: str | None = None
    ) -> list[detectors.Identity]:
        """Leave out the reader himself."""
        greeted = self._named | ({detectors.name_key(addressee)} if addressee else set())
        others: list[detectors.Identity] = []
        for one in identities:
            (self.left_out if self._is_own(one, greeted) else others).append(one)
        return others

    def _is_own(self, identity: detectors.Identity, greeted: set[str]) -> bool:
        names = {detectors.name_key(name) for name in identity.names}
        if identity.email_addresses:
            is_reader = self._address in identity.email_addresses
        else:
            is_reader = self._address is not None and not greeted.isdisjoint(names)
        known_by = names.union(identity.keys)
        if not is_reader or (self._known_by and self._known_by.isdisjoint(known_by)):
            return False
        self._known_by |= known_by
        return True
