"""Every fixture log against what a person wrote down for it; the clean ones first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from basebump.buildlog import Diagnosis, Outcome
from tests.buildlog.fixture_logs import LOGS

EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((LOGS / "expected.yaml").read_text("utf-8"))
CLEAN = sorted(name for name, says in EXPECTED.items() if says["outcome"] in {"ok", "no-build"})
FAILED = sorted(name for name, says in EXPECTED.items() if says["outcome"] == "failed")
CUT_OFF = sorted(name for name, says in EXPECTED.items() if says["outcome"] == "unfinished")

Read = Callable[..., Diagnosis]


def said(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis in the words of expected.yaml."""
    step, place, cause = diagnosis.step, diagnosis.location, diagnosis.cause
    lines = {place.start, place.end} if place else set()
    numbers = (step.number, step.total) if step else ()
    words = {
        "outcome": diagnosis.outcome.value,
        "dialect": step.dialect if step else None,
        "step": "/".join(str(number) for number in numbers if number is not None) or None,
        "lines": "-".join(map(str, sorted(lines))) or None,
        "cause": cause.id if cause else None,
        "exit": step.exit_code if step else None,
    }
    return {key: value for key, value in words.items() if value is not None}


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_log_gives_no_failure(name: str, read: Read) -> None:
    diagnosis = read(name, EXPECTED[name].get("dockerfile"))
    assert (diagnosis.outcome.value, diagnosis.cause, diagnosis.step) == (
        EXPECTED[name]["outcome"],
        None,
        None,
    )


@pytest.mark.parametrize("name", FAILED)
def test_a_failed_log_names_step_line_and_class(name: str, read: Read) -> None:
    wanted = {key: value for key, value in EXPECTED[name].items() if key != "dockerfile"}
    assert said(read(name, EXPECTED[name].get("dockerfile"))) == wanted


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_log_that_is_cut_off_says_where(name: str, read: Read) -> None:
    wanted = {key: value for key, value in EXPECTED[name].items() if key != "dockerfile"}
    assert said(read(name, EXPECTED[name].get("dockerfile"))) == wanted


@pytest.mark.parametrize("name", FAILED)
def test_a_failure_survives_without_the_dockerfile(name: str, read: Read) -> None:
    diagnosis = read(name)
    assert diagnosis.outcome is Outcome.FAILED
    assert diagnosis.cause is not None
    assert diagnosis.cause.id == EXPECTED[name]["cause"]


def test_every_log_is_in_the_table_and_there_are_enough_of_them() -> None:
    assert {path.name for path in LOGS.glob("*.log")} == set(EXPECTED)
    assert len(FAILED) + len(CUT_OFF) >= 60
    assert len(CLEAN) >= 12
    assert {EXPECTED[name].get("dialect") for name in FAILED} == {
        "classic",
        "buildkit",
        "buildah",
        "kaniko",
    }
