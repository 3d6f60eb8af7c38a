"""ISO-2022-JP (RFC 1468) as it is really sent: with what CP50220 and CP50221 add to it.

In: bytes. Out: text. Fails: never. Python has no codec for ①㈱髙 in it; row and cell are those of CP932.
"""

from __future__ import annotations

from functools import cache

import regex

ESCAPES = regex.compile(rb"\x1b(?:\$[@B]|\$\([@BD]|\([BJI])")
_PAIRS = regex.compile(rb"[\x21-\x7e]*+")


def decode_iso2022_jp(raw: bytes) -> str:
    """Read ISO-2022-JP as it is really sent (CP50220, CP50221): with ①㈱髙 and half-width kana, row and cell as in CP932."""
    pieces: list[str] = []
    mode = b"(B"
    position = 0
    for escape in ESCAPES.finditer(raw):
        pieces.append(_in_mode(raw[position : escape.start()], mode))
        mode, position = escape[0][1:], escape.end()
    pieces.append(_in_mode(raw[position:], mode))
    return "".join(pieces)


def _in_mode(run: bytes, mode: bytes) -> str:
    if mode in (b"(B", b"(J"):
        return run.decode("cp932", "replace")
    if mode == b"(I":  # JIS X 0201 katakana in seven bits
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")
    if len(run) % 2 == 0 and _PAIRS.fullmatch(run):
        return run.decode("utf-16-be").translate(_jis())
    pieces: list[str] = []
    position = 0
    while position < len(run):
        pair = run[position : position + 2]
        if len(pair) == 2 and _PAIRS.fullmatch(pair):
            pieces.append(pair.decode("utf-16-be").translate(_jis()))
        else:  # a line end inside the run, without the escape back
            pair = pair[:1]
            pieces.append(pair.decode("cp932", "replace"))
        position += len(pair)
    return "".join(pieces)


@cache
def _jis() -> dict[int, str]:
    """Give the character at each row and cell (JIS X 0208 and what vendors put beside it), as CP932 has it."""
    signs = {}
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            lead = (row - 0x21 >> 1) + (0x81 if row < 0x5F else 0xC1)
            trail = cell + (0x1F if cell < 0x60 else 0x20) if row & 1 else cell + 0x7E
            signs[row << 8 | cell] = bytes((lead, trail)).decode("cp932", "replace")
    return signs
