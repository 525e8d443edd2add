"""Which release lines have long-term support, and when: what `follow: latest-lts` goes by.

A dated table, not a rule: publishers change their minds. As of 2026-11-23; where a publisher names
only the month in which a line ends, its last day stands here. The configuration can replace any of
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from basebump.core.tag import Tag, TagKind


@dataclass(frozen=True, slots=True)
class Line:
    """A release line (`20`, `22.04`), and from when until when its publisher supports it as LTS."""

    release: str
    since: date = date.min
    until: date = date.max

    def supported(self, today: date) -> bool:
        """Return whether the line is an LTS on this day."""
        return self.since <= today <= self.until

    def has(self, tag: Tag) -> bool:
        """Return whether a version tag is of this line: `20.11.1` is of `20`."""
        parts = self.release.split(".")
        return tag.kind is TagKind.VERSION and [*map(int, tag.components[: len(parts)])] == [
            *map(int, parts)
        ]


def _line(release: str, since: str, until: str) -> Line:
    return Line(release, date.fromisoformat(since), date.fromisoformat(until))


LINES: Mapping[str, tuple[Line, ...]] = {
    # https://github.com/nodejs/Release/blob/main/schedule.json (`lts`, `end`)
    "node": (
        _line("8", "2017-10-31", "2019-12-31"),
        _line("10", "2018-10-30", "2021-04-30"),
        _line("12", "2019-10-21", "2022-04-30"),
        _line("14", "2020-10-27", "2023-04-30"),
        _line("16", "2021-10-26", "2023-09-11"),
        _line("18", "2022-10-25", "2025-04-30"),
        _line("20", "2023-10-24", "2026-04-30"),
        _line("22", "2024-10-29", "2027-04-30"),
        _line("24", "2025-10-28", "2028-04-30"),
        _line("26", "2026-10-28", "2029-04-30"),
        _line("27", "2027-10-20", "2030-04-30"),
    ),
    # https://adoptium.net/support (at least until)
    "java": (
        _line("8", "2014-03-18", "2030-12-31"),
        _line("11", "2018-09-25", "2027-10-31"),
        _line("17", "2021-09-14", "2027-10-31"),
        _line("21", "2023-09-19", "2029-12-31"),
        _line("25", "2025-09-16", "2031-09-30"),
    ),
    # https://ubuntu.com/about/release-cycle (standard support)
    "ubuntu": (
        _line("14.04", "2014-04-17", "2019-04-30"),
        _line("16.04", "2016-04-21", "2021-04-30"),
        _line("18.04", "2018-04-26", "2023-05-31"),
        _line("20.04", "2020-04-23", "2025-05-31"),
        _line("22.04", "2022-04-21", "2027-06-30"),
        _line("24.04", "2024-04-25", "2029-05-31"),
        _line("26.04", "2026-04-23", "2031-05-31"),
    ),
    # https://dotnet.microsoft.com/platform/support/policy/dotnet-core
    "dotnet": (
        _line("3.1", "2019-12-03", "2022-12-13"),
        _line("6.0", "2021-11-08", "2024-11-12"),
        _line("8.0", "2023-11-14", "2026-11-10"),
        _line("10.0", "2025-11-11", "2028-11-14"),
    ),
}

_MICROSOFT = "mcr.microsoft.com"
_PRODUCTS: Mapping[str, str] = {
    "docker.io/library/node": "node",
    "docker.io/library/eclipse-temurin": "java",
    "docker.io/library/openjdk": "java",
    "docker.io/library/amazoncorretto": "java",
    "docker.io/library/ibm-semeru-runtimes": "java",
    "docker.io/library/sapmachine": "java",
    "docker.io/azul/zulu-openjdk": "java",
    "docker.io/azul/zulu-openjdk-alpine": "java",
    "docker.io/azul/zulu-openjdk-debian": "java",
    f"{_MICROSOFT}/openjdk/jdk": "java",
    "docker.io/library/ubuntu": "ubuntu",
    f"{_MICROSOFT}/dotnet/sdk": "dotnet",
    f"{_MICROSOFT}/dotnet/aspnet": "dotnet",
    f"{_MICROSOFT}/dotnet/runtime": "dotnet",
    f"{_MICROSOFT}/dotnet/runtime-deps": "dotnet",
}
# Public copies of Docker Hub's official images.
_COPIES = ("public.ecr.aws/docker/library/", "mirror.gcr.io/library/")


def lts_lines(
    image: str, overrides: Mapping[str, str | Sequence[str]] | None = None
) -> tuple[Line, ...]:
    """Return the LTS lines of an image, by its canonical name; none where none are known.

    `overrides` maps a canonical name to a product of `LINES` (`node`), or to the releases that
    count as LTS from now on (`["20", "22"]`).
    """
    said = (overrides or {}).get(image)
    if said is not None and not isinstance(said, str):
        return tuple(Line(release) for release in said)
    for copy in _COPIES:
        if image.startswith(copy):
            image = f"docker.io/library/{image.removeprefix(copy)}"
    product = said or _PRODUCTS.get(image)
    return LINES.get(product, ()) if product else ()
