"""Publish changes: what each repository has already decides what remains to be done."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from basebump.core.campaign import Change
from basebump.core.pace import Gate, Pace
from basebump.core.waves import most_telling_first
from basebump.errors import ForgeError
from basebump.forge import (
    Finishing,
    Forge,
    Found,
    MovedError,
    PullRequest,
    State,
    Step,
    Unavailable,
    next_step,
)
from basebump.rollout.standing import outside, standing_of
from basebump.rollout.superseding import outdated

_ATTEMPTS = 3  # a repository that moves more often than that within seconds waits for the next run

_TOGETHER = 10  # pull requests that share the request that puts labels on
_A_MINUTE = 80  # writes, by GitHub's secondary limit

Again = Callable[[Change], Change | None]
"""The same change on the repository's head of now; None when it is no longer the same one."""

HELD_BACK = "held back"
STALE = "stale"
FAILED = "failed"
HALTED = "halted"


@dataclass(frozen=True, slots=True)
class Published:
    """How a change ended: a Step's word, or `held back`, `halted`, `stale`, `failed`."""

    repository: str
    branch: str
    outcome: str
    reason: str = ""
    url: str = ""
    superseded: tuple[str, ...] = ()


def publish(
    forge: Forge,
    changes: Sequence[Change],
    again: Again,
    active: Iterable[str],
    pace: Pace,
    *,
    reopen: bool = False,
    stop: Callable[[], bool] = lambda: False,
    now: datetime | None = None,
) -> Iterator[Published]:
    """Bring the forge to where the changes say, one outcome each, campaign by campaign.

    `again` makes a change anew where its repository has moved. `active` names the campaigns that
    the configuration still wants, whose pull requests never count as superseded. `stop` is asked
    before each write. `now` is the time of day for the window.
    """
    try:
        yield from _publish_each(
            forge, changes, again, active, pace, reopen=reopen, stop=stop, now=now
        )
    finally:
        if isinstance(forge, Finishing):
            forge.finish()


def _publish_each(
    forge: Forge,
    changes: Sequence[Change],
    again: Again,
    active: Iterable[str],
    pace: Pace,
    *,
    reopen: bool,
    stop: Callable[[], bool],
    now: datetime | None,
) -> Iterator[Published]:
    campaigns = frozenset(active)
    now = now or datetime.now(UTC)
    everyone = _requests(forge) if pace.waves.staged else {}
    by_branch: dict[str, list[tuple[Change, Found | Unavailable]]] = defaultdict(list)
    for change, found in zip(changes, forge.find(changes), strict=True):
        if stop():
            return
        by_branch[change.branch].append((change, found))
    opened = 0
    for branch, group in by_branch.items():
        turn = _Turn(group, everyone.get(branch, []), pace, now, reopen=reopen)
        for change, found in turn.order():
            if isinstance(found, Unavailable):
                yield _outcome(change, FAILED, found.reason)
                continue
            step = next_step(found, reopen=reopen)
            if step.writes and stop():
                return
            new = step.writes and not _is_open(found)
            held = turn.held_back(found, opened) if new else None
            if held is not None:
                yield _outcome(change, *held)
                continue
            result = _publish_one(forge, found, step, again, campaigns, reopen=reopen)
            if new and result.outcome not in (FAILED, STALE):
                opened += 1
                turn.opened += 1
                turn.advanced += not _counts(found)
            yield result


class _Turn:
    """One campaign's turn in a run: the order in which it goes out, and how far it may go."""

    def __init__(
        self,
        group: Sequence[tuple[Change, Found | Unavailable]],
        everyone: Sequence[PullRequest],
        pace: Pace,
        now: datetime,
        *,
        reopen: bool,
    ) -> None:
        self.group = group
        self.pace = pace
        self.opened = 0
        self.advanced = 0  # those of them that were not out before
        own = [found for _, found in group if isinstance(found, Found)]
        current = [found.pull_request for found in own if found.pull_request is not None]
        due = {change.repository for change, found in group if reopen or not _is_rolled_back(found)}
        gone = [request for request in everyone if request.repository not in due]
        self.open_before = sum(map(_is_open, own))
        self.standing = standing_of(due, [*gone, *current], pace, now)
        self.allowed = self.standing.advance(pace).allowed - self.standing.out
        self.shut = (HALTED, self.standing.halted(pace)) if self.standing.halted(pace) else None
        closed = outside(pace.window, now)
        if self.shut is None and closed:
            self.shut = (HELD_BACK, closed)

    def order(self) -> list[tuple[Change, Found | Unavailable]]:
        """What is open already first, then the new ones: in waves the most telling first."""
        if not self.pace.waves.staged:
            return list(self.group)
        there = [entry for entry in self.group if _is_open(entry[1])]
        seen = [trait for change, _ in there for trait in change.traits]
        new = {entry[0].repository: entry for entry in self.group if not _is_open(entry[1])}
        ordered = most_telling_first([change for change, _ in new.values()], seen)
        return there + [new[change.repository] for change in ordered]

    def held_back(self, found: Found, opened: int) -> tuple[str, str] | None:
        """Why no further pull request is opened, as an outcome and a reason; None if one may be."""
        pace, total = self.pace, self.open_before + self.opened
        if self.shut is not None:
            return self.shut
        if pace.new is not None and opened >= pace.new:
            return HELD_BACK, f"--limit {pace.new} is reached"
        if total >= pace.max_open:
            reason = f"{total} pull requests are open, as many as rollout.max_open allows"
            return HELD_BACK, reason
        if not _counts(found) and self.advanced >= self.allowed:
            return HELD_BACK, self._pause()
        return None

    def _pause(self) -> str:
        if not self.advanced:
            return self.standing.pause(self.pace)
        step = self.standing.advance(self.pace)
        out = self.standing.out + self.advanced
        then = "merged" if self.pace.gate is Gate.MERGED else "green"
        where = f"wave {step.number} of {step.of} is out, {out} of {self.standing.total}"
        return f"{where}; run again when it is {then}"


