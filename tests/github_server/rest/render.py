"""GitHub's REST values, complete as its OpenAPI description demands."""

import base64
from typing import Any

from tests.github_server.graphql.pulls import base_of, merge_state
from tests.github_server.model import (
    Account,
    Check,
    Comment,
    Label,
    Pull,
    Repo,
    Review,
    Status,
    node_id,
    stamp,
)  # fmt: skip
from tests.github_server.objects import Commit, Person
from tests.github_server.session import Session

Json = dict[str, Any]
ACCOUNT_URLS = (
    "followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}",
    "subscriptions", "orgs", "repos", "events{/privacy}", "received_events",
)  # fmt: skip
REPO_URLS = (
    "{archive_format}{/ref}", "assignees{/user}", "git/blobs{/sha}", "branches{/branch}",
    "collaborators{/collaborator}", "comments{/number}", "commits{/sha}",
    "compare/{base}...{head}", "contents/{+path}", "contributors", "deployments", "downloads",
    "events", "forks", "git/commits{/sha}", "git/refs{/sha}", "git/tags{/sha}",
    "issues/comments{/number}", "issues/events{/number}", "issues{/number}", "keys{/key_id}",
    "labels{/name}", "languages", "merges", "milestones{/number}",
    "notifications{?since,all,participating}", "pulls{/number}", "releases{/id}", "stargazers",
    "statuses/{sha}", "subscribers", "subscription", "tags", "teams", "git/trees{/sha}", "hooks",
)  # fmt: skip
REPO_URL_NAMES = (
    "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare",
    "contents", "contributors", "deployments", "downloads", "events", "forks", "git_commits",
    "git_refs", "git_tags", "issue_comment", "issue_events", "issues", "keys", "labels",
    "languages", "merges", "milestones", "notifications", "pulls", "releases", "stargazers",
    "statuses", "subscribers", "subscription", "tags", "teams", "trees", "hooks",
)  # fmt: skip


