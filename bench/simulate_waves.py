"""Show how many builds go red before waves halt, and whether the hidden cause is found.

    python bench/simulate_waves.py [--fleets 1000] [--seed 8]

Each fleet has 40 to 600 repositories on 3 to 8 runners with up to 3 kernels, four flavours, teams
and an installed package. One value of one of them is the hidden cause, or nothing is: what has it
fails in 97 of 100 builds, everything else in 1 of 100, for a reason of its own. Waves of 1, 5, 10 %
and 100 % go out in basebump's own order, by what a Dockerfile shows (flavour and package; on which
runner a build lands nobody knows before), and halt at `max_failures`. The diagnosis sees what a
campaign sees: the builds opened so far. What it says counts as true when the hidden cause is among
the attributes that it names; `named` is how many those are in the mean.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from basebump.buildlog import (
    Build,
    Cluster,
    Diagnosis,
    Line,
    Outcome,
    Step,
    Strength,
    cluster,
)
from basebump.buildlog.causes import TABLE
from basebump.core.waves import Waves, most_telling_first

SIZES = ("1", "5", "10%", "100%")
VISIBLE = ("flavour", "package")
FLEETS, SEED = 1000, 8
CAUSES = ("builder", "flavour", "package", "none")
FAILS, NOISE = 0.97, 0.01
PACKAGES = ("git", "curl", "openssh-client", "imagemagick", "postgresql-client", "none")
_ROWS = {row.id: row for row in TABLE}
_NOISES = ("connection", "test-failure", "disk-full", "apt-hash", "npm-integrity")


@dataclass(frozen=True, slots=True)
class Fleet:
    """Builds as they will end, in no order, and what is behind the failures."""

    cause: str
    hidden: tuple[str, str] | None
    builds: tuple[Build, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One campaign: how many builds were opened, how many went red, what was said."""

    cause: str
    opened: int
    red: int
    halted: bool
    said: str
    named: int


def fleet(rng: random.Random) -> Fleet:
    """Return a random fleet."""
    runners = {
        f"runner{at:02}": f"4.4.0-{rng.choice((98, 101, 103))}" for at in range(rng.randint(3, 8))
    }
    flavours = ("stretch", "slim", "alpine", "jessie")
    teams = [f"team{at}" for at in range(rng.randint(4, 12))]
    cause = rng.choice(CAUSES)
    hidden = {
        "builder": ("runner", rng.choice(list(runners))),
        "flavour": ("flavour", rng.choice(flavours)),
        "package": ("package", rng.choice(PACKAGES[:-1])),
        "none": None,
    }[cause]
    builds = []
    for at in range(rng.randint(40, 600)):
        runner = rng.choice(list(runners))
        attributes = {
            "runner": runner,
            "kernel": runners[runner],
            "flavour": rng.choices(flavours, (4, 3, 2, 1))[0],
            "team": rng.choice(teams),
            "package": rng.choices(PACKAGES, (3, 2, 2, 1, 1, 6))[0],
        }
        builds.append(_built(f"repo{at:03}", attributes, hidden, rng))
    return Fleet(cause, hidden, tuple(builds))


def _built(
    name: str, attributes: dict[str, str], hidden: tuple[str, str] | None, rng: random.Random
) -> Build:
    meant = hidden is not None and attributes[hidden[0]] == hidden[1]
    if meant and rng.random() < FAILS:
        return _failed(name, attributes, "apt-dependency", "apt-get install -y git")
    if rng.random() < NOISE:
        return _failed(name, attributes, rng.choice(_NOISES), rng.choice(("npm ci", "npm test")))
    return Build(name, ok=True, attributes=attributes)


def _failed(name: str, attributes: dict[str, str], cause: str, command: str) -> Build:
    step = Step("classic", f"RUN {command}", exit_code=1)
    diagnosis = Diagnosis(Outcome.FAILED, step, cause=_ROWS[cause], root=Line(1, cause))
    return Build(name, ok=False, attributes=attributes, diagnosis=diagnosis)


@dataclass(frozen=True, slots=True)
class Due:
    """A repository as basebump sees it before its build: by its Dockerfile, not by its runner."""

    repository: str
    branch: str
    traits: frozenset[str]
    build: Build


