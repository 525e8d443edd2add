"""What a campaign's new base images change for those who build on them."""

import re
from collections.abc import Iterable, Sequence

from basebump.core.changes import markdown
from basebump.core.inquiry import Inquiry
from basebump.core.plan import Judged
from basebump.core.reference import familiar_name
from basebump.core.text import code, escape

_MOST_ROWS = 15  # of what a base image changes, the risks first


def base_pairs(judged: Iterable[Judged]) -> list[tuple[str, str, str]]:
    """The images that change, each once: canonical name, old tag or digest, new tag."""
    pairs = [
        (new.canonical_name, old.digest or old.tag, new.tag)
        for j in judged
        if (old := j.use.reference) is not None and (new := j.new) is not None
    ]
    return [(i, o, n) for i, o, n in dict.fromkeys(pairs) if o is not None and n is not None]


_BEGIN, _END = "<!-- basebump-base -->", "<!-- /basebump-base -->"
_SECTION = re.compile(rf"\n*{_BEGIN}.*{_END}", re.DOTALL)


def without_base(body: str) -> str:
    """A pull request's body without what its new base images change.

    That part comes and goes with the registry, which is no reason to write to the forge.
    """
    return _SECTION.sub("", body)


def base_text(group: Sequence[Judged], inquiry: Inquiry) -> str:
    """What these new base images change, as a part of a pull request's body."""
    parts = []
    for image, old, new in base_pairs(group):
        changes = inquiry.changes(image, old, new)
        text = markdown(changes, _MOST_ROWS) if changes is not None else ""
        if changes is not None and text:
            before, after = code(old), code(f"{familiar_name(image)}:{new}")
            risks = "".join(f"\n- ⚠ {escape(risk)}" for risk in dict.fromkeys(changes.risks))
            about = f"What {after} changes against {before}:\n{risks}\n".rstrip()
            parts.append(f"{about}\n\n{text}")
    return "\n\n".join([_BEGIN, *parts, _END]) if parts else ""
