"""A mail is kept cut at lines that begin with "--"; whatever lies in the pieces is read as in the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.pieces import cut
from tests.unpack.mails import FILLER, in_base64, in_pieces, multipart, part, reads, texts, whole

SECRET = "山田太郎 090-0000-1234"
TO = ("From: a@example.jp", "To: b@example.jp", "Subject: x")
PLAIN = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
FILE = ("Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64")
NOTE = part(*PLAIN, body="short")
LONG = part(*PLAIN, body=FILLER + SECRET)
LETTER = part(*TO, *PLAIN, body=FILLER + SECRET)
BRANCHED = multipart(NOTE, LONG, boundary="inner", more=TO)
DEEP = multipart(
    NOTE,
    part("Content-Type: message/rfc822", body=multipart(NOTE, LONG, boundary="innermost", more=TO)),
    boundary="inner",
    more=TO,
)


def forwarded(letter: bytes) -> bytes:
    return multipart(NOTE, part("Content-Type: message/rfc822", body=letter), more=TO)


def attached(letter: bytes) -> bytes:
    disposition = 'Content-Disposition: attachment; filename="letter.eml"'
    return multipart(NOTE, part(*FILE, disposition, body=in_base64(letter)), more=TO)


MAILS = {
    "one long text": part(*TO, *PLAIN, body=FILLER + SECRET),
    "a long text in a branch": multipart(NOTE, LONG, more=TO),
    "a letter forwarded": forwarded(LETTER),
    "a letter of branches forwarded": forwarded(BRANCHED),
    "a letter in a letter in a letter": forwarded(DEEP),
    "a letter attached": attached(LETTER),
    "a letter of branches attached": attached(BRANCHED),
    "a letter in a letter attached": attached(DEEP),
    "a letter wrapped in base64": multipart(
        NOTE,
        part("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", body=in_base64(BRANCHED)),
        more=TO,
    ),
    "a long preamble": part(
        *TO,
        'Content-Type: multipart/mixed; boundary="outer"',
        body=FILLER + SECRET + "\r\n--outer\r\n\r\nshort\r\n--outer--\r\n",
    ),
    "a long epilogue": multipart(NOTE, more=TO) + (FILLER + SECRET).encode(),
}


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_what_lies_in_a_blob_is_read(raw):
    assert cut(raw)[1] or b"base64" in raw, "nothing was cut out"
    assert reads(in_pieces(raw), SECRET)
    assert reads(whole(raw), SECRET)


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_a_mail_in_pieces_holds_what_the_whole_holds(raw):
    assert texts(in_pieces(raw)) == texts(whole(raw))


BODY_BY_NAME = {
    "short": "short",
    "table": "名簿\r\n1,2\r\n",
    "long": FILLER,
    "signed": FILLER + "-- \r\n" + FILLER,
    "dashed": "--nothing\r\n" + FILLER,
}
HEAD_BY_NAME = {
    "plain": PLAIN,
    "none": (),
    "page": ("Content-Type: text/html",),
    "long": ("X-Long: " + "y" * 9000, *PLAIN),
}
LEAVES = st.tuples(st.sampled_from(sorted(HEAD_BY_NAME)), st.sampled_from(sorted(BODY_BY_NAME)))


def branches(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.tuples(st.integers(0, 10**6), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("mail"), inner),
    )


def written(tree: tuple) -> bytes:
    """Write a tree as the entity that it is."""
    match tree:
        case (int(number), list(parts)):
            return multipart(*map(written, parts), boundary=f"b{number}")
        case ("mail", inner):
            return part("Content-Type: message/rfc822", body=written(inner))
        case (head, body):
            return part(*HEAD_BY_NAME[head], body=BODY_BY_NAME[body])
    raise AssertionError(tree)


@settings(max_examples=100, deadline=None)
@given(st.recursive(LEAVES, branches, max_leaves=6))
def test_any_tree_in_pieces_holds_what_the_whole_holds(tree):
    raw = part(*TO)[:-2] + written(tree)
    assert texts(in_pieces(raw)) == texts(whole(raw))
