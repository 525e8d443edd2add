"""The world of the tests: real git repositories and the real command line."""

# ruff: noqa: ANN401 - options are handed on as they come, to subprocess.Popen in the end

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

HOME = Path(__file__).resolve().parent.parent
BRANCH = "basebump/maichong-node-8.9.3"
PULL = f"refs/basebump/pull/{BRANCH}"
TIMEOUT = 120.0
_OURS = ("GIT_", "BASEBUMP_", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR", "PYTHONIOENCODING")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)} | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "PYTHONPATH": str(HOME / "src"),
    "PYTHONWARNINGS": "error",
    "TERM": "xterm",
}


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of basebump ended."""

    exit_code: int
    stdout: str
    stderr: str


Command = Callable[..., Result]


def start(
    arguments: Sequence[object], cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[bytes]:
    """Start basebump with pipes in place of a terminal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "basebump", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT | dict(env or {}),
        stdin=subprocess.DEVNULL,
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )
    return cast("subprocess.Popen[bytes]", process)


def run(
    arguments: Sequence[object], cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> Result:
    """Run basebump to its end, without a terminal."""
    with start(arguments, cwd, env, **options) as process:
        streams = process.communicate(timeout=TIMEOUT)
    out, err = ((stream or b"").decode("utf-8", "replace") for stream in streams)
    return Result(process.returncode, out, err)


def run_on_a_terminal(
    arguments: Sequence[object],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    keys: str = "",
    width: int = 80,
) -> Result:
    """Run basebump on a terminal, where stdout and stderr are one; `keys` are typed when asked."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "basebump", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT | dict(env or {}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    )
    os.close(slave)
    shown = b""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            data = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not data:
            break
        shown += data
        if keys and b"[y/N]" in shown:
            os.write(master, keys.encode())
            keys = ""
    os.close(master)
    code = process.wait(timeout=TIMEOUT)
    return Result(code, shown.decode("utf-8", "replace").replace("\r\n", "\n"), "")


def git(repository: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run the real git in a repository as a person called Ada."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(repository), *arguments],
        input=stdin,
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def git_dir(repository: Path) -> Path:
    """Where a repository keeps its objects and refs."""
    return repository / ".git" if (repository / ".git").exists() else repository


def make_repository(
    path: Path,
    files: Mapping[str, str | bytes] | None = None,
    *,
    branch: str = "main",
    bare: bool = False,
    options: Sequence[str] = (),
) -> Path:
    """A repository with one commit of these files; without files it stays empty."""
    path.mkdir(parents=True, exist_ok=True)
    kind = ["--bare"] if bare else []
    git(path, "init", "-q", "--template=", f"--initial-branch={branch}", *kind, *options)
    if files:
        git(path, "fast-import", "--quiet", stdin=_history(branch, files))
    if files and not bare:
        git(path, "reset", "-q", "--hard")
    return path


def _history(branch: str, files: Mapping[str, str | bytes]) -> bytes:
    stream = f"commit refs/heads/{branch}\ncommitter Ada <ada@example.com> 1512345600 +0000\n"
    parts = [stream.encode(), b"data 6\nImport\n"]
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        parts.append(b'M 100644 inline "%b"\ndata %d\n%b\n' % (name.encode(), len(data), data))
    return b"".join(parts)


def commit(repository: Path, files: Mapping[str, str], branch: str | None = None) -> str:
    """Commit files as a person does, on a branch that is checked out for it; returns the commit."""
    if branch is not None:
        git(repository, "checkout", "-q", branch)
    for name, content in files.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(content)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "A change by hand")
    return git(repository, "rev-parse", "HEAD")


def refs(root: Path) -> dict[str, str]:
    """Every ref of every repository below a folder, and each HEAD."""
    return {
        path.name: git(path, "for-each-ref") + (git_dir(path) / "HEAD").read_text()
        for path in sorted(root.iterdir())
        if path.is_dir()
    }


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file below a folder: what must not change when nothing is written."""
    return {
        str(path.relative_to(root)): (path.lstat().st_mode, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def outcome(root: Path) -> dict[str, tuple[str, ...]]:
    """What a run left behind, without its time: each branch's tree and parents, each record."""
    found = {}
    for path in sorted(path for path in root.iterdir() if path.is_dir()):
        heads = git(path, "for-each-ref", "--format=%(refname) %(tree) %(parent)", "refs/heads")
        names = git(path, "for-each-ref", "--format=%(refname)", "refs/basebump").split()
        records = [git(path, "for-each-ref", "--format=%(contents)", name) for name in names]
        found[path.name] = (heads, *names, *records)
    return found
