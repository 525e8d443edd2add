"""The plan and its outcome in Markdown, for a job summary or a ticket."""

import re
from collections import Counter
from collections.abc import Sequence

from basebump.core.plan import RepoPlan
from basebump.core.text import code, escape
from basebump.core.verdict import Verdict
from basebump.report.diff import unified
from basebump.report.plan import references, summary_line


def plan_as_markdown(plans: Sequence[RepoPlan], *, everything: bool) -> str:
    """Verdict counts, a table of every reference, and the diffs."""
    rows = list(references(plans, everything=everything))
    counted = Counter(judged.verdict for _, _, judged in rows)
    lines = [summary_line(plans, rows), "", "| Verdict | References |", "| --- | ---: |"]
    lines += [f"| {verdict} | {counted[verdict]} |" for verdict in Verdict if counted[verdict]]
    lines += [
        "",
        "| Repository | File | Reference | Verdict | New, or why not |",
        "| --- " * 5 + "|",
    ]
    for plan, file, judged in rows:
        place = code(f"{file.path}:{judged.use.line}")
        last = code(str(judged.new)) if judged.new else escape(judged.reason)
        written = code(judged.use.written)
        lines.append(f"| {escape(plan.name)} | {place} | {written} | {judged.verdict} | {last} |")
    others = [plan for plan in plans if plan.reason]
    if others:
        lines += ["", "| Repository | Outcome | Reason |", "| --- | --- | --- |"]
        lines += [f"| {escape(p.name)} | {p.outcome} | {escape(p.reason or '')} |" for p in others]
    diff = [
        line
        for plan in plans
        for file in plan.files
        for line in unified(f"{plan.name}/{file.path}", file.text, file.after())
    ]
    if diff:
        fence = _fence(diff)
        lines += ["", "<details><summary>Diffs</summary>", "", f"{fence}diff", *diff, fence]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _fence(lines: list[str]) -> str:
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    return "`" * max(3, longest + 1)
