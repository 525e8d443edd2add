"""The check: a Dockerfile in, findings out."""

import re
from dataclasses import replace

from basebump.core.cache_order.ecosystem import Kind
from basebump.core.cache_order.finding import ADVICE, RULE, SEVERITIES, Context, Finding
from basebump.core.cache_order.judge import Misplaced, misplaced
from basebump.core.cache_order.suggest import manifests_to_copy, suggestion
from basebump.core.cache_order.table import PROGRAMS
from basebump.core.cache_order.timeline import stages
from basebump.core.dockerfile import Dockerfile

_IGNORE = re.compile(r"#\s*basebump:\s*ignore(?:\[([^\]]*)\])?(?:\s|$)", re.IGNORECASE)
_NAMES = re.compile("|".join(sorted(map(re.escape, PROGRAMS), key=len, reverse=True)))


def check(
    dockerfile: Dockerfile, *, context: Context | None, severity: str = "warning"
) -> list[Finding]:
    """The installs that run again whenever the source changes, in file order.

    `severity` is that of a finding; a cache mount lowers it by a step, advice is always `info`.
    With a context the findings that are provably safe to fix carry a fix, and manifests that are
    not in the repository make no finding. Without one nothing can be fixed.
    """
    if not _may_install(dockerfile):
        return []
    found: dict[tuple[int, int, str], Finding] = {}
    for stage in stages(dockerfile):
        for case in misplaced(stage):
            finding = _finding(dockerfile, case, severity)
            if finding is not None and not _ignored(dockerfile, case, finding.rule):
                key = (finding.line, finding.install_line, finding.ecosystem)
                found.setdefault(key, finding)
    return sorted(found.values(), key=lambda finding: (finding.line, finding.install_line))


def _may_install(dockerfile: Dockerfile) -> bool:
    """Whether any RUN has the name of a package manager in it, before anything is parsed."""
    return any(
        _NAMES.search(instruction.value)
        or any(_NAMES.search(heredoc.body) for heredoc in instruction.heredocs)
        for instruction in dockerfile.instructions
        if instruction.name in ("RUN", "ONBUILD")
    )


def _finding(dockerfile: Dockerfile, case: Misplaced, severity: str) -> Finding | None:
    use, row = case.use, case.use.row
    advice = use.step.kind is Kind.BUILD
    copied = manifests_to_copy(case)
    line = case.copy.instruction.line
    install_line = case.install.line_of(use.command, dockerfile)
    level = "info" if advice else severity
    if case.softened:
        level = SEVERITIES[min(SEVERITIES.index(level) + 1, len(SEVERITIES) - 1)]
    names = " and ".join(copied)
    message = (
        f"{row.name}: every change of the source builds the dependencies again; "
        f"copy {names} first and run `{row.advice}` before the source is copied in line {line}"
        if advice
        else f"{row.name}: the install in line {install_line} runs again at every change of the "
        f"source, because line {line} copies it first; copy {names}, install, then copy the rest"
    )
    return Finding(
        rule=ADVICE if advice else RULE, severity=level, line=line, message=message,
        install_line=install_line, manifests=copied, suggestion=suggestion(dockerfile, case),
        fix=None, not_fixed="the repository's files are not at hand",
        ecosystem=row.name, docs=row.docs,
    )  # fmt: skip


def _ignored(dockerfile: Dockerfile, case: Misplaced, rule: str) -> bool:
    """Whether a comment right above the copy or the install opts out of the rule."""
    for event in (case.copy, case.install):
        match = _IGNORE.match(dockerfile.line_text(event.instruction.line - 1).strip())
        if match and (match[1] is None or _names_rule(match[1], rule)):
            return True
    return False


def _names_rule(listed: str, rule: str) -> bool:
    names = {name.strip() for name in listed.split(",")}
    return bool(names & {rule, rule.split("/")[0]})
