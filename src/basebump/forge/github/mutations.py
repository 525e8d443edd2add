"""The GraphQL that changes something: several mutations in one request, run in order.

A failing one neither stops nor undoes the others, so each answer is looked at.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from basebump.core.campaign import Change
from basebump.forge.github.queries import PULL

NOBODY = "0" * 40  # an absent ref, to updateRefs
_LABEL_COLOUR = "ededed"  # GitHub's own for a label that nobody gave one
MERGE_METHODS = {"merge": "MERGE", "squash": "SQUASH", "rebase": "REBASE"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One of GitHub's mutations with its input, and what is asked back of it."""

    field: str
    given: dict[str, Any]
    back: str = "clientMutationId"

    @property
    def type(self) -> str:
        """The type of its input."""
        return f"{self.field[0].upper()}{self.field[1:]}Input!"


def document(name: str, mutations: Sequence[Mutation]) -> str:
    """The document that carries all of them out, under the aliases `m0` and so on."""
    declared = ", ".join(f"$m{at}: {each.type}" for at, each in enumerate(mutations))
    lines = "\n  ".join(
        f"m{at}: {each.field}(input: $m{at}) {{ {each.back} }}" for at, each in enumerate(mutations)
    )
    fragments = PULL if any("...Pull" in each.back for each in mutations) else ""
    return f"mutation {name}({declared}) {{\n  {lines}\n}}\n{fragments}"


def create_label(repo: str, name: str) -> Mutation:
    """A label that the repository does not have yet."""
    given = {"repositoryId": repo, "name": name, "color": _LABEL_COLOUR}
    return Mutation("createLabel", given, "label { id name }")


def create_branch(repo: str, branch: str, oid: str) -> Mutation:
    """A new branch at a commit."""
    given = {"repositoryId": repo, "name": f"refs/heads/{branch}", "oid": oid}
    return Mutation("createRef", given, "ref { name }")


def move_branch(repo: str, branch: str, before: str, after: str) -> Mutation:
    """A branch from where it was seen to another commit, or nothing at all; NOBODY deletes."""
    update = {
        "name": f"refs/heads/{branch}",
        "beforeOid": before,
        "afterOid": after,
        "force": True,
    }
    return Mutation("updateRefs", {"repositoryId": repo, "refUpdates": [update]})


def commit(full_name: str, change: Change, message: str) -> Mutation:
    """A commit on top of the branch, which must stand at the base commit; files become 100644."""
    headline, _, body = message.partition("\n")
    additions = [
        {"path": file.path, "contents": base64.b64encode(file.after).decode()}
        for file in change.files
    ]
    given = {
        "branch": {"repositoryNameWithOwner": full_name, "branchName": change.branch},
        "expectedHeadOid": change.base_commit,
        "message": {"headline": headline, "body": body.strip("\n")},
        "fileChanges": {"additions": additions},
    }
    return Mutation("createCommitOnBranch", given, "commit { oid }")


def create_pull(repo: str, change: Change, body: str) -> Mutation:
    """A pull request of the change's branch."""
    given = {
        "repositoryId": repo,
        "baseRefName": change.base_branch,
        "headRefName": change.branch,
        "title": change.title,
        "body": body,
        "draft": change.draft,
    }
    return Mutation("createPullRequest", given, "pullRequest { ...Pull }")


def update_pull(key: str, **given: str) -> Mutation:
    """Other words, another base, or another state for a pull request."""
    return Mutation("updatePullRequest", {"pullRequestId": key, **given}, "pullRequest { ...Pull }")


def reopen(key: str) -> Mutation:
    """Open a closed pull request again."""
    return Mutation("reopenPullRequest", {"pullRequestId": key})


def comment(key: str, text: str) -> Mutation:
    """Say something on a pull request."""
    return Mutation("addComment", {"subjectId": key, "body": text})


def add_labels(key: str, labels: Sequence[str]) -> Mutation:
    """Labels by their ids, beside those that are there."""
    return Mutation("addLabelsToLabelable", {"labelableId": key, "labelIds": list(labels)})


def assign(key: str, people: Sequence[str]) -> Mutation:
    """Assignees by their ids, beside those that are there."""
    return Mutation("addAssigneesToAssignable", {"assignableId": key, "assigneeIds": list(people)})


def request_reviews(key: str, people: Sequence[str], teams: Sequence[str]) -> Mutation:
    """Reviewers by their ids, beside those that are asked already."""
    given = {"pullRequestId": key, "userIds": list(people), "teamIds": list(teams), "union": True}
    return Mutation("requestReviews", given)


def auto_merge(key: str, method: str) -> Mutation:
    """Let GitHub merge it as soon as it may."""
    given = {"pullRequestId": key, "mergeMethod": MERGE_METHODS[method]}
    return Mutation("enablePullRequestAutoMerge", given)
