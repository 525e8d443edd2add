from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basebump.core.waves import Waves, advance, builders, most_telling_first, shape


@dataclass(frozen=True)
class Candidate:
    repository: str
    traits: frozenset[str] = frozenset()
    branch: str = "basebump/node-8.9.3"


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.text("abc", min_size=1, max_size=3),
        st.frozensets(st.sampled_from("uvwxyz")),
    ),
    unique_by=lambda candidate: candidate.repository,
)


@pytest.mark.parametrize("size", ["", "0", "0%", "101%", "-1", "1.5", "half", "10 %"])
def test_refuses_what_is_no_wave(size: str) -> None:
    with pytest.raises(ValueError, match="is no wave"):
        Waves.parse([size])


@pytest.mark.parametrize("sizes", [["5", "1"], ["5", "5"], ["1", "50%", "10%"]])
def test_refuses_waves_that_do_not_rise(sizes: list[str]) -> None:
    with pytest.raises(ValueError, match="so they rise"):
        Waves.parse(sizes)


@pytest.mark.parametrize(
    ("sizes", "total", "ends"),
    [
        (["100%"], 40, [40]),
        (["1", "5", "25%", "100%"], 40, [1, 5, 10, 40]),
        (["1", "5", "10%", "100%"], 600, [1, 5, 60, 600]),
        pytest.param(["1", "5", "10%", "100%"], 30, [1, 5, 30], id="10 % is fewer than 5"),
        pytest.param(["1", "5"], 30, [1, 5, 30], id="the rest goes last, said or not"),
        pytest.param(["1", "5", "100%"], 3, [1, 3], id="a small fleet has fewer waves"),
        pytest.param(["10%", "100%"], 1, [1], id="one repository is one wave"),
    ],
)
def test_waves_end_where_they_say(sizes: list[str], total: int, ends: list[int]) -> None:
    assert Waves.parse(sizes).ends(total) == ends


@pytest.mark.parametrize(
    ("out", "settled", "allowed"),
    [
        pytest.param(0, True, 1, id="nothing is out: the first wave"),
        pytest.param(1, False, 1, id="the first is not green yet"),
        pytest.param(1, True, 5, id="the first is green"),
        pytest.param(3, False, 5, id="a wave that was begun is finished"),
        pytest.param(5, False, 5, id="and then waited for"),
        pytest.param(5, True, 10, id="before the next"),
        pytest.param(40, True, 40, id="all are out"),
    ],
)
def test_the_next_wave_waits_for_the_gate(out: int, settled: bool, allowed: int) -> None:  # noqa: FBT001 - a table's column
    waves = Waves.parse(["1", "5", "25%", "100%"])
    assert advance(waves, out, 40, settled=settled).allowed == allowed


@given(st.integers(1, 500), st.data())
def test_a_green_campaign_always_comes_to_its_end(total: int, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.sampled_from(["1", "5", "10%", "25%", "100%"]), min_size=1))
    out, steps = 0, 0
    while out < total:
        out, steps = advance(Waves(tuple(sizes)), out, total, settled=True).allowed, steps + 1
    assert out == total
    assert steps <= len(sizes) + 1


@given(CANDIDATES, st.randoms())
def test_the_order_is_the_same_whatever_came_first(
    candidates: list[Candidate], random: Random
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert most_telling_first(shuffled) == most_telling_first(candidates)


@given(CANDIDATES)
def test_every_change_goes_out_once(candidates: list[Candidate]) -> None:
    ordered = most_telling_first(candidates)
    assert sorted(c.repository for c in ordered) == sorted(c.repository for c in candidates)


def test_one_of_each_kind_comes_before_more_of_the_same() -> None:
    alpine, jenkins = frozenset({"flavour:alpine"}), frozenset({"builder:jenkins"})
    fleet = [Candidate("a", alpine), Candidate("b", alpine), Candidate("c", jenkins)]
    assert [c.repository for c in most_telling_first(fleet)] == ["a", "c", "b"]


def test_what_is_known_already_tells_nothing() -> None:
    fleet = [Candidate("a", frozenset({"x"})), Candidate("b", frozenset({"y"}))]
    assert [c.repository for c in most_telling_first(fleet, known={"x"})] == ["b", "a"]


def test_a_builder_is_known_by_its_files() -> None:
    paths = ["Dockerfile", ".github/workflows/ci.yml", "deploy/Jenkinsfile", "docs/Jenkinsfile.md"]
    assert builders(paths) == {"builder:github-actions", "builder:jenkins"}


def test_a_shape_is_what_the_steps_call() -> None:
    text = "FROM node:8 AS a\nRUN apt-get update && npm ci\nCOPY gitlab-ci.yml /x/go.mod /\n"
    traits = shape(text, 2, ["from"], ["alpine", ""])
    assert traits >= {"command:apt-get", "command:npm", "stages:several", "flavour:none"}
    assert "command:go" not in traits
