"""Resolvers of pull requests and of what is said and checked about them."""

from dataclasses import dataclass
from typing import Any

from tests.github_server.actions import Actions, approvals
from tests.github_server.graphql.connections import Table, connection_of, page
from tests.github_server.graphql.git import GitNode, node_of, ref_node
from tests.github_server.model import Check, Pull, Repo, Status, node_id, stamp

Info = Any


def rollup(repo: Repo, oid: str) -> dict[str, Any] | None:
    """Give a commit's checks and statuses with the state of all of them, nothing without any."""
    latest: dict[tuple[str, str], Check | Status] = {}
    for check in list(repo.checks):
        if check.oid == oid:
            latest["check", check.name] = check
    for status in list(repo.statuses):
        if status.oid == oid:
            latest["status", status.context] = status
    if not latest:
        return None
    states = {state_of(each) for each in latest.values()}
    state = next((s for s in ("ERROR", "FAILURE", "EXPECTED", "PENDING") if s in states), "SUCCESS")
    return {"repo": repo, "oid": oid, "state": state, "contexts": list(latest.values())}


def state_of(each: Check | Status) -> str:
    """Give the status state that a check's conclusion or a status stands for."""
    if isinstance(each, Status):
        return each.state.upper()
    if each.conclusion is None:
        return "PENDING"
    return "SUCCESS" if each.conclusion in {"success", "neutral", "skipped"} else "FAILURE"


def _commits(pull: Pull, _info: Info, **args: Any) -> object:  # noqa: ANN401 - arguments
    git = pull.repo.git
    return page([(pull, oid) for oid in git.between(base_of(pull), pull.head_oid)], args)


def base_of(pull: Pull) -> str:
    """Give the commit that a pull request's own commits are counted from."""
    if pull.state != "MERGED" or pull.merge_commit is None:
        return pull.base_oid
    return pull.repo.git.commit(pull.merge_commit).parents[0]


def _mergeable(pull: Pull, info: Info) -> str:
    found: str = info.context.actions.mergeability(pull)
    return found


def merge_state(pull: Pull, actions: Actions) -> str:
    """Give GitHub's `mergeStateStatus`."""
    found = actions.mergeability(pull)
    if found != "MERGEABLE":
        return "UNKNOWN" if found == "UNKNOWN" else "DIRTY"
    if pull.draft:
        return "DRAFT"
    if actions.blocked(pull):
        return "BLOCKED"
    checks = rollup(pull.repo, pull.head_oid)
    return "UNSTABLE" if checks and checks["state"] != "SUCCESS" else "CLEAN"


def _decision(pull: Pull, _info: Info) -> str | None:
    last = {r.author.login: r.state for r in pull.reviews if r.state != "COMMENTED"}
    if "CHANGES_REQUESTED" in last.values():
        return "CHANGES_REQUESTED"
    rules = pull.repo.rules_for(f"refs/heads/{pull.base_ref}")
    needed = max((rule.required_reviews for rule in rules), default=0)
    if len(approvals(pull)) >= max(needed, 1):
        return "APPROVED"
    return "REVIEW_REQUIRED" if needed else None


def _requests(pull: Pull, info: Info, **args: Any) -> object:  # noqa: ANN401 - arguments
    from tests.github_server.graphql.repositories import team_node  # noqa: PLC0415 - a cycle

    owner = pull.repo.owner
    teams = [team_node(info.context, owner, slug) for slug in pull.teams]
    return page([(pull, each) for each in (*pull.reviewers.values(), *teams)], args)


def _changed(pull: Pull) -> int:
    git = pull.repo.git
    return len(git.changed(git.tree_of(base_of(pull)), git.tree_of(pull.head_oid)))


def _auto(pull: Pull, _info: Info) -> Pull | None:
    return pull if pull.auto_merge else None


@dataclass(frozen=True, slots=True)
class ClosedEvent:
    """That a pull request was closed, and by whom."""

    pull: Pull

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return node_id("CE", self.pull.id)


def _timeline(pull: Pull, _info: Info, **args: Any) -> object:  # noqa: ANN401 - arguments
    asked = args.get("itemTypes")
    closed = pull.state != "OPEN" and (asked is None or "CLOSED_EVENT" in asked)
    return page([ClosedEvent(pull)] if closed else [], args)


