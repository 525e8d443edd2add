"""The fix: the manifests copied above the install, the broad copy moved below it.

Only what is provably the same image is changed; everything else is a reason not to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from basebump.core.cache_order.copies import Copy
from basebump.core.cache_order.ecosystem import word_set
from basebump.core.cache_order.judge import Misplaced
from basebump.core.cache_order.places import inside, join, same_file
from basebump.core.cache_order.proof import why_not
from basebump.core.cache_order.reading import Use, is_harmless, touches_source
from basebump.core.cache_order.repository import Root
from basebump.core.dockerfile import Dockerfile
from basebump.core.instruction import Instruction
from basebump.core.rewrite import Edit

# A path as it can stand in an option, an assignment or a list.
_WORD = re.compile(r"[^\s=,;:&|<>(){}\"'$\[\]*?]+")
_INTO_FOLDER = word_set("-t --target")
_CARRIED = ("--chown=", "--chmod=", "--link")
# Instructions over which a COPY can move without a change of what it does.
_INDIFFERENT = word_set(
    "ENV ARG LABEL EXPOSE USER WORKDIR RUN CMD ENTRYPOINT STOPSIGNAL MAINTAINER HEALTHCHECK ONBUILD"
)


class NotProvenError(Exception):
    """The fix is not certainly safe; the message says why."""


@dataclass(frozen=True, slots=True)
class _Addition:
    """The names to copy for an install, and the instruction they go above."""

    above: Instruction
    folder: str
    names: tuple[str, ...]


def fix(
    dockerfile: Dockerfile, cases: Sequence[Misplaced], roots: Sequence[Root]
) -> tuple[Edit, ...]:
    """The edits that mend all the installs behind one broad copy.

    `cases` share their copy and are in file order. Raises NotProvenError with the reason.
    """
    first, last = cases[0], cases[-1]
    copy = _movable(dockerfile, first)
    _clear_way(dockerfile, first, last)
    if not roots:
        raise NotProvenError("the build context is not known")
    settings = " ".join(i.value for i in dockerfile.instructions if i.name == "ENV")
    plans = {tuple(_addition(case, copy, root, settings) for case in cases) for root in roots}
    if len(plans) != 1:
        raise NotProvenError("the build context may be more than one folder")
    return _edits(dockerfile, first.copy.instruction, copy, plans.pop(), last.install.instruction)


def _movable(dockerfile: Dockerfile, case: Misplaced) -> Copy:
    """The copy, if it is one plain copy of one folder in this very stage."""
    copy = case.copy.copy
    if copy is None or len(case.broad) != 1:
        raise NotProvenError("more than one copy of source stands above the install")
    if case.broad[0] < case.own or case.copy.onbuild or case.install.onbuild:
        raise NotProvenError("the copy belongs to another stage, or to an ONBUILD")
    if len(copy.sources) != 1 or len(copy.written) != 2 or not copy.sources[0].folder:  # noqa: PLR2004
        raise NotProvenError("the copy is not of one folder")
    if any(not flag.startswith(_CARRIED) for flag in copy.flags):
        raise NotProvenError("the copy has a flag that decides what is copied")
    written = "".join(copy.written)
    if any(char in written for char in "\"' \t*?[\\") or "$" in copy.written[0]:
        raise NotProvenError("the copy is written with quotes or wildcards")
    if dockerfile.escape != "\\" or case.copy.instruction.heredocs:
        raise NotProvenError("the Dockerfile has another escape character")
    return copy


def _clear_way(dockerfile: Dockerfile, first: Misplaced, last: Misplaced) -> None:
    """Refuse when anything between the copy and the last install tells the two orders apart."""
    start, end = first.copy.instruction, last.install.instruction
    way = [i for i in dockerfile.instructions if start.line < i.line <= end.line]
    value = start.value
    apart = [e.instruction for e in last.events if e.copy and _are_apart(e.copy, first.copy.copy)]
    for instruction in way:
        if instruction.name not in _INDIFFERENT and instruction not in apart:
            raise NotProvenError(f"a {instruction.name} stands between the copy and the install")
        if instruction.name in ("ENV", "ARG") and "$" in value:
            raise NotProvenError(f"an {instruction.name} stands between the copy and the install")
        relative = first.copy.copy is None or not first.copy.copy.written[-1].startswith("/")
        if instruction.name == "WORKDIR" and relative:
            raise NotProvenError("the working directory changes between the copy and the install")
    targets = [first.copy.copy.target] if first.copy.copy else []
    for event in last.events[first.broad[0] + 1 : last.at + 1]:
        if any(flag.startswith("--mount=") and not _is_apart(flag) for flag in event.flags):
            raise NotProvenError(
                "a RUN before or with the install binds files of the build context"
            )
        for command in event.commands or ():
            if not is_harmless(command, targets):
                raise NotProvenError(
                    "the RUN of the install also has commands that need the source"
                )
            if touches_source(command, targets):
                raise NotProvenError(f"`{command.words[0]}` works on copied files")


def _are_apart(one: Copy, other: Copy | None) -> bool:
    """Whether two copies certainly land in different folders, so that their order is no matter."""
    if other is None or not (one.target.startswith("/") and other.target.startswith("/")):
        return False
    return inside(one.target, other.target) is None and inside(other.target, one.target) is None


def _is_apart(flag: str) -> bool:
    """Whether a mount shows nothing of the build context."""
    return any(f"type={kind}" in flag for kind in ("cache", "secret", "ssh", "tmpfs"))


def _addition(case: Misplaced, copy: Copy, root: Root, settings: str) -> _Addition:
    """What to copy above an install: what is in the repository and did not come by name yet."""
    use = case.use
    below = inside(use.folder, copy.target)
    base = _base(case, copy)
    prefix = f"{base}/" if base else ""
    names = _manifests(use, root, prefix)
    if below is None:  # the copy brings no manifest: only those that came by name were read
        names = tuple(n for n in names if _came_by_name(case, n.removeprefix(prefix)))
    for name in names:
        if root.may_ignore(name):
            raise NotProvenError(f"a .dockerignore may keep {name} out of the build")
    contents = {n: c for n in names if (c := root.read(n)) is not None}
    missing = [n for n in names if n not in contents and _must_read(use, n)]
    if missing:
        raise NotProvenError(f"{missing[0]} is not at hand")
    _no_settings_above(use, root, base, below or "")

    def has(name: str) -> bool:
        there = root.has(prefix + name) or root.has_folder(prefix + name)
        return there and not root.ignores_folder(prefix + name)

    _names_nothing_else(case, copy, root, names, settings)
    reason = why_not(use, contents, has)
    if reason:
        raise NotProvenError(reason)
    wanted = tuple(n for n in names if not _came_by_name(case, n.removeprefix(prefix)))
    if any(not _plain(name) for name in wanted):
        raise NotProvenError("a name in the repository would need quotes")
    return _Addition(case.install.instruction, below or "", wanted)


def _names_nothing_else(
    case: Misplaced, copy: Copy, root: Root, names: Sequence[str], settings: str
) -> None:
    """Refuse when an option or a variable of the install names another file of the project."""
    base = _base(case, copy)
    for word in _WORD.findall(f"{case.install.instruction.value} {settings}"):
        below = inside(word, copy.target) if word.startswith("/") else None
        path = join("/", f"{copy.sources[0].path}/{below}" if below else f"{base}/{word}")[1:]
        if word.startswith("/") and not below:
            continue
        if path not in ("", base, *names) and (root.has(path) or root.has_folder(path)):
            raise NotProvenError(f"the install may need {word}")
    if case.use.given.flags & _INTO_FOLDER:
        raise NotProvenError("the install writes into a folder that the copy may write to as well")


def _base(case: Misplaced, copy: Copy) -> str:
    """The folder of the build context that becomes the project's folder."""
    below = inside(case.use.folder, copy.target)
    if below is not None:
        return "/".join(part for part in (copy.sources[0].path, below) if part)
    copies = [event.copy for event in case.events[: case.at] if event.copy is not None]
    named = [name for c in copies for m in case.use.manifests if (name := c.names(m)) is not None]
    folders = {name.rpartition("/")[0] for name in named}
    if len(folders) != 1:
        raise NotProvenError("the manifests come from more than one folder")
    return folders.pop()


