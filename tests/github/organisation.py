"""Twelve repositories, each in another state, that can be copied in no time, history and all."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from tests.github_server import GitHubServer, Pull, Repo

TEMPLATE = "template"
BRANCH = "basebump/maichong-node-8.9.3"
OLD = b"FROM maichong/node:8.9.1\nCOPY . .\n"
NEW = OLD.replace(b"8.9.1", b"8.9.3")
OLDER = ("older",)
BEFORE = ("changed", "declined", "merged", "same", "taken")
Files = Mapping[str, bytes | tuple[str, bytes] | None]

FILES: dict[str, Files] = {
    "changed": {"Dockerfile": OLD},  # its pull request is of another content by now
    "crlf": {"docker/Dockerfile": OLD.replace(b"\n", b"\r\n")},
    "declined": {"Dockerfile": OLD},  # a person closed its pull request
    "half": {"Dockerfile": OLD},  # a branch without a commit, as a broken run leaves it
    "merged": {"Dockerfile": OLD},  # merged, and then the old line came back
    "nested": {f"services/{n}/deploy/docker/Dockerfile": OLD for n in "abc"},
    "occupied": {"Dockerfile": OLD},  # a person uses a branch of this name
    "older": {"Dockerfile": OLD},  # a pull request of the campaign before
    "run": {"Dockerfile": ("100755", OLD), "api.Dockerfile": OLD},  # modes that must stay
    "same": {"Dockerfile": OLD},  # its pull request is open
    "taken": {"Dockerfile": OLD},  # somebody else works on its pull request
    "web": {"Dockerfile": OLD, "README": b"web\n"},
}
OUTCOMES = {
    "changed": "updated", "crlf": "opened", "declined": "declined", "half": "finished",
    "merged": "opened", "nested": "opened", "occupied": "branch in use", "older": "opened",
    "run": "opened", "same": "already open", "taken": "taken over", "web": "opened",
}  # fmt: skip
"""What an undisturbed run makes of them."""


class Copies:
    """Organisations that are all alike, on one server."""

    def __init__(self, server: GitHubServer) -> None:
        self.server = server
        self._numbers = count(1)

    def make(self) -> str:
        """Copy the template; give the copy's name."""
        org = f"acme{next(self._numbers)}"
        self.server.add_org(org)
        for repo in self._repos(TEMPLATE):
            self._copy(repo, org)
        return org

    def _copy(self, repo: Repo, org: str) -> None:
        made = self.server.add_repo(f"{org}/{repo.name}")
        made.git.refs.update(repo.git.refs)
        for each in repo.git._objects.values():  # noqa: SLF001 - the quick way
            made.git.put(each)
        world = self.server.world
        for label in repo.labels.values():
            world.add_label(made, label.name, label.color)
        for pull in repo.pulls.values():
            labels = {name: made.labels[name.lower()] for name in pull.labels}
            comments = list(pull.comments)
            again = replace(pull, id=world.next_id(), repo=made, labels=labels, comments=comments)
            made.pulls[pull.number] = world.nodes[again.node] = again

    def state(self, org: str) -> object:
        """The organisation's refs and pull requests, its own name left out."""
        whole = self.server.state()
        mine = {name: shown for name, shown in whole.items() if name.startswith(f"{org}/")}
        text = json.dumps(mine, sort_keys=True).replace(f"{org}/", "acme/")
        return json.loads(text)

    def heads(self, org: str) -> dict[str, str]:
        """Where the campaign's branch stands in each repository that has it."""
        ref = f"refs/heads/{BRANCH}"
        repos = self._repos(org)
        return {repo.name: repo.git.refs[ref] for repo in repos if ref in repo.git.refs}

    def open_pulls(self, org: str) -> dict[str, list[Pull]]:
        """The open pull requests of each repository."""
        return {
            repo.name: [pull for pull in repo.pulls.values() if pull.state == "OPEN"]
            for repo in self._repos(org)
        }

    def _repos(self, org: str) -> list[Repo]:
        return self.server.world.owned(self.server.world.account(org))


def touch(server: GitHubServer) -> None:
    """What people did in the template after the runs that opened what is open."""
    server.push_as_human(f"{TEMPLATE}/changed", "main", {"Dockerfile": OLD + b"USER node\n"})
    server.close_pull(f"{TEMPLATE}/declined", 1)
    half = server.repo(f"{TEMPLATE}/half")
    head = half.git.head_oid()
    assert head is not None
    server.actions.create_ref(half, f"refs/heads/{BRANCH}", head)
    server.merge_pull(f"{TEMPLATE}/merged", 1)
    server.push_as_human(f"{TEMPLATE}/merged", "main", {"Dockerfile": OLD})
    server.push_as_human(f"{TEMPLATE}/occupied", BRANCH, {"notes": b"mine\n"})
    server.push_as_human(f"{TEMPLATE}/taken", BRANCH, {"notes": b"mine\n"})
