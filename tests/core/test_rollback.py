"""Taking a campaign back: what is not sure stays; what goes back is what it was, to the byte."""

import pytest
from hypothesis import given

from basebump.core.campaign import Change, PullRequestTemplate, changes_of
from basebump.core.facts import NoFacts
from basebump.core.plan import plan_repository
from basebump.core.policy import Floating, Rule
from basebump.core.rollback import Undoing, UnsureError, change_back, latest_moves
from basebump.core.snapshot import Snapshot, SourceFile
from tests.core.test_plan import RULES, dockerfiles

RULE = Rule("maichong/node", "8.9.3", floating=Floating.PIN)
WORDS = PullRequestTemplate()
OLD = b"FROM maichong/node:8.9.1\n"
NEW = b"FROM maichong/node:8.9.3\n"


def snapshot(content: bytes) -> Snapshot:
    return Snapshot("web", "main", "0" * 40, (SourceFile("Dockerfile", "100644", content),))


def campaigns(content: bytes, *rules: Rule) -> list[Change]:
    return changes_of(plan_repository(snapshot(content), rules, NoFacts()), rules, WORDS)


def undoing(change: Change, reason: str = "") -> Undoing:
    return Undoing(change.marker, latest_moves([change.marker]), "#7", reason)


def back(before: bytes, now: bytes, *, rule: Rule = RULE) -> Change | None:
    """The rollback in a file that is `now`, of the campaign that found `before`."""
    (change,) = campaigns(before, rule)
    return change_back(snapshot(now), undoing(change), WORDS)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(OLD, OLD, id="it is back already"),
        pytest.param(OLD, b"FROM maichong/node:8.9.4\n", id="a later release is in its place"),
        pytest.param(OLD, b"FROM debian:9\n", id="another image is in its place"),
        pytest.param(OLD, b"FROM debian:9 AS a\nRUN echo maichong/node:8.9.3\n", id="no reference"),
    ],
)
def test_what_does_not_stand_there_any_more_is_left_alone(before: bytes, now: bytes) -> None:
    assert back(before, now) is None


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        pytest.param(
            OLD + NEW, NEW + NEW, "stands there 2 times and was made 1 times", id="which line"
        ),
        pytest.param(
            b"FROM maichong/node:8.9.0\n" + OLD, NEW, "was made 2 times", id="one of two is gone"
        ),
        pytest.param(
            OLD, b"# basebump: ignore it works\n" + NEW, "opts out: it works", id="ignore"
        ),
        pytest.param(OLD, b"FROM \xff\n", "not UTF-8", id="no text any more"),
        pytest.param(
            OLD,
            b"ARG V=8.9.3\nFROM maichong/node:${V}\nFROM debian:${V}\n",
            "also feeds line 3",
            id="the value feeds another image by now",
        ),
    ],
)
def test_what_is_not_sure_is_left_alone_and_said(before: bytes, now: bytes, reason: str) -> None:
    with pytest.raises(UnsureError, match=reason):
        back(before, now)


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        pytest.param("evil/node:8.9.1", "is another image", id="another image"),
        pytest.param("maichong/Node:8.9.1", "is no image", id="no image"),
    ],
)
def test_a_body_that_somebody_edited_moves_no_line_to_another_image(
    claimed: str, reason: str
) -> None:
    (change,) = campaigns(OLD, RULE)
    moves = (("Dockerfile", claimed, "maichong/node:8.9.3"),)
    with pytest.raises(UnsureError, match=reason):
        change_back(snapshot(NEW), Undoing(change.marker, moves, "#7"), WORDS)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(OLD, id="plain"),
        pytest.param(b"FROM maichong/node\r\nFROM maichong/node:8.9.1-alpine", id="no tag"),
        pytest.param(b"FROM maichong/node:8 AS a\nFROM maichong/node:8.9.0\n", id="moving and old"),
        pytest.param(
            b"ARG V=8.9.1\nFROM maichong/node:${V}-slim\nFROM maichong/node:$V\n", id="ARG"
        ),
        pytest.param(b"FROM maichong/node:${V:-8.9.1}\n", id="default"),
    ],
)
def test_what_goes_back_is_what_it_was(before: bytes) -> None:
    (change,) = campaigns(before, RULE)
    again = change_back(snapshot(change.files[0].after), undoing(change), WORDS)
    assert again is not None
    assert again.files[0].after == before


@given(dockerfiles())
def test_a_campaign_and_its_rollback_leave_every_byte(content: bytes) -> None:
    for change in campaigns(content, *RULES):
        after = snapshot(change.files[0].after)
        try:
            again = change_back(after, undoing(change), WORDS)
        except UnsureError:
            continue
        assert again is not None
        assert again.files[0].after == content


def test_lines_that_moved_within_the_file_go_back_too() -> None:
    change = back(OLD, b"# ours\nARG X\n" + NEW + b"RUN x\n")
    assert change is not None
    assert change.files[0].after == b"# ours\nARG X\n" + OLD + b"RUN x\n"


def test_of_a_file_that_was_moved_twice_the_last_move_counts() -> None:
    first, last = (
        campaigns(content, RULE)[0].marker for content in (b"FROM maichong/node:8.9.0\n", OLD)
    )
    assert latest_moves([first, last]) == last.moves


def test_it_says_what_it_takes_back_and_why() -> None:
    (change,) = campaigns(OLD, RULE)
    again = change_back(snapshot(NEW), undoing(change, "it breaks {us}"), WORDS)
    assert again is not None
    assert again.title == "Take maichong/node 8.9.3 back"
    assert again.branch == "basebump/maichong-node-8.9.3-rollback"
    assert again.marker.undoes == change.branch
    assert "what #7 changed, and nothing else.\n\nit breaks {us}\n" in again.body
    assert "| `Dockerfile` | 1 | `maichong/node:8.9.3` | `maichong/node:8.9.1` |" in again.body
