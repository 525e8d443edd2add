"""The check: a Dockerfile in, findings out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from basebump.core.cache_order.ecosystem import Kind
from basebump.core.cache_order.finding import ADVICE, RULE, SEVERITIES, Context, Finding
from basebump.core.cache_order.fix import NotProvenError, fix
from basebump.core.cache_order.judge import Misplaced, misplaced
from basebump.core.cache_order.proof import is_local_project
from basebump.core.cache_order.repository import Root, roots
from basebump.core.cache_order.suggest import manifests_to_copy, suggestion
from basebump.core.cache_order.table import PROGRAMS
from basebump.core.cache_order.timeline import stages
from basebump.core.dockerfile import Dockerfile, parse
from basebump.core.rewrite import Edit, apply

_IGNORE = re.compile(r"#\s*basebump:\s*ignore(?:\[([^\]]*)\])?(?:\s|$)", re.IGNORECASE)
_NAMES = re.compile("|".join(sorted(map(re.escape, PROGRAMS), key=len, reverse=True)))
_NO_CONTEXT = "the repository's files are not at hand"
_IS_ADVICE = "advice is for a person to follow"


def check(
    dockerfile: Dockerfile, *, context: Context | None, severity: str = "warning"
) -> list[Finding]:
    """The installs that run again whenever the source changes, in file order.

    `severity` is that of a finding; a cache mount lowers it by a step, advice is always `info`.
    With a context the findings that are provably safe to fix carry a fix, and manifests that are
    not in the repository make no finding. Without one nothing can be fixed.
    """
    if not may_install(dockerfile):
        return []
    folders, cases = _cases(dockerfile, context)
    found: dict[tuple[int, int, str], Finding] = {}
    for line in dict.fromkeys(case.copy.instruction.line for case in cases):
        group = [case for case in cases if case.copy.instruction.line == line]
        edits, reason = _mend(dockerfile, context, folders, group)
        for case in group:
            finding = _finding(dockerfile, case, severity, folders)
            if finding.rule == RULE:
                finding = replace(finding, fix=edits, not_fixed=reason)
            found.setdefault((line, finding.install_line, finding.ecosystem), finding)
    return sorted(found.values(), key=lambda finding: (finding.line, finding.install_line))


def may_install(dockerfile: Dockerfile) -> bool:
    """Whether any RUN has the name of a package manager in it, before anything is parsed."""
    return any(
        _NAMES.search(instruction.value)
        or any(_NAMES.search(heredoc.body) for heredoc in instruction.heredocs)
        for instruction in dockerfile.instructions
        if instruction.name in ("RUN", "ONBUILD")
    )


def _cases(dockerfile: Dockerfile, context: Context | None) -> tuple[list[Root], list[Misplaced]]:
    """The possible build contexts, and what is to be reported: what nothing excuses."""
    every = stages(dockerfile)
    folders: list[Root] = []
    if context is not None:
        events = [event for stage in every for event in stage.events[stage.own :]]
        folders = roots(context, (event.copy for event in events if event.copy is not None))
    cases = [
        case
        for stage in every
        for case in misplaced(stage)
        if not _ignored(dockerfile, case) and (not folders or _stands(case, folders))
    ]
    return folders, cases


def _mend(
    dockerfile: Dockerfile,
    context: Context | None,
    folders: Iterable[Root],
    group: Sequence[Misplaced],
) -> tuple[tuple[Edit, ...] | None, str | None]:
    """The fix for every install behind one copy, or why there is none."""
    installs = [case for case in group if case.use.step.kind is Kind.INSTALL]
    if context is None:
        return None, _NO_CONTEXT
    if not installs:
        return None, _IS_ADVICE
    fitting = [root for root in folders if all(_stands(case, [root]) for case in installs)]
    try:
        edits = fix(dockerfile, installs, fitting)
    except NotProvenError as error:
        return None, str(error)
    _, before = _cases(dockerfile, context)
    _, left = _cases(parse(apply(dockerfile.text, edits).encode()), context)
    if len(left) > len(before) - len(installs):
        return None, "the order would still not be right"
    return edits, None


def _stands(case: Misplaced, folders: Iterable[Root]) -> bool:
    """Whether some possible build context has the manifests and does not excuse the order."""
    copy, use = case.copy.copy, case.use
    for root in folders:
        names = [copy.origin(place) if copy else None for place in use.manifests]
        inside = [name for name in names if name is not None]
        if len(inside) < len(names):
            return True  # they come from elsewhere, or by their own names
        have = [root.has(name) for name in inside]
        if not (all(have) if use.explicit else any(have)):
            continue
        if any(is_local_project(root.read(name) or b"") for name in inside if name.endswith("txt")):
            continue
        folder = inside[0].rpartition("/")[0]
        if use.step.kind is Kind.BUILD and not _promises(case, root, folder):
            continue
        return True
    return False


def _promises(case: Misplaced, root: Root, folder: str) -> bool:
    """Whether the advised step would fetch anything: there is a lock, and no vendored copy."""
    prefix = f"{folder}/" if folder else ""
    if case.use.row.family == "go" and root.has(f"{prefix}vendor/modules.txt"):
        return False
    return all(root.has(prefix + name) for name in case.use.row.evidence)


def _finding(
    dockerfile: Dockerfile, case: Misplaced, severity: str, folders: Iterable[Root]
) -> Finding:
    use, row = case.use, case.use.row
    advice = use.step.kind is Kind.BUILD
    root = next((root for root in folders if _stands(case, [root])), None)
    copied = manifests_to_copy(case, root)
    line = case.copy.instruction.line
    install_line = case.install.line_of(use.command, dockerfile)
    level = "info" if advice else severity
    if case.softened:
        level = SEVERITIES[min(SEVERITIES.index(level) + 1, len(SEVERITIES) - 1)]
    names = " and ".join(copied)
    message = (
        f"{row.name}: every change of the source fetches the dependencies again; "
        f"copy {names} and run `{row.advice}` before line {line} copies the source"
        if advice
        else f"{row.name}: the install in line {install_line} runs again at every change of the "
        f"source, because line {line} copies it first; copy {names}, install, then copy the rest"
    )
    return Finding(
        rule=ADVICE if advice else RULE, severity=level, line=line, message=message,
        install_line=install_line, manifests=copied, suggestion=suggestion(case, copied),
        fix=None, not_fixed=_IS_ADVICE if advice else None,
        ecosystem=row.name, docs=row.docs,
    )  # fmt: skip


def _ignored(dockerfile: Dockerfile, case: Misplaced) -> bool:
    """Whether a comment right above the copy or the install opts out of the rule."""
    rule = ADVICE if case.use.step.kind is Kind.BUILD else RULE
    for event in (case.copy, case.install):
        match = _IGNORE.match(dockerfile.line_text(event.instruction.line - 1).strip())
        if match and (match[1] is None or _names_rule(match[1], rule)):
            return True
    return False


def _names_rule(listed: str, rule: str) -> bool:
    names = {name.strip() for name in listed.split(",")}
    return bool(names & {rule, RULE})
