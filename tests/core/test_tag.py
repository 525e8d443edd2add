"""Tags as they are in life: where they split, how they compare."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basebump.core.tag import Tag, TagKind

V, D, B, H, N = (
    TagKind.VERSION, TagKind.DATE, TagKind.BUILD_NUMBER, TagKind.HASH, TagKind.NAME,
)  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "kind", "release", "flavour"),
    [
        ("8", V, "8", ""),
        ("8.9.1", V, "8.9.1", ""),
        ("8.9.1-alpine", V, "8.9.1", "alpine"),
        ("8.9.1-alpine3.18", V, "8.9.1", "alpine3.18"),
        ("18.20.4-bookworm-slim", V, "18.20.4", "bookworm-slim"),
        ("v1.30.0", V, "1.30.0", ""),
        ("2024.01", V, "2024.01", ""),
        ("22.04", V, "22.04", ""),
        ("17.0.2_8-jre", V, "17.0.2", "jre"),
        ("17.0.2+8", V, "17.0.2", ""),
        ("21.0.1_12-jdk-alpine", V, "21.0.1", "jdk-alpine"),
        ("3.12.0rc1", V, "3.12.0", ""),
        ("3.13-rc-slim", V, "3.13", "slim"),
        ("3.13.0b2-slim", V, "3.13.0", "slim"),
        ("21-ea-5-jdk", V, "21", "jdk"),
        ("1.0.0-beta.2", V, "1.0.0", ""),
        ("12-dev", V, "12", "dev"),
        ("1.2-3", V, "1.2", "3"),
        ("15.4-1.pgdg120+1", V, "15.4", "1.pgdg120+1"),
        ("1.21.6-debian-11-r3", V, "1.21.6", "debian-11-r3"),
        ("2024", V, "2024", ""),
        ("20240115", D, "20240115", ""),
        ("2024-01-15", D, "2024-01-15", ""),
        ("20240115-slim", D, "20240115", "slim"),
        ("20240115T101500", D, "20240115T101500", ""),
        ("20241350", B, "20241350", ""),
        ("12345", B, "12345", ""),
        ("1234567", B, "1234567", ""),
        ("abcdef1", H, "abcdef1", ""),
        ("sha-1234567", H, "sha-1234567", ""),
        ("9f3c1a7", H, "9f3c1a7", ""),
        ("git-9f3c1a7", H, "git-9f3c1a7", ""),
        ("latest", N, "latest", ""),
        ("bookworm", N, "bookworm", ""),
        ("bookworm-slim", N, "bookworm", "slim"),
        ("alpine3.18", N, "alpine3.18", ""),
        ("stable-alpine", N, "stable", "alpine"),
        ("_8", N, "_8", ""),
    ],
)  # fmt: skip
def test_splits(tag: str, kind: TagKind, release: str, flavour: str) -> None:
    parsed = Tag.parse(tag)
    assert (parsed.kind, parsed.release, parsed.flavour) == (kind, release, flavour)


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,24}", fullmatch=True))
@example("2024.01")
@example("1.-")
@example("-")
@example("1.2-")
@example("0" * 128)
def test_prints_back_what_was_parsed(tag: str) -> None:
    assert str(Tag.parse(tag)) == tag


@pytest.mark.parametrize(
    "rising",
    [
        ["8.9.1", "8.9.3", "8.9.10", "8.10.0", "9.0.0"],
        ["3.12.0a1", "3.12.0b1", "3.12.0rc1", "3.12.0rc2", "3.12.0", "3.12.1"],
        ["17.0.2", "17.0.2_7", "17.0.2_8", "17.0.2_10", "17.0.3_1"],
        ["2024.01", "2024.02", "2024.10", "2025.01"],
        ["v1.2.3", "v1.2.4", "v1.10.0"],
        ["1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.10", "1.0.0-rc.1", "1.0.0"],
        ["21-ea-5", "21-ea-6", "21"],
    ],
)
def test_compares(rising: list[str]) -> None:
    orders = [Tag.parse(tag).order for tag in rising]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("8", "8.9.3"), ("8.9", "8.9.3"), ("8-alpine", "8.9.3"), ("17.0.2", "17.0.2_8"),
        ("17", "17.0.2_8"), ("v1.2", "1.2.3"),
    ],
)  # fmt: skip
def test_a_shorter_tag_moves_with_its_line(tag: str, target: str) -> None:
    assert Tag.parse(tag).covers(Tag.parse(target))


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("8.9.3", "8.9.3"), ("8.9.1", "8.9.3"), ("8.9.3", "8.9"), ("8", "18.9.3"),
        ("8.1", "8.10.0"),
        ("9", "8.9.3"), ("8-rc1", "8.9.3"), ("17.0.2_8", "17.0.2_8"), ("latest", "8.9.3"),
        ("20240115", "20240115.1"),
    ],
)  # fmt: skip
def test_covers_nothing_else(tag: str, target: str) -> None:
    assert not Tag.parse(tag).covers(Tag.parse(target))
