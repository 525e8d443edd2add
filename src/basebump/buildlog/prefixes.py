"""What a CI system writes before the builder's own words."""

from __future__ import annotations

import re

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_DATE = rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}(?:Z|[+-]\d\d:?\d\d)?"

# One row a system: a prefix that can stand before any line and is never a builder's own.
_ALWAYS = (
    r"[^\t\n]{1,120}\t[^\t\n]{1,120}\t\ufeff?(?=\d{4}-)",  # `gh run view --log`: job, step
    rf"\[Container\] {_DATE} ",  # AWS CodeBuild
    rf"{_DATE} std(?:out|err) [FP] ",  # Kubernetes' log files
    rf"{_DATE} \d\d[OE]\+? ?",  # GitLab with FF_TIMESTAMPS
    rf"\[{_DATE}\] ?",  # Jenkins timestamper in a pipeline
    rf"{_DATE} ?",  # GitHub Actions, Azure Pipelines, `docker logs -t`
    rf"\[{_CLOCK}\][iWEF]? ?:?\s{{0,2}}(?:\[Step \d+/\d+\] )?",  # TeamCity
    rf"{_CLOCK} {{1,2}}",  # Jenkins timestamper, classic
)
_PREFIX = re.compile("|".join(_ALWAYS))

# A name before the line: `web_1  | `, `[build-image] `, `[pod container] `. Such text is also
# what programs print, so it goes only when a builder's words have been seen behind that name.
_NAMED = re.compile(r"\[[A-Za-z][^\]\n]{0,80}\] |[A-Za-z][\w.-]{0,60} *\| ")
_BUILDER_WORDS = re.compile(
    r"Step \d+/\d+ : |(?:\[\d+/\d+\] )?STEP \d+(?:/\d+)?: |#\d+ \[|(?:INFO|WARN|ERRO)\s?\[|"
    r"Sending build context|error building image|time=\""
)
# https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
_COMMANDS = re.compile(
    r"##\[(?:error|warning|debug|section|command)\]|::(?:error|warning)[^:\n]{0,80}::"
)
_STARTS = frozenset("0123456789[")
_MOST_NAMES = 64


class Prefixes:
    """Takes CI prefixes off lines; remembers which names stand before a builder's words."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: set[str] = set()

    def strip(self, line: str) -> str:
        """Return the line as the builder wrote it."""
        if line[0] == "#" and line[1:2] != "#":
            return line  # BuildKit's own, and nearly every line of its logs
        if (line[0] in _STARTS or "\t" in line) and (prefix := _PREFIX.match(line)):
            line = self._again(line[prefix.end() :])
        if " | " in line[:80] or line.startswith("["):
            line = self._without_name(line)
        if line.startswith(("##[", "::")):
            line = _COMMANDS.sub("", line, count=1)
        return line

    def _again(self, line: str) -> str:
        """Take off a second prefix: one system's output is another's input."""
        prefix = _PREFIX.match(line)
        return line[prefix.end() :] if prefix else line

    def _without_name(self, line: str) -> str:
        named = _NAMED.match(line)
        if not named:
            return line
        if _BUILDER_WORDS.match(line, named.end()) and len(self._names) < _MOST_NAMES:
            self._names.add(named[0])
        return line[named.end() :] if named[0] in self._names else line
