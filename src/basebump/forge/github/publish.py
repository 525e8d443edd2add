"""Carry out one step for one change, in two requests where the branch is new.

The first request makes the branch, the commit and the pull request; the second, for several of
them, puts on labels, reviewers and assignees, which need the pull request's id. Until then the body
ends in a line that says so, and a later run, seeing another body than it should be, finishes it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from basebump.core.campaign import Change
from basebump.errors import AuthenticationError, ForgeError
from basebump.forge import Found, MovedError, PullRequest, Step, Unavailable, next_step
from basebump.forge.github import mutations
from basebump.forge.github.client import Answer, Client, LostAnswerError, RefusedError
from basebump.forge.github.discover import Known
from basebump.forge.github.dress import UNFINISHED, Dress, Wardrobe, Wearer
from basebump.forge.github.find import SUPERSEDED, Finder, Node, is_ready, request, trailer
from basebump.forge.github.mutations import NOBODY, Mutation
from basebump.forge.github.refusals import Way, refusal, way_of

_log = logging.getLogger(__name__)

_TRIES = 5
_FRESH = 30.0  # seconds for which what was seen of a repository is believed before a write
_PLAIN = "100644"
_ACTIONS = "github-actions[bot]"


class _LookAgainError(Exception):
    """Something is not as it was seen; `slower` asks for a pause before the next look."""

    def __init__(self, *, slower: bool = False) -> None:
        super().__init__()
        self.slower = slower


@dataclass(frozen=True, slots=True)
class _Work:
    """One change on its way: what is to be done, and what was seen just before."""

    repo: Known
    found: Found
    step: Step
    seen: Node

    @property
    def change(self) -> Change:
        """What is published."""
        return self.found.change

    @property
    def tip(self) -> Node | None:
        """The branch's last commit."""
        return (self.seen["ref"] or {}).get("target")

    @property
    def request(self) -> PullRequest | None:
        """The pull request to go on with; None when a new one is due.

        A closed one can be opened again only while its branch stands where it stood.
        """
        own = self.found.pull_request
        if own is None or self.step in (Step.OPEN, Step.FINISH):
            return None
        if self.step is Step.REOPEN and (self.tip is None or self.tip["oid"] != own.head):
            return None
        return own


