"""What the rest of the program asks of a forge, in the words of the job.

`local` is a folder of git repositories; `github` an organisation. Nothing of their libraries
crosses this line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from basebump.core.bases import without_base
from basebump.core.campaign import Change, Marker
from basebump.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository by its name; `passed_over` is the reason when it is not to be read."""

    name: str
    passed_over: str | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A repository that could not be read; `skipped` when that is no failure."""

    repository: str
    reason: str
    skipped: bool = False


class State(StrEnum):
    """Where a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Checks(StrEnum):
    """What the builds and other checks of a pull request's last commit say."""

    GREEN = "green"
    PENDING = "pending"
    FAILING = "failing"
    NONE = "no checks"
    UNKNOWN = "unknown"  # the token may not see them


class Review(StrEnum):
    """What the reviewers of a pull request have decided; NONE where no review is asked for."""

    APPROVED = "approved"
    CHANGES = "changes requested"
    REQUIRED = "review required"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request of ours. `head` is its commit; `ours` says that nobody else added one.

    `key` is the forge's own name for it, where it has one. `mergeable` says that it does not
    conflict with its base; None where the forge does not know, or not yet.
    """

    repository: str
    branch: str
    base_branch: str
    title: str
    body: str
    state: State
    head: str | None
    ours: bool
    url: str
    superseded: bool = False
    checks: Checks = Checks.NONE
    key: str = ""
    review: Review = Review.NONE
    mergeable: bool | None = None
    created: datetime | None = None
    draft: bool = False

    @property
    def marker(self) -> Marker | None:
        """What our own hidden line in the body says."""
        return Marker.find(self.body)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that stands at `head`; `ours` when every commit on it beyond the base is."""

    head: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the forge has already for a change: its branch, its pull request, and older ones.

    `older` are open pull requests of ours for the same image under another campaign, `rollback` is
    the last one that takes this campaign back, open or merged.
    """

    change: Change
    branch: Branch | None = None
    pull_request: PullRequest | None = None
    older: tuple[PullRequest, ...] = ()
    rollback: PullRequest | None = None

    @property
    def rolled_back(self) -> bool:
        """Whether the campaign was taken back since its last pull request, open or merged.

        A forge that gives no dates is believed of a merged one only: an open one may be newer.
        """
        request, rollback = self.pull_request, self.rollback
        if rollback is None or request is None or request.state is State.CLOSED:
            return False
        if request.created is None or rollback.created is None:
            return request.state is State.MERGED
        return request.created <= rollback.created


class Step(StrEnum):
    """What publishing a change comes to; the words are those of the reports."""

    OPEN = "opened"
    FINISH = "finished"
    UPDATE = "updated"
    REOPEN = "reopened"
    NOTHING = "already open"
    TAKEN_OVER = "taken over"
    DECLINED = "declined"
    OCCUPIED = "branch in use"
    ROLLED_BACK = "rolled back"

    @property
    def writes(self) -> bool:
        """Whether the forge has anything to do."""
        return self in (Step.OPEN, Step.FINISH, Step.UPDATE, Step.REOPEN)


class MovedError(Exception):
    """The repository moved since the change was made; plan it again and come back."""


class Forge(Protocol):
    """The verbs of the job."""

    def repos(self) -> Iterable[Repo]:
        """Every repository, those to be passed over included, in a stable order."""

    def read(self, repos: Iterable[Repo]) -> Iterator[Snapshot | Unavailable]:
        """One answer for each repository, in the order given."""

    def find(self, changes: Sequence[Change]) -> Iterator[Found | Unavailable]:
        """What is there already for each change, in the order given; writes nothing."""

    def publish(self, found: Found, step: Step) -> PullRequest:
        """Carry a step out.

        Raises MovedError or ForgeError, and has then changed nothing that a next run would not
        finish.
        """

    def supersede(self, older: PullRequest, by: PullRequest) -> None:
        """Close an older campaign's pull request, naming the new one, and delete its branch."""

    def pull_requests(self) -> Iterator[PullRequest | Unavailable]:
        """Every pull request of ours in the forge, whatever its state."""


@runtime_checkable
class Finishing(Protocol):
    """A forge that puts some work off while it publishes, to do it for several changes at once."""

    def finish(self) -> None:
        """Do it now. Whatever fails is left to a next run, which sees it."""


@runtime_checkable
class Closing(Protocol):
    """What a forge can do that ends pull requests unmerged."""

    def close(self, request: PullRequest, comment: str) -> None:
        """Close it, say why, and delete its branch where that is still ours alone.

        Raises ForgeError; closing a second time is no error.
        """


class Landed(StrEnum):
    """What came of a merge."""

    MERGED = "merged"
    QUEUED = "queued"  # the forge merges it by itself as soon as it may


@runtime_checkable
class Merging(Protocol):
    """What a forge can do that merges by itself."""

    def merge(self, request: PullRequest, method: str, *, auto: bool) -> Landed:
        """Merge exactly the commit that was looked at, by `merge`, `squash` or `rebase`.

        With `auto`, what a rule of the repository keeps from being merged at once is left to the
        forge's auto-merge or merge queue. Raises ForgeError with the reason when that fails too.
        """

    def merge_later(self, request: PullRequest, method: str) -> Landed:
        """Leave it to the forge to merge it as soon as it may. Raises ForgeError."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A finished check of a pull request's last commit, with as much of its log as there is.

    `log` is untrusted and of bounded size; `attributes` are what the forge knows of the build.
    """

    repository: str
    check: str
    ok: bool
    log: bytes = b""
    url: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class Building(Protocol):
    """What a forge can tell of the builds."""

    def builds(self, requests: Sequence[PullRequest]) -> Iterator[CheckRun | Unavailable]:
        """The failed checks of these pull requests, and the same checks where they passed."""


def next_step(found: Found, *, reopen: bool = False) -> Step:
    """The design's table: what is there already, and what therefore remains to be done."""
    request, branch = found.pull_request, found.branch
    if found.rolled_back and not reopen:
        return Step.ROLLED_BACK
    if request is None or request.state is State.MERGED:
        if branch is None or (request is not None and branch.head == request.head):
            return Step.OPEN
        return Step.FINISH if branch.ours else Step.OCCUPIED
    if request.state is State.CLOSED:
        return Step.REOPEN if reopen or request.superseded else Step.DECLINED
    if not request.ours:
        return Step.TAKEN_OVER
    change, marker = found.change, request.marker
    same_content = marker is not None and marker.content == change.marker.content
    same_words = request.title == change.title and (
        without_base(request.body) == without_base(change.body)
    )
    same_base = request.base_branch == change.base_branch
    return Step.NOTHING if same_content and same_words and same_base else Step.UPDATE


class DryRun:
    """A forge that answers like another and changes nothing."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self.repos = forge.repos
        self.read = forge.read
        self.find = forge.find
        self.pull_requests = forge.pull_requests

    def publish(self, found: Found, step: Step) -> PullRequest:
        """The pull request that would be there."""
        del step
        change = found.change
        return PullRequest(
            change.repository, change.branch, change.base_branch, change.title, change.body,
            State.OPEN, None, ours=True, url="",
        )  # fmt: skip

    def supersede(self, older: PullRequest, by: PullRequest) -> None:
        """Close nothing."""

    def merge(self, request: PullRequest, method: str, *, auto: bool) -> Landed:
        """Merge nothing."""
        del request, method, auto
        return Landed.MERGED

    def merge_later(self, request: PullRequest, method: str) -> Landed:
        """Queue nothing."""
        del request, method
        return Landed.QUEUED

    def close(self, request: PullRequest, comment: str) -> None:
        """Close nothing."""
