"""What there is to scan: files, folders, Maildirs, and file by file the mails of a mailbox or of a ZIP.

In: paths. Out: documents, one at a time. Fails: never; what cannot be read is a document that says so.

Only the shape of a mailbox or a ZIP is read here, by Python and within a budget; what a mail holds is opened in workers alone.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.model import GapReason
from gateway.unpack import label, mailbox

FROM_LINE, ZIP_START = b"From ", b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document, or why there is none: a gap where something stands there, `error` where nothing could be had."""

    path: str
    name: str
    content: bytes | GapReason = b""
    error: str | None = None


def files(paths: Sequence[str], *, but_not: Path | None = None) -> Iterator[str]:
    """Give the files of the paths; a folder stands for all that is in it, a Maildir for its mails."""
    for path in paths:
        if path == "-" or not Path(path).is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            if {"cur", "new"} <= set(folders):  # what else lies in a Maildir is its keeper's
                folders[:] = [name for name in folders if name != "tmp"]
                continue
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file() and not (but_not and but_not.exists() and file.samefile(but_not)):
                    yield str(file)


def documents(path: str, *, max_bytes: int) -> Iterator[Document]:
    """Give what stands at a path: the file, or the mails in it; "-" is standard input."""
    shown = os.fsencode(path).decode("utf-8", "replace")
    name = label("stdin" if path == "-" else Path(shown).name)
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(path).open("rb") as file:
                begin = file.read(len(FROM_LINE))
                if begin == FROM_LINE:
                    # Not closed by us: a mail of it may still be asked for.
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                    if (letters := mailbox.letters(mapped)) is not None:
                        for number, letter in enumerate(letters, 1):
                            yield _member(shown, f"mail {number}", letter)
                        return
                raw = begin + file.read(max_bytes + 1 - len(begin))
    except OSError as error:
        yield Document(path=shown, name=name, error=_trouble(error))
        return
    if len(raw) > max_bytes:
        yield Document(path=shown, name=name, content=GapReason.TOO_BIG)
    elif raw.startswith(ZIP_START) and (members := mailbox.mails_in_zip(raw)) is not None:
        yield from (_member(shown, label(inner), content) for inner, content in members)
    else:
        in_maildir = Path(path).parent.name in ("cur", "new")
        yield Document(path=shown, name=f"{name}.eml" if in_maildir else name, content=raw)


def _member(path: str, name: str, content: bytes | GapReason) -> Document:
    """Give a mail of a mailbox, or a member of a ZIP."""
    last = name.rpartition("/")[2]
    return Document(
        path=f"{path}/{name}", name=last if "." in last or not last else f"{last}.eml", content=content
    )


def _trouble(error: OSError) -> str:
    """Say why a path could not be read."""
    match error:
        case FileNotFoundError():
            return "ファイルがありません / no such file"
        case PermissionError():
            return "読む権限がありません / no permission to read it"
        case _:
            return f"読めません / it cannot be read ({error.strerror or type(error).__name__})"
