"""Pictures of lists, drawn as a screen shows them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

Image = pytest.importorskip("PIL.Image", reason="the extra `ocr` is not installed: pip install '.[ocr]'")
pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed: pip install '.[ocr]'")

from PIL import ImageDraw, ImageFont  # noqa: E402

FONT = next(
    (str(font) for font in Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")), None
)  # fonts-noto-cjk
if FONT is None:
    pytest.skip("no font for Japanese: apt-get install fonts-noto-cjk", allow_module_level=True)
LIGHT, DARK = ("white", "black", "gray"), ((18, 18, 20), (235, 235, 235), (150, 150, 155))


def table(rows: Sequence[Sequence[str]], pixels: int, colours=LIGHT) -> Image.Image:
    """Draw a table without lines."""
    font, pitch = ImageFont.truetype(FONT, pixels), int(pixels * 1.8)
    widths = [max(font.getlength(row[at]) for row in rows) + 2 * pixels for at in range(len(rows[0]))]
    picture = Image.new("RGB", (int(sum(widths)) + 20, pitch * len(rows) + 20), colours[0])
    draw = ImageDraw.Draw(picture)
    for down, row in enumerate(rows):
        for at, cell in enumerate(row):
            draw.text((10 + sum(widths[:at]), 10 + pitch * down), cell, font=font, fill=colours[1])
    return picture


def phone_book(entries: Sequence[tuple[str, str]], pixels: int, colours=LIGHT) -> Image.Image:
    """Draw the contacts of a telephone: a letter in a circle, a name, the number below, an arrow."""
    ground, front, pale = colours
    scale = pixels / 12
    font = ImageFont.truetype(FONT, pixels)
    picture = Image.new("RGB", (int(360 * scale), int((52 * len(entries) + 80) * scale)), ground)
    draw = ImageDraw.Draw(picture)

    def put(across: float, down: float, text: str, colour) -> None:
        draw.text((across * scale, down * scale), text, font=font, fill=colour)

    put(10, 4, "9:41", front)
    put(300, 4, "80%", front)
    put(160, 26, "連絡先", front)
    for number, (name, phone) in enumerate(entries):
        down = 78 + 52 * number
        draw.ellipse([scale * edge for edge in (10, down, 42, down + 32)], fill=(90, 140, 220))
        put(20, down + 6, name[0], "white")
        put(56, down, name, front)
        put(56, down + 17, phone, pale)
        put(340, down + 6, ">", pale)
    return picture


def raw(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