def _is_required(each: Check | Status, _info: Info, **_args: Any) -> bool:  # noqa: ANN401 - as above
    del each
    return False


def _annotation(note: dict[str, Any], _info: Info) -> dict[str, Any]:
    return note


LABELABLE: Table = {"labels": lambda p, _i, **a: page(list(p.labels.values()), a)}
ASSIGNABLE: Table = {"assignees": lambda p, _i, **a: page(list(p.assignees.values()), a)}
TABLES: dict[str, Table] = {
    "Labelable": LABELABLE,
    "Assignable": ASSIGNABLE,
    "PullRequest": LABELABLE
    | ASSIGNABLE
    | {
        "id": lambda p, _i: p.node,
        "databaseId": lambda p, _i: p.id,
        "fullDatabaseId": lambda p, _i: str(p.id),
        "number": lambda p, _i: p.number,
        "title": lambda p, _i: p.title,
        "body": lambda p, _i: p.body or "",
        "state": lambda p, _i: p.state,
        "closed": lambda p, _i: p.state != "OPEN",
        "merged": lambda p, _i: p.state == "MERGED",
        "isDraft": lambda p, _i: p.draft,
        "locked": lambda p, _i: p.locked,
        "author": lambda p, _i: p.author,
        "url": lambda p, i: f"{i.context.html}/{p.repo.full_name}/pull/{p.number}",
        "permalink": lambda p, i: f"{i.context.html}/{p.repo.full_name}/pull/{p.number}",
        "repository": lambda p, _i: p.repo,
        "headRepository": lambda p, _i: p.repo,
        "baseRepository": lambda p, _i: p.repo,
        "isCrossRepository": lambda _p, _i: False,
        "headRefName": lambda p, _i: p.head_ref,
        "headRefOid": lambda p, _i: p.head_oid,
        "headRef": lambda p, _i: ref_node(p.repo, f"refs/heads/{p.head_ref}"),
        "baseRefName": lambda p, _i: p.base_ref,
        "baseRefOid": lambda p, _i: p.base_oid,
        "baseRef": lambda p, _i: ref_node(p.repo, f"refs/heads/{p.base_ref}"),
        "mergeable": _mergeable,
        "mergeStateStatus": lambda p, i: merge_state(p, i.context.actions),
        "mergeCommit": lambda p, _i: node_of(p.repo, p.merge_commit),
        "mergedBy": lambda p, _i: p.merged_by,
        "mergedAt": lambda p, _i: stamp(p.closed_at) if p.state == "MERGED" else None,
        "closedAt": lambda p, _i: stamp(p.closed_at) if p.closed_at else None,
        "createdAt": lambda p, _i: stamp(p.at),
        "updatedAt": lambda p, _i: stamp(p.updated_at),
        "changedFiles": lambda p, _i: _changed(p),
        "maintainerCanModify": lambda _p, _i: False,
        "commits": _commits,
        "comments": lambda p, _i, **a: page([(p, c) for c in p.comments], a),
        "reviews": lambda p, _i, **a: page([(p, r) for r in p.reviews], a),
        "latestReviews": lambda p, _i, **a: page(
            [(p, r) for r in {r.author.login: r for r in p.reviews}.values()], a
        ),
        "reviewRequests": _requests,
        "reviewDecision": _decision,
        "statusCheckRollup": lambda p, _i: rollup(p.repo, p.head_oid),
        "autoMergeRequest": _auto,
        "timelineItems": _timeline,
    },
    "PullRequestTimelineItems": {},
    "ClosedEvent": {
        "id": lambda e, _i: e.node,
        "actor": lambda e, _i: e.pull.closed_by,
        "createdAt": lambda e, _i: stamp(e.pull.closed_at),
    },
    "AutoMergeRequest": {
        "enabledAt": lambda p, _i: stamp(p.auto_merge["at"]),
        "enabledBy": lambda p, _i: p.auto_merge["who"],
        "mergeMethod": lambda p, _i: p.auto_merge["method"],
    },
    "PullRequestCommit": {
        "id": lambda c, _i: f"PURC_{c[0].id}_{c[1]}",
        "commit": lambda c, _i: node_of(c[0].repo, c[1]),
        "pullRequest": lambda c, _i: c[0],
    },
    "PullRequestReview": {
        "id": lambda r, _i: node_id("PRR", r[1].id),
        "author": lambda r, _i: r[1].author,
        "state": lambda r, _i: r[1].state,
        "body": lambda r, _i: r[1].body,
        "submittedAt": lambda r, _i: stamp(r[1].at),
    },
    "IssueComment": {
        "id": lambda c, _i: node_id("IC", c[1].id),
        "databaseId": lambda c, _i: c[1].id,
        "author": lambda c, _i: c[1].author,
        "body": lambda c, _i: c[1].body,
        "createdAt": lambda c, _i: stamp(c[1].at),
        "url": lambda c, i: f"{i.context.html}/{c[0].repo.full_name}/pull/{c[0].number}",
    },
    "ReviewRequest": {
        "id": lambda r, _i: f"RR_{r[0].id}",
        "requestedReviewer": lambda r, _i: r[1],
        "asCodeOwner": lambda _r, _i: False,
    },
    "RequestedReviewer": {},
    "Label": {
        "id": lambda x, _i: x.node,
        "name": lambda x, _i: x.name,
        "color": lambda x, _i: x.color,
        "description": lambda x, _i: x.description,
    },
    "StatusCheckRollup": {
        "id": lambda s, _i: f"SCR_{s['oid']}",
        "state": lambda s, _i: s["state"],
        "commit": lambda s, _i: node_of(s["repo"], s["oid"]),
        "contexts": lambda s, _i, **a: page(s["contexts"], a),
    },
    "StatusCheckRollupContext": {},
    "CheckRun": {
        "id": lambda c, _i: node_id("CR", c.id),
        "databaseId": lambda c, _i: c.id,
        "name": lambda c, _i: c.name,
        "status": lambda c, _i: c.status.upper(),
        "conclusion": lambda c, _i: c.conclusion.upper() if c.conclusion else None,
        "startedAt": lambda c, _i: stamp(c.at),
        "completedAt": lambda c, _i: stamp(c.at) if c.conclusion else None,
        "detailsUrl": lambda c, _i: c.url,
        "title": lambda c, _i: c.title,
        "summary": lambda c, _i: c.summary,
        "isRequired": _is_required,
        "annotations": lambda c, _i, **a: page(c.annotations, a),
    },
    "StatusContext": {
        "id": lambda s, _i: node_id("SC", s.id),
        "context": lambda s, _i: s.context,
        "state": lambda s, _i: s.state.upper(),
        "description": lambda s, _i: s.description,
        "targetUrl": lambda s, _i: s.url,
        "createdAt": lambda s, _i: stamp(s.at),
        "creator": lambda s, _i: s.author,
        "isRequired": _is_required,
    },
    "CheckAnnotation": {
        "path": lambda n, _i: n["path"],
        "message": lambda n, _i: n["message"],
        "title": lambda n, _i: n.get("title"),
        "rawDetails": lambda n, _i: n.get("raw_details"),
        "annotationLevel": lambda n, _i: str(n["annotation_level"]).upper(),
        "location": _annotation,
    },
    "CheckAnnotationSpan": {
        "start": lambda n, _i: n["start_line"],
        "end": lambda n, _i: n["end_line"],
    },
    "CheckAnnotationPosition": {"line": lambda n, _i: n, "column": lambda _n, _i: None},
    **connection_of(
        "PullRequestCommit",
        "PullRequestReview",
        "IssueComment",
        "ReviewRequest",
        "User",
        "StatusCheckRollupContext",
        "CheckAnnotation",
        "PullRequestTimelineItems",
    ),
}
COMMIT_CHECKS: Table = {
    "statusCheckRollup": lambda c, _i: rollup(c.repo, c.found.oid),
    "associatedPullRequests": lambda c, _i, **a: page(_containing(c), a),
}


def _containing(commit: GitNode) -> list[Pull]:
    pulls = list(commit.repo.pulls.values())
    return [p for p in pulls if commit.repo.git.contains(p.head_oid, commit.found.oid)]
