"""GitHub's REST values of pull requests, beside those of commits and repositories."""

from typing import Any

from tests.github_server.graphql.pulls import base_of, merge_state
from tests.github_server.model import Account, Comment, Pull, Review, node_id, stamp
from tests.github_server.rest.render_commits import CommitRender
from tests.github_server.rest.render_repos import Json


class Render(CommitRender):
    """Writes any value of the server."""

    def pull(self, pull: Pull, *, full: bool = False) -> Json:
        """Write `pull-request-simple`, or `pull-request`."""
        repo, number = pull.repo, pull.number
        api = f"{self.api}/repos/{repo.full_name}"
        url, issue, html = f"{api}/pulls/{number}", f"{api}/issues/{number}", self._html(pull)
        links = {
            "self": url, "html": html, "issue": issue, "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{api}/pulls/comments{{/number}}",
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
            # The description of a pull request's label cannot be null, unlike that of a label.
            "labels": [
                self.label(repo, label) | {"description": label.description or ""}
                for label in pull.labels.values()
            ],
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
        found = actions.mergeability(pull)
        state = "unknown" if found == "UNKNOWN" else merge_state(pull, actions).lower()
        mergeable = {"MERGEABLE": True, "CONFLICTING": False}.get(found)
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
            "id": org.id, "node_id": f"T_{org.login}_{slug}", "name": slug, "slug": slug,
            "url": url,
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
            "id", "node_id", "number", "state", "locked", "title", "body", "user", "labels",
            "draft",
            "milestone", "assignee", "assignees", "created_at", "updated_at", "closed_at",
            "html_url", "author_association",
        )  # fmt: skip
        links = {f"{name}_url": f"{url}/{name}" for name in ("comments", "events")}
        return {
            **{name: simple[name] for name in kept}, **links, "url": url, "repository_url": api,
            "labels_url": f"{url}/labels{{/name}}", "comments": len(pull.comments),
            "closed_by": self.user(pull.closed_by) if pull.closed_by else None,
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
