"""`apply` killed anywhere and started again, or started twice: the same end, nothing lost."""

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.github.organisation import (
    BEFORE,
    BRANCH,
    FILES,
    OLDER,
    OUTCOMES,
    TEMPLATE,
    Copies,
    touch,
)
from tests.github.process import CONFIG, Run
from tests.github_server import ContractsMissing, GitHubServer, Limits, ManualClock

THOROUGH = bool(os.environ.get("BASEBUMP_THOROUGH"))
REQUESTS = 27
"""What an undisturbed run sends."""
BOUNDARIES = range(1, REQUESTS + 1)
INSTANTS = range(200 if THOROUGH else 40)
PAIRS = range(60 if THOROUGH else 6)


class World:
    """A server of equal organisations, and runs on them."""

    def __init__(self, server: GitHubServer, folder: Path) -> None:
        self.server, self.folder, self.runs = server, folder, 0
        for name in OLDER:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        assert self.run(TEMPLATE, "8.9.2").end() == 0
        for name in BEFORE:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        narrow = f"repositories: {{exclude: [{', '.join(OLDER)}]}}"
        assert self.run(TEMPLATE, more=narrow).end() == 0
        for name in FILES.keys() - {*OLDER, *BEFORE}:
            server.add_repo(f"{TEMPLATE}/{name}", FILES[name])
        touch(server)
        self.copies = Copies(server)
        began = time.monotonic()
        self.undisturbed = self.after_a_run(self.copies.make())
        self.seconds = time.monotonic() - began

    def run(self, org: str, to: str = "8.9.3", more: str = "") -> Run:
        self.runs += 1
        folder = self.folder / str(self.runs)
        config = CONFIG.format(url=self.server.url, org=org, to=to, more=more)
        return Run(folder, self.server.token, config)

    def after_a_run(self, org: str) -> object:
        """The organisation after one whole run, which must have gone well."""
        run = self.run(org)
        assert run.end() == 0, run.shown
        return self.copies.state(org)

    def killed_at(self, org: str, number: int, *, effect: bool) -> None:
        """Start a run and kill it at a request, with or without that request's effect."""
        running: list[Run] = []
        began = time.monotonic()

        def kill() -> None:
            while not running and time.monotonic() < began + 60:
                time.sleep(0.001)
            running[0].kill()
            running[0].end()

        fault = self.server.faults.add(None if effect else "cut", nth=number, do=kill)
        running.append(self.run(org))
        running[0].end()
        self.server.faults.clear()
        assert fault.met >= number


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("kill")
    limits = Limits(core=10**9, graphql=10**9, enforced=False)
    try:
        server = GitHubServer(folder / "github", ManualClock(1_800_000_000), limits=limits)
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with server:
        yield World(server, folder)


def test_an_undisturbed_run_does_what_each_repository_needs(world: World) -> None:
    org = world.copies.make()
    world.server.requests.mark()
    run = world.run(org)
    assert (run.end(), run.outcomes) == (0, OUTCOMES)
    assert len(world.server.requests) == REQUESTS


def test_a_second_run_writes_nothing(world: World) -> None:
    org = world.copies.make()
    world.after_a_run(org)
    world.server.requests.mark()
    assert world.after_a_run(org) == world.undisturbed
    assert world.server.requests.writes == []


@pytest.mark.parametrize("number", BOUNDARIES)
@pytest.mark.parametrize("effect", [False, True], ids=["before its effect", "after its effect"])
def test_killed_at_a_request(world: World, number: int, *, effect: bool) -> None:
    org = world.copies.make()
    world.killed_at(org, number, effect=effect)
    assert world.after_a_run(org) == world.undisturbed


@pytest.mark.parametrize("seed", INSTANTS)
def test_killed_at_any_instant(world: World, seed: int) -> None:
    org = world.copies.make()
    run = world.run(org)
    run.end(random.Random(seed).uniform(0, world.seconds))  # noqa: S311 - an instant, no secret
    run.kill()
    run.end()
    assert world.after_a_run(org) == world.undisturbed


@pytest.mark.parametrize("number", BOUNDARIES if THOROUGH else BOUNDARIES[8::4])
def test_keeps_what_people_push_between_the_kill_and_the_next_run(
    world: World, number: int
) -> None:
    org = world.copies.make()
    world.killed_at(org, number, effect=True)
    theirs = {
        name: world.server.push_as_human(f"{org}/{name}", BRANCH, {"mine": b"mine\n"})
        for name in world.copies.heads(org)
    }
    world.after_a_run(org)
    kept = world.copies.heads(org)
    assert {name: kept[name] for name in theirs} == theirs
    assert max(map(len, world.copies.open_pulls(org).values())) == 1


@pytest.mark.parametrize("seed", PAIRS)
def test_two_at_once_end_as_one_does(
    world: World, seed: int, slowly: Callable[[int], None]
) -> None:
    org = world.copies.make()
    slowly(seed)
    runs = [world.run(org), world.run(org)]
    assert [run.end() for run in runs] == [0, 0], [run.shown for run in runs]
    assert world.copies.state(org) == world.undisturbed


@pytest.fixture
def slowly(world: World) -> Iterator[Callable[[int], None]]:
    """Answers take between nothing and some milliseconds, so that two runs overtake each other."""

    def begin(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - a test's dice
        world.server.faults.add(None, times=None, do=lambda: time.sleep(dice.uniform(0, 0.02)))

    yield begin
    world.server.faults.clear()
