"""stub"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dress:
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    auto_merge: str = ""


class Publisher:
    viewer = ""

    def __init__(self, *a):
        pass
