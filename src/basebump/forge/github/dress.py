"""Labels, reviewers, assignees and auto-merge: what a pull request wears."""

from collections.abc import Sequence
from dataclasses import dataclass

from basebump.core.campaign import Change
from basebump.errors import ForgeError
from basebump.forge.github import mutations, queries
from basebump.forge.github.client import Client
from basebump.forge.github.mutations import Mutation

UNFINISHED = "<!-- basebump: unfinished -->"


@dataclass(frozen=True, slots=True)
class Dress:
    """People and teams by their names; `auto_merge` is `merge`, `squash`, `rebase` or nothing."""

    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    auto_merge: str = ""


class Wardrobe:
    """Turns names into ids, once each, and those into mutations."""

    def __init__(self, client: Client, dress: Dress) -> None:
        self._client, self._dress = client, dress
        self._ids: dict[str, dict[str, str]] = {}

    def due(self, change: Change) -> bool:
        """Whether there is anything to put on."""
        dress = self._dress
        return bool(
            change.labels or dress.reviewers or dress.teams or dress.assignees or dress.auto_merge
        )

    def steps(self, key: str, labels: Sequence[str], owner: str, viewer: str) -> list[Mutation]:
        """The mutations for a pull request; nobody is asked to review what is their own."""
        dress, ids = self._dress, self._people(owner)
        people = [ids[login] for login in dress.reviewers if login.lower() != viewer.lower()]
        teams = [ids[f"@{team}"] for team in dress.teams]
        steps: list[Mutation] = []
        if labels:
            steps.append(mutations.add_labels(key, labels))
        if dress.assignees:
            steps.append(mutations.assign(key, [ids[login] for login in dress.assignees]))
        if people or teams:
            steps.append(mutations.request_reviews(key, people, teams))
        if dress.auto_merge:
            steps.append(mutations.auto_merge(key, dress.auto_merge))
        return steps

    def _people(self, owner: str) -> dict[str, str]:
        """The ids of all people, and of the owner's teams under `@slug`.

        Raises ForgeError for a name that GitHub does not know.
        """
        if owner not in self._ids:
            logins = list(dict.fromkeys((*self._dress.reviewers, *self._dress.assignees)))
            teams = [team.rpartition("/")[2] for team in self._dress.teams]
            self._ids[owner] = self._resolve(owner, logins, teams) if logins or teams else {}
        return self._ids[owner]

    def _resolve(self, owner: str, logins: Sequence[str], teams: Sequence[str]) -> dict[str, str]:
        given = {f"u{at}": login for at, login in enumerate(logins)}
        given |= {f"t{at}": slug for at, slug in enumerate(teams)}
        if teams:
            given["org"] = owner
        answer = self._client.graphql(queries.people(logins, owner, teams), given)
        found = {login: answer.data.get(f"u{at}") for at, login in enumerate(logins)}
        org = answer.data.get("org") or {}
        found |= {f"@{team}": org.get(f"t{at}") for at, team in enumerate(self._dress.teams)}
        unknown = [name for name, node in found.items() if not node]
        if unknown:
            names = ", ".join(unknown)
            raise ForgeError(f"pull_request: GitHub knows no {names} (reviewers, teams, assignees)")
        return {name: node["id"] for name, node in found.items() if node}
