"""BuildKit's shell words: what a build argument's text stands for, and where it came from."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basebump.core.expand import UnresolvedError, expand
from basebump.core.instruction import Traced


def traced(text: str, start: int = 0) -> Traced:
    return Traced(text, tuple(range(start, start + len(text))))


ENVIRONMENT = {
    "V": traced("8.9.1", 100),
    "EMPTY": Traced("", ()),
    "UNSET": None,
    "LOST": UnresolvedError("is lost"),
}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("node:8", "node:8"),
        ("", ""),
        ("node:$V", "node:8.9.1"),
        ("node:${V}", "node:8.9.1"),
        ("node:${V}-alpine", "node:8.9.1-alpine"),
        ("$V$V", "8.9.18.9.1"),
        ("${V:-9}", "8.9.1"),
        ("${V-9}", "8.9.1"),
        ("${V:+9}", "9"),
        ("${V+9}", "9"),
        ("${V:?no}", "8.9.1"),
        ("${EMPTY}", ""),
        ("${EMPTY:-9}", "9"),
        ("${EMPTY-9}", ""),
        ("${EMPTY:+9}", ""),
        ("${EMPTY+9}", "9"),
        ("${UNSET:-9}", "9"),
        ("${UNSET-9}", "9"),
        ("${UNSET:+9}", ""),
        ("${UNSET+9}", ""),
        ("${UNKNOWN:-9}", "9"),
        ("${UNKNOWN:-$V}", "8.9.1"),
        ("${UNKNOWN:-${UNSET:-${V}}}", "8.9.1"),
        ("${V:-${UNSET}}", "8.9.1"),
        ("${UNKNOWN:-}", ""),
        ("${UNKNOWN:-'a}b'}", "a}b"),
        ('${UNKNOWN:-"a}b"}', "a}b"),
        ('${UNKNOWN:-"${V:-"}"}"}', "8.9.1"),
        ("${UNKNOWN:-a\\}b}", "a}b"),
        ("${UNKNOWN:-a{b}c}", "a{bc}"),
        ('"node:$V"', "node:8.9.1"),
        ("'node:$V'", "node:$V"),
        ("no'd'e:\"8\"", "node:8"),
        ("\\$V", "$V"),
        ('"\\$V"', "$V"),
        ('"\\""', '"'),
        ('"a\\b"', "a\\b"),
        ("a\\b", "ab"),
        ("'a\\b'", "a\\b"),
        ("a\\", "a"),
        ("a$", "a$"),
        ("a$.b", "a$.b"),
        ('"it\'s"', "it's"),
    ],
)
def test_expands(word: str, value: str) -> None:
    assert expand(traced(word), ENVIRONMENT, "\\").text == value


def test_the_escape_directive_changes_the_escape() -> None:
    assert expand(traced("`$V\\"), ENVIRONMENT, "`").text == "$V\\"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("$UNSET", "has no default"),
        ("${UNSET}", "has no default"),
        ("$UNKNOWN", "declared nowhere"),
        ("$LOST", "is lost"),
        ("${LOST:-9}", "is lost"),
        ("${LOST:+9}", "is lost"),
        ("$TARGETARCH", "set by the builder"),
        ("${TARGETARCH:-arm64}", "set by the builder"),
        ("${BUILDPLATFORM:+x}", "set by the builder"),
        ("${V#8.}", "not understood"),
        ("${V%.1}", "not understood"),
        ("${V/8/9}", "not understood"),
        ("${V:1:2}", "not understood"),
        ("${V:}", "not understood"),
        ("${", "braces"),
        ("${}", "braces"),
        ("${V", "braces"),
        ("${V:-", "braces"),
        ("${V:-'}", "braces"),
        ("${UNKNOWN:?must be given}", "must be given"),
        ("'node", "quote"),
        ('"node', "quote"),
        ('"node\\', "quote"),
        ("$1", "declared nowhere"),
        ("$$", "declared nowhere"),
        ("x" * 5000, "too long"),
        ("$V" * 2000, "too long"),
        ("${A:-" * 100 + "}" * 100, "too deep"),
    ],
)
def test_never_guesses(word: str, reason: str) -> None:
    with pytest.raises(UnresolvedError, match=reason):
        expand(traced(word), ENVIRONMENT, "\\")


PIECES = st.sampled_from(
    ["$", "{", "}", "${", ":-", "-", "+", ":+", "V", "EMPTY", "UNSET", "LOST", "'", '"', "\\", "a"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from("\\`"))
@example("${V:-\\", "\\")
def test_every_character_knows_where_it_came_from(word: str, escape: str) -> None:
    places = dict(enumerate(word)) | dict(enumerate("8.9.1", 100))
    try:
        value = expand(traced(word), ENVIRONMENT, escape)
    except UnresolvedError:
        value = Traced("", ())
    assert "".join(places[origin] for origin in value.origins) == value.text
