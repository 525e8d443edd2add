from datetime import UTC, datetime

import pytest

from basebump.core.window import Window

PARIS = Window.parse("Mon-Thu 08:00-16:00 Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "always", "Mon 8-16", "Mon 08:00-08:00", "Mon 08:00-25:00", "Mon 08:00-16:00 Mars/Base"],
)
def test_refuses_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="is no window"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        pytest.param("2026-11-23T06:59", False, id="07:59 in Paris in winter"),
        pytest.param("2026-11-23T07:00", True, id="08:00 in Paris in winter"),
        pytest.param("2026-07-20T06:00", True, id="08:00 in Paris in summer"),
        pytest.param("2026-11-23T15:00", False, id="the end is outside"),
        pytest.param("2026-11-27T10:00", False, id="a Friday"),
    ],
)
def test_is_open_by_the_clock_of_its_zone(moment: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    assert (at(moment) in PARIS) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        pytest.param("2026-11-23T10:00", "2026-11-23T10:00", id="open now"),
        pytest.param("2026-11-23T01:00", "2026-11-23T07:00", id="later today"),
        pytest.param("2026-11-26T16:00", "2026-11-30T07:00", id="over the weekend"),
    ],
)
def test_says_when_it_opens_next(moment: str, opening: str) -> None:
    assert PARIS.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        pytest.param("2026-11-27T21:59", False, id="Friday, before it begins"),
        pytest.param("2026-11-27T22:00", True, id="Friday evening"),
        pytest.param("2026-11-28T03:59", True, id="Saturday morning is still Friday's"),
        pytest.param("2026-11-28T04:00", False, id="Saturday, its end"),
        pytest.param("2026-11-28T22:30", False, id="Saturday has none of its own"),
        pytest.param("2026-11-30T03:00", False, id="Sunday's night is not Monday's"),
    ],
)
def test_a_night_belongs_to_the_day_it_begins_on(moment: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    assert (at(moment) in Window.parse("Mon-Fri 22:00-04:00")) is is_open


def test_a_night_opens_in_the_evening() -> None:
    night = Window.parse("Mon-Fri 22:00-04:00")
    assert night.next_opening(at("2026-11-28T04:00")) == at("2026-11-30T22:00")


def test_days_may_go_round_the_week() -> None:
    assert Window.parse("Sat-Mon,Wed 08:00-16:00").days == {5, 6, 0, 2}
