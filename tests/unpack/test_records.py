"""Lists of people in texts that programs write: each person is counted once, whatever shape the list has."""

from __future__ import annotations

import json

import pytest

from gateway.model import Table
from gateway.unpack import Budget, Source, unpack
from tests.unpack import documents
from tests.unpack.counting import inspected, people
from tests.unpack.documents import HEADING, PEOPLE, ROWS, records

LIST = records()
CALENDAR = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:説明会\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n"
SHEET = "urn:schemas-microsoft-com:office:spreadsheet"


def blocks(start: str, indent: str) -> str:
    return "".join(
        start + f"\n{indent}".join(f"{key}: {value}" for key, value in one.items()) + "\n" for one in LIST
    )


def rows(row: str, cell: str, inner: str) -> str:
    cells = ("".join(f"<{cell}><{inner}>{value}</{inner}></{cell}>" for value in one) for one in ROWS)
    return "".join(f"<{row}>{one}</{row}>" for one in cells)


SHAPES = {
    "YAML, a list": blocks("- ", "  "),
    "YAML, a list under a key": "members:\n" + blocks("  - ", "    "),
    "YAML, objects under a key each": "".join(
        f"p{number}:\n" + "".join(f"  {key}: '{value}'\n" for key, value in one.items()) for number, one in enumerate(LIST)
    ),
    "YAML, a document each": blocks("---\n", ""),
    "YAML in braces": "members: [" + ", ".join(json.dumps(one) for one in LIST) + "]\n",
    "YAML in comments": "- a: 1\n  b: 2\n- a: 1\n  b: 2\n" + "".join(f"# {' '.join(one)}\n" for one in PEOPLE),
    "YAML with names for what comes again": "- &p\n  x: &city 東京都\n" + "".join(
        f"- 氏名: {name}\n  電話番号: {phone}\n  メール: {mail}\n  都道府県: *city\n  more: *p\n" for name, _, phone, mail, _ in PEOPLE
    ),
    "JSON, objects under a key each": json.dumps({f"p{number}": one for number, one in enumerate(LIST)}),
    "JSON, columns": json.dumps({key: [one[key] for one in LIST] for key in HEADING}),
    "JSON in a string of JSON": json.dumps({"payload": json.dumps(LIST)}),
    "XML with another list before it": "<r><x><m n='1' t='y'/><m n='2' t='y'/></x>" + documents.as_xml().decode().split("?>")[1] + "</r>",
    "a workbook in XML": f'<?xml version="1.0"?><Workbook xmlns="{SHEET}"><Table>{rows("Row", "Cell", "Data")}</Table></Workbook>',
    "an OpenDocument in one XML": f'<?xml version="1.0"?><office:document {documents.ODF}>{documents.odf_table()}</office:document>',
    "a document of Word in one XML": '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body>'
    + "".join(documents.paragraph(" ".join(one)) for one in PEOPLE) + "</w:body></w:wordDocument>",
    "a package in one XML": '<p:package xmlns:p="http://schemas.microsoft.com/office/2006/xmlPackage"><p:part>'
     f"<w:document {documents.W}>" + "".join(documents.paragraph(" ".join(one)) for one in PEOPLE) + "</w:document></p:part></p:package>",
    "words between elements": "<l>" + "".join(f"<m>{' '.join(one)}<a x='1'/><b>y</b></m>" for one in PEOPLE) + "</l>",
    "words behind elements": "<l>" + "".join(f"<m x='1' y='2'/>{' '.join(one)}\n" for one in PEOPLE) + "</l>",
    "words of a drawing": '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(f'<text x="1">{" ".join(one)}</text>' for one in PEOPLE) + "</svg>",
    "the guests of a meeting": CALENDAR.format(
        "".join(f'ATTENDEE;CN="{name}";RSVP=TRUE:mailto:{mail}\r\n' for name, _, _, mail, _ in PEOPLE)
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_list_is_counted_in_every_shape(shape):
    assert people(inspected(shape.encode(), "x")) == len(PEOPLE)


PROSE = {
    "a letter with colons": "件名: ご案内\n\n- 日時: 11月21日\n- 場所: 会議室\n\nよろしくお願いします。: -\n",
    "YAML without a list": "---\nname: x\n---\n- y\n",
    "YAML that names itself": "- a: &x [*x, *x]\n- a: *x\n",
    "anchors that multiply": "a: &a [x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    ),
    "ten thousand lists in each other": "- a:\n  - b:\n" + "[" * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_what_is_no_list_is_a_text(text):
    leaves = list(unpack(Source(raw=text.encode(), path=("x",), name="x.yaml", attachment=True), Budget()))
    assert sum(len(leaf.frame) if isinstance(leaf, Table) else len(leaf.content) for leaf in leaves) < 30_000


def test_yaml_keeps_what_is_written():
    text = "- name: x\n  phone: 09000001234\n  when: 2026-11-21\n- name: y\n  phone: 0o17\n  when: ~\n"
    (table,) = (leaf for leaf in unpack(Source(raw=text.encode(), path=("x",), attachment=True), Budget()))
    assert isinstance(table, Table)
    assert table.frame.to_numpy().tolist() == [["x", "09000001234", "2026-11-21"], ["y", "0o17", "~"]]
