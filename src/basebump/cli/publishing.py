"""What `apply` does between the plan and its exit code."""

import json
import signal
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from basebump.cli import actions
from basebump.cli.consent import confirm
from basebump.cli.options import Format
from basebump.cli.session import Talk
from basebump.config import Config
from basebump.core.campaign import Change, branch_of, changes_of
from basebump.core.pace import Pace
from basebump.core.plan import Outcome, RepoPlan
from basebump.errors import UsageError
from basebump.fleet import Policy
from basebump.forge import Building, Forge, Repo, Step
from basebump.planfile import SavedPlan
from basebump.report import published as report
from basebump.report.console import Style
from basebump.report.text import count
from basebump.rollout import FAILED, HALTED, HELD_BACK, STALE, Again, Published, how_long, publish

if TYPE_CHECKING:
    from basebump.report.diagnosis import DiagnosisReport


def refuse_with_plan(options: Mapping[str, object]) -> None:
    """Raise UsageError for an option that a saved plan has an answer to already."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)}: a saved plan says that already")


def refuse_to_watch(options: Mapping[str, object]) -> None:
    """Raise UsageError for what speaks of one run, where there are to be many."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)}: for one run; --watch makes a new plan for each wave")


def goes_on(results: Sequence[Published]) -> bool:
    """Whether a later run has something to do that this one held back."""
    return not halted(results) and any(result.outcome == HELD_BACK for result in results)


def progress(results: Sequence[Published]) -> str:
    """What has happened so far, and what is waited for."""
    waits = dict.fromkeys(r.reason for r in results if r.outcome in (HELD_BACK, HALTED))
    return "; ".join([report.sentence(results), *waits])


def changes_now(plans: Sequence[RepoPlan], policy: Policy) -> list[Change]:
    """The changes that plans come to."""
    rules, template, inquiry = policy.rules, policy.template, policy.inquiry
    return [change for plan in plans for change in changes_of(plan, rules, template, inquiry)]


