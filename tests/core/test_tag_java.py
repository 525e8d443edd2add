"""Java 8 counts its builds in its own way."""

import pytest

from basebump.core.tag import Tag, TagKind


@pytest.mark.parametrize(
    ("text", "release", "build", "flavour"),
    [
        ("8u392-b08-jre", "8", "u392-b08", "jre"),
        ("8u392-b08", "8", "u392-b08", ""),
        ("8u392-jre", "8", "u392", "jre"),
        ("17.0.2_8-jre", "17.0.2", "_8", "jre"),
        ("8-jre", "8", "", "jre"),
    ],
)
def test_a_build_is_no_flavour(text: str, release: str, build: str, flavour: str) -> None:
    tag = Tag.parse(text)
    assert (tag.kind, tag.release, tag.build, tag.flavour) == (
        TagKind.VERSION,
        release,
        build,
        flavour,
    )
    assert str(tag) == text


@pytest.mark.parametrize("text", ["8ubi", "8ubuntu", "8u", "8u392-bullseye"])
def test_other_words_are_no_build(text: str) -> None:
    assert str(Tag.parse(text)) == text
    assert "b" not in Tag.parse(text).build


def test_builds_have_an_order() -> None:
    tags = ["8u402-b06", "8u392-b08", "8u392-b10", "8u92-b14"]
    assert sorted(tags, key=lambda tag: Tag.parse(tag).order) == [
        "8u92-b14",
        "8u392-b08",
        "8u392-b10",
        "8u402-b06",
    ]
