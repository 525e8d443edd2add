"""Nightly, in a workflow of GitHub Actions."""

from pathlib import Path

import pytest
import yaml

from basebump.cli import actions
from basebump.forge.github.auth import APP_ID, APP_INSTALLATION, APP_KEY

ROOT = Path(__file__).parents[1]


def test_says_nothing_outside_of_actions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    actions.tell("# Done\n", ["web: failed"])
    assert capsys.readouterr() == ("", "")


def test_adds_to_the_jobs_page_and_annotates_failures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "summary"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    actions.tell("# Done\n", ["web: failed\n::add-mask::x"])
    assert page.read_text() == "before\n# Done\n"
    assert capsys.readouterr() == ("", "::error title=basebump::web: failed\\x0a::add-mask::x\n")


def test_the_action_puts_no_input_into_a_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert scripts
    assert all("${{" not in script for script in scripts)


def test_the_nightly_workflow_asks_for_the_least() -> None:
    workflow = yaml.safe_load((ROOT / "examples/nightly.yml").read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    used = workflow["jobs"]["bump"]["steps"][-1]["with"]
    assert set(used) <= set(inputs)
    assert "--yes" in used["command"]


def test_the_nightly_run_outlives_an_apps_token_of_one_hour() -> None:
    workflow = yaml.safe_load((ROOT / "examples/nightly.yml").read_text("utf-8"))
    used = workflow["jobs"]["bump"]["steps"][-1]["with"]
    assert {"app-id", "app-installation-id", "app-private-key"} <= set(used)
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    environment = action["runs"]["steps"][-1]["env"]
    assert {APP_ID, APP_INSTALLATION, APP_KEY} <= set(environment)
