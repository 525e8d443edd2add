"""What can be done to refs and branches, with GitHub's refusals."""

import re
from collections.abc import Mapping

from tests.github_server.gitstore import Change, GitStore, Stale
from tests.github_server.model import Account, Pull, Refused, Repo
from tests.github_server.objects import ZERO, Commit, Person
from tests.github_server.world import World

BAD_REF = re.compile(r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|//|@\{|/$|\.lock(/|$)|\.$|^/|/\.")


class RefActions:
    """Writes to refs; the caller has checked permissions and holds the world's lock."""

    def __init__(self, world: World) -> None:
        self.world = world

    # refs

    def create_ref(self, repo: Repo, ref: str, oid: str, *, human: bool = False) -> None:
        """Make a ref; 422 when it is there, misnamed, blocked by a rule or points at nothing."""
        if not ref.startswith("refs/") or ref.count("/") < 2 or BAD_REF.search(ref):
            raise Refused(422, f"{ref} is not a valid ref name.")
        if ref in repo.git.refs:
            spoken = f'A ref named "{ref}" already exists in the repository.'
            raise Refused(422, "Reference already exists", spoken=spoken)
        self._no_folder_clash(repo, ref)
        self._need_commit(repo, oid)
        if not human and any(rule.block_creation for rule in repo.rules_for(ref)):
            raise _violation("Cannot create ref due to creations being restricted.")
        if not human:
            self._guard_signatures(repo, ref, oid)
        self._set(repo, ref, oid, ZERO)

    def move_ref(
        self, repo: Repo, ref: str, oid: str, *, force: bool = False, human: bool = False
    ) -> None:
        """Move a ref; 422 when it is absent, blocked, or the move loses commits without `force`."""
        before = repo.git.refs.get(ref)
        if before is None:
            raise Refused(422, "Reference does not exist")
        self._need_commit(repo, oid)
        if not human:
            self._guard_update(repo, ref, oid)
        if not force and not repo.git.contains(oid, before):
            raise Refused(422, "Update is not a fast forward")
        self._set(repo, ref, oid, before)

    def delete_ref(self, repo: Repo, ref: str) -> None:
        """Delete a ref; its open pull requests are closed, as GitHub does."""
        if ref not in repo.git.refs:
            raise Refused(422, "Reference does not exist")
        if ref == f"refs/heads/{repo.git.head}":
            raise Refused(422, "Cannot delete the default branch")
        self._set(repo, ref, ZERO, repo.git.refs[ref])

    def update_refs(self, repo: Repo, updates: list[tuple[str, str | None, str, bool]]) -> None:
        """Move several refs or none: (name, before, after, force), each compared and swapped."""
        for ref, before, after, force in updates:
            actual = repo.git.refs.get(ref)
            if before is not None and before != (actual or ZERO):
                raise Refused(
                    422,
                    f'Expected ref "{ref}" to point to "{before}" but it did not.',
                    kind="STALE_DATA",
                )
            if after == ZERO:
                continue
            self._need_commit(repo, after)
            if actual is None and any(rule.block_creation for rule in repo.rules_for(ref)):
                raise _violation("Cannot create ref due to creations being restricted.")
            if actual is None:
                self._no_folder_clash(repo, ref)
            else:
                self._guard_update(repo, ref, after)
                if not force and not repo.git.contains(after, actual):
                    raise Refused(422, f"Update to {ref} is not a fast forward")
        for ref, _, after, _ in updates:
            self._set(repo, ref, after, None)

    def _no_folder_clash(self, repo: Repo, ref: str) -> None:
        for known in list(repo.git.refs):
            if known.startswith(f"{ref}/") or ref.startswith(f"{known}/"):
                raise Refused(422, "Reference update failed")

    def _need_commit(self, repo: Repo, oid: str) -> None:
        found = repo.git.get(oid)
        if found is None:
            raise Refused(422, "Object does not exist")
        if found.kind not in {"commit", "tag"}:
            raise Refused(422, "Reference update failed")

    def _guard_update(self, repo: Repo, ref: str, oid: str) -> None:
        for rule in repo.rules_for(ref):
            if rule.block_update:
                raise _violation("Cannot update this protected ref.")
            if rule.require_pull:
                raise _violation("Changes must be made through a pull request.")
        self._guard_signatures(repo, ref, oid)

    def _guard_signatures(self, repo: Repo, ref: str, oid: str) -> None:
        """Refuse unsigned commits that the default branch does not have."""
        if not any(rule.require_signatures for rule in repo.rules_for(ref)):
            return
        known = repo.git.head_oid()
        new = repo.git.between(known, oid) if known else [oid]
        if not all(repo.git.commit(each).signed for each in new):
            raise _violation("Commits must have verified signatures.")

    def _set(self, repo: Repo, ref: str, after: str, before: str | None) -> None:
        try:
            repo.git.move(ref, after, before=before)
        except Stale as stale:
            raise Refused(409, f"{stale.ref} has moved", kind="STALE_DATA") from stale
        now = repo.pushed_at = self.world.clock.now()
        branch = ref.removeprefix("refs/heads/")
        for pull in list(repo.pulls.values()):
            if pull.state != "OPEN" or branch not in {pull.head_ref, pull.base_ref}:
                continue
            if after == ZERO:
                self.close(pull)
            elif branch == pull.head_ref:
                pull.head_oid, pull.updated_at = after, now
                self._settle(pull)
            else:
                pull.base_oid = after

    def _settle(self, pull: Pull) -> None:
        """Close a pull request whose head holds nothing new; GitHub does so when it is reset."""
        if pull.repo.git.contains(pull.base_oid, pull.head_oid):
            self.close(pull)

    # commits

    def commit(
        self,
        repo: Repo,
        ref: str,
        changes: Mapping[str, Change],
        *,
        message: str,
        author: Account,
        signed: bool,
        parent: str | None = None,
        human: bool = False,
    ) -> str:
        """Put a commit with these changes on a branch (made when the repository is empty)."""
        git, before = repo.git, repo.git.refs.get(ref)
        parent = parent or before
        tree = git.write_tree(git.tree_of(parent) if parent else _empty(git), changes)
        who = Person(author.name or author.login, author.email, int(self.world.clock.now()))
        parents = (parent,) if parent else ()
        made = Commit(tree, parents, who, committer(who, signed=signed), message, signed)
        oid = git.put(made.encode()).oid
        if before and not human:
            self._guard_update(repo, ref, oid)
        self._set(repo, ref, oid, before or ZERO)
        return oid

    def close(self, pull: Pull, who: Account | None = None) -> None:
        """Close it; nothing when it is closed already. Nobody: a branch moved or went."""
        if pull.state == "OPEN":
            pull.state, pull.closed_by = "CLOSED", who
            pull.closed_at = pull.updated_at = self.world.clock.now()
            pull.auto_merge = None


def _violation(rule: str) -> Refused:
    return Refused(422, f"Repository rule violations found\n\n{rule}\n\n")


def committer(author: Person, *, signed: bool) -> Person:
    """Give who commits: GitHub itself when it signs."""
    return Person("GitHub", "noreply@github.com", author.when) if signed else author


def _empty(git: GitStore) -> str:
    return git.write_tree("4b825dc642cb6eb9a060e54bf8d69288fbee4904", {})
