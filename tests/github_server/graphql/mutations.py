"""The mutations: GitHub's checks of who may, then `Actions`.

Each takes the session and the input and gives the payload; `MUTATIONS` names the payload's fields.
"""

import base64
from collections.abc import Callable
from typing import Any, TypeVar

from tests.github_server.gitstore import Change
from tests.github_server.graphql.connections import Edge, Table, cursor
from tests.github_server.graphql.git import RefNode, node_of
from tests.github_server.graphql.repositories import find_node
from tests.github_server.model import Account, Label, Pull, Refused, Repo
from tests.github_server.session import Session

Input = dict[str, Any]
Payload = dict[str, object]
T = TypeVar("T")


def _find(session: Session, name: str, kind: type[T]) -> T:
    found = find_node(session, name)
    if not isinstance(found, kind):
        message = f"Could not resolve to a node with the global id of '{name}'"
        raise Refused(404, message, kind="NOT_FOUND")
    return found


def _pull(session: Session, name: str, need: str = "WRITE") -> Pull:
    pull = _find(session, name, Pull)
    session.may(pull.repo, need, "pull_requests")
    return pull


def _create_ref(session: Session, given: Input) -> Payload:
    repo = _find(session, given["repositoryId"], Repo)
    session.may(repo, "WRITE")
    session.actions.create_ref(repo, given["name"], given["oid"])
    return {"ref": RefNode(repo, given["name"])}


def _update_ref(session: Session, given: Input) -> Payload:
    ref = _find(session, given["refId"], RefNode)
    session.may(ref.repo, "WRITE")
    session.actions.move_ref(ref.repo, ref.name, given["oid"], force=given.get("force", False))
    return {"ref": ref}


def _update_refs(session: Session, given: Input) -> Payload:
    repo = _find(session, given["repositoryId"], Repo)
    session.may(repo, "WRITE")
    updates = [
        (each["name"], each.get("beforeOid"), each["afterOid"], each.get("force", False))
        for each in given["refUpdates"]
    ]
    session.actions.update_refs(repo, updates)
    return {}


def _delete_ref(session: Session, given: Input) -> Payload:
    ref = _find(session, given["refId"], RefNode)
    session.may(ref.repo, "WRITE")
    session.actions.delete_ref(ref.repo, ref.name)
    return {}


def _branch(session: Session, branch: Input) -> tuple[Repo, str]:
    if branch.get("id"):
        ref = _find(session, branch["id"], RefNode)
        return ref.repo, ref.name
    repo = session.repo(branch["repositoryNameWithOwner"])
    return repo, f"refs/heads/{branch['branchName'].removeprefix('refs/heads/')}"


def _commit(session: Session, given: Input) -> Payload:
    """Append to a branch: signed by GitHub, files of mode 100644, an absent branch refused."""
    repo, ref = _branch(session, given["branch"])
    session.may(repo, "WRITE")
    name, actual = ref.removeprefix("refs/heads/"), repo.git.refs.get(ref)
    if actual is None:
        message = f'No ref found with the name "{name}" in this repository.'
        raise Refused(404, message, kind="NOT_FOUND")
    expected = given["expectedHeadOid"]
    if expected != actual:
        message = f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'
        raise Refused(422, message, kind="STALE_DATA")
    changes = _changes(repo, actual, given.get("fileChanges") or {})
    said = given["message"]
    text = "\n\n".join(part for part in (said["headline"], said.get("body")) if part)
    oid = session.actions.commit(
        repo, ref, changes, message=text, author=session.viewer, signed=True
    )
    return {"commit": node_of(repo, oid), "ref": RefNode(repo, ref)}


def _changes(repo: Repo, head: str, wanted: Input) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    for each in wanted.get("additions") or ():
        data = base64.b64decode(each["contents"], validate=False)
        changes[each["path"]] = ("100644", repo.git.blob(data))
    for each in wanted.get("deletions") or ():
        if repo.git.entry_at(repo.git.tree_of(head), each["path"]) is None:
            message = (
                f"A path was requested for deletion which does not exist as of commit oid `{head}`"
            )
            raise Refused(422, message)
        changes[each["path"]] = None
    return changes


def _create_pull(session: Session, given: Input) -> Payload:
    repo = _find(session, given["repositoryId"], Repo)
    session.may_open(repo)
    pull = session.actions.create_pull(
        repo,
        session.viewer,
        title=given["title"],
        body=given.get("body"),
        head=given["headRefName"],
        base=given["baseRefName"],
        draft=given.get("draft", False),
    )
    return {"pullRequest": pull}


