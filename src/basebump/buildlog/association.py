"""Whether two things go together more often than chance would have it, in small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence


def fisher_greater(both: int, first: int, second: int, total: int) -> float:
    """Return the chance of `both` or more under independence: Fisher's exact test, one-sided.

    Of `total` builds, `first` failed, `second` have the attribute, `both` are both. The counts of
    a two-by-two table with fixed margins follow the hypergeometric distribution (R. A. Fisher,
    "On the Interpretation of χ² from Contingency Tables", J. R. Stat. Soc. 85, 1922, 87-94).
    Exact in integers until the last division. Raises ValueError for counts that cannot be.
    """
    if not (0 <= both <= min(first, second) and max(first, second) <= total):
        raise ValueError(f"no such table: {both=}, {first=}, {second=}, {total=}")
    ways = sum(
        math.comb(second, k) * math.comb(total - second, first - k)
        for k in range(both, min(first, second) + 1)
    )
    return ways / math.comb(total, first)


def holm(values: Sequence[float]) -> list[float]:
    """Return the values corrected for their number, in the same order.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 6,
    1979, 65-70: it keeps the chance of any false claim below the level, whatever the dependence.
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    corrected = [1.0] * len(values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, values[at] * (len(values) - rank)))
        corrected[at] = highest
    return corrected
