"""Following: the table of picks, and what no table can say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from basebump.core.follow import Follow, Pick, Reach, line, pick
from basebump.core.lts import LINES, Line, lts_lines
from basebump.core.tag import Tag

PICKS = Path(__file__).parents[2] / "fixtures" / "picks.yaml"
NOW = datetime(2024, 2, 20, tzinfo=UTC)


def rows() -> list[Any]:
    groups = yaml.load(PICKS.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - text only, safe
    return [
        pytest.param(group, row, id=f"{group['image']}: {' '.join(map(str, row.values()))}")
        for group in groups
        for row in group["rows"]
    ]


def rule(row: dict[str, Any]) -> Follow:
    told = Follow.parse(row["follow"])
    return Follow(
        told.reach,
        told.tag,
        SpecifierSet(row["allow"]) if "allow" in row else None,
        timedelta(days=int(row["hold"])) if "hold" in row else None,
        prereleases=row.get("prereleases") == "true",
        flavour=row.get("flavour") == "follow",
    )


def picked(group: dict[str, Any], row: dict[str, Any]) -> Pick:
    now = datetime.fromisoformat(group["now"]).replace(tzinfo=UTC)
    ages = {tag: timedelta(days=int(days)) for tag, days in row.get("created", {}).items()}
    points = row.get("points", {})
    overrides = {group["image"]: row["lts"].split()} if "lts" in row else None
    return pick(
        Tag.parse(row["from"]),
        group["tags"],
        rule(row),
        now=now,
        lts=lts_lines(group["image"], overrides),
        created=lambda tag: now - ages[tag] if tag in ages else None,
        digest=lambda tag: points.get(tag, tag if tag in points.values() else None),
    )


@pytest.mark.parametrize(("group", "row"), rows())
def test_picks_what_an_operator_would(group: dict[str, Any], row: dict[str, Any]) -> None:
    pick = picked(group, row)
    assert str(pick.tag or "-") == row["to"], pick.reason
    assert row.get("unknown", "") in (pick.unknown or "")
    assert bool(row.get("unknown")) == (pick.unknown is not None) or "tag:" in row["follow"]


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(rows()) >= 120


tags = st.from_regex(
    r"\Av?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(_[0-9])?(-rc\.[0-9])?(-(alpine3\.[0-9]{1,2}|slim))?\Z"
)
rules = st.builds(
    Follow,
    st.sampled_from([Reach.PATCH, Reach.MINOR, Reach.MAJOR]),
    prereleases=st.booleans(),
    flavour=st.booleans(),
)


@given(tags, st.lists(tags, max_size=30), rules)
def test_never_moves_down_off_its_line_or_to_what_is_not_there(
    current: str, candidates: list[str], follow: Follow
) -> None:
    before = Tag.parse(current)
    after = pick(before, candidates, follow, now=NOW).tag
    assert after is None or (
        str(after) in candidates
        and after.order >= before.order
        and str(after) != current
        and after.prefix == before.prefix
        and (after.precision == before.precision or bool(before.build and after.build))
        and (follow.flavour or after.flavour == before.flavour)
    )


@given(tags, st.lists(tags, max_size=30), rules)
def test_what_was_picked_is_picked_from(
    current: str, candidates: list[str], follow: Follow
) -> None:
    first = pick(Tag.parse(current), candidates, follow, now=NOW).tag
    again = pick(first or Tag.parse(current), candidates, follow, now=NOW).tag
    assert again is None


def test_dates_are_asked_for_only_when_a_rule_holds_back() -> None:
    asked: list[str] = []

    def created(tag: str) -> datetime:
        asked.append(tag)
        return NOW - timedelta(days=9)

    candidates = [f"1.0.{n}" for n in range(50)]
    pick(Tag.parse("1.0.0"), candidates, Follow(Reach.PATCH), now=NOW, created=created)
    assert asked == []
    held = Follow(Reach.PATCH, hold=timedelta(days=3))
    assert str(pick(Tag.parse("1.0.0"), candidates, held, now=NOW, created=created).tag) == "1.0.49"
    assert asked == ["1.0.49"]


def test_a_flood_of_young_releases_costs_a_bounded_number_of_questions() -> None:
    asked: list[str] = []

    def created(tag: str) -> datetime:
        asked.append(tag)
        return NOW - timedelta(days=99 if tag == "1.0.0" else 0)

    candidates = [f"1.0.{n}" for n in range(500)]
    held = Follow(Reach.PATCH, hold=timedelta(days=3))
    assert pick(Tag.parse("1.0.0"), candidates, held, now=NOW, created=created).tag is None
    assert len(asked) <= 21


@pytest.mark.parametrize(
    ("current", "follow", "reason"),
    [
        ("latest", "major", "latest is a name: only versions are followed"),
        ("20240115", "major", "20240115 is a date: only versions are followed"),
        ("1.0", "patch", "1.0 has no third number, and follow: patch moves nothing else"),
        ("1.0.1", "minor", "follow: minor reaches nothing newer than 1.0.1 (2.0.0 is beyond it)"),
        ("2.0.0", "major", "2.0.0 is the newest of its line"),
        ("2.0.0-alpine", "major", "the registry has nothing in the line of 2.0.0-alpine"),
        ("1.0.0", "patch", "1.0.1 is the newest that follow: patch reaches"),
    ],
)
def test_says_why(current: str, follow: str, reason: str) -> None:
    candidates = ["latest", "1.0.0", "1.0.1", "2.0.0"]
    assert pick(Tag.parse(current), candidates, Follow.parse(follow), now=NOW).reason == reason


@pytest.mark.parametrize("word", ["", "newest", "tag:", "Patch", "tag"])
def test_refuses_a_word_that_is_no_reach(word: str) -> None:
    with pytest.raises(ValueError, match="follow is one of patch, minor, major, latest-lts or"):
        Follow.parse(word)


def test_a_line_is_listed_newest_first() -> None:
    candidates = ["1.9.0", "1.10.0", "1.10.0-alpine", "2.0.0", "1", "latest"]
    listed = line(Tag.parse("1.9.0"), candidates, Follow(Reach.MAJOR))
    assert [*map(str, listed)] == ["2.0.0", "1.10.0", "1.9.0"]


def test_the_lts_table_is_in_order_and_without_gaps_in_its_dates() -> None:
    for lines in LINES.values():
        assert [entry.since for entry in lines] == sorted(entry.since for entry in lines)
        assert all(entry.since < entry.until for entry in lines)


@pytest.mark.parametrize(
    ("image", "overrides", "expected"),
    [
        ("docker.io/library/node", None, LINES["node"]),
        ("public.ecr.aws/docker/library/node", None, LINES["node"]),
        ("docker.io/evil/node", None, ()),
        ("docker.io/acme/node", {"docker.io/acme/node": "node"}, LINES["node"]),
        ("docker.io/acme/tool", {"docker.io/acme/tool": ["3.2"]}, (Line("3.2"),)),
    ],
)
def test_an_image_has_the_lts_lines_of_its_product(
    image: str, overrides: dict[str, Any] | None, expected: tuple[Line, ...]
) -> None:
    assert lts_lines(image, overrides) == expected
