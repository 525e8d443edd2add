"""Whatever GitHub does, a run ends in the right state, inside the limits."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from basebump.errors import BasebumpError
from tests.github.bot import Bot
from tests.github.conftest import OLD
from tests.github_server import KINDS, ContractsMissing, GitHubServer, Limits, ManualClock

NAMES = ("api", "deep", "run", "web")
Make = Callable[..., GitHubServer]


def files(name: str) -> dict[str, bytes | tuple[str, bytes] | None]:
    mode = "100755" if name == "run" else "100644"
    path = "a/b/c/d/e/f/Dockerfile" if name == "deep" else "Dockerfile"
    return {path: (mode, OLD + f"# {name}\n".encode()), "README": b"x\n"}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Make servers of the same small organisation, on clocks that stand still."""
    folder = tmp_path_factory.mktemp("servers")
    running: list[GitHubServer] = []

    def start(limits: Limits | None = None) -> GitHubServer:
        try:
            server = GitHubServer(
                folder / str(len(running)), ManualClock(1_800_000_000), limits=limits
            )
        except ContractsMissing as missing:
            pytest.skip(str(missing))
        server.start()
        running.append(server)
        for name in NAMES:
            server.add_repo(f"acme/{name}", files(name))
        return server

    yield start
    for server in running:
        server.stop()
        assert server.violations == []


@pytest.fixture(scope="module")
def undisturbed(make: Make) -> dict[str, dict[str, object]]:
    """How it ends when nothing goes wrong."""
    server = make()
    assert set(Bot(server).outcomes().values()) == {"opened"}
    return server.state()


def settle(server: GitHubServer) -> None:
    """Run until a run has nothing to do."""
    server.faults.clear()
    server.clock.sleep(4000)
    for _ in range(3):
        server.requests.mark()
        Bot(server).apply()
        if not server.requests.writes:
            return
    raise AssertionError("three undisturbed runs did not settle it")


def no_duplicates(server: GitHubServer) -> bool:
    open_ones = [pull for pull in server.world.pulls() if pull.state == "OPEN"]
    return len({pull.repo.full_name for pull in open_ones}) == len(open_ones)


@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_of_a_kind_at_every_request(
    make: Make, undisturbed: dict[str, dict[str, object]], kind: str
) -> None:
    server = make()
    server.faults.at_random(seed=KINDS.index(kind), rate=0.3, kinds=(kind,))
    Bot(server).apply()
    assert server.requests.early == []
    settle(server)
    assert no_duplicates(server)
    assert server.state() == undisturbed


@pytest.mark.parametrize("seed", range(12))
def test_ends_right_in_spite_of_random_faults(
    make: Make, undisturbed: dict[str, dict[str, object]], seed: int
) -> None:
    server = make()
    server.faults.at_random(seed=seed, rate=0.1)
    with suppress(BasebumpError):
        Bot(server).apply()
    assert server.requests.early == []
    settle(server)
    assert no_duplicates(server)
    assert server.state() == undisturbed


@pytest.mark.parametrize("kind", ["cut", "cut-after"])
@pytest.mark.parametrize("boundary", range(1, 18))
def test_goes_on_after_it_was_cut_off_at_any_request(
    make: Make, undisturbed: dict[str, dict[str, object]], boundary: int, kind: str
) -> None:
    server = make()
    server.faults.add(kind, nth=boundary, times=1)
    server.faults.add("cut", nth=boundary + 1, times=None)
    with suppress(BasebumpError):
        Bot(server).apply()
    settle(server)
    assert no_duplicates(server)
    assert server.state() == undisturbed
