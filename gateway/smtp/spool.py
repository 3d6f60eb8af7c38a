"""Where a mail's bytes wait until they are whole: in memory while they are few, then in a file without a name.

In: pieces. Out: bytes, or a mapped file. Fails: OSError, for want of space as a rule.
"""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import IO

IN_MEMORY_BYTES = 1 << 20


class Spool:
    """One mail on its way in. The file is unlinked from the start: whatever ends this process ends the file."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.length = 0

    def add(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.length += len(piece)
        if self._file is not None:
            self._file.write(piece)
            return
        self._pieces.append(piece)
        if self.length > IN_MEMORY_BYTES:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as the spool
            self._file.writelines(self._pieces)
            self._pieces.clear()

    def content(self) -> bytes | mmap.mmap:
        """Give what was taken; a mapped file outlives `close`."""
        if self._file is None:
            return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Let go of memory and file."""
        self._pieces.clear()
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()  # writes what it still buffers, which may fail as any write
            except OSError:
                return
