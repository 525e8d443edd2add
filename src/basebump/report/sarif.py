"""Findings as SARIF 2.1.0, which code-scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from basebump.core.cache_order import ADVICE, RULE, Finding
from basebump.core.rewrite import Edit
from basebump.core.text import clean
from basebump.report.check import Checked

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_DOCS = "https://docs.docker.com/build/cache/optimize/#order-your-layers"
_RULES = (
    (RULE, "CacheOrder", "warning", "Copy the dependency manifests and install before the source"),
    (ADVICE, "CacheOrderAdvice", "note", "Fetch the dependencies in a step before the source"),
)


def as_sarif(files: Sequence[Checked], version: str) -> str:
    """The log with one run, whose columns count characters; `version` is basebump's own."""
    rules = [
        {
            "id": rule,
            "name": name,
            "shortDescription": {"text": text},
            "helpUri": _DOCS,
            "defaultConfiguration": {"level": level},
        }
        for rule, name, level, text in _RULES
    ]
    driver = {"name": "basebump", "semanticVersion": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [result for file in files for result in _results(file)],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _results(file: Checked) -> Iterator[dict[str, Any]]:
    """A result a finding; of findings with equal texts, each has the number of those before it."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in file.findings:
        parts = _identity(file, finding)
        before = (str(seen[parts]),) if parts in seen else ()
        yield _result(file, finding, _fingerprint(parts + before))
        seen[parts] += 1


def _result(file: Checked, finding: Finding, fingerprint: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": [rule for rule, *_ in _RULES].index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": clean(finding.message)},
        "locations": [_location(file.path, finding.line)],
        "relatedLocations": [
            {
                **_location(file.path, finding.install_line),
                "id": 1,
                "message": {"text": "the install"},
            }
        ],
        "partialFingerprints": {"basebumpFinding/v1": fingerprint},
    }
    if finding.fix is not None:
        change = {
            "artifactLocation": _artifact(file.path),
            "replacements": [_replacement(file.text, edit) for edit in finding.fix],
        }
        description = {"text": "Copy the manifests, install, then copy the rest"}
        result["fixes"] = [{"description": description, "artifactChanges": [change]}]
    return result


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path.encode("utf-8", "surrogateescape"))
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _location(path: str, line: int) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": _artifact(path), "region": {"startLine": line}}
    }


def _identity(file: Checked, finding: Finding) -> tuple[str, ...]:
    """The same for the same finding after lines moved: it holds the texts and not the numbers."""
    lines = file.text.split("\n")
    texts = (lines[finding.line - 1].split(), lines[finding.install_line - 1].split())
    return (finding.rule, file.path, finding.ecosystem, *(" ".join(words) for words in texts))


def _fingerprint(parts: Sequence[str]) -> str:
    content = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(content).hexdigest()[:32]


def _replacement(text: str, edit: Edit) -> dict[str, Any]:
    starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]
    start, end = _place(text, starts, edit.start), _place(text, starts, edit.end)
    region = {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.new}}


def _place(text: str, starts: Sequence[int], position: int) -> tuple[int, int]:
    """Line and column, both from 1. A byte order mark is no character of the text."""
    line = bisect_right(starts, position)
    column = position - starts[line - 1] + 1
    return line, column - (line == 1 and text.startswith("\ufeff"))
