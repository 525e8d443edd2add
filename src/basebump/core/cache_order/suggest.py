"""The lines that a finding proposes."""

import re
import shlex

from basebump.core.cache_order.ecosystem import Kind
from basebump.core.cache_order.judge import Misplaced
from basebump.core.cache_order.places import has_wildcard, inside
from basebump.core.cache_order.repository import Root

_BARE = re.compile(r"[\w@%+=:,./${}~-]+")


def manifests_to_copy(case: Misplaced, root: Root | None) -> tuple[str, ...]:
    """The operands of the COPY to put first, as paths in the build context.

    With a build context at hand they are the files that are there, otherwise what is usual.
    """
    use = case.use
    names = tuple(f"{use.folder.rstrip('/')}/{name}" for name in use.step.manifests or use.row.copy)
    usual = tuple(_in_context(case, place) for place in (use.manifests if use.explicit else names))
    if root is None or use.explicit:
        return usual
    asked = (*(use.step.manifests or use.row.manifests), *use.row.extras)
    there = [
        name
        for manifest in asked
        for name in root.matching(_in_context(case, f"{use.folder.rstrip('/')}/{manifest}"))
    ]
    return tuple(dict.fromkeys(there)) or usual


def _in_context(case: Misplaced, place: str) -> str:
    """The path in the build context of what lands at `place`, by its own name if it has one."""
    copies = [event.copy for event in case.events[: case.at] if event.copy is not None]
    bare = place.rsplit("/", 1)[-1]
    named = next((name for copy in reversed(copies) if (name := copy.names(place))), None)
    if named and has_wildcard(named):
        named = f"{named.rpartition('/')[0]}/{bare}".lstrip("/")
    held = case.copy.copy.origin(place) if case.copy.copy else None
    return named or held or bare


def _came(case: Misplaced, name: str) -> bool:
    """Whether an earlier copy already brings the file by its own name."""
    place = f"{case.use.folder.rstrip('/')}/{name.rsplit('/', 1)[-1]}"
    copies = [event.copy for event in case.events[: case.at] if event.copy is not None]
    return any(copy.names(place) is not None for copy in copies)


def suggestion(case: Misplaced, manifests: tuple[str, ...]) -> tuple[str, ...]:
    """The manifests' copy, the install, and then the broad copy, as lines."""
    use = case.use
    copies = [case.events[i].instruction for i in sorted(case.broad) if i >= case.own]
    flags = case.copy.copy.flags if case.copy.copy else ()
    where = inside(use.folder, case.copy.cwd)
    target = "./" if where == "" else f"{use.folder.rstrip('/')}/"
    given = use.command.words
    deferring = [flag for flag in use.row.deferring if flag not in given]
    words = (w if _BARE.fullmatch(w) else shlex.quote(w) for w in (*given, *deferring))
    install = " ".join(words)
    if use.step.kind is Kind.BUILD and use.row.advice:
        install = use.row.advice
    missing = [name for name in manifests if not _came(case, name)]
    lines = [
        *([" ".join(["COPY", *flags, *missing, target])] if missing else []),
        " ".join(["RUN", *case.install.flags, install]),
        *(f"{copy.name} {copy.value.strip()}" for copy in copies),
    ]
    if use.row.after and use.step.kind is Kind.INSTALL:
        carried = dict.fromkeys(then for flag, then in use.row.carried if flag in given)
        lines.append(" ".join(["RUN", use.row.after, *carried]))
    return tuple(lines)
