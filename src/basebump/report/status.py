"""Where the pull requests of a fleet stand."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.text import Text

from basebump.core.pace import Pace
from basebump.core.text import code, escape
from basebump.forge import Checks, PullRequest, Review, State, Unavailable
from basebump.report.console import Part, Style, cell, render, table
from basebump.report.text import count
from basebump.rollout.standing import Standing

_COLOURS = {State.OPEN: "green", State.MERGED: "magenta", State.CLOSED: "red"}
_CHECK_COLOURS = {Checks.GREEN: "green", Checks.FAILING: "red"}
_REVIEWS = {Review.CHANGES: "changes", Review.REQUIRED: "required", Review.NONE: ""}
_CONFLICTS = {True: "no", False: "yes", None: ""}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))  # of an age, in seconds


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What the forge shows at a time, and how each configured campaign stands, by its branch."""

    requests: Sequence[PullRequest]
    failed: Sequence[Unavailable]
    now: datetime
    pace: Pace = field(default_factory=Pace)
    standings: Mapping[str, Standing] = field(default_factory=dict)


def as_table(report: StatusReport, style: Style) -> str:
    """A table for each campaign, one row a pull request, in the order they are given."""
    parts: list[Part] = []
    for branch, group in groupby(report.requests, key=lambda request: request.branch):
        campaign = list(group)
        made = table("REPOSITORY", "STATE", "CHECKS", "REVIEW", "CONFLICT", "AGE", "REMARK")
        for request in campaign:
            made.add_row(*_row(request, report.now, style))
        parts += [cell(branch, "bold"), made]
        if len(campaign) < len(report.requests):  # else the last line says the same
            parts.append(cell(sentence(campaign, [])))
        lines = _standing_lines(report, branch)
        parts += [cell(line, "red" if line.startswith("halted") else "") for line in lines]
        parts.append("")
    parts += [cell(f"failed: {f.repository}: {f.reason}", "red") for f in report.failed]
    parts.append(Text(sentence(report.requests, report.failed), style="bold"))
    return render(parts, style)


def as_markdown(report: StatusReport) -> str:
    """The same as a Markdown table."""
    head = ("Repository", "State", "Checks", "Review", "Conflict", "Age", "Branch", "Remark")
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for request in report.requests:
        cells = [request.state.value, *_following(request, report.now)]
        shown = " | ".join([escape(request.repository), *cells, code(request.branch)])
        lines.append(f"| {shown} | {escape(_remark(request, wide=True))} |")
    for branch in dict.fromkeys(request.branch for request in report.requests):
        lines += [f"\n{code(branch)}: {escape(x)}" for x in _standing_lines(report, branch)]
    return "\n".join([*lines, "", sentence(report.requests, report.failed), ""])


def as_json(report: StatusReport) -> str:
    """The pull requests as a document: version 1, keys are only ever added."""
    requests, failed = report.requests, report.failed
    document = {
        "version": 1,
        "pull_requests": list(map(_request, requests)),
        "failed": [{"repository": f.repository, "reason": f.reason} for f in failed],
        "summary": dict(sorted(Counter(r.state.value for r in requests).items())),
        "campaigns": [_campaign(b, s, report.pace) for b, s in report.standings.items()],
    }
    return json.dumps(document, indent=1) + "\n"


def sentence(requests: Sequence[PullRequest], failed: Sequence[Unavailable]) -> str:
    """`41 pull requests: 40 open, 1 merged, 0 closed; 38 green, 2 failing`."""
    states = Counter(request.state for request in requests)
    text = ", ".join(f"{states[state]:,} {state}" for state in State)
    checks = Counter(request.checks for request in requests if request.state is State.OPEN)
    del checks[Checks.NONE]
    checked = ", ".join(f"{checks[each]:,} {each}" for each in Checks if checks[each])
    text += f"; {checked}" if checked else ""
    broken = f"; {count(len(failed), 'repository', 'repositories')} failed" if failed else ""
    return f"{count(len(requests), 'pull request')}: {text}{broken}"


def _row(request: PullRequest, now: datetime, style: Style) -> list[Text]:
    checks, *others = _following(request, now)
    return [
        cell(request.repository),
        cell(request.state, _COLOURS[request.state]),
        cell(checks, _CHECK_COLOURS.get(request.checks, "")),
        *map(cell, others),
        cell(_remark(request, wide=style.wide)),
    ]


def _following(request: PullRequest, now: datetime) -> list[str]:
    """Checks, review, conflict and age; only an open pull request has them."""
    if request.state is not State.OPEN:
        return ["", "", "", ""]
    review = _REVIEWS.get(request.review, request.review.value)
    age = _age((now - request.created).total_seconds()) if request.created else ""
    return [request.checks.value, review, _CONFLICTS[request.mergeable], age]


def _age(seconds: float) -> str:
    unit, size = next(((u, s) for u, s in _UNITS if seconds >= s), ("s", 1))
    return f"{max(0, int(seconds // size))} {unit}"


def _standing_lines(report: StatusReport, branch: str) -> list[str]:
    """How a campaign stands against its gate, and why it goes no further or when it does."""
    stands = report.standings.get(branch)
    if stands is None:
        return []
    counts = {"through": stands.passed, "waiting": stands.waiting, "failing": stands.failing}
    words = ", ".join(f"{len(names):,} {word}" for word, names in counts.items())
    lines = [f"gate {report.pace.gate}: {words}"]
    if stands.out < stands.total:
        lines.append(stands.pause(report.pace))
    halted = stands.halted(report.pace)
    return [*lines, *([halted] if halted else [])]


def _request(request: PullRequest) -> dict[str, Any]:
    return {
        "repository": request.repository,
        "branch": request.branch,
        "base_branch": request.base_branch,
        "title": request.title,
        "state": request.state.value,
        "head": request.head,
        "taken_over": request.state is State.OPEN and not request.ours,
        "superseded": request.superseded,
        "url": request.url or None,
        "checks": request.checks.value,
        "review": request.review.value,
        "mergeable": request.mergeable,
        "draft": request.draft,
        "created": request.created.isoformat() if request.created else None,
    }


def _campaign(branch: str, stands: Standing, pace: Pace) -> dict[str, Any]:
    step = stands.advance(pace)
    return {
        "branch": branch,
        "total": stands.total,
        "out": stands.out,
        "gate": pace.gate.value,
        "passed": list(stands.passed),
        "waiting": list(stands.waiting),
        "failing": list(stands.failing),
        "wave": step.number,
        "waves": step.of,
        "halted": stands.halted(pace) or None,
    }


def _remark(request: PullRequest, *, wide: bool) -> str:
    if request.superseded:
        return "superseded"
    remarks = [
        "taken over" if request.state is State.OPEN and not request.ours else "",
        "draft" if request.draft else "",
        request.url if wide else _number(request.url),
    ]
    return "; ".join(filter(None, remarks))


def _number(url: str) -> str:
    found = re.search(r"/(\d+)$", url)
    return f"#{found[1]}" if found else url
