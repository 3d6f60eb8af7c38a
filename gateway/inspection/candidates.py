"""Passwords that a text may tell of: what stands beside 「パスワード」 and its like (PPAP).

In: a text, as people read it. Out: candidates, the likeliest first. Fails: never.

They are guesses at what the text says, and no more: 「会社の電話番号の下4桁」 says nothing that could be tried. Nothing here is a
secret by itself; one that opens something is (store/passwords.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from unicodedata import normalize

import regex

MAX_CANDIDATES = 24  # of one text
MAX_CHARACTERS = 100_000
MAX_LINE = 1000
MAX_BESIDE = 200
LINES_AFTER = 4  # of a label, that are not empty
MIN_LENGTH, MAX_LENGTH = 3, 128

_LABEL = regex.compile(
    r"パスワ[ーｰ―‐-]ド|ﾊﾟｽﾜ[ｰ-]ﾄﾞ|パスコード|パスフレーズ|(?<![\p{Katakana}ー])パス(?![\p{Katakana}ー])"
    r"|(?<![A-Za-z])(?:P/?W|pwd|pass(?:word|code|phrase|wd)?)(?![A-Za-z])"
    r"|(?:解凍|展開|開封|復号|閲覧|暗号)(?:用|化)?(?:の)?(?:キー|コード|鍵|パス|PW|番号|文字列)|暗証番号|暗証|合言葉|合い言葉",
    regex.IGNORECASE,
)
_QUOTED = regex.compile(r"「([^「」\n]+)」|『([^『』\n]+)』|【([^【】\n]+)】|［([^［］\n]+)］|\[([^\[\]\n]+)\]|〈([^〈〉\n]+)〉|《([^《》\n]+)》|<([^<>\n]+)>"
                        r"|\"([^\"\n]+)\"|“([^“”\n]+)”|'([^'\n]+)'|‘([^‘’\n]+)’|`([^`\n]+)`|\(([^()\n]+)\)|（([^（）\n]+)）")  # fmt: skip
_BETWEEN = regex.compile(
    r"^[^:=：＝→⇒]{0,30}[:=：＝→⇒]\s*|^\s*(?:は|が|is)\s*[、,]?\s*|^\s+", regex.IGNORECASE
)
_TOKEN = regex.compile(r"[!-~]{3,128}")
_FULL_WIDTH = regex.compile(r"[！-～]{3,128}")
_DECORATION = "　 \t■□◆◇●○・※*＊-－―─━=＝>＞|｜"
_POLITE = regex.compile(
    r"(?:です|でございます|となります|になります|となっております)?(?:[。．]|\.(?=$))?\s*$"
)


def candidates(text: str) -> tuple[str, ...]:
    """Give what may be a password in a text, each as it is written and in half width."""
    found: dict[str, None] = {}
    for guess in islice(_guesses(text[:MAX_CHARACTERS]), 400):
        for form in (guess.strip(), normalize("NFKC", guess).strip()):
            if MIN_LENGTH <= len(form) <= MAX_LENGTH and not _LABEL.fullmatch(form):
                found.setdefault(form)
        if len(found) >= MAX_CANDIDATES:
            break
    return tuple(found)[:MAX_CANDIDATES]


def _guesses(text: str) -> Iterator[str]:
    lines = [line[:MAX_LINE] for line in text.splitlines() if line.strip()]
    labelled = [number for number, line in enumerate(lines) if _LABEL.search(line)]
    for number in labelled:
        for label in _LABEL.finditer(lines[number]):
            yield from _beside(lines[number][label.end() :][:MAX_BESIDE])
    for number in labelled:  # on a line of its own, after the label's
        for line in lines[number + 1 : number + 1 + LINES_AFTER]:
            yield from _quoted(line)
            yield from _alone(line)
    for number in labelled:
        yield from _quoted(lines[number])
        yield from _tokens(lines[number])
    if labelled:  # the label stands in the subject, say, and greetings come between
        for line in lines:
            yield from _alone(line)
        for number in labelled:
            for line in lines[number + 1 : number + 1 + LINES_AFTER]:
                yield from _tokens(line)


def _beside(rest: str) -> Iterator[str]:
    """Guess what a label's own line says after it."""
    yield from _quoted(rest)
    value = _BETWEEN.sub("", rest, count=1).strip()
    plain = _POLITE.sub("", value)
    yield from _tokens(plain[:MAX_LENGTH], at_start=True)
    if value and value != rest:
        yield plain
        yield value


def _alone(line: str) -> Iterator[str]:
    """Guess that a line says nothing else."""
    value = line.strip(_DECORATION)
    plain = _POLITE.sub("", value)
    for one in (plain, value):
        is_token = _TOKEN.fullmatch(one) or _FULL_WIDTH.fullmatch(one)
        if is_token and "://" not in one and "@" not in one[1:-1]:
            yield one


def _quoted(line: str) -> Iterator[str]:
    for found in _QUOTED.finditer(line):
        yield next(group for group in found.groups() if group is not None)


def _tokens(line: str, *, at_start: bool = False) -> Iterator[str]:
    for pattern in (_TOKEN, _FULL_WIDTH):
        if at_start:
            if first := pattern.match(line):
                yield first[0]
                yield first[0].rstrip(".,;)")
            continue
        for found in pattern.finditer(line):
            yield found[0]
            yield found[0].strip("()[]<>\"'.,:;")
