"""A target has to be there, for every platform that is built."""

from dataclasses import dataclass, field

import pytest

from basebump.core.facts import (
    ImageDescription,
    Manifest,
    Missing,
    NoFacts,
    Trouble,
    Unknown,
    normal_platform,
)
from basebump.core.target import Standing, Target, check_target, nearest

IMAGE = "docker.io/maichong/node"
BOTH = frozenset({"linux/amd64", "linux/arm64"})


@dataclass
class Known:
    """A registry whose content is written down: tags or digests, and their platforms."""

    content: dict[str, frozenset[str]]
    unknown: dict[str, Unknown] = field(default_factory=dict)

    def exists(self, image: str, tag: str) -> bool | None:
        return isinstance(self.manifest(image, tag), Manifest)

    def digest(self, image: str, tag: str) -> str | None:
        answer = self.pin(image, tag)
        return answer if isinstance(answer, str) else None

    def pin(self, image: str, tag: str) -> str | Missing | Unknown:
        answer = self.manifest(image, tag)
        return answer.digest if isinstance(answer, Manifest) else answer

    def tags(self, image: str) -> tuple[str, ...]:
        assert image == IMAGE
        return tuple(self.content)

    def manifest(self, image: str, reference: str) -> Manifest | Missing | Unknown:
        assert image == IMAGE
        if reference in self.unknown:
            return self.unknown[reference]
        platforms = self.content.get(reference)
        if platforms is None:
            return Missing(f"docker.io has no maichong/node:{reference}")
        return Manifest(f"digest of {reference}", platforms)

    def description(
        self, image: str, reference: str, platform: str | None = None
    ) -> ImageDescription | Missing | Unknown:
        raise AssertionError((image, reference, platform))


def test_a_target_that_is_there_comes_with_its_digest() -> None:
    facts = Known({"8.9.1": BOTH, "8.9.3": BOTH})
    assert check_target(facts, IMAGE, "8.9.1", "8.9.3") == Target(
        Standing.FOUND, "the registry has 8.9.3", "digest of 8.9.3"
    )


def test_a_flavour_that_is_not_there_names_the_nearest_that_is() -> None:
    facts = Known({"8.9.1-alpine": BOTH, "8.9.2-alpine": BOTH, "8.9.3": BOTH})
    assert check_target(facts, IMAGE, "8.9.1-alpine", "8.9.3-alpine") == Target(
        Standing.NO_SUCH_TARGET,
        "docker.io has no maichong/node:8.9.3-alpine; the nearest is 8.9.2-alpine",
    )


def test_a_platform_that_the_old_tag_had_must_not_be_lost() -> None:
    facts = Known({"8.9.1": BOTH, "8.9.3": frozenset({"linux/amd64"})})
    assert check_target(facts, IMAGE, "8.9.1", "8.9.3") == Target(
        Standing.PLATFORM_LOST, "8.9.3 is not there for linux/arm64"
    )


def test_a_platform_that_a_flag_asks_for_must_be_there() -> None:
    facts = Known({"8.9.1": BOTH, "8.9.3": BOTH})
    asked = ["linux/s390x", "$BUILDPLATFORM", "linux/arm64/v8"]
    target = check_target(facts, IMAGE, "8.9.1", "8.9.3", asked)
    assert target.reason == "8.9.3 is not there for linux/s390x"


def test_an_old_tag_that_is_gone_stands_in_nobody_s_way() -> None:
    facts = Known({"8.9.3": BOTH})
    assert check_target(facts, IMAGE, "8.9.1", "8.9.3").standing is Standing.FOUND


def test_platforms_that_could_not_be_compared_are_told() -> None:
    facts = Known({"8.9.3": BOTH}, {"8.9.1": Unknown(Trouble.OFFLINE, "too many requests")})
    target = check_target(facts, IMAGE, "8.9.1", "8.9.3")
    assert (target.standing, target.digest) == (Standing.FOUND, "digest of 8.9.3")
    assert target.unknown == "the platforms of 8.9.1: too many requests"


def test_what_nobody_knows_stays_unknown() -> None:
    facts = Known({}, {"8.9.3": Unknown(Trouble.OFFLINE, "offline")})
    assert check_target(facts, IMAGE, None, "8.9.3") == Target(Standing.UNKNOWN, "offline")
    assert check_target(NoFacts(), IMAGE, None, "8.9.3").reason == "no registry was asked"


@pytest.mark.parametrize(
    ("tag", "tags", "expected"),
    [
        (
            "8.9.3-alpine",
            ["8.9.1-alpine", "8.9.2-alpine", "8.9.3", "8.10.0-alpine"],
            "8.9.2-alpine",
        ),
        ("8.9.3-alpine", ["8.10.0-alpine", "9.0.0-alpine", "8.9.3"], "8.10.0-alpine"),
        ("8.9.3-alpine", ["8.9.3", "8.9.3-slim", "latest"], "8.9.3"),
        ("8.9.3", ["8", "8.9", "8.9.2"], "8.9.2"),
        ("8.9.3", ["8.9.4-rc.1", "latest"], None),
        ("8.9.3", [], None),
        ("bookworm", ["bookworm-slim"], None),
    ],
)
def test_the_nearest_tag(tag: str, tags: list[str], expected: str | None) -> None:
    assert nearest(tag, tags) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("LINUX/x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64"),
        ("arm64", "linux/arm64"),
        ("armhf", "linux/arm/v7"),
        ("windows/amd64", "windows/amd64"),
        ("linux", None),
        ("unknown/unknown", None),
        ("$BUILDPLATFORM", None),
        ("linux/${ARCH}", None),
        ("", None),
    ],
)
def test_a_platform_has_one_spelling(text: str, expected: str | None) -> None:
    assert normal_platform(text) == expected
