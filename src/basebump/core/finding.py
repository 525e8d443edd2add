"""What a check has to say about a Dockerfile."""

from dataclasses import dataclass

from basebump.core.rewrite import Edit


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken, and where; `line` is 1-based. `fix` mends it, None if nothing safely does."""

    rule: str
    severity: str
    line: int
    message: str
    fix: tuple[Edit, ...] | None
