"""Whether a campaign may go on: from its pull requests alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from basebump.core.pace import Gate, Pace, Unchecked
from basebump.core.waves import Advance, advance
from basebump.core.window import Window
from basebump.forge import Checks, PullRequest, State

_NAMES_SHOWN = 5
_SETTLING = timedelta(minutes=10)  # a CI system needs a moment before it shows its first check


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign's pull requests stand against its gate; the names are repositories'."""

    total: int
    passed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def out(self) -> int:
        """How many pull requests there are."""
        return len(self.passed) + len(self.waiting) + len(self.failing)

    def advance(self, pace: Pace) -> Advance:
        """How far the campaign may go now."""
        settled = not self.waiting and (not self.failing or pace.resume)
        return advance(pace.waves, self.out, self.total, settled=settled)

    def halted(self, pace: Pace) -> str:
        """Why the campaign goes no further until a person decides; empty when it may."""
        if pace.resume or not self.failing or len(self.failing) < pace.max_failures:
            return ""
        return f"halted: the checks fail in {named(self.failing)}; --resume goes on all the same"

    def pause(self, pace: Pace) -> str:
        """Why the next wave does not begin yet."""
        step = self.advance(pace)
        where = f"wave {step.number} of {step.of} is out, {self.out} of {self.total}"
        if self.failing and not pace.resume:
            return f"{where}; the checks fail in {named(self.failing)}"
        if not self.waiting:
            return f"{where}; the next wave goes out with the next run"
        verb = "be merged" if pace.gate is Gate.MERGED else "turn green"
        return f"{where}; {named(self.waiting)} must {verb} first"


def standing_of(
    due: Collection[str],
    requests: Iterable[PullRequest],
    pace: Pace,
    now: datetime | None = None,
) -> Standing:
    """How a campaign stands whose change is still to be made in the repositories `due`.

    `requests` are its pull requests in any state, oldest first in each repository. One that is
    merged although its change is due is not out: the old line is back, and gets a new one.
    """
    last = {request.repository: request for request in requests}
    back = {n for n, request in last.items() if n in due and request.state is State.MERGED}
    out = [request for name, request in last.items() if name not in back]
    return standing(out, len(set(due) | last.keys()), pace, now)


def standing(
    requests: Iterable[PullRequest], total: int, pace: Pace, now: datetime | None = None
) -> Standing:
    """Sort a campaign's pull requests by what the gate makes of them at that time."""
    now = now or datetime.now(UTC)
    passed: list[str] = []
    waiting: list[str] = []
    failing: list[str] = []
    for request in requests:
        if request.state is not State.OPEN:
            passed.append(request.repository)  # merged, or a person decided against it
        elif request.checks is Checks.FAILING and pace.gate is not Gate.NONE:
            failing.append(request.repository)
        elif _passes(request, pace, now):
            passed.append(request.repository)
        else:
            waiting.append(request.repository)
    return Standing(total, *(tuple(sorted(names)) for names in (passed, waiting, failing)))


def unsettled(request: PullRequest, now: datetime) -> bool:
    """Whether no check has shown itself yet because the pull request is that young."""
    young = request.created is not None and now - request.created < _SETTLING
    return young and request.checks is Checks.NONE


def _passes(request: PullRequest, pace: Pace, now: datetime) -> bool:
    if pace.gate is Gate.CHECKS and request.checks is Checks.NONE:
        return pace.no_checks is Unchecked.GREEN and not unsettled(request, now)
    return pace.gate is Gate.NONE or (pace.gate is Gate.CHECKS and request.checks is Checks.GREEN)


def outside(window: Window | None, now: datetime) -> str:
    """Why nothing is opened at this time; empty when it is."""
    if window is None or now in window:
        return ""
    opening = window.next_opening(now)
    return f"outside the window {window.text}; it opens {opening:%a %Y-%m-%d %H:%M %Z}"


def named(names: Iterable[str]) -> str:
    """`a, b and 3 more`."""
    names = sorted(names)
    more = len(names) - _NAMES_SHOWN
    text = ", ".join(names[:_NAMES_SHOWN])
    return f"{text} and {more} more" if more > 0 else text
