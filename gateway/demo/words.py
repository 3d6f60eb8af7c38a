"""What the demo says.

In: nothing. Out: texts. Fails: never.
"""

from __future__ import annotations

WORDS = {
    "ja": {
        "begin": "関所: プラスワンの一週間を再現します({days} 日、1日 {mails:,} 通)。データはすべて架空です。",
        "day": "  {day} 日目: {taken:,} 通を受け付け → {state}({mails:,} 通を1件として判定)",
        "held": "\n7日目を1件として保留しました: {mails:,} 通、{records:,} 行、本人 {people:,} 名、{households:,} 世帯、"
        "うち未成年 {minors:,} 名、宛先との一致 {overlap:,} 名",
        "reason": "  - {ja} [{rule}]",
        "look": "\n審査ページ: {url}\n  利用者: {names} (パスワード {password})\n  二人が承認すると送信されます。Ctrl-C で終わります。",
        "first": "\n1人目({name})が承認: まだ1通も出ていません",
        "second": "2人目({name})が承認: 配信を始めます",
        "ledger": "\n台帳: 受付 {accepted:,} 通 / 人の判断なしに配信 {alone:,} 通 / 1件として保留 {held:,} 通 / "
        "次のホップに届いた {received:,} 通、宛先 {recipients:,}",
        "exactly_once": "すべての宛先に、ちょうど1通ずつ届きました。",
        "end": "({seconds} 秒)",
        "wrong": "うまくいきませんでした: {what}",
    },
    "en": {
        "begin": "Sekisho: the Plus One week ({days} days, {mails:,} mails a day). All data is made up.",
        "day": "  day {day}: {taken:,} accepted → {state} ({mails:,} mails judged as one)",
        "held": "\nDay 7 is held as one: {mails:,} mails, {records:,} rows, {people:,} people, {households:,} households, "
        "{minors:,} minors, {overlap:,} of the recipients listed",
        "reason": "  - {en} [{rule}]",
        "look": "\nReview page: {url}\n  accounts: {names} (password {password})\n  Two approvals release it. Ctrl-C ends the demo.",
        "first": "\nfirst approval ({name}): nothing has left",
        "second": "second approval ({name}): released",
        "ledger": "\nLedger: {accepted:,} in / {alone:,} relayed without a person / {held:,} held as one send / "
        "{received:,} received by the next hop, {recipients:,} recipients",
        "exactly_once": "Each recipient got exactly one.",
        "end": "({seconds} s)",
        "wrong": "Something went wrong: {what}",
    },
}
