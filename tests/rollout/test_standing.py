from datetime import UTC, datetime

import pytest

from basebump.core.pace import Gate, Pace, Unchecked
from basebump.core.waves import Waves
from basebump.core.window import Window
from basebump.forge import Checks, PullRequest, State
from basebump.rollout.standing import outside, standing

STAGED = Waves.parse(["1", "5", "25%", "100%"])


def request(name: str, checks: Checks, state: State = State.OPEN) -> PullRequest:
    return PullRequest(name, "b", "main", "t", "", state, None, ours=True, url="", checks=checks)


@pytest.mark.parametrize(
    ("gate", "no_checks", "checks", "state", "where"),
    [
        (Gate.CHECKS, Unchecked.GREEN, Checks.PENDING, State.OPEN, "waiting"),
        (Gate.CHECKS, Unchecked.WAIT, Checks.NONE, State.OPEN, "waiting"),
        (Gate.CHECKS, Unchecked.GREEN, Checks.FAILING, State.OPEN, "failing"),
        (Gate.MERGED, Unchecked.GREEN, Checks.GREEN, State.OPEN, "waiting"),
        (Gate.MERGED, Unchecked.GREEN, Checks.FAILING, State.OPEN, "failing"),
        (Gate.CHECKS, Unchecked.GREEN, Checks.GREEN, State.OPEN, "passed"),
        (Gate.CHECKS, Unchecked.GREEN, Checks.NONE, State.OPEN, "passed"),
        (Gate.CHECKS, Unchecked.WAIT, Checks.FAILING, State.MERGED, "passed"),
        (Gate.MERGED, Unchecked.WAIT, Checks.FAILING, State.CLOSED, "passed"),
        (Gate.NONE, Unchecked.WAIT, Checks.FAILING, State.OPEN, "passed"),
    ],
)
def test_the_gate_sorts_pull_requests(
    gate: Gate, no_checks: Unchecked, checks: Checks, state: State, where: str
) -> None:
    stands = standing([request("web", checks, state)], 40, Pace(gate=gate, no_checks=no_checks))
    assert getattr(stands, where) == ("web",)


def test_a_failure_halts_until_a_person_decides() -> None:
    stands = standing([request("web", Checks.FAILING)], 40, Pace(waves=STAGED))
    assert "fail in web" in stands.halted(Pace(waves=STAGED))
    assert stands.halted(Pace(waves=STAGED, resume=True)) == ""
    assert stands.advance(Pace(waves=STAGED)).allowed == 1
    assert stands.advance(Pace(waves=STAGED, resume=True)).allowed == 5


def test_fewer_failures_than_allowed_only_pause() -> None:
    pace = Pace(waves=STAGED, max_failures=2)
    stands = standing([request("web", Checks.FAILING)], 40, pace)
    assert stands.halted(pace) == ""
    assert stands.advance(pace).allowed == 1
    assert stands.pause(pace) == "wave 1 of 4 is out, 1 of 40; the checks fail in web"


def test_a_pause_says_what_it_waits_for() -> None:
    out = [request(name, Checks.PENDING) for name in "abcdefg"]
    stands = standing(out, 40, Pace(waves=STAGED))
    assert stands.pause(Pace(waves=STAGED)) == (
        "wave 3 of 4 is out, 7 of 40; a, b, c, d, e and 2 more must turn green first"
    )


def test_outside_the_window_says_when_it_opens() -> None:
    window = Window.parse("Mon-Thu 08:00-16:00 Europe/Paris")
    friday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert outside(None, friday) == ""
    assert outside(window, friday).endswith("it opens Mon 2026-11-30 08:00 CET")
