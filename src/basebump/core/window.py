"""When pull requests may be opened: `Mon-Thu 08:00-16:00 Europe/Paris`."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = rf"(?:{'|'.join(_DAYS)})"
_WINDOW = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*)\s+"
    r"(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d)(?:\s+(?P<zone>[A-Za-z0-9_+/-]+))?",
    re.ASCII,
)
_FORM = 'write it as "Mon-Thu 08:00-16:00 Europe/Paris"'


@dataclass(frozen=True, slots=True)
class Window:
    """Some days of the week, from one time of day to another, in one time zone.

    One that ends before it begins goes on into the next day, and belongs to the day it began on.
    """

    days: frozenset[int]
    begin: time
    end: time
    zone: ZoneInfo
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a window of config.yaml; without a zone it is UTC. Raises ValueError."""
        match = _WINDOW.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no window; {_FORM}")
        try:
            begin, end = (time.fromisoformat(match[part]) for part in ("begin", "end"))
        except ValueError as error:
            raise ValueError(f"{text!r} is no window: {error}; {_FORM}") from error
        if begin == end:
            raise ValueError(f"{text!r} is no window: it ends when it begins; {_FORM}")
        try:
            zone = ZoneInfo(match["zone"] or "UTC")
        except (ValueError, ZoneInfoNotFoundError, IsADirectoryError) as error:
            problem = f"there is no time zone {match['zone']}"
            raise ValueError(f"{text!r} is no window: {problem}; {_FORM}") from error
        return cls(frozenset(_days(match["days"])), begin, end, zone, text.strip())

    def __contains__(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        today = local.weekday()
        if self.begin < self.end:
            return today in self.days and self.begin <= local.time() < self.end
        evening = today in self.days and self.begin <= local.time()
        return evening or ((today - 1) % 7 in self.days and local.time() < self.end)

    def next_opening(self, moment: datetime) -> datetime:
        """When the window is open next: `moment` itself if it is open then."""
        if moment in self:
            return moment
        local = moment.astimezone(self.zone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            opening = datetime.combine(day, self.begin, self.zone)
            if day.weekday() in self.days and opening > local:
                return opening
        raise AssertionError("a week has every day")


def _days(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin = _DAYS.index(first)
        length = (_DAYS.index(last or first) - begin) % 7
        found += [(begin + ahead) % 7 for ahead in range(length + 1)]
    return found
