"""In which order a campaign goes out, and how far it may have gone.

The first pull requests are to tell the most: one of each kind before more of the same. How far a
campaign may go follows from how many are out and from what the gate makes of them.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, Self, TypeVar

_SIZE = re.compile(r"(\d{1,9})(%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waves:
    """How many pull requests may be out after each wave: counts, or percents of the campaign."""

    sizes: tuple[str, ...] = ("100%",)

    @classmethod
    def parse(cls, sizes: Iterable[str]) -> Self:
        """Check the sizes of config.yaml, such as `1`, `5`, `10%` and `100%`.

        Raises ValueError for a size that is none, for none at all, and where they do not rise.
        """
        sizes = tuple(sizes)
        for size in sizes:
            match = _SIZE.fullmatch(size)
            number = int(match[1]) if match else 0
            if match is None or not number or (match[2] and number > 100):  # noqa: PLR2004
                raise ValueError(f'{size!r} is no wave; write a count such as 5, or "10%"')
        if not sizes:
            raise ValueError("at least one wave is needed")
        for kind in ("", "%"):
            alike = [size for size in sizes if size.endswith("%") == bool(kind)]
            for before, after in pairwise(alike):
                if int(after.rstrip("%")) <= int(before.rstrip("%")):
                    raise ValueError(
                        f"{after} after {before}: a wave says how many are out in all, so they rise"
                    )
        return cls(sizes)

    @property
    def staged(self) -> bool:
        """Whether there is more than one wave."""
        return self.sizes != ("100%",)

    def ends(self, total: int) -> list[int]:
        """How many are out after each wave of a campaign of `total`: rising, and all at the end.

        A wave that is no larger than the one before adds nothing and is left out.
        """
        ends: list[int] = []
        for size in self.sizes:
            number = int(size.rstrip("%"))
            end = math.ceil(total * number / 100) if size.endswith("%") else number
            end = min(end, total)
            if not ends or end > ends[-1]:
                ends.append(end)
        if ends[-1] < total:
            ends.append(total)
        return ends


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a campaign may go now: `allowed` pull requests out, in wave `number` of `of`."""

    allowed: int
    number: int
    of: int


def advance(waves: Waves, out: int, total: int, *, settled: bool) -> Advance:
    """How far a campaign of `total` may go when `out` are out.

    `settled` says that every one of those passed the gate; only then the next wave begins. A wave
    that was begun is finished either way.
    """
    ends = waves.ends(total)
    index = next((i for i, end in enumerate(ends) if (end > out if settled else end >= out)), -1)
    if index == -1:
        return Advance(total, len(ends), len(ends))
    return Advance(ends[index], index + 1, len(ends))


class Telling(Protocol):
    """What can be put in order: it has a name and traits."""

    @property
    def repository(self) -> str:
        """The repository's name."""

    @property
    def branch(self) -> str:
        """The campaign's branch."""

    @property
    def traits(self) -> frozenset[str]:
        """What is particular about it."""


_T = TypeVar("_T", bound=Telling)


def most_telling_first(changes: Sequence[_T], known: Iterable[str] = ()) -> list[_T]:
    """The changes in the order in which they go out: each next one shows the most that is new.

    New is a trait that neither an earlier change has nor `known` names. Where several show as much
    the first by name is taken, so that the order is the same on every machine.
    """
    seen = set(known)
    waiting = sorted(changes, key=lambda change: (change.repository, change.branch))
    first: list[_T] = []
    while waiting:
        best = max(waiting, key=lambda change: len(change.traits - seen))
        if not best.traits - seen:
            break  # nothing is new any more, and the rest goes by name
        first.append(best)
        seen |= best.traits
        waiting.remove(best)
    return first + waiting


# What builds a repository, by the files that say so.
_BUILDERS: Mapping[str, re.Pattern[str]] = {
    "github-actions": re.compile(r"\.github/workflows/[^/]+\.ya?ml"),
    "gitlab": re.compile(r"\.gitlab-ci\.yml"),
    "jenkins": re.compile(r"(?:.*/)?Jenkinsfile"),
    "circleci": re.compile(r"\.circleci/config\.yml"),
    "azure-pipelines": re.compile(r"azure-pipelines\.ya?ml"),
    "travis": re.compile(r"\.travis\.yml"),
    "drone": re.compile(r"\.drone\.ya?ml"),
    "buildkite": re.compile(r"\.buildkite/.*"),
    "google-cloud-build": re.compile(r"cloudbuild\.ya?ml"),
}

# What a Dockerfile's steps call: each meets another part of the base image.
_COMMANDS = (
    *("apt-get", "apk", "yum", "dnf", "microdnf"),
    *("npm", "yarn", "pnpm", "bun", "node-gyp"),
    *("pip", "pip3", "poetry", "uv"),
    *("bundle", "composer", "go", "mvn", "gradle", "cargo", "dotnet", "mix"),
    *("make", "gcc", "curl", "wget", "git"),
)
_COMMAND = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, _COMMANDS))})(?![\w./-])")


def builders(paths: Iterable[str]) -> frozenset[str]:
    """What builds a repository with these files, as traits."""
    return frozenset(
        f"builder:{name}"
        for path in paths
        for name, pattern in _BUILDERS.items()
        if pattern.fullmatch(path)
    )


def shape(text: str, stages: int, kinds: Iterable[str], flavours: Iterable[str]) -> frozenset[str]:
    """What is particular about a Dockerfile that is to change, as traits."""
    traits = {f"command:{match[0]}" for match in _COMMAND.finditer(text)}
    traits |= {f"kind:{kind}" for kind in kinds} | {f"flavour:{f or 'none'}" for f in flavours}
    traits.add(f"stages:{'one' if stages == 1 else 'several'}")
    return frozenset(traits)
