"""Pictures: read where somebody here reads them, else gaps; but for icons, on which nothing can be read.

In: an image. Out: what it shows, and the texts that a PNG carries beside its pixels. Fails: Unreadable: IMAGE where it has
room for a list, SMALL_IMAGE where it has not.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gateway.model import Container, Gap, GapReason, Leaf, Text
from gateway.unpack._behind import behind, png_chunks
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._image_size import size_of
from gateway.unpack._media_type import IMAGES
from gateway.unpack._ocr import read_picture
from gateway.unpack._source import Source

if TYPE_CHECKING:
    import numpy as np

ICON_PIXELS = 32  # each way: two characters of a name, if that
ICON_BYTES = 8192
# Ten people, one to a line, in the smallest letters that are read without effort (12 pixels, 16 with the space between),
# each with a name and a number. What is less high or wide is a logo, a button, a line.
LIST_HEIGHT, LIST_WIDTH = 160, 100
MAX_PIXELS = (
    40_000_000  # of a frame; telephones take pictures of 12 to 48 million, and screenshots have 2 to 15
)
UNPACKING_SECONDS = 0.03e-6  # a pixel: a film of equal frames is short to read, and long to unpack
READ = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
UNREAD = frozenset({"image/heic", "image/wmf", "image/emf"})
PNG = "image/png"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
CHECK_SUM = 4  # bytes at the end of a chunk
STRAY_BYTES = 4  # behind the end
GREY = 128


class _Image:
    media_types = IMAGES

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Look at a picture, and beside it."""
        texts = _png_texts(source.raw, budget) if media_type == PNG else []
        yield Container(path=source.path, media_type=media_type)
        if texts:
            yield Text(path=source.path, media_type=media_type, encoding=None, content="\n".join(texts))
        if media_type == PNG and len(behind(source.raw, PNG)) > STRAY_BYTES:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
        width, height = size_of(source.raw, media_type)
        if 0 < width <= ICON_PIXELS and 0 < height <= ICON_PIXELS and len(source.raw) <= ICON_BYTES:
            return
        if budget.ocr_effort is None or media_type in UNREAD:
            is_small = 0 < height < LIST_HEIGHT or 0 < width < LIST_WIDTH
            raise Unreadable(GapReason.SMALL_IMAGE if is_small else GapReason.IMAGE)
        yield from read_picture(source.path, media_type, _frames(source.raw, budget), budget)


UNPACKER = _Image()


def _frames(raw: bytes, budget: Budget) -> Iterator[np.ndarray]:
    """Give the pixels of each frame or page that differs from the one before. Raises: Unreadable (TOO_BIG, TIMEOUT)."""
    import numpy as np  # noqa: PLC0415 - comes with pandas, for workers alone
    from PIL import Image  # noqa: PLC0415 - for those who have the extra

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(raw), formats=READ)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Unreadable(GapReason.TOO_BIG) from error
    before: np.ndarray | None = None
    with picture:
        for number in range(getattr(picture, "n_frames", 1)):
            budget.spend_member()
            picture.seek(number)
            if picture.width * picture.height > MAX_PIXELS:
                raise Unreadable(GapReason.TOO_BIG)
            budget.spend_ocr(UNPACKING_SECONDS * picture.width * picture.height)
            pixels = _pixels(picture)
            if before is None or not np.array_equal(pixels, before):
                yield pixels
            before = pixels


def _pixels(picture: Any) -> np.ndarray:
    """Give a frame in RGB or grey, as it is shown; what can be seen through stands on grey, where black and white are read."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image, ImageOps  # noqa: PLC0415

    upright = ImageOps.exif_transpose(picture)
    if upright.mode[0] in "IF":  # more than eight bits
        deep = np.asarray(upright, dtype=np.float32)
        shown: np.ndarray = ((deep - deep.min()) * (255 / max(float(np.ptp(deep)), 1e-9))).astype(np.uint8)
        return shown
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, (GREY, GREY, GREY, 255))
        ground.alpha_composite(upright.convert("RGBA"))
        upright = ground
    return np.asarray(upright.convert("RGB"))


def _png_texts(raw: bytes, budget: Budget) -> list[str]:
    """Give the texts beside the pixels (PNG, 11.3.3)."""
    return [
        _chunk_text(kind, raw[start : end - CHECK_SUM], budget)
        for kind, start, end in png_chunks(raw)
        if kind in TEXTS
    ]


def _chunk_text(kind: bytes, body: bytes, budget: Budget) -> str:
    keyword, _, rest = body.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
    elif packed:
        rest = rest[1:]
    if packed:
        rest = zlib.decompressobj().decompress(rest, budget.room(len(body)))
    return f"{decode(keyword).text}: {decode(rest).text}"
