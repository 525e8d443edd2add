"""The plan for a person: verdicts, diffs, and what was left alone, grouped by reason."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.padding import Padding
from rich.text import Text

from basebump.core.plan import FilePlan, Judged, Outcome, RepoPlan
from basebump.core.text import clean
from basebump.core.verdict import Verdict
from basebump.report.bases import Base, as_parts
from basebump.report.console import Lines, Part, Style, cell, render, table
from basebump.report.diff import unified
from basebump.report.document import shown
from basebump.report.text import count

_COLOURS = {
    Verdict.BUMP: "green",
    Verdict.NO_SUCH_TARGET: "red",
    Verdict.PLATFORM_LOST: "red",
    Verdict.UNKNOWN: "yellow",
    Verdict.UNREADABLE: "red",
    Verdict.VARIABLE: "yellow",
    Verdict.PINNED: "yellow",
    Verdict.NOT_SELECTED: "dim",
    Verdict.NOT_AN_IMAGE: "dim",
}
_DIFF_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_NAMES_SHOWN = 6
_DIGEST = re.compile(r"(@sha256:[0-9a-f]{12})[0-9a-f]{52}")  # as short as `docker images` has it

Row = tuple[RepoPlan, FilePlan, Judged]


def as_table(
    plans: Sequence[RepoPlan],
    style: Style,
    *,
    verbose: bool,
    everything: bool,
    waves: Sequence[Part] = (),
    bases: Sequence[Base] = (),
) -> str:
    """The whole plan as text: every reference with its verdict, the diffs, the reasons.

    `waves` is the paragraph that says in which steps it goes out, `bases` what the new base images
    change.
    """
    rows = list(references(plans, everything=everything))
    parts: list[Part] = []
    if rows:
        parts += [_verdicts(rows, style, verbose=verbose), ""]
    parts += [*_diffs(plans), *as_parts(bases), *_unchecked(rows)]
    parts += [*_left_alone(rows, verbose=verbose), *_findings(plans, verbose=verbose)]
    parts += [*not_planned(plans), *waves]
    parts.append(Text(summary_line(plans, rows), style="bold"))
    return render(parts, style)


def references(plans: Iterable[RepoPlan], *, everything: bool = False) -> Iterator[Row]:
    """Every reference that a report shows, with its file and repository."""
    for plan in plans:
        for file in plan.files:
            for judged in shown(file, everything=everything):
                yield plan, file, judged


def summary_line(plans: Sequence[RepoPlan], rows: Sequence[Row]) -> str:
    """One sentence: how much there is to do."""
    bumps = [(plan.name, judged) for plan, _, judged in rows if judged.verdict is Verdict.BUMP]
    repositories = len({name for name, _ in bumps})
    skipped = sum(plan.outcome is Outcome.SKIPPED for plan in plans)
    failed = sum(plan.outcome is Outcome.FAILED for plan in plans)
    if bumps:
        where = count(repositories, "repository", "repositories")
        parts = [f"{count(len(bumps), 'reference')} to bump in {where}"]
    else:
        parts = ["nothing to bump"]
    parts.append(f"{count(len(rows), 'reference')} read")
    if skipped:
        parts.append(f"{count(skipped, 'repository', 'repositories')} skipped")
    if failed:
        parts.append(f"{count(failed, 'repository', 'repositories')} failed")
    return "; ".join(parts) + "."


def _verdicts(rows: list[Row], style: Style, *, verbose: bool) -> Part:
    columns = ["WHERE", "REFERENCE", "VERDICT"]
    if style.wide:
        columns.append("NEW, OR WHY NOT")
    if verbose:
        columns.append("RULE")
    made = table(*columns)
    for plan, file, judged in rows:
        use = judged.use
        written = _DIGEST.sub(r"\1…", use.written) or "(the whole file)"
        cells = [
            cell(f"{plan.name}/{file.path}:{use.line}"),
            cell(written),
            cell(_short(judged, style), _COLOURS.get(judged.verdict, "")),
        ]
        if style.wide:
            new = _DIGEST.sub(r"\1…", str(judged.new))
            cells.append(cell(new if judged.new else judged.reason))
        if verbose:
            cells.append(cell(_rule(judged)))
        made.add_row(*cells)
    return made


def _short(judged: Judged, style: Style) -> str:
    """The verdict, with the new tag where there is no column for the whole new reference."""
    if judged.new is None or style.wide:
        return judged.verdict.value
    return f"{judged.verdict.value} → {judged.new.tag}"


def _rule(judged: Judged) -> str:
    rule = judged.rule
    if rule is None:
        return ""
    return f"{rule.image} → {rule.aim}" + (f" ({rule.id})" if rule.id != rule.image else "")


def _diffs(plans: Sequence[RepoPlan]) -> list[Part]:
    lines = [
        (line, _DIFF_COLOURS.get(line[0], ""))
        for plan in plans
        for file in plan.files
        for line in unified(f"{plan.name}/{file.path}", file.text, file.after())
    ]
    return [Lines(lines), ""] if lines else []


def _unchecked(rows: list[Row]) -> list[Part]:
    """Which targets nobody has confirmed, and why."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for plan, _, judged in rows:
        if judged.unchecked:
            reasons[judged.unchecked].append(plan.name)
    return by_reason("Not checked whether the target exists:", reasons)


