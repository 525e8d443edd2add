"""Which installs come after the source although they do not need it."""

from collections.abc import Iterator
from dataclasses import dataclass

from basebump.core.cache_order.copies import Copy
from basebump.core.cache_order.ecosystem import Kind
from basebump.core.cache_order.places import UNKNOWN, inside, join, same_file
from basebump.core.cache_order.reading import Use, is_harmless, use_of
from basebump.core.cache_order.timeline import Event, Stage


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An install or build, the stage's events, and the copies of source that come before it.

    `at` and `broad` are indexes into `events`. `broad` begins with the copy to report.
    """

    events: tuple[Event, ...]
    own: int
    at: int
    use: Use
    broad: tuple[int, ...]

    @property
    def install(self) -> Event:
        """The RUN with the install."""
        return self.events[self.at]

    @property
    def copy(self) -> Event:
        """The COPY to report."""
        return self.events[self.broad[0]]

    @property
    def softened(self) -> bool:
        """Whether the package manager's cache is mounted, which spares the download."""
        return any("type=cache" in flag for flag in self.install.flags)


def misplaced(stage: Stage) -> Iterator[Misplaced]:
    """The stage's own installs that stand behind the source and could stand before it."""
    events = tuple(stage.events)
    reported: set[tuple[str, str, tuple[str, ...]]] = set()
    for at in range(stage.own, len(events)):
        for index, command in enumerate(events[at].commands or ()):
            use = use_of(command)
            if use is None:
                continue
            found = _judge(events, stage.own, at, index, use)
            if found is not None and found.use.key not in reported:
                reported.add(found.use.key)
                yield found


def _judge(events: tuple[Event, ...], own: int, at: int, index: int, use: Use) -> Misplaced | None:
    use = _settled(events[:at], use)
    broad = _broad(events, at, use)
    if not broad or not _has_manifests(events, at, use):
        return None
    first = min(broad)
    if _done_before(events, first, use) or not _free(events, broad, at, index):
        return None
    found = Misplaced(events, own, at, use, broad)
    if use.step.kind is Kind.BUILD and not _is_worth_advice(found, index):
        return None
    return found


def _is_worth_advice(found: Misplaced, index: int) -> bool:
    """Whether there is a step to advise, dependencies to expect, and nothing that has them yet."""
    use = found.use
    if use.row.advice is None or found.softened or _is_offline(use):
        return False
    copies = [event.copy for event in found.events[: found.at] if event.copy is not None]
    if any(source.path.endswith("vendor") for copy in copies for source in copy.sources):
        return False
    evidence = [join(use.folder, name) for name in use.row.evidence]
    if not all(any(copy.provides(place) for copy in copies) for place in evidence):
        return False
    return not _family_ran(found.events, found.at, index, use)


def _is_offline(use: Use) -> bool:
    """Whether the build is told to fetch nothing."""
    vendored = use.row.family == "go" and "vendor" in use.given.of(["-mod"])
    short = use.row.family == "maven" and "-o" in use.given.flags
    return vendored or short or "--offline" in use.given.flags


def _settled(before: tuple[Event, ...], use: Use) -> Use:
    """The use with its folder known, when only the base image knows the working directory.

    The install finds its manifests there, so if copies lead to one folder only, it is that one.
    """
    if not use.folder.startswith(UNKNOWN):
        return use
    copies = [event.copy for event in before if event.copy is not None and event.copy.sources]
    if any(copy.provides(place) for copy in copies for place in use.manifests):
        return use
    targets = {copy.target for copy in copies if _is_project_copy(copy, use)}
    if len(targets) != 1 or use.folder != UNKNOWN:
        return use
    target = targets.pop()
    places = tuple(target.rstrip("/") + place.removeprefix(UNKNOWN) for place in use.manifests)
    return Use(use.row, use.step, target, places, use.explicit, use.given, use.command)


