"""The server with its socket, and the Python side of it for tests."""

import secrets
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.github_server import fleet
from tests.github_server.clock import Clock, SystemClock
from tests.github_server.gitstore import GitStore, files_to_changes
from tests.github_server.http import Handler, HttpServer
from tests.github_server.limits import Limits
from tests.github_server.model import Account, Check, Pull, Repo, Review, Rule, Status, Token
from tests.github_server.service import Service
from tests.github_server.snapshot import shown
from tests.github_server.world import World

Files = Mapping[str, bytes | tuple[str, bytes] | None]


class GitHubServer:
    """A GitHub of our own on loopback; use it as a context manager.

    `url` is the REST base (`https://api.github.com` in life), `url + "/graphql"` the GraphQL
    endpoint; `url + "/api/v3"` and `url + "/api/graphql"` are those of a GHES. Leaving the `with`
    block raises AssertionError when a request or an answer broke GitHub's OpenAPI description.
    Raises ContractsMissing when the contracts cannot be had.
    """

    def __init__(
        self,
        root: Path | None = None,
        clock: Clock | None = None,
        *,
        limits: Limits | None = None,
        validate: bool = True,
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self._own_root = None if root else Path(tempfile.mkdtemp(prefix="github-server-"))
        self.root = root or self._own_root or Path()
        self.clock = clock or SystemClock()
        self.limits = limits or Limits()
        self.world = World(self.root, self.clock)
        self._service = Service(self.world, self.clock, limits=self.limits, validate=validate)
        self._service.latency = latency
        self.faults, self.requests = self._service.faults, self._service.log
        self.ledger, self.actions = self._service.ledger, self._service.actions
        self.violations = self._service.violations
        self.bot = self.world.add_account("basebump-bot", name="Basebump Bot")
        self.human = self.world.add_account("octocat", name="Mona Lisa Octocat")
        self.token = self.add_token().value
        self._http = HttpServer(("127.0.0.1", port), Handler)
        self._http.service = self._service
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if kind is None and self.violations:
            raise AssertionError("GitHub's contract is broken:\n" + "\n".join(self.violations))

    def start(self) -> None:
        """Begin to answer."""
        run = {"poll_interval": 0.02}
        threading.Thread(target=self._http.serve_forever, kwargs=run, daemon=True).start()

    def stop(self) -> None:
        """Stop answering; a temporary root is removed."""
        self._http.shutdown()
        self._http.server_close()
        if self._own_root:
            shutil.rmtree(self._own_root, ignore_errors=True)

    @property
    def latency(self) -> float:
        """Seconds of real time added to each answer."""
        return self._service.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._service.latency = seconds

    # accounts

    def add_org(self, login: str, *, teams: tuple[str, ...] = ()) -> Account:
        """Make an organisation with these teams."""
        org = self.world.add_account(login, "Organization")
        org.teams |= set(teams)
        return org

    def add_user(self, login: str, name: str | None = None) -> Account:
        """Make a person."""
        return self.world.add_account(login, name=name)

    def add_token(self, login: str = "basebump-bot", **fields: Any) -> Token:  # noqa: ANN401 - fields
        """Make a token of an account; `fields` are those of `Token`."""
        value = fields.pop("value", f"ghp_{secrets.token_hex(18)}")
        kind = "Bot" if login.endswith("[bot]") else "User"
        token = Token(value, self.world.add_account(login, kind), **fields)
        self.world.tokens[value] = token
        return token

    def add_app(self, app_id: str, installation: int, owner: str, public_key: str) -> None:
        """Install an App on an account; `public_key` (PEM) checks its JWTs."""
        self.world.apps[str(installation)] = (public_key, app_id, owner)

    # repositories

    def add_repo(
        self,
        full_name: str,
        files: Files | None = None,
        *,
        default_branch: str = "main",
        message: str = "First commit",
        **fields: Any,  # noqa: ANN401 - the fields of Repo
    ) -> Repo:
        """Make a repository, with one commit of these files (none: an empty repository).

        `fields` are those of `Repo`: `archived`, `fork`, `visibility`, `topics`, `permissions`,
        `default_permission`, `rules`, `pull_requests`…
        """
        login, _, name = full_name.partition("/")
        owner = self.world.add_account(login, "Organization")
        store = GitStore(self.root / login / f"{name}.git", head=default_branch)
        repo = self.world.add_repo(owner, name, store)
        for key, value in fields.items():
            setattr(repo, key, value)
        if files:
            self._commit(repo, f"refs/heads/{default_branch}", files, message, self.human)
        return repo

    def from_fleet(self, folder: Path, org: str = "acme") -> list[Repo]:
        """Make a repository of each sub-folder; nothing is written to the folder.

        A git repository (bare or with a work tree) is served as it is, a plain one as one commit.
        """
        owner = self.add_org(org)
        return [self._adopt(owner, each) for each in sorted(folder.iterdir()) if each.is_dir()]

    def _adopt(self, owner: Account, folder: Path) -> Repo:
        name = folder.name.removesuffix(".git")
        source = fleet.git_directory(folder)
        if source is None:
            return self.add_repo(f"{owner.login}/{name}", fleet.files_of(folder))
        store = GitStore(self.root / owner.login / f"{name}.git", source=source)
        return self.world.add_repo(owner, name, store)

    def repo(self, full_name: str) -> Repo:
        """Give a repository by its present or a former name."""
        key = full_name.lower()
        return self.world.repos.get(key) or self.world.moved[key]

    def git_dir(self, full_name: str) -> Path:
        """Give the real bare repository; it is written through from now on, and is only read."""
        return self.repo(full_name).git.materialise()

    # what people do

    def push_as_human(
        self,
        full_name: str,
        branch: str,
        files: Files,
        author: str = "octocat",
        message: str = "A commit by hand",
    ) -> str:
        """Put a commit on a branch (made from the default one when absent); give its oid."""
        with self.world.lock:
            repo = self.repo(full_name)
            ref, head = f"refs/heads/{branch}", repo.git.head_oid()
            if ref not in repo.git.refs and head:
                self.actions.create_ref(repo, ref, head, human=True)
            return self._commit(repo, ref, files, message, self.world.add_account(author))

    def _commit(self, repo: Repo, ref: str, files: Files, message: str, author: Account) -> str:
        changes = files_to_changes(repo.git, files)
        return self.actions.commit(
            repo, ref, changes, message=message, author=author, signed=False, human=True
        )

    def delete_branch(self, full_name: str, branch: str) -> None:
        """Delete a branch by hand."""
        with self.world.lock:
            self.actions.delete_ref(self.repo(full_name), f"refs/heads/{branch}")

    def pull(self, full_name: str, number: int) -> Pull:
        """Give a pull request."""
        return self.repo(full_name).pulls[number]

    def close_pull(self, full_name: str, number: int) -> None:
        """Close a pull request by hand."""
        with self.world.lock:
            self.actions.close(self.pull(full_name, number), self.human)

    def merge_pull(self, full_name: str, number: int, method: str = "merge") -> str:
        """Merge a pull request by hand; give the new commit."""
        with self.world.lock:
            return self.actions.merge(
                self.pull(full_name, number), self.human, method=method, human=True
            )

    def review(self, full_name: str, number: int, state: str = "APPROVED") -> None:
        """Review a pull request by hand; `state` is GraphQL's."""
        pull, now = self.pull(full_name, number), self.clock.now()
        review = Review(self.world.next_id(), self.human, state, "", now, pull.head_oid)
        with self.world.lock:
            pull.reviews.append(review)
            self.actions.settle_auto_merges(pull.repo)

    def rename_repo(self, full_name: str, name: str) -> None:
        """Rename a repository; the old name answers 301."""
        self.world.rename(self.repo(full_name), name)

    def archive(self, full_name: str) -> None:
        """Archive a repository."""
        self.repo(full_name).archived = True

    def protect(self, full_name: str, pattern: str, **flags: Any) -> None:  # noqa: ANN401 - of Rule
        """Add a branch rule; `flags` are those of `Rule`."""
        self.repo(full_name).rules.append(Rule(pattern, **flags))

    def set_status(
        self,
        full_name: str,
        oid: str,
        context: str,
        state: str,
        *,
        description: str | None = None,
        url: str | None = None,
    ) -> None:
        """Set a commit status: `success`, `failure`, `error` or `pending`."""
        repo = self.repo(full_name)
        with self.world.lock:
            repo.statuses.append(
                Status(self.world.next_id(), oid, context, state, description, url, self.human,
                       self.clock.now())
            )  # fmt: skip
            self.actions.settle_auto_merges(repo)

    def set_check(
        self,
        full_name: str,
        oid: str,
        name: str,
        conclusion: str | None,
        *,
        log: str | None = None,
        annotations: list[dict[str, object]] | None = None,
    ) -> Check:
        """Set a check run (`conclusion` None: it is running), with its job's log."""
        repo, status = self.repo(full_name), "completed" if conclusion else "in_progress"
        made = Check(self.world.next_id(), oid, name, status, conclusion, self.clock.now(), log=log)
        made.annotations = annotations or []
        made.url = f"{self.url}/{full_name}/actions/runs/{made.id}/job/{made.id}"
        with self.world.lock:
            repo.checks.append(made)
            self.actions.settle_auto_merges(repo)
        return made

    # what there is

    def state(self) -> dict[str, dict[str, object]]:
        """Give all refs and pull requests in a form that does not depend on time or order of work.

        A ref is shown by its tree and the messages of the commits that the default branch does not
        have, so two runs at different times compare equal.
        """
        with self.world.lock:
            return {name: shown(repo) for name, repo in sorted(self.world.repos.items())}
