"""Where the fixture logs are, and the instructions of the Dockerfiles they were built from."""

from io import BytesIO
from pathlib import Path

from dockerfile_parse import DockerfileParser

from basebump.buildlog import Instruction

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"


def instructions_of(name: str) -> tuple[Instruction, ...]:
    """Return the instructions of one of the fixture Dockerfiles."""
    source = (LOGS / "dockerfiles" / f"{name}.Dockerfile").read_bytes()
    return tuple(
        Instruction(one["instruction"], one["startline"] + 1, one["endline"] + 1, one["value"])
        for one in DockerfileParser(fileobj=BytesIO(source)).structure
        if one["instruction"] != "COMMENT"
    )
