"""Which repositories there are, and why some of them are passed over. Never by code search."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from basebump.core.glob import Globs
from basebump.errors import ForgeError, UsageError
from basebump.forge.github import queries
from basebump.forge.github.batches import Asker, Missing
from basebump.forge.github.client import Client, RefusedError, TooHeavyError

PAGE = 100
_HEADS = 50
_WRITERS = frozenset({"WRITE", "MAINTAIN", "ADMIN"})


@dataclass(frozen=True, slots=True)
class Known:
    """A repository as GitHub described it. `commit` and `tree` are None when it is empty."""

    id: str
    full_name: str
    permission: str = "READ"
    visibility: str = "PRIVATE"
    topics: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    branch: str | None = None
    commit: str | None = None
    tree: str | None = None

    @property
    def owner(self) -> str:
        """The account that it belongs to."""
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        """Its name without the owner's."""
        return self.full_name.partition("/")[2]

    @property
    def writable(self) -> bool:
        """Whether this token may push to it."""
        return self.permission in _WRITERS

    @classmethod
    def of(cls, node: dict[str, Any]) -> Self:
        """Read the fields of the `Head` fragment."""
        ref = node["defaultBranchRef"] or {}
        target = ref.get("target") or {}
        topics = (each["topic"]["name"] for each in node["repositoryTopics"]["nodes"] if each)
        return cls(
            id=node["id"],
            full_name=node["nameWithOwner"],
            permission=node["viewerPermission"] or "READ",
            visibility=node["visibility"],
            topics=frozenset(topics),
            flags=frozenset(flag for flag in _FLAGS if node[flag]),
            branch=ref.get("name"),
            commit=target.get("oid"),
            tree=(target.get("tree") or {}).get("oid"),
        )


