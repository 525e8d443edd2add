"""`basebump diagnose`: what failed in a build log, where, and why."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from dockerfile_parse import DockerfileParser

from basebump.buildlog import Diagnosis, Instruction, Outcome, build_of, cluster, compare
from basebump.buildlog import diagnose as read_log
from basebump.report.diagnosis import DiagnosisReport, Format, render

_STDIN = Path("-")
_FOUND = 1  # docs: exit code 1 is "findings"


def diagnose(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Build logs; - reads standard input.")
    ],
    against: Annotated[
        Path | None,
        typer.Option(metavar="GOOD.log", help="Compare with the log of a build that worked."),
    ] = None,
    dockerfile: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The Dockerfile that was built.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
) -> None:
    """Say which step of a build failed, on which line of the Dockerfile, and what usually helps.

    Exit code 0: no log shows a failure; 1: one does; 2: a file cannot be read.
    """
    instructions = _instructions(dockerfile) if dockerfile else ()
    logs = tuple((str(path), _read(path, instructions)) for path in files)
    comparison = compare(_the_one(logs), _read(against, instructions)) if against else None
    builds = [build_of(name, diagnosis) for name, diagnosis in logs if _ended(diagnosis)]
    together = tuple(cluster(builds)) if len(builds) > 1 else ()
    typer.echo(render(DiagnosisReport(logs, comparison, together), form), nl=False)
    if any(diagnosis.outcome is Outcome.FAILED for _, diagnosis in logs):
        raise typer.Exit(_FOUND)


def _ended(diagnosis: Diagnosis) -> bool:
    return diagnosis.outcome in {Outcome.OK, Outcome.FAILED}


def _the_one(logs: tuple[tuple[str, Diagnosis], ...]) -> Diagnosis:
    if len(logs) != 1:
        raise typer.BadParameter("compares one log with one good log", param_hint="--against")
    return logs[0][1]


def _read(path: Path, instructions: tuple[Instruction, ...]) -> Diagnosis:
    if path == _STDIN:
        return read_log(sys.stdin.buffer, instructions)
    with _opened(path) as source:
        return read_log(source, instructions)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def _instructions(path: Path) -> tuple[Instruction, ...]:
    """Return a Dockerfile's instructions as the diagnosis wants them."""
    with _opened(path) as source:
        structure = DockerfileParser(fileobj=BytesIO(source.read())).structure
    return tuple(
        Instruction(one["instruction"], one["startline"] + 1, one["endline"] + 1, one["value"])
        for one in structure
        if one["instruction"] != "COMMENT"
    )
