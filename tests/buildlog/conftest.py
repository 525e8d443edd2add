"""Reading the fixture logs."""

from collections.abc import Callable

import pytest

from basebump.buildlog import Diagnosis, diagnose
from tests.buildlog.fixture_logs import LOGS, instructions_of


@pytest.fixture
def read() -> Callable[..., Diagnosis]:
    """Read a fixture log by its name, with the Dockerfile named, if any."""

    def read_log(name: str, dockerfile: str | None = None) -> Diagnosis:
        with (LOGS / name).open("rb") as source:
            return diagnose(source, instructions_of(dockerfile) if dockerfile else ())

    return read_log
