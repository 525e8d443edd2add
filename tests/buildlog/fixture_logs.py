"""Where the fixture logs are, and the instructions of the Dockerfiles they were built from."""

from pathlib import Path

from basebump.buildlog import Instruction
from basebump.core.dockerfile import parse

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"


def instructions_of(name: str) -> tuple[Instruction, ...]:
    """Return the instructions of one of the fixture Dockerfiles."""
    parsed = parse((LOGS / "dockerfiles" / f"{name}.Dockerfile").read_bytes())
    return tuple(
        Instruction(one.name, one.line, one.end_line, one.value) for one in parsed.instructions
    )
