"""How a run of `merge` or `close` ended, for a person and for a program."""

import json
from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from basebump.core.text import code, escape
from basebump.forge import Unavailable
from basebump.report.console import Part, Style, cell, render, table
from basebump.report.text import count
from basebump.rollout.ending import CLOSED, FAILED, MERGED, QUEUED, Ended

_COLOURS = {MERGED: "magenta", QUEUED: "green", CLOSED: "red", FAILED: "red"}
_DONE = (MERGED, QUEUED, CLOSED)


def as_table(
    results: Sequence[Ended], failed: Sequence[Unavailable], style: Style, *, dry: bool
) -> str:
    """One row a pull request, then one sentence."""
    parts: list[Part] = []
    if results:
        made = table("REPOSITORY", "OUTCOME", "REMARK")
        for result in results:
            word = cell(_word(result, dry=dry), _COLOURS.get(result.outcome, ""))
            made.add_row(cell(result.repository), word, cell(_remark(result)))
        parts += [made, ""]
    parts += [cell(f"failed: {f.repository}: {f.reason}", "red") for f in failed]
    parts.append(Text(_prefix(dry=dry) + sentence(results, failed), style="bold"))
    return render(parts, style)


def as_markdown(results: Sequence[Ended], failed: Sequence[Unavailable], *, dry: bool) -> str:
    """The same as a Markdown table."""
    lines = [_prefix(dry=dry) + sentence(results, failed), ""]
    lines += ["| Repository | Outcome | Branch | Remark |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {escape(r.repository)} | {_word(r, dry=dry)} | {code(r.branch)} "
        f"| {escape(_remark(r))} |"
        for r in results
    ]
    lines += [f"| {escape(f.repository)} | failed | | {escape(f.reason)} |" for f in failed]
    return "\n".join(lines) + "\n"


def as_json(results: Sequence[Ended], failed: Sequence[Unavailable], *, dry: bool) -> str:
    """The results as a document: version 1, keys are only ever added."""
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
            }
            for result in results
        ],
        "failed": [{"repository": f.repository, "reason": f.reason} for f in failed],
        "summary": dict(sorted(Counter(result.outcome for result in results).items())),
    }
    return json.dumps(document, indent=1) + "\n"


def sentence(results: Sequence[Ended], failed: Sequence[Unavailable]) -> str:
    """`3 merged, 2 not ready`, or that there is nothing open."""
    counted = Counter(result.outcome for result in results)
    words = [f"{number:,} {word}" for word, number in sorted(counted.items())]
    text = ", ".join(words) if words else "no open pull request"
    broken = f"; {count(len(failed), 'repository', 'repositories')} failed" if failed else ""
    return f"{text}{broken}"


def _prefix(*, dry: bool) -> str:
    return "Dry run, nothing was written: " if dry else ""


def _word(result: Ended, *, dry: bool) -> str:
    return f"would be {result.outcome}" if dry and result.outcome in _DONE else result.outcome


def _remark(result: Ended) -> str:
    return "; ".join(filter(None, (result.reason, result.url)))