def _update_pull(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    if given.get("state") == "CLOSED":
        session.actions.close(pull, session.viewer)
    elif given.get("state") == "OPEN":
        session.actions.reopen(pull)
    if given.get("title") is not None:
        pull.title = given["title"]
    if given.get("body") is not None:
        pull.body = given["body"]
    if given.get("baseRefName"):
        session.actions.retarget(pull, given["baseRefName"])
    if given.get("labelIds") is not None:
        pull.labels = _labels(session, given["labelIds"])
    if given.get("assigneeIds") is not None:
        pull.assignees = _accounts(session, given["assigneeIds"])
    pull.updated_at = session.world.clock.now()
    return {"pullRequest": pull}


def _close(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    session.actions.close(pull, session.viewer)
    return {"pullRequest": pull}


def _reopen(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    session.actions.reopen(pull)
    return {"pullRequest": pull}


def _merge(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    session.actions.merge(
        pull,
        session.viewer,
        method=str(given.get("mergeMethod", "MERGE")).lower(),
        expected=given.get("expectedHeadOid"),
        title=given.get("commitHeadline"),
    )
    return {"pullRequest": pull, "actor": session.viewer}


def _auto_merge(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    session.actions.auto_merge(pull, session.viewer, str(given.get("mergeMethod", "MERGE")))
    return {"pullRequest": pull, "actor": session.viewer}


def _no_auto_merge(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    pull.auto_merge = None
    return {"pullRequest": pull, "actor": session.viewer}


def _ready(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    pull.draft = False
    return {"pullRequest": pull}


def _draft(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    pull.draft = True
    return {"pullRequest": pull}


def _labels(session: Session, names: list[str]) -> dict[str, Label]:
    found = [_find(session, name, Label) for name in names]
    return {label.name.lower(): label for label in found}


def _accounts(session: Session, names: list[str]) -> dict[str, Account]:
    return {found.login: found for found in (_find(session, name, Account) for name in names)}


def _add_labels(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["labelableId"], "TRIAGE")
    pull.labels |= _labels(session, given["labelIds"])
    return {"labelable": pull}


def _remove_labels(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["labelableId"], "TRIAGE")
    for name in _labels(session, given["labelIds"]):
        pull.labels.pop(name, None)
    return {"labelable": pull}


def _create_label(session: Session, given: Input) -> Payload:
    repo = _find(session, given["repositoryId"], Repo)
    session.may(repo, "WRITE", "issues")
    if given["name"].lower() in repo.labels:
        raise Refused(422, "Name has already been taken")
    label = session.world.add_label(repo, given["name"], given["color"], given.get("description"))
    return {"label": label}


def _request_reviews(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["pullRequestId"])
    people = _accounts(session, given.get("userIds") or [])
    teams: dict[str, str] = {}
    for name in given.get("teamIds") or []:
        team = _find(session, name, dict)
        teams[str(team["slug"])] = name
    session.actions.request_reviews(pull, people, teams, union=given.get("union", False))
    return {"pullRequest": pull, "actor": session.viewer}


def _add_assignees(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["assignableId"], "TRIAGE")
    pull.assignees |= _accounts(session, given["assigneeIds"])
    return {"assignable": pull}


def _add_comment(session: Session, given: Input) -> Payload:
    pull = _pull(session, given["subjectId"], "READ")
    comment = session.actions.comment(pull, session.viewer, given["body"])
    edge = Edge((pull, comment), cursor(len(pull.comments) - 1))
    return {"commentEdge": edge, "subject": pull}


MUTATIONS: dict[str, tuple[Callable[[Session, Input], Payload], tuple[str, ...]]] = {
    "createRef": (_create_ref, ("ref",)),
    "updateRef": (_update_ref, ("ref",)),
    "updateRefs": (_update_refs, ()),
    "deleteRef": (_delete_ref, ()),
    "createCommitOnBranch": (_commit, ("commit", "ref")),
    "createPullRequest": (_create_pull, ("pullRequest",)),
    "updatePullRequest": (_update_pull, ("pullRequest",)),
    "closePullRequest": (_close, ("pullRequest",)),
    "reopenPullRequest": (_reopen, ("pullRequest",)),
    "mergePullRequest": (_merge, ("pullRequest", "actor")),
    "enablePullRequestAutoMerge": (_auto_merge, ("pullRequest", "actor")),
    "disablePullRequestAutoMerge": (_no_auto_merge, ("pullRequest", "actor")),
    "markPullRequestReadyForReview": (_ready, ("pullRequest",)),
    "convertPullRequestToDraft": (_draft, ("pullRequest",)),
    "addLabelsToLabelable": (_add_labels, ("labelable",)),
    "removeLabelsFromLabelable": (_remove_labels, ("labelable",)),
    "createLabel": (_create_label, ("label",)),
    "requestReviews": (_request_reviews, ("pullRequest", "actor")),
    "addAssigneesToAssignable": (_add_assignees, ("assignable",)),
    "addComment": (_add_comment, ("commentEdge", "subject")),
}


def _resolver(run: Callable[[Session, Input], Payload]) -> Callable[..., object]:
    def resolve(_root: object, info: Any, input: Input) -> Payload:  # noqa: A002, ANN401 - GraphQL's
        session: Session = info.context
        with session.world.lock:
            return {**run(session, input), "clientMutationId": input.get("clientMutationId")}

    return resolve


def _field(name: str) -> Callable[..., object]:
    return lambda payload, _info: payload[name]


def tables() -> dict[str, Table]:
    """Give the resolvers of `Mutation` and of its payloads."""
    found: dict[str, Table] = {"Mutation": {}}
    for name, (run, fields) in MUTATIONS.items():
        found["Mutation"][name] = _resolver(run)
        payload = f"{name[0].upper()}{name[1:]}Payload"
        found[payload] = {each: _field(each) for each in (*fields, "clientMutationId")}
    return found
