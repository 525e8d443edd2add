"""The lines that a finding proposes."""

from basebump.core.cache_order.ecosystem import Kind
from basebump.core.cache_order.judge import Misplaced
from basebump.core.cache_order.places import inside
from basebump.core.dockerfile import Dockerfile


def manifests_to_copy(case: Misplaced) -> tuple[str, ...]:
    """The operands of the COPY to put first, as paths in the build context."""
    use, copy = case.use, case.copy.copy
    places = use.manifests if use.explicit else tuple(
        f"{use.folder.rstrip('/')}/{name}" for name in (use.step.manifests or use.row.copy)
    )  # fmt: skip
    named = [event.copy for event in case.events[: case.at] if event.copy is not None]
    origins = [
        next((name for c in reversed(named) if (name := c.names(place))), None)
        or (copy.origin(place) if copy else None)
        for place in places
    ]
    return tuple(
        origin or place.rsplit("/", 1)[-1] for origin, place in zip(origins, places, strict=True)
    )


def suggestion(dockerfile: Dockerfile, case: Misplaced) -> tuple[str, ...]:
    """The manifests' copy, the install, and then the broad copy, as lines."""
    use = case.use
    copies = [case.events[i].instruction for i in sorted(case.broad) if i >= case.own]
    flags = " ".join(case.copy.copy.flags) if case.copy.copy else ""
    where = inside(use.folder, case.copy.cwd)
    target = "./" if where == "" else f"{use.folder.rstrip('/')}/"
    operands = " ".join(manifests_to_copy(case))
    words = ["COPY", flags, operands, target]
    install = use.row.advice if use.step.kind is Kind.BUILD else use.row.install
    lines = [" ".join(word for word in words if word)]
    lines.append(f"RUN {install or _as_written(use.command.words)}")
    lines += [f"{copy.name} {copy.value.strip()}" for copy in copies]
    return tuple(lines)


def _as_written(words: tuple[str, ...]) -> str:
    return " ".join(words)
