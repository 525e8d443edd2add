"""How a campaign's pull requests end: merged when they are ready, or closed with a reason."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from basebump.core.pace import Pace, Unchecked
from basebump.errors import ForgeError
from basebump.forge import (
    Checks,
    Closing,
    Forge,
    Landed,
    Merging,
    PullRequest,
    Review,
    State,
    Unavailable,
)
from basebump.rollout.standing import unsettled

MERGED, QUEUED, CLOSED = "merged", "left to the forge", "closed"
NOT_READY, TAKEN_OVER, HELD_BACK, FAILED = "not ready", "taken over", "held back", "failed"

_LOOKS, _PAUSE = 3, 2.0  # GitHub works out mergeability only after somebody has asked for it


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a pull request; `outcome` is one of the words above."""

    repository: str
    branch: str
    outcome: str
    reason: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class How:
    """How to merge: the method, how many at most, and what the forge may do later by itself."""

    method: str = "merge"
    limit: int | None = None
    auto: bool = False
    taken_over: bool = False


def open_requests(
    forge: Forge, branches: Collection[str], wait: Callable[[float], None] = time.sleep
) -> tuple[list[PullRequest], list[Unavailable]]:
    """The open pull requests of these campaigns, by campaign and repository, and what failed.

    Looks again, after a pause, while the forge does not know yet which of them can be merged.
    """
    for look in range(_LOOKS):
        if look:
            wait(_PAUSE)
        answers = list(forge.pull_requests())
        found = [
            answer
            for answer in answers
            if isinstance(answer, PullRequest)
            and answer.state is State.OPEN
            and answer.branch in branches
        ]
        if not isinstance(forge, Merging) or all(r.mergeable is not None for r in found):
            break
    failed = [answer for answer in answers if isinstance(answer, Unavailable)]
    return sorted(found, key=lambda request: (request.branch, request.repository)), failed


def merge(
    forge: Merging,
    requests: Iterable[PullRequest],
    pace: Pace,
    how: How,
    *,
    stop: Callable[[], bool] = lambda: False,
    now: datetime | None = None,
) -> Iterator[Ended]:
    """Merge what is ready, one outcome for each; `stop` is asked before each write."""
    landed, now = 0, now or datetime.now(UTC)
    for request in requests:
        never, later = _against(request, pace, how), _not_yet(request, now)
        if never or (later and not how.auto):
            outcome = NOT_READY if request.ours or how.taken_over else TAKEN_OVER
            yield _ended(request, outcome, never or later)
        elif how.limit is not None and landed >= how.limit:
            yield _ended(request, HELD_BACK, f"--limit {how.limit} is reached")
        elif stop():
            return
        else:
            result = _merge_one(forge, request, how, later)
            landed += result.outcome != FAILED
            yield result


def close(
    forge: Closing,
    requests: Iterable[PullRequest],
    comment: str,
    *,
    taken_over: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Ended]:
    """Close them, one outcome for each; what someone else works on only with `taken_over`."""
    for request in requests:
        if not (request.ours or taken_over):
            yield _ended(request, TAKEN_OVER, "someone else has added commits to it")
            continue
        if stop():
            return
        try:
            forge.close(request, comment)
        except (ForgeError, OSError) as error:
            yield _ended(request, FAILED, str(error))
        else:
            yield _ended(request, CLOSED, "" if request.ours else "its branch is left")


def _merge_one(forge: Merging, request: PullRequest, how: How, later: str) -> Ended:
    try:
        if later:
            landed = forge.merge_later(request, how.method)
        else:
            landed = forge.merge(request, how.method, auto=how.auto)
    except (ForgeError, OSError) as error:
        return _ended(request, FAILED, str(error))
    return _ended(request, MERGED if landed is Landed.MERGED else QUEUED, later)


def _against(request: PullRequest, pace: Pace, how: How) -> str:
    """What somebody has to do something about before it may be merged; empty when nothing."""
    unchecked = request.checks is Checks.NONE and pace.no_checks is Unchecked.WAIT
    table = (
        (not request.ours and not how.taken_over, "someone else has added commits to it"),
        (request.draft, "it is a draft"),
        (request.checks is Checks.FAILING, "its checks fail"),
        (request.checks is Checks.UNKNOWN, "the token may not see its checks"),
        (unchecked, "no check has run, and rollout.no_checks is wait"),
        (request.review is Review.CHANGES, "a reviewer asks for changes"),
        (request.mergeable is False, "it conflicts with its base branch"),
    )
    return next((reason for applies, reason in table if applies), "")


def _not_yet(request: PullRequest, now: datetime) -> str:
    """What may still come by itself; empty when it can be merged now."""
    table = (
        (request.checks is Checks.PENDING, "its checks are still running"),
        (unsettled(request, now), "its checks have not begun yet"),
        (request.review is Review.REQUIRED, "it waits for a review"),
        (request.mergeable is None, "the forge does not know yet whether it can be merged"),
    )
    return next((reason for applies, reason in table if applies), "")


def _ended(request: PullRequest, outcome: str, reason: str = "") -> Ended:
    return Ended(request.repository, request.branch, outcome, reason, request.url)
