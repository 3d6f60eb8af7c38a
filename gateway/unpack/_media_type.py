"""What bytes are, by the bytes alone: own signatures first, libmagic for the rest. A name never decides.

In: bytes. Out: a media type. Fails: never; what nobody knows is application/octet-stream.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import Any

import regex

from gateway.unpack._encoding import decode

OCTETS = "application/octet-stream"
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
ODG = "application/vnd.oasis.opendocument.graphics"
ODF_TEXTS = frozenset({ODT, ODP, ODG})
APPLEDOUBLE = "multipart/appledouble"
DS_STORE = "application/x-ds-store"
SQLITE = "application/vnd.sqlite3"
MAIL = "message/rfc822"
HTML = "text/html"
RTF = "application/rtf"
TNEF = "application/ms-tnef"
CMS = "application/pkcs7-mime"
PDF = "application/pdf"
SEVENZIP = "application/x-7z-compressed"
RAR = "application/vnd.rar"
LZH = "application/x-lzh"
CAB = "application/vnd.ms-cab-compressed"
TAR = "application/x-tar"
OLE = "application/x-ole-storage"
MSG = "application/vnd.ms-outlook"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
TEXT = "text/plain"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
PGP = "application/pgp-encrypted"
ENCRYPTED = frozenset({ENCRYPTED_OFFICE, PGP})

_SIGNATURES = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"%PDF-", PDF),
    (b"7z\xbc\xaf\x27\x1c", SEVENZIP),
    (b"Rar!\x1a\x07", RAR),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"MSCF\0\0\0\0", CAB),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (b"SQLite format 3\0", SQLITE),
    (b"-----BEGIN PGP MESSAGE-----", PGP),
    (b"\0\5\x16\7\0\2\0\0", APPLEDOUBLE),
    (b"\0\0\0\1Bud1", DS_STORE),
    (b"-----BEGIN PKCS7-----", CMS),
    (b"-----BEGIN CMS-----", CMS),
)
_SIGNED = tuple(signature for signature, _ in _SIGNATURES)
IMAGES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/tiff",
        "image/bmp",
        "image/webp",
        "image/heic",
        "image/wmf",
        "image/emf",
    }
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),  # MS-OFFCRYPTO, 2.3.4.4
    ("__properties_version1.0", MSG),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
)
# The object identifiers that a ContentInfo may begin with (RFC 5652, RFC 5083, RFC 3274).
_CMS_CONTENT = regex.compile(
    rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01-\x06]|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01[\x02\x09\x17])"
)
_BZIP2 = regex.compile(rb"BZh[1-9]1AY&SY")
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22 + 0xFFFF  # the record and its longest comment
_PDF_START_BYTES = 1024  # Acrobat reads a PDF that begins anywhere up to here
_OFFICE = (
    ("xl/workbook.bin", XLSB),
    ("xl/workbook", XLSX),
    ("word/document", DOCX),
    ("ppt/presentation", PPTX),
)
_HTML = regex.compile(
    rb"\A\s*+(?:<!--.{0,2000}?-->\s*+|<\?xml[^>]{0,200}>\s*+)?<(?:!doctype html|html|head|body|table|div|meta|p|span|br)\b",
    regex.I | regex.S,
)
_HEADER = regex.compile(rb"\A(?:From [^\r\n]*\r?\n)?(?:[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*+\r?\n){2,}+")
_MAIL_WORDS = regex.compile(
    rb"(?im)^(?:received|from|to|subject|date|message-id|mime-version|content-type|content-transfer-encoding|return-path|x-mailer):"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in (8, 9, 10, 11, 12, 13, 27))
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_SAMPLE_BYTES = 64 << 10
_PIECE_BYTES = 1 << 20  # a copy of all of a long text would be as long


def media_type_of(raw: bytes, charset: str | None = None) -> str:
    """Say what bytes are; a declared charset helps to tell text from other bytes."""
    media_type = own_opinion(raw, charset)
    return _second_opinion(raw) if media_type == OCTETS else media_type


def own_opinion(raw: bytes, charset: str | None = None) -> str:
    """Say what bytes are, of the kinds that are opened or held for what they are."""
    if raw.startswith(_SIGNED):
        return _inside(raw, next(kind for signature, kind in _SIGNATURES if raw.startswith(signature)))
    if raw.startswith(_OLE):
        return _inside_ole(raw)
    if raw.startswith(b"\x30") and _CMS_CONTENT.search(raw, 2, 40):
        return CMS
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "image/webp"
    if raw[4:8] == b"ftyp" and raw[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "image/heic"
    if raw.startswith(b"\1\0\0\0") and raw[40:44] == b" EMF":
        return "image/emf"
    if raw.startswith(b"BM") and raw[6:10] == bytes(4) and len(raw) > 26:
        return "image/bmp"
    if raw[2:5] == b"-lh" and raw[6:7] == b"-":
        return LZH
    if raw[257:262] == b"ustar" or _is_old_tar(raw[:512]):
        return TAR
    if _BZIP2.match(raw):
        return "application/x-bzip2"
    if raw.rfind(_ZIP_END, -_ZIP_END_BYTES) >= 0 and zipfile.is_zipfile(io.BytesIO(raw)):
        return ZIP  # with something before it: its reader says so
    if b"%PDF-" in raw[:_PDF_START_BYTES] and b"\0" in raw:
        return PDF
    if _looks_like_mail(raw):
        return MAIL
    if _HTML.match(raw[:4096]):
        return HTML
    if _looks_like_text(raw, charset):
        return TEXT
    return OCTETS


def _inside(raw: bytes, media_type: str) -> str:
    """Look inside, where the signature alone does not tell."""
    if media_type == ZIP:
        return _inside_zip(raw)
    return media_type


def _is_old_tar(header: bytes) -> bool:
    """Tell a tar of the old form, which has no signature, by the sum of its first header."""
    told = header[148:156].strip(b" \0")
    return (
        len(header) == 512
        and told.isdigit()
        and told.translate(None, b"89") == told
        and int(told, 8) == sum(header) - sum(header[148:156]) + 8 * 0x20
    )


def _inside_ole(raw: bytes) -> str:
    """Look into a compound file: what streams stand at its root."""
    import olefile  # noqa: PLC0415 - for those only who have some

    try:
        with olefile.OleFileIO(raw) as storage:
            for stream, media_type in _IN_OLE:
                if storage.exists(stream):
                    return media_type
    except Exception:  # noqa: BLE001, S110 - damaged in any way; as what it is nobody reads it
        pass
    return OLE


def _inside_zip(raw: bytes) -> str:
    """Look into a ZIP: office documents are ZIPs, whatever order their members are in."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            declared = archive.open("mimetype").read(100) if "mimetype" in names[:1] else b""
    except Exception:  # noqa: BLE001 - damaged, or locked; its reader says how
        return ZIP
    if (odf := declared.decode("latin-1").strip()) in (ODS, *ODF_TEXTS):
        return odf
    if "[Content_Types].xml" in names:
        for start, media_type in _OFFICE:
            if any(name.startswith(start) for name in names):
                return media_type
    return ZIP


