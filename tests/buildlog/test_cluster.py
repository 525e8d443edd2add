"""What failures have in common: never more certainty than the counts give."""

# ruff: noqa: E501 - a line of a log is quoted whole

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basebump.buildlog import (
    Build,
    Cluster,
    Diagnosis,
    Line,
    Outcome,
    Step,
    Strength,
    cluster,
    sentence,
)
from basebump.buildlog.association import fisher_greater, holm
from basebump.buildlog.causes import TABLE
from basebump.buildlog.signature import normalised, step_words

APT = next(cause for cause in TABLE if cause.id == "apt-dependency")
TESTS = next(cause for cause in TABLE if cause.id == "test-failure")


def failed(name: str, packages: str = "git", **attributes: str) -> Build:
    step = Step("classic", f"RUN apt-get update && apt-get install -y {packages}")
    return Build(name, False, attributes, Diagnosis(Outcome.FAILED, step, cause=APT))  # noqa: FBT003


def green(name: str, **attributes: str) -> Build:
    return Build(name, True, attributes)  # noqa: FBT003


def the_fleet_of_the_issue() -> list[Build]:
    old = {"runner": "runner02", "kernel": "4.4.0-98"}
    broken = [failed(f"b{at}", f"p{at}", team=f"t{at % 4}", **old) for at in range(14)]
    step, root = Step("classic", "RUN npm test"), Line(9, "Tests: 2 failed, 4 total")
    other = Diagnosis(Outcome.FAILED, step, cause=TESTS, root=root)
    new = [
        {"runner": f"runner0{at % 3 + 3}", "kernel": "4.4.0-103", "team": f"t{at % 4}"}
        for at in range(37)
    ]
    red = [Build(f"t{at}", False, new[at], other) for at in range(6)]  # noqa: FBT003
    return [*broken, *red, *(green(f"g{at}", **new[at]) for at in range(6, 37))]


def only(builds: list[Build]) -> Cluster:
    (one,) = cluster(builds)
    return one


def test_nothing_is_named_when_every_build_has_it() -> None:
    builds = [failed(f"b{at}", runner="r1") for at in range(9)]
    builds += [green(f"g{at}", runner="r1") for at in range(9)]
    assert only(builds).strength is Strength.NOTHING
    assert "nothing that is known of the builds" in sentence(only(builds))


def test_nothing_is_named_without_green_builds() -> None:
    one = only([failed(f"b{at}", runner="r1") for at in range(20)])
    assert one.strength is Strength.NOTHING
    assert sentence(one).endswith("no build was green, so there is nothing to set them against")


def test_one_failed_build_is_a_lead_and_no_proof() -> None:
    one = only([failed("b", runner="r2"), *(green(f"g{at}", runner="r1") for at in range(400))])
    assert one.strength is Strength.SUGGESTS
    assert sentence(one).endswith("a lead, but one build proves nothing")


def test_too_few_builds_are_said_to_be_too_few() -> None:
    builds = [failed(f"b{at}", runner="r2") for at in range(2)]
    builds += [green(f"g{at}", runner="r1") for at in range(3)]
    assert only(builds).strength is Strength.SUGGESTS
    assert "too few to tell it from chance" in sentence(only(builds))


def test_two_explanations_that_fit_alike_are_both_named() -> None:
    builds = [failed(f"b{at}", runner="r2", flavour="alpine") for at in range(9)]
    builds += [green(f"g{at}", runner="r1", flavour="slim") for at in range(9)]
    assert only(builds).strength is Strength.SUGGESTS
    assert "points to the base image or the builder" in sentence(only(builds))
    assert "cannot tell which" in sentence(only(builds))


def test_no_failures_make_no_clusters() -> None:
    assert cluster([green("a"), green("b")]) == []
    assert cluster([]) == []


def test_the_fleet_of_the_issue_points_to_the_builder() -> None:
    apt, tests = cluster(the_fleet_of_the_issue())
    assert apt.strength is Strength.POINTS
    assert sentence(apt).startswith(
        "14 of 20 failed builds stopped in the same `apt-get install` with an apt dependency "
        "error; all 14 ran on runner02 (kernel 4.4.0-98), none of the 31 green ones did"
    )
    assert sentence(apt).endswith("this points to the builder, not to the bump")
    assert tests.strength is Strength.NOTHING


