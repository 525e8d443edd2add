"""Pull requests, and the issues' routes that serve them: labels, assignees, comments."""

from tests.github_server.graphql.pulls import base_of
from tests.github_server.model import Account, Label, Pull, Refused, Repo, Review, invalid
from tests.github_server.rest.call import Answer, Call
from tests.github_server.rest.render import Render

EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def pulls(call: Call) -> Answer:
    """GET pulls, filtered by `state`, `head` (`owner:branch`) and `base`."""
    repo, query = call.repo(), call.query
    state, head, base = query.get("state", "open"), query.get("head"), query.get("base")
    found = [
        pull
        for pull in list(repo.pulls.values())
        if (state == "all" or (pull.state == "OPEN") == (state == "open"))
        and (
            not head
            or ":" not in head
            or head.lower() == f"{repo.owner.login}:{pull.head_ref}".lower()
        )
        and (not base or base == pull.base_ref)
    ]
    updated = query.get("sort") == "updated"
    falling = query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc")
    found.sort(
        key=lambda p: (p.updated_at if updated else 0.0, p.number), reverse=falling == "desc"
    )
    return call.listed(found, Render(call.session).pull)


def make_pull(call: Call) -> Answer:
    """POST pulls."""
    repo = call.repo()
    call.session.may_open(repo)
    body = call.body
    if not body.get("title"):
        raise Refused(
            422,
            "Validation Failed",
            errors=[{"resource": "PullRequest", "code": "missing_field", "field": "title"}],
        )
    pull = call.session.actions.create_pull(
        repo, call.session.viewer, title=body["title"], body=body.get("body"), head=body["head"],
        base=body["base"], draft=body.get("draft", False),
    )  # fmt: skip
    shown = Render(call.session).pull(pull, full=True)
    return Answer(201, shown, {"location": shown["url"]})


def pull(call: Call) -> Answer:
    """GET pulls/{pull_number}."""
    return Answer(200, Render(call.session).pull(call.pull(), full=True))


def _own(call: Call, name: str = "pull_number", need: str = "WRITE") -> Pull:
    found = call.pull(name)
    call.session.may(found.repo, need, "pull_requests")
    return found


def change_pull(call: Call) -> Answer:
    """PATCH pulls/{pull_number}."""
    found, body = _own(call), call.body
    if body.get("state") == "closed":
        call.session.actions.close(found, call.session.viewer)
    elif body.get("state") == "open" and found.state != "OPEN":
        call.session.actions.reopen(found)
    if body.get("base"):
        call.session.actions.retarget(found, body["base"])
    found.title = body.get("title") or found.title
    if body.get("body") is not None:
        found.body = body["body"]
    found.updated_at = call.session.world.clock.now()
    return Answer(200, Render(call.session).pull(found, full=True))


def merge(call: Call) -> Answer:
    """PUT pulls/{pull_number}/merge."""
    body = call.body
    oid = call.session.actions.merge(
        _own(call), call.session.viewer, method=body.get("merge_method", "merge"),
        expected=body.get("sha"), title=body.get("commit_title"),
    )  # fmt: skip
    return Answer(200, {"sha": oid, "merged": True, "message": "Pull Request successfully merged"})


def commits(call: Call) -> Answer:
    """GET pulls/{pull_number}/commits."""
    found, render = call.pull(), Render(call.session)
    oids = found.repo.git.between(base_of(found), found.head_oid)
    return call.listed(oids, lambda oid: render.commit(found.repo, oid))


def files(call: Call) -> Answer:
    """GET pulls/{pull_number}/files."""
    found = call.pull()
    git = found.repo.git
    before, after = git.tree_of(base_of(found)), git.tree_of(found.head_oid)
    changed = sorted(git.changed(before, after))
    return call.listed(changed, lambda path: _file(call, found, path))


def _file(call: Call, found: Pull, path: str) -> object:
    git, repo = found.repo.git, found.repo
    old = git.entry_at(git.tree_of(base_of(found)), path)
    new = git.entry_at(git.tree_of(found.head_oid), path)
    status = "modified" if old and new else "added" if new else "removed"
    entry = new or old
    assert entry is not None
    html, api = (
        f"{call.session.html}/{repo.full_name}",
        f"{call.session.api}/repos/{repo.full_name}",
    )
    lines = [
        set(git.need(e.oid).data.splitlines()) if e and e.kind == "blob" else set()
        for e in (old, new)
    ]
    added, removed = len(lines[1] - lines[0]), len(lines[0] - lines[1])
    return {
        "sha": entry.oid, "filename": path, "status": status, "additions": added,
        "deletions": removed, "changes": added + removed,
        "blob_url": f"{html}/blob/{found.head_oid}/{path}",
        "raw_url": f"{html}/raw/{found.head_oid}/{path}",
        "contents_url": f"{api}/contents/{path}?ref={found.head_oid}",
    }  # fmt: skip


def reviews(call: Call) -> Answer:
    """GET pulls/{pull_number}/reviews."""
    found, render = call.pull(), Render(call.session)
    return call.listed(found.reviews, lambda review: render.review(found, review))


