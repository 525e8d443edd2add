"""One answer in twenty goes wrong, in every way that GitHub's do: a run ends, and ends honestly."""

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from basebump.config.images import rule
from basebump.core.campaign import changes_of
from basebump.core.glob import Globs
from basebump.core.pace import Pace
from basebump.core.plan import Outcome
from basebump.errors import BasebumpError
from basebump.fleet import plan_again, plan_fleet
from basebump.forge.github.discover import Filter
from basebump.forge.github.forge import Source
from basebump.forge.github.read import Sizes
from basebump.rollout import Published, publish
from tests.github.bot import Bot
from tests.github.organisation import (
    BEFORE,
    BRANCH,
    FILES,
    NEW,
    OLD,
    OLDER,
    OUTCOMES,
    TEMPLATE,
    Copies,
    touch,
)
from tests.github_server import KINDS, ContractsMissing, GitHubServer, ManualClock, Pull

THOROUGH = bool(os.environ.get("BASEBUMP_THOROUGH"))
SEEDS = range(200 if THOROUGH else 25)
SMALL = Sizes(trees=5, blobs=4, found=3)
"""Many small batches: more requests that can fail, and batches that fail in part."""
PUBLISHED = {"opened", "finished", "updated", "already open"}
UNTOUCHED = {"taken over", "declined", "branch in use"}
MADE = {"failed", "stale"}
LARGE = {f"a/b/c/{number}/d/Dockerfile": OLD for number in range(65)}
"""So many folders that they are listed by REST, where a list may be cut short."""
MOVES: Mapping[str, Mapping[str, bytes]] = {
    "elsewhere": {"README": b"somebody was faster\n"},
    "beside it": {"Dockerfile": OLD + b"USER node\n"},
    "the same": {"Dockerfile": NEW},
}
EXPECTED = {"elsewhere": NEW, "beside it": NEW + b"USER node\n", "the same": NEW}


class World:
    """Equal organisations on one server, whose clock stands still while nobody sleeps."""

    def __init__(self, server: GitHubServer) -> None:
        self.server = server
        for name in OLDER:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        self.bot(TEMPLATE, "8.9.2").apply()
        for name in BEFORE:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        self.bot(TEMPLATE, exclude=OLDER).apply()
        for name in FILES.keys() - {*OLDER, *BEFORE}:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        server.add_repo(f"{TEMPLATE}/large", LARGE)
        touch(server)
        self.copies = Copies(server)
        self.undisturbed = self.end(self.copies.make())

    def bot(self, org: str, to: str = "8.9.3", exclude: tuple[str, ...] = ()) -> Bot:
        chosen = Filter(Globs(("*",)), Globs(exclude))
        bot = Bot(self.server, source=Source(org), chosen=chosen, sizes=SMALL)
        bot.policy = replace(bot.policy, rules=(rule("maichong/node", to),))
        return bot

    def end(self, org: str) -> object:
        """The state after a run in which nothing goes wrong, an hour later."""
        self.server.faults.clear()
        self.server.clock.sleep(3700)
        ended = {each.outcome for each in self.bot(org).apply()}
        assert ended <= PUBLISHED | UNTOUCHED
        return self.copies.state(org)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("faults")
    try:
        server = GitHubServer(folder, ManualClock(1_800_000_000))
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with server:
        yield World(server)


def disturbed(world: World, org: str) -> list[Published] | BasebumpError:
    """Every repository's outcome, or why there is none of any; other exceptions are bugs."""
    world.server.clock.sleep(3700)
    world.server.requests.mark()
    bot = world.bot(org)
    try:
        forge = bot.forge()
        plans = list(plan_fleet(forge, forge.repos(), bot.policy))
        changes = [c for p in plans for c in changes_of(p, bot.policy.rules, bot.template)]
        active = {change.branch for change in changes}
        again = partial(plan_again, forge, policy=bot.policy)
        ended = list(publish(forge, changes, again, active, Pace()))
    except BasebumpError as error:
        return error
    unread = [plan for plan in plans if plan.outcome is not Outcome.OK]
    return ended + [Published(p.name, "", p.outcome.value, p.reason or "") for p in unread]


