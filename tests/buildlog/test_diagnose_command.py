"""`basebump diagnose` on the command line: what it prints and how it exits."""

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from basebump.cli.diagnose import diagnose
from basebump.cli.guard import guarded
from tests.buildlog.fixture_logs import LOGS

BAD, GOOD = str(LOGS / "story" / "bad.log"), str(LOGS / "story" / "good.log")
DOCKERFILE = str(LOGS / "dockerfiles" / "story.Dockerfile")


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    app = typer.Typer(pretty_exceptions_show_locals=False)
    app.command()(guarded(diagnose))
    return CliRunner().invoke(app, arguments, input=stdin)


def test_a_clean_log_exits_with_zero() -> None:
    result = run(GOOD)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"{GOOD}: no failure")


def test_a_failure_exits_with_one_and_names_step_line_and_class() -> None:
    result = run(BAD, "--dockerfile", DOCKERFILE)
    assert result.exit_code == 1
    assert "Dockerfile:4-6" in result.stdout
    assert "dpkg-pre-dependency" in result.stdout
    assert "40 newly installed" in result.stdout


def test_standard_input_is_a_log_too() -> None:
    result = run("-", stdin=(LOGS / "kaniko-parse.log").read_bytes())
    assert result.exit_code == 1
    assert "Dockerfile:6" in result.stdout


def test_against_a_good_log_the_kernel_comes_first() -> None:
    lines = run(BAD, "--against", GOOD).stdout.splitlines()
    at = lines.index("Against the good build")
    assert lines[at + 1].startswith("  - the kernel differs: 4.4.0-98-generic")


@pytest.mark.parametrize("arguments", [[BAD, GOOD, "--against", GOOD], ["missing.log"], []])
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_json_is_one_document_of_version_one() -> None:
    document = json.loads(run(BAD, GOOD, "--format", "json").stdout)
    bad, good = document["logs"]
    assert document["version"] == 1
    assert (bad["outcome"], bad["cause"]["id"]) == ("failed", "dpkg-pre-dependency")
    assert (bad["step"]["number"], bad["step"]["exit_code"]) == (2, 100)
    assert (good["outcome"], good["cause"], good["step"]) == ("ok", None, None)
    assert document["summary"] == {"ok": 1, "failed": 1, "unfinished": 0, "no-build": 0}


def test_json_of_every_fixture_is_valid() -> None:
    logs = [str(path) for path in sorted(LOGS.glob("*.log"))]
    document = json.loads(run(*logs, "--format", "json").stdout)
    assert len(document["logs"]) == len(logs)
    assert all(one["sentence"] for one in document["clusters"])


def test_several_logs_are_set_against_each_other() -> None:
    result = run(BAD, GOOD, "--format", "markdown")
    assert (
        "it ran on runner02 (kernel 4.4.0-98-generic), the only green one did not" in result.stdout
    )


def test_control_characters_of_a_log_do_not_reach_the_terminal() -> None:
    result = run("-", stdin=b"Step 1/1 : RUN a\n\x1b[31m\x07E: Unable to locate package x\n"
                 b"The command '/bin/sh -c a' returned a non-zero code: 1\n")  # fmt: skip
    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout
