"""One request's view of the server: who asks, of which world, by which address."""

from dataclasses import dataclass

from tests.github_server.actions import Actions
from tests.github_server.limits import Ledger
from tests.github_server.log import Request
from tests.github_server.model import Account, Refused, Repo, Token
from tests.github_server.world import World


@dataclass(slots=True)
class Session:
    """`api` is the REST base as the client sees it, `html` the site's own."""

    world: World
    actions: Actions
    ledger: Ledger
    token: Token
    request: Request
    html: str
    api: str
    truncate_trees: bool = False

    @property
    def viewer(self) -> Account:
        """Who asks."""
        return self.token.account

    def repo(self, full_name: str, *, follow: bool = True) -> Repo:
        """Find a repository that the token sees; raises Refused (404)."""
        return self.world.find(self.token, full_name, follow=follow)

    def may(self, repo: Repo, need: str, permission: str = "contents") -> None:
        """Refuse a write; see `World.may`."""
        self.world.may(self.token, repo, need, permission)

    def may_open(self, repo: Repo) -> None:
        """Refuse a pull request that this token must not open."""
        self.may(repo, "READ", "pull_requests")
        if self.token.kind == "actions" and not repo.actions_may_open:
            message = "GitHub Actions is not permitted to create or approve pull requests."
            raise Refused(403, message, kind="FORBIDDEN")
