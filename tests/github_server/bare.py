"""A real bare repository on disk: written for `git` to read, or read as somebody's own."""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.github_server.objects import GitObject


def lay_out(path: Path, source: Path | None) -> None:
    """Make an empty bare repository, standing on the objects of another when there is one."""
    (path / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (path / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    config = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
    (path / "config").write_text(config)
    if source:
        alternates = path / "objects" / "info" / "alternates"
        alternates.write_text(f"{(source / 'objects').resolve()}\n")


def write_object(path: Path, found: GitObject) -> None:
    """Write a loose object, at once or not at all."""
    target = path / "objects" / found.oid[:2] / found.oid[2:]
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        content = f"{found.kind} {len(found.data)}\0".encode() + found.data
        part = target.with_suffix(".part")
        part.write_bytes(zlib.compress(content, 1))
        part.replace(target)


def write_refs(path: Path, head: str, refs: Mapping[str, str]) -> None:
    """Write all refs as packed ones."""
    (path / "HEAD").write_text(f"ref: refs/heads/{head}\n")
    lines = "".join(f"{oid} {ref}\n" for ref, oid in sorted(refs.items()))
    part = path / "packed-refs.part"
    part.write_text(f"# pack-refs with: sorted\n{lines}")
    part.replace(path / "packed-refs")


def read_refs(source: Path) -> tuple[str, dict[str, str]]:
    """Give the default branch, and branches and tags as git keeps them: packed, loose on top."""
    refs: dict[str, str] = {}
    packed = source / "packed-refs"
    for line in packed.read_text().splitlines() if packed.exists() else ():
        if line[:1] not in "#^":
            oid, _, name = line.partition(" ")
            refs[name] = oid
    for path in _loose(source):
        refs[path.relative_to(source).as_posix()] = path.read_text().strip()
    kept = {
        name: oid for name, oid in refs.items() if name.startswith(("refs/heads/", "refs/tags/"))
    }
    head = (source / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")
    return head, kept


def _loose(source: Path) -> Iterator[Path]:
    return (path for path in (source / "refs").rglob("*") if path.is_file())
