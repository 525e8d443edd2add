"""What the failed builds of a fleet have in common, and what sets them apart from the green."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from basebump.buildlog.association import fisher_greater, holm
from basebump.buildlog.clusters import Build, Cluster, Shared, Strength
from basebump.buildlog.sentence import targets
from basebump.buildlog.signature import Signature, signature

LEVEL = 0.05
# Two explanations whose chances differ by less than this are not told apart.
_MARGIN = 10.0
_FEWEST = 2  # one build has nothing in common with itself


def cluster(builds: Iterable[Build]) -> list[Cluster]:
    """Group the failed builds and set each group against the green ones. Largest group first.

    The order of the builds does not change the answer. Builds that failed otherwise count neither
    as having failed here nor as green. The correction is over every comparison of every group, so
    the more attributes are given, the more it takes.
    """
    known = sorted(builds, key=lambda build: build.name)
    green = [build for build in known if build.ok]
    groups: dict[Signature, list[Build]] = {}
    for build in known:
        if not build.ok:
            groups.setdefault(signature(build.diagnosis), []).append(build)
    tables = {key: _tables(group, green) for key, group in groups.items()}
    tested = [
        (key, at) for key, rows in tables.items() if len(groups[key]) >= _FEWEST
        for at in range(len(rows))
    ]  # fmt: skip
    corrected = dict(zip(tested, holm([tables[key][at].p for key, at in tested]), strict=True))
    found = [
        _judged(key, group, _corrected(key, tables[key], corrected), len(green), _failed(known))
        for key, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-len(one.builds), one.signature))


def _failed(builds: Sequence[Build]) -> int:
    return sum(not build.ok for build in builds)


def _corrected(
    key: Signature, rows: Sequence[Shared], corrected: Mapping[tuple[Signature, int], float]
) -> list[Shared]:
    """Put the corrected chances in; a group of one has no test and keeps 1."""
    return [
        Shared(row.attributes, row.failed, row.cluster, row.green, row.greens,
               corrected.get((key, at), 1.0))
        for at, row in enumerate(rows)
    ]  # fmt: skip


def _tables(group: Sequence[Build], green: Sequence[Build]) -> list[Shared]:
    """Return a two-by-two table for each way in which some attribute divides the builds.

    Attributes that divide them in the same way cannot be told apart and are one comparison.
    """
    both = [*group, *green]
    ways: dict[frozenset[int], list[tuple[str, str]]] = {}
    for name, value in sorted({pair for build in both for pair in build.attributes.items()}):
        having = frozenset(
            at for at, build in enumerate(both) if build.attributes.get(name) == value
        )
        if len(having) < len(both):
            ways.setdefault(having, []).append((name, value))
    tables = []
    for having, attributes in ways.items():
        failed = sum(at < len(group) for at in having)
        p = fisher_greater(failed, len(group), len(having), len(both))
        green_having = len(having) - failed
        tables.append(Shared(tuple(attributes), failed, len(group), green_having, len(green), p))
    return tables


def _judged(
    key: Signature, group: Sequence[Build], rows: Sequence[Shared], greens: int, failed: int
) -> Cluster:
    strength, shared = _strength(rows, enough=len(group) >= _FEWEST and greens > 0)
    names = tuple(build.name for build in group)
    return Cluster(key, names, failed, greens, len(rows), strength, tuple(shared))


def _strength(rows: Sequence[Shared], *, enough: bool) -> tuple[Strength, list[Shared]]:
    """Return what may be said, and of which attributes."""
    ranked = sorted(rows, key=lambda row: (row.p, -row.failed, row.green, row.attributes))
    significant = [row for row in ranked if row.p <= LEVEL] if enough else []
    if significant:
        best = significant[0]
        rivals = [row for row in significant if row.p <= best.p * _MARGIN]
        one = len(targets(rivals)) == 1
        return (Strength.POINTS if one else Strength.SUGGESTS), rivals
    separating = [row for row in ranked if row.separates and row.greens]
    return (Strength.SUGGESTS, separating) if separating else (Strength.NOTHING, ranked[:1])
