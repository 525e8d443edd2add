"""Discover, read, plan: a whole fleet, repository by repository. A failed one is a value."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, islice

from basebump.bots import managed_by
from basebump.core.campaign import Change, PullRequestTemplate, changes_of
from basebump.core.inquiry import Inquiry
from basebump.core.plan import (
    Check,
    Outcome,
    RepoPlan,
    plan_repository,
    questions,
    stand_aside,
)
from basebump.core.policy import Rule, decide
from basebump.core.reference import ImageReference
from basebump.core.snapshot import Snapshot
from basebump.forge import Forge, Repo, Unavailable

_ASKED_AT_ONCE = 8  # as many as a registry sees from a browser; most are answered by the memory
_HELD = 200  # repositories that wait together for the registries' answers

Progress = Callable[[str, int, int], None]
"""Told the repository's name, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a plan is made by: it is saved with the plan and used again when that is applied."""

    rules: tuple[Rule, ...]
    template: PullRequestTemplate
    inquiry: Inquiry
    checks: tuple[Check, ...] = ()
    respect_bots: bool = False


def choose(repos: Iterable[Repo], names: Sequence[str]) -> list[Repo]:
    """The repositories of these names, in the forge's order; all of them when no name is given.

    Raises KeyError with the names that the forge does not have.
    """
    repos = list(repos)
    missing = sorted(set(names) - {repo.name for repo in repos})
    if missing:
        raise KeyError(*missing)
    return [repo for repo in repos if not names or repo.name in names]


def plan_fleet(
    forge: Forge, repos: Sequence[Repo], policy: Policy, progress: Progress | None = None
) -> Iterator[RepoPlan]:
    """One plan for each repository, in the order given."""
    answers = forge.read([repo for repo in repos if repo.passed_over is None])
    if policy.inquiry.asks:
        answers = _asked_first(answers, policy)
    for done, repo in enumerate(repos, start=1):
        if repo.passed_over is not None:
            yield RepoPlan(repo.name, Outcome.SKIPPED, repo.passed_over)
        else:
            yield plan_answer(next(answers), policy)
        if progress is not None:
            progress(repo.name, done, len(repos))


def _asked_first(
    answers: Iterator[Snapshot | Unavailable], policy: Policy
) -> Iterator[Snapshot | Unavailable]:
    """The answers, after the registries were asked about each different reference in them.

    The questions are those that planning will ask; asked here, many go out at once, while the
    forge is still being read.
    """
    asked: set[tuple[ImageReference, str | None, bool]] = set()
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        try:
            while group := list(islice(answers, _HELD)):
                found = (questions(answer) for answer in group if isinstance(answer, Snapshot))
                new = set(chain.from_iterable(found)) - asked
                asked |= new
                wait([pool.submit(_ask, policy, *question) for question in new])
                yield from group
        except BaseException:  # an interrupt: what has not begun need not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ask(
    policy: Policy,
    reference: ImageReference,
    platform: str | None,
    literal: bool,  # noqa: FBT001
) -> None:
    decide(policy.rules, reference, policy.inquiry, platform, literal=literal)


def plan_answer(answer: Snapshot | Unavailable, policy: Policy) -> RepoPlan:
    """The plan for what a forge answered about a repository."""
    if isinstance(answer, Unavailable):
        outcome = Outcome.SKIPPED if answer.skipped else Outcome.FAILED
        return RepoPlan(answer.repository, outcome, answer.reason)
    plan = plan_repository(answer, policy.rules, policy.inquiry, policy.checks)
    if policy.respect_bots:
        managing = managed_by({file.path: file.content for file in answer.extra})
        if managing is not None:
            return stand_aside(plan, managing)
    return plan


def plan_again(forge: Forge, change: Change, policy: Policy) -> Change | None:
    """The same change on the repository's head of now; None when it is no longer the same one."""
    plan = plan_answer(next(iter(forge.read([Repo(change.repository)]))), policy)
    for again in changes_of(plan, policy.rules, policy.template, policy.inquiry):
        if again.branch == change.branch and again.signature == change.signature:
            return again
    return None
