"""Paths inside the image, some of which begin at a place that only the base image knows."""

import posixpath
from fnmatch import fnmatchcase

UNKNOWN = "?"
"""The working directory that the base image sets."""


def join(folder: str, path: str) -> str:
    """Where `path` leads from `folder`, without `.`, `..` and doubled slashes.

    A path that begins with a variable nobody knows, or with `~`, counts as a whole path.
    """
    whole = path if path.startswith(("/", "$", "~")) else f"{folder}/{path}"
    normal = posixpath.normpath(whole)
    return "/" + normal.lstrip("/") if normal.startswith("/") else normal


def inside(path: str, folder: str) -> str | None:
    """The path relative to a folder that holds it (`""` for the folder itself), or None."""
    if path == folder:
        return ""
    prefix = folder if folder.endswith("/") else f"{folder}/"
    return path.removeprefix(prefix) if path.startswith(prefix) else None


def has_wildcard(path: str) -> bool:
    """Whether the path is a pattern of Go's `filepath.Match`, as COPY takes it."""
    return any(char in path for char in "*?[")


def same_file(one: str, other: str) -> bool:
    """Whether two paths, each of them possibly a pattern, can be the same file."""
    return one == other or fnmatchcase(one, other) or fnmatchcase(other, one)
