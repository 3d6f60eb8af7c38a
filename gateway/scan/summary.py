"""The table at the end of a scan.

In: results. Out: a table for people, who read Japanese or English. Fails: never.
"""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from gateway.model import Decision
from gateway.scan.done import Result

ERROR = "ERROR"
VERDICTS = (*Decision, ERROR)


class Summary:
    """Adds up results."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.gaps: Counter[str] = Counter()
        self.earlier = 0
        self.slowest = 0.0
        self.slowest_path = ""

    @property
    def documents(self) -> int:
        """How many there were."""
        return self.verdicts.total()

    @property
    def exit_code(self) -> int:
        """0 all pass, 1 something does not, 2 something, or all, was not there to read."""
        if self.verdicts[ERROR] or not self.documents:
            return 2
        return 0 if self.verdicts[Decision.PASS] == self.documents else 1

    def add(self, path: str, result: Result, *, earlier: bool = False) -> None:
        """Add what came of a document."""
        self.verdicts[result.verdict] += 1
        self.rules.update(result.rules)
        self.gaps.update(set(result.gaps))
        self.earlier += earlier
        if not earlier and result.seconds > self.slowest:
            self.slowest, self.slowest_path = result.seconds, path

    def show(self, console: Console, *, seconds: float) -> None:
        """Print it."""
        table = Table("判定・理由 / verdict, reason", title="検査のまとめ / summary", title_justify="left")
        table.add_column("件 / documents", justify="right")
        for verdict in VERDICTS:
            if self.verdicts[verdict]:
                table.add_row(verdict, f"{self.verdicts[verdict]:,}")
        table.add_section()
        for rule, times in self.rules.most_common():
            table.add_row(rule, f"{times:,}")
        table.add_section()
        for gap, times in self.gaps.most_common():
            table.add_row(f"unreadable: {gap}", f"{times:,}")
        table.add_section()
        table.add_row("全部 / in all", f"{self.documents:,}")
        if self.earlier:
            table.add_row("うち前回までに済み / of them by earlier runs", f"{self.earlier:,}")
        console.print(table)
        read = self.documents - self.earlier
        if read:
            console.print(
                f"{seconds:.1f} 秒 / s, {read / max(seconds, 0.001):.1f} 件毎秒 / documents a second; "
                f"最長 / slowest {self.slowest:.1f} 秒 / s: {self.slowest_path}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
