"""Compound files (MS-CFB) for the tests: old Office documents and Outlook's letters are made of them."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass

SECTOR, MINI, SMALL = 512, 64, 4096
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: dict[str, bytes]) -> bytes:
    """Write streams, by paths with slashes."""
    folders = sorted({path.rpartition("/")[0] for path in streams} - {""})
    names = ["", *folders, *streams]
    small = _chained({path: raw for path, raw in streams.items() if len(raw) < SMALL}, MINI)
    mini_fat = struct.pack(f"<{len(small.chains)}I", *small.chains)
    mini_fat += b"\xff" * (-len(mini_fat) % SECTOR)
    large = {path: raw for path, raw in streams.items() if len(raw) >= SMALL}
    directory = bytes(-(-len(names) * 128 // SECTOR) * SECTOR)
    main = _chained({**large, "": small.content, "/fat": mini_fat, "/directory": directory}, SECTOR)
    fat_sectors = -(-(len(main.chains) + 1) // 127)
    fat_at = len(main.chains)
    chains = main.chains + [FAT] * fat_sectors
    chains += [FREE] * (fat_sectors * 128 - len(chains))
    children = {
        folder: [path for path in names[1:] if path.rpartition("/")[0] == folder] for folder in ["", *folders]
    }
    siblings = {a: b for some in children.values() for a, b in itertools.pairwise(some)}
    places = {**small.places, **main.places}
    entries = bytearray()
    for path in names:
        name = (path.rpartition("/")[2] if path else "Root Entry").encode("utf-16-le")
        folder = path in children
        entries += struct.pack(
            "<64sHBBIII36xIQ",
            name,
            len(name) + 2,
            5 if not path else 1 if folder else 2,
            1,
            NONE,
            names.index(siblings[path]) if path in siblings else NONE,
            names.index(children[path][0]) if folder and children[path] else NONE,
            places.get(path, 0),
            len(small.content) if not path else len(streams.get(path, b"")),
        )
    at = places["/directory"] * SECTOR
    content = main.content[:at] + entries.ljust(len(directory), b"\0") + main.content[at + len(directory) :]
    header = struct.pack(
        "<8s16x5H6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, places["/directory"], 0, SMALL,
        places["/fat"], len(mini_fat) // SECTOR, END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *range(fat_at, fat_at + fat_sectors), *[FREE] * (109 - fat_sectors))
    return header + content + struct.pack(f"<{len(chains)}I", *chains)


@dataclass
class _Chained:
    """Streams in sectors: their bytes, where each begins, and which sector follows which."""

    content: bytes
    places: dict[str, int]
    chains: list[int]


def _chained(streams: dict[str, bytes], sector: int) -> _Chained:
    chained = _Chained(b"", {}, [])
    for path, raw in streams.items():
        count = -(-len(raw) // sector)
        begin = len(chained.chains)
        chained.places[path] = begin if count else END
        chained.chains += [*range(begin + 1, begin + count), END] if count else []
        chained.content += raw.ljust(count * sector, b"\0")
    return chained


def doc(text: str, *, encrypted: bool = False) -> bytes:
    """Write a Word document in two pieces, one of them of single bytes."""
    body = text.encode("utf-16-le")
    main = bytearray(0x400)
    struct.pack_into("<H8xH", main, 0, 0xA5EC, 0x0200 | (0x0100 if encrypted else 0))
    main += b"Dear reader\r" + body
    plc = struct.pack("<3I", 0, 12, 12 + len(text))
    plc += struct.pack("<HIH", 0, (0x400 * 2) | 0x40000000, 0) + struct.pack("<HIH", 0, 0x400 + 12, 0)
    clx = b"\2" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<II", main, 0x01A2, 0, len(clx))
    return compound({"WordDocument": bytes(main), "1Table": clx})


def ppt(text: str, *, encrypted: bool = False) -> bytes:
    """Write a presentation: a text in a container in a container."""

    def record(kind: int, body: bytes, version: int = 0) -> bytes:
        return struct.pack("<HHI", version, kind, len(body)) + body

    atoms = record(0x0FA8, b"Title") + record(0x0FA0, text.encode("utf-16-le"))
    document = record(0x03E8, record(0x0FF0, atoms, 0xF), 0xF)
    token = 0xF3D1C4DF if encrypted else 0xE391C05F
    user = struct.pack("<HHIII", 0, 0x0FF6, 20, 20, token) + bytes(12)
    return compound({"PowerPoint Document": document, "Current User": user})


def msg(subject: str, body: str, name: str, attachment: bytes) -> bytes:
    """Write a letter of Outlook with one attachment."""
    wide = {"0037001F": subject, "1000001F": body}
    streams = {f"__substg1.0_{code}": text.encode("utf-16-le") for code, text in wide.items()}
    streams["__properties_version1.0"] = bytes(32)
    streams["__attach_version1.0_#00000000/__substg1.0_37010102"] = attachment
    streams["__attach_version1.0_#00000000/__substg1.0_3707001F"] = name.encode("utf-16-le")
    streams["__recip_version1.0_#00000000/__substg1.0_3001001E"] = "鈴木".encode("cp932")
    return compound(streams)


def xls(rows: list[tuple[str, ...]], *, comment: str = "", header: str = "") -> bytes:
    """Write a workbook of one sheet, in BIFF8."""
    return compound({"Workbook": workbook(rows, comment=comment, header=header)})


def workbook(
    rows: list[tuple[str, ...]], first: bytes = b"", *, comment: str = "", header: str = ""
) -> bytes:
    """Write its stream, with this record first."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    def wide(text: str) -> bytes:
        return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")

    sheet = begin(0x0010) + record(0x0014, wide(header))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet += record(0x0204, struct.pack("<HHH", number, column, 0) + wide(cell))
    if comment:
        sheet += record(0x01B6, bytes(18)) + record(0x003C, b"\1" + comment.encode("utf-16-le"))
    sheet += record(0x000A)
    name = "名簿".encode("utf-16-le")
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name) // 2, 1) + name
    globals_length = len(begin(5) + first + record(0x0085, bound) + record(0x000A))
    bound = struct.pack("<I", globals_length) + bound[4:]
    return begin(0x0005) + first + record(0x0085, bound) + record(0x000A) + sheet
