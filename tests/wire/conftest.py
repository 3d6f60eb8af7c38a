"""What several of these tests stand on: a next hop that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wire.program import RecordingHop


@pytest.fixture(scope="module")
def hop() -> Iterator[RecordingHop]:
    hop = RecordingHop()
    hop.start()
    yield hop
    hop.stop()