def _manifests(use: Use, root: Root, prefix: str) -> tuple[str, ...]:
    """The files that the install reads, as they are in the repository."""
    asked = use.step.manifests or use.row.manifests
    if use.explicit:
        asked = tuple(inside(place, use.folder) or "" for place in use.manifests)
        if any(not name or "/" in name for name in asked):
            raise NotProvenError("the manifests are in more than one folder")
    found = [name for pattern in asked for name in root.matching(prefix + pattern)]
    if not found or (use.explicit and len(found) != len(asked)):
        raise NotProvenError("the manifest is not in the repository")
    extras = [name for pattern in use.row.extras for name in root.matching(prefix + pattern)]
    return tuple(dict.fromkeys([*found, *extras]))


def _must_read(use: Use, name: str) -> bool:
    bare = name.rsplit("/", 1)[-1]
    return (
        bare not in use.row.extras or bare == ".npmrc" or bare.startswith(("Directory.", "nuget"))
    )


def _no_settings_above(use: Use, root: Root, base: str, below: str) -> None:
    """MSBuild, npm and others look for settings in the folders above the project as well."""
    folder = base
    for _ in below.split("/") if below else ():
        folder = folder.rpartition("/")[0]
        for name in (*use.row.manifests, *use.row.extras):
            if root.has(f"{folder}/{name}".lstrip("/")):
                raise NotProvenError("a folder above the project has manifests or settings too")


