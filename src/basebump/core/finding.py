"""What a check has to say about a Dockerfile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken, where, and how to mend it. `line` is 1-based."""

    rule: str
    severity: str
    line: int
    message: str
