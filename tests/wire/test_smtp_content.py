"""The content reader, without a socket: any bytes, cut into blocks anyhow."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.content import Fault, Incoming, hops
from gateway.smtp.spool import IN_MEMORY_BYTES

pieces = st.sampled_from([b"\r\n", b".", b"..", b"\r\n.", b"\r", b"\n", b"x", "名簿".encode(), b"\0", b" "])
straight_pieces = st.sampled_from([b"\r\n", b".", b"..", b"\r\n.", b"x", b"\xe3\x81", b" "])


def blocks_of(raw: bytes, sizes: list[int]) -> list[bytes]:
    blocks, at = [], 0
    for size in [*sizes, len(raw)]:
        if at < len(raw):
            blocks.append(raw[at : at + size])
            at += size
    return blocks


def take(blocks, *, max_bytes=1 << 30, normalise=False, folder=None):
    incoming = Incoming(max_bytes=max_bytes, normalise=normalise, folder=folder)
    for number, block in enumerate(blocks):
        rest = incoming.feed(block)
        if rest is not None:
            content = incoming.content()
            incoming.close()
            return incoming, content, rest + b"".join(blocks[number + 1 :])
    incoming.close()
    return incoming, None, None


def stuffed(content: bytes) -> bytes:
    """Stuff dots line by line, as RFC 5321 has it."""
    lines = content.split(b"\r\n")
    raw = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return raw + (b".\r\n" if raw.endswith(b"\r\n") or not raw else b"\r\n.\r\n")


def ended(content: bytes) -> bytes:
    return content if content.endswith(b"\r\n") or not content else content + b"\r\n"


@settings(max_examples=400, deadline=None)
@given(st.lists(straight_pieces, max_size=40).map(b"".join), st.lists(st.integers(1, 9), max_size=60))
def test_what_was_stuffed_comes_out_as_it_was_however_it_is_cut(content, sizes):
    _, taken, rest = take(blocks_of(stuffed(content) + b"QUIT\r\n", sizes))
    assert (taken, rest) == (ended(content), b"QUIT\r\n")


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=40).map(b"".join), st.lists(st.integers(1, 9), max_size=60))
def test_the_cut_into_blocks_changes_nothing(content, sizes):
    raw = content + b"\r\n.\r\n" + b"NOOP\r\n"
    whole, taken, rest = take([raw])
    by_blocks, same, same_rest = take(blocks_of(raw, sizes))
    assert (taken, rest, whole.fault) == (same, same_rest, by_blocks.fault)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=40).map(b"".join), st.lists(st.integers(1, 9), max_size=60))
def test_normalising_leaves_no_bare_newline_and_the_cut_changes_nothing(content, sizes):
    raw = content + b"\r\n.\r\n" + b"NOOP\r\n"
    whole, taken, rest = take([raw], normalise=True)
    by_blocks, same, same_rest = take(blocks_of(raw, sizes), normalise=True)
    assert (taken, rest, whole.fault) == (same, same_rest, by_blocks.fault)
    if taken is not None:
        assert taken.count(b"\r") == taken.count(b"\n") == taken.count(b"\r\n")
    else:
        assert b"\0" in raw


def test_a_tool_with_bare_lf_stuffs_dots_behind_its_own_line_ends():
    _, taken, _ = take([b"Subject: x\n\n..dots\n.\nend\r\n.\r\n"], normalise=True)
    assert taken == b"Subject: x\r\n\r\n.dots\r\n\r\nend\r\n"


def test_an_empty_mail_is_a_mail():
    _, taken, rest = take([b".\r\n"])
    assert (taken, rest) == (b"", b"")


@pytest.mark.parametrize("raw", [b"a\rb", b"a\nb", b"a\0b", b"\r\r\n", b"\n\r\n", b"\r", b"\n"])
@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5, 6, 7])
def test_bare_cr_bare_lf_and_nul_are_seen_across_blocks(raw, cut):
    whole = b"ok\r\n" + raw + b"\r\n.\r\n"
    incoming, taken, _ = take([whole[:cut], whole[cut:]])
    assert (incoming.fault, taken) == (Fault.BARE_NEWLINE, None)


def test_a_mail_at_the_limit_is_kept_and_a_byte_more_is_not():
    content = b"x" * 98 + b"\r\n"
    assert take([content + b".\r\n"], max_bytes=100)[1] == content
    assert take([b"x" + content + b".\r\n"], max_bytes=100)[0].fault is Fault.TOO_BIG
    assert (
        take([b".." + content[2:] + b".\r\n"], max_bytes=99)[1] == b"." + content[2:]
    )  # dots are not counted


def test_a_big_mail_waits_in_a_file_without_a_name(tmp_path):
    content = b"x" * 3 * IN_MEMORY_BYTES + b"\r\n"
    blocks = [content[at : at + 65536] for at in range(0, len(content), 65536)]
    _, taken, _ = take([*blocks, b".\r\n"], folder=tmp_path)
    assert taken[:] == content
    assert not list(tmp_path.iterdir())
    taken.close()


def test_no_space_is_our_fault_and_the_mail_is_read_to_its_end(tmp_path):
    incoming, taken, rest = take(
        [b"x" * (2 * IN_MEMORY_BYTES), b"\r\n.\r\nQUIT\r\n"], folder=tmp_path / "gone"
    )
    assert (incoming.fault, taken, rest) == (Fault.NO_SPACE, None, b"QUIT\r\n")


@pytest.mark.parametrize(
    "unit", [b"\r\n", b"..\r\n", b"x" * 76 + b"\r\n", b"x"], ids=["empty", "dots", "76", "one line"]
)
def test_memory_is_flat_and_time_is_short_for_31_megabytes(unit, tmp_path):
    block = (unit * (262144 // len(unit) + 1))[: 262144 // len(unit) * len(unit)]
    count = (31 << 20) // len(block)
    incoming = Incoming(max_bytes=40 << 20, normalise=False, folder=tmp_path)
    tracemalloc.start()
    started = time.perf_counter()
    try:
        for _ in range(count):
            assert incoming.feed(block) is None
        assert incoming.feed(b"\r\n.\r\n") == b""
        seconds = time.perf_counter() - started
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    content = incoming.content()
    incoming.close()
    assert len(content) >= count * len(block) // 2
    assert seconds < 20  # about 0.1 on an idle machine; per-line work takes minutes
    content.close()


def test_hops_are_counted_in_the_header_only_and_in_any_case():
    header = b"Received: a\r\nRECEIVED: b\r\n folded\r\nX-Received: c\r\nSubject: x\r\n"
    assert hops(header + b"\r\nReceived: in the body\r\n") == 2
    assert hops(b"\r\nReceived: in the body\r\n") == 0
    assert hops(b"Received: no body") == 1
