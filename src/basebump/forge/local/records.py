"""Pull requests of a local repository: annotated tag objects under a ref of ours.

The tag's object is the branch's commit and its message title and body, so that the pull request
travels with the repository and `git show` reads it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import git

from basebump.errors import ForgeError
from basebump.forge import PullRequest, State
from basebump.forge.local.objects import default_branch, is_ours, load, ref_of, signature, store
from basebump.forge.local.plumbing import is_ancestor

PULLS = "refs/basebump/pull/"
SUPERSEDED = "superseded"
_TRAILER = re.compile(r"\nBasebump-Base: (?P<base>[^\n]*)\nBasebump-State: (?P<state>[a-z]+)\n\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """A pull request as it is written into a tag object."""

    branch: str
    head: str
    title: str
    body: str
    base: str
    state: str


def write_record(repo: git.Repo, record: Record) -> str:
    """Store the pull request as a tag object; returns its id, and no ref knows it."""
    header = f"object {record.head}\ntype commit\ntag {record.branch}\ntagger {signature()}\n"
    trailer = f"Basebump-Base: {record.base}\nBasebump-State: {record.state}\n"
    text = f"{header}\n{record.title}\n\n{record.body}\n{trailer}"
    return store(repo, b"tag", text.encode("utf-8", "surrogateescape")).hex()


def records(repo: git.Repo, name: str) -> Iterator[PullRequest]:
    """The pull requests recorded in a repository, by branch."""
    base = default_branch(repo)
    base_head = ref_of(repo, f"refs/heads/{base}") if base else None
    for ref in sorted(repo.references, key=lambda ref: ref.path):
        if not ref.path.startswith(PULLS):
            continue
        oid = ref_of(repo, ref.path)
        if oid is not None:
            yield _request(repo, name, ref.path.removeprefix(PULLS), oid, base_head)


def _request(
    repo: git.Repo, name: str, branch: str, oid: str, base_head: str | None
) -> PullRequest:
    data = (load(repo, bytes.fromhex(oid)) or b"").decode("utf-8", "surrogateescape")
    header, _, message = data.partition("\n\n")
    title, _, body = message.partition("\n\n")
    trailer = _TRAILER.search(body)
    if trailer is None:
        raise ForgeError(f"{PULLS}{branch} is not a pull request that basebump recorded")
    recorded = header.partition("\n")[0].removeprefix("object ")
    head = ref_of(repo, f"refs/heads/{branch}")
    superseded = trailer["state"] == SUPERSEDED
    state = State.OPEN
    if base_head and is_ancestor(repo.git_dir, recorded, base_head):
        state = State.MERGED
    elif head is None or trailer["state"] != State.OPEN:
        state = State.CLOSED
    return PullRequest(
        repository=name,
        branch=branch,
        base_branch=trailer["base"],
        title=title,
        body=body[: trailer.start()],
        state=state,
        head=head or recorded,
        ours=head is None or is_ours(repo, head),
        url="",
        superseded=superseded,
    )
