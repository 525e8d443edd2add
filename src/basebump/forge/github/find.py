"""What is there already: the branch, the pull request, and older campaigns' pull requests."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from basebump.core.campaign import Change
from basebump.errors import ForgeError
from basebump.forge import Branch, Checks, Found, PullRequest, Review, State, Unavailable
from basebump.forge.github import queries
from basebump.forge.github.batches import Asker, Missing, Reply
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Known
from basebump.forge.github.hidden import NOT_VISIBLE

Node = dict[str, Any]

# The last paragraph of our commits. GitHub keeps a commit's two dates equal when it makes it; a
# person who amends or rebases one moves the second.
_TRAILER = re.compile(r"^Basebump-Change: [0-9a-f]+ on [0-9a-f]{40}$", re.MULTILINE)
SUPERSEDED = "<!-- basebump: superseded -->"

# GitHub's StatusState, PullRequestReviewDecision and MergeableState in our words.
_CHECKS = {
    "SUCCESS": Checks.GREEN,
    "PENDING": Checks.PENDING,
    "EXPECTED": Checks.PENDING,
    "FAILURE": Checks.FAILING,
    "ERROR": Checks.FAILING,
    NOT_VISIBLE: Checks.UNKNOWN,
}
_REVIEWS = {
    "APPROVED": Review.APPROVED,
    "CHANGES_REQUESTED": Review.CHANGES,
    "REVIEW_REQUIRED": Review.REQUIRED,
    None: Review.NONE,
}
_MERGEABLE = {"MERGEABLE": True, "CONFLICTING": False, "UNKNOWN": None}


def trailer(change: Change) -> str:
    """The line of a commit by which a later run knows its own work."""
    return f"Basebump-Change: {change.marker.content} on {change.base_commit}"


def is_ours(tip: Node | None) -> bool:
    """Whether a branch's last commit is one that we made and nobody touched since."""
    if not tip or "message" not in tip:
        return False
    untouched: bool = tip["authoredDate"] == tip["committedDate"]
    return untouched and _TRAILER.search(tip["message"]) is not None


def is_ready(tip: Node | None, change: Change) -> bool:
    """Whether the branch holds this very change on this very base already."""
    return is_ours(tip) and trailer(change) in (tip or {}).get("message", "").splitlines()


