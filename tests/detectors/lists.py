"""What the tests of tables make their lists of; every value is fictitious."""

from __future__ import annotations

import pandas as pd

import detectors

SURNAMES = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "清水",
    "山崎",
]
GIVEN = [
    "太郎",
    "花子",
    "健太",
    "美咲",
    "翔太",
    "結衣",
    "大輔",
    "彩",
    "直樹",
    "陽子",
    "誠",
    "由美",
    "隆",
    "恵子",
    "浩",
    "智子",
    "拓也",
    "麻衣",
    "哲也",
    "香織",
]
TOWNS = [
    "東京都港区芝",
    "東京都千代田区神田",
    "神奈川県横浜市西区みなとみらい",
    "大阪府大阪市北区梅田",
    "北海道札幌市中央区北一条西",
    "愛知県名古屋市中区栄",
]


def scan(header, rows):
    return detectors.scan_table(pd.DataFrame(rows, columns=header))


def kinds(report):
    return [column.kind for column in report.columns]


def person(dice):
    return f"{dice.choice(SURNAMES)} {dice.choice(GIVEN)}"


def mobile(number):
    return f"090-{number // 10000:04d}-{number % 10000:04d}"
