"""The register of an organisation's own customers: keyed hashes in a file, and nothing else of them.

In: a file that `sekisho register` wrote, the secret under which people are hashed. Out: Customers. Fails: BadConfig for a
file that is damaged or was written under another secret; it never stands for a register of nobody.

The file: a header, and the hashes in order, eight bytes each. It is mapped, not read: a look costs some twenty comparisons,
and what it takes of memory is shared by all who look.
"""

from __future__ import annotations

import mmap
import os
import secrets
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct

from sqlalchemy import make_url

from gateway.errors import BadConfig
from gateway.settings import Settings

_HEADER = Struct("=8sQQ16s")  # magic, people, hashes, a seal over these under the secret
_MAGIC = b"SEKISHO\x02"  # 1: hashed by BLAKE2b's own way to take a key
_DAMAGED = (
    "壊れています。sekisho register をもう一度実行してください / it is damaged; run `sekisho register` again"
)
_OTHER_KEY = "別の seal.key で作られたか、壊れています。sekisho register をもう一度実行してください / it was written under another seal.key, or is damaged; run `sekisho register` again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The registered customers: how many people, and whether a hash is one of theirs."""

    people: int = 0
    hashes: Sequence[int] = ()  # in order

    def __contains__(self, key: object) -> bool:
        """Tell whether a hash is one of a customer."""
        if not isinstance(key, int):
            return False
        place = bisect_left(self.hashes, key)
        return place < len(self.hashes) and self.hashes[place] == key


NOBODY = Customers()


def file_of(settings: Settings) -> Path:
    """Give where the register is: as the settings say, or beside the SQLite file."""
    if settings.customers.file is not None:
        return settings.customers.file
    url = make_url(settings.store.url)
    folder = Path(url.database or "").parent if url.get_backend_name() == "sqlite" else Path("sekisho-data")
    return folder / "customers.hashes"


def open_customers(settings: Settings, secret: bytes) -> Customers:
    """Map the register; where none was ever written, and the settings name none, it is NOBODY.

    Raises: BadConfig.
    """
    file = file_of(settings)
    try:
        with file.open("rb") as raw:
            header = raw.read(_HEADER.size)
            if len(header) < _HEADER.size:
                raise _unusable(file, _DAMAGED)
            mapped = memoryview(mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        if settings.customers.file is None:
            return NOBODY
        raise _unusable(
            file,
            "ファイルがありません。sekisho register で作ってください / there is no such file; write it by `sekisho register`",
        ) from None
    except OSError as error:
        raise _unusable(file, f"読めません / it cannot be read ({type(error).__name__})") from error
    magic, people, number, seal = _HEADER.unpack(header)
    if not secrets.compare_digest(seal, _seal(secret, people, number)):
        raise _unusable(file, _OTHER_KEY)
    if magic != _MAGIC or len(mapped) != _HEADER.size + 8 * number:
        raise _unusable(file, _DAMAGED)
    return Customers(people=people, hashes=mapped[_HEADER.size :].cast("Q"))


def write_customers(file: Path, secret: bytes, *, people: int, hashes: bytes) -> None:
    """Replace the register by hashes in order, at once: whoever looks has the old one or the new one."""
    number = len(hashes) // 8
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(_HEADER.pack(_MAGIC, people, number, _seal(secret, people, number)))
            out.write(hashes)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _seal(secret: bytes, people: int, number: int) -> bytes:
    return blake2b(_MAGIC + f"{people},{number}".encode(), key=secret, digest_size=16).digest()


def _unusable(file: Path, remedy: str) -> BadConfig:
    return BadConfig(file=str(file), key="customers.file", remedy=remedy)
