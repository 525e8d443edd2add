"""How branches and pull requests are worded: templates with a few known names."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES = ("image", "tag", "repository")
BODY_NAMES = (*_NAMES, "changes", "base", "findings")
_BODY = """\
A new release of the base image is out. This changes the tag and nothing else:

{changes}

{base}

{findings}

To keep a line as it is, close this pull request (it stays closed for this release), or put \
`# basebump: ignore` with a reason on the line above it."""
# https://git-scm.com/docs/git-check-ref-format
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|(^|/)\.|\.lock(/|$)|^@$")


class TemplateError(ValueError):
    """A template of the configuration cannot be filled in."""


@dataclass(frozen=True, slots=True)
class PullRequestTemplate:
    """How branches and pull requests are worded and dressed.

    `{image}`, `{tag}` and `{repository}` are known in all templates; `{changes}` (the table),
    `{base}` (what the new base images change) and `{findings}` in `body`. `commit` is the
    message's first line, the title where it is empty.
    """

    branch: str = "basebump/{image}-{tag}"
    title: str = "Upgrade {image} to {tag}"
    labels: tuple[str, ...] = ("dependencies",)
    draft: bool = False
    commit: str = ""
    body: str = _BODY
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    auto_merge: str = ""

    def check(self) -> None:
        """Raise TemplateError for an unknown name, or a branch that git would refuse."""
        names = dict.fromkeys(BODY_NAMES, "x")
        for template in (self.branch, self.title, self.commit):
            fill(template, image="image", tag="1", repository="repository")
        fill(self.body, BODY_NAMES, **names)
        if "{changes}" not in self.body:
            raise TemplateError("body: it must say {changes}, so that a reviewer sees them")
        if "{repository}" in self.branch:
            raise TemplateError("branch: it is one for the whole campaign, so no {repository}")
        branch = fill(self.branch, image="image", tag="1", repository="")
        if not branch or branch.startswith("-") or _BAD_REF.search(branch):
            raise TemplateError(f"branch: git allows no branch called {branch!r}")


def slug(text: str) -> str:
    """The text as a part of a branch's name."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text.strip("/*?")).strip("-.") or "all"


def fill(template: str, allowed: Sequence[str] = _NAMES, /, **names: str) -> str:
    """The template with the names filled in. Raises TemplateError for one that is not `allowed`."""
    try:
        parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise TemplateError(f"{template!r}: {error}") from error
    for _, name, form, conversion in parts:
        if form or conversion:
            raise TemplateError(f"{template!r}: {{{name}}} takes no format")
        if name not in allowed:
            known = ", ".join(f"{{{known}}}" for known in allowed)
            raise TemplateError(f"{template!r}: unknown name {{{name}}}; known are {known}")
    return template.format(**names)
