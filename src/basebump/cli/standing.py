"""Where the configured campaigns stand now, as one value."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from basebump.cli import asking, session
from basebump.config import Config
from basebump.core.campaign import branch_of, changes_of
from basebump.forge import Checks, Forge, PullRequest, State, Unavailable
from basebump.report.status import StatusReport
from basebump.rollout.standing import standing_of


def look(
    forge: Forge, settings: Config, names: Sequence[str] | None, talk: session.Talk
) -> StatusReport:
    """Ask the forge. How many pull requests a wave is short of, only a plan of now can tell."""
    chosen = {entry.name for entry in session.chosen(forge, names)}
    answers = [a for a in forge.pull_requests() if a.repository in chosen]
    requests = [answer for answer in answers if isinstance(answer, PullRequest)]
    failed = [answer for answer in answers if isinstance(answer, Unavailable)]
    requests.sort(key=lambda request: (request.branch, request.repository))
    due = _due(forge, settings, names, talk)
    pace, now = settings.rollout, datetime.now(UTC)
    branches = (branch_of(rule, settings.pull_request) for rule in settings.images)
    standings = {
        branch: standing_of(due[branch] - _taken_back(requests, branch), own, pace, now)
        for branch in dict.fromkeys(filter(None, branches))
        if (own := [request for request in requests if request.branch == branch])
    }
    return StatusReport(requests, failed, now, pace, standings)


def _taken_back(requests: Sequence[PullRequest], branch: str) -> set[str]:
    """The repositories in which a rollback of the campaign is open or merged."""
    return {
        request.repository
        for request in requests
        if request.state is not State.CLOSED
        and request.marker is not None
        and request.marker.undoes == branch
    }


def pending(seen: StatusReport) -> bool:
    """Whether something will change by itself: checks that run, or a gate that waits."""
    running = any(r.state is State.OPEN and r.checks is Checks.PENDING for r in seen.requests)
    return running or any(stands.waiting for stands in seen.standings.values())


def _due(
    forge: Forge, settings: Config, names: Sequence[str] | None, talk: session.Talk
) -> dict[str, set[str]]:
    """The repositories that each campaign has still to change; asked only where waves need it."""
    due: dict[str, set[str]] = defaultdict(set)
    if settings.rollout.waves.staged and settings.images:
        with asking.policy(settings) as policy:
            for plan in session.plans_of(forge, policy, names, talk):
                for change in changes_of(plan, policy.rules, policy.template):
                    due[change.branch].add(change.repository)
    return due
