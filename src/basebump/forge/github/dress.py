"""Labels, reviewers, assignees and auto-merge: what a pull request wears."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from basebump.core.campaign import Change
from basebump.errors import ForgeError
from basebump.forge.github import mutations, queries
from basebump.forge.github.client import Client, LostAnswerError
from basebump.forge.github.mutations import Mutation
from basebump.forge.github.redact import redact
from basebump.forge.github.refusals import Way, way_of

_log = logging.getLogger(__name__)

_TOGETHER = 10  # pull requests in one request
_TRIES = 5

UNFINISHED = "<!-- basebump: unfinished -->"


@dataclass(frozen=True, slots=True)
class Dress:
    """People and teams by their names; `auto_merge` is `merge`, `squash`, `rebase` or nothing."""

    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    auto_merge: str = ""


@dataclass(frozen=True, slots=True)
class Wearer:
    """A pull request that is open and waits for what it is to wear."""

    repository: str
    owner: str
    key: str
    labels: tuple[str, ...]
    body: str


class Wardrobe:
    """Dresses several pull requests in one request, so that one write opens nearly one of them."""

    def __init__(self, client: Client, dress: Dress) -> None:
        self._client, self._dress = client, dress
        self._ids: dict[str, dict[str, str]] = {}
        self._waiting: list[Wearer] = []

    def due(self, change: Change) -> bool:
        """Whether there is anything to put on."""
        dress = self._dress
        return bool(
            change.labels or dress.reviewers or dress.teams or dress.assignees or dress.auto_merge
        )

    def put_on(self, wearer: Wearer) -> None:
        """Dress it, now or together with others; `finish` leaves nobody waiting."""
        self._waiting.append(wearer)
        if len(self._waiting) >= _TOGETHER:
            self.finish()

    def finish(self) -> None:
        """Dress all that wait. One that cannot be is left to a later run, which sees it."""
        waiting, self._waiting = self._waiting, []
        for attempt in range(_TRIES):
            if not waiting:
                return
            if attempt:
                self._client.pause(attempt + 1)
            try:
                waiting = self._dress_all(waiting)
            except LostAnswerError:
                continue
            except ForgeError as error:
                _log.warning("labels, reviewers and assignees wait for the next run: %s", error)
                return

    def _dress_all(self, wearers: Sequence[Wearer]) -> list[Wearer]:
        """Those whose last word, the final body, could not be said."""
        steps = [(each, step) for each in wearers for step in self._steps(each)]
        answer = self._client.graphql(
            mutations.document("Dress", [step for _, step in steps]),
            {f"m{at}": step.given for at, (_, step) in enumerate(steps)},
            write=True,
        )
        again: list[Wearer] = []
        for at, (wearer, step) in enumerate(steps):
            error = answer.error_at(f"m{at}")
            last = step.field == "updatePullRequest"
            if last and not answer.data.get(f"m{at}"):
                again.append(wearer)
            elif error is not None and not last:
                self._remark(wearer, step, str(error["message"]))
        return again

    def _remark(self, wearer: Wearer, step: Mutation, said: str) -> None:
        if way_of(said) is not Way.SLOWER:
            _log.warning("%s: %s: %s", wearer.repository, step.field, redact(said))

    def _steps(self, wearer: Wearer) -> list[Mutation]:
        """The mutations for one; nobody is asked to review what is their own."""
        dress, ids, key = self._dress, self._people(wearer.owner), wearer.key
        viewer = self._client.viewer.lower()
        people = [ids[login] for login in dress.reviewers if login.lower() != viewer]
        teams = [ids[f"@{team}"] for team in dress.teams]
        steps: list[Mutation] = []
        if wearer.labels:
            steps.append(mutations.add_labels(key, wearer.labels))
        if dress.assignees:
            steps.append(mutations.assign(key, [ids[login] for login in dress.assignees]))
        if people or teams:
            steps.append(mutations.request_reviews(key, people, teams))
        if dress.auto_merge:
            steps.append(mutations.auto_merge(key, dress.auto_merge))
        return [*steps, mutations.update_pull(key, body=wearer.body)]

    def check(self, owner: str) -> None:
        """Raise ForgeError when the configuration names people whom GitHub does not know."""
        self._people(owner)

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
        answer = self._client.whole(queries.people(logins, owner, teams), given)
        found = {login: answer.data.get(f"u{at}") for at, login in enumerate(logins)}
        org = answer.data.get("org") or {}
        found |= {f"@{team}": org.get(f"t{at}") for at, team in enumerate(self._dress.teams)}
        unknown = [name for name, node in found.items() if not node]
        if unknown:
            names = ", ".join(unknown)
            raise ForgeError(f"pull_request: GitHub knows no {names} (reviewers, teams, assignees)")
        return {name: node["id"] for name, node in found.items() if node}