def _left_alone(rows: list[Row], *, verbose: bool) -> list[Part]:
    """Why references stay as they are, however many repositories share a reason."""
    silent = {Verdict.BUMP, Verdict.NOT_SELECTED} | (set() if verbose else {Verdict.UP_TO_DATE})
    reasons: dict[str, list[str]] = defaultdict(list)
    for plan, _, judged in rows:
        if judged.verdict not in silent:
            reasons[f"{judged.verdict}: {judged.reason}"].append(plan.name)
    return by_reason("Left alone, and why:", reasons)


def _findings(plans: Sequence[RepoPlan], *, verbose: bool) -> list[Part]:
    """What the checks found: each with `verbose`, else the repositories by rule and ecosystem."""
    found = [
        (plan.name, file.path, finding)
        for plan in plans
        for file in plan.files
        for finding in file.findings
    ]
    if verbose:
        lines = (
            cell(f"  {name}/{path}:{f.line}: {f.severity}: {f.message} [{f.rule}]")
            for name, path, f in found
        )
        return [Text("Findings:", style="bold"), *lines, ""] if found else []
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, _, finding in found:
        if finding.severity != "info":
            ecosystem = getattr(finding, "ecosystem", "")
            reasons[f"{finding.rule}: {ecosystem}" if ecosystem else finding.rule].append(name)
    return by_reason("Findings (-v shows each):", reasons)


def not_planned(plans: Sequence[RepoPlan]) -> list[Part]:
    """The repositories that were passed over, failed, or have nothing to read, by reason."""
    parts: list[Part] = []
    for outcome, title in ((Outcome.SKIPPED, "Passed over:"), (Outcome.FAILED, "Failed:")):
        reasons: dict[str, list[str]] = defaultdict(list)
        for plan in plans:
            if plan.outcome is outcome:
                reasons[plan.reason or ""].append(plan.name)
        parts += by_reason(title, reasons)
    bare = [plan.name for plan in plans if plan.outcome is Outcome.OK and not plan.files]
    if bare:
        parts += [Text("Without a Dockerfile:", style="bold")]
        parts += [Padding(Text(named(bare)), (0, 0, 0, 2)), ""]
    return parts


def by_reason(title: str, reasons: Mapping[str, Sequence[str]]) -> list[Part]:
    """A paragraph with a line for each reason and the repositories that share it."""
    if not reasons:
        return []
    lines = (
        Padding(Text(f"{clean(reason)} ({named(names)})"), (0, 0, 0, 2))
        for reason, names in sorted(reasons.items())
    )
    return [Text(title, style="bold"), *lines, ""]


def named(names: Sequence[str]) -> str:
    """The names, each once and with its count, and how many more there are."""
    counted = [n if c == 1 else f"{n} ×{c}" for n, c in sorted(Counter(names).items())]
    more = len(counted) - _NAMES_SHOWN
    shown_names = ", ".join(map(clean, counted[:_NAMES_SHOWN]))
    return f"{shown_names} and {more} more" if more > 0 else shown_names
