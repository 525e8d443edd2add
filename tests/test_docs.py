"""README, config.yaml and CHANGELOG say what the program does now."""

import re
import shlex
import subprocess
import sys
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from basebump.config import Config, ForgeConfig, RepositoryFilter, parse
from basebump.config.images import Registries
from basebump.core.campaign import PullRequestTemplate
from basebump.core.pace import Pace
from basebump.core.verdict import Verdict
from basebump.errors import AuthenticationError, BasebumpError, ForgeError, UsageError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SAMPLE = (ROOT / "config.yaml").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"^\| `basebump ([a-z]+)` \|", README, re.MULTILINE)))
EXAMPLES = [line.strip() for line in README.splitlines() if re.match(r" {4}basebump [a-z]", line)]


@cache
def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "basebump", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "PATH": ""},
    )
    return done.stdout


def test_the_table_of_commands_is_the_programs() -> None:
    commands = help_of().partition("Commands:\n")[2].partition("\n\n")[0]
    listed = re.findall(r"^  ([a-z]+) ", commands, re.MULTILINE)
    assert sorted(listed) == COMMANDS


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_flag_of_an_example_exists(example: str) -> None:
    words = shlex.split(example.partition("  #")[0])
    flags = {word for word in words if word.startswith("-")}
    known = help_of(words[1])
    assert {flag for flag in flags if not re.search(rf"(^|[\s,]){flag}\b", known)} == set()


@pytest.mark.parametrize("flag", sorted(set(re.findall(r"`(?:[a-z]+ )?(--[a-z-]+)", README))))
def test_every_flag_that_the_readme_names_exists(flag: str) -> None:
    assert any(re.search(rf"{flag}\b", help_of(command)) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_ends_with_an_example(command: str) -> None:
    assert re.search(rf"Example: basebump {command}", help_of(command))


def test_every_environment_variable_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"BASEBUMP_[A-Z_]+", README)) - {"BASEBUMP_CORPUS"}
    assert {name for name in named if name not in sources} == set()


def test_the_table_of_verdicts_is_the_programs() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \|", README.partition("## Verdicts")[2], re.MULTILINE)
    assert listed == [verdict.value for verdict in Verdict]


def test_the_table_of_exit_codes_is_the_programs() -> None:
    listed = set(map(int, re.findall(r"^\| (\d+) \|", README, re.MULTILINE)))
    errors = (BasebumpError, UsageError, ForgeError, AuthenticationError)
    assert {error.exit_code for error in errors} | {0, 1, 130} == listed


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_sample_configuration_names_every_key() -> None:
    shown = re.sub(r"^( *)# (?=\w+:|  {)", r"\1", SAMPLE, flags=re.MULTILINE)
    told = yaml.safe_load(shown.replace("  kind: local\n", ""))
    rule = {"image", "to", "from", "flavours", "floating", "downgrade", "id", "pin", "fix"}
    rule |= {"follow", "allow", "hold", "prereleases", "flavour"}
    assert set(told) == {field.name for field in fields(Config)}
    assert set(told["images"][0]) == rule
    forge = {field.name for field in fields(ForgeConfig)} - {"names"} | {"list"}
    assert set(told["forge"]) == forge
    assert set(told["repositories"]) == {field.name for field in fields(RepositoryFilter)}
    assert set(told["registries"]) == {field.name for field in fields(Registries)}
    assert set(told["pull_request"]) == {field.name for field in fields(PullRequestTemplate)}
    assert set(told["rollout"]) == {field.name for field in fields(Pace)} - {"new", "resume"}


def test_the_sample_configuration_shows_the_defaults() -> None:
    config, default = parse(SAMPLE, "config.yaml", ROOT), Config()
    same = ("repositories", "files", "checks", "pull_request", "rollout", "lts")
    assert replace(config.registries, check=None) == default.registries
    assert [getattr(config, key) for key in same] == [getattr(default, key) for key in same]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
