"""Taking a campaign back: the opposite change, wherever its pull request was merged."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from basebump.core.campaign import Change, PullRequestTemplate
from basebump.core.rollback import Undoing, UnsureError, change_back, latest_moves, rollback_branch
from basebump.forge import Forge, PullRequest, Repo, State, Unavailable
from basebump.rollout import FAILED, STALE, Published

NOTHING_LEFT = "nothing to take back"


@dataclass(frozen=True, slots=True)
class Merged:
    """A campaign's pull requests that were merged in one repository, oldest first."""

    repository: str
    branch: str
    requests: tuple[PullRequest, ...]

    def undoing(self, reason: str) -> Undoing | None:
        """What is to be taken back; None where no body says what was changed."""
        markers = [request.marker for request in self.requests if request.marker is not None]
        moves = latest_moves(markers)
        if not moves:
            return None
        undone = self.requests[-1].url or f"`{self.branch}`"
        return Undoing(markers[-1], moves, undone, reason)


def merged(forge: Forge, branches: Collection[str]) -> tuple[list[Merged], list[Unavailable]]:
    """What these campaigns have merged, by repository, and what could not be looked at."""
    found: dict[tuple[str, str], list[PullRequest]] = defaultdict(list)
    failed: list[Unavailable] = []
    for answer in forge.pull_requests():
        if isinstance(answer, Unavailable):
            failed.append(answer)
        elif answer.branch in branches and answer.state is State.MERGED:
            found[answer.repository, answer.branch].append(answer)
    return [Merged(*key, tuple(requests)) for key, requests in sorted(found.items())], failed


class Rollback:
    """Makes the changes that take campaigns back, on the repositories' heads of now."""

    def __init__(self, forge: Forge, template: PullRequestTemplate, reason: str = "") -> None:
        self._forge = forge
        self._template = template
        self._reason = reason
        self._merged: dict[tuple[str, str], Merged] = {}

    def changes(self, found: Sequence[Merged]) -> Iterator[Change | Published]:
        """The change of each repository, or how it ended without one."""
        names = list(dict.fromkeys(entry.repository for entry in found))
        answers = dict(zip(names, self._forge.read(map(Repo, names)), strict=True))
        for entry in found:
            answer = answers[entry.repository]
            branch = rollback_branch(entry.branch)
            self._merged[entry.repository, branch] = entry
            undoing = entry.undoing(self._reason)
            if isinstance(answer, Unavailable):
                yield Published(entry.repository, branch, FAILED, answer.reason)
                continue
            if undoing is None:
                reason = "the merged pull request does not say what it changed"
                yield Published(entry.repository, branch, STALE, reason)
                continue
            try:
                change = change_back(answer, undoing, self._template)
            except UnsureError as error:
                yield Published(entry.repository, branch, STALE, str(error))
                continue
            reason = "what it moved does not stand there any more"
            yield change or Published(entry.repository, branch, NOTHING_LEFT, reason)

    def again(self, change: Change) -> Change | None:
        """The same change on the repository's head of now; None when it is another one."""
        entry = self._merged[change.repository, change.branch]
        made = next(self.changes([entry]))
        return made if isinstance(made, Change) and made.signature == change.signature else None
