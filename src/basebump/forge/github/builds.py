"""The builds of pull requests: check runs with their jobs' logs, and commit statuses.

A job's log is fetched from the address that GitHub names for it, without the token. Of a long one
the beginning and the end are kept, which is where a build says what it is and how it failed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from basebump.errors import ForgeError
from basebump.forge import CheckRun, PullRequest, Unavailable
from basebump.forge.github import queries
from basebump.forge.github.batches import Asker, Missing
from basebump.forge.github.certificates import verify
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Known

_BATCH = 25  # pull requests in a question
_HEAD, _TAIL = 1 << 20, 4 << 20  # bytes of a log that are kept
_LONGEST = 256 << 20  # bytes after which a log is not read on
_TIMEOUT = 60
_GREENS = 60  # passed builds whose logs are read: as many as the counts can use

_FAILED = frozenset({"FAILURE", "TIMED_OUT", "STARTUP_FAILURE", "ERROR"})
_PASSED = frozenset({"SUCCESS"})

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Check:
    """One finished check, before its log is read."""

    repo: Known
    request: PullRequest
    node: Node

    @property
    def name(self) -> str:
        return str(self.node.get("name") or self.node.get("context"))

    @property
    def result(self) -> str:
        return str(self.node.get("conclusion") or self.node.get("state"))


class Builds:
    """Reads what the checks of pull requests say."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asker = Asker(client, "Builds", queries.BUILDS, _BATCH)

    def of(self, asked: Sequence[tuple[Known, PullRequest]]) -> Iterator[CheckRun | Unavailable]:
        """Every failed check, then the same checks where they passed, in the order given."""
        found: list[_Check] = []
        replies = self._asker.ask([queries.builds(request.key) for _, request in asked])
        for (repo, request), reply in zip(asked, replies, strict=True):
            if isinstance(reply, Missing):
                yield Unavailable(request.repository, reply.reason)
            else:
                found += [_Check(repo, request, node) for node in _contexts(reply)]
        failed = [check for check in found if check.result in _FAILED]
        yield from (self._run(check, ok=False) for check in failed)
        names = {check.name for check in failed}
        red = {check.request.key for check in failed}
        green = [c for c in found if c.result in _PASSED and c.request.key not in red]
        same = [check for check in green if check.name in names] or green
        yield from (self._run(check, ok=True) for check in same[:_GREENS])

    def _run(self, check: _Check, *, ok: bool) -> CheckRun:
        node, topics = check.node, ", ".join(sorted(check.repo.topics))
        attributes = [("check", check.name), *([("topics", topics)] if topics else [])]
        log = self._log(check) if "databaseId" in node else b""
        return CheckRun(
            repository=check.request.repository,
            check=check.name,
            ok=ok,
            log=log or _said(node),
            url=str(node.get("detailsUrl") or node.get("targetUrl") or check.request.url),
            attributes=tuple(attributes),
        )

    def _log(self, check: _Check) -> bytes:
        """The log of a job of Actions; nothing for another App's check, or when it has expired."""
        path = f"/repos/{check.repo.full_name}/actions/jobs/{check.node['databaseId']}/logs"
        try:
            answer = self._client.rest("GET", path)
            return _fetched(answer["location"]) if answer and answer.get("location") else b""
        except (ForgeError, requests.RequestException):
            return b""


def _contexts(reply: Node) -> list[Node]:
    target = (reply.get("headRef") or {}).get("target") or {}
    contexts = ((target.get("statusCheckRollup") or {}).get("contexts") or {}).get("nodes")
    return [node for node in contexts or () if node is not None]


def _said(node: Node) -> bytes:
    """What a check says without a log: its title, summary and annotations, or the description."""
    parts = [node.get("title"), node.get("summary"), node.get("description")]
    for note in (node.get("annotations") or {}).get("nodes") or ():
        parts += [note["title"], note["message"], note["rawDetails"]] if note else []
    return "\n".join(str(part) for part in parts if part).encode()


def _fetched(address: str) -> bytes:
    """The beginning and the end of a text, in memory that does not grow with it."""
    head, tail, read = bytearray(), bytearray(), 0
    with requests.get(address, stream=True, timeout=_TIMEOUT, verify=verify()) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_content(1 << 16):
            read += len(chunk)
            room = max(0, _HEAD - len(head))
            head += chunk[:room]
            tail += chunk[room:]
            if len(tail) > 2 * _TAIL:
                del tail[:-_TAIL]
            if read > _LONGEST:
                break
    cut = b"\n" if read > len(head) + len(tail) else b""
    return bytes(head + cut + tail)
