"""How a run of `apply` ended, for a person and for a program."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

from rich.text import Text

from basebump.core.plan import Outcome, RepoPlan
from basebump.core.text import code, escape
from basebump.report.console import Part, Style, cell, render, table
from basebump.report.plan import by_reason, not_planned
from basebump.report.text import count
from basebump.rollout import FAILED, HALTED, HELD_BACK, STALE, Published

_COLOURS = {"opened": "green", "updated": "green", "finished": "green", "reopened": "green"}
_RED = (FAILED, STALE)
_WAITING = (HELD_BACK, HALTED)


def as_table(
    plans: Sequence[RepoPlan], results: Sequence[Published], style: Style, *, dry: bool
) -> str:
    """One row a pull request, then what was held back and why, then one sentence."""
    parts: list[Part] = []
    shown = [result for result in results if result.outcome not in _WAITING]
    if shown:
        made = table("REPOSITORY", "OUTCOME", "BRANCH", "REMARK")
        for result in shown:
            colour = "red" if result.outcome in _RED else _COLOURS.get(result.outcome, "")
            made.add_row(
                cell(result.repository),
                cell(_word(result, dry=dry), colour),
                cell(result.branch),
                cell(_remark(result, dry=dry)),
            )
        parts += [made, ""]
    for outcome in _WAITING:
        reasons: dict[str, list[str]] = defaultdict(list)
        for result in results:
            if result.outcome == outcome:
                reasons[result.reason].append(result.repository)
        parts += by_reason(f"{outcome.capitalize()}:", reasons)
    parts += not_planned(plans)
    parts.append(Text(_prefix(dry=dry) + sentence(results), style="bold"))
    return render(parts, style)


def as_markdown(plans: Sequence[RepoPlan], results: Sequence[Published], *, dry: bool) -> str:
    """The same as a Markdown table, for a job summary."""
    lines = [_prefix(dry=dry) + sentence(results), ""]
    if results:
        lines += ["| Repository | Outcome | Branch | Remark |", "| --- | --- | --- | --- |"]
    for result in results:
        link = f"[{escape(result.repository)}]({result.url})" if result.url else None
        name = link or escape(result.repository)
        word, remark = _word(result, dry=dry), escape(_remark(result, dry=dry))
        lines.append(f"| {name} | {word} | {code(result.branch)} | {remark} |")
    failed = [plan for plan in plans if plan.outcome is Outcome.FAILED]
    if failed:
        lines += ["", "| Failed | Reason |", "| --- | --- |"]
        lines += [f"| {escape(plan.name)} | {escape(plan.reason or '')} |" for plan in failed]
    return "\n".join(lines) + "\n"


def as_json(
    plans: Sequence[RepoPlan],
    results: Sequence[Published],
    *,
    dry: bool,
    diagnosis: object = None,
) -> str:
    """The results as a document: version 1, keys are only ever added.

    `diagnosis` is the document of `diagnose` for the campaigns that are halted.
    """
    document = {
        "version": 1,
        "dry_run": dry,
        "pull_requests": [
            {
                "repository": result.repository,
                "branch": result.branch,
                "outcome": result.outcome,
                "reason": result.reason or None,
                "url": result.url or None,
                "superseded": list(result.superseded),
            }
            for result in results
        ],
        "repositories": [
            {"name": plan.name, "outcome": plan.outcome.value, "reason": plan.reason}
            for plan in plans
        ],
        "summary": dict(sorted(Counter(result.outcome for result in results).items())),
        "diagnosis": diagnosis,
    }
    return json.dumps(document, indent=1) + "\n"


def sentence(results: Sequence[Published]) -> str:
    """`3 opened, 41 already open`: what happened, most telling first; always says what opened."""
    counted = Counter(result.outcome for result in results)
    superseded = sum(len(result.superseded) for result in results)
    words = [f"{counted.pop('opened', 0):,} opened"]
    words += [f"{number:,} {word}" for word, number in sorted(counted.items())]
    if superseded:
        words.append(f"{count(superseded, 'older one')} superseded")
    return ", ".join(words)


def _prefix(*, dry: bool) -> str:
    return "Dry run, nothing was written: " if dry else ""


def _word(result: Published, *, dry: bool) -> str:
    return f"would be {result.outcome}" if dry and result.outcome in _COLOURS else result.outcome


def _remark(result: Published, *, dry: bool) -> str:
    remarks = [result.reason, result.url]
    verb = "would close" if dry else "closed"
    remarks += [f"{verb} {branch}" for branch in result.superseded]
    return "; ".join(filter(None, remarks))
