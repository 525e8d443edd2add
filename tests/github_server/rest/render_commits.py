"""GitHub's REST values of commits, refs, statuses and checks."""

import base64

from tests.github_server.model import Check, Repo, Status, node_id, stamp
from tests.github_server.objects import Commit, Person
from tests.github_server.rest.render_repos import Json, RepoRender


class CommitRender(RepoRender):
    """Adds git's side to `RepoRender`."""

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
        said = ("url", "author", "committer", "message", "tree", "verification")
        return {
            "sha": oid, "node_id": inner["node_id"], "url": f"{api}/commits/{oid}",
            "html_url": inner["html_url"], "comments_url": f"{api}/commits/{oid}/comments",
            "commit": {key: inner[key] for key in said} | {"comment_count": 0},
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
                "annotations_count": len(check.annotations),
                "annotations_url": f"{url}/annotations",
            },
        }  # fmt: skip


def _verification(commit: Commit) -> Json:
    signed = commit.signed
    return {
        "verified": signed, "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
        "payload": commit.message if signed else None,
        "verified_at": stamp(commit.committer.when) if signed else None,
    }  # fmt: skip
