"""Forms of mail: what is legal, however rare, is read; what two readers read in two ways is read in both, and held."""

from __future__ import annotations

import base64
import zlib

import pytest
from asn1crypto import algos, cms, x509
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.unpack import Budget, Source, unpack
from tests.unpack.mails import FILLER, in_base64, in_pieces, multipart, part, reads, reasons, texts, whole

SECRET = "山田太郎 090-0000-1234"
TO = ("From: a@example.jp", "To: b@example.jp", "Subject: x", "MIME-Version: 1.0")
PLAIN = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
NOTE = part(*PLAIN, body="お知らせです。")
CSV = ("氏名,電話\r\n" + f"{SECRET.replace(' ', ',')}\r\n" * 9).encode()
WRAPPED = in_base64(CSV)
LIST = part("Content-Type: text/csv; charset=utf-8", "Content-Transfer-Encoding: base64", body=WRAPPED)


def lists(*fields: str, body: bytes = WRAPPED) -> bytes:
    return multipart(NOTE, part(*fields, body=body), more=TO)


def parted(content_type: str, boundary: str = "outer") -> bytes:
    """Write a mail of two parts under a Content-Type as given."""
    line = f"--{boundary}\r\n".encode()
    body = line + NOTE + b"\r\n" + line + LIST + b"\r\n" + line.rstrip() + b"--\r\n"
    return part(*TO, f"Content-Type: {content_type}", body=body)


CTE, CSV_TYPE = "Content-Transfer-Encoding", "Content-Type: text/csv; charset=utf-8"
LEGAL = {
    "a folded encoding": lists(CSV_TYPE, f"{CTE}:\r\n base64"),
    "a folded type": lists("Content-Type:\r\n text/csv;\r\n\tcharset=utf-8", f"{CTE}: base64"),
    "a comment before the encoding": lists(CSV_TYPE, f"{CTE}: (7bit) base64"),
    "a comment behind the encoding": lists(CSV_TYPE, f"{CTE}: base64 (really (is) it)"),
    "another case": lists("CONTENT-TYPE: TEXT/CSV; CHARSET=UTF-8", f"{CTE.upper()}: BASE64"),
    "no type": lists(f"{CTE}: base64"),
    "quoted-printable": lists(
        CSV_TYPE, f"{CTE}: quoted-printable", body=CSV.replace(b"\xe5", b"=E5").replace(b"=\r", b"=3D\r")
    ),
    "no MIME-Version": multipart(NOTE, LIST, more=TO[:3]),
    "a boundary with blanks behind it": multipart(NOTE, LIST, more=TO).replace(
        b"--outer\r\n", b"--outer \t\r\n"
    ),
    "a boundary in two pieces": parted('multipart/mixed; boundary*0="ou"; boundary*1="ter"'),
    "a boundary in a comment, too": parted("multipart/mixed (boundary=inner); boundary=outer"),
    "a boundary of all that may be in one": parted(
        'multipart/mixed; boundary="=_\'()+_,-./:=? x"', "=_'()+_,-./:=? x"
    ),
    "a preamble and an epilogue": parted("multipart/mixed; boundary=outer").replace(
        b"\r\n\r\n--outer", b"\r\n\r\nThis is MIME.\r\n--outer", 1
    )
    + b"\r\nthe end\r\n",
    "an unknown multipart": parted("multipart/x-unknown; boundary=outer"),
    "a boundary that begins as another": multipart(multipart(NOTE, LIST, boundary="out"), NOTE, more=TO),
    "a message": multipart(
        part("Content-Type: message/rfc822", body=lists(CSV_TYPE, f"{CTE}: base64")), boundary="top", more=TO
    ),
    "a digest": multipart(
        b"\r\n" + lists(CSV_TYPE, f"{CTE}: base64"), kind="digest", boundary="top", more=TO
    ),
    "one part and no other": part(*TO, CSV_TYPE, f"{CTE}: base64", body=WRAPPED),
    "a name in pieces": lists(
        CSV_TYPE,
        f"{CTE}: base64",
        "Content-Disposition: attachment;\r\n filename*1*=%B0%BF.csv;\r\n filename*0*=utf-8''%E5%90%8D%E7",
    ),
    "long lines": lists(CSV_TYPE, f"{CTE}: base64", body=base64.b64encode(CSV)),
}


@pytest.mark.parametrize("raw", LEGAL.values(), ids=LEGAL)
def test_what_is_legal_is_read(raw):
    leaves = whole(raw)
    assert any("090-0000-1234" in text and "山田太郎" in text for text in texts(leaves))
    assert reasons(leaves) == []


