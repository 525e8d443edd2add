"""`basebump diagnose`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from basebump.cli.answering import answer
from basebump.cli.options import (
    Campaign,
    ConfigPath,
    Format,
    Local,
    Org,
    Output,
    OutputFormat,
    User,
)
from basebump.errors import UsageError

if TYPE_CHECKING:  # reading a log compiles a few hundred patterns: --help does not pay for it
    from basebump.buildlog import Diagnosis, Instruction
    from basebump.config import Config

_STDIN = Path("-")

Logs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Logs of builds; - reads standard input. Without any, a campaign's failed checks.",
    ),
]
Against = Annotated[
    Path | None,
    typer.Option(metavar="GOOD.log", help="Compare with the log of a build that worked."),
]
BuiltFrom = Annotated[
    Path | None, typer.Option(metavar="PATH", help="The Dockerfile that was built.")
]


def diagnose(
    files: Logs = None,
    against: Against = None,
    dockerfile: BuiltFrom = None,
    campaign: Campaign = None,
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
) -> int:
    """Say which step of a build failed, and why.

    And on which line of the Dockerfile it stands, and what usually helps. Reads the logs of docker
    build, BuildKit, buildah and kaniko. Several logs are also set against each other. Without a
    FILE it reads the logs of a campaign's failed checks, and of green ones to set them against.
    Exit code 1 when a log shows a failure.

    Example: basebump diagnose failed.log --against good.log --dockerfile Dockerfile
    """
    from basebump import buildlog  # noqa: PLC0415 - --help does not pay for it
    from basebump.report.diagnosis import DiagnosisReport, render  # noqa: PLC0415 - as above

    if not files:
        if against or dockerfile:
            raise UsageError("--against and --dockerfile go with a FILE")
        from basebump.cli import session  # noqa: PLC0415 - as above

        settings = session.configuration(config, local=local, org=org, user=user)
        return _campaigns(settings, campaign, format_, output)
    if campaign:
        raise UsageError("--campaign and FILE: one of them says which builds")
    if against and len(files) != 1:
        raise UsageError("--against compares one log with one good log; give one FILE")
    instructions = _instructions(dockerfile) if dockerfile else ()
    logs = tuple((str(path), _read(path, instructions)) for path in files)
    good = _read(against, instructions) if against else None
    comparison = buildlog.compare(logs[0][1], good) if good else None
    ended = {buildlog.Outcome.OK, buildlog.Outcome.FAILED}
    builds = [buildlog.build_of(name, one) for name, one in logs if one.outcome in ended]
    together = tuple(buildlog.cluster(builds)) if len(builds) > 1 else ()
    answer(render(DiagnosisReport(logs, comparison, together), format_.value), output)
    return int(any(one.outcome is buildlog.Outcome.FAILED for _, one in logs))


def _campaigns(
    settings: "Config", named: list[str] | None, format_: Format, output: Path | None
) -> int:
    """Diagnose the failed checks of campaigns."""
    from basebump.cli import builds, ending, session  # noqa: PLC0415 - as above
    from basebump.forge import Building  # noqa: PLC0415 - as above
    from basebump.report.diagnosis import DiagnosisReport, render  # noqa: PLC0415 - as above

    branches = ending.campaigns(settings, named)
    forge = session.open_forge(settings, branches)
    if not isinstance(forge, Building):
        raise UsageError("a folder of repositories has no builds: give the logs as FILE")
    requests = builds.requests_of(forge, branches)
    found = builds.diagnosis(forge, requests)
    if found is None and format_ is Format.TABLE:
        answer(f"No failed check in {', '.join(branches)}\n", output)
    else:
        answer(render(found or DiagnosisReport(()), format_.value), output)
    return int(found is not None)


def _read(path: Path, instructions: "tuple[Instruction, ...]") -> "Diagnosis":
    from basebump.buildlog import diagnose as read_log  # noqa: PLC0415 - as above

    if path == _STDIN:
        return read_log(sys.stdin.buffer, instructions)
    with _opened(path) as source:
        return read_log(source, instructions)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _instructions(path: Path) -> "tuple[Instruction, ...]":
    """Return a Dockerfile's instructions as the diagnosis wants them."""
    from basebump.buildlog import Instruction  # noqa: PLC0415 - as above
    from basebump.core.dockerfile import DockerfileError, parse  # noqa: PLC0415 - as above

    with _opened(path) as source:
        content = source.read()
    try:
        parsed = parse(content)
    except DockerfileError as error:
        raise UsageError(f"{path}:{error.line}: {error}") from error
    return tuple(
        Instruction(one.name, one.line, one.end_line, one.value) for one in parsed.instructions
    )
