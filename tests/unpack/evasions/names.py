"""Tricks with the name of a file. The bytes say what it is, so none of them may matter; a name that lies is held for it."""

from __future__ import annotations

from tests.unpack.evasions.load import IN_BASE64, Law, Load, Trick, attached

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
BROKEN = "Ullrich, MIME is broken (BSides Munich 2022)"
TYPE = "Content-Type: application/zip"
AS = "Content-Disposition: attachment"

_NAMES = (
    ("plain", "RFC 2183", LEGAL, f"{TYPE}\r\n{AS}; filename=list.zip"),
    ("in the type alone", "RFC 2045, 5.1", LEGAL, f"{TYPE}; name=list.zip"),
    ("inline", "RFC 2183, 2.1", LEGAL, f"{TYPE}\r\nContent-Disposition: inline; filename=list.zip"),
    ("inline and without a name", "RFC 2183, 2.1", LEGAL, f"{TYPE}\r\nContent-Disposition: inline"),
    ("an unknown disposition", "RFC 2183, 2.8", LEGAL, f"{TYPE}\r\nContent-Disposition: x-foo; filename=list.zip"),
    ("in another case", "RFC 2183", LEGAL, f"{TYPE}\r\nCONTENT-DISPOSITION: ATTACHMENT; FILENAME=LIST.ZIP"),
    ("with other parameters", "RFC 2183, 2.3", LEGAL, f'{TYPE}\r\n{AS}; size=9; creation-date="Sat, 21 Nov 2026 12:00:00 +0900"; filename=list.zip'),
    ("folded", "RFC 5322, 2.2.3", LEGAL, f"{TYPE}\r\n{AS};\r\n\tfilename=list.zip"),
    ("with a comment", "RFC 2045, 5.1", LEGAL, f"{TYPE}\r\n{AS} (x); filename=list.zip (x.png)"),
    ("a quote in it, escaped", "RFC 5322, 3.2.4", LEGAL, rf'{TYPE}; name="li\"st.zip"'),
    ("a semicolon in it", "RFC 2045, 5.1", LEGAL, f'{TYPE}; name="li;st.zip"'),
    ("extended", "RFC 2231, 4", LEGAL, f"{TYPE}\r\n{AS}; filename*=utf-8'ja'%E5%90%8D%E7%B0%BF.zip"),
    ("extended in pieces", "RFC 2231, 4.1", LEGAL, f"{TYPE}\r\n{AS}; filename*0*=utf-8''%E5%90%8D; filename*1*=%E7%B0%BF.zip"),
    ("a character cut between pieces", "RFC 2231, 4.1", LEGAL, f"{TYPE}\r\n{AS}; filename*0*=utf-8''%E5%90%8D%E7; filename*1*=%B0%BF.zip"),
    ("in pieces of both kinds", "RFC 2231, 4.1", LEGAL, f'{TYPE}\r\n{AS}; filename*0*=utf-8\'\'%E5%90%8D; filename*1="list.zip"'),
    ("extended in ISO-2022-JP", "RFC 2231, 4", LEGAL, f"{TYPE}\r\n{AS}; filename*=iso-2022-jp''%1B%24B%4C%3E%4A%6D%1B%28B.zip"),
    ("extended in Shift_JIS", "RFC 2231, 4", LEGAL, f"{TYPE}\r\n{AS}; filename*=shift_jis''%96%BC%95%EB.zip"),
    ("plain and extended, the same", "RFC 6266, 4.3", LEGAL, f"{TYPE}\r\n{AS}; filename=list.zip; filename*=utf-8''list.zip"),
    ("plain for old readers and extended", "RFC 6266, 4.3", LEGAL, f"{TYPE}\r\n{AS}; filename=meibo.zip; filename*=utf-8''%E5%90%8D%E7%B0%BF.zip"),
    ("one in the type, one in the disposition", "RFC 2183, 2.3", LEGAL, f"{TYPE}; name=a.zip\r\n{AS}; filename=b.zip"),
    ("an encoded word for old readers, and extended", "RFC 2231", TOLERATED, f'{TYPE}; name="=?utf-8?B?5ZCN57C/LnppcA==?="\r\n{AS}; filename*=utf-8\'\'%E5%90%8D%E7%B0%BF.zip'),
    ("an encoded word", "RFC 2047, 5", TOLERATED, f'{TYPE}\r\n{AS}; filename="=?utf-8?B?5ZCN57C/LnppcA==?="'),
    ("an encoded word without quotes", "RFC 2047, 5", TOLERATED, f"{TYPE}\r\n{AS}; filename==?utf-8?B?5ZCN57C/LnppcA==?="),
    ("an encoded word in ISO-2022-JP", "RFC 2047, 5", TOLERATED, f'{TYPE}; name="=?ISO-2022-JP?B?GyRCTD5KbRsoQi56aXA=?="'),
    ("an encoded word and a bare end", "RFC 2047, 5", TOLERATED, f'{TYPE}; name="=?utf-8?B?5ZCN57C/?=.zip"'),
    ("two encoded words, folded", "RFC 2047, 5", TOLERATED, f'{TYPE}; name="=?utf-8?B?5ZCN?=\r\n =?utf-8?B?57C/LnppcA==?="'),
    ("raw UTF-8", "RFC 6532", LEGAL, f"{TYPE}; name=名簿.zip\r\n{AS}; filename=名簿.zip"),
    ("blanks and no quotes", "RFC 2045, 5.1", TOLERATED, f"{TYPE}; name=my list.zip"),
    ("blanks round =", BROKEN, TOLERATED, f"{TYPE}\r\n{AS}; filename = list.zip"),
    ("folded behind =", BROKEN, TOLERATED, f"{TYPE}\r\n{AS}; filename=\r\n list.zip"),
    ("the same disposition twice", BROKEN, TOLERATED, f"{TYPE}\r\n{AS}; filename=list.zip\r\n{AS}; filename=list.zip"),
    ("no disposition behind the colon", BROKEN, TOLERATED, f"{TYPE}\r\nContent-Disposition: ; filename=list.zip"),
    ("a name and no disposition", BROKEN, TOLERATED, f"{TYPE}\r\nContent-Disposition: filename=list.zip"),
    ("240 characters", BROKEN, TOLERATED, f"{TYPE}; name={'l' * 236}.zip"),
    ("3,000 characters", "Gordano, malformed MIME", HOSTILE, f"{TYPE}; name={'l' * 3000}.zip"),
    ("empty", BROKEN, TOLERATED, f'{TYPE}; name=""\r\n{AS}; filename=""'),
    ("in single quotes", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename='list.zip'"),
    ("an empty comment in it", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.z()ip"),
    ("a comment in it", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.z(.png)ip"),
    ("a comment in the key", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filena()me=list.zip"),
    ("a picture's name", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.png"),
    ("two in the disposition", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.png; filename=list.zip"),
    ("two in the disposition, the other way", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.zip; filename=list.png"),
    ("two in the type", BROKEN, HOSTILE, f"{TYPE}; name=list.png; name=list.zip"),
    ("two dispositions", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.png\r\n{AS}; filename=list.zip"),
    ("a picture's name in the type", BROKEN, HOSTILE, f"{TYPE}; name=list.png\r\n{AS}; filename=list.zip"),
    ("plain and extended, two", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename=list.png; filename*=utf-8''list.zip"),
    ("pieces out of order", "RFC 2231, 3", LEGAL, f"{TYPE}\r\n{AS}; filename*1=t.zip; filename*0=lis"),
    ("a piece left out", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename*0=lis; filename*2=t.zip"),
    ("pieces in two fields", BROKEN, HOSTILE, f"{TYPE}\r\n{AS}; filename*0=lis\r\n{AS}; filename*1=t.zip"),
    ("a quote that never ends", BROKEN, HOSTILE, f'{TYPE}\r\n{AS}; filename="list.zip'),
    ("a quote inside", BROKEN, HOSTILE, f'{TYPE}\r\n{AS}; filename=list".zip'),
    ("turned round", "Unicode, U+202E", HOSTILE, f"{TYPE}; name=list\u202egnp.zip"),
    ("a NUL in it", BROKEN, HOSTILE, f"{TYPE}; name=list.png\0.zip"),
    ("a dot at its end", "CERT VU 17200", HOSTILE, f'{TYPE}; name="list.png."'),
    ("a class number at its end", "CVE-2004-0204", HOSTILE, f'{TYPE}; name="list.png.{{3050f4d8-98B5-11CF-BB82-00AA00BDCE0B}}"'),
    ("a way up", "ASVS 5.3.2", HOSTILE, f'{TYPE}; name="../../etc/list.zip"'),
    ("a letter's", BROKEN, HOSTILE, "Content-Type: text/plain; name=list.txt"),
)  # fmt: skip


def _name(name: str, source: str, law: Law, fields: str) -> Trick:
    def build(load: Load) -> bytes:
        return attached(load, fields, IN_BASE64)

    return Trick(f"name: {name}", source, law, build)


TRICKS = tuple(_name(*row) for row in _NAMES)
