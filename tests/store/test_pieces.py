"""A mail that is cut and joined again is the same mail, whatever its bytes."""

from __future__ import annotations

import mmap
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Segment, Skeleton
from gateway.store import pieces

LONG = st.integers(8000, 40_000).flatmap(
    lambda size: st.binary(min_size=4, max_size=8).map(lambda b: (b * size)[:size])
)
LINES = st.sampled_from(
    [b"\r\n", b"\r\n--", b"--b\r\n", b"\r\n\r\n", b"\n--", b"\r", b"\n", b"--", b"\0", b"."]
)
CONTENT = st.lists(st.one_of(LONG, LINES, st.binary(max_size=30)), max_size=12).map(b"".join)


@given(content=CONTENT)
def test_cut_and_joined_it_is_the_same(content):
    skeleton, blobs = pieces.cut(content)
    assert pieces.join(skeleton, {blob.digest: blob.raw for blob in blobs}) == content
    assert skeleton.length == len(content)
    assert all(len(blob.raw) >= pieces.BLOB_BYTES for blob in blobs)
    assert not any(b"\r\n--" in b"\r\n" + blob.raw for blob in blobs)


def test_a_boundary_without_a_header_stays_outside_of_what_follows_it():
    skeleton, (blob,) = pieces.cut(b"From: a\r\n\r\nhello\r\n--b\r\nX: " + b"x" * 20_000)
    assert skeleton.raw == b"From: a\r\n\r\nhello\r\n--b\r\n"
    assert blob.raw == b"X: " + b"x" * 20_000


@given(content=CONTENT)
def test_segments_are_read_as_they_were_written(content):
    skeleton, _ = pieces.cut(content)
    assert pieces.segments_from_text(pieces.segments_to_text(skeleton.segments)) == skeleton.segments


@given(content=CONTENT)
def test_another_mail_has_another_digest(content):
    digest = pieces.digest_of(pieces.cut(content)[0])
    for other in (content + b"x", b"x" + content, content[1:] if content else b"y"):
        assert pieces.digest_of(pieces.cut(other)[0]) != digest


@given(content=CONTENT.filter(bool))
def test_a_mapped_file_is_cut_as_bytes_are(content):
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            cut = pieces.cut(mapped)
    assert cut == pieces.cut(content)


def test_a_blob_that_is_missing_or_changed_shows():
    skeleton, (blob,) = pieces.cut(b"\r\n" + b"x" * 20_000)
    for blobs in ({}, {blob.digest: blob.raw[:-1] + b"y"}, {blob.digest: blob.raw + b"x"}):
        with pytest.raises(pieces.Damaged):
            pieces.join(skeleton, blobs)


def test_a_segment_put_elsewhere_gives_another_digest():
    segment = Segment(at=3, digest=b"d" * 32, length=9)
    digests = {
        pieces.digest_of(Skeleton(raw=b"abcdef", segments=segments))
        for segments in ((segment,), (), (segment, segment), (Segment(at=4, digest=b"d" * 32, length=9),))
    }
    assert len(digests) == 4


def test_a_mail_of_boundaries_alone_takes_no_time_for_each():
    content = b"\r\n--" * 500_000 + b"x" * 20_000
    skeleton, blobs = pieces.cut(content)
    assert pieces.join(skeleton, {blob.digest: blob.raw for blob in blobs}) == content