class Finder:
    """Asks for many changes at once."""

    def __init__(self, client: Client, prefix: str, branches: Sequence[str], batch: int) -> None:
        self._client, self._prefix, self._branches = client, prefix, branches
        self._seen: dict[tuple[str, str], tuple[float, Node]] = {}
        self._found = Asker(client, "Found", queries.PULL, batch)
        self._pulls = Asker(client, "Pulls", queries.PULL, batch)

    def find(self, asked: Sequence[tuple[Change, Known]]) -> list[Found | Unavailable]:
        """One answer for each change, in order."""
        replies = self._look(asked)
        answers: list[Found | Unavailable] = []
        for (change, repo), reply in zip(asked, replies, strict=True):
            if isinstance(reply, Missing):
                answers.append(Unavailable(change.repository, reply.reason))
            else:
                now = self._client.budget.clock.now()
                self._seen[change.repository, change.branch] = (now, reply)
                answers.append(self._read_or_not(change, repo, reply))
        return answers

    def seen(self, change: Change, seconds: float) -> Node | None:
        """GitHub's own words for a change, once, unless they are older than that."""
        at, node = self._seen.pop((change.repository, change.branch), (0.0, None))
        return node if self._client.budget.clock.now() - at <= seconds else None

    def _look(self, asked: Sequence[tuple[Change, Known]]) -> list[Reply]:
        return self._found.ask(
            [
                queries.found(repo.owner, repo.name, c.branch, self._prefix, c.labels)
                for c, repo in asked
            ]
        )

    def _read_or_not(self, change: Change, repo: Known, node: Node) -> Found | Unavailable:
        try:
            return self._read(change, repo, node)
        except ForgeError as error:
            return Unavailable(change.repository, str(error))

    def _read(self, change: Change, repo: Known, node: Node) -> Found:
        """The words of the job for what GitHub said."""
        name, tip = change.repository, (node["ref"] or {}).get("target")
        own = [pull for pull in _nodes(node["pullRequests"]) if not pull["isCrossRepository"]]
        pulls = sorted(own, key=lambda pull: (pull["state"] == "OPEN", pull["number"]))
        others = (pull for pull in _open_ones(node) if pull["headRefName"] != change.branch)
        older = [request(name, pull) for pull in others]
        undoing = (request(name, p) for p in _nodes(node["undoing"]) if not p["isCrossRepository"])
        return Found(
            change,
            Branch(tip["oid"], self._may_move(repo, tip, change)) if tip else None,
            request(name, pulls[-1]) if pulls else None,
            tuple(
                each for each in older if each.marker and each.marker.image == change.marker.image
            ),
            next((p for p in undoing if p.marker and p.marker.undoes == change.branch), None),
        )

    def pull_requests(
        self, named: Sequence[tuple[str, Known]]
    ) -> Iterator[PullRequest | Unavailable]:
        """Ours in these repositories."""
        asked = [queries.pulls(r.owner, r.name, self._prefix, self._branches) for _, r in named]
        for (name, _), reply in zip(named, self._pulls.ask(asked), strict=True):
            if isinstance(reply, Missing):
                yield Unavailable(name, reply.reason)
                continue
            seen = {pull["id"]: pull for pull in _open_ones(reply) if pull["state"] == "OPEN"}
            for at in range(len(self._branches)):
                seen |= {pull["id"]: pull for pull in _nodes(reply[f"p{at}"])}
            pulls = sorted(seen.values(), key=lambda pull: int(pull["number"]))
            requests = (request(name, pull) for pull in pulls if not pull["isCrossRepository"])
            yield from (each for each in requests if each.marker is not None)

    def _may_move(self, repo: Known, tip: Node, change: Change) -> bool:
        """Whether the branch holds nothing but our commit, or nothing at all beyond the base."""
        if is_ours(tip) or tip["oid"] == change.base_commit:
            return True
        answer = self._client.whole(
            queries.ANCESTRY,
            {"owner": repo.owner, "name": repo.name, "base": change.base_commit},
        )
        base = (answer.data.get("repository") or {}).get("object") or {}
        return any(each["oid"] == tip["oid"] for each in _nodes(base.get("history")))


def request(repository: str, pull: Node) -> PullRequest:
    """A pull request in the words of the job."""
    tip = (pull["headRef"] or {}).get("target")
    body = pull["body"].replace("\r\n", "\n")
    return PullRequest(
        repository=repository,
        branch=pull["headRefName"],
        base_branch=pull["baseRefName"],
        title=pull["title"],
        body=f"{body.rstrip()}\n",
        state=State(pull["state"].lower()),
        head=pull["headRefOid"],
        ours=tip is None or is_ours(tip),
        url=pull["url"],
        superseded=SUPERSEDED in body,
        key=pull["id"],
        checks=checks_of(tip),
        review=_REVIEWS[pull["reviewDecision"]],
        mergeable=_MERGEABLE[pull["mergeable"]],
        created=datetime.fromisoformat(pull["createdAt"]),
        draft=pull["isDraft"],
    )


def checks_of(tip: Node | None) -> Checks:
    """What the checks of a commit say together."""
    rollup = (tip or {}).get("statusCheckRollup")
    return _CHECKS[rollup["state"]] if rollup else Checks.NONE


def _open_ones(node: Node) -> Iterable[Node]:
    for ref in _nodes(node["refs"]):
        yield from _nodes(ref["associatedPullRequests"])


def _nodes(connection: Node | None) -> list[Node]:
    return [node for node in (connection or {}).get("nodes") or () if node is not None]
