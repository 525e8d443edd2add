"""Git's objects as values: bytes in, bytes out, named by their SHA-1 as git names them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

ZERO = "0" * 40
TREE_MODE = "040000"
SUBMODULE_MODE = "160000"


@dataclass(frozen=True, slots=True, eq=False)
class GitObject:
    """One object: its kind (`blob`, `tree`, `commit`, `tag`), its content and its name."""

    kind: str
    data: bytes
    oid: str

    @classmethod
    def make(cls, kind: str, data: bytes) -> "GitObject":
        """Name a content: SHA-1 of `kind length NUL content`."""
        header = f"{kind} {len(data)}\0".encode()
        return cls(kind, data, hashlib.sha1(header + data).hexdigest())  # noqa: S324 - git's name


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tree. `mode` has six digits (`100644`, `040000`, `160000`…)."""

    mode: str
    name: str
    oid: str

    @property
    def kind(self) -> str:
        """What the entry points at: `blob`, `tree` or `commit` (a submodule)."""
        return {TREE_MODE: "tree", SUBMODULE_MODE: "commit"}.get(self.mode, "blob")


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer line; `when` in seconds since the epoch, UTC."""

    name: str
    email: str
    when: int

    def line(self) -> str:
        """Write it as a commit does."""
        return f"{self.name} <{self.email}> {self.when} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says. `signed` when it carries a signature header."""

    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signed: bool = False

    def encode(self) -> GitObject:
        """Make the object of it. A signature of ours stands for GitHub's own."""
        lines = [f"tree {self.tree}", *(f"parent {parent}" for parent in self.parents)]
        lines += [f"author {self.author.line()}", f"committer {self.committer.line()}"]
        if self.signed:
            lines += [
                "gpgsig -----BEGIN PGP SIGNATURE-----",
                " ",
                " dGVzdA==",
                " -----END PGP SIGNATURE-----",
            ]
        return GitObject.make("commit", ("\n".join(lines) + "\n\n" + self.message).encode())


@lru_cache(maxsize=1 << 17)
def entries(tree: GitObject) -> tuple[Entry, ...]:
    """Read a tree's entries, in git's order."""
    data, found, at = tree.data, [], 0
    while at < len(data):
        space = data.index(b" ", at)
        nul = data.index(b"\0", space)
        mode = data[at:space].decode().rjust(6, "0")
        name = data[space + 1 : nul].decode("utf-8", "surrogateescape")
        found.append(Entry(mode, name, data[nul + 1 : nul + 21].hex()))
        at = nul + 21
    return tuple(found)


def make_tree(lines: Iterable[Entry]) -> GitObject:
    """Write a tree; git sorts folders as if their name ended in a slash."""
    named = [(line.name.encode("utf-8", "surrogateescape"), line) for line in lines]
    named.sort(key=lambda pair: pair[0] + (b"/" if pair[1].mode == TREE_MODE else b""))
    data = b"".join(
        line.mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(line.oid)
        for name, line in named
    )
    return GitObject.make("tree", data)


@lru_cache(maxsize=1 << 16)
def commit_of(found: GitObject) -> Commit:
    """Read a commit."""
    head, _, message = found.data.decode("utf-8", "replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, _, value = line.partition(" ")
        fields.setdefault(key, []).append(value)
    return Commit(
        tree=fields["tree"][0],
        parents=tuple(fields.get("parent", ())),
        author=_person(fields["author"][0]),
        committer=_person(fields["committer"][0]),
        message=message,
        signed="gpgsig" in fields,
    )


def tag_target(tag: GitObject) -> str:
    """Give the oid that an annotated tag points at."""
    return tag.data.split(b"\n", 1)[0].removeprefix(b"object ").decode()


def _person(line: str) -> Person:
    name, _, rest = line.partition(" <")
    email, _, when = rest.rpartition("> ")
    return Person(name, email, int(when.split()[0]))
