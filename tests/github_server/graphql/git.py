"""Resolvers of git's side: refs, commits, trees, blobs."""

import base64
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tests.github_server.graphql.connections import Table, connection_of, page
from tests.github_server.model import Repo, stamp
from tests.github_server.objects import Commit, Entry, GitObject, Person, commit_of, entries

TEXT_LIMIT = 512_000


@dataclass(frozen=True, slots=True)
class GitNode:
    """An object of a repository."""

    repo: Repo
    found: GitObject

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return f"{self.found.kind[0].upper()}_{encode(f'{self.repo.id}:{self.found.oid}')}"

    @property
    def commit(self) -> Commit:
        """What the commit says."""
        return commit_of(self.found)


@dataclass(frozen=True, slots=True)
class RefNode:
    """A ref of a repository, by its full name."""

    repo: Repo
    name: str

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return f"REF_{encode(f'{self.repo.id}:{self.name}')}"


@dataclass(frozen=True, slots=True)
class EntryNode:
    """A line of a tree."""

    repo: Repo
    entry: Entry
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """An author or committer of a commit."""

    repo: Repo
    person: Person


@dataclass(frozen=True, slots=True)
class GpgSignature:
    """GitHub's own signature on a commit."""

    commit: GitNode


def encode(text: str) -> str:
    """Make an opaque id."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode(name: str) -> tuple[int, str]:
    """Read an opaque id back: the repository's number and what is named in it."""
    try:
        number, _, what = base64.urlsafe_b64decode(name).decode().partition(":")
        return int(number), what
    except ValueError:
        return 0, ""


def node_of(repo: Repo, oid: str | None) -> GitNode | None:
    """Give the object of an oid, nothing when the repository has none such."""
    found = repo.git.get(oid) if oid else None
    return GitNode(repo, found) if found else None


def ref_node(repo: Repo, name: str) -> RefNode | None:
    """Give a ref if it exists."""
    return RefNode(repo, name) if name in repo.git.refs else None


def _entries(tree: GitNode, _info: object) -> list[EntryNode]:
    return [EntryNode(tree.repo, entry, entry.name) for entry in entries(tree.found)]


def _object(entry: EntryNode, _info: object) -> GitNode | None:
    return node_of(entry.repo, entry.entry.oid) if entry.entry.kind != "commit" else None


def _size(entry: EntryNode, _info: object) -> int:
    found = entry.repo.git.get(entry.entry.oid) if entry.entry.kind == "blob" else None
    return len(found.data) if found else 0


def is_binary(data: bytes) -> bool:
    """Say what git says: a NUL near the beginning."""
    return b"\0" in data[:8000]


def _text(blob: GitNode, _info: object) -> str | None:
    data = blob.found.data
    if is_binary(data):
        return None
    if len(data) > TEXT_LIMIT:
        return data[:TEXT_LIMIT].decode("utf-8", "ignore")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _history(commit: GitNode, _info: object, **args: Any) -> object:  # noqa: ANN401 - arguments
    repo = commit.repo
    path = args.get("path")
    log = list(repo.git.ancestors(commit.found.oid))
    if path:
        log = [oid for oid in log if _touches(repo, oid, path)]
    return page([node_of(repo, oid) for oid in log], args)


def _touches(repo: Repo, oid: str, path: str) -> bool:
    now = repo.git.entry_at(repo.git.tree_of(oid), path)
    parents = repo.git.commit(oid).parents
    olds = [repo.git.entry_at(repo.git.tree_of(parent), path) for parent in parents]
    return now not in olds if olds else now is not None


def _file(commit: GitNode, _info: object, path: str) -> EntryNode | None:
    entry = commit.repo.git.entry_at(commit.commit.tree, path)
    return EntryNode(commit.repo, entry, path) if entry else None


def _user(actor: Actor, info: Any) -> object:  # noqa: ANN401 - graphql-core's info
    world = info.context.world
    return next((a for a in world.accounts.values() if a.email == actor.person.email), None)