def _came_by_name(case: Misplaced, name: str) -> bool:
    place = f"{case.use.folder.rstrip('/')}/{name}"
    copies = [event.copy for event in case.events[: case.at] if event.copy is not None]
    return any(
        (operand := copy.names(place)) is not None and same_file(operand.rsplit("/", 1)[-1], name)
        for copy in copies if copy.sources
    )  # fmt: skip


def _plain(name: str) -> bool:
    return all(char.isalnum() or char in "._-/+@" for char in name) and not name.startswith("-")


def _edits(
    dockerfile: Dockerfile,
    moved: Instruction,
    copy: Copy,
    additions: Sequence[_Addition],
    last: Instruction,
) -> tuple[Edit, ...]:
    """Turn `copy, blank lines, …, install` into `…, manifests, install, blank lines, copy`."""
    text = dockerfile.text
    start, end = _block_start(dockerfile, moved), _line_end(dockerfile, moved.end_line)
    block = text[start:end]
    newline = "\r\n" if block.endswith("\r\n") else "\n"
    gap_end = end
    while (line_end := text.find("\n", gap_end)) >= 0 and not text[gap_end:line_end].strip():
        gap_end = line_end + 1
    gap = text[end:gap_end]
    after = _line_end(dockerfile, last.end_line)
    behind = gap + block
    if not text[:after].endswith("\n"):
        behind = newline + gap + block.removesuffix(newline)
    edits = [Edit(start, block + gap, ""), Edit(after, "", behind)]
    for addition in additions:
        if addition.names:
            line = _copy_line(moved, copy, addition, dockerfile)
            edits.append(Edit(_block_start(dockerfile, addition.above), "", line + newline))
    return tuple(sorted(edits))


def _copy_line(moved: Instruction, copy: Copy, addition: _Addition, dockerfile: Dockerfile) -> str:
    written = dockerfile.line_text(moved.line).lstrip()[: len(moved.name)]
    keyword = "copy" if written.islower() else "COPY"
    target = copy.written[-1]
    target = (target if target.endswith("/") else f"{target}/") + addition.folder
    target = target if target.endswith("/") else f"{target}/"
    return " ".join([keyword, *copy.flags, *addition.names, target])


def _block_start(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Where an instruction begins, with the comment right above it."""
    line = instruction.line
    while line > 1 and dockerfile.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    return dockerfile.line_starts[line - 1]


def _line_end(dockerfile: Dockerfile, line: int) -> int:
    starts = dockerfile.line_starts
    return starts[line] if line < len(starts) else len(dockerfile.text)
