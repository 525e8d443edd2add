"""Publish changes: what each repository has already decides what remains to be done."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from basebump.core.campaign import Change
from basebump.errors import ForgeError
from basebump.fleet import Policy, plan_again
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

_ATTEMPTS = 3  # a repository that moves more often than that within seconds waits for the next run

_TOGETHER = 10  # pull requests that share the request that puts labels on
_A_MINUTE = 80  # writes, by GitHub's secondary limit

HELD_BACK = "held back"
STALE = "stale"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Published:
    """How a change ended: a Step's word, or one of `held back`, `stale` and `failed`."""

    repository: str
    branch: str
    outcome: str
    reason: str = ""
    url: str = ""
    superseded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may open: None for no limit. `max_open` counts those open before, too."""

    new: int | None = None
    max_open: int | None = None


def publish(
    forge: Forge,
    changes: Sequence[Change],
    policy: Policy,
    active: Iterable[str],
    limits: Limits = Limits(),
    *,
    reopen: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Published]:
    """Bring the forge to where the changes say, one outcome each, in the order given.

    `active` names the campaigns that the configuration still wants, whose pull requests never
    count as superseded. `stop` is asked before each write.
    """
    try:
        yield from _publish_each(forge, changes, policy, active, limits, reopen=reopen, stop=stop)
    finally:
        if isinstance(forge, Finishing):
            forge.finish()


def _publish_each(
    forge: Forge,
    changes: Sequence[Change],
    policy: Policy,
    active: Iterable[str],
    limits: Limits,
    *,
    reopen: bool,
    stop: Callable[[], bool],
) -> Iterator[Published]:
    campaigns = frozenset(active)
    everything = list(forge.find(changes))
    opened, total = 0, sum(map(_is_open, everything))
    for change, found in zip(changes, everything, strict=True):
        if isinstance(found, Unavailable):
            yield _outcome(change, FAILED, found.reason)
            continue
        already = _is_open(found)
        step = next_step(found, reopen=reopen)
        if step.writes and stop():
            return
        held = "" if already or not step.writes else _held_back(limits, opened, total)
        if held:
            yield _outcome(change, HELD_BACK, held)
            continue
        result = _publish_one(forge, found, step, policy, campaigns, reopen=reopen)
        if step.writes and not already and result.outcome not in (FAILED, STALE):
            opened, total = opened + 1, total + 1
        yield result


def _is_open(found: Found | Unavailable) -> bool:
    request = found.pull_request if isinstance(found, Found) else None
    return request is not None and request.state is State.OPEN


def _held_back(limits: Limits, opened: int, total: int) -> str:
    if limits.new is not None and opened >= limits.new:
        return f"--limit {limits.new} is reached"
    if limits.max_open is not None and total >= limits.max_open:
        return f"{total} pull requests are open, as many as rollout.max_open allows"
    return ""


def _publish_one(
    forge: Forge, found: Found, step: Step, policy: Policy, active: frozenset[str], *, reopen: bool
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
                again = plan_again(forge, change, policy)
                if again is None:
                    reason = "the repository moved, and the edit is no longer the same; plan again"
                    return _outcome(change, STALE, reason)
                fresh = next(iter(forge.find([again])))
                if isinstance(fresh, Unavailable):
                    return _outcome(change, FAILED, fresh.reason)
                found = fresh
                step = next_step(found, reopen=reopen)
    except (ForgeError, OSError) as error:
        return _outcome(change, FAILED, str(error))
    return _outcome(change, STALE, "the repository keeps moving; run again")


def _settled(forge: Forge, found: Found, step: Step, active: frozenset[str]) -> Published:
    """The outcome where nothing is to be written for the change itself."""
    if step is Step.NOTHING and found.pull_request is not None:
        return _opened(forge, found, found.pull_request, step, active)
    reasons = {
        Step.TAKEN_OVER: "someone else has added commits to it",
        Step.DECLINED: "a person closed it unmerged; --reopen overrides",
        Step.OCCUPIED: f"the branch {found.change.branch} holds commits that are not basebump's",
    }
    url = found.pull_request.url if found.pull_request else ""
    return replace(_outcome(found.change, step.value, reasons.get(step, "")), url=url)


def _opened(
    forge: Forge, found: Found, request: PullRequest, step: Step, active: frozenset[str]
) -> Published:
    """The outcome, after older campaigns' pull requests for the same image were closed."""
    outdated = [
        older
        for older in found.older
        if older.ours and older.marker is not None and older.marker.campaign not in active
    ]
    for older in outdated:
        forge.supersede(older, request)
    branches = tuple(older.branch for older in outdated)
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
