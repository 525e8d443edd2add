"""What `check` found, as a table, as Markdown and as the JSON contract's document."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from basebump.core.cache_order import RULE, Finding
from basebump.core.rewrite import apply
from basebump.core.text import clean, code, escape
from basebump.report.text import count

VERSION = 1
# Written here and not by rich, whose import takes longer than the check of a file.
_COLOURS = {"error": "\x1b[31m", "warning": "\x1b[31m", "info": "\x1b[36m", "code": "\x1b[32m"}
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at. `problem` says why it could not be checked; `text` is decoded."""

    path: str
    text: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None

    def after(self) -> str:
        """The text with every fix made."""
        return apply(self.text, {edit for f in self.findings for edit in f.fix or ()})


def as_document(files: Sequence[Checked]) -> dict[str, Any]:
    """The document of version 1; `fix` is a list of replacements by character."""
    return {
        "version": VERSION,
        "files": [
            {
                "path": file.path,
                "problem": file.problem,
                "findings": [finding_document(finding) for finding in file.findings],
            }
            for file in files
        ],
        "summary": _summary(files),
    }


def as_json(files: Sequence[Checked]) -> str:
    """The document as text."""
    return json.dumps(as_document(files), indent=2) + "\n"


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding as every JSON report shows it."""
    fix = finding.fix and [{"start": e.start, "old": e.old, "new": e.new} for e in finding.fix]
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "install_line": finding.install_line,
        "message": finding.message,
        "ecosystem": finding.ecosystem,
        "manifests": list(finding.manifests),
        "suggestion": list(finding.suggestion),
        "fix": fix,
        "not_fixed": finding.not_fixed,
        "docs": finding.docs,
    }


def _summary(files: Sequence[Checked]) -> dict[str, int]:
    findings = [finding for file in files for finding in file.findings]
    return {
        "files": len(files),
        "findings": sum(finding.rule == RULE for finding in findings),
        "advice": sum(finding.rule != RULE for finding in findings),
        "fixable": sum(finding.fix is not None for finding in findings),
        "unreadable": sum(file.problem is not None for file in files),
    }


def summary_line(files: Sequence[Checked]) -> str:
    """`3 files: 2 findings (1 can be fixed), 1 piece of advice`."""
    counted = _summary(files)
    line = f"{count(counted['files'], 'file')}: {count(counted['findings'], 'finding')}"
    if counted["fixable"]:
        line += f" ({counted['fixable']} can be fixed with --fix)"
    if counted["advice"]:
        line += f", {count(counted['advice'], 'piece of advice', 'pieces of advice')}"
    if counted["unreadable"]:
        line += f", {count(counted['unreadable'], 'file')} not checked"
    return line


def as_table(files: Sequence[Checked], *, colour: bool = False) -> str:
    """A paragraph a finding, as compilers write them, and the summary."""
    lines: list[str] = []

    def add(text: str, kind: str = "") -> None:
        shown = clean(text)
        lines.append(f"{_COLOURS[kind]}{shown}{_RESET}" if colour and kind else shown)

    for file in files:
        for finding in file.findings:
            head = f"{file.path}:{finding.line}: {finding.severity}: {finding.message}"
            add(f"{head} [{finding.rule}]", finding.severity)
            for line in finding.suggestion:
                add(f"    {line}", "code")
            if finding.not_fixed and finding.rule == RULE:
                add(f"    not fixed: {finding.not_fixed}")
    add(summary_line(files))
    return "\n".join(lines) + "\n"


def as_markdown(files: Sequence[Checked]) -> str:
    """A table of the findings, for a job summary."""
    lines = [escape(summary_line(files))]
    if any(file.findings for file in files):
        lines += ["", "| Where | Severity | What | Rule |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {code(f'{file.path}:{finding.line}')} | {finding.severity} "
        f"| {escape(finding.message)} | {code(finding.rule)} |"
        for file in files
        for finding in file.findings
    ]
    return "\n".join(lines) + "\n"


def diff(file: Checked) -> Iterator[str]:
    """The unified diff of a file's fixes, cleaned for showing; nothing when there are none."""
    import difflib  # noqa: PLC0415 - most runs show no diff

    before, after = file.text.splitlines(), file.after().splitlines()
    name = clean(file.path)
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm=""):
        yield clean(line.replace("\t", "    ").replace("\ufeff", ""))
