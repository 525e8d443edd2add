"""Where the pull requests of a fleet stand."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from basebump.core.text import code, escape
from basebump.forge import PullRequest, State, Unavailable
from basebump.report.console import Part, Style, cell, render, table
from basebump.report.text import count

_COLOURS = {State.OPEN: "green", State.MERGED: "magenta", State.CLOSED: "red"}


def as_table(requests: Sequence[PullRequest], failed: Sequence[Unavailable], style: Style) -> str:
    """A table for each campaign, one row a pull request, in the order they are given."""
    parts: list[Part] = []
    for branch, group in groupby(requests, key=lambda request: request.branch):
        campaign = list(group)
        made = table("REPOSITORY", "STATE", "REMARK")
        for request in campaign:
            made.add_row(
                cell(request.repository),
                cell(request.state, _COLOURS[request.state]),
                cell(_remark(request)),
            )
        parts += [cell(branch, "bold"), made, cell(sentence(campaign, [])), ""]
    parts += [cell(f"failed: {f.repository}: {f.reason}", "red") for f in failed]
    parts.append(Text(sentence(requests, failed), style="bold"))
    return render(parts, style)


def as_markdown(requests: Sequence[PullRequest], failed: Sequence[Unavailable]) -> str:
    """The same as a Markdown table."""
    lines = ["| Repository | State | Branch | Title | Remark |", "| --- " * 5 + "|"]
    lines += [
        f"| {escape(r.repository)} | {r.state} | {code(r.branch)} | {escape(r.title)} "
        f"| {escape(_remark(r))} |"
        for r in requests
    ]
    return "\n".join([*lines, "", sentence(requests, failed), ""])


def as_json(requests: Sequence[PullRequest], failed: Sequence[Unavailable]) -> str:
    """The pull requests as a document: version 1, keys are only ever added."""
    document = {
        "version": 1,
        "pull_requests": [
            {
                "repository": request.repository,
                "branch": request.branch,
                "base_branch": request.base_branch,
                "title": request.title,
                "state": request.state.value,
                "head": request.head,
                "taken_over": request.state is State.OPEN and not request.ours,
                "superseded": request.superseded,
                "url": request.url or None,
            }
            for request in requests
        ],
        "failed": [{"repository": f.repository, "reason": f.reason} for f in failed],
        "summary": dict(sorted(Counter(r.state.value for r in requests).items())),
    }
    return json.dumps(document, indent=1) + "\n"


def sentence(requests: Sequence[PullRequest], failed: Sequence[Unavailable]) -> str:
    """`41 pull requests: 40 open, 1 merged, 0 closed`."""
    states = Counter(request.state for request in requests)
    text = ", ".join(f"{states[state]:,} {state}" for state in State)
    broken = f"; {count(len(failed), 'repository', 'repositories')} failed" if failed else ""
    return f"{count(len(requests), 'pull request')}: {text}{broken}"


def _remark(request: PullRequest) -> str:
    if request.superseded:
        return "superseded"
    if request.state is State.OPEN and not request.ours:
        return "taken over: someone else has added commits"
    return request.url
