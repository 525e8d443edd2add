"""The Dockerfiles of repositories on GitHub, checked with what is in the repositories."""

import re
from collections.abc import Iterator, Sequence

from basebump.cli import session
from basebump.core import cache_order
from basebump.core.dockerfile import DockerfileError, parse
from basebump.core.snapshot import Snapshot, SourceFile
from basebump.errors import BasebumpError, UsageError
from basebump.report.check import Checked

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+", re.ASCII)


def is_repository(argument: str) -> bool:
    """Whether an argument that is no path can be an `owner/repo`."""
    return _NAME.fullmatch(argument) is not None


def checked(names: Sequence[str]) -> list[Checked]:
    """Check every Dockerfile of these repositories, each under `owner/repo/path`.

    Raises BasebumpError for a repository that cannot be read; the argument may have been meant as
    a path, and the message says so.
    """
    try:
        return list(_each(names))
    except BasebumpError as error:
        error.args = (f"{', '.join(names)}: no such file or folder; as on GitHub: {error}",)
        raise


def _each(names: Sequence[str]) -> Iterator[Checked]:
    forge = session.open_forge(session.listed(names), manifests=True)
    for answer in forge.read([repo for repo in forge.repos() if repo.passed_over is None]):
        if not isinstance(answer, Snapshot):
            raise UsageError(answer.reason)
        for unread in answer.unread:
            yield Checked(f"{answer.repository}/{unread.path}", "", problem=unread.reason)
        for file in answer.files:
            yield _checked(answer, file)


def _checked(snapshot: Snapshot, file: SourceFile) -> Checked:
    shown = f"{snapshot.repository}/{file.path}"
    try:
        dockerfile = parse(file.content)
    except DockerfileError as error:
        return Checked(shown, "", problem=f"line {error.line}: {error}")
    findings = cache_order.check(dockerfile, context=session.context_of(file, snapshot))
    return Checked(shown, dockerfile.text, tuple(findings))
