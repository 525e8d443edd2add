"""One budget for all threads: nothing is sent too early, and nothing waits for ever."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basebump.errors import ForgeError
from basebump.forge.github.budget import Api, Budget, Need, Pace
from basebump.rollout import how_long
from tests.github.bot import Bot
from tests.github.conftest import OLD
from tests.github_server import GitHubServer, ManualClock

WRITE = Need(Api.GRAPHQL, 5, content=True)
READ = Need(Api.GRAPHQL)
NEEDS = st.sampled_from([WRITE, READ, Need(Api.REST), Need(Api.REST, 5, content=True)])


class Book:
    """What a server would have seen, by its own sliding windows."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, Need]] = []

    def most(self, seconds: float, *, api: Api | None) -> int:
        """The largest sum in any window of so many seconds."""
        mine = [(at, n.points if api else 1) for at, n in self.seen if _covers(n, api)]
        return max(
            (sum(c for other, c in mine if at - seconds < other <= at) for at, _ in mine),
            default=0,
        )


def _covers(need: Need, api: Api | None) -> bool:
    return need.content if api is None else need.api is api


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NEEDS, st.floats(0, 20)), max_size=120))
def test_no_window_ever_holds_more_than_its_limit(wishes: list[tuple[Need, float]]) -> None:
    clock, book = ManualClock(0.0), Book()
    budget = Budget(Pace(30, 8, rest_points=20, graphql_points=40), clock)
    for need, pause in wishes:
        clock.advance(pause)
        with budget.spend(need):
            book.seen.append((clock.now(), need))
    assert book.most(60, api=None) <= 8
    assert book.most(3600, api=None) <= 30
    assert book.most(60, api=Api.REST) <= 20
    assert book.most(60, api=Api.GRAPHQL) <= 40


def test_threads_share_it() -> None:
    clock, book = ManualClock(0.0), Book()
    budget = Budget(Pace(400, 10), clock)

    def write(_: int) -> None:
        with budget.spend(WRITE):
            book.seen.append((clock.now(), WRITE))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(100)))
    assert len(book.seen) == 100
    assert book.most(60, api=None) <= 10


def test_a_pause_holds_for_everybody_to_the_second() -> None:
    clock = ManualClock(1000.0)
    budget = Budget(Pace(), clock)
    budget.hold(42, "secondary limit")
    with budget.spend(Need(Api.REST)):
        assert clock.now() == 1042


def test_a_used_up_hour_of_one_interface_does_not_stop_the_other() -> None:
    clock = ManualClock(1000.0)
    budget = Budget(Pace(), clock)
    budget.exhausted(Api.GRAPHQL, 4000.0)
    with budget.spend(Need(Api.REST)):
        assert clock.now() == 1000
    with budget.spend(READ):
        assert clock.now() == 4000


def test_waits_an_hour_at_the_most_whatever_the_clocks_say() -> None:
    clock = ManualClock(1000.0)
    budget = Budget(Pace(), clock)
    budget.exhausted(Api.GRAPHQL, 9_000_000.0)
    with budget.spend(READ):
        assert clock.now() == 4600


def test_after_a_ban_nothing_is_written_and_reading_goes_on() -> None:
    budget = Budget(Pace(), ManualClock(0.0))
    budget.ban("Your account was suspended")
    with pytest.raises(ForgeError, match="suspended"), budget.spend(WRITE):
        pass
    with budget.spend(READ):
        pass


def test_stays_inside_githubs_limits_over_many_pull_requests(github: GitHubServer) -> None:
    for number in range(90):
        github.add_repo(f"acme/r{number}", {"Dockerfile": OLD})
    assert set(Bot(github, per_hour=60).outcomes().values()) == {"opened"}
    assert [r for r in github.requests if r.limited] == []
    assert github.ledger.account("user:basebump-bot").peak["content_hour"] <= 60
    assert len(github.requests.writes) == 99


@pytest.mark.parametrize(
    ("requests", "per_hour", "text"),
    [
        (1, 400, "about 1 min at 400 an hour"),
        (312, 400, "about 5 min at 400 an hour"),
        (600, 400, "about 64 min at 400 an hour"),
        (312, 100, "about 181 min at 100 an hour"),
        (5, 0, "no end: rollout.per_hour is 0"),
    ],
)
def test_says_how_long_it_takes(requests: int, per_hour: int, text: str) -> None:
    assert how_long(requests, per_hour) == text


def test_a_pause_is_for_those_too_who_wait_for_a_place() -> None:
    clock = ManualClock(0.0)
    budget, sent = Budget(Pace(at_once=1), clock), list[float]()

    def read() -> None:
        with budget.spend(READ):
            sent.append(clock.now())

    with ThreadPoolExecutor(1) as pool, budget.spend(READ):
        pool.submit(read)
        time.sleep(0.05)  # let it come as far as it can
        budget.hold(30, "GitHub asked for it")
    assert sent == [30.0]