def _looks_like_text(raw: bytes, charset: str | None) -> bool:
    """Tell text, in any encoding of the ladder, from other bytes."""
    if raw.startswith(_WIDE_BOMS):
        return True
    sample = raw[:_SAMPLE_BYTES]
    if b"\0" in raw:
        return decode(sample).encoding.startswith(("utf-16", "utf-32"))
    controls = sum(
        len(piece) - len(piece.translate(None, _CONTROLS))
        for start in range(0, len(raw), _PIECE_BYTES)
        for piece in [raw[start : start + _PIECE_BYTES]]
    )
    text = decode(sample, charset).text
    return controls * 500 <= len(raw) and text.count("\ufffd") * 20 <= len(text)


def _looks_like_mail(raw: bytes) -> bool:
    head = _HEADER.match(raw[:_SAMPLE_BYTES])
    return head is not None and len(_MAIL_WORDS.findall(head[0])) >= 2


def _second_opinion(raw: bytes) -> str:
    said = str(libmagic().from_buffer(raw[: 256 << 10]))
    # Text was ruled out above by what it would read as; libmagic's guess would only hide that it could not be read.
    return OCTETS if said.startswith(("text/", "message/")) else said


@cache
def libmagic() -> Any:
    """Load libmagic. To find it Python starts programs, so workers do it while they still may."""
    try:
        import magic  # noqa: PLC0415
    except ImportError:
        import pylibmagic  # noqa: F401, PLC0415 - brings libmagic where the system has none; it patches ctypes, so only then

        # isort: split
        import magic  # noqa: PLC0415
    return magic.Magic(mime=True)