ODD = {
    "two encodings": lists(CSV_TYPE, f"{CTE}: 7bit", f"{CTE}: base64"),
    "two encodings, the other way": lists(CSV_TYPE, f"{CTE}: base64", f"{CTE}: 7bit"),
    "a misspelt encoding": lists(CSV_TYPE, f"{CTE}: x-base64"),
    "an encoded encoding": lists(CSV_TYPE, f"{CTE}: =?utf-8?q?base64?="),
    "a blank before the colon": lists(CSV_TYPE, f"{CTE} : base64"),
    "no encoding": lists(CSV_TYPE),
    "a NUL in the encoding": lists(CSV_TYPE, f"{CTE}: bas\0e64"),
    "no field at all between": lists("this is no field", CSV_TYPE, f"{CTE}: base64"),
    "two types": parted("text/plain\r\nContent-Type: multipart/mixed; boundary=outer"),
    "two types, the other way": parted("multipart/mixed; boundary=outer\r\nContent-Type: text/plain"),
    "two boundaries": parted("multipart/mixed; boundary=inner; boundary=outer"),
    "two boundaries, the other way": parted("multipart/mixed; boundary=outer; boundary=inner"),
    "a boundary and its pieces": parted("multipart/mixed; boundary=outer; boundary*0=in; boundary*1=ner"),
    "another boundary": parted("multipart/mixed; boundary=inner"),
    "an empty boundary": parted('multipart/mixed; boundary=""'),
    "no boundary": parted("multipart/mixed"),
    "a type in quotes": parted('"multipart/mixed"; boundary=outer'),
    "no semicolon": parted("multipart/mixed boundary=outer"),
    "a type that is plain text": parted("text/plain; boundary=outer"),
    "a type that is a page": parted("text/html; boundary=outer"),
    "an encoding of the whole": parted(f"multipart/mixed; boundary=outer\r\n{CTE}: base64"),
    "an inner multipart that is never closed": multipart(
        multipart(NOTE, LIST, boundary="inner").replace(b"--inner--", b""), NOTE, more=TO
    ),
    "closed first": parted("multipart/mixed; boundary=outer").replace(
        b"--outer\r\n", b"--outer--\r\n--outer\r\n", 1
    ),
    "a part behind the end": parted("multipart/mixed; boundary=outer") + b"--outer\r\n" + LIST,
    "a part before the beginning": parted("multipart/mixed; boundary=outer").replace(
        b"\r\n\r\n--outer", b"\r\n\r\n--inner\r\n" + LIST + b"\r\n--outer", 1
    ),
    "a boundary with something behind it": multipart(NOTE, LIST, more=TO).replace(
        b"--outer\r\n", b"--outer x\r\n"
    ),
    "base64 with other letters": lists(
        CSV_TYPE, f"{CTE}: base64", body=WRAPPED.replace(b"\r\n", b"!\r\n", 2)
    ),
    "base64 in two runs": lists(CSV_TYPE, f"{CTE}: base64", body=b"eA==\r\n" + WRAPPED),
    "base64 in a text": part(*TO, *PLAIN, body=b"\r\n" + WRAPPED),
    "two names": lists(
        CSV_TYPE, f"{CTE}: base64", "Content-Disposition: attachment; filename=a.csv; filename=b.txt"
    ),
    "two dispositions": lists(
        CSV_TYPE,
        f"{CTE}: base64",
        "Content-Disposition: attachment; filename=a.csv",
        "Content-Disposition: inline; filename=b.txt",
    ),
    "a blank line with a blank": part(*TO, f"{CTE}: base64\r\n \r\nX: y", body=WRAPPED),
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_what_two_readers_read_in_two_ways_is_read_and_held(raw):
    leaves = whole(raw)
    assert any("090-0000-1234" in text and "山田太郎" in text for text in texts(leaves))
    assert set(reasons(leaves)) & {"AMBIGUOUS", "CORRUPT", "UNKNOWN"}


@pytest.mark.parametrize("raw", [*LEGAL.values(), *ODD.values()], ids=[*LEGAL, *ODD])
def test_a_form_in_pieces_is_read_as_the_whole(raw):
    long = raw.replace(b"\r\n\r\n\xe3\x81\x8a", b"\r\n\r\n" + FILLER.encode() + b"\xe3\x81\x8a")
    assert texts(in_pieces(long)) == texts(whole(long))
    assert reasons(in_pieces(long)) == reasons(whole(long))


def test_a_mail_that_was_cut_off_says_the_same_to_everybody():
    leaves = whole(parted("multipart/mixed; boundary=outer").replace(b"--outer--\r\n", b""))
    assert any("090-0000-1234" in text for text in texts(leaves))
    assert reasons(leaves) == []


def signed(content: bytes | None) -> bytes:
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                    "encap_content_info": {"content_type": "data", "content": content},
                    "certificates": [],
                    "signer_infos": [],
                }
            ),
        }
    ).dump()


def enveloped() -> bytes:
    return cms.ContentInfo(
        {
            "content_type": "enveloped_data",
            "content": cms.EnvelopedData(
                {
                    "version": "v0",
                    "recipient_infos": [
                        cms.KeyTransRecipientInfo(
                            {
                                "version": "v0",
                                "rid": cms.IssuerAndSerialNumber(
                                    {"issuer": x509.Name.build({"common_name": "x"}), "serial_number": 1}
                                ),
                                "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15"},
                                "encrypted_key": bytes(256),
                            }
                        )
                    ],
                    "encrypted_content_info": {
                        "content_type": "data",
                        "content_encryption_algorithm": {"algorithm": "aes256_cbc", "parameters": bytes(16)},
                        "encrypted_content": bytes(512),
                    },
                }
            ),
        }
    ).dump()


