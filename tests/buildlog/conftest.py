"""The fixture logs, the Dockerfiles they were built from, and fleets made of values."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from basebump.buildlog import Diagnosis, Instruction, diagnose

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"


def instructions_of(name: str) -> tuple[Instruction, ...]:
    """Return the instructions of one of the fixture Dockerfiles."""
    source = (LOGS / "dockerfiles" / f"{name}.Dockerfile").read_bytes()
    return tuple(
        Instruction(one["instruction"], one["startline"] + 1, one["endline"] + 1, one["value"])
        for one in DockerfileParser(fileobj=BytesIO(source)).structure
        if one["instruction"] != "COMMENT"
    )


@pytest.fixture
def read() -> Callable[..., Diagnosis]:
    """Read a fixture log by its name, with the Dockerfile named, if any."""

    def read_log(name: str, dockerfile: str | None = None) -> Diagnosis:
        with (LOGS / name).open("rb") as source:
            return diagnose(source, instructions_of(dockerfile) if dockerfile else ())

    return read_log
