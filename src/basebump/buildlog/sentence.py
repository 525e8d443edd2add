"""A cluster in words: what happened, what the builds share, and how much the counts carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from basebump.buildlog.clusters import Cluster, Shared, Strength

# What an attribute's being shared points to. Attributes are named as the caller names them.
_TARGETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("builder", ("runner", "host", "agent", "kernel", "builder", "builder version",
                 "storage driver", "operating system")),
    ("base image", ("flavour", "base image", "base digest", "base", "release")),
    ("package manager", ("package manager", "mirror")),
    ("step", ("step", "dockerfile step")),
    ("team", ("team", "owner")),
)  # fmt: skip


def targets(shared: Iterable[Shared]) -> tuple[str, ...]:
    """Return what attributes point to: `builder`, `base image`, …, or their own names."""
    names = [
        name.replace("_", " ").replace("-", " ").lower()
        for row in shared
        for name, _ in row.attributes
    ]
    known = {name: to for to, ours in _TARGETS for name in ours}
    return tuple(dict.fromkeys(known.get(name, name) for name in names))


def sentence(cluster: Cluster) -> str:
    """Return the cluster as one sentence with its counts, never surer than they are."""
    return f"{_what(cluster)}; {_why(cluster)}"


def _what(cluster: Cluster) -> str:
    count = len(cluster.builds)
    where = f"`{cluster.signature.step}`" if cluster.signature.step else "step"
    if count == 1:
        return f"1 of {cluster.failed} failed builds stopped in {where} with {cluster.title}"
    failed = f"{count} of {cluster.failed}" if cluster.failed > count else f"all {count}"
    return f"{failed} failed builds stopped in the same {where} with {cluster.title}"


def _why(cluster: Cluster) -> str:
    if cluster.greens == 0:
        return "no build was green, so there is nothing to set them against"
    if cluster.strength is Strength.POINTS:
        return f"{_shares(cluster.shared[0])} ({_chance(cluster)}): {_points_to(cluster)}"
    if cluster.strength is Strength.SUGGESTS:
        return _suggests(cluster)
    return _nothing(cluster)


def _suggests(cluster: Cluster) -> str:
    shares = "; ".join(_shares(row) for row in cluster.shared[:3])
    if len(cluster.builds) == 1:
        return f"{shares}: a lead, but one build proves nothing"
    several = targets(cluster.shared)
    if cluster.shared[0].p <= 0.05:  # noqa: PLR2004 - the level of `cluster`; not imported back
        return (
            f"{shares} ({_chance(cluster)}): this points to the {' or the '.join(several)}, and "
            "these builds cannot tell which"
        )
    return (
        f"{shares}: a lead to the {' or the '.join(several)}, but the builds are too few to tell "
        f"it from chance ({_chance(cluster)})"
    )


def _nothing(cluster: Cluster) -> str:
    greens = _greens(cluster.greens)
    if not cluster.shared:
        return f"nothing that is known of the builds sets them apart from {greens}"
    return (
        f"nothing that is known of the builds separates them from {greens} "
        f"({cluster.comparisons} comparisons, the smallest {_p(cluster.shared[0].p)})"
    )


def _points_to(cluster: Cluster) -> str:
    (one,) = targets(cluster.shared)
    if one == "builder":
        return "this points to the builder, not to the bump"
    return f"this points to the {one}, not to the builder"


def _shares(row: Shared) -> str:
    if row.cluster == 1:
        failed = "it"
    elif row.failed == row.cluster:
        failed = f"all {row.cluster}"
    else:
        failed = f"{row.failed} of the {row.cluster}"
    if row.greens == 1:
        did = f"the only green one did{'' if row.green else ' not'}"
    elif row.green:
        did = f"{row.green} of {_greens(row.greens)} did"
    else:
        did = f"none of {_greens(row.greens)} did"
    return f"{failed} {_having(row.attributes)}, {did}"


def _greens(count: int) -> str:
    return f"the {count} green ones" if count != 1 else "the only green one"


# How an attribute reads as a verb; the first of a group that has one speaks for the group.
_VERBS = {"runner": "ran on {}", "host": "ran on {}", "agent": "ran on {}", "team": "belong to {}"}


def _having(attributes: Sequence[tuple[str, str]]) -> str:
    ordered = sorted(attributes, key=lambda pair: (pair[0] not in _VERBS, pair))
    (name, value), *others = ordered
    verb = _VERBS.get(name, f"had the {name} {{}}").format(value)
    if not others:
        return verb
    return f"{verb} ({', '.join(f'{name} {value}' for name, value in others)})"


def _chance(cluster: Cluster) -> str:
    return f"{_p(cluster.shared[0].p)}, corrected for {cluster.comparisons} comparisons"


def _p(value: float) -> str:
    return f"p = {value:.2g}" if value >= 0.0001 else "p < 0.0001"  # noqa: PLR2004 - what is shown
