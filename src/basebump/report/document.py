"""The JSON document, version 1: what `scan` and `plan` print and a saved plan is made of.

Keys are only ever added. `schema.json` beside this module describes it.
"""

import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from basebump.core import cache_order
from basebump.core.finding import Finding
from basebump.core.plan import FilePlan, Judged, RepoPlan
from basebump.core.verdict import Verdict
from basebump.report.check import finding_document

VERSION = 1

Document = dict[str, Any]


def document(plans: Sequence[RepoPlan], *, everything: bool, edits: bool) -> Document:
    """The document of a fleet; `everything` keeps stages and `scratch`, `edits` adds the edits."""
    repositories = [_repository(plan, everything=everything, edits=edits) for plan in plans]
    return {
        "version": VERSION,
        "repositories": repositories,
        "summary": _summary(repositories),
    }


def as_text(whole: Document) -> str:
    """The document as it is printed and saved."""
    stream = io.StringIO()
    json.dump(whole, stream, indent=1)  # `dumps` would hold every token of it at once
    stream.write("\n")
    return stream.getvalue()


def _repository(plan: RepoPlan, *, everything: bool, edits: bool) -> Document:
    return {
        "name": plan.name,
        "outcome": plan.outcome.value,
        "reason": plan.reason,
        "default_branch": plan.default_branch,
        "commit": plan.commit,
        "files": [_file(file, everything=everything, edits=edits) for file in plan.files],
    }


def _file(file: FilePlan, *, everything: bool, edits: bool) -> Document:
    return {
        "path": file.path,
        "references": [
            _reference(judged, file, edits=edits) for judged in shown(file, everything=everything)
        ],
        "findings": [_finding(finding) for finding in file.findings],
    }


def shown(file: FilePlan, *, everything: bool = False) -> Iterable[Judged]:
    """The references that a report shows: stages and `scratch` only on demand."""
    return (j for j in file.references if everything or j.verdict is not Verdict.NOT_AN_IMAGE)


def _reference(judged: Judged, file: FilePlan, *, edits: bool) -> Document:
    use = judged.use
    entry: Document = {
        "line": use.line,
        "kind": use.kind.value,
        "stage": use.stage,
        "written": use.written,
        "image": use.reference.name if use.reference else None,
        "tag": use.reference.tag if use.reference else None,
        "digest": use.reference.digest if use.reference else None,
        "platform": use.platform,
        "verdict": judged.verdict.value,
        "reason": judged.reason,
        "rule": judged.rule.id if judged.rule else None,
        "new": str(judged.new) if judged.new else None,
    }
    if edits:
        entry["edits"] = [
            {
                "line": file.text.count("\n", 0, edit.start) + 1,
                "start": edit.start,
                "old": edit.old,
                "new": edit.new,
            }
            for edit in judged.edits
        ]
    return entry


def _finding(finding: Finding) -> Document:
    if isinstance(finding, cache_order.Finding):
        return finding_document(finding)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "message": finding.message,
    }


def _summary(repositories: list[Document]) -> Document:
    files = [file for repository in repositories for file in repository["files"]]
    references = [reference for file in files for reference in file["references"]]
    return {
        "repositories": len(repositories),
        "outcomes": dict(sorted(Counter(r["outcome"] for r in repositories).items())),
        "files": len(files),
        "references": len(references),
        "verdicts": dict(sorted(Counter(r["verdict"] for r in references).items())),
        "findings": sum(len(file["findings"]) for file in files),
    }
