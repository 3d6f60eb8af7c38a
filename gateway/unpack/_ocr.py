"""What a picture shows, read by a neural network (rapidocr and onnxruntime: the extra `ocr`), whose models come inside the package.

In: pixels. Out: the lines of text on them, put into rows, as a Table and a Text. Fails: never; what was not read, or not
read with confidence, is a gap.

Loaded with the first picture of a worker. A picture is read in tiles, cut where nothing is written, so that neither its
size decides what memory it takes nor its small print is lost by shrinking it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import regex

from gateway.model import Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._rows import Line, Seen, rows_of, upright
from gateway.unpack.csv import framed

if TYPE_CHECKING:
    import numpy as np

TILE = 960  # pixels each way
CUT_FROM = 0.75  # of a tile: from there on the line where least is written is sought
SURE = 0.6  # confidence from which on a line counts as read
MANY_UNSURE = 5  # lines; and more than a fifth of all: then there may be a list that nobody could read
UNSURE_SHARE = 0.2
SMALL = 14.5  # pixels that a line is high, with what is round its letters: of 8, and read larger than it is
BELIEVED = 11  # of those that were read so: letters of 7 pixels; names in smaller ones are guesses
MAX_LINES = 3000  # of a tile
_WRITING = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
TURNED, FIRMLY = "180", 0.9  # what the classifier calls a line that stands upside down
PIXEL_SECONDS, LINE_SECONDS = (
    0.4e-6,
    0.013,
)  # on one core of 2023, for a line as long as the network takes at once:
LINE_SHAPE = 6.7  # times as wide as high


def read_picture(path: Path, media_type: str, frames: Iterable[np.ndarray], budget: Budget) -> Iterator[Leaf]:
    """Read what the frames of a picture show (RGB, or grey). Raises: Unreadable, where none is read."""
    budget.spend_ocr(0)
    lines: list[Line] = []
    reason: GapReason | None = None
    try:
        for frame in frames:
            _read_frame(frame, lines, budget)
    except Unreadable as unreadable:  # what was read before is inspected all the same
        reason = unreadable.reason
    except Exception:  # noqa: BLE001 - pixels come from decoders, which may fail in any way
        reason = GapReason.CORRUPT
    unsure = sum(line.confidence < SURE or _is_small(line, BELIEVED) for line in lines)
    if unsure >= MANY_UNSURE and unsure > UNSURE_SHARE * len(lines):
        reason = reason or GapReason.IMAGE
    rows = rows_of(lines)
    body = [row for row in rows if sum(map(bool, row)) > 1]  # without titles and headings over part of it
    if len(body) > 1:
        table, header, _ = framed(body)
        yield Table(path=path, media_type=media_type, encoding=None, frame=table, header=header)
    if rows:
        content = "\n".join("  ".join(filter(None, row)) for row in rows)
        yield Text(path=path, media_type=media_type, encoding=None, content=content)
    if reason is not None:
        yield Gap(path=path, media_type=media_type, reason=reason)


def _read_frame(frame: np.ndarray, lines: list[Line], budget: Budget) -> None:
    """Read one frame into `lines`. Raises: Unreadable (TIMEOUT, IMAGE)."""
    below = max((line.bottom for line in lines), default=0.0)  # frames stand under each other
    seen: list[Seen] = []
    turned: list[bool] = []
    try:
        _read_tiles(frame, 0, 0, 1, seen, turned, budget)
    finally:
        found = upright(seen, upside_down=sum(turned) * 2 > len(turned))
        lines += (line.moved(0, below) for line in found)


def _read_tiles(
    pixels: np.ndarray,
    left: float,
    top: float,
    scale: int,
    seen: list[Seen],
    turned: list[bool],
    budget: Budget,
) -> None:
    """Read what is this many times as large as in the picture, and stands there at this place, tile by tile."""
    for above, below in _pieces(pixels, 0):
        band = pixels[above:below]
        for before, after in _pieces(band, 1):
            tile = band[:, before:after]
            budget.spend_ocr(PIXEL_SECONDS * tile.shape[0] * tile.shape[1])
            found, flags = _read_tile(tile)
            budget.spend_ocr(sum(map(_seconds, found)))
            at = (left + before / scale, top + above / scale)
            if scale == 1 and sum(_is_small(one, SMALL) for one in found) >= MANY_UNSURE:
                _read_tiles(_twice(tile), *at, 2, seen, turned, budget)
                continue
            seen += (_placed(one, *at, scale) for one in found)
            turned += flags


def _is_small(line: Line | Seen, height: float) -> bool:
    """Tell whether the writing of a line, which is higher than figures and signs, is lower than this."""
    return line.height < height and _WRITING.search(line.text) is not None


def _placed(seen: Seen, left: float, top: float, scale: int) -> Seen:
    return replace(seen, corners=tuple((left + x / scale, top + y / scale) for x, y in seen.corners))


def _twice(tile: np.ndarray) -> np.ndarray:
    """Give a tile twice as large: small letters are read better so."""
    import cv2  # noqa: PLC0415

    larger: np.ndarray = cv2.resize(tile, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return larger


def _seconds(seen: Seen) -> float:
    sides = sorted((math.dist(*seen.corners[:2]), math.dist(*seen.corners[1:3])))
    return LINE_SECONDS * max(1.0, sides[1] / max(sides[0], 1) / LINE_SHAPE)


def _pieces(pixels: np.ndarray, axis: int) -> Iterator[tuple[int, int]]:
    """Cut along an axis into pieces no longer than a tile, each where least is written."""
    start, length = 0, pixels.shape[axis]
    while length - start > TILE:
        first = start + int(TILE * CUT_FROM)
        window = pixels.take(range(first, start + TILE), axis=axis)
        ink = window.std(axis=1 - axis).reshape(len(range(first, start + TILE)), -1).sum(axis=1)
        # of the longest stretch with nothing on it, the middle; a cut at its edge would graze what stands there
        blank = ink <= ink.min() + 1
        cut = first + _middle_of_longest(blank)
        yield start, cut
        start = cut
    yield start, length


def _middle_of_longest(flags: np.ndarray) -> int:
    best, run_start, run = (0, 0), 0, 0
    for at, flag in enumerate(flags):
        if not flag:
            run = 0
            continue
        run_start = at if run == 0 else run_start
        run += 1
        best = max(best, (run, run_start + run // 2))
    return best[1]


def _read_tile(pixels: np.ndarray) -> tuple[list[Seen], list[bool]]:
    """Give the lines on a tile, and which of them stood upside down. Raises: Unreadable (IMAGE), whatever it was that failed."""
    import numpy as np  # noqa: PLC0415 - comes with pandas, for workers alone

    if pixels.max() == pixels.min():
        return [], []
    if pixels.ndim == 2:
        pixels = np.stack([pixels] * 3, axis=-1)
    try:
        engine = _engine()
        found = engine(np.ascontiguousarray(pixels[:, :, ::-1]))
    except Exception as error:
        raise Unreadable(GapReason.IMAGE) from error
    if found.txts is None:
        return [], []
    if len(found.txts) >= MAX_LINES:
        raise Unreadable(GapReason.IMAGE)
    seen = [
        Seen(text.strip(), float(confidence), tuple((float(x), float(y)) for x, y in box))
        for text, confidence, box in zip(found.txts, found.scores, found.boxes, strict=True)
    ]
    # The longer a line, the surer it is which way it stands; of lines without text nobody knows which they were.
    weighed = [flag for flag, one in zip(engine.turned, seen, strict=False) for _ in one.text]
    return seen, weighed if len(engine.turned) == len(seen) else engine.turned


@cache
def _engine() -> Any:
    """Load the models. Fails where a file of them is missing: nothing is ever fetched."""
    import cv2  # noqa: PLC0415
    from rapidocr import RapidOCR  # noqa: PLC0415

    class Engine(RapidOCR):
        """The engine, which tells besides what it has turned round to read it."""

        turned: list[bool]

        def cls_and_rotate(self, img: Any) -> Any:
            """Turn what stands upside down."""
            turned, found = super().cls_and_rotate(img)
            self.turned = [TURNED in label and score > FIRMLY for label, score in found.cls_res or ()]
            return turned, found

    cv2.setNumThreads(1)
    models = files("rapidocr") / "models"
    return Engine(
        params={
            "Global.log_level": "error",
            "Global.text_score": 0.0,  # what it is not sure of is for us to judge
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": TILE,
            "Det.max_candidates": MAX_LINES,
            "Cls.model_path": str(models / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
            "Cls.cls_batch_num": 1,
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Rec.rec_batch_num": 1,  # as fast as six on one core, and half the memory
        }
    )