def waves(builds: Sequence[Build]) -> Iterator[list[Build]]:
    """Yield the builds wave by wave, chosen as `apply` chooses them."""
    due = []
    for build in builds:
        shown = {f"{key}:{build.attributes[key]}" for key in VISIBLE}
        due.append(Due(build.name, "", frozenset(shown), build))
    ordered, start = most_telling_first(due), 0
    for end in Waves.parse(SIZES).ends(len(due)):
        yield [each.build for each in ordered[start:end]]
        start = end


def with_waves(one: Fleet, max_failures: int) -> Run:
    """Open wave after wave until one has `max_failures` red builds."""
    opened: list[Build] = []
    for wave in waves(one.builds):
        opened += wave
        if sum(not build.ok for build in wave) >= max_failures and len(opened) < len(one.builds):
            return _run(one, opened, halted=True)
    return _run(one, opened, halted=False)


def without_waves(one: Fleet) -> Run:
    """Open everything at once."""
    return _run(one, one.builds, halted=False)


def _run(one: Fleet, opened: Sequence[Build], *, halted: bool) -> Run:
    red = sum(not build.ok for build in opened)
    clusters = cluster(opened)
    largest = clusters[0] if clusters else None
    said, named = _said(one, largest), _named(largest)
    return Run(one.cause, len(opened), red, halted, said, len(named))


def _named(largest: Cluster | None) -> set[tuple[str, str]]:
    """Return the attributes that the largest cluster's sentence names."""
    if largest is None or largest.strength is Strength.NOTHING:
        return set()
    return {pair for shared in largest.shared for pair in shared.attributes}


def _said(one: Fleet, largest: Cluster | None) -> str:
    """Return whether the largest cluster's explanation is the true one, and how sure it is."""
    named = _named(largest)
    if largest is None or not named:
        return "nothing"
    truth = "true" if one.hidden in named else "false"
    return f"{'certain' if largest.strength is Strength.POINTS else 'lead'}, {truth}"


def report(title: str, runs: Sequence[Run]) -> None:
    """Print one line a hidden cause."""
    print(f"\n{title}")
    print(f"{'hidden cause':<13}{'fleets':>7}{'red, mean':>11}{'max':>5}{'halted':>8}", end="")
    words = ("certain, true", "certain, false", "lead, true", "lead, false", "nothing")
    print("".join(f"{word:>16}" for word in words) + f"{'named':>8}")
    for cause in CAUSES:
        mine = [run for run in runs if run.cause == cause]
        if mine:
            said = Counter(run.said for run in mine)
            print(
                f"{cause:<13}{len(mine):>7}{mean(run.red for run in mine):>11.1f}"
                f"{max(run.red for run in mine):>5}{sum(run.halted for run in mine):>8}"
                + "".join(f"{said[word]:>16}" for word in words)
                + f"{mean([run.named for run in mine if run.named] or [0]):>8.1f}"
            )


def measure() -> Iterator[tuple[str, str, str]]:
    """The rows for `make bench`."""
    rng = random.Random(SEED)  # noqa: S311 - a simulation that can be repeated
    fleets = [fleet(rng) for _ in range(FLEETS)]
    once, staged = [without_waves(one) for one in fleets], [with_waves(one, 1) for one in fleets]
    for cause in CAUSES:
        before, after = ([run for run in runs if run.cause == cause] for runs in (once, staged))
        figure = f"{mean(run.red for run in after):.1f}"
        aim = f"at once {mean(run.red for run in before):.0f}"
        yield f"{len(after)} fleets, hidden cause {cause}: red builds, mean", figure, aim
    for strength in ("certain", "lead"):
        said = [run.said for run in staged if run.said.startswith(strength)]
        true = sum(each.endswith("true") for each in said)
        figure = f"{true / max(1, len(said)):.0%} of {len(said)}"
        yield f"after the halt, a cause is named as {strength}: true", figure, ""


def main() -> None:
    """Run the simulation and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleets", type=int, default=FLEETS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - a simulation that can be repeated
    fleets = [fleet(rng) for _ in range(options.fleets)]
    report("all at once", [without_waves(one) for one in fleets])
    for limit in (1, 3):
        report(
            f"waves 1, 5, 10 %, 100 %, halt at {limit}", [with_waves(one, limit) for one in fleets]
        )


if __name__ == "__main__":
    main()