def _is_project_copy(copy: Copy, use: Use) -> bool:
    names = [place.rsplit("/", 1)[-1] for place in use.manifests]
    return any(
        source.folder or any(same_file(source.path, name) for name in names)
        for source in copy.sources
    )


def _names(use: Use) -> tuple[str, ...]:
    return (*use.row.manifests, *use.row.extras, *(m.rsplit("/", 1)[-1] for m in use.manifests))


def _broad(events: tuple[Event, ...], at: int, use: Use) -> tuple[int, ...]:
    """The copies of source before the install; one that holds the project comes first."""
    names = _names(use)
    # Once the manifests came by name, a name that may be a file or a folder is no evidence.
    sure = _provided(use, [_by_name(events, at, place) for place in use.manifests])
    holding: list[int] = []
    others: list[int] = []
    for i, event in enumerate(events[:at]):
        if event.copy is None:
            continue
        if event.copy.holds(use.folder, sure=sure):
            holding.append(i)
        elif event.copy.is_source(names):
            others.append(i)
    return (*holding, *others)


def _provided(use: Use, found: list[bool]) -> bool:
    return all(found) if use.explicit else any(found)


def _by_name(events: tuple[Event, ...], at: int, place: str) -> bool:
    """Whether a file was copied to this place by its own name, or is bound there."""
    bound = [target for flag in events[at].flags for target in _bound(flag)]
    return any(
        event.copy.names(place) is not None for event in events[:at] if event.copy is not None
    ) or any(inside(place, target) is not None or place.endswith(f"/{target}") for target in bound)


def _has_manifests(events: tuple[Event, ...], at: int, use: Use) -> bool:
    """Whether the manifests are plausibly there: copied by name, or in a copied folder."""
    copies = [event.copy for event in events[:at] if event.copy is not None]
    # Where the program's files come one by one, its manifest would come by name as well.
    loose = any(copy.has_loose_source(use.folder, _names(use)) for copy in copies)
    return _provided(use, [
        _by_name(events, at, place)
        or any(copy.origin(place) is not None and (not loose or copy.is_whole) for copy in copies)
        for place in use.manifests
    ])  # fmt: skip


def _bound(flag: str) -> list[str]:
    """The target of a `--mount=type=bind` without `from`."""
    parts = dict(
        part.partition("=")[::2] for part in flag.removeprefix("--mount=").split(",") if part
    )
    if parts.get("type", "bind") != "bind" or "from" in parts:
        return []
    target = parts.get("target") or parts.get("dst") or parts.get("destination")
    return [target] if target else []


def _done_before(events: tuple[Event, ...], first: int, use: Use) -> bool:
    """Whether the same install already ran before the source came."""
    earlier = (use_of(command) for event in events[:first] for command in event.commands or ())
    return any(
        other is not None and other.row.family == use.row.family
        and (other.folder == use.folder or use.step.kind is Kind.BUILD)
        and (not use.explicit or other.manifests == use.manifests)
        for other in earlier
    )  # fmt: skip


def _family_ran(events: tuple[Event, ...], at: int, index: int, use: Use) -> bool:
    """Whether a dependency-only step or a build of the same family came before, anywhere."""
    for i, event in enumerate(events[: at + 1]):
        for command in (event.commands or ())[: index if i == at else None]:
            other = use_of(command)
            if other is not None and other.row.family == use.row.family:
                return True
    return False


def _free(events: tuple[Event, ...], broad: tuple[int, ...], at: int, index: int) -> bool:
    """Whether nothing between the first copy of source and the install reads the source."""
    targets = tuple(copy.target for i in broad if (copy := events[i].copy) is not None)
    for i in range(min(broad) + 1, at + 1):
        event = events[i]
        if not event.is_run:
            continue
        if event.commands is None:
            return False
        before = event.commands[: index if i == at else None]
        if not all(is_harmless(command, targets) for command in before):
            return False
    return True
