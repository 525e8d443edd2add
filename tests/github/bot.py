"""The adapter without the command line, on a clock that costs no time."""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from basebump.config import DEFAULT_FILES
from basebump.config.images import rule
from basebump.core.campaign import PullRequestTemplate, branch_of, changes_of
from basebump.core.facts import NoFacts
from basebump.core.glob import Globs
from basebump.core.inquiry import Inquiry
from basebump.core.pace import Pace
from basebump.core.plan import RepoPlan
from basebump.core.snapshot import Snapshot
from basebump.fleet import Policy, plan_again, plan_fleet
from basebump.forge import Repo, Unavailable
from basebump.forge.github.discover import Filter
from basebump.forge.github.dress import Dress
from basebump.forge.github.forge import GitHubForge, Ours, Source
from basebump.forge.github.opening import Settings, open_github
from basebump.forge.github.read import Sizes, Wanted
from basebump.rollout import Published, publish
from tests.github_server import GitHubServer

ALL = Filter(Globs(("*",)), Globs(()))
ACME, PLAIN, WORDS, USUAL = Source("acme"), Dress(), PullRequestTemplate(), Sizes()
NODE = rule("maichong/node", "8.9.3")


class Bot:
    """One nightly run after another, each on a fresh machine."""

    def __init__(
        self,
        server: GitHubServer,
        *,
        source: Source = ACME,
        chosen: Filter = ALL,
        dress: Dress = PLAIN,
        template: PullRequestTemplate = WORDS,
        sizes: Sizes = USUAL,
        cache: Path | None = None,
        per_hour: int = 400,
        token: str | None = None,
    ) -> None:
        self.server, self.source, self.chosen, self.dress = server, source, chosen, dress
        self.template, self.sizes, self.cache, self.per_hour = template, sizes, cache, per_hour
        self.env = {"GH_TOKEN": token or server.token, "PATH": os.environ["PATH"]}
        self.wanted = Wanted(DEFAULT_FILES)
        self.policy = Policy((NODE,), template, Inquiry(NoFacts()))

    def forge(self) -> GitHubForge:
        """A forge that has seen nothing yet."""
        branch = branch_of(NODE, self.template) or ""
        settings = Settings(
            self.server.url,
            self.source,
            self.chosen,
            self.wanted,
            Ours("basebump/", (branch,)),
            self.dress,
            self.per_hour,
            self.cache,
            self.sizes,
        )
        return open_github(settings, self.env, self.server.clock)

    def repos(self) -> list[Repo]:
        """What discovery gives."""
        return self.forge().repos()

    def read(self) -> list[Snapshot | Unavailable]:
        """What reading gives."""
        forge = self.forge()
        return list(forge.read([repo for repo in forge.repos() if repo.passed_over is None]))

    def snapshot(self) -> Snapshot:
        """The one repository's snapshot."""
        (answer,) = self.read()
        assert isinstance(answer, Snapshot), answer
        return answer

    def plans(self) -> list[RepoPlan]:
        """What a plan comes to."""
        forge = self.forge()
        return list(plan_fleet(forge, forge.repos(), self.policy))

    def apply(self, *, reopen: bool = False) -> list[Published]:
        """Plan and publish."""
        forge = self.forge()
        plans = list(plan_fleet(forge, forge.repos(), self.policy))
        changes = [c for p in plans for c in changes_of(p, self.policy.rules, self.template)]
        active = [branch_of(NODE, self.template) or ""]
        again = partial(plan_again, forge, policy=self.policy)
        return list(publish(forge, changes, again, active, Pace(max_open=10_000), reopen=reopen))

    def outcomes(self) -> dict[str, str]:
        """Each repository's outcome after a run."""
        return outcomes(self.apply())


def outcomes(results: Iterable[Published]) -> dict[str, str]:
    """Each repository's outcome, with the reason of a failure."""
    return {
        each.repository: f"{each.outcome}: {each.reason}" if each.reason else each.outcome
        for each in results
    }


def skipped(repos: Sequence[Repo]) -> dict[str, str]:
    """The repositories that are passed over, and why."""
    return {repo.name: repo.passed_over for repo in repos if repo.passed_over is not None}
