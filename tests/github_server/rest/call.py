"""A REST request on its way in, its answer on its way out, and pages of lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.github_server.model import Pull, Refused, Repo
from tests.github_server.session import Session

Json = dict[str, Any]
MOST = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON, raw bytes or nothing."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A request to one route: `path` holds the template's values, `body` the JSON sent."""

    session: Session
    path: dict[str, str]
    query: dict[str, str]
    body: Json
    route: str
    accept: str = ""

    def repo(self) -> Repo:
        """Find the repository of the path; a former name is refused with a 301 (307 for writes)."""
        full_name = f"{self.path['owner']}/{self.path['repo']}"
        found = self.session.repo(full_name)
        if found.full_name.lower() != full_name.lower():
            status = 301 if self.session.request.method in {"GET", "HEAD"} else 307
            raise Refused(status, "Moved Permanently", headers={"location": self._moved(found)})
        return found

    def _moved(self, repo: Repo) -> str:
        rest = self.session.request.path.split("/repos/", 1)[1].split("/", 2)[2:]
        query = f"?{self.session.request.query}" if self.session.request.query else ""
        return f"{self.session.api}/repositories/{repo.id}{'/' + rest[0] if rest else ''}{query}"

    def writable(self, need: str = "WRITE", permission: str = "contents") -> Repo:
        """Find the repository and refuse a write that this token must not make."""
        repo = self.repo()
        self.session.may(repo, need, permission)
        return repo

    def pull(self, name: str = "pull_number") -> Pull:
        """Find the pull request of the path."""
        found = self.repo().pulls.get(int(self.path[name]))
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def page(
        self, items: Sequence[Any], show: Callable[[Any], object]
    ) -> tuple[list[object], Json]:
        """Give the asked page of a list, and its `Link` header."""
        size = min(MOST, max(1, int(self.query.get("per_page") or 30)))
        number = max(1, int(self.query.get("page") or 1))
        last = max(1, -(-len(items) // size))
        wanted = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
        if number >= last:
            wanted = {"first": 1, "prev": number - 1}
        if number == 1:
            wanted = {key: value for key, value in wanted.items() if key in {"next", "last"}}
        links = ", ".join(f'<{self._url(to)}>; rel="{rel}"' for rel, to in wanted.items())
        shown = [show(item) for item in items[(number - 1) * size : number * size]]
        return shown, {"link": links} if links else {}

    def listed(self, items: Sequence[Any], show: Callable[[Any], object]) -> Answer:
        """Answer with the asked page."""
        shown, headers = self.page(items, show)
        return Answer(200, shown, headers)

    def _url(self, page: int) -> str:
        path = self.session.request.path.removeprefix("/api/v3")
        return f"{self.session.api}{path}?{urlencode({**self.query, 'page': page})}"
