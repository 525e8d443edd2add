"""What the server knows besides git: accounts, tokens, repositories, pull requests, checks."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from tests.github_server.gitstore import GitStore

LEVELS = ("NONE", "READ", "TRIAGE", "WRITE", "MAINTAIN", "ADMIN")


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """GitHub says no.

    REST shows `status`, `message` and `errors`; GraphQL `kind` as the type, and `spoken`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "UNPROCESSABLE",
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        spoken: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.kind = status, message, kind
        self.errors, self.headers = errors, headers or {}
        self.spoken = spoken or message


def invalid(resource: str, message: str, *, field: str | None = None) -> Refused:
    """Give REST's `Validation Failed` with one custom error; GraphQL shows the message alone."""
    detail = {"resource": resource, "code": "custom", "message": message}
    if field:
        detail["field"] = field
    return Refused(422, "Validation Failed", errors=[detail], spoken=message)


def stamp(seconds: float) -> str:
    """Write a time as GitHub does: `2026-01-02T03:04:05Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(prefix: str, number: int) -> str:
    """Make an opaque id in the form of GitHub's."""
    return f"{prefix}_{base64.urlsafe_b64encode(number.to_bytes(6, 'big')).decode()}"


@dataclass(slots=True, eq=False)
class Account:
    """A person, a bot or an organisation. `kind` is `User`, `Bot` or `Organization`."""

    id: int
    login: str
    kind: str = "User"
    name: str | None = None
    teams: set[str] = field(default_factory=set)

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return node_id({"User": "U", "Bot": "BOT", "Organization": "O"}[self.kind], self.id)

    @property
    def email(self) -> str:
        """The address that its commits carry."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(slots=True, eq=False)
class Token:
    """What a request proves itself with.

    `kind`: `classic` (bounded by `scopes`), `fine-grained`, `app` or `actions` (bounded by
    `permissions`, such as `{"contents": "write"}`, and by `repositories`, full names, when given).
    """

    value: str
    account: Account
    kind: str = "classic"
    scopes: frozenset[str] = frozenset({"repo", "read:org", "workflow"})
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[str] | None = None
    expires_at: float | None = None
    sso_pending: frozenset[str] = frozenset()
    installation: int | None = None

    @property
    def budget_key(self) -> str:
        """Whose limits it spends: the installation's or the person's."""
        return f"app:{self.installation}" if self.installation else f"user:{self.account.login}"


@dataclass(slots=True, eq=False)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return node_id("LA", self.id)


@dataclass(frozen=True, slots=True)
class Rule:
    """A branch rule. The pattern matches branch names, `*` crossing slashes here."""

    pattern: str
    block_creation: bool = False
    block_update: bool = False
    require_pull: bool = False
    require_signatures: bool = False
    required_checks: tuple[str, ...] = ()
    required_reviews: int = 0

    def covers(self, ref: str) -> bool:
        """Say whether it speaks of this ref."""
        return fnmatchcase(ref.removeprefix("refs/heads/"), self.pattern)


@dataclass(slots=True, eq=False)
class Comment:
    """A comment on a pull request."""

    id: int
    author: Account
    body: str
    at: float


@dataclass(slots=True, eq=False)
class Review:
    """A review; `state` is `APPROVED`, `CHANGES_REQUESTED` or `COMMENTED`."""

    id: int
    author: Account
    state: str
    body: str
    at: float
    oid: str


@dataclass(slots=True, eq=False)
class Check:
    """A check run on a commit; `conclusion` is nothing while it runs."""

    id: int
    oid: str
    name: str
    status: str
    conclusion: str | None
    at: float
    log: str | None = None
    title: str | None = None
    summary: str | None = None
    annotations: list[dict[str, object]] = field(default_factory=list)
    url: str | None = None


@dataclass(slots=True, eq=False)
class Status:
    """A commit status; `state` is `success`, `failure`, `error` or `pending`."""

    id: int
    oid: str
    context: str
    state: str
    description: str | None
    url: str | None
    author: Account
    at: float


@dataclass(slots=True, eq=False)
class Pull:
    """A pull request. `head_oid` and `base_oid` are kept when the branches go."""

    id: int
    number: int
    repo: "Repo"
    author: Account
    title: str
    body: str | None
    head_ref: str
    base_ref: str
    head_oid: str
    base_oid: str
    at: float
    draft: bool = False
    state: str = "OPEN"
    locked: bool = False
    merge_commit: str | None = None
    merged_by: Account | None = None
    closed_by: Account | None = None
    updated_at: float = 0.0
    closed_at: float | None = None
    labels: dict[str, Label] = field(default_factory=dict)
    assignees: dict[str, Account] = field(default_factory=dict)
    reviewers: dict[str, Account] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    auto_merge: dict[str, object] | None = None

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return node_id("PR", self.id)


@dataclass(slots=True, eq=False)
class Repo:
    """A repository: what `GitStore` does not know."""

    id: int
    owner: Account
    name: str
    git: GitStore
    at: float
    archived: bool = False
    disabled: bool = False
    locked: bool = False
    fork: bool = False
    mirror: bool = False
    template: bool = False
    visibility: str = "PRIVATE"
    topics: tuple[str, ...] = ()
    description: str | None = None
    pull_requests: bool = True
    actions_may_open: bool = True
    allow_auto_merge: bool = True
    delete_branch_on_merge: bool = False
    default_permission: str = "WRITE"
    permissions: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    pushed_at: float = 0.0
    disk_usage: int = 0
    pulls: dict[int, Pull] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    mergeability: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return node_id("R", self.id)

    @property
    def empty(self) -> bool:
        """Whether it has no branch at all."""
        return not any(ref.startswith("refs/heads/") for ref in self.git.refs)

    def rules_for(self, ref: str) -> list[Rule]:
        """Give the rules that cover a ref."""
        return [rule for rule in self.rules if rule.covers(ref)]
