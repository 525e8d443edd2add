"""Two builds of one step; first the story that basebump exists for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from basebump.buildlog import Comparison, Diagnosis, Outcome, Packages, Step, compare

Read = Callable[..., Diagnosis]
RUN = Step("classic", "RUN apt-get install -y git")


@pytest.fixture
def story(read: Read) -> Comparison:
    return compare(read("story/bad.log", "story"), read("story/good.log", "story"))


def test_the_story_names_the_step_the_line_and_the_pre_dependency(read: Read) -> None:
    bad = read("story/bad.log", "story")
    assert bad.cause is not None
    assert bad.root is not None
    assert bad.location is not None
    assert bad.cause.id == "dpkg-pre-dependency"
    assert "libgcc1" in bad.root.text
    assert (bad.location.start, bad.location.end) == (4, 6)


def test_the_good_build_of_the_story_has_no_failure(read: Read) -> None:
    assert read("story/good.log", "story").outcome is Outcome.OK


def test_the_story_has_the_same_step_base_image_and_mirror(story: Comparison) -> None:
    same = "\n".join(story.same)
    assert "the step is the same" in same
    assert "the base image is the same: maichong/node:8.9.3" in same
    assert "the mirror is the same: deb.debian.org, security.debian.org" in same
    assert {one.what for one in story.differences}.isdisjoint({"step", "base image", "mirror"})


def test_the_story_says_first_that_the_builders_kernel_differs(story: Comparison) -> None:
    first = story.differences[0]
    assert (first.what, first.bad, first.good) == (
        "kernel",
        "4.4.0-98-generic",
        "4.4.0-103-generic",
    )


def test_the_story_wants_forty_packages_instead_of_three(story: Comparison) -> None:
    differences = {one.what: one for one in story.differences}
    assert (differences["newly installed"].bad, differences["newly installed"].good) == ("40", "3")
    assert "the package sets differ: 37 only in the bad build" in differences["packages"].sentence


def test_a_build_does_not_differ_from_itself(read: Read) -> None:
    log = read("story/bad.log", "story")
    assert compare(log, log).differences == ()


def test_what_only_one_log_tells_is_no_difference() -> None:
    bad = Diagnosis(Outcome.FAILED, RUN, facts={"kernel": ("4.4.0",)}, steps=frozenset({RUN.text}))
    good = Diagnosis(Outcome.OK, steps=frozenset({RUN.text}))
    comparison = compare(bad, good)
    assert comparison.differences == ()
    assert comparison.untold == ("kernel (only the bad log tells it)",)


def test_only_the_failed_steps_packages_are_compared() -> None:
    other = {"RUN other": Packages(versions={"curl": "1"})}
    bad = Diagnosis(
        Outcome.FAILED, RUN, packages={RUN.text: Packages(versions={"git": "2"}), **other}
    )
    good = Diagnosis(
        Outcome.OK,
        packages={RUN.text: Packages(versions={"git": "1"})},
        steps=frozenset({RUN.text}),
    )
    (difference,) = compare(bad, good).differences
    assert difference.sentence == "git is 2 in the bad build, 1 in the good one"


def test_another_step_is_the_first_difference() -> None:
    comparison = compare(Diagnosis(Outcome.FAILED, RUN), Diagnosis(Outcome.OK))
    assert comparison.differences[0].what == "step"
