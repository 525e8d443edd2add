"""What a new base changes, told so that someone reads it and nobody is fooled by it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from basebump.core.changes import Change, compare, markdown
from basebump.core.facts import ImageDescription

BASE = ImageDescription(
    digest="sha256:" + "0" * 64,
    platform="linux/amd64",
    platforms=frozenset({"linux/amd64", "linux/arm64"}),
    size=45_600_000,
    created=datetime(2024, 1, 10, tzinfo=UTC),
    user="node",
    entrypoint=("docker-entrypoint.sh",),
    environment={"NODE_VERSION": "8.9.1"},
)
SOURCE = "org.opencontainers.image.source"
REVISION = "org.opencontainers.image.revision"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="the same image"),
        pytest.param({"digest": "sha256:" + "1" * 64}, id="a digest is not news"),
        pytest.param({"labels": {"build-date": "x", REVISION: "y"}}, id="labels of the build"),
        pytest.param({"size": 45_600_100}, id="a few bytes"),
    ],
)
def test_says_nothing_of(changed: dict[str, object]) -> None:
    after = replace(BASE, **changed)  # type: ignore[arg-type]
    assert compare(BASE, after).rows == ()
    assert markdown(compare(BASE, after)) == ""


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"environment": {"NODE_VERSION": "8.9.3"}}, ("env NODE_VERSION", "8.9.1", "8.9.3")),
        ({"environment": {}}, ("env NODE_VERSION", "8.9.1", "")),
        ({"size": 50_000_000}, ("size", "45.6 MB", "50.0 MB")),
        ({"created": datetime(2024, 2, 1, tzinfo=UTC)}, ("created", "2024-01-10", "2024-02-01")),
        ({"created": None}, ("created", "2024-01-10", "unknown")),
        ({"working_directory": "/app"}, ("working directory", "/", "/app")),
        ({"command": ("node",)}, ("command", "", "node")),
        ({"exposed_ports": frozenset({"80/tcp"})}, ("exposed ports", "", "80/tcp")),
        ({"labels": {"maintainer": "ada"}}, ("label maintainer", "", "ada")),
        (
            {"platforms": frozenset({"linux/amd64", "linux/arm64", "linux/s390x"})},
            ("platforms gained", "", "linux/s390x"),
        ),
    ],
)
def test_tells(changed: dict[str, object], row: tuple[str, str, str]) -> None:
    changes = compare(BASE, replace(BASE, **changed))  # type: ignore[arg-type]
    assert changes.rows == (Change(*row),)
    assert changes.risks == ()


@pytest.mark.parametrize(
    ("changed", "what", "risk"),
    [
        ({"user": ""}, "user", "it runs as another user: files may not be readable any more"),
        ({"entrypoint": ("node",)}, "entrypoint", "it starts another program"),
        (
            {"platforms": frozenset({"linux/amd64"})},
            "platforms lost",
            "it is no longer there for linux/arm64",
        ),
        ({"os_version": "10.0.20348.1"}, "OS version", "the operating system is another one"),
        ({"platform": "windows/amd64"}, "operating system", "the operating system is another one"),
    ],
)
def test_marks_a_risk(changed: dict[str, object], what: str, risk: str) -> None:
    (row,) = compare(BASE, replace(BASE, **changed)).rows  # type: ignore[arg-type]
    assert (row.what, row.risk) == (what, risk)


OCI = "org.opencontainers.image."
OTHER = "the operating system is another one"


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        pytest.param(
            {f"{OCI}base.name": "debian:bullseye-slim"},
            {f"{OCI}base.name": "debian:bookworm-slim"},
            Change("base", "debian:bullseye-slim", "debian:bookworm-slim", OTHER),
            id="a code name",
        ),
        pytest.param(
            {f"{OCI}base.name": "debian:bookworm-20240110"},
            {f"{OCI}base.name": "debian:bookworm-20240211"},
            Change("base", "debian:bookworm-20240110", "debian:bookworm-20240211"),
            id="a rebuild is no other system",
        ),
        pytest.param(
            {f"{OCI}base.name": "alpine:3.18.4"},
            {f"{OCI}base.name": "alpine:3.18.6"},
            Change("base", "alpine:3.18.4", "alpine:3.18.6"),
            id="a patch is no other system",
        ),
        pytest.param(
            {f"{OCI}base.name": "alpine:3.18"},
            {f"{OCI}base.name": "alpine:3.19"},
            Change("base", "alpine:3.18", "alpine:3.19", OTHER),
            id="a release of Alpine",
        ),
        pytest.param(
            {"com.redhat.component": "ubi8-container"},
            {"com.redhat.component": "ubi9-container"},
            Change("base", "ubi8-container", "ubi9-container", OTHER),
            id="Red Hat's label",
        ),
    ],
)
def test_tells_another_base(before: dict[str, str], after: dict[str, str], row: Change) -> None:
    old, new = replace(BASE, labels=before), replace(BASE, labels=after)
    assert compare(old, new).rows == (row,)
    assert compare(BASE, new).rows == ()


def test_ubuntu_s_release_is_told_by_the_images_built_on_it() -> None:
    old, new = (
        replace(BASE, labels={f"{OCI}ref.name": "ubuntu", f"{OCI}version": version})
        for version in ("20.04", "22.04")
    )
    assert compare(old, new).rows[0] == Change("base", "ubuntu:20.04", "ubuntu:22.04", OTHER)


def test_risks_come_first() -> None:
    after = replace(BASE, environment={}, user="root", size=1)
    assert [row.what for row in compare(BASE, after).rows] == ["user", "env NODE_VERSION", "size"]


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("https://github.com/acme/node", "https://github.com/acme/node/compare/{old}...{new}"),
        (
            "https://github.com/nodejs/docker-node.git#abc:18/bookworm",
            "https://github.com/nodejs/docker-node/compare/{old}...{new}",
        ),
        (
            "https://gitlab.example.com/a/b/c",
            "https://gitlab.example.com/a/b/c/-/compare/{old}...{new}",
        ),
        ("https://example.com/acme/node", None),
        ("http://github.com/acme/node", None),
        ("https://user:secret@github.com/acme/node", None),
        ("https://github.com/acme/node) [x](https://evil.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_links_to_what_changed_in_the_source(source: str, link: str | None) -> None:
    old, new = "a" * 40, "b" * 40
    images = [replace(BASE, labels={SOURCE: source, REVISION: sha}) for sha in (old, new)]
    expected = link.format(old=old, new=new) if link else None
    assert compare(*images).link == expected


def test_what_an_image_says_cannot_leave_its_cell() -> None:
    value = "x` | <img src=x> \n\n# @everyone | `"
    table = markdown(compare(BASE, replace(BASE, labels={"a|b": value, "c": "y" * 500})))
    assert table.splitlines() == [
        "| | before | after |",
        "|---|---|---|",
        "| label `a\\|b` |  | `x' \\| <img src=x> # @everyone \\| '` |",
        "| label `c` |  | `" + "y" * 79 + "…` |",
    ]


def test_a_secret_in_an_image_is_not_spread() -> None:
    after = replace(BASE, environment={**BASE.environment, "NPM_TOKEN": "hush"})
    assert compare(BASE, after).rows == (Change("env NPM_TOKEN", "", "(hidden)"),)
