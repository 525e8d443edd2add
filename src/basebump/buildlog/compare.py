"""Two builds of the same step: what is the same, and what differs, first what matters first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from basebump.buildlog.values import Diagnosis, Packages

_NAMED_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what differs, its value in either build (None: not told), a sentence."""

    what: str
    bad: str | None
    good: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two builds side by side.

    `differences` are ordered: causes before their effects, so the first is where to look first.
    `same` are sentences; `untold` names what only one of the two logs tells, which is no
    difference.
    """

    same: tuple[str, ...]
    differences: tuple[Difference, ...]
    untold: tuple[str, ...]


# What a build starts from comes before what it runs on, that before what it fetches, and a
# runner's mere name last: two runners always differ in it.
_FIRST = ("base image", "base digest", "kernel", "builder", "storage driver", "operating system")
_FETCHED = ("mirror",)
_LAST = ("node", "npm", "host")


def compare(bad: Diagnosis, good: Diagnosis) -> Comparison:
    """Compare a failed build with one that worked.

    Packages are those of the step that failed, when the good build ran a step with the same text;
    otherwise those of the whole builds. Pure; raises nothing.
    """
    collected = _Collected()
    bad_packages, good_packages = _step(bad, good, collected)
    _facts(_FIRST, bad, good, collected)
    _facts(_FETCHED, bad, good, collected)
    _counts(bad_packages, good_packages, collected)
    _package_sets(bad_packages, good_packages, collected)
    _versions(bad_packages, good_packages, collected)
    _facts(_LAST, bad, good, collected)
    return Comparison(tuple(collected.same), tuple(collected.differences), tuple(collected.untold))


class _Collected:
    def __init__(self) -> None:
        self.same: list[str] = []
        self.differences: list[Difference] = []
        self.untold: list[str] = []

    def differ(self, what: str, bad: str | None, good: str | None, sentence: str) -> None:
        self.differences.append(Difference(what, bad, good, sentence))


def _step(bad: Diagnosis, good: Diagnosis, collected: _Collected) -> tuple[Packages, Packages]:
    """Say whether both ran the failed step; return what to compare of their packages."""
    text = bad.step.text if bad.step else ""
    if text and text in good.steps:
        collected.same.append(f"the step is the same: `{text}`")
        none = Packages()
        return bad.packages.get(text, none), good.packages.get(text, none)
    if text:
        collected.differ(
            "step", text, None, f"the good build has no step `{text}`; whole builds are compared"
        )
    return _merged(bad.packages), _merged(good.packages)


def _merged(steps: Mapping[str, Packages]) -> Packages:
    planned: set[str] = set()
    versions: dict[str, str] = {}
    counts: dict[str, int] = {}
    for packages in steps.values():
        planned |= packages.planned
        versions |= packages.versions
        for name, count in packages.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Packages(frozenset(planned), versions, counts)


def _facts(names: Iterable[str], bad: Diagnosis, good: Diagnosis, collected: _Collected) -> None:
    for name in names:
        ours, theirs = bad.facts.get(name, ()), good.facts.get(name, ())
        if not ours and not theirs:
            continue
        if not ours or not theirs:
            collected.untold.append(f"{name} (only the {'bad' if ours else 'good'} log tells it)")
        elif set(ours) == set(theirs):
            collected.same.append(f"the {name} is the same: {', '.join(sorted(ours))}")
        else:
            before, after = ", ".join(ours), ", ".join(theirs)
            sentence = f"the {name} differs: {before} in the bad build, {after} in the good one"
            collected.differ(name, before, after, sentence)


def _counts(bad: Packages, good: Packages, collected: _Collected) -> None:
    for name in sorted(bad.counts.keys() & good.counts.keys()):
        ours, theirs = bad.counts[name], good.counts[name]
        if ours == theirs:
            continue
        sentence = f"{ours} {name} in the bad build, {theirs} in the good one"
        collected.differ(name, str(ours), str(theirs), sentence)


def _package_sets(bad: Packages, good: Packages, collected: _Collected) -> None:
    if not bad.names and not good.names:
        return
    only_bad, only_good = bad.names - good.names, good.names - bad.names
    if not only_bad and not only_good:
        collected.same.append(f"the package sets are the same: {len(bad.names)} packages")
        return
    parts = [
        f"{len(names)} only in the {which} build ({_listed(names)})"
        for which, names in (("bad", only_bad), ("good", only_good))
        if names
    ]
    sentence = f"the package sets differ: {'; '.join(parts)}"
    collected.differ("packages", _listed(only_bad) or None, _listed(only_good) or None, sentence)


def _versions(bad: Packages, good: Packages, collected: _Collected) -> None:
    for name in sorted(bad.versions.keys() & good.versions.keys()):
        ours, theirs = bad.versions[name], good.versions[name]
        if ours != theirs:
            sentence = f"{name} is {ours} in the bad build, {theirs} in the good one"
            collected.differ(f"version of {name}", ours, theirs, sentence)


def _listed(names: frozenset[str]) -> str:
    """Return the names, the first dozen of a long list."""
    listed = ", ".join(sorted(names)[:_NAMED_AT_MOST])
    return listed if len(names) <= _NAMED_AT_MOST else f"{listed}, …"
