"""Dockerfiles on disk, read and checked with what the folders around them show."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from basebump.core import cache_order
from basebump.core.cache_order import Context
from basebump.core.dockerfile import DockerfileError, parse
from basebump.core.glob import Globs
from basebump.errors import UsageError
from basebump.report.check import Checked

PATTERNS = ("**/Dockerfile", "**/Dockerfile.*", "**/*.Dockerfile",
            "**/Containerfile", "**/Containerfile.*")  # fmt: skip
_NAMED_ALIKE = Globs(("**/*.md", "**/*.rst", "**/*.txt", "**/*.dockerignore", "**/*.orig"))
_DOCKERFILES = Globs(PATTERNS)

# Folders that hold no Dockerfile of the project and may hold very many files.
_NOT_ENTERED = frozenset({".git", "node_modules", ".venv", "__pycache__", ".tox", ".hg", ".svn"})
MAX_PATHS = 200_000
MAX_SIZE = 10_000_000


def dockerfiles(paths: Sequence[Path]) -> Iterator[Path]:
    """The files to check: a file as it is, a folder's Dockerfiles by name, each once and in order.

    Symbolic links inside a folder are not followed. Raises UsageError when there is no such path.
    """
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        for found in _inside(path) if path.is_dir() else (path,):
            if (place := os.path.abspath(found)) not in seen:  # noqa: PTH100 - a link stays one
                seen.add(place)
                yield found


def _inside(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_ENTERED)
        for name in sorted(names):
            path = os.path.join(top, name)  # noqa: PTH118 - a Path a file would cost more than the walk
            if name in _DOCKERFILES and name not in _NAMED_ALIKE and not os.path.islink(path):  # noqa: PTH114
                yield Path(path)


def checked(path: Path) -> Checked:
    """Check a file. What cannot be read or parsed is told in `problem`."""
    shown = os.path.relpath(path)
    shown = shown if not shown.startswith("..") else str(path)
    shown = shown.replace(os.sep, "/")
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > MAX_SIZE:
            return Checked(shown, "", problem="it is no regular file, or too large")
        dockerfile = parse(path.read_bytes())
    except OSError as error:
        return Checked(shown, "", problem=error.strerror or str(error))
    except DockerfileError as error:
        return Checked(shown, "", problem=f"line {error.line}: {error}")
    context = _context(path) if cache_order.may_install(dockerfile) else None
    return Checked(shown, dockerfile.text, tuple(cache_order.check(dockerfile, context=context)))


def _context(path: Path) -> Context | None:
    """The repository around a Dockerfile; None when there is none at hand to go by."""
    if path.is_symlink():
        return None  # what is behind it is somebody else's; without a context nothing is fixed
    place = path.parent.resolve()
    root = _root(place)
    paths = _tree(root)
    if paths is None:
        return None
    name = (place / path.name).relative_to(root).as_posix()
    return Context(name, paths, _Files(root))


@cache
def _root(folder: Path) -> Path:
    """The repository that a folder is in, or the folder itself."""
    return next((top for top in (folder, *folder.parents) if (top / ".git").exists()), folder)


@cache
def _tree(root: Path) -> frozenset[str] | None:
    """Every file below, without links; None for a tree of Dockerfiles only, or too large a one."""
    found: list[str] = []
    cut = len(str(root)) + 1
    for top, folders, names in os.walk(root):
        prefix = (top[cut:] + "/").replace(os.sep, "/") if len(top) > cut - 1 else ""
        # A folder that is not entered is still known to be there.
        found += [f"{prefix}{name}/" for name in folders if name in _NOT_ENTERED and name != ".git"]
        folders[:] = [name for name in folders if name not in _NOT_ENTERED]
        found += [prefix + name for name in names if not os.path.islink(os.path.join(top, name))]  # noqa: PTH114, PTH118 - as above
        if len(found) > MAX_PATHS:
            return None
    if all(name in _DOCKERFILES for name in found):
        return None  # a collection of Dockerfiles says nothing of the manifests beside them
    return frozenset(found)


class _Files(dict[str, bytes]):
    """The small files of a repository, read when they are asked for; links are not followed."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def get(self, path: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        """The contents of a wanted file, or the default."""
        if not cache_order.is_wanted(path):
            return default
        whole = self.root / path
        try:
            if (
                whole.is_symlink()
                or whole.resolve() != whole
                or whole.stat().st_size > cache_order.MAX_FILE
            ):
                return default
            return whole.read_bytes()
        except OSError:
            return default


def write(file: Checked) -> Checked:
    """Put the fixed file in the place of the old one, at once, and give what is left to say."""
    import shutil  # noqa: PLC0415 - most runs write nothing
    import tempfile  # noqa: PLC0415 - as above

    path = Path(file.path)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".basebump-", delete=False) as new:
        new.write(file.after().encode())
    shutil.copymode(path, new.name)
    Path(new.name).replace(path)
    return replace(checked(path), path=file.path)