_FLAGS = (
    "isArchived", "isDisabled", "isEmpty", "isFork", "isLocked", "isMirror", "isTemplate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Which repositories are looked at; the globs match `name` and `owner/name`."""

    include: Globs
    exclude: Globs
    topics: frozenset[str] = frozenset()
    visibility: frozenset[str] = frozenset()
    archived: bool = False
    forks: bool = False
    templates: bool = True
    pushable: bool = False

    def reason(self, repo: Known) -> str | None:
        """Why it is passed over; None when it is to be read."""
        if repo.name in self.exclude or repo.full_name in self.exclude:
            return "excluded by repositories.exclude"
        if repo.name not in self.include and repo.full_name not in self.include:
            return "not in repositories.include"
        if self.topics and not self.topics & repo.topics:
            return "it has none of repositories.topics"
        if self.visibility and repo.visibility.lower() not in self.visibility:
            return f"{repo.visibility.lower()}: not in repositories.visibility"
        for flag, applies, reason in self._flags():
            if applies and flag in repo.flags:
                return reason
        if self.pushable and not repo.writable:
            return f"no permission to push ({repo.permission.lower()})"
        return None if repo.commit and repo.tree else "empty: it has no commit"

    def _flags(self) -> tuple[tuple[str, bool, str], ...]:
        return (
            ("isDisabled", True, "disabled by GitHub"),
            ("isLocked", True, "locked: it is being moved"),
            ("isMirror", True, "a mirror of another repository"),
            ("isArchived", not self.archived, "archived"),
            ("isFork", not self.forks, "a fork"),
            ("isTemplate", not self.templates, "a template"),
            ("isEmpty", True, "empty: it has no commit"),
        )


@dataclass(frozen=True, slots=True)
class Discovered:
    """The repositories by name, and what is known of those that could not be seen.

    `unseen` are names that failed, each with the reason; `hidden` says in a sentence that the
    owner has more than this token is shown.
    """

    repos: tuple[Known, ...]
    unseen: tuple[tuple[str, str], ...] = ()
    hidden: str = ""


@dataclass(slots=True)
class _Pages:
    """What a walk through the pages has gathered."""

    repos: dict[str, Known] = field(default_factory=dict)
    nulls: int = 0
    total: int = 0
    kind: str = ""


def of_owner(client: Client, owner: str, *, page: int = PAGE) -> Discovered:
    """Every repository of an organisation or a person. Raises UsageError for an unknown one."""
    pages = _Pages()
    after: str | None = None
    while True:
        listed = _page(client, owner, page, after, pages)
        for node in listed["nodes"]:
            if node is not None:
                repo = Known.of(node)
                pages.repos[repo.id] = repo
        pages.total = listed["totalCount"]
        if not listed["pageInfo"]["hasNextPage"]:
            break
        after = listed["pageInfo"]["endCursor"]
    missing = pages.total - len(pages.repos)
    unseen: tuple[tuple[str, str], ...] = ()
    if missing > 0:
        reason = f"GitHub counts {pages.total} repositories of {owner} and did not show {missing}"
        unseen = ((f"({missing} not shown)", reason),)
    hidden = _hidden(client, owner, pages)
    return Discovered(_sorted(pages.repos.values()), unseen, hidden)


def _page(
    client: Client, owner: str, size: int, after: str | None, pages: _Pages
) -> dict[str, Any]:
    """One page, smaller when GitHub cannot answer for a large one, nulls only as a last resort."""
    attempt = 0
    while True:
        variables = {"owner": owner, "first": size, "after": after}
        try:
            answer = client.graphql(queries.PAGE, variables)
        except TooHeavyError as error:
            if size == 1 and attempt >= _TRIES:
                raise ForgeError(f"the repositories of {owner} cannot be listed: {error}") from None
            size, attempt = max(1, size // 2), attempt + 1
            client.pause(min(attempt, _TRIES))
            continue
        found = answer.data.get("repositoryOwner")
        if found is None:
            if answer.loose_errors or (not answer.errors and attempt < _TRIES):
                attempt += 1
                client.pause(attempt)
                continue
            raise UsageError(_unknown(client, owner, answer.errors))
        pages.kind = found["__typename"]
        listed: dict[str, Any] = found["repositories"]
        if None not in listed["nodes"] or attempt > _TRIES:
            return listed
        size, attempt = max(1, size // 2), attempt + 1


_TRIES = 4


def _unknown(client: Client, owner: str, errors: Sequence[dict[str, Any]]) -> str:
    said = "; ".join(str(error.get("message", "")) for error in errors)
    advice = client.lacks_scope or "is it spelt right, and may this token see it?"
    return f"{owner}: GitHub knows no such organisation or user ({said}); {advice}"


def _hidden(client: Client, owner: str, pages: _Pages) -> str:
    """The owner's own count against ours; an answer without private figures proves nothing."""
    if pages.kind != "Organization":
        return ""
    try:
        said = client.rest("GET", f"/orgs/{owner}")
    except RefusedError:
        return ""
    own = int(said.get("public_repos") or 0) + int(said.get("total_private_repos") or 0)
    if own <= pages.total:
        return ""
    advice = client.lacks_scope or "give the token or the App access to the others, if they matter"
    return f"{owner} has {own} repositories and this token is shown {pages.total}: {advice}"


def of_list(client: Client, names: Sequence[str]) -> Discovered:
    """The repositories of a list of `owner/name`; one that is not there is an answer, too."""
    asker = Asker(client, "Heads", queries.HEAD, _HEADS)
    unique = list(dict.fromkeys(names))
    asked = [queries.head(*_split(name)) for name in unique]
    repos: dict[str, Known] = {}
    unseen: list[tuple[str, str]] = []
    for name, reply in zip(unique, asker.ask(asked), strict=True):
        if isinstance(reply, Missing):
            unseen.append((name, f"GitHub shows no such repository: {reply.reason}"))
        else:
            repo = Known.of(reply)
            repos[repo.id] = repo
    return Discovered(_sorted(repos.values()), tuple(unseen))


def of_installation(client: Client) -> Discovered:
    """Everything that an App's installation was given."""
    return of_list(client, list(_installed(client)))


def _installed(client: Client) -> Iterator[str]:
    page = 1
    while True:
        said = client.rest("GET", f"/installation/repositories?per_page={PAGE}&page={page}")
        for repo in said["repositories"]:
            yield repo["full_name"]
        if page * PAGE >= said["total_count"] or not said["repositories"]:
            return
        page += 1


def _split(full_name: str) -> tuple[str, str]:
    owner, slash, name = full_name.partition("/")
    if not slash or not owner or not name or "/" in name:
        raise UsageError(f"{full_name!r}: a repository is written as owner/name")
    return owner, name


def _sorted(repos: Iterable[Known]) -> tuple[Known, ...]:
    return tuple(sorted(repos, key=lambda repo: repo.full_name.lower()))