def repositories_of(
    saved: SavedPlan, there: Sequence[Repo], asked: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """The repositories of a saved plan that are to be done now, and those that are gone.

    `there` is what the forge has of those that were `asked` for.
    """
    wanted = sorted({change.repository for change in saved.changes})
    known = {repo.name: repo for repo in there}
    names = [n for n in wanted if n in known and known[n].passed_over is None]
    return names, [n for n in wanted if n not in known and not asked]


def changes_of_saved(
    saved: SavedPlan, plans: Sequence[RepoPlan], missing: Sequence[str], policy: Policy
) -> tuple[list[Change], list[Published]]:
    """The changes of a saved plan that are still the same ones, and the end of the others."""
    now = {(change.repository, change.branch): change for change in changes_now(plans, policy)}
    unreadable = {p.name: p.reason or "" for p in plans if p.outcome is not Outcome.OK}
    unreadable |= dict.fromkeys(missing, "the repository is no longer there")
    planned = {plan.name for plan in plans}
    kept: list[Change] = []
    others: list[Published] = []
    for then in saved.changes:
        change = now.get((then.repository, then.branch))
        if then.repository in unreadable:
            reason = unreadable[then.repository]
            others.append(Published(then.repository, then.branch, FAILED, reason))
        elif then.repository not in planned:
            continue  # --repo, --include or --exclude leave it for another time
        elif change is None or change.signature != then.signature:
            reason = "the repository moved, and the edit is no longer the same; plan again"
            others.append(Published(then.repository, then.branch, STALE, reason))
        else:
            kept.append(change)
    return kept, others


def ask(plans: Sequence[RepoPlan], changes: Sequence[Change]) -> None:
    """Ask a person at the terminal. Raises UsageError where there is none, Exit after a no."""
    files = sum(len(change.files) for change in changes)
    repositories = len({change.repository for change in changes})
    what = (
        f"{count(len(changes), 'pull request')} for {count(files, 'file')} in "
        f"{count(repositories, 'repository', 'repositories')} (of {len(plans)})"
    )
    confirm("Bring up to date", what)


def announce(config: Config, changes: Sequence[Change], talk: Talk) -> None:
    """Say how long it takes, where the forge sets the pace."""
    if changes and config.forge.kind == "github":
        time = how_long(len(changes), config.rollout.per_hour)
        talk.say(f"{count(len(changes), 'pull request')}, {time}")


def active(changes: Sequence[Change], policy: Policy) -> set[str]:
    """The campaigns that the configuration wants now, by their branches."""
    named = (branch_of(rule, policy.template) for rule in policy.rules)
    wanted = {branch for branch in named if branch is not None}
    return wanted | {change.branch for change in changes}  # a followed rule has many campaigns


def run(
    forge: Forge,
    changes: Sequence[Change],
    again: Again,
    active: Collection[str],
    pace: Pace,
    talk: Talk,
    *,
    reopen: bool,
) -> list[Published]:
    """Publish the changes. A first Ctrl-C lets the write under way finish, and stops there."""
    results: list[Published] = []
    with stopped_by_ctrl_c() as stopped, talk.progress("publishing") as progress:
        for result in publish(
            forge, changes, again, active, pace, reopen=reopen, stop=lambda: bool(stopped)
        ):
            results.append(result)
            if progress is not None:
                progress(result.repository, len(results), len(changes))
    if stopped:
        talk.say(report.sentence(results))
        raise KeyboardInterrupt
    return results


@contextmanager
def stopped_by_ctrl_c() -> Iterator[list[int]]:
    """A list that a first Ctrl-C puts something into; a second one interrupts at once."""
    pressed: list[int] = []

    def note(number: int, _frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def halted(results: Sequence[Published]) -> set[str]:
    """The campaigns, by their branches, that a run left halted."""
    return {result.branch for result in results if result.outcome == HALTED}


def why_halted(forge: Forge, results: Sequence[Published]) -> "DiagnosisReport | None":
    """What the builds say, where a campaign is halted and the forge can tell of builds."""
    branches = halted(results)
    if not branches or not isinstance(forge, Building):
        return None
    from basebump.cli import builds  # noqa: PLC0415 - its patterns are many, and seldom needed

    return builds.diagnosis(forge, builds.requests_of(forge, branches))


def answer(
    plans: Sequence[RepoPlan],
    results: Sequence[Published],
    format_: Format,
    style: Style,
    *,
    dry: bool,
    why: "DiagnosisReport | None" = None,
) -> str:
    """The report of a run in the format that was asked for, with why it is halted."""
    if why is not None:
        from basebump.report.diagnosis import render  # noqa: PLC0415 - as above

        said = render(why, format_.value)
    if format_ is Format.JSON:
        return report.as_json(plans, results, dry=dry, diagnosis=json.loads(said) if why else None)
    if format_ is Format.MARKDOWN:
        text = report.as_markdown(plans, results, dry=dry)
    else:
        text = report.as_table(plans, results, style, dry=dry)
    return f"{text}\n{said}" if why else text


def tell_actions(plans: Sequence[RepoPlan], results: Sequence[Published], *, dry: bool) -> None:
    """In GitHub Actions: the report on the job's page, and an annotation for each failure."""
    failed = [f"{p.name}: {p.reason}" for p in plans if p.outcome is Outcome.FAILED]
    failed += [
        f"{r.repository}: {r.outcome}: {r.reason}"
        for r in results
        if r.outcome in (FAILED, HALTED, STALE)
    ]
    actions.tell(report.as_markdown(plans, results, dry=dry), failed)


def exit_code(plans: Sequence[RepoPlan], results: Sequence[Published]) -> int:
    """3 when a repository could not be read or a change could not be made, else 0."""
    unread = any(plan.outcome is Outcome.FAILED for plan in plans)
    return 3 if unread or any(r.outcome in (FAILED, HALTED, STALE) for r in results) else 0


def together(before: Sequence[Published], now: Sequence[Published]) -> list[Published]:
    """The outcomes of two runs after each other as those of one: what was done counts."""
    done = {(r.repository, r.branch): r for r in before if r.outcome in _WRITTEN}
    latest = {(r.repository, r.branch): r for r in now}
    kept = {key: done[key] for key in done if _unchanged(latest.get(key))}
    return list((latest | kept).values())


def _unchanged(result: Published | None) -> bool:
    return result is None or result.outcome == Step.NOTHING


_WRITTEN = frozenset(step.value for step in Step if step.writes)
