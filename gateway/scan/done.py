"""What was scanned already, so that a run that was ended goes on where it was.

In: a file, and what decides a verdict. Out: what is known of a document. Fails: BadConfig where the file is another's.

One line of JSON for each document: its path, a digest of its bytes, and what came of it in figures. Another policy, program or
limit begins it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from gateway.errors import BadConfig
from gateway.scan.documents import Document

HEAD = "sekisho_scan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a document: its verdict, or ERROR."""

    verdict: str
    people: int = 0
    rules: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of the file."""

    path: str
    digest: str
    result: Result


_LINE = TypeAdapter(_Line)


def digest_of(document: Document) -> str:
    """Give what tells whether a document has changed."""
    content = (
        document.content if isinstance(document.content, bytes) else f"{document.content}".encode() + b"\0"
    )
    return hashlib.sha256(content).hexdigest()


class Done:
    """The results of earlier runs, and of this one; without a file, of this one only."""

    def __init__(self, file: Path | None, *, decided_by: str) -> None:
        """Read a file, if it is there. Raises: BadConfig."""
        self._known: dict[tuple[str, str], Result] = {}
        self._out: IO[str] | None = None
        if file is None:
            return
        head = json.dumps({HEAD: 1, "decided_by": decided_by})
        try:
            lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else [""]
            if lines[0] and not lines[0].startswith(f'{{"{HEAD}"'):
                raise BadConfig(
                    file=str(file),
                    key="--state",
                    remedy="scan の記録ではありません。別の名前にしてください / it is no record of a scan; give another name",
                )
            goes_on = lines[0] == head
            if goes_on:
                self._read(lines[1:])
            flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if goes_on else os.O_TRUNC)
            self._out = os.fdopen(os.open(file, flags, 0o600), "a", encoding="utf-8")
        except (OSError, ValueError) as error:
            remedy = "読み書きできるファイルにしてください / give a file that can be read and written"
            raise BadConfig(file=str(file), key="--state", remedy=remedy) from error
        if not goes_on:
            self._out.write(f"{head}\n")
        elif lines[-1]:  # a run was killed in the middle of a line
            self._out.write("\n")

    def _read(self, lines: list[str]) -> None:
        for line in lines:
            with suppress(ValidationError):  # cut short: that document is read again
                one = _LINE.validate_json(line)
                self._known[one.path, one.digest] = one.result

    def get(self, path: str, digest: str) -> Result | None:
        """Give what came of a document, if these very bytes were scanned at this path."""
        return self._known.get((path, digest))

    def keep(self, path: str, digest: str, result: Result) -> None:
        """Keep what came of a document."""
        if self._out is not None:
            line = _LINE.dump_json(_Line(path=path, digest=digest, result=result))
            self._out.write(line.decode() + "\n")
            self._out.flush()

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()
