"""Findings as GitHub's workflow commands, which show them beside the lines of a pull request."""

from collections.abc import Sequence

from basebump.core.text import clean
from basebump.report.check import Checked

# https://docs.github.com/actions/reference/workflow-commands-for-github-actions
_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def as_annotations(files: Sequence[Checked]) -> str:
    """One `::warning file=…,line=…::message` a finding."""
    return "".join(
        f"::{_LEVELS[finding.severity]} file={_property(file.path)},line={finding.line},"
        f"endLine={finding.install_line},title={_property(finding.rule)}::{_data(finding.message)}\n"
        for file in files
        for finding in file.findings
    )


def as_error(text: str) -> str:
    """An `::error::` that belongs to the run and to no file."""
    return f"::error title=basebump::{_data(text)}\n"


def _data(text: str) -> str:
    """Text that ends no command; after `@actions/core`'s escapeData."""
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As `_data`, and ends no property. A path keeps its bytes, or GitHub would not find it."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return clean(escaped.replace(":", "%3A").replace(",", "%2C"))
