"""An organisation on GitHub, or a person's, an App's or a list's repositories, as a forge."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from basebump.core.campaign import Change
from basebump.core.snapshot import Snapshot
from basebump.errors import AuthenticationError, ForgeError, UsageError
from basebump.forge import CheckRun, Found, Landed, PullRequest, Repo, Step, Unavailable
from basebump.forge.github import discover
from basebump.forge.github.builds import Builds
from basebump.forge.github.cache import TreeCache
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Discovered, Filter, Known
from basebump.forge.github.dress import Dress
from basebump.forge.github.find import Finder
from basebump.forge.github.landing import Lander
from basebump.forge.github.publish import Publisher
from basebump.forge.github.read import Reader, Sizes, Wanted


@dataclass(frozen=True, slots=True)
class Source:
    """Where the repositories come from: an owner, a list of `owner/name`, or the installation."""

    owner: str | None = None
    names: tuple[str, ...] = ()

    def discover(self, client: Client) -> Discovered:
        """Ask GitHub."""
        if self.owner is not None:
            return discover.of_owner(client, self.owner)
        return (
            discover.of_list(client, self.names) if self.names else discover.of_installation(client)
        )

    def name(self, repo: Known) -> str:
        """The name that reports use: short below one owner, full otherwise."""
        return repo.name if self.owner is not None else repo.full_name


@dataclass(frozen=True, slots=True)
class Ours:
    """How our branches are known: the campaigns' own, and how all of them begin."""

    prefix: str = "basebump/"
    branches: tuple[str, ...] = ()


class GitHubForge:
    """The verbs of the job on GitHub; every request goes through the client's budget."""

    def __init__(
        self,
        client: Client,
        source: Source,
        chosen: Filter,
        wanted: Wanted,
        *,
        ours: Ours = Ours(),
        dress: Dress = Dress(),  # noqa: B008 - frozen
        cache: Path | None = None,
        sizes: Sizes = Sizes(),  # noqa: B008 - frozen
    ) -> None:
        self._client, self._source, self._chosen = client, source, chosen
        kept = TreeCache(cache, wanted.patterns) if cache else None
        self._reader = Reader(client, wanted, sizes, kept)
        self._finder = Finder(client, ours.prefix, ours.branches, sizes.found)
        self._publisher = Publisher(client, self._finder, dress)
        self._lander, self._builds = Lander(client), Builds(client)
        self._known: dict[str, Known] = {}
        self._fresh: set[str] = set()
        self._unseen: dict[str, str] = {}

    def repos(self) -> list[Repo]:
        """Every repository by name. Raises UsageError for an unknown owner or an empty one."""
        found = self._source.discover(self._client)
        self._known = {self._source.name(repo): repo for repo in found.repos}
        self._fresh = set(self._known)
        self._unseen = dict(found.unseen)
        repos = [Repo(name, self._chosen.reason(repo)) for name, repo in self._known.items()]
        repos += [Repo(name) for name in self._unseen]
        if not repos and self._client.lacks_scope:
            raise AuthenticationError(self._client.lacks_scope)
        if not repos:
            raise UsageError(f"{self._source.owner or 'the App'}: no repository to be seen")
        if found.hidden:
            repos.append(Repo("(not visible)", found.hidden))
        return repos

    def read(self, repos: Iterable[Repo]) -> Iterator[Snapshot | Unavailable]:
        """One answer for each repository; a head that was used before is asked for again."""
        names = [repo.name for repo in repos]
        self._refresh([n for n in names if n in self._known and n not in self._fresh])
        self._fresh -= set(names)
        named = [(n, self._known[n]) for n in names if n in self._known and self._known[n].tree]
        answers = self._reader.read(named)
        for name in names:
            if name in self._unseen:
                yield Unavailable(name, self._unseen[name])
            elif name not in self._known:
                yield Unavailable(name, f"GitHub shows no repository called {name}")
            elif self._known[name].tree is None:
                yield Unavailable(name, "empty: it has no commit", skipped=True)
            else:
                yield next(answers)

    def find(self, changes: Sequence[Change]) -> Iterator[Found | Unavailable]:
        """What each repository holds already for its change."""
        return iter(self._finder.find([(change, self._repo(change)) for change in changes]))

    def publish(self, found: Found, step: Step) -> PullRequest:
        """Carry a step out; see `publish`."""
        return self._publisher.publish(self._repo(found.change), found, step)

    def finish(self) -> None:
        """Put on what several pull requests wait for; called when all are published."""
        self._publisher.finish()

    def supersede(self, older: PullRequest, by: PullRequest) -> None:
        """Close the older one with a comment that names the new one, and delete its branch."""
        self._publisher.supersede(self._known[older.repository], older, by)

    def pull_requests(self) -> Iterator[PullRequest | Unavailable]:
        """Ours: those of the configured campaigns in any state, and every other open one."""
        read = [repo.name for repo in self.repos() if repo.passed_over is None]
        for name in read:
            if name in self._unseen:
                yield Unavailable(name, self._unseen[name])
        named = [(name, self._known[name]) for name in read if name in self._known]
        yield from self._finder.pull_requests(named)

    def merge(self, request: PullRequest, method: str, *, auto: bool) -> Landed:
        """Merge the commit that was looked at; see `landing`."""
        return self._lander.merge(request, method, auto=auto)

    def merge_later(self, request: PullRequest, method: str) -> Landed:
        """Leave it to GitHub's auto-merge or merge queue; see `landing`."""
        return self._lander.merge_later(request, method)

    def close(self, request: PullRequest, comment: str) -> None:
        """Close it, say why, and delete its branch; see `landing`."""
        self._lander.close(self._known[request.repository], request, comment)

    def builds(self, requests: Sequence[PullRequest]) -> Iterator[CheckRun | Unavailable]:
        """What the checks of these pull requests say; see `builds`."""
        yield from self._builds.of([(self._known[r.repository], r) for r in requests])

    def _repo(self, change: Change) -> Known:
        if change.repository not in self._known:
            raise ForgeError(f"GitHub shows no repository called {change.repository}")
        return self._known[change.repository]

    def _refresh(self, names: Sequence[str]) -> None:
        """Ask for the heads of these again."""
        by_name = {self._known[name].full_name: name for name in names}
        found = discover.of_list(self._client, list(by_name)) if by_name else Discovered(())
        by_id = {self._known[name].id: name for name in names}
        for repo in found.repos:
            self._known[by_id[repo.id]] = repo
        for full_name, reason in found.unseen:
            self._unseen[by_name[full_name]] = reason
