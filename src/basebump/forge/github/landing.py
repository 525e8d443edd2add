"""How a pull request ends: merged, left to GitHub to be merged, or closed."""

import re
from collections.abc import Sequence
from typing import Any

from basebump.errors import ForgeError
from basebump.forge import Landed, PullRequest
from basebump.forge.github import mutations, queries
from basebump.forge.github.client import Answer, Client, LostAnswerError
from basebump.forge.github.discover import Known
from basebump.forge.github.mutations import MERGE_METHODS, NOBODY, Mutation
from basebump.forge.github.refusals import Way, refusal, way_of

_TRIES = 4
# GitHub works at the base branch, or has not settled what it was just told.
_BUSY = re.compile(r"Base branch was modified|try the merge again|mergeability|in progress")
_MOVED = re.compile(r"Head branch was modified|[Hh]ead sha|expected head")
_GONE = re.compile(r"Reference does not exist|but it did not|No ref found|has moved|not exist")


class Lander:
    """Merges and closes; each can be repeated when an answer gets lost."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def merge(self, request: PullRequest, method: str, *, auto: bool) -> Landed:
        """Merge the commit that was looked at; see `Merging`."""
        said = self._try(request, _merge(request, method))
        if not said:
            return Landed.MERGED
        if auto and not _MOVED.search(said):
            later = self._try(request, mutations.auto_merge(request.key, method))
            if not later:
                return Landed.QUEUED
            said = f"{said}; nor can GitHub be left to do it: {later}"
        raise _refused(said)

    def merge_later(self, request: PullRequest, method: str) -> Landed:
        """Leave it to GitHub to merge it when it may. Raises ForgeError."""
        said = self._try(request, mutations.auto_merge(request.key, method))
        if said:
            raise _refused(said)
        return Landed.QUEUED

    def close(self, repo: Known, request: PullRequest, text: str) -> None:
        """Close it with a comment, and delete the branch where its commits are ours alone."""
        steps = [mutations.update_pull(request.key, state="CLOSED")]
        steps.append(mutations.comment(request.key, text))
        if request.ours and request.head is not None:
            steps.append(mutations.move_branch(repo.id, request.branch, request.head, NOBODY))
        for attempt in range(_TRIES):
            try:
                answer = self._write("Close", steps)
            except LostAnswerError:
                self._client.pause(attempt)
                steps = self._remaining(steps, request, text)
                continue
            said = [answer.refusal_of(f"m{at}") for at in range(len(steps))]
            if any(way_of(each) is Way.SLOWER for each in said if each):
                self._client.pause(attempt + 3)
                steps = self._remaining(steps, request, text)
                continue
            wrong = [each for each in said if each and not _GONE.search(each)]
            if wrong:
                raise refusal(wrong[0])
            return
        raise ForgeError("GitHub kept failing; the next run goes on from there")

    def _remaining(
        self, steps: Sequence[Mutation], request: PullRequest, text: str
    ) -> list[Mutation]:
        """The steps without what has taken place already; deleting twice is harmless."""
        node = self._standing(request)
        told = any(each["body"] == text for each in node["comments"]["nodes"])
        done = {"updatePullRequest": node["state"] != "OPEN", "addComment": told}
        return [step for step in steps if not done.get(step.field)]

    def _try(self, request: PullRequest, step: Mutation) -> str:
        """Carry out one step. Gives GitHub's refusal; empty when it took place or is merged."""
        said = "GitHub does not answer"
        for attempt in range(_TRIES):
            try:
                said = self._write("Land", [step]).refusal_of("m0")
            except LostAnswerError as error:
                said = str(error)
            else:
                if not said:
                    return ""
                if not _BUSY.search(said) and way_of(said) is not Way.SLOWER:
                    return said
            self._client.pause(attempt)
            if self._standing(request)["state"] == "MERGED":
                return ""
        return said

    def _standing(self, request: PullRequest) -> dict[str, Any]:
        node = self._client.graphql(queries.STANDING, {"id": request.key}).data.get("node")
        if not node:
            raise ForgeError("GitHub shows this pull request no longer")
        return dict(node)

    def _write(self, name: str, steps: Sequence[Mutation]) -> Answer:
        given = {f"m{at}": step.given for at, step in enumerate(steps)}
        return self._client.graphql(mutations.document(name, steps), given, write=True)


def _merge(request: PullRequest, method: str) -> Mutation:
    given = {
        "pullRequestId": request.key,
        "expectedHeadOid": request.head,
        "mergeMethod": MERGE_METHODS[method],
    }
    return Mutation("mergePullRequest", given)


def _refused(said: str) -> ForgeError:
    if _MOVED.search(said):
        return ForgeError("somebody pushed to it after it was looked at; look again")
    return refusal(said)
