"""Rich text (RTF 1.9.1).

In: application/rtf. Out: its text, with what a page does not show; gaps for objects and pictures. Fails: Unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import regex

from gateway.model import Gap, GapReason, Leaf, Text
from gateway.unpack._beside import telling
from gateway.unpack._budget import Budget
from gateway.unpack._media_type import RTF
from gateway.unpack._source import Source
from gateway.unpack.html import read_page
from gateway.unpack.text import as_leaves

_OBJECT = regex.compile(rb"\\(?:objdata|objocx|objemb)\b")
_PICTURE = regex.compile(rb"\\pict\b")
_HTML = regex.compile(rb"\\fromhtml1\b")
_HTML_TAG = regex.compile(r"\{\\\*\\htmltag\d*\s?([^{}]*)\}")
_CODE_PAGE = regex.compile(rb"\\ansicpg(\d{1,5})")
_JAPANESE_FONT = b"\\fcharset128"
# Places that the library passes over and a reader may see.
_ASIDE = regex.compile(
    r"(?:\\\*\s*+)?\\(?:header[lrf]?|footer[lrf]?|footnote|annotation|atnauthor|info|title|subject|author|company|manager|comment"
    r"|doccomm|keywords|category|operator|docvar|userprops|staticval|propname|shp|shpinst|shptxt|shprslt|shpgrp|do|dptxbxtext|result"
    r"|object|xe|tc|formfield|ffdeftext|fldinst|private|background|nonesttables|ud|upr)(?![a-z])"
)
_WORDS = regex.compile(r"\\(?!u-?\d)[a-z]++-?\d*+ ?|[{}\r\n]")
# An address or a number in any dress: what nobody can be reached by is not read a second time.
_MAY_REACH = regex.compile(
    r"@|\d[\d-]{8}|\\'(?:3\d|40)|\\'82\\'[45]|\\u(?:64|4[5-9]|5[0-7]|65[23]\d\d)(?!\d)"
)
_DIGITS = regex.compile(r"[0-9a-fA-F\r\n]{256,}")  # pictures, objects, themes


@cache
def _hidden(words: Iterable[str]) -> regex.Pattern[str]:
    """Give what the library takes for the beginning of a group that nobody sees."""
    listed = "|".join(sorted({*words, "fonttbl", "colortbl"} - {"pict"}, key=len, reverse=True))
    return regex.compile(rf"\\\*\s*+|\\(?:{listed})(?![a-z])")


class _Rtf:
    media_types = frozenset({RTF})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:  # noqa: ARG002
        """Read a text."""
        from striprtf.striprtf import destinations, rtf_to_text  # noqa: PLC0415 - for those only who have some

        raw = source.raw
        page = _CODE_PAGE.search(raw)
        codec = "cp932" if _JAPANESE_FONT in raw or page is None else f"cp{int(page[1])}"
        markup = _ASIDE.sub(r"\\par ", raw.decode("latin-1"))
        text = rtf_to_text(markup, codec, "replace")  # type: ignore[no-untyped-call]
        yield from as_leaves(source, media_type, text)
        # All that stands in groups which no page shows, or behind the last.
        bare = _hidden(frozenset(destinations)).sub(r"\\par ", _DIGITS.sub("", markup))
        if not text.strip() or _MAY_REACH.search(_WORDS.sub("", bare)):
            whole = rtf_to_text(f"{{{bare}}}", codec, "replace")  # type: ignore[no-untyped-call]
            known = {line.strip() for line in text.split("\n")}
            lines = [line for one in whole.split("\n") if (line := one.strip()) not in known]
            said = telling(lines) if text.strip() else lines
            if said or not text.strip():
                yield Text(path=source.path, media_type=media_type, encoding=None, content="\n".join(said))
        if _HTML.search(raw):  # MS-OXRTFEX, a page in an RTF: attributes and comments stand in its tags
            beside = read_page("".join(found[1] for found in _HTML_TAG.finditer(markup))).content()
            if beside:
                yield Text(path=source.path, media_type=media_type, encoding=None, content=beside)
        for pattern, reason in ((_OBJECT, GapReason.UNKNOWN), (_PICTURE, GapReason.IMAGE)):
            if pattern.search(raw):
                yield Gap(path=source.path, media_type=media_type, reason=reason)
        if not raw.rstrip(b"\0 \r\n\t\x1a").endswith(
            b"}"
        ):  # the end is missing, or something stands behind it
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


UNPACKER = _Rtf()