def _requests(forge: Forge) -> dict[str, list[PullRequest]]:
    """The pull requests of every campaign; only staged rollouts must know the merged ones."""
    by_branch: dict[str, list[PullRequest]] = defaultdict(list)
    for request in forge.pull_requests():
        if isinstance(request, PullRequest):
            by_branch[request.branch].append(request)
    return by_branch


def _is_open(found: Found | Unavailable) -> bool:
    request = found.pull_request if isinstance(found, Found) else None
    return request is not None and request.state is State.OPEN


def _is_rolled_back(found: Found | Unavailable) -> bool:
    return isinstance(found, Found) and found.rolled_back


def _counts(found: Found) -> bool:
    """Whether the repository's pull request is out: one that is merged and still due is not."""
    request = found.pull_request
    return request is not None and request.state is not State.MERGED


def _publish_one(
    forge: Forge, found: Found, step: Step, again: Again, active: frozenset[str], *, reopen: bool
) -> Published:
    change = found.change
    try:
        for _ in range(_ATTEMPTS):
            if not step.writes:
                return _settled(forge, found, step, active)
            try:
                request = forge.publish(found, step)
                return _opened(forge, found, request, step, active)
            except MovedError:
                moved = again(change)
                if moved is None:
                    reason = "the repository moved, and the edit is no longer the same; plan again"
                    return _outcome(change, STALE, reason)
                fresh = next(iter(forge.find([moved])))
                if isinstance(fresh, Unavailable):
                    return _outcome(change, FAILED, fresh.reason)
                found = fresh
                step = next_step(found, reopen=reopen)
    except (ForgeError, OSError) as error:
        return _outcome(change, FAILED, str(error))
    return _outcome(change, STALE, "the repository keeps moving; run again")


def _settled(forge: Forge, found: Found, step: Step, active: frozenset[str]) -> Published:
    """The outcome where nothing is to be written for the change itself."""
    if step in (Step.NOTHING, Step.TAKEN_OVER) and found.pull_request is not None:
        ended = _opened(forge, found, found.pull_request, step, active)
        taken = step is Step.TAKEN_OVER and ended.outcome != FAILED
        return replace(ended, reason="someone else has added commits to it") if taken else ended
    reasons = {
        Step.DECLINED: "a person closed it unmerged; --reopen overrides",
        Step.OCCUPIED: f"the branch {found.change.branch} holds commits that are not basebump's",
    }
    request = found.pull_request
    if step is Step.ROLLED_BACK and found.rollback is not None:
        request = found.rollback
        there = "merged" if request.state is State.MERGED else "open"
        reasons[step] = f"{request.branch}, which takes it back, is {there}; --reopen overrides"
    url = request.url if request else ""
    return replace(_outcome(found.change, step.value, reasons.get(step, "")), url=url)


def _opened(
    forge: Forge, found: Found, request: PullRequest, step: Step, active: frozenset[str]
) -> Published:
    """The outcome, after older campaigns' pull requests for the same image were closed."""
    pointless = outdated(found, active)
    for older in pointless:
        try:
            forge.supersede(older, request)
        except ForgeError as error:
            reason = f"{step.value}, but {older.branch} could not be closed: {error}"
            return replace(_outcome(found.change, FAILED, reason), url=request.url)
    branches = tuple(older.branch for older in pointless)
    return replace(_outcome(found.change, step.value), url=request.url, superseded=branches)


def _outcome(change: Change, outcome: str, reason: str = "") -> Published:
    return Published(change.repository, change.branch, outcome, reason)


def how_long(requests: int, per_hour: int) -> str:
    """`about 5 min at 400 an hour`: what opening so many pull requests takes.

    Until an hour's share is used up, only GitHub's limit of a minute holds.
    """
    if not per_hour:
        return "no end: rollout.per_hour is 0"
    writes = requests + math.ceil(requests / _TOGETHER)
    hours, rest = divmod(max(0, writes - 1), per_hour)
    minutes = math.ceil(hours * 60 + rest / _A_MINUTE)
    return f"about {max(1, minutes)} min at {per_hour} an hour"
