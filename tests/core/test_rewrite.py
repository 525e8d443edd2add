"""Edits: what they find they replace, and what they do not name they leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basebump.core.instruction import Traced
from basebump.core.rewrite import Edit, ScatteredError, StaleEditError, apply, replace_parts


@given(st.text())
def test_no_edit_changes_nothing(text: str) -> None:
    assert apply(text, []) == text


@given(st.lists(st.tuples(st.text(max_size=5), st.text(min_size=1, max_size=5)), max_size=8))
def test_the_text_between_the_edits_stays(pieces: list[tuple[str, str]]) -> None:
    text, edits, wanted = "", [], ""
    for kept, old in pieces:
        text, wanted = text + kept, wanted + kept + "new"
        edits.append(Edit(len(text), old, "new"))
        text += old
    assert apply(text, edits) == wanted
    assert apply(text, reversed(edits)) == wanted


def test_the_same_edit_twice_is_one() -> None:
    assert apply("abc", [Edit(1, "b", "x"), Edit(1, "b", "x")]) == "axc"


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([Edit(0, "b", "x")], id="another text stands there"),
        pytest.param([Edit(2, "cd", "x")], id="beyond the end"),
        pytest.param([Edit(3, "d", "x")], id="behind the end"),
        pytest.param([Edit(-1, "c", "x")], id="before the beginning"),
        pytest.param([Edit(0, "ab", "x"), Edit(1, "b", "y")], id="two edits overlap"),
        pytest.param([Edit(0, "a", "x"), Edit(0, "a", "y")], id="two edits disagree"),
        pytest.param([Edit(0, "abc", "x"), Edit(1, "b", "y")], id="one edit within another"),
    ],
)
def test_refuses(edits: list[Edit]) -> None:
    with pytest.raises(StaleEditError):
        apply("abc", edits)


def test_a_part_that_changes_stands_together() -> None:
    value = Traced("8.9.1", (10, 11, 20, 21, 22))
    edits = replace_parts(value, 0, [("8", "8"), (".", "."), ("9.1", "9.3")])
    assert edits == [Edit(20, "9.1", "9.3")]


def test_neighbouring_parts_become_one_edit() -> None:
    value = Traced("8.9", (1, 2, 3))
    assert replace_parts(value, 0, [("8", "9"), (".", "."), ("9", "1")]) == [Edit(1, "8.9", "9.1")]


def test_a_part_that_is_scattered_is_refused() -> None:
    with pytest.raises(ScatteredError):
        replace_parts(Traced("89", (1, 7)), 0, [("89", "90")])