class Publisher:
    """Writes to GitHub; every write can be repeated."""

    def __init__(self, client: Client, finder: Finder, dress: Dress) -> None:
        self._client, self._finder = client, finder
        self._wardrobe = Wardrobe(client, dress)
        self._warned = False

    def publish(self, repo: Known, found: Found, step: Step) -> PullRequest:
        """Carry a step out, whatever gets lost on the way.

        Raises MovedError when the base or the branch is not what it was, ForgeError with what to
        do when GitHub refuses.
        """
        self._check(repo)
        seen = self._finder.seen(found.change, _FRESH)
        for attempt in range(_TRIES):
            if seen is None:
                found, seen = self._look(repo, found.change)
                step = next_step(found, reopen=step is Step.REOPEN)
                if step is Step.NOTHING and found.pull_request is not None:
                    return found.pull_request
                if not step.writes:
                    raise MovedError
            _check_base(found.change, seen)
            try:
                return self._carry_out(_Work(repo, found, step, seen))
            except LostAnswerError:
                self._client.pause(attempt)
            except _LookAgainError as again:
                self._client.pause(attempt + 3 if again.slower else attempt - 2)
            seen = None
        raise ForgeError("GitHub kept failing or changing; the next run goes on from there")

    def supersede(self, repo: Known, older: PullRequest, by: PullRequest) -> None:
        """Close the older pull request, say why, and delete its branch; nobody else's commits.

        The reason stands in the body and not in a comment: said twice, by two runs at once or after
        a lost answer, it still stands there once.
        """
        body = f"Superseded by {by.url or by.branch}.\n\n{older.body.rstrip()}\n\n{SUPERSEDED}\n"
        steps = [mutations.update_pull(older.key, body=body, state="CLOSED")]
        if older.superseded:
            steps.clear()  # only the branch was left
        if older.head is not None:
            steps.append(mutations.move_branch(repo.id, older.branch, older.head, NOBODY))
        for attempt in range(_TRIES):
            try:
                answer = self._write("Supersede", steps)
            except LostAnswerError:
                self._client.pause(attempt)
                continue
            said = list(filter(None, (answer.refusal_of(f"m{at}") for at in range(len(steps)))))
            ways = [way_of(each) for each in said]
            if Way.FAIL in ways:
                raise refusal(said[ways.index(Way.FAIL)])
            if Way.SLOWER not in ways:
                return
            self._client.pause(attempt + 3)
        raise ForgeError(f"{older.branch}: GitHub kept failing; the next run closes it")

    def _look(self, repo: Known, change: Change) -> tuple[Found, Node]:
        found = self._finder.find([(change, repo)])[0]
        seen = self._finder.seen(change, _FRESH)
        if isinstance(found, Unavailable) or seen is None:
            reason = found.reason if isinstance(found, Unavailable) else "GitHub does not answer"
            raise ForgeError(reason)
        return found, seen

    def _check(self, repo: Known) -> None:
        if not repo.writable:
            if self._client.lacks_scope:
                raise AuthenticationError(self._client.lacks_scope)
            raise ForgeError(
                f"the token may read but not push (it has {repo.permission.lower()}): give it "
                "write access, or exclude the repository"
            )
        if self._client.viewer == _ACTIONS and not self._warned:
            self._warned = True
            _log.warning(
                "pull requests made with a workflow's own GITHUB_TOKEN start no checks; "
                "use a GitHub App's token"
            )

    def finish(self) -> None:
        """Do what was put off: see `dress`."""
        self._wardrobe.finish()

    def _carry_out(self, work: _Work) -> PullRequest:
        change, own = work.change, work.request
        dress = self._wardrobe.due(change) and (own is None or UNFINISHED in own.body)
        if dress:
            self._wardrobe.check(work.repo.owner)
        labels, missing = self._labels(work) if dress else ([], [])
        body = f"{change.body}{UNFINISHED}\n" if dress else change.body
        steps = [mutations.create_label(work.repo.id, name) for name in missing]
        if own is not None and work.step is Step.REOPEN:
            steps.append(mutations.reopen(own.key))
        steps += self._branch(work)
        if own is None:
            steps.append(mutations.create_pull(work.repo.id, change, body))
        else:
            words = {"title": change.title, "body": body}
            if own.base_branch != change.base_branch:
                words["baseRefName"] = change.base_branch
            steps.append(mutations.update_pull(own.key, **words))
        answer = self._write("Publish", steps)
        self._settle(work, steps, answer)
        made = request(change.repository, answer.data[f"m{len(steps) - 1}"]["pullRequest"])
        if dress:
            new = [answer.data.get(f"m{at}") for at in range(len(missing))]
            labels += [each["label"]["id"] for each in new if each]
            self._wardrobe.put_on(
                Wearer(change.repository, work.repo.owner, made.key, tuple(labels), change.body)
            )
        return made

    def _labels(self, work: _Work) -> tuple[list[str], list[str]]:
        """The ids of the labels that are there, and the names of those that are not."""
        seen = [work.seen.get(f"l{at}") for at in range(len(work.change.labels))]
        names = zip(work.change.labels, seen, strict=True)
        return [each["id"] for each in seen if each], [name for name, each in names if not each]

    def _branch(self, work: _Work) -> list[Mutation]:
        """What brings the branch to the change: nothing, a commit on the base, or a move."""
        change, tip = work.change, work.tip
        if is_ready(tip, change):
            return []
        if tip is not None and work.found.branch is not None and not work.found.branch.ours:
            raise ForgeError(f"the branch {change.branch} holds commits that are not basebump's")
        message = f"{change.message.rstrip()}\n\n{trailer(change)}\n"
        plain = all(file.mode == _PLAIN for file in change.files)
        commit = mutations.commit(work.repo.full_name, change, message)
        if plain and tip is None:
            made = mutations.create_branch(work.repo.id, change.branch, change.base_commit)
            return [made, commit]
        if plain and tip is not None and tip["oid"] == change.base_commit and work.request is None:
            return [commit]
        oid = self._commit(work, message)
        before = tip["oid"] if tip is not None else NOBODY
        return [mutations.move_branch(work.repo.id, change.branch, before, oid)]

    def _commit(self, work: _Work, message: str) -> str:
        """A commit on the base that no branch holds yet, with each file's own mode."""
        git, change = f"/repos/{work.repo.full_name}/git", work.change
        try:
            base = self._client.rest("GET", f"{git}/commits/{change.base_commit}")
            entries = [
                {"path": f.path, "mode": f.mode, "type": "blob", "content": f.after.decode()}
                for f in change.files
            ]
            given = {"base_tree": base["tree"]["sha"], "tree": entries}
            tree = self._client.rest("POST", f"{git}/trees", given)
            commit = {"message": message, "tree": tree["sha"], "parents": [change.base_commit]}
            oid: str = self._client.rest("POST", f"{git}/commits", commit)["sha"]
        except RefusedError as error:
            raise refusal(str(error)) from None
        return oid

    def _settle(self, work: _Work, steps: Sequence[Mutation], answer: Answer) -> None:
        """Find out whether all went well. Raises what its first failure comes to."""
        errors = [(step, answer.error_at(f"m{at}")) for at, step in enumerate(steps)]
        failed = [(step, str(e["message"])) for step, e in errors if e is not None]
        failed = [(step, said) for step, said in failed if step.field != "createLabel"]
        if not failed and answer.data.get(f"m{len(steps) - 1}"):
            return
        ways = [way_of(said) for _, said in failed] or [Way.SLOWER]
        if Way.SLOWER in ways:
            raise _LookAgainError(slower=True)
        if ways[0] is Way.FAIL or (Way.FAIL in ways and ways[0] is not Way.MOVED):
            said = failed[ways.index(Way.FAIL)][1]
            self._take_back(work, steps, answer)
            raise refusal(said)
        if ways[0] is Way.MOVED:
            raise MovedError
        raise _LookAgainError

    def _take_back(self, work: _Work, steps: Sequence[Mutation], answer: Answer) -> None:
        """Delete the branch that this very request made and that nothing can come of now."""
        made = [at for at, step in enumerate(steps) if step.field == "createRef"]
        if not made or not answer.data.get(f"m{made[0]}"):
            return
        commit = (answer.data.get(f"m{made[0] + 1}") or {}).get("commit") or {}
        oid = commit.get("oid", work.change.base_commit)
        try:
            gone = mutations.move_branch(work.repo.id, work.change.branch, oid, NOBODY)
            self._write("TakeBack", [gone])
        except (LostAnswerError, ForgeError):
            return  # a branch of ours at worst, which the next run meets again

    def _write(self, name: str, steps: Sequence[Mutation]) -> Answer:
        given = {f"m{at}": step.given for at, step in enumerate(steps)}
        return self._client.graphql(mutations.document(name, steps), given, write=True)


def _check_base(change: Change, seen: Node) -> None:
    """Raise MovedError unless the default branch stands where the change was made."""
    ref = seen["defaultBranchRef"] or {}
    at = (ref.get("name"), (ref.get("target") or {}).get("oid"))
    if at != (change.base_branch, change.base_commit):
        raise MovedError