def inside_every_limit(server: GitHubServer) -> bool:
    """No request came too early, and none was refused for a limit that is told beforehand."""
    peak, limits = server.ledger.account("user:basebump-bot").peak, server.limits
    return (
        server.requests.early == []
        and [each for each in server.requests if each.limited] == []
        and peak["content_minute"] <= limits.content_minute
        and peak["content_hour"] <= limits.content_hour
        and peak["graphql_points"] <= limits.graphql_points
        and peak["rest_points"] <= limits.rest_points
        and peak["at_once"] <= limits.at_once
    )


def is_honest(world: World, org: str, ended: Published) -> bool:
    """Whether an outcome is what a person finds when they look."""
    pulls = world.copies.open_pulls(org)[ended.repository]
    if ended.outcome in MADE:
        ours = [pull for pull in pulls if pull.head_ref == BRANCH]
        return bool(ended.reason) and len(ours) <= 1
    if ended.outcome in UNTOUCHED:
        return OUTCOMES[ended.repository] == ended.outcome
    return ended.outcome in PUBLISHED and [pull.head_ref for pull in pulls] == [BRANCH]


def judge(
    world: World, org: str, ended: list[Published] | BasebumpError, settled: tuple[str, ...] = ()
) -> None:
    """Raise AssertionError unless the run kept to the limits and told the truth about each.

    Those that are `settled` may have been in order when they were read, and then have no outcome.
    """
    assert inside_every_limit(world.server)
    if isinstance(ended, BasebumpError):
        assert str(ended)
        return
    told = {each.repository for each in ended}
    assert told <= {*FILES, "large"} <= told.union(settled)
    assert [each for each in ended if not is_honest(world, org, each)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_one_answer_in_twenty_goes_wrong(world: World, seed: int) -> None:
    org = world.copies.make()
    world.server.faults.at_random(seed, rate=0.05)
    judge(world, org, disturbed(world, org))
    assert world.end(org) == world.undisturbed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS[:8] if THOROUGH else SEEDS[:1])
def test_one_answer_in_three_goes_wrong_in_one_way(world: World, kind: str, seed: int) -> None:
    org = world.copies.make()
    world.server.faults.at_random(seed, rate=0.3, kinds=(kind,))
    judge(world, org, disturbed(world, org))
    assert world.end(org) == world.undisturbed


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("seed", SEEDS[:40] if THOROUGH else SEEDS[:6])
def test_a_base_branch_moves_between_two_requests(world: World, move: str, seed: int) -> None:
    org = world.copies.make()
    pushed: list[str] = []

    def push() -> None:
        pushed.append(world.server.push_as_human(f"{org}/web", "main", MOVES[move]))

    world.server.faults.add(None, nth=random.Random(seed).randint(1, 40), do=push)  # noqa: S311 - dice
    world.server.faults.at_random(seed, rate=0.05)
    ended = disturbed(world, org)
    judge(world, org, ended, settled=("web",) if pushed and move == "the same" else ())
    if not pushed:  # the run was over before
        push()
    world.end(org)
    main = world.server.repo(f"{org}/web").git
    assert [main.head_oid()] == pushed
    pulls = world.copies.open_pulls(org)["web"]
    assert len(pulls) <= 1
    assert [content(world, pull) for pull in pulls] == [EXPECTED[move]] * len(pulls)
    assert pulls or move == "the same"


def content(world: World, pull: Pull) -> bytes:
    """What the Dockerfile is when the pull request is merged."""
    git, tree = pull.repo.git, world.server.actions.mergeable(pull)
    assert tree is not None
    entry = git.entry_at(tree, "Dockerfile")
    assert entry is not None
    return git.need(entry.oid).data


@pytest.mark.parametrize("nth", [1, 4, 8, 12])
def test_after_a_ban_nothing_is_written_and_every_outcome_says_so(world: World, nth: int) -> None:
    org = world.copies.make()
    world.server.faults.add("banned", writes=True, nth=nth, times=None)
    ended = disturbed(world, org)
    judge(world, org, ended)
    assert len(world.server.requests.writes) == nth
    assert world.end(org) == world.undisturbed