def _url(node: GitNode, info: Any) -> str:  # noqa: ANN401 - as above
    return f"{info.context.html}/{node.repo.full_name}/commit/{node.found.oid}"


GIT_OBJECT: Table = {
    "id": lambda o, _i: o.node,
    "oid": lambda o, _i: o.found.oid,
    "abbreviatedOid": lambda o, _i: o.found.oid[:7],
    "repository": lambda o, _i: o.repo,
    "commitUrl": _url,
}
SIGNATURE: Table = {
    "isValid": lambda _s, _i: True,
    "wasSignedByGitHub": lambda _s, _i: True,
    "state": lambda _s, _i: "VALID",
}
TABLES: dict[str, Table] = {
    "GitObject": GIT_OBJECT,
    "Ref": {
        "id": lambda r, _i: r.node,
        "name": lambda r, _i: r.name.split("/", 2)[2],
        "prefix": lambda r, _i: "/".join(r.name.split("/", 2)[:2]) + "/",
        "repository": lambda r, _i: r.repo,
        "target": lambda r, _i: node_of(r.repo, r.repo.git.refs.get(r.name)),
    },
    "Tree": GIT_OBJECT | {"entries": _entries},
    "TreeEntry": {
        "name": lambda e, _i: e.entry.name,
        "nameRaw": lambda e, _i: _raw(e.entry.name),
        "path": lambda e, _i: e.path,
        "pathRaw": lambda e, _i: _raw(e.path),
        "extension": lambda e, _i: PurePosixPath(e.entry.name).suffix,
        "mode": lambda e, _i: int(e.entry.mode, 8),
        "type": lambda e, _i: e.entry.kind,
        "oid": lambda e, _i: e.entry.oid,
        "object": _object,
        "size": _size,
        "repository": lambda e, _i: e.repo,
    },
    "Blob": GIT_OBJECT
    | {
        "byteSize": lambda b, _i: len(b.found.data),
        "isBinary": lambda b, _i: is_binary(b.found.data),
        "isTruncated": lambda b, _i: len(b.found.data) > TEXT_LIMIT,
        "text": _text,
    },
    "Tag": GIT_OBJECT | {"target": lambda t, _i: node_of(t.repo, t.repo.git.peel(t.found.oid))},
    "Commit": GIT_OBJECT
    | {
        "tree": lambda c, _i: node_of(c.repo, c.commit.tree),
        "message": lambda c, _i: c.commit.message,
        "messageHeadline": lambda c, _i: c.commit.message.split("\n", 1)[0],
        "messageBody": lambda c, _i: c.commit.message.partition("\n")[2].strip("\n"),
        "author": lambda c, _i: Actor(c.repo, c.commit.author),
        "committer": lambda c, _i: Actor(c.repo, c.commit.committer),
        "authors": lambda c, _i, **a: page([Actor(c.repo, c.commit.author)], a),
        "authoredDate": lambda c, _i: stamp(c.commit.author.when),
        "committedDate": lambda c, _i: stamp(c.commit.committer.when),
        "parents": lambda c, _i, **a: page([node_of(c.repo, p) for p in c.commit.parents], a),
        "history": _history,
        "file": _file,
        "url": _url,
        "signature": lambda c, _i: GpgSignature(c) if c.commit.signed else None,
    },
    "GitSignature": SIGNATURE,
    "GpgSignature": SIGNATURE,
    "GitActor": {
        "name": lambda a, _i: a.person.name,
        "email": lambda a, _i: a.person.email,
        "date": lambda a, _i: stamp(a.person.when),
        "user": _user,
    },
    **connection_of("Commit", "GitActor", "Ref"),
}
TABLES["CommitHistoryConnection"] = TABLES["CommitConnection"]


def _raw(name: str) -> str:
    return base64.b64encode(name.encode("utf-8", "surrogateescape")).decode()