def test_attributes_that_always_go_together_are_named_together() -> None:
    apt, _ = cluster(the_fleet_of_the_issue())
    assert apt.shared[0].attributes == (("kernel", "4.4.0-98"), ("runner", "runner02"))


@settings(max_examples=30, deadline=None)
@given(st.permutations(the_fleet_of_the_issue()))
def test_the_order_of_builds_changes_nothing(builds: list[Build]) -> None:
    assert cluster(builds) == cluster(the_fleet_of_the_issue())


@settings(deadline=None)
@given(
    st.integers(2, 12), st.integers(1, 4), st.lists(st.sampled_from("abc"), min_size=1, max_size=3)
)
def test_equal_groups_give_no_certainty(size: int, times: int, values: list[str]) -> None:
    shapes = [
        {"runner": value, "team": f"t{value}{at % 2}"} for at, value in enumerate(values * size)
    ]
    builds = [failed(f"b{at}", **shape) for at, shape in enumerate(shapes)]
    builds += [green(f"g{at}", **shape) for at, shape in enumerate(shapes * times)]
    assert only(builds).strength is Strength.NOTHING


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from("xyz")), max_size=14)
)
def test_what_points_is_significant_even_after_the_strictest_correction(
    fleet: list[tuple[bool, str, str]],
) -> None:
    builds = [
        Build(f"n{at}", ok, {"runner": one, "team": two}, None if ok else failed("x").diagnosis)
        for at, (ok, one, two) in enumerate(fleet)
    ]
    for found in cluster(builds):
        best = found.shared[0] if found.shared else None
        certain = found.strength is Strength.POINTS
        assert not certain or (best is not None and best.p <= 0.05 and len(found.builds) > 1)


def by_enumeration(both: int, first: int, second: int, total: int) -> float:
    """Return Fisher's p by looking at every way in which the failures could have fallen."""
    ways = [sum(way[:second]) for way in product((0, 1), repeat=total) if sum(way) == first]
    return sum(hits >= both for hits in ways) / len(ways)


@pytest.mark.parametrize(
    "table", [(0, 0, 0, 1), (3, 3, 3, 6), (2, 4, 5, 9), (4, 5, 6, 10), (1, 9, 2, 10)]
)
def test_fishers_test_is_what_counting_every_way_gives(table: tuple[int, int, int, int]) -> None:
    assert math.isclose(fisher_greater(*table), by_enumeration(*table))


def test_the_lady_tasting_tea() -> None:
    assert math.isclose(fisher_greater(4, 4, 4, 8), 1 / 70)


def test_a_table_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no such table"):
        fisher_greater(5, 4, 4, 8)


def test_holm_multiplies_the_smallest_by_the_number_and_never_reorders() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@pytest.mark.parametrize(
    ("run", "cause", "wanted"),
    [
        ("RUN set -ex; apt-get update && apt-get install -y a b && rm -rf /x", "apt-dependency", "apt-get install"),
        ("RUN apt-get install -y git && npm ci", "npm-peer-conflict", "npm ci"),
        ("RUN --mount=type=cache,target=/root/.npm npm ci", "dns", "npm ci"),
        ("RUN FOO=bar /usr/bin/make release", "compile", "make release"),
        ("COPY a b", "copy-source", "COPY"),
        ("[internal] load metadata for docker.io/library/node:18", "rate-limit", "[internal] load metadata"),
        ("RUN", "unknown", "RUN"),
    ],
)  # fmt: skip
def test_a_steps_words_are_the_command_it_is_about(run: str, cause: str, wanted: str) -> None:
    assert step_words(Step("classic", run), cause) == wanted


def test_a_message_loses_what_differs_between_repositories() -> None:
    one = "E: /srv/app/a.c:12: sha256:0a1b2c3d4e5f6071 at 2024-03-11T08:02:31Z took 3.1s"
    two = "E: /opt/b/z.c:99: sha256:ffeeddccbbaa9988 at 2023-01-01T00:00:00Z took 41s"
    assert normalised(one) == normalised(two)
