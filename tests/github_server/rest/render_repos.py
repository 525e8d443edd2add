"""GitHub's REST values of accounts and repositories, complete as its description demands."""

from typing import Any

from tests.github_server.model import Account, Label, Repo, stamp
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


class RepoRender:
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
