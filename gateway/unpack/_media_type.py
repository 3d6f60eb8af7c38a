"""What bytes are, by the bytes alone: own signatures first, libmagic for the rest. A name never decides.

In: bytes. Out: a media type. Fails: never; what nobody knows is application/octet-stream.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import Any

import regex

OCTETS = "application/octet-stream"
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
MAIL = "message/rfc822"
HTML = "text/html"
TEXT = "text/plain"

_SIGNATURES = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"%PDF-", "application/pdf"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = (("xl/workbook", XLSX), ("word/document", DOCX), ("ppt/presentation", PPTX))
_HTML = regex.compile(
    rb"\A\s*(?:<!--.{0,2000}?-->\s*|<\?xml[^>]{0,200}>\s*)?<(?:!doctype html|html|head|body|table|div|meta|p|span|br)\b",
    regex.I | regex.S,
)
_HEADER = regex.compile(rb"\A(?:From [^\r\n]*\r?\n)?(?:[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n){2,}")
_MAIL_WORDS = regex.compile(
    rb"(?im)^(?:received|from|to|subject|date|message-id|mime-version|content-type|return-path|x-mailer):"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in (8, 9, 10, 11, 12, 13, 27))


def media_type_of(raw: bytes) -> str:
    """Say what bytes are."""
    for signature, media_type in _SIGNATURES:
        if raw.startswith(signature):
            return _inside_zip(raw) if media_type == ZIP else media_type
    if raw.startswith(_OLE):
        return (
            ENCRYPTED_OFFICE if "EncryptedPackage".encode("utf-16-le") in raw else "application/x-ole-storage"
        )
    if raw[2:5] == b"-lh" and raw[6:7] == b"-":
        return "application/x-lzh"
    if raw[257:262] == b"ustar":
        return "application/x-tar"
    if raw.rfind(b"PK\x05\x06", max(0, len(raw) - 66_000)) >= 0 and zipfile.is_zipfile(io.BytesIO(raw)):
        return ZIP  # with something before it: its reader says so
    if _looks_like_mail(raw):
        return MAIL
    if _HTML.match(raw[:4096]):
        return HTML
    if looks_like_text(raw):
        return TEXT
    return _second_opinion(raw)


def looks_like_text(raw: bytes) -> bool:
    """Tell text, in any encoding of the ladder, from other bytes."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    if b"\0" in raw:
        from gateway.unpack._encoding import decode  # noqa: PLC0415 - two modules of one ladder

        return decode(raw[: 64 << 10]).encoding.startswith(("utf-16", "utf-32"))
    sample = raw[: 1 << 20]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 500 <= len(sample) and _is_readable(sample)


def _is_readable(sample: bytes) -> bool:
    from gateway.unpack._encoding import decode  # noqa: PLC0415

    text = decode(sample[: 64 << 10]).text
    return text.count("\ufffd") * 20 <= len(text)


def _looks_like_mail(raw: bytes) -> bool:
    head = _HEADER.match(raw[: 64 << 10])
    return head is not None and len(_MAIL_WORDS.findall(head[0])) >= 2


def _inside_zip(raw: bytes) -> str:
    """Look into a ZIP: office documents are ZIPs, whatever order their members are in."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError):
        return ZIP
    if "[Content_Types].xml" in names:
        for start, media_type in _OFFICE:
            if any(name.startswith(start) for name in names):
                return media_type
    return ZIP


def _second_opinion(raw: bytes) -> str:
    said = str(_magic().from_buffer(raw[: 256 << 10]))
    # Text was ruled out above by what it would read as; libmagic's guess would only hide that it could not be read.
    return OCTETS if said.startswith("text/") else said


@cache
def _magic() -> Any:
    try:
        import magic  # noqa: PLC0415
    except ImportError:
        import magic  # noqa: PLC0415
        import pylibmagic  # noqa: F401, PLC0415 - brings libmagic where the system has none; it patches ctypes, so only then
    return magic.Magic(mime=True)
