"""A plan is the same list in the same order, whatever the timing, the threads and the batches."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basebump.core.plan import Outcome
from basebump.forge.github.read import Sizes
from basebump.report.document import document
from tests.github.bot import Bot
from tests.github_server import ContractsMissing, GitHubServer, Limits, ManualClock

MANY, FEW = 200, 30
OLD = b"FROM maichong/node:8.9.1\nCOPY . .\n"
Files = dict[str, bytes | tuple[str, bytes] | None]


def shape(number: int) -> Files:
    """The files of one repository: its depth, width, modes and bytes are drawn by its number."""
    dice = random.Random(number)  # noqa: S311 - a test's dice
    files: Files = {"README": f"{number}\n".encode()}
    for each in range(dice.choice((0, 1, 1, 1, 2, 5, 12))):
        folder = "/".join(f"{dice.choice('abcd')}{each}" for _ in range(dice.randrange(7)))
        name = dice.choice(("Dockerfile", "Dockerfile.dev", "api.Dockerfile", "Containerfile"))
        tag = dice.choice(("8.9.1", "8.9.1-alpine", "8", "8.9.3", "10.1.0"))
        text = f"FROM maichong/node:{tag}\n# {number} {each}\n".encode()
        text = dice.choice((text, text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text, b"\xff\n"))
        files[f"{folder}/{name}".lstrip("/")] = (dice.choice(("100644", "100755")), text)
    if number % 50 == 7:  # listed by REST
        files |= {f"wide/x/y/{each}/Dockerfile": OLD for each in range(70)}
    return files


def organisation(folder: Path, repositories: int) -> GitHubServer:
    limits = Limits(enforced=False)
    try:
        server = GitHubServer(folder, ManualClock(1_800_000_000), limits=limits, validate=False)
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    server.add_org("acme")
    order = list(range(repositories))
    random.Random(0).shuffle(order)  # noqa: S311 - a test's dice
    for number in order:
        name = f"acme/{'Web' if number % 3 else 'api'}-{number}"
        server.add_repo(name, shape(number), archived=number % 17 == 3, fork=number % 19 == 5)
    return server


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubServer]:
    with organisation(tmp_path_factory.mktemp("many"), MANY) as server:
        yield server


@pytest.fixture(scope="module")
def usual(many: GitHubServer) -> list[object]:
    """The plan of many repositories with the usual sizes."""
    return plan(many, Sizes(), 0)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubServer]:
    with organisation(tmp_path_factory.mktemp("few"), FEW) as server:
        yield server


def plan(server: GitHubServer, sizes: Sizes, seed: int) -> list[object]:
    """The plan as it is printed, with answers that take between nothing and some milliseconds."""
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    server.faults.clear()
    server.faults.add(None, times=None, do=lambda: time.sleep(dice.uniform(0, 0.002)))
    plans = Bot(server, sizes=sizes).plans()
    assert {plan.outcome for plan in plans} <= {Outcome.OK, Outcome.SKIPPED}
    whole: list[object] = json.loads(json.dumps(document(plans, everything=True, edits=True)))[
        "repositories"
    ]
    return whole


def names(whole: list[object]) -> list[str]:
    return [str(each["name"]) for each in whole if isinstance(each, dict)]


@pytest.mark.parametrize(
    "sizes",
    [
        Sizes(group=1, trees=1, blobs=1, threads=8),
        Sizes(group=7, trees=3, blobs=5, threads=4),
        Sizes(group=50, trees=100, blobs=100, threads=6),
        Sizes(group=33, trees=17, blobs=100, threads=2),
        Sizes(group=1000, trees=50, blobs=7, threads=1),
    ],
    ids=str,
)
def test_hundreds_of_repositories_are_one_list(
    many: GitHubServer, usual: list[object], sizes: Sizes
) -> None:
    assert len(usual) == MANY
    assert names(usual) == sorted(names(usual), key=str.lower)
    assert plan(many, sizes, 1) == usual


@pytest.mark.parametrize("heaviest", [6, 25])
def test_batches_that_github_refuses_change_nothing(
    many: GitHubServer, usual: list[object], heaviest: int
) -> None:
    many.faults.clear()
    many.faults.heavy_aliases = heaviest
    plans = Bot(many, sizes=Sizes(group=60)).plans()
    many.faults.clear()
    assert document(plans, everything=True, edits=True)["repositories"] == usual


SIZES = st.builds(
    Sizes,
    group=st.integers(1, FEW + 5),
    trees=st.integers(1, 100),
    blobs=st.integers(1, 100),
    threads=st.integers(1, 10),
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sizes=SIZES, seed=st.integers(0, 1000))
def test_any_batch_sizes_threads_and_timing_give_one_plan(
    few: GitHubServer, sizes: Sizes, seed: int
) -> None:
    assert plan(few, sizes, seed) == plan(few, Sizes(), 0)
