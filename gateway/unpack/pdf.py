"""PDF (ISO 32000).

In: application/pdf. Out: a Text of all pages, annotations and forms with them; attachments; what pages show that are pictures; what
stands in objects that no page shows, where it says how to reach somebody.
Fails: Unreadable; ENCRYPTED where none of the passwords opens it.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator
from typing import Any

import regex

from gateway.model import Container, Gap, GapReason, Leaf, Path, Text
from gateway.unpack._beside import telling
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import PDF
from gateway.unpack._ocr import read_picture
from gateway.unpack._pdf_objects import PdfObjects, objects_of, swells
from gateway.unpack._source import Source, label, unless_bare
from gateway.unpack.text import as_leaves

ANNOTATION_KEYS = ("Contents", "T", "TU", "V", "DV", "RC", "Subj")
INFO_KEYS = ("Title", "Author", "Subject", "Keywords")
LARGE_PICTURE = 0.1  # share of a page from which on pictures are no logos
ANY_PICTURE = 0.01  # on a page without text
SAMPLE = 100  # letters of a page that are asked for what they are
MAX_UNKNOWN = 0.1  # share of which may be shapes alone
FLATTENED = 1  # FLATTEN_SUCCESS
SEGMENTS = 10  # of a path: a box and its shadow
_TAGS = regex.compile(r"[<>\n]")
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
        if swells(source.raw, budget):
            raise Unreadable(GapReason.TOO_BIG)
        document = _opened(source.raw) or budget.passwords.open(
            lambda password: _opened(source.raw, password), cost=TRY_COST
        )
        try:
            yield from unless_bare(_content(source, document, budget), source, media_type)
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


def _content(source: Source, document: Any, budget: Budget) -> Iterator[Leaf | Source]:
    plain = _without_lock(document) if b"/Encrypt" in source.raw else source.raw
    texts = [value for key in INFO_KEYS if (value := document.get_metadata_value(key))]
    texts += [mark.get_title() for mark in document.get_toc(max_depth=20)]
    for number in range(len(document)):
        budget.spend_member()
        page = document[number]
        try:
            text, is_known = _text(page)
            budget.spend_bytes(len(text))
            texts += (text, *_annotations(page))
            path = (*source.path, f"page {number + 1}")
            if _is_picture(page, has_text=is_known and bool(text.strip())):
                yield from _read_page(page, path, budget)
            if not is_known and _lacks_font(page):
                yield Gap(path=path, media_type=PDF, reason=GapReason.UNKNOWN)
            stamped = _flattened(page)
        finally:
            page.close()
        if stamped:
            texts += _stamps(document, number, text)
    content = "\n".join(texts).replace("\r\n", "\n").replace("\0", "")
    yield from as_leaves(source, PDF, content)
    given: set[bytes] = set()
    for number in range(document.count_attachments()):
        budget.spend_member()
        attachment = document.get_attachment(number)
        raw = bytes(attachment.get_data())
        given.add(raw)
        yield source.child(raw, attachment.get_name())
    yield from _beside(source, objects_of(plain, budget), content, given, budget)


def _without_lock(document: Any) -> bytes:
    """Write a locked document anew, so that its objects can be read."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    out = io.BytesIO()
    document.save(out, flags=raw.FPDF_REMOVE_SECURITY)
    return out.getvalue()


def _beside(
    source: Source, objects: PdfObjects, content: str, given: set[bytes], budget: Budget
) -> Iterator[Leaf | Source]:
    """Read what stands beside the pages, where it says how to reach somebody; files in any case."""
    said = telling(one for one in objects.strings if one not in content)
    if said:
        path = (*source.path, label("objects"))
        yield Text(path=path, media_type=PDF, encoding=None, content="\n".join(said))
    for number, found in enumerate(objects.files, 1):
        budget.spend_member()
        if found is None:
            path = (*source.path, label(f"file {number}"))
            yield Gap(path=path, media_type=PDF, reason=GapReason.UNKNOWN)
        elif found not in given:
            given.add(found)
            yield source.child(found, f"file {number}")
    for number, raw in enumerate(objects.markup, 1):
        if telling(_TAGS.split(decode(raw).text)):
            budget.spend_member()
            yield source.child(raw, f"data {number}.xml")
    if objects.hides_form:  # a form in XML, which pdfium does not show
        yield Gap(path=(*source.path, label("XFA")), media_type=PDF, reason=GapReason.UNKNOWN)


def _text(page: Any) -> tuple[str, bool]:
    """Give the text of a page, and whether its letters are known: a font may have shapes alone."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    shown = page.get_textpage()
    count = shown.count_chars()
    places = range(0, count, max(1, count // SAMPLE))
    unknown = sum(raw.FPDFText_HasUnicodeMapError(shown, place) == 1 for place in places)
    return shown.get_text_range(), unknown <= MAX_UNKNOWN * len(places)


def _lacks_font(page: Any) -> bool:
    """Tell whether some letters have no shapes in the file either, so that drawing them shows what nobody wrote."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    texts = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=8)
    return any(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(one)) != 1 for one in texts)


def _flattened(page: Any) -> bool:
    """Put what annotations look like (12.5.5) into the page; tell whether there was any. To be read, a page is opened anew."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    if not raw.FPDFPage_GetAnnotCount(page):
        return False
    done: int = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    return done == FLATTENED


def _stamps(document: Any, number: int, text: str) -> list[str]:
    """Give the lines of a page that came with its annotations."""
    page = document[number]
    try:
        before = set(text.split("\r\n"))
        return [line for line in _text(page)[0].split("\r\n") if line not in before]
    finally:
        page.close()


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
    """Tell whether pictures fill so much of a page that they may show a list, or its letters are drawn and no text."""
    import pypdfium2.raw as raw  # noqa: PLC0415

    drawn, covered = 0, 0.0
    width, height = page.get_size()
    few: float = (LARGE_PICTURE if has_text else ANY_PICTURE) * width * height
    for number, found in enumerate(page.get_objects(max_depth=8)):
        if number > MAX_OBJECTS:
            return True
        if found.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = found.get_bounds()
            covered += (right - left) * (top - bottom)  # a scan may come in stripes
        elif found.type == raw.FPDF_PAGEOBJ_PATH:
            drawn += max(1, raw.FPDFPath_CountSegments(found) // SEGMENTS)
        else:
            drawn += 1
    if not has_text and drawn > MAX_DRAWN:
        return True
    return covered > few
