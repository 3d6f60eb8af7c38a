"""What a picture shows, read by a neural network (rapidocr and onnxruntime: the extra `ocr`), whose models come inside the package.

In: pixels. Out: the lines of text on them, put into rows, as a Table and a Text. Fails: never; what was not read, or not
read with confidence, is a gap.

Loaded with the first picture of a worker. A picture is read in tiles, cut where nothing is written, so that neither its
size decides what memory it takes nor its small print is lost by shrinking it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gateway.model import Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._rows import Line, rows_of
from gateway.unpack.csv import framed

if TYPE_CHECKING:
    import numpy as np

TILE = 960  # pixels each way
CUT_FROM = 0.75  # of a tile: from there on the line where least is written is sought
SURE = 0.6  # confidence from which on a line counts as read
MANY_UNSURE = 5  # lines; and more than a fifth of all: then there may be a list that nobody could read
UNSURE_SHARE = 0.2
MAX_LINES = 3000  # of a tile
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
    unsure = sum(line.confidence < SURE for line in lines)
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
    for top, bottom in _pieces(frame, 0):
        band = frame[top:bottom]
        for left, right in _pieces(band, 1):
            tile = band[:, left:right]
            budget.spend_ocr(PIXEL_SECONDS * tile.shape[0] * tile.shape[1])
            found = _read_tile(tile)
            lines += (line.moved(left, below + top) for line in found)
            budget.spend_ocr(sum(map(_seconds, found)))


def _seconds(line: Line) -> float:
    width, height = line.right - line.left, max(line.bottom - line.top, 1)
    return LINE_SECONDS * max(1.0, width / height / LINE_SHAPE)


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


def _read_tile(pixels: np.ndarray) -> list[Line]:
    """Give the lines on a tile. Raises: Unreadable (IMAGE), whatever it was that failed."""
    import numpy as np  # noqa: PLC0415 - comes with pandas, for workers alone

    if pixels.max() == pixels.min():
        return []
    if pixels.ndim == 2:
        pixels = np.stack([pixels] * 3, axis=-1)
    try:
        found = _engine()(np.ascontiguousarray(pixels[:, :, ::-1]))
    except Exception as error:
        raise Unreadable(GapReason.IMAGE) from error
    if found.txts is None:
        return []
    if len(found.txts) >= MAX_LINES:
        raise Unreadable(GapReason.IMAGE)
    return [
        Line.of(text, float(confidence), box.tolist())
        for text, confidence, box in zip(found.txts, found.scores, found.boxes, strict=True)
    ]


@cache
def _engine() -> Any:
    """Load the models. Fails where a file of them is missing: nothing is ever fetched."""
    import cv2  # noqa: PLC0415
    from rapidocr import RapidOCR  # noqa: PLC0415

    cv2.setNumThreads(1)
    models = files("rapidocr") / "models"
    return RapidOCR(
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
