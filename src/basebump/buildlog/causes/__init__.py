"""The table of causes, specific before general, and the choice among its rows.

Order is the rule: a full disk comes before the invalid signature that it produces, an
unresolvable mirror before the package that then cannot be located, and a failed test before
whatever its output talks about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from basebump.buildlog.causes import apt, host, language, network, node, packages, project, registry
from basebump.buildlog.values import Cause, Line, Step

UNKNOWN = Cause(
    id="unknown",
    title="an error that is not in the table",
    patterns=(),
    meaning="The step failed with words that basebump does not know.",
    remedy="Read the last lines of the step; a row in the table is worth a pull request.",
    link="https://docs.docker.com/build/building/best-practices/",
)

TABLE: tuple[Cause, ...] = (
    *host.ROWS,
    *registry.ROWS,
    *node.FIRST,
    *language.FIRST,
    *project.TESTS,
    *network.ROWS,
    *apt.ROWS,
    *packages.ROWS,
    *node.ROWS,
    *language.ROWS,
    *project.ROWS,
    UNKNOWN,
)

_PATTERNS = tuple((cause, tuple(map(re.compile, cause.patterns))) for cause in TABLE)

# A builder repeats the command when it fails, and `set -x` before it runs: words of the command
# are no evidence.
_ECHO = re.compile(
    r"^\++ .*|^> \[.*|process \".*\" did not complete|The command '.*' returned|"
    r"executor failed running \[.*\]:|building at STEP \".*?\": "
)

_ECHOES = re.compile(r"^[+>]|did not complete|returned|executor failed|building at STEP")
_END = 500


def classify(step: Step, evidence: Sequence[Line]) -> tuple[Cause, Line | None]:
    """Return the cause of a failed step and the line that shows it.

    The first row of the table with a pattern that matches any line wins, and within the row the
    first pattern, on its first line: the root and not its last echo. A row's exit codes count
    when no pattern of any row matches. The line is None when only an exit code speaks, or nothing.
    """
    lines = [(line, _searched(line.text)) for line in evidence]
    for cause, patterns in _PATTERNS:
        for pattern in patterns:
            for line, text in lines:
                if pattern.search(text):
                    return cause, line
    for cause in TABLE:
        if step.exit_code in cause.exits:
            return cause, None
    return UNKNOWN, _last_complaint(evidence)


def _searched(text: str) -> str:
    """Return what is searched of a line: without the echoed command, and its two ends only.

    Some patterns take quadratic time; on a line of bounded length that does not matter.
    """
    words = _ECHO.sub("", text) if _ECHOES.search(text) else text
    return words if len(words) <= 2 * _END else f"{words[:_END]} {words[-_END:]}"


def _last_complaint(evidence: Iterable[Line]) -> Line | None:
    """Return the last line of the step's own that is not the builder's echo of the failure."""
    own = [line for line in evidence if line.text.strip() and not _ECHO.search(line.text)]
    return own[-1] if own else None
