"""What the check knows of a repository, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from basebump.core import finding as core_finding
from basebump.core.rewrite import Edit

RULE = "cache-order"
ADVICE = "cache-order/advice"
RULES = (RULE, ADVICE)

# From the strongest to the weakest; a cache mount weakens a finding by one step.
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Context:
    """The repository around a Dockerfile, as far as it is at hand.

    `dockerfile` and `paths` are relative to the repository's root, with `/` between the parts; a
    symbolic link is not among `paths`. `files` holds the contents of the small files that
    `is_wanted` names, and of no others. Where the tree is not known, pass None instead of one
    that looks empty.
    """

    dockerfile: str
    paths: frozenset[str]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding(core_finding.Finding):
    """An install that runs again whenever the source changes.

    `line` is the broad copy's and `install_line` the install's, both 1-based. `manifests` are
    the files to copy first, as paths in the build context, and `suggestion` the lines that should
    stand in the broad copy's and the install's place. Either `fix` is there, or `not_fixed` says
    why it is not. `docs` is where the ecosystem or Docker writes of it.
    """

    install_line: int
    manifests: tuple[str, ...]
    suggestion: tuple[str, ...]
    fix: tuple[Edit, ...] | None
    not_fixed: str | None
    ecosystem: str
    docs: str
