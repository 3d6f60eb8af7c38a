"""PDF (ISO 32000).

In: application/pdf. Out: a Text of all pages, annotations and forms with them; attachments; what pages show that are pictures.
Fails: Unreadable; ENCRYPTED where none of the passwords opens it.
"""

from __future__ import annotations

import ctypes
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gateway.model import Container, Gap, GapReason, Leaf, Path
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import PDF
from gateway.unpack._ocr import read_picture
from gateway.unpack._source import Source, label
from gateway.unpack.text import as_leaves

ANNOTATION_KEYS = ("Contents", "T", "TU", "V", "DV", "RC", "Subj")
INFO_KEYS = ("Title", "Author", "Subject", "Keywords")
LARGE_PICTURE = 0.25  # share of a page from which on a picture is no logo
TRY_COST = 10
MAX_DRAWN = 50  # lines and areas on a page without text; more may be letters
PAGE_SCALE = 2.5  # 180 dots per inch: letters of 6 points, the smallest in print, are 15 pixels high
PAGE_PIXELS = 20_000_000
MAX_OBJECTS = 20_000  # of a page that are looked at for pictures


class _Pdf:
    media_types = frozenset({PDF})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a document."""
        yield Container(path=source.path, media_type=media_type)
        if _swells(source.raw, budget):
            raise Unreadable(GapReason.TOO_BIG)
        document = _opened(source.raw) or budget.passwords.open(
            lambda password: _opened(source.raw, password), cost=TRY_COST
        )
        try:
            yield from _content(source, document, budget)
        finally:
            document.close()


UNPACKER = _Pdf()


def _opened(raw: bytes, password: str | None = None) -> Any | None:
    """Open a document; None where it wants a password, or another one. Raises: Unreadable (CORRUPT)."""
    import pypdfium2 as pdfium  # noqa: PLC0415 - for those only who have some

    try:
        return pdfium.PdfDocument(raw, password=password)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.raw.FPDF_ERR_PASSWORD:
            return None
        raise Unreadable(GapReason.CORRUPT) from error


def _swells(raw: bytes, budget: Budget) -> bool:
    """Tell whether a stream gives more than any page needs; pdfium would unpack it whole, and take minutes over it."""
    left = budget.room(len(raw))
    at = raw.find(b"stream")
    while at >= 0:
        begin = at + 7 + (raw[at + 6 : at + 7] == b"\r")
        if raw[begin : begin + 1] in (
            b"\x78",
            b"\x68",
            b"\x48",
            b"\x58",
        ):  # what zlib's streams begin with (RFC 1950, 2.2)
            with suppress(zlib.error):
                left -= len(zlib.decompressobj().decompress(raw[begin:], left + 1))
            if left < 0:
                return True
        at = raw.find(b"stream", at + 6)
    return False


def _content(source: Source, document: Any, budget: Budget) -> Iterator[Leaf | Source]:
    texts = [value for key in INFO_KEYS if (value := document.get_metadata_value(key))]
    texts += [mark.get_title() for mark in document.get_toc(max_depth=20)]
    for number in range(len(document)):
        budget.spend_member()
        page = document[number]
        try:
            text = page.get_textpage().get_text_range()
            budget.spend_bytes(len(text))
            texts += (text, *_annotations(page))
            if _is_picture(page, has_text=bool(text.strip())):
                yield from _read_page(page, (*source.path, f"page {number + 1}"), budget)
        finally:
            page.close()
    yield from as_leaves(source, PDF, "\n".join(texts).replace("\r\n", "\n").replace("\0", ""))
    for number in range(document.count_attachments()):
        budget.spend_member()
        attachment = document.get_attachment(number)
        yield source.child(bytes(attachment.get_data()), attachment.get_name())
    if b"/XFA" in source.raw:  # a form in XML, which pdfium does not show
        yield Gap(path=(*source.path, label("XFA")), media_type=PDF, reason=GapReason.UNKNOWN)


def _annotations(page: Any) -> Iterator[str]:
    """Give what annotations and form fields say (ISO 32000-1, 12.5 and 12.7)."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        for key in ANNOTATION_KEYS:
            name = key.encode()
            size = raw.FPDFAnnot_GetStringValue(annotation, name, None, 0)
            if size > 2:
                buffer = ctypes.create_string_buffer(size)
                pointer = ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
                raw.FPDFAnnot_GetStringValue(annotation, name, pointer, size)
                yield buffer.raw[: size - 2].decode("utf-16-le", "replace")
        raw.FPDFPage_CloseAnnot(annotation)


def _read_page(page: Any, path: Path, budget: Budget) -> Iterator[Leaf]:
    """Read a page as it looks; where that cannot be done, it is a gap."""
    width, height = page.get_size()
    scale = min(PAGE_SCALE, (PAGE_PIXELS / max(width * height, 1)) ** 0.5)
    frames = (page.render(scale=scale, grayscale=True).to_numpy().squeeze() for _ in range(1))
    try:
        yield from read_picture(path, PDF, frames, budget)
    except Unreadable as unreadable:
        yield Gap(path=path, media_type=PDF, reason=unreadable.reason)


def _is_picture(page: Any, *, has_text: bool) -> bool:
    """Tell whether a picture fills so much of a page that it may show a list, or its letters are drawn and no text."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    if not has_text and sum(1 for _ in page.get_objects(max_depth=8)) > MAX_DRAWN:
        return True
    width, height = page.get_size()
    for number, found in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=8)):
        left, bottom, right, top = found.get_bounds()
        if (right - left) * (top - bottom) >= LARGE_PICTURE * width * height or number > MAX_OBJECTS:
            return True
    return False