def compressed(content: bytes) -> bytes:
    return cms.ContentInfo(
        {
            "content_type": "compressed_data",
            "content": cms.CompressedData(
                {
                    "version": "v0",
                    "compression_algorithm": {"algorithm": "zlib"},
                    "encap_content_info": {"content_type": "data", "content": zlib.compress(content)},
                }
            ),
        }
    ).dump()


def smime(raw: bytes, kind: str) -> bytes:
    fields = f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"'
    return part(*TO, fields, f"{CTE}: base64", body=in_base64(raw))


def test_what_is_signed_is_read():
    for raw in (signed(multipart(NOTE, LIST)), compressed(multipart(NOTE, LIST))):
        leaves = whole(smime(raw, "signed-data"))
        assert any("090-0000-1234" in text for text in texts(leaves))
        assert reasons(leaves) == []


def test_a_signature_beside_is_no_gap():
    signature = part('Content-Type: application/pkcs7-signature; name="smime.p7s"', f"{CTE}: base64",
                     body=in_base64(signed(None)))  # fmt: skip
    assert reasons(whole(multipart(NOTE, signature, kind="signed", more=TO))) == []


PGP = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0000000000\r\n-----END PGP MESSAGE-----\r\n"
LOCKED = {
    "enveloped": smime(enveloped(), "enveloped-data"),
    "enveloped, called signed": smime(enveloped(), "signed-data"),
    "PGP in a text": part(*TO, *PLAIN, body=PGP),
    "PGP as MIME": multipart(
        part("Content-Type: application/pgp-encrypted", body="Version: 1\r\n"),
        part("Content-Type: application/octet-stream", body=PGP),
        kind="encrypted",
        more=TO,
    ),
}


@pytest.mark.parametrize("raw", LOCKED.values(), ids=LOCKED)
def test_what_is_locked_is_held_as_such(raw):
    assert reasons(whole(raw)) == ["ENCRYPTED"]


@pytest.mark.parametrize(
    "field",
    [
        'Content-Type: message/partial; id="x"; number=1; total=2',
        'Content-Type: message/external-body; access-type=URL; URL="https://example.jp/"',
    ],
    ids=["a piece", "elsewhere"],
)
def test_what_is_not_here_is_held(field):
    assert "UNKNOWN" in reasons(whole(part(*TO, field, body="Content-Type: text/plain\r\n\r\nx")))


@pytest.mark.parametrize(
    "line", ["=ybegin line=128 size=9 name=x", "(This file must be converted with BinHex 4.0)"]
)
def test_dresses_that_nobody_here_undoes_are_held(line):
    assert "UNKNOWN" in reasons(whole(part(*TO, *PLAIN, body=f"x\r\n{line}\r\n:$f*TEQKPH\r\n")))


def test_a_header_without_an_end_is_read_to_its_last_letter():
    assert reads(whole(b"Subject: x\r\n" + SECRET.encode()), SECRET)


@pytest.mark.parametrize("wrapped", [False, True], ids=["inline", "in base64"])
def test_mails_are_opened_twenty_deep(wrapped):
    raw = lists(CSV_TYPE, f"{CTE}: base64")
    for depth in range(19 if wrapped else 40):
        fields = ("Content-Type: message/rfc822", *((f"{CTE}: base64",) if wrapped else ()))
        raw = multipart(
            NOTE, part(*fields, body=in_base64(raw) if wrapped else raw), boundary=f"b{depth}", more=TO
        )
    assert any("090-0000-1234" in text for text in texts(whole(raw)))
    assert reasons(whole(raw)) == []


FIELDS = st.sampled_from(
    [
        "Content-Type: multipart/mixed; boundary=outer",
        "Content-Type: multipart/mixed; boundary=inner",
        "Content-Type: text/plain",
        "Content-Type: message/rfc822",
        "Content-Type: text/html",
        f"{CTE}: base64",
        f"{CTE}: 7bit",
        "",
        "--outer",
        "--inner",
        "--outer--",
        "no field",
        SECRET,
        base64.b64encode(CSV).decode(),
        "long",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, max_size=14))
def test_any_lines_in_pieces_hold_what_the_whole_holds(lines):
    raw = "\r\n".join(FILLER if line == "long" else line for line in lines).encode()
    assert texts(in_pieces(raw)) == texts(whole(raw))
    assert SECRET not in lines or reads(whole(raw), SECRET) or reasons(whole(raw))


def test_what_only_contains_lines_of_a_mailbox_is_one_mail():
    mailbox = "From a 2026\r\nX: y\r\n\r\nsecond\r\n\r\nFrom b 2026\r\nX: y\r\n\r\nthird\r\n"
    inner = part(
        "From: a@example.jp", "Subject: x", "MIME-Version: 1.0", body=f"the first one\r\n\r\n{mailbox}"
    )
    for raw, words in ((inner, "the first one"), (mailbox.encode(), "third")):
        source = Source(raw=raw, path=("a.eml",), name="a.eml", attachment=True)
        leaves = list(unpack(source, Budget()))
        assert all(reads(leaves, said) for said in (words, "second"))
