"""What a row of the table of ecosystems says, and what a command means by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase


def word_set(text: str) -> frozenset[str]:
    """The words of a text, which a table of them is easier to read as."""
    return frozenset(text.split())


class Kind(Enum):
    """What a command is to the order of the copies."""

    INSTALL = auto()
    """It brings the dependencies and needs nothing but the manifests."""
    BUILD = auto()
    """It needs the source."""
    NEUTRAL = auto()
    """It reads nothing of the project."""
    OPAQUE = auto()
    """Nobody knows."""


class Operands(Enum):
    """What may stand after the subcommand's words for a step to be the one meant."""

    NONE = auto()
    ANY = auto()
    MANIFESTS = auto()
    """Paths of manifests, or nothing."""
    NAMES = auto()
    """At least one, and none of them a path: packages by name."""


@dataclass(frozen=True, slots=True)
class Step:
    """A form of the command. The first step of a row that fits decides.

    `words` are the subcommand; `when` flags of which one must be given, `unless` flags of which
    none may be. `manifest_options` are the options whose values are the manifests (`-r`), of which
    one must be given. `manifests` stands in for the row's when this step reads others.
    """

    words: str
    kind: Kind
    operands: Operands = Operands.ANY
    when: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    manifest_options: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """A row: a package manager, its manifests and what its commands need.

    `manifests`: patterns of which one must be there. `extras`: what the install reads if it is
    there (locks, settings). `copy`: the operands of the COPY to suggest. `valued`: options that
    take the next word. `folders`: options that name the project's folder. `advice`: the
    dependency-only command that a build from source could be preceded by; None if there is none.
    `evidence`: what must be there for the advice to be worth its line. `deferring` are the flags
    that a suggested install gets, `after` what then follows the broad copy, and `carried` pairs a
    flag of the install with what `after` gets for it.
    `goals`: the operands are tasks in any order (Maven, Gradle, Mix). `family`: managers that
    share a project's manifests. `docs`: where this is documented.
    """

    name: str
    family: str
    programs: frozenset[str]
    manifests: tuple[str, ...]
    extras: tuple[str, ...]
    copy: tuple[str, ...]
    steps: tuple[Step, ...]
    docs: str
    valued: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    advice: str | None = None
    evidence: tuple[str, ...] = ()
    deferring: tuple[str, ...] = ()
    after: str | None = None
    carried: tuple[tuple[str, str], ...] = ()
    goals: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """A command line taken apart: flags with their values, and operands."""

    flags: frozenset[str]
    values: tuple[tuple[str, str], ...]
    operands: tuple[str, ...]

    def of(self, options: Iterable[str]) -> tuple[str, ...]:
        """The values given to any of the options."""
        wanted = frozenset(options)
        return tuple(value for option, value in self.values if option in wanted)


def arguments(words: Iterable[str], valued: frozenset[str]) -> Arguments:
    """Take apart what follows a program's name. `--flag=value` and `-fvalue` are understood."""
    flags: set[str] = set()
    values: list[tuple[str, str]] = []
    operands: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            operands.append(word)
        elif equals:
            flags.add(name)
            values.append((name, value))
        elif word in valued:
            flags.add(word)
            values.append((word, next(rest, "")))
        elif word[:2] in valued and not word.startswith("--"):
            flags.add(word[:2])
            values.append((word[:2], word[2:]))
        else:
            flags.add(word)
    return Arguments(frozenset(flags), tuple(values), tuple(operands))


def meaning(row: Ecosystem, given: Arguments) -> tuple[Step | None, tuple[str, ...]]:
    """The step that a command line is, and its operands after the subcommand."""
    if row.goals:
        return _goals(row, given)
    for step in row.steps:
        words = tuple(step.words.split())
        rest = given.operands[len(words) :]
        if given.operands[: len(words)] == words and _fits(step, given, rest):
            return step, rest
    return None, ()


def _fits(step: Step, given: Arguments, rest: tuple[str, ...]) -> bool:
    if (step.when and not step.when & given.flags) or step.unless & given.flags:
        return False
    if step.manifest_options and not given.of(step.manifest_options):
        return False
    match step.operands:
        case Operands.NONE:
            return not rest
        case Operands.NAMES:
            return bool(rest) and not any(_is_path(word) for word in rest)
        case Operands.MANIFESTS | Operands.ANY:
            return True


def _is_path(word: str) -> bool:
    return word.startswith((".", "/", "~", "$")) or word.endswith((".whl", ".tgz", ".gz", ".zip"))


def _goals(row: Ecosystem, given: Arguments) -> tuple[Step | None, tuple[str, ...]]:
    """Every goal must be known; one that needs the source makes the whole command need it."""
    # `mix do deps.get, compile` separates its tasks by commas.
    found = [_goal(row, goal.rstrip(","), given) for goal in given.operands]
    order = (Kind.BUILD, Kind.INSTALL, Kind.NEUTRAL)
    if not found or None in found:
        build = next((s for s in row.steps if s.words == "*"), None) if found else None
        return build, ()
    known = [step for step in found if step is not None]
    return min(known, key=lambda step: order.index(step.kind)), ()


def _goal(row: Ecosystem, goal: str, given: Arguments) -> Step | None:
    return next(
        (s for s in row.steps
         if s.words != "*" and fnmatchcase(goal, s.words) and not s.unless & given.flags),
        None,
    )  # fmt: skip