def make_review(call: Call) -> Answer:
    """POST pulls/{pull_number}/reviews."""
    found, session = _own(call, need="READ"), call.session
    event = call.body.get("event", "COMMENT")
    if event == "APPROVE" and session.viewer is found.author:
        raise Refused(
            422,
            "Unprocessable Entity",
            errors=[
                {
                    "resource": "PullRequestReview",
                    "code": "custom",
                    "message": "Can not approve your own pull request",
                }
            ],
        )
    review = Review(
        session.world.next_id(), session.viewer, EVENTS[event], call.body.get("body", ""),
        session.world.clock.now(), found.head_oid,
    )  # fmt: skip
    found.reviews.append(review)
    return Answer(200, Render(session).review(found, review))


def request_reviewers(call: Call) -> Answer:
    """POST pulls/{pull_number}/requested_reviewers."""
    found, world = _own(call), call.session.world
    people: dict[str, Account] = {}
    for login in call.body.get("reviewers", ()):
        account = world.accounts.get(login.lower())
        if account is None:
            raise Refused(422, "Reviews may only be requested from collaborators.")
        people[account.login] = account
    teams = call.body.get("team_reviewers", ())
    if any(slug not in found.repo.owner.teams for slug in teams):
        raise Refused(422, "Could not resolve to a node with the global id of a team")
    named = {slug: f"T_{found.repo.owner.login}_{slug}" for slug in teams}
    call.session.actions.request_reviews(found, people, named, union=True)
    return Answer(201, Render(call.session).pull(found))


def issue(call: Call) -> Answer:
    """GET issues/{issue_number}, for a pull request."""
    return Answer(200, Render(call.session).issue(call.pull("issue_number")))


def add_labels(call: Call) -> Answer:
    """POST issues/{issue_number}/labels; a label that does not exist is made, as GitHub does."""
    found = _own(call, "issue_number", "TRIAGE")
    given = call.body.get("labels", ())
    for each in given:
        name = each["name"] if isinstance(each, dict) else each
        label = found.repo.labels.get(name.lower())
        label = label or call.session.world.add_label(found.repo, name, "ededed")
        found.labels[label.name.lower()] = label
    render = Render(call.session)
    return Answer(200, [render.label(found.repo, label) for label in found.labels.values()])


def add_assignees(call: Call) -> Answer:
    """POST issues/{issue_number}/assignees; unknown people are passed over, as GitHub does."""
    found = _own(call, "issue_number", "TRIAGE")
    for login in call.body.get("assignees", ()):
        account = call.session.world.accounts.get(login.lower())
        if account is not None:
            found.assignees[account.login] = account
    return Answer(201, Render(call.session).issue(found))


def comments(call: Call) -> Answer:
    """GET issues/{issue_number}/comments."""
    found, render = call.pull("issue_number"), Render(call.session)
    return call.listed(found.comments, lambda comment: render.comment(found, comment))


def make_comment(call: Call) -> Answer:
    """POST issues/{issue_number}/comments."""
    found = _own(call, "issue_number", "READ")
    comment = call.session.actions.comment(found, call.session.viewer, call.body["body"])
    return Answer(201, Render(call.session).comment(found, comment))


def labels(call: Call) -> Answer:
    """GET labels."""
    repo, render = call.repo(), Render(call.session)
    return call.listed(list(repo.labels.values()), lambda label: render.label(repo, label))


def label(call: Call) -> Answer:
    """GET labels/{name}."""
    repo = call.repo()
    return Answer(200, Render(call.session).label(repo, _label(repo, call.path["name"])))


def _label(repo: Repo, name: str) -> Label:
    found = repo.labels.get(name.lower())
    if found is None:
        raise Refused(404, "Not Found")
    return found


def make_label(call: Call) -> Answer:
    """POST labels."""
    repo, body = call.writable("WRITE", "issues"), call.body
    if body["name"].lower() in repo.labels:
        refused = invalid("Label", "already_exists", field="name")
        raise Refused(
            422,
            "Validation Failed",
            errors=[{"resource": "Label", "code": "already_exists", "field": "name"}],
        ) from refused
    color = body.get("color", "ededed")
    made = call.session.world.add_label(repo, body["name"], color, body.get("description"))
    return Answer(201, Render(call.session).label(repo, made))


PULL, ISSUE = "/repos/{owner}/{repo}/pulls", "/repos/{owner}/{repo}/issues/{issue_number}"
ONE = f"{PULL}/{{pull_number}}"
ROUTES = {
    ("GET", PULL): pulls,
    ("POST", PULL): make_pull,
    ("GET", ONE): pull,
    ("PATCH", ONE): change_pull,
    ("PUT", f"{ONE}/merge"): merge,
    ("GET", f"{ONE}/commits"): commits,
    ("GET", f"{ONE}/files"): files,
    ("GET", f"{ONE}/reviews"): reviews,
    ("POST", f"{ONE}/reviews"): make_review,
    ("POST", f"{ONE}/requested_reviewers"): request_reviewers,
    ("GET", ISSUE): issue,
    ("POST", f"{ISSUE}/labels"): add_labels,
    ("POST", f"{ISSUE}/assignees"): add_assignees,
    ("GET", f"{ISSUE}/comments"): comments,
    ("POST", f"{ISSUE}/comments"): make_comment,
    ("GET", "/repos/{owner}/{repo}/labels"): labels,
    ("GET", "/repos/{owner}/{repo}/labels/{name}"): label,
    ("POST", "/repos/{owner}/{repo}/labels"): make_label,
}
