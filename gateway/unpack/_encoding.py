"""The ladder from bytes to Japanese text.

In: bytes, a declared charset as a hint. Out: Decoded, with a second reading where two are plausible. Fails: never.

BOM, escape sequences, NUL parity, strict UTF-8, then CP932 against EUC-JP by what the text would look like, with chardet as
the tie-break, then what is declared, at last the least damaged reading. What is declared is a hint and never the verdict.
"""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from gateway.unpack._iso2022_jp import ESCAPES, decode_iso2022_jp

ALIASES = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cp943": "cp932",
    "euc-jp": "euc_jp",
    "eucjp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "utf8": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}
SAMPLE_BYTES = 64 << 10
LONG_SAMPLE_BYTES = 256 << 10  # more than what _plausible looks at
JAPANESE = 0.7  # from here on a reading is Japanese at all
LIKELIER = 0.1  # for being what is declared
SURE = 0.9  # share of ordinary Japanese characters at which a reading needs no second one
DAMAGED = 0.001  # share of characters lost

_ASCII = bytes(range(128))
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = regex.compile(r"[a-z0-9_.:+-]{1,40}")
_ORDINARY = regex.compile(
    r"[\u3040-\u30ff\u4e00-\u9fff\u3000-\u3003\u300c-\u300f々〒ー・①-⑳㈱㈲㈹Ⅰ-ⅻ№℡!-~\s]|[０-９Ａ-Ｚａ-ｚ（）－～：／]"
)
_HALF_KANA = regex.compile(r"[\uff66-\uff9f]")
_RARE = regex.compile(r"[\ue000-\uf8ff\ufffd\x80-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read; `alternative` is the other plausible reading."""

    text: str
    encoding: str
    alternative: Decoded | None = None

    @property
    def damaged(self) -> bool:
        """Whether more of it is lost than a stray byte or two."""
        return self.text.count("\ufffd") > DAMAGED * len(self.text) + 2


def decode(raw: bytes, hint: str | None = None) -> Decoded:
    """Read bytes as text."""
    return _read(raw, hint) if len(raw) > SAMPLE_BYTES else _remembered(raw, hint)


def sure_encoding(raw: bytes, hint: str | None) -> str | None:
    """Give the encoding of a long text whose beginning leaves no doubt, where all of it bears that out; else None."""
    end = raw.rfind(b"\n", 0, LONG_SAMPLE_BYTES)
    if end < 0 or b"\x1b" in raw or b"\0" in raw or b"\xe2\x80\xae" in raw or _is_foreign(codec_of(hint)):
        return None
    decoded = decode(raw[: end + 1], hint)
    if decoded.alternative is not None or decoded.encoding not in ("utf-8", "utf-8-sig", "cp932", "euc_jp"):
        return None
    decoder = codecs.getincrementaldecoder(decoded.encoding)()
    try:
        for start in range(0, len(raw), LONG_SAMPLE_BYTES):
            decoder.decode(raw[start : start + LONG_SAMPLE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return decoded.encoding


def _read(raw: bytes, hint: str | None) -> Decoded:
    """Read bytes, and beside that as those see it who believe what is declared, or who are shown it turned round."""
    decoded = _decoded(raw, hint)
    codec = codec_of(hint)
    if codec is not None and codec != decoded.encoding and _is_foreign(codec):
        decoded = replace(decoded, alternative=Decoded(raw.decode(codec, "replace"), codec))
    if TURNED in decoded.text and decoded.alternative is None:
        decoded = replace(decoded, alternative=Decoded(unturned(decoded.text), decoded.encoding))
    return decoded


TURNED = "\u202e"  # what follows is written from right to left, whatever it is (UAX 9)
_TURNED = regex.compile(f"{TURNED}([^{TURNED}\u202c\r\n]*+)\u202c?")


def unturned(text: str) -> str:
    """Give a text as it is shown where it is turned round."""
    return str(_TURNED.sub(lambda run: run[1][::-1], text))


@lru_cache(maxsize=64)
def _is_foreign(codec: str | None) -> bool:
    """Tell whether ASCII is something else in a charset: nobody sends that but to be read by those who believe what is declared."""
    if codec is None or codec.startswith(("utf-16", "utf-32")):
        return False  # their own step of the ladder
    try:
        return codec in ("utf-7", "hz") or _ASCII_SIGNS.decode(codec) != _ASCII_SIGNS.decode("ascii")
    except (UnicodeError, LookupError):  # some codecs are no text encodings
        return False


_ASCII_SIGNS = b"Az09 ,.:@"


def _decoded(raw: bytes, hint: str | None) -> Decoded:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            text = raw.decode(encoding, "replace").lstrip("\ufeff")  # a second BOM is no character either
            lies = encoding != "utf-8-sig" and _plausible(text) < JAPANESE
            return Decoded(text, encoding, _decoded(raw[len(bom) :], hint) if lies else None)
    if b"\x1b" in raw and ESCAPES.search(raw):
        return _escaped(raw, hint)
    if b"\0" in raw and (wide := _wide(raw)):
        return wide
    return _unmarked(raw, hint)


_remembered = lru_cache(maxsize=8)(_read)  # what a body is, is asked before what it says


def _escaped(raw: bytes, hint: str | None) -> Decoded:
    """Read ISO-2022-JP; one stray escape sequence must not hide a text that is in something else."""
    decoded = Decoded(decode_iso2022_jp(raw), "iso2022_jp")
    if raw.isascii() and _plausible(decoded.text) >= SURE:
        return decoded
    plain = _unmarked(raw, hint)
    first, second = (decoded, plain) if raw.isascii() else (plain, decoded)
    return Decoded(first.text, first.encoding, second)


def _unmarked(raw: bytes, hint: str | None) -> Decoded:
    """Read what neither begins with a mark nor has escape sequences."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _nearly_utf8(raw) or _eight_bit(raw, hint)
    return Decoded(text, "utf-8")


_UTF8_KANA_AND_KANJI = regex.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
NEARLY = 0.8  # of the bytes beyond ASCII; in CP932 and EUC-JP such triples hardly stand


def _nearly_utf8(raw: bytes) -> Decoded | None:
    """Read UTF-8 that lost a byte on its way, or was cut off: as CP932 it may look like Japanese, too."""
    sample = raw[:LONG_SAMPLE_BYTES]
    beyond = len(sample.translate(None, _ASCII))
    if not beyond or 3 * len(_UTF8_KANA_AND_KANJI.findall(sample)) < NEARLY * beyond:
        return None
    return Decoded(raw.decode("utf-8", "replace"), "utf-8")


@lru_cache(maxsize=256)
def codec_of(charset: str | None) -> str | None:
    """Give Python's codec for a declared charset; None for one that there is not."""
    name = (charset or "").strip().strip('"').lower()
    if not _CHARSET.fullmatch(name):
        return None
    name = ALIASES.get(name, name)
    try:
        return codecs.lookup(name).name if name not in ("cp932", "euc_jp", "iso2022_jp") else name
    except LookupError:
        return None


def decode_as(raw: bytes, charset: str | None) -> str:
    """Read bytes as the charset says if that goes without damage, else by the ladder."""
    codec = codec_of(charset)
    if codec == "iso2022_jp":
        return decode_iso2022_jp(raw)
    if codec is not None:
        text, clean = _attempt(raw, codec)
        if clean:
            return text
    return decode(raw, charset).text


def _wide(raw: bytes) -> Decoded | None:
    """Tell UTF-16 and UTF-32 without BOM by where their NULs stand."""
    sample = raw[: SAMPLE_BYTES & ~3]
    if sum(sample[offset::4].count(0) for offset in range(4)) * 8 >= len(sample) * 5 and len(sample) >= 8:
        encodings = ["utf-32-be" if sample[0] == 0 else "utf-32-le"]
    else:
        encodings = ["utf-16-le", "utf-16-be"]
    readings = [
        (_plausible(text, half_kana=1.0), encoding, text)
        for encoding in encodings
        for text, clean in [_attempt(raw, encoding)]
        if clean
    ]
    if not readings:
        return None
    (score, encoding, text), *others = sorted(readings, reverse=True)
    if score < JAPANESE or "\0" in text:
        return None
    # A byte that was lost turns the pairs round from there on.
    second = Decoded(others[0][2], others[0][1]) if others and score < SURE else None
    return Decoded(text, encoding, second)


def _eight_bit(raw: bytes, hint: str | None) -> Decoded:
    """Choose between CP932 and EUC-JP, the two that Japanese files without any mark are in."""
    readings = []
    for encoding in ("euc_jp", "cp932"):
        text, clean = _attempt(raw, encoding)
        if clean:
            readings.append((_plausible(text), encoding, text))
    if len(readings) == 2 and raw.count(b"\x8e") * 2 == len(raw.translate(None, _ASCII)):
        return Decoded(readings[0][2], "euc_jp")  # nothing but its half-width kana
    readings.sort(reverse=True)
    if not readings or readings[0][0] < JAPANESE:
        return _as_declared(raw, hint) or _damaged(raw, hint)
    best = Decoded(readings[0][2], readings[0][1])
    if len(readings) == 1 or readings[0][0] >= SURE > readings[1][0]:
        return best
    other = Decoded(readings[1][2], readings[1][1])
    if codec_of(hint) == other.encoding or _chardet(raw) == other.encoding:
        best, other = other, best
    return Decoded(best.text, best.encoding, other)


def _as_declared(raw: bytes, hint: str | None) -> Decoded | None:
    """Read a text that looks Japanese in no way as what it says it is, with the Japanese reading beside it."""
    codec = codec_of(hint)
    if codec in (None, "cp932", "euc_jp", "iso2022_jp", "utf-8"):
        return None
    text, clean = _attempt(raw, codec)
    if not clean:
        return None
    if _plausible(text) >= SURE:  # Japanese in a charset of others: GB18030 has all of it
        return Decoded(text, codec)
    return Decoded(text, codec, Decoded(raw.decode("cp932", "replace"), "cp932"))


def _attempt(raw: bytes, encoding: str) -> tuple[str, bool]:
    if encoding == "euc_jp":
        return _euc(raw)
    try:
        return raw.decode(encoding), True
    except (UnicodeError, LookupError):  # some codecs are no text encodings, or fail in their own way
        return "", False


def _euc(raw: bytes) -> tuple[str, bool]:
    """Read EUC-JP; what Python's codec lacks of the vendors' rows (CP51932) goes over CP932."""
    try:
        return raw.decode("euc_jp"), True
    except UnicodeDecodeError:
        pass
    if not _EUC.fullmatch(raw):
        return "", False
    text = _EUC_RUN.sub(lambda run: b"\x1b$B" + bytes(byte & 0x7F for byte in run[0]) + b"\x1b(B", raw)
    text = _EUC_KANA.sub(lambda kana: b"\x1b(I" + bytes((kana[0][1] & 0x7F,)) + b"\x1b(B", text)
    read = decode_iso2022_jp(text)
    return read, "\ufffd" not in read


_EUC = regex.compile(rb"(?:[\x00-\x7f]|\x8e[\xa1-\xdf]|[\xa1-\xfe][\xa1-\xfe])*+")
_EUC_RUN = regex.compile(rb"(?:(?<!\x8e)[\xa1-\xfe][\xa1-\xfe])+")
_EUC_KANA = regex.compile(rb"\x8e[\xa1-\xdf]")


def _plausible(text: str, *, half_kana: float = 0.5) -> float:
    """Give the share of characters beyond ASCII that ordinary Japanese is made of, 0 to 1.

    Half-width kana are ordinary in lists, but EUC-JP read as CP932 is full of them too: a run of them counts for half.
    """
    beyond = Counter(_beyond_ascii(text))
    if not beyond:
        return 1.0
    good = sum(_weight(sign, half_kana) * number for sign, number in beyond.items())
    return max(0.0, good / sum(beyond.values()))


def _beyond_ascii(text: str) -> str:
    """Give the first signs beyond ASCII, however far down they stand."""
    runs: list[str] = []
    length = 0
    for run in _BEYOND.finditer(text) if not text.isascii() else ():
        runs.append(run[0][:JUDGED_SIGNS])  # one may be as long as the text
        length += len(run[0])
        if length >= JUDGED_SIGNS:
            break
    return "".join(runs)


_BEYOND = regex.compile(r"[^\x00-\x7f]++")
JUDGED_SIGNS = 20_000


@lru_cache(maxsize=1 << 15)
def _weight(sign: str, half_kana: float) -> float:
    """Say how much a character speaks for a reading."""
    if _HALF_KANA.match(sign):
        return half_kana
    return 1.0 if _ORDINARY.match(sign) else -2.0 if _RARE.match(sign) else 0.0


def _chardet(raw: bytes) -> str | None:
    """Ask chardet, with the Japanese encodings only, about a sample that ends at a line's end."""
    import chardet  # noqa: PLC0415 - only the doubtful pay for it

    end = raw.rfind(b"\n", 0, SAMPLE_BYTES) if len(raw) > SAMPLE_BYTES else len(raw)
    sample = raw[: end if end > 0 else SAMPLE_BYTES]
    said = chardet.detect(sample, include_encodings=["cp932", "euc-jp"], no_match_encoding="cp932")
    return codec_of(said["encoding"])


def _damaged(raw: bytes, hint: str | None) -> Decoded:
    """Read a text that no encoding reads without damage: as the one that it damages least, and as the next."""
    readings = []
    for encoding in ("utf-8", "cp932", "euc_jp"):
        text = raw.decode(encoding, "replace")
        likely = _plausible(text) + (LIKELIER if codec_of(hint) == encoding else 0)
        readings.append((likely, encoding, text))
    (_, encoding, text), (next_likely, next_encoding, next_text), _ = sorted(readings, reverse=True)
    if _is_western(raw):
        return Decoded(raw.decode("cp1252", "replace"), "cp1252", Decoded(text, encoding))
    second = Decoded(next_text, next_encoding) if next_likely >= JAPANESE else None
    return Decoded(text, encoding, second)


_ACCENTED = regex.compile(rb"[\x85\x91-\x97\xa0\xa3\xa7-\xab\xae\xb0\xb4\xb7\xbb\xc0-\xff]")
_ALONE = regex.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
WESTERN = 0.97  # of the bytes beyond ASCII are letters with accents, and quotes
ALONE = 0.75  # of them stand between ASCII letters: of damaged Japanese far fewer do both


def _is_western(raw: bytes) -> bool:
    """Tell text in a language with accents: Grüße, été."""
    sample = raw[:LONG_SAMPLE_BYTES]
    beyond = len(sample.translate(None, _ASCII))
    return (
        len(_ACCENTED.findall(sample)) >= WESTERN * beyond and len(_ALONE.findall(sample)) >= ALONE * beyond
    )
