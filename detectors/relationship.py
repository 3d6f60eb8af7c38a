"""Find how one person is related to another (続柄, 住民基本台帳法 7条4号; values: 住民基本台帳事務処理要領).

In: running text after its label, whole cells. Out: the word. Fails: never.
"""

from __future__ import annotations

import re

from detectors._labelled import GLUE, labelled
from detectors._words import headings

kind = "relationship"

header = headings(kind)
_VALUES = (
    "本人 世帯主 妻 夫 配偶者 子 長男 次男 二男 三男 四男 五男 長女 次女 二女 三女 四女 五女 男 女 父 母 父親 母親 実父 実母 義父 義母 養父 養母 祖父 祖母 曾祖父 曾祖母 "
    "孫 曾孫 兄 弟 姉 妹 兄弟 姉妹 義兄 義弟 義姉 義妹 伯父 叔父 伯母 叔母 おじ おば 甥 姪 いとこ 従兄弟 従姉妹 養子 養女 妻の子 夫の子 子の妻 子の夫 子の子 父の妻 母の夫 "
    "内縁の妻 内縁の夫 妻(未届) 夫(未届) パートナー 同居人 縁故者 親族 親 両親 保護者 後見人 成年後見人 未成年後見人 知人 友人 その他 嫁 婿 里親 親戚 self spouse wife husband son daughter "
    "father mother brother sister parent child grandfather grandmother guardian お父さん お母さん お父様 お母様 ご本人 ママ パパ おじいちゃん おばあちゃん"
)
_KNOWN = frozenset(_VALUES.split())
# Words that stand for gender or for anything as well say nothing without a heading.
_ALSO_ELSE = frozenset(("男", "女", "その他", "本人", "子", "親", "保護者", "友人", "知人"))


def cell(value: str) -> str | None:
    """Give the relationship that a whole cell says by itself."""
    return value if value in _KNOWN and value not in _ALSO_ELSE else None


def known(value: str) -> str | None:
    """Give the relationship of a cell of a column known to hold them."""
    word = value.lower().strip("()")
    return word if word in _KNOWN else None


_find = labelled(
    kind,
    "|".join(f"{who}様?とのご?関係" for who in ("本人", "世帯主", "申込者", "お子様", "児童", "生徒", "患者"))
    + r"|ご(?<![ぁ-んァ-ヶー一-龠]ご)関係|続き?柄|間柄|elationship",
    "(?:"
    + "|".join(sorted(map(re.escape, _KNOWN), key=len, reverse=True))
    + r")(?![\u3041-\u3096一-龠々・])",
    len,
    hints="柄 関係 elation",
    glue=GLUE + r"(?:\((?=[^()\n]{1,8}\)))?",
)
trigger, find = _find.trigger, _find.find
