"""`basebump tags`: a line of tags, newest first, and who would pick which."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from basebump.cli.guard import guarded
from basebump.cli.tags import tags
from fixtures.registry.content import Image
from tests.registry.docker_registry import DockerRegistry

Result = tuple[int, str]


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(guarded(tags))
    result = CliRunner().invoke(app, [*arguments])
    return result.exit_code, result.output


@pytest.fixture
def image(hub: DockerRegistry, name: str) -> str:
    stored = hub.push(name, "8.9.1", Image())
    names = [
        "8",
        "8.9",
        "8.9.3",
        "8.10.0",
        "9.0.0",
        "10.0.0-rc.1",
        "8.9.1-alpine",
        "8.9.3-alpine",
        "latest",
        "bookworm",
    ]
    hub.tag(name, stored.top.digest, names)
    return f"{hub.host}/{name}"


def test_shows_the_line_and_who_picks_which(image: str, hub: DockerRegistry) -> None:
    code, output = run(f"{image}:8.9.1", "--plain-http", hub.host)
    assert code == 0
    assert output.splitlines() == [
        f"{image}:8.9.1: 5 of 11 tags are in its line",
        "  10.0.0-rc.1",
        "  9.0.0        major",
        "  8.10.0       minor",
        "  8.9.3        patch",
        "  8.9.1        the one you named",
        "latest-lts: stays; no LTS lines are known for this image; the configuration can name them",
    ]


def test_a_flavour_has_its_own_line(image: str, hub: DockerRegistry) -> None:
    _, output = run(f"{image}:8.9.1-alpine", "--plain-http", hub.host)
    assert [line.strip() for line in output.splitlines()[1:3]] == [
        "8.9.3-alpine  patch, minor, major",
        "8.9.1-alpine  the one you named",
    ]


def test_without_a_tag_every_version_is_shown(image: str, hub: DockerRegistry) -> None:
    _, output = run(image, "--plain-http", hub.host, "--most", "2")
    assert output.splitlines()[1:] == [
        "  10.0.0-rc.1",
        "  9.0.0",
        "  … and 7 more (--most 9 shows them)",
    ]


def test_as_json(image: str, hub: DockerRegistry, tmp_path: Path) -> None:
    answer = tmp_path / "tags.json"
    host = ("--plain-http", hub.host)
    code, output = run(f"{image}:8.9.1", *host, "--format", "json", "-o", str(answer))
    assert (code, output) == (0, "")
    document = json.loads(answer.read_text())
    assert document["version"] == 1
    assert document["picks"]["patch"]["tag"] == "8.9.3"
    assert document["picks"]["patch"]["unknown"] is None
    assert document["tags"][1] == {"tag": "9.0.0", "picked_by": ["major"], "current": False}


def test_as_markdown(image: str, hub: DockerRegistry) -> None:
    host = ("--plain-http", hub.host)
    code, output = run(f"{image}:8.9.1-alpine", *host, "--format", "markdown")
    assert code == 0
    assert "| `8.9.3-alpine` | patch, minor, major |" in output.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["Node:8"], 2, "must be lower case"),
        (["registry.nowhere.invalid/node"], 3, "no host is named registry.nowhere.invalid"),
        (["node", "--offline"], 3, "offline: the cache has nothing about the tags"),
    ],
)
def test_says_what_is_wrong(arguments: list[str], code: int, sentence: str) -> None:
    got, output = run(*arguments)
    assert got == code
    assert sentence in output


def test_an_image_that_is_not_there_is_wrong_usage(hub: DockerRegistry) -> None:
    code, output = run(f"{hub.host}/not/there", "--plain-http", hub.host)
    assert code == 2
    assert "has no image not/there" in output
