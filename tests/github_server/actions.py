"""What can be done to a repository, by REST, by GraphQL or by a person, with GitHub's refusals."""

from tests.github_server.merge import merged_tree
from tests.github_server.model import Account, Comment, Pull, Refused, Repo, invalid
from tests.github_server.objects import Commit, Person
from tests.github_server.refs import RefActions, committer


class Actions(RefActions):
    """Every write of the server; the caller has checked permissions and holds the world's lock."""

    def create_pull(
        self,
        repo: Repo,
        author: Account,
        *,
        title: str,
        body: str | None,
        head: str,
        base: str,
        draft: bool = False,
    ) -> Pull:
        """Open a pull request; 422 as GitHub does for a second, an empty or an impossible one."""
        if not repo.pull_requests:
            raise Refused(404, "Pull requests are disabled for this repository", kind="NOT_FOUND")
        head = head.removeprefix(f"{repo.owner.login}:").removeprefix("refs/heads/")
        base = base.removeprefix("refs/heads/")
        refs = repo.git.refs
        if f"refs/heads/{head}" not in refs:
            raise invalid("PullRequest", "Head sha can't be blank", field="head")
        if f"refs/heads/{base}" not in refs:
            raise invalid("PullRequest", "Base sha can't be blank", field="base")
        for other in repo.pulls.values():
            if other.state == "OPEN" and (other.head_ref, other.base_ref) == (head, base):
                message = f"A pull request already exists for {repo.owner.login}:{head}."
                raise invalid("PullRequest", message)
        head_oid, base_oid = refs[f"refs/heads/{head}"], refs[f"refs/heads/{base}"]
        if repo.git.contains(base_oid, head_oid):
            raise invalid("PullRequest", f"No commits between {base} and {head}")
        now, number = self.world.clock.now(), len(repo.pulls) + 1
        pull = Pull(
            self.world.next_id(), number, repo, author, title, body, head, base,
            head_oid, base_oid, now, draft=draft, updated_at=now,
        )  # fmt: skip
        repo.pulls[number] = self.world.nodes[pull.node] = pull
        return pull

    def reopen(self, pull: Pull) -> None:
        """Open it again; 422 without its branch, when merged, or beside another open one."""
        refs = pull.repo.git.refs
        if pull.state == "MERGED":
            raise invalid("PullRequest", "Could not open the pull request.", field="state")
        head = refs.get(f"refs/heads/{pull.head_ref}")
        twin = any(
            other is not pull and other.state == "OPEN" and other.head_ref == pull.head_ref
            for other in pull.repo.pulls.values()
        )
        if head is None or twin:
            raise invalid("PullRequest", "state cannot be changed.", field="state")
        pull.state, pull.closed_at, pull.head_oid = "OPEN", None, head
        pull.closed_by = None
        pull.updated_at = self.world.clock.now()

    def retarget(self, pull: Pull, base: str) -> None:
        """Point a pull request at another base branch."""
        oid = pull.repo.git.refs.get(f"refs/heads/{base}")
        if oid is None:
            message = "Proposed base branch '{base}' was not found"
            raise invalid("PullRequest", message.format(base=base), field="base")
        pull.base_ref, pull.base_oid = base, oid

    def request_reviews(
        self, pull: Pull, people: dict[str, Account], teams: dict[str, str], *, union: bool
    ) -> None:
        """Ask for reviews; 422 for the author and for those who do not see the repository."""
        repo = pull.repo
        for account in people.values():
            if account is pull.author:
                raise Refused(422, "Review cannot be requested from pull request author.")
            level = repo.permissions.get(account.login, repo.default_permission)
            if level == "NONE":
                message = "Reviews may only be requested from collaborators."
                raise Refused(
                    422,
                    f"{message} One or more of the users or teams you specified is "
                    f"not a collaborator of the {repo.full_name} repository.",
                )
        pull.reviewers = {**(pull.reviewers if union else {}), **people}
        pull.teams = {**(pull.teams if union else {}), **teams}

    def comment(self, pull: Pull, author: Account, body: str) -> Comment:
        """Say something on a pull request."""
        made = Comment(self.world.next_id(), author, body, self.world.clock.now())
        pull.comments.append(made)
        pull.updated_at = made.at
        return made

    def mergeable(self, pull: Pull) -> str | None:
        """Give the merged tree's oid, or nothing when the branches conflict."""
        key, git = (pull.base_oid, pull.head_oid), pull.repo.git
        cache = pull.repo.mergeability
        if key not in cache:
            if git.contains(pull.head_oid, pull.base_oid):
                cache[key] = git.tree_of(pull.head_oid)
            else:
                cache[key] = merged_tree(git, pull.base_oid, pull.head_oid)
        return cache[key]

    def mergeability(self, pull: Pull) -> str:
        """Give GraphQL's `mergeable`. With `lazy_mergeability` the first look says `UNKNOWN`."""
        key = (pull.base_oid, pull.head_oid)
        unknown = self.world.lazy_mergeability and key not in pull.repo.mergeability
        merged = self.mergeable(pull)
        if unknown or pull.state != "OPEN":
            return "UNKNOWN"
        return "MERGEABLE" if merged else "CONFLICTING"

    def blocked(self, pull: Pull) -> str | None:
        """Give the reason for which rules forbid the merge."""
        git, repo = pull.repo.git, pull.repo
        for rule in repo.rules_for(f"refs/heads/{pull.base_ref}"):
            green = self.green(repo, pull.head_oid)
            for name in rule.required_checks:
                if name not in green:
                    return f'Required status check "{name}" is expected.'
            if len(approvals(pull)) < rule.required_reviews:
                number = rule.required_reviews
                reviews = f"At least {number} approving review is required"
                return f"{reviews} by reviewers with write access."
            commits = git.between(pull.base_oid, pull.head_oid)
            if rule.require_signatures and not all(git.commit(oid).signed for oid in commits):
                return "Commits must have verified signatures."
        return None

    def green(self, repo: Repo, oid: str) -> set[str]:
        """Give the names of the checks and statuses that passed on a commit."""
        latest = {check.name: check.conclusion for check in repo.checks if check.oid == oid}
        passed = {
            name for name, result in latest.items() if result in {"success", "neutral", "skipped"}
        }
        states = {status.context: status.state for status in repo.statuses if status.oid == oid}
        return passed | {name for name, state in states.items() if state == "success"}

    def merge(
        self,
        pull: Pull,
        who: Account,
        *,
        method: str = "merge",
        expected: str | None = None,
        title: str | None = None,
        human: bool = False,
    ) -> str:
        """Merge by `merge`, `squash` or `rebase` and give the new commit; 405 and 409 as GitHub."""
        if pull.state != "OPEN" or pull.draft:
            raise Refused(405, "Pull Request is not mergeable")
        if expected and expected != pull.head_oid:
            raise Refused(
                409, "Head branch was modified. Review and try the merge again.", kind="STALE_DATA"
            )
        tree = self.mergeable(pull)
        if tree is None:
            raise Refused(405, "Pull Request has merge conflicts")
        reason = None if human else self.blocked(pull)
        if reason:
            raise Refused(405, reason)
        repo, now = pull.repo, self.world.clock.now()
        person = Person(who.name or who.login, who.email, int(now))
        parents = (pull.base_oid, pull.head_oid) if method == "merge" else (pull.base_oid,)
        text = title or f"Merge pull request #{pull.number} from {repo.owner.login}/{pull.head_ref}"
        made = Commit(tree, parents, person, committer(person, signed=True), text, signed=True)
        oid = repo.git.put(made.encode()).oid
        pull.state, pull.merge_commit, pull.merged_by = "MERGED", oid, who
        pull.closed_by = who
        pull.closed_at = pull.updated_at = now
        pull.auto_merge = None
        self._set(repo, f"refs/heads/{pull.base_ref}", oid, pull.base_oid)
        if repo.delete_branch_on_merge and f"refs/heads/{pull.head_ref}" in repo.git.refs:
            self.delete_ref(repo, f"refs/heads/{pull.head_ref}")
        return oid

    def auto_merge(self, pull: Pull, who: Account, method: str) -> None:
        """Let GitHub merge it when it may; refused when it could be merged at once."""
        if not pull.repo.allow_auto_merge:
            raise Refused(422, "Auto merge is not allowed for this repository")
        if self.mergeable(pull) and not self.blocked(pull) and not pull.draft:
            checks = {check.name for check in pull.repo.checks if check.oid == pull.head_oid}
            state = "clean" if checks <= self.green(pull.repo, pull.head_oid) else "unstable"
            raise Refused(422, f"Pull request Pull request is in {state} status")
        now = self.world.clock.now()
        pull.auto_merge = {"who": who, "method": method.upper(), "at": now}

    def settle_auto_merges(self, repo: Repo) -> None:
        """Merge what waits for its checks and may be merged now."""
        for pull in list(repo.pulls.values()):
            wish = pull.auto_merge
            if wish and pull.state == "OPEN" and self.mergeable(pull) and not self.blocked(pull):
                who = wish["who"]
                assert isinstance(who, Account)
                self.merge(pull, who, method=str(wish["method"]).lower())


def approvals(pull: Pull) -> set[str]:
    """Give who approves of a pull request, by each one's last review."""
    last = {r.author.login: r.state for r in pull.reviews if r.state != "COMMENTED"}
    return {login for login, state in last.items() if state == "APPROVED"}
