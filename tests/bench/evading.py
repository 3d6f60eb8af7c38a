"""`make check-evasions`: the evasion mails of the tests through the gate, and their harmless twins, as a table.

In: the tricks (tests/unpack/evasions). Out: by class, how many are detected, held or leak, how many twins are held; each that
is not as it should be. Fails: exit 1 where one leaks.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.unpack.evasions import LIST, NEWS, PEOPLE, TRICKS, Law
from tests.unpack.evasions.gate import Judged, judged


def main() -> int:
    """Judge and print."""
    begun = time.process_time()
    outcomes: dict[Law, Counter[str]] = {law: Counter() for law in Law}
    twins: Counter[Law] = Counter()
    lines: list[str] = []
    for trick in TRICKS:
        guilty, twin = judged(trick.build(LIST)), judged(trick.build(NEWS))
        outcome = _outcome(guilty)
        outcomes[trick.law][outcome] += 1
        twins[trick.law] += twin.held
        odd = outcome != "detected" or twin.held
        if outcome == "leak" or (odd and (trick.law is not Law.HOSTILE or "--all" in sys.argv)):
            beside = f"; twin held for {', '.join(twin.reasons)}" if twin.held else ""
            lines.append(
                f"  {trick.law}: {trick.name} ({trick.source}): {outcome}, {', '.join(guilty.reasons)}{beside}"
            )
    print("class      mails  detected  held  leak  twins held")
    for law, counted in outcomes.items():
        total = sum(counted.values())
        shown = (counted["detected"], counted["held"], counted["leak"])
        print(
            f"{law:10} {total:5} {shown[0]:9} {shown[1]:5} {shown[2]:5} {twins[law]:6} ({twins[law] / total:.1%})"
        )
    print(*lines, sep="\n")
    print(f"{2 * len(TRICKS)} mails in {time.process_time() - begun:.1f} s of CPU")
    return int(any(counted["leak"] for counted in outcomes.values()))


def _outcome(guilty: Judged) -> str:
    if not guilty.held:
        return "leak"
    return "detected" if guilty.people == PEOPLE else "held"


if __name__ == "__main__":
    sys.exit(main())
