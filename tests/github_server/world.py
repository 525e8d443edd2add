"""Everything that exists on the server, and who may see and change it."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.github_server.clock import Clock
from tests.github_server.gitstore import GitStore
from tests.github_server.model import LEVELS, Account, Label, Pull, Refused, Repo, Token

DEFAULT_LABELS = {"bug": "d73a4a", "enhancement": "a2eeef"}


class World:
    """Accounts, tokens and repositories by their names; one lock for every write."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root, self.clock = root, clock
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.repos: dict[str, Repo] = {}
        self.moved: dict[str, Repo] = {}
        self.nodes: dict[str, object] = {}
        self.apps: dict[str, tuple[str, str, str]] = {}
        self.by_id: dict[int, Repo] = {}
        self.lazy_mergeability = False
        self.enterprise_version: str | None = None
        self._ids = count(1001)
        self._by_owner: dict[str, list[Repo]] = {}

    def next_id(self) -> int:
        """Give a number that nothing else has."""
        return next(self._ids)

    def add_account(self, login: str, kind: str = "User", name: str | None = None) -> Account:
        """Make an account, or give the one that is there."""
        known = self.accounts.get(login.lower())
        if known is None:
            known = Account(self.next_id(), login, kind, name)
            self.accounts[login.lower()] = self.nodes[known.node] = known
        return known

    def account(self, login: str) -> Account:
        """Find an account; raises Refused (404)."""
        try:
            return self.accounts[login.lower()]
        except KeyError:
            message = f"Could not resolve to a User with the login of '{login}'."
            raise Refused(404, message, kind="NOT_FOUND") from None

    def add_repo(self, owner: Account, name: str, git: GitStore) -> Repo:
        """Make a repository without content of its own."""
        now = self.clock.now()
        repo = Repo(self.next_id(), owner, name, git, now, pushed_at=now)
        for label, color in DEFAULT_LABELS.items():
            self.add_label(repo, label, color)
        self.repos[repo.full_name.lower()] = self.nodes[repo.node] = repo
        self.by_id[repo.id] = repo
        self._by_owner.setdefault(owner.login, []).append(repo)
        return repo

    def add_label(self, repo: Repo, name: str, color: str, about: str | None = None) -> Label:
        """Make a label of a repository."""
        label = Label(self.next_id(), name, color, about)
        repo.labels[name.lower()] = self.nodes[label.node] = label
        return label

    def rename(self, repo: Repo, name: str) -> None:
        """Give a repository another name; the old one goes on leading to it."""
        with self.lock:
            old = repo.full_name.lower()
            del self.repos[old]
            repo.name = name
            self.moved[old] = repo
            self.repos[repo.full_name.lower()] = repo

    def owned(self, owner: Account) -> list[Repo]:
        """Give an account's repositories, in the order in which they were made."""
        return self._by_owner.get(owner.login, [])

    def level(self, token: Token, repo: Repo) -> str:
        """Give what a token's account may do in a repository (`NONE` … `ADMIN`)."""
        if token.repositories is not None and repo.full_name not in token.repositories:
            return "NONE" if repo.visibility == "PRIVATE" else "READ"
        given = repo.permissions.get(token.account.login)
        if given is None and token.account is repo.owner:
            return "ADMIN"
        level = given or repo.default_permission
        if token.kind == "classic" and "repo" not in token.scopes:
            if repo.visibility != "PUBLIC":
                return "NONE"
            return level if "public_repo" in token.scopes else "READ"
        return level

    def sees(self, token: Token, repo: Repo) -> bool:
        """Say whether the repository exists for this token."""
        return repo.visibility == "PUBLIC" or self.level(token, repo) != "NONE"

    def find(self, token: Token, full_name: str, *, follow: bool = True) -> Repo:
        """Find a repository by `owner/name`, also by a former one; raises Refused (404)."""
        key = full_name.lower()
        repo = self.repos.get(key) or (self.moved.get(key) if follow else None)
        if repo is None or not self.sees(token, repo):
            message = f"Could not resolve to a Repository with the name '{full_name}'."
            raise Refused(404, message, kind="NOT_FOUND")
        self.check_sso(token, repo.owner)
        return repo

    def check_sso(self, token: Token, owner: Account) -> None:
        """Refuse a token that an organisation's single sign-on has not authorised."""
        if owner.login in token.sso_pending:
            url = f"https://github.com/orgs/{owner.login}/sso?authorization_request=A"
            message = (
                "Resource protected by organization SAML enforcement. You must grant your Personal "
                "Access token access to this organization."
            )
            headers = {"x-github-sso": f"required; url={url}"}
            raise Refused(403, message, kind="FORBIDDEN", headers=headers)

    def may(self, token: Token, repo: Repo, need: str, permission: str = "contents") -> None:
        """Refuse a write that this token must not make, or that the repository does not take."""
        level = self.level(token, repo)
        wanted = {"repo"} | ({"public_repo"} if repo.visibility == "PUBLIC" else set())
        if token.kind == "classic" and not wanted & token.scopes:
            spoken = (
                "Your token has not been granted the required scopes to execute this query. It "
                f"requires one of the following scopes: {sorted(wanted)}, but your token has only "
                f"been granted the: {sorted(token.scopes)} scopes."
            )
            raise Refused(404, "Not Found", kind="INSUFFICIENT_SCOPES", spoken=spoken)
        bounded = token.kind != "classic"
        if bounded and token.permissions.get(permission) != "write":
            name = "integration" if token.kind in {"app", "actions"} else "personal access token"
            message = f"Resource not accessible by {name}"
            raise Refused(403, message, kind="FORBIDDEN")
        if LEVELS.index(level) < LEVELS.index(need):
            message = f"{token.account.login} does not have the correct permissions to execute this"
            raise Refused(404 if level == "NONE" else 403, message, kind="FORBIDDEN")
        if repo.archived:
            message = "Repository was archived so is read-only"
            raise Refused(403, f"{message}.", spoken=message)
        if repo.disabled or repo.locked:
            raise Refused(403, "Repository access blocked", kind="FORBIDDEN")

    def pulls(self) -> Iterator[Pull]:
        """Give every pull request."""
        for repo in list(self.repos.values()):
            yield from list(repo.pulls.values())
