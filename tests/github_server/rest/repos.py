"""Repositories, branches, commits, statuses, checks, logs and code search."""

from typing import Any

from tests.github_server.model import Check, Refused, Repo, Rule, Status
from tests.github_server.rest.call import Answer, Call
from tests.github_server.rest.render import Render

SEARCH_LIMIT = 1000


def repo(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}."""
    return Answer(200, Render(call.session).repo(call.repo(), full=True))


def _commit_of(repo: Repo, ref: str) -> str:
    oid = repo.git.resolve(ref)
    if oid is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return repo.git.peel(oid)


def commit(call: Call) -> Answer:
    """GET commits/{ref}."""
    found = call.repo()
    return Answer(200, Render(call.session).commit(found, _commit_of(found, call.path["ref"])))


def commits(call: Call) -> Answer:
    """GET commits, from `sha` on."""
    found, render = call.repo(), Render(call.session)
    if found.empty:
        raise Refused(409, "Git Repository is empty.")
    log = list(found.git.ancestors(_commit_of(found, call.query.get("sha") or "HEAD")))
    return call.listed(log, lambda oid: render.commit(found, oid))


def compare(call: Call) -> Answer:
    """GET compare/{basehead}: how far two commits are apart."""
    found, render = call.repo(), Render(call.session)
    ours, dots, theirs = call.path["basehead"].partition("...")
    if not dots:
        raise Refused(404, "Not Found")
    base, head = _commit_of(found, ours), _commit_of(found, theirs)
    ahead, behind = found.git.between(base, head), found.git.between(head, base)
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind"
    html = f"{call.session.html}/{found.full_name}/compare/{call.path['basehead']}"
    url = f"{call.session.api}/repos/{found.full_name}/compare/{call.path['basehead']}"
    common = found.git.merge_base(base, head) or base
    return Answer(200, {
        "url": url, "html_url": html, "permalink_url": html, "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch", "base_commit": render.commit(found, base),
        "merge_base_commit": render.commit(found, common),
        "status": status if ahead or behind else "identical", "ahead_by": len(ahead),
        "behind_by": len(behind), "total_commits": len(ahead),
        "commits": [render.commit(found, oid) for oid in ahead],
    })  # fmt: skip


def branches(call: Call) -> Answer:
    """GET branches."""
    found = call.repo()
    names = sorted(name for name in list(found.git.refs) if name.startswith("refs/heads/"))
    api = f"{call.session.api}/repos/{found.full_name}/commits"

    def show(name: str) -> object:
        oid = found.git.refs[name]
        protected = bool(found.rules_for(name))
        short = name.removeprefix("refs/heads/")
        return {
            "name": short,
            "commit": {"sha": oid, "url": f"{api}/{oid}"},
            "protected": protected,
        }

    return call.listed(names, show)


def branch(call: Call) -> Answer:
    """GET branches/{branch}."""
    found, name = call.repo(), call.path["branch"]
    ref = f"refs/heads/{name}"
    if ref not in found.git.refs:
        raise Refused(404, "Branch not found")
    rules = found.rules_for(ref)
    url = f"{call.session.api}/repos/{found.full_name}/branches/{name}"
    checks = [check for rule in rules for check in rule.required_checks]
    level = "non_admins" if rules else "off"
    return Answer(200, {
        "name": name, "commit": Render(call.session).commit(found, found.git.refs[ref]),
        "_links": {"self": url, "html": f"{call.session.html}/{found.full_name}/tree/{name}"},
        "protected": bool(rules), "protection_url": f"{url}/protection",
        "protection": {"enabled": bool(rules), "required_status_checks": {
            "enforcement_level": level, "contexts": checks, "checks": []}},
    })  # fmt: skip


def protection(call: Call) -> Answer:
    """GET branches/{branch}/protection."""
    found, name = call.repo(), call.path["branch"]
    rules = found.rules_for(f"refs/heads/{name}")
    if not rules:
        raise Refused(404, "Branch not protected")
    url = f"{call.session.api}/repos/{found.full_name}/branches/{name}/protection"
    reviews = max(rule.required_reviews for rule in rules)
    shown: dict[str, Any] = {"url": url, "allow_deletions": {"enabled": False}}
    signed = any(rule.require_signatures for rule in rules)
    shown["required_signatures"] = {"url": f"{url}/required_signatures", "enabled": signed}
    if reviews:
        shown["required_pull_request_reviews"] = {
            "dismiss_stale_reviews": False, "require_code_owner_reviews": False,
            "required_approving_review_count": reviews,
        }  # fmt: skip
    return Answer(200, shown)


def rules(call: Call) -> Answer:
    """GET rules/branches/{branch}: the active rules, also for a branch that does not exist yet."""
    found = call.repo()
    covering = found.rules_for(f"refs/heads/{call.path['branch']}")
    return Answer(200, [line for rule in covering for line in _rule_lines(found, rule)])


def _rule_lines(repo: Repo, rule: Rule) -> list[dict[str, object]]:
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repo.full_name,
        "ruleset_id": 1,
    }
    flags = {
        "creation": rule.block_creation,
        "update": rule.block_update,
        "required_signatures": rule.require_signatures,
    }
    lines: list[dict[str, object]] = [{"type": name, **source} for name, on in flags.items() if on]
    if rule.require_pull:
        lines.append({"type": "pull_request", **source})
    return lines


def combined(call: Call) -> Answer:
    """GET commits/{ref}/status."""
    found = call.repo()
    return Answer(200, Render(call.session).combined(found, _commit_of(found, call.path["ref"])))


def statuses(call: Call) -> Answer:
    """GET commits/{ref}/statuses."""
    found, render = call.repo(), Render(call.session)
    oid = _commit_of(found, call.path["ref"])
    mine = [status for status in reversed(found.statuses) if status.oid == oid]
    return call.listed(mine, lambda status: render.status(found, status))


def make_status(call: Call) -> Answer:
    """POST statuses/{sha}."""
    found, body, session = call.writable("WRITE", "statuses"), call.body, call.session
    oid = _commit_of(found, call.path["sha"])
    made = Status(
        session.world.next_id(), oid, body.get("context") or "default", body["state"],
        body.get("description"), body.get("target_url"), session.viewer, session.world.clock.now(),
    )  # fmt: skip
    found.statuses.append(made)
    session.actions.settle_auto_merges(found)
    return Answer(201, Render(session).status(found, made))


def checks(call: Call) -> Answer:
    """GET commits/{ref}/check-runs: the latest of each name unless `filter=all`."""
    found, render = call.repo(), Render(call.session)
    oid = _commit_of(found, call.path["ref"])
    mine = [check for check in list(found.checks) if check.oid == oid]
    if call.query.get("filter") != "all":
        mine = list({check.name: check for check in mine}.values())
    name = call.query.get("check_name")
    mine = [check for check in mine if name in {None, check.name}]
    shown, headers = call.page(mine, lambda check: render.check(found, check))
    return Answer(200, {"total_count": len(mine), "check_runs": shown}, headers)


def make_check(call: Call) -> Answer:
    """POST check-runs; only an App may."""
    found, body, session = call.writable("WRITE", "checks"), call.body, call.session
    if session.token.kind not in {"app", "actions"}:
        raise Refused(403, "You must authenticate via a GitHub App.")
    output = body.get("output") or {}
    made = Check(
        session.world.next_id(), body["head_sha"], body["name"],
        "completed" if body.get("conclusion") else body.get("status", "queued"),
        body.get("conclusion"), session.world.clock.now(), title=output.get("title"),
        summary=output.get("summary"), annotations=output.get("annotations", []),
    )  # fmt: skip
    found.checks.append(made)
    session.actions.settle_auto_merges(found)
    return Answer(201, Render(session).check(found, made))


def _check(call: Call, name: str = "check_run_id") -> tuple[Repo, Check]:
    found, number = call.repo(), int(call.path[name])
    for check in list(found.checks):
        if check.id == number:
            return found, check
    raise Refused(404, "Not Found")


def check(call: Call) -> Answer:
    """GET check-runs/{check_run_id}."""
    found, each = _check(call)
    return Answer(200, Render(call.session).check(found, each))


def annotations(call: Call) -> Answer:
    """GET check-runs/{check_run_id}/annotations."""
    found, each = _check(call)
    href = f"{call.session.html}/{found.full_name}/blob/{each.oid}"
    empty = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    notes = [{**empty, **note, "blob_href": f"{href}/{note['path']}"} for note in each.annotations]
    return call.listed(notes, lambda note: note)


def logs(call: Call) -> Answer:
    """GET actions/jobs/{job_id}/logs: 302 to a place that needs no token."""
    _, each = _check(call, "job_id")
    if each.log is None:
        raise Refused(404, "Not Found")
    return Answer(302, None, {"location": f"{call.session.html}/_logs/{each.id}"})


def search_code(call: Call) -> Answer:
    """GET /search/code: `filename:`, `org:`, `repo:` and words; never more than 1,000 results."""
    session, render = call.session, Render(call.session)
    words = call.query["q"].split()
    terms = dict(word.split(":", 1) for word in words if ":" in word)
    texts = [word for word in words if ":" not in word]
    found: list[tuple[Repo, str, str]] = []
    for each in list(session.world.repos.values()):
        head = each.git.head_oid()
        if (
            head is None
            or not session.world.sees(session.token, each)
            or not _in_scope(each, terms)
        ):
            continue
        for path, entry in each.git.leaves(each.git.tree_of(head)).items():
            if terms.get("filename", "").lower() in path.rpartition("/")[2].lower():
                blob = each.git.get(entry.oid)
                if blob and all(text.encode() in blob.data for text in texts):
                    found.append((each, path, entry.oid))
    page = int(call.query.get("page") or 1) * int(call.query.get("per_page") or 30)
    if page - int(call.query.get("per_page") or 30) >= SEARCH_LIMIT:
        raise Refused(422, "Cannot access beyond the first 1000 results")
    shown, headers = call.page(found[:SEARCH_LIMIT], lambda hit: _hit(call, render, hit))
    return Answer(
        200, {"total_count": len(found), "incomplete_results": False, "items": shown}, headers
    )


def _in_scope(repo: Repo, terms: dict[str, str]) -> bool:
    owner = terms.get("org") or terms.get("user") or repo.owner.login
    return (
        owner.lower() == repo.owner.login.lower()
        and terms.get("repo", repo.full_name) == repo.full_name
    )


def _hit(call: Call, render: Render, hit: tuple[Repo, str, str]) -> object:
    repo, path, oid = hit
    api = f"{call.session.api}/repos/{repo.full_name}"
    return {
        "name": path.rpartition("/")[2], "path": path, "sha": oid, "score": 1.0,
        "url": f"{api}/contents/{path}", "git_url": f"{api}/git/blobs/{oid}",
        "html_url": f"{call.session.html}/{repo.full_name}/blob/{repo.git.head}/{path}",
        "repository": render.repo(repo),
    }  # fmt: skip


REPO = "/repos/{owner}/{repo}"
ROUTES = {
    ("GET", REPO): repo,
    ("GET", f"{REPO}/branches"): branches,
    ("GET", f"{REPO}/compare/{{basehead}}"): compare,
    ("GET", f"{REPO}/branches/{{branch}}/protection"): protection,
    ("GET", f"{REPO}/branches/{{branch}}"): branch,
    ("GET", f"{REPO}/rules/branches/{{branch}}"): rules,
    ("GET", f"{REPO}/commits"): commits,
    ("GET", f"{REPO}/commits/{{ref}}/status"): combined,
    ("GET", f"{REPO}/commits/{{ref}}/statuses"): statuses,
    ("GET", f"{REPO}/commits/{{ref}}/check-runs"): checks,
    ("GET", f"{REPO}/commits/{{ref}}"): commit,
    ("POST", f"{REPO}/statuses/{{sha}}"): make_status,
    ("POST", f"{REPO}/check-runs"): make_check,
    ("GET", f"{REPO}/check-runs/{{check_run_id}}/annotations"): annotations,
    ("GET", f"{REPO}/check-runs/{{check_run_id}}"): check,
    ("GET", f"{REPO}/actions/jobs/{{job_id}}/logs"): logs,
    ("GET", "/search/code"): search_code,
}
