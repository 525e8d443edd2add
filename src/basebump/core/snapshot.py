"""What a forge hands over of a repository: the commit, and the bytes of the files that matter."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a commit. `mode` is git's, as in `100644`; `path` is relative, with slashes."""

    path: str
    mode: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that matches and cannot be read or changed, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository at one commit: its matching files, and every path of the tree.

    `extra` are files that are no Dockerfiles and that something asked for, such as manifests.
    `paths` is that of every regular file of the tree, no link or submodule; it is empty where a
    forge does not list them.
    """

    repository: str
    default_branch: str
    commit: str
    files: tuple[SourceFile, ...]
    unread: tuple[Unread, ...] = ()
    extra: tuple[SourceFile, ...] = ()
    paths: frozenset[str] = field(default=frozenset(), repr=False)
