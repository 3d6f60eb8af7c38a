"""A document that is a ZIP of parts (ECMA-376, 2; OpenDocument 1.3, 2), opened with the care that any ZIP gets.

In: bytes. Out: parts by name. Fails: Unreadable.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.model import Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._locked_zip import LockedMembers
from gateway.unpack._source import Source
from gateway.unpack.zip import ambiguity, is_folder, open_member, opened

_MANIFEST = "META-INF/manifest.xml"


@dataclass(frozen=True, slots=True)
class Package:
    """The parts that could be read, the gaps for those that could not, and what else the ZIP gave cause to say."""

    parts: dict[str, bytes]
    gaps: tuple[Gap, ...]

    def matching(self, *starts: str, end: str = "") -> Iterator[tuple[str, bytes]]:
        """Give the parts whose names begin with one of these."""
        for name, raw in self.parts.items():
            if name.startswith(starts) and name.endswith(end):
                yield name, raw


def open_package(source: Source, media_type: str, budget: Budget) -> Package:
    """Read all parts. Raises: Unreadable."""
    parts: dict[str, bytes] = {}
    gaps: list[Gap] = []
    locked = LockedMembers(source.raw, budget)
    with opened(source.raw) as archive:
        gaps += ambiguity(source, media_type, archive)
        for member in archive.infolist():
            if is_folder(member):
                continue
            budget.spend_member()
            found: Leaf | Source = open_member(source, archive, member, locked, budget)
            if isinstance(found, Source):
                budget.spend_bytes(len(found.raw))
                parts[part_name(member)] = found.raw
            elif isinstance(found, Gap):
                gaps.append(found)
    if b"encryption-data" in parts.get(
        _MANIFEST, b""
    ):  # OpenDocument 1.3, 2, 3.4: parts are locked one by one
        raise Unreadable(GapReason.ENCRYPTED)
    return Package(parts, tuple(gaps))


def part_name(member: zipfile.ZipInfo) -> str:
    """Give the name of a part as documents refer to it."""
    return member.filename.lstrip("/")
