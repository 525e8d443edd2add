"""Reads a folder of repositories as the fleet to serve."""

import os
from pathlib import Path


def git_directory(folder: Path) -> Path | None:
    """Give the git directory of a bare repository or of a work tree, nothing for a plain folder."""
    for found in (folder, folder / ".git"):
        if (found / "HEAD").is_file() and (found / "objects").is_dir():
            return found
    return None


def files_of(folder: Path) -> dict[str, bytes | tuple[str, bytes] | None]:
    """Give a plain folder's files with their modes; links stay links."""
    found: dict[str, bytes | tuple[str, bytes] | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("120000", os.fsencode(path.readlink()))
        elif path.is_file():
            mode = "100755" if path.stat().st_mode & 0o100 else "100644"
            found[name] = (mode, path.read_bytes())
    return found
