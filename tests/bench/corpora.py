"""`make check-corpora DATA=folder`: mails of other projects' tests, read here and compared with what those projects expect.

In: the development data (mails of others, not in the repository). Out: for each corpus, the mails whose set of parts is the
same, and those where it is not, each with the reason why that is right. Fails: exit 1 where a mail differs without a reason,
or less than 97 % are the same; exit 2 without data.

With FILES=folder any mails and files are inspected instead (survival.py).

The same: each part that they expect was read here, byte by byte or, for texts, line by line, if in other pieces; and no more is
attached, but where the mail is held for being read in two ways.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from gateway.model import Gap, GapReason, Skeleton
from gateway.unpack import Budget, Source
from gateway.unpack._embedded import parts_in
from gateway.unpack._encoding import decode
from gateway.unpack.mime import inline, open_leaf, structure
from tests.bench.survival import survive

BAR = 0.97
MAILS = frozenset({"message/rfc822", "message/global"})
# Mails in which what is expected is not what is read here, and why that is right.
_ENDED = "an unclosed inner part: the outer boundary ends it (RFC 2046, 5.1.2), and both halves are read; there it is one text"
REASONS = {
    "stalwart/malformed/009.eml": _ENDED,
    "stalwart/malformed/011.eml": _ENDED,
    "stalwart/malformed/012.eml": _ENDED,
    "mime4j/testmsgs/multipartnestedemptyparts.msg": "the mail in it is expected as one text; here it is taken apart, and all in it read",
}


def main() -> int:
    """Compare and print."""
    if os.environ.get("FILES"):
        return survive(Path(os.environ["FILES"]), list_held="--held" in sys.argv)
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DATA", "")
    folder = Path(given) / "mail"
    if not given or not folder.is_dir():
        print("make check-corpora DATA=folder: the folder of the development data", file=sys.stderr)
        return 2
    failed = False
    unused = set(REASONS)
    for name, expected in (("stalwart", stalwart), ("mime4j", mime4j)):
        differing: dict[str, str] = {}
        total = 0
        for mail, parts in expected(folder / name):
            total += 1
            difference = compared(mail.read_bytes(), parts)
            if difference:
                differing[str(mail.relative_to(folder))] = difference
        same = 1 - len(differing) / max(total, 1)
        print(f"{name}: {total - len(differing)} of {total} the same ({same:.1%})")
        for mail_name, difference in differing.items():
            print(f"  {mail_name}: {difference}\n    {REASONS.get(mail_name, 'NO REASON IS GIVEN')}")
        unused -= differing.keys()
        failed = failed or not total or same < BAR or not REASONS.keys() >= differing.keys()
    if unused:
        print(f"no longer different: {', '.join(sorted(unused))}")
    return int(failed or bool(unused))


def compared(raw: bytes, expected: list[str | bytes]) -> str:
    """Say how what is read of a mail differs from what is expected; nothing where it does not."""
    seen = _Seen()
    seen.mail(raw)
    wanted = [_folded(part) for part in expected]
    read = [{mailed, _folded(source.raw), *_texts(source)} for source, mailed in seen.sources]
    texts = "".join(chain.from_iterable((*read, seen.mails)))
    missing = 0
    for part, given in zip(wanted, expected, strict=True):
        whole = any(part in one for one in read) or part in seen.mails
        missing += not (whole or all(line in texts for line in _lines(given)))
    attached = [one for (source, _), one in zip(seen.sources, read, strict=True) if source.attachment]
    more = sum(one.isdisjoint(wanted) and any(one) for one in attached)
    if missing or (more and not seen.reasons):
        held = ", ".join(sorted(seen.reasons)) or "nothing"
        return f"{len(wanted)} expected, {missing} not read, {more} read besides; held for {held}"
    return ""


class _Seen:
    """What is read of a mail and of the mails in it."""

    def __init__(self) -> None:
        self.sources: list[tuple[Source, str]] = []  # and as mailed: others leave uuencode as it is
        self.mails: set[str] = set()  # in it, each as a whole
        self.reasons: set[GapReason] = set()

    def mail(self, raw: bytes, depth: int = 0) -> None:
        """Read a mail."""
        taken_apart = structure(Skeleton(raw=raw))
        self.reasons.update(mark.reason for mark in taken_apart.marks if isinstance(mark, Gap))
        for leaf in taken_apart.leaves:
            for found in open_leaf(leaf, inline(leaf)):
                self._leaf(found, depth, _folded(inline(leaf)))

    def _leaf(self, found: Source | Gap, depth: int, mailed: str) -> None:
        if isinstance(found, Gap):
            self.reasons.add(found.reason)
            return
        if found.declared in MAILS and depth < 20:
            self.mails.add(_folded(found.raw))
            self.mail(found.raw, depth + 1)
            return
        self.sources.append((found, mailed))
        for inner in parts_in(found, Budget()):
            self._leaf(inner, depth + 1, "")


def _lines(part: str | bytes) -> Iterator[str]:
    """Give the lines of a text, but those that may be boundaries; what is no text is one line."""
    if isinstance(part, bytes) and b"\0" in part:
        yield _folded(part)
        return
    for line in part.splitlines():
        folded = _folded(line)
        if not folded.startswith("--"):
            yield from folded.split("\ufffd")  # what they could not decode


def _texts(source: Source) -> Iterator[str]:
    decoded = decode(source.raw, source.charset)
    while decoded is not None:
        yield _folded(decoded.text)
        decoded = decoded.alternative  # type: ignore[assignment]


def _folded(part: str | bytes) -> str:
    """Give a part without white space: how lines end, and which of them belong to a boundary, is no matter of contents."""
    text = part.decode("latin-1") if isinstance(part, bytes) else part
    return re.sub(r"[\s\0\ufeff]+", "", text)


def stalwart(folder: Path) -> Iterator[tuple[Path, list[str | bytes]]]:
    """Give the mails of stalwart's mail-parser, with the parts that stand in their .json."""
    for mail in sorted(folder.rglob("*.eml")):
        told = mail.with_suffix(".json")
        if told.exists():
            yield mail, list(_stalwart_parts(json.loads(told.read_text(encoding="utf-8"))))


def _stalwart_parts(message: dict[str, Any]) -> Iterator[str | bytes]:
    for part in message["parts"]:
        match part["body"]:
            case {"Text": str(text)} | {"Html": str(text)}:
                yield text
            case {"Binary": list(numbers)} | {"InlineBinary": list(numbers)}:
                yield bytes(numbers)
            case {"Message": dict(inner)}:
                yield from _stalwart_parts(inner)


def mime4j(folder: Path) -> Iterator[tuple[Path, Iterable[str | bytes]]]:
    """Give the mails of James mime4j, with the files that hold their parts decoded."""
    for mail in sorted(folder.rglob("*.msg")):
        decoded = sorted(mail.parent.glob(f"{mail.stem}_decoded_*"))
        yield mail, [one.read_bytes() for one in decoded if one.suffix in (".txt", ".bin")]


if __name__ == "__main__":
    sys.exit(main())