class Render:
    """Writes values with the addresses that this session's client uses."""

    def __init__(self, session: Session) -> None:
        self.session, self.api, self.html = session, session.api, session.html

    def user(self, account: Account) -> Json:
        """Write `simple-user`."""
        url = f"{self.api}/users/{account.login}"
        names = [each.partition("{")[0] for each in ACCOUNT_URLS]
        keys = [{"orgs": "organizations"}.get(name, name) for name in names]
        links = {
            f"{key}_url": f"{url}/{each}" for key, each in zip(keys, ACCOUNT_URLS, strict=True)
        }
        return {
            "login": account.login,
            "id": account.id,
            "node_id": account.node,
            "avatar_url": f"{self.html}/avatars/{account.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.html}/{account.login}",
            **links,
            "type": account.kind,
            "site_admin": False,
        }

    def public_user(self, account: Account) -> Json:
        """Write `public-user`."""
        nothing = dict.fromkeys(("company", "blog", "location", "hireable", "bio"))
        born = stamp(self.session.world.clock.now())
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        return {
            **self.user(account), **nothing, **counts, "name": account.name, "email": account.email,
            "created_at": born, "updated_at": born, "user_view_type": "public",
        }  # fmt: skip

    def organization(self, org: Account) -> Json:
        """Write `organization-full`."""
        url = f"{self.api}/orgs/{org.login}"
        owned = list(self.session.world.owned(org))
        public = sum(repo.visibility == "PUBLIC" for repo in owned)
        names = ("repos", "events", "hooks", "issues")
        born = stamp(self.session.world.clock.now())
        return {
            "login": org.login,
            "id": org.id,
            "node_id": org.node,
            "url": url,
            **{f"{name}_url": f"{url}/{name}" for name in names},
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.html}/avatars/{org.id}",
            "html_url": f"{self.html}/{org.login}",
            "description": None,
            "name": org.name or org.login,
            "type": "Organization",
            "has_organization_projects": True,
            "has_repository_projects": True,
            "public_repos": public,
            "total_private_repos": len(owned) - public,
            "owned_private_repos": len(owned) - public,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": born,
            "updated_at": born,
            "archived_at": None,
        }

    def repo(self, repo: Repo, *, full: bool = False) -> Json:
        """Write `repository` (which `minimal-repository` accepts), or `full-repository`."""
        url, html = f"{self.api}/repos/{repo.full_name}", f"{self.html}/{repo.full_name}"
        links = zip(REPO_URL_NAMES, REPO_URLS, strict=True)
        level = self.session.world.level(self.session.token, repo)
        ranks = {
            "pull": "READ",
            "triage": "TRIAGE",
            "push": "WRITE",
            "maintain": "MAINTAIN",
            "admin": "ADMIN",
        }
        order = ("NONE", "READ", "TRIAGE", "WRITE", "MAINTAIN", "ADMIN")
        rights = {key: order.index(level) >= order.index(need) for key, need in ranks.items()}
        shown = {
            "id": repo.id,
            "node_id": repo.node,
            "name": repo.name,
            "full_name": repo.full_name,
            "private": repo.visibility != "PUBLIC",
            "owner": self.user(repo.owner),
            "html_url": html,
            "description": repo.description,
            "fork": repo.fork,
            "url": url,
            **{f"{name}_url": f"{url}/{path}" for name, path in links},
            "git_url": html.replace("http://", "git://") + ".git",
            "ssh_url": f"git@github.com:{repo.full_name}.git",
            "clone_url": f"{html}.git",
            "svn_url": html,
            "mirror_url": f"{html}.git" if repo.mirror else None,
            "homepage": None,
            "language": None,
            "size": repo.disk_usage,
            "default_branch": repo.git.head,
            "visibility": repo.visibility.lower(),
            "archived": repo.archived,
            "disabled": repo.disabled,
            "is_template": repo.template,
            "topics": list(repo.topics),
            "has_issues": True,
            "has_projects": True,
            "has_wiki": True,
            "has_pages": False,
            "has_downloads": True,
            "has_discussions": False,
            "allow_auto_merge": repo.allow_auto_merge,
            "delete_branch_on_merge": repo.delete_branch_on_merge,
            "license": None,
            "pushed_at": stamp(repo.pushed_at),
            "created_at": stamp(repo.at),
            "updated_at": stamp(repo.pushed_at),
            "permissions": rights,
            "open_issues_count": sum(p.state == "OPEN" for p in list(repo.pulls.values())),
        }
        shown |= dict.fromkeys(("forks_count", "stargazers_count", "watchers_count"), 0)
        shown |= dict.fromkeys(("forks", "open_issues", "watchers"), 0)
        return shown | dict.fromkeys(("subscribers_count", "network_count"), 0) if full else shown

    def label(self, repo: Repo, label: Label) -> Json:
        """Write `label`."""
        return {
            "id": label.id,
            "node_id": label.node,
            "url": f"{self.api}/repos/{repo.full_name}/labels/{label.name}",
            "name": label.name,
            "color": label.color,
            "description": label.description,
            "default": label.name in {"bug", "enhancement"},
        }

    def pull(self, pull: Pull, *, full: bool = False) -> Json:
        """Write `pull-request-simple`, or `pull-request`."""
        repo, number = pull.repo, pull.number
        api = f"{self.api}/repos/{repo.full_name}"
        url, issue, html = f"{api}/pulls/{number}", f"{api}/issues/{number}", self._html(pull)
        links = {
            "self": url, "html": html, "issue": issue, "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments", "review_comment": f"{api}/pulls/comments{{/number}}",
            "commits": f"{url}/commits", "statuses": f"{api}/statuses/{pull.head_oid}",
        }  # fmt: skip
        renamed = {name: f"{name}_url" for name in links if name not in {"self", "html"}}
        assignees = [self.user(account) for account in pull.assignees.values()]
        shown = {
            "id": pull.id,
            "node_id": pull.node,
            "number": number,
            "state": "open" if pull.state == "OPEN" else "closed",
            "locked": pull.locked,
            "title": pull.title,
            "body": pull.body,
            "user": self.user(pull.author),
            "draft": pull.draft,
            "url": url,
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            **{key: links[name] for name, key in renamed.items()},
            "_links": {name: {"href": link} for name, link in links.items()},
            "labels": [self.label(repo, label) for label in pull.labels.values()],
            "milestone": None,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "requested_reviewers": [self.user(account) for account in pull.reviewers.values()],
            "requested_teams": [self.team(repo.owner, slug) for slug in pull.teams],
            "created_at": stamp(pull.at),
            "updated_at": stamp(pull.updated_at),
            "closed_at": stamp(pull.closed_at) if pull.closed_at else None,
            "merged_at": stamp(pull.closed_at)
            if pull.closed_at and pull.state == "MERGED"
            else None,
            "merge_commit_sha": pull.merge_commit,
            "head": self._side(pull, pull.head_ref, pull.head_oid),
            "base": self._side(pull, pull.base_ref, pull.base_oid),
            "author_association": "CONTRIBUTOR",
            "auto_merge": self._auto(pull),
        }
        return shown | self._full_pull(pull) if full else shown

    def _full_pull(self, pull: Pull) -> Json:
        git = pull.repo.git
        changed = git.changed(git.tree_of(base_of(pull)), git.tree_of(pull.head_oid))
        actions = self.session.actions
        state = merge_state(pull, _Info(self.session)).lower()
        mergeable = bool(actions.mergeable(pull)) if pull.state == "OPEN" else None
        return {
            "merged": pull.state == "MERGED",
            "mergeable": mergeable,
            "rebaseable": mergeable,
            "mergeable_state": state,
            "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            "comments": len(pull.comments),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": len(git.between(base_of(pull), pull.head_oid)),
            "additions": len(changed),
            "deletions": len(changed),
            "changed_files": len(changed),
        }

    def _html(self, pull: Pull) -> str:
        return f"{self.html}/{pull.repo.full_name}/pull/{pull.number}"

    def _side(self, pull: Pull, ref: str, oid: str) -> Json:
        repo = pull.repo
        label = f"{repo.owner.login}:{ref}"
        return {
            "label": label,
            "ref": ref,
            "sha": oid,
            "user": self.user(repo.owner),
            "repo": self.repo(repo),
        }

    def _auto(self, pull: Pull) -> Json | None:
        wish: Any = pull.auto_merge
        if not wish:
            return None
        method = wish["method"].lower()
        return {
            "enabled_by": self.user(wish["who"]), "merge_method": method,
            "commit_title": pull.title, "commit_message": "",
        }  # fmt: skip

    def team(self, org: Account, slug: str) -> Json:
        """Write `team-simple`."""
        url = f"{self.api}/organizations/{org.id}/team/{slug}"
        return {
            "id": org.id, "node_id": f"T_{org.login}_{slug}", "name": slug, "slug": slug, "url": url,
            "html_url": f"{self.html}/orgs/{org.login}/teams/{slug}", "description": None,
            "members_url": f"{url}/members{{/member}}", "repositories_url": f"{url}/repos",
            "permission": "pull", "privacy": "closed", "parent": None, "type": "organization",
            "organization_id": org.id,
        }  # fmt: skip

    def issue(self, pull: Pull) -> Json:
        """Write a pull request as `issue`."""
        simple = self.pull(pull)
        api = f"{self.api}/repos/{pull.repo.full_name}"
        url = f"{api}/issues/{pull.number}"
        kept = (
            "id", "node_id", "number", "state", "locked", "title", "body", "user", "labels", "draft",
            "milestone", "assignee", "assignees", "created_at", "updated_at", "closed_at",
            "html_url", "author_association",
        )  # fmt: skip
        links = {f"{name}_url": f"{url}/{name}" for name in ("comments", "events")}
        return {
            **{name: simple[name] for name in kept}, **links, "url": url, "repository_url": api,
            "labels_url": f"{url}/labels{{/name}}", "comments": len(pull.comments),
            "pull_request": {
                "url": simple["url"], "html_url": simple["html_url"],
                "diff_url": simple["diff_url"], "patch_url": simple["patch_url"],
            },
        }  # fmt: skip

    def comment(self, pull: Pull, comment: Comment) -> Json:
        """Write `issue-comment`."""
        api = f"{self.api}/repos/{pull.repo.full_name}"
        return {
            "id": comment.id, "node_id": node_id("IC", comment.id),
            "url": f"{api}/issues/comments/{comment.id}",
            "html_url": f"{self._html(pull)}#issuecomment-{comment.id}",
            "issue_url": f"{api}/issues/{pull.number}", "body": comment.body,
            "user": self.user(comment.author), "author_association": "CONTRIBUTOR",
            "created_at": stamp(comment.at), "updated_at": stamp(comment.at),
        }  # fmt: skip

    def review(self, pull: Pull, review: Review) -> Json:
        """Write `pull-request-review`."""
        url = f"{self.api}/repos/{pull.repo.full_name}/pulls/{pull.number}"
        html = f"{self._html(pull)}#pullrequestreview-{review.id}"
        return {
            "id": review.id, "node_id": node_id("PRR", review.id), "user": self.user(review.author),
            "body": review.body, "state": review.state, "html_url": html, "pull_request_url": url,
            "_links": {"html": {"href": html}, "pull_request": {"href": url}},
            "submitted_at": stamp(review.at), "commit_id": review.oid,
            "author_association": "CONTRIBUTOR",
        }  # fmt: skip

    def person(self, person: Person) -> Json:
        """Write an author or committer."""
        return {"name": person.name, "email": person.email, "date": stamp(person.when)}

    def git_commit(self, repo: Repo, oid: str) -> Json:
        """Write `git-commit`."""
        commit, api = repo.git.commit(oid), f"{self.api}/repos/{repo.full_name}"
        html = f"{self.html}/{repo.full_name}/commit"
        return {
            "sha": oid,
            "node_id": f"C_{oid}",
            "url": f"{api}/git/commits/{oid}",
            "html_url": f"{html}/{oid}",
            "author": self.person(commit.author),
            "committer": self.person(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
            "parents": [
                {"sha": each, "url": f"{api}/git/commits/{each}", "html_url": f"{html}/{each}"}
                for each in commit.parents
            ],
            "verification": _verification(commit),
        }

    def commit(self, repo: Repo, oid: str) -> Json:
        """Write `commit`."""
        inner, api = self.git_commit(repo, oid), f"{self.api}/repos/{repo.full_name}"
        commit = repo.git.commit(oid)
        said = ("author", "committer", "message", "tree", "verification")
        return {
            "sha": oid, "node_id": inner["node_id"], "url": f"{api}/commits/{oid}",
            "html_url": inner["html_url"], "comments_url": f"{api}/commits/{oid}/comments",
            "commit": {"url": inner["url"], "comment_count": 0, **{key: inner[key] for key in said}},
            "author": self._account(commit.author), "committer": self._account(commit.committer),
            "parents": [
                {**each, "url": f"{api}/commits/{each['sha']}"} for each in inner["parents"]
            ],
        }  # fmt: skip

    def _account(self, person: Person) -> Json | None:
        accounts = list(self.session.world.accounts.values())
        found = next((each for each in accounts if each.email == person.email), None)
        return self.user(found) if found else None

    def ref(self, repo: Repo, name: str) -> Json:
        """Write `git-ref`."""
        oid, api = repo.git.refs[name], f"{self.api}/repos/{repo.full_name}/git"
        kind = repo.git.need(oid).kind
        found = {"type": kind, "sha": oid, "url": f"{api}/{kind}s/{oid}"}
        identity = base64.b64encode(f"{repo.id}:{name}".encode()).decode()
        return {"ref": name, "node_id": f"REF_{identity}", "url": f"{api}/{name}", "object": found}

    def status(self, repo: Repo, status: Status) -> Json:
        """Write `status` (which `simple-commit-status` accepts)."""
        return {
            "id": status.id, "node_id": node_id("SC", status.id), "state": status.state,
            "context": status.context, "description": status.description, "target_url": status.url,
            "avatar_url": f"{self.html}/avatars/{status.author.id}",
            "url": f"{self.api}/repos/{repo.full_name}/statuses/{status.oid}",
            "created_at": stamp(status.at), "updated_at": stamp(status.at),
            "creator": self.user(status.author),
        }  # fmt: skip

    def combined(self, repo: Repo, oid: str) -> Json:
        """Write `combined-commit-status`: the statuses alone, `pending` when there are none."""
        latest = {each.context: each for each in list(repo.statuses) if each.oid == oid}
        states = {each.state for each in latest.values()}
        state = "failure" if states & {"failure", "error"} else "pending"
        if states == {"success"}:
            state = "success"
        api = f"{self.api}/repos/{repo.full_name}/commits/{oid}"
        return {
            "state": state, "statuses": [self.status(repo, each) for each in latest.values()],
            "sha": oid, "total_count": len(latest), "repository": self.repo(repo),
            "commit_url": api, "url": f"{api}/status",
        }  # fmt: skip

    def check(self, repo: Repo, check: Check) -> Json:
        """Write `check-run`."""
        url = f"{self.api}/repos/{repo.full_name}/check-runs/{check.id}"
        html = f"{self.html}/{repo.full_name}/actions/runs/{check.id}/job/{check.id}"
        return {
            "id": check.id, "node_id": node_id("CR", check.id), "head_sha": check.oid,
            "external_id": "", "name": check.name, "status": check.status,
            "conclusion": check.conclusion, "started_at": stamp(check.at),
            "completed_at": stamp(check.at) if check.conclusion else None, "url": url,
            "html_url": html, "details_url": check.url or html, "check_suite": {"id": check.id},
            "app": None, "pull_requests": [],
            "output": {
                "title": check.title, "summary": check.summary, "text": None,
                "annotations_count": len(check.annotations), "annotations_url": f"{url}/annotations",
            },
        }  # fmt: skip


class _Info:
    """What resolvers of pull requests ask graphql-core's info for."""

    def __init__(self, session: Session) -> None:
        self.context = session


def _verification(commit: Commit) -> Json:
    signed = commit.signed
    return {
        "verified": signed, "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
        "payload": commit.message if signed else None,
        "verified_at": stamp(commit.committer.when) if signed else None,
    }  # fmt: skip
