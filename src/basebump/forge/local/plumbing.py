"""The two git commands that the local forge runs, with everything switched off that could run more.

A scanned repository's configuration may name hooks, file-system monitors and transports; none of
them is to be started, so each is overridden on the command line, which git ranks above the file.
"""

import os
import signal
import subprocess
from collections.abc import Mapping

ZERO = "0" * 40

_SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=",
    "protocol.allow=never",
    "safe.directory=*",  # nothing of the repository runs, so its owner does not matter
    "core.filesRefLockTimeout=1000",  # another run may be writing at this moment
    "gc.auto=0",
    "maintenance.auto=false",
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_LOST_RACE = ("but expected", "reference already exists", "unable to resolve reference")


class GitCommandError(Exception):
    """git refused; the message is its own first line."""

    @property
    def lost_race(self) -> bool:
        """Whether a ref was not where it was expected: somebody was faster."""
        return any(sign in str(self) for sign in _LOST_RACE)


def is_ancestor(git_dir: str | os.PathLike[str], commit: str, head: str) -> bool:
    """Whether `commit` is `head` or one of its ancestors; False for commits that are not there."""
    return commit == head or _git(git_dir, "merge-base", "--is-ancestor", commit, head) == 0


def update_refs(
    git_dir: str | os.PathLike[str],
    moves: Mapping[str, tuple[str, str]],
    verify: Mapping[str, str] | None = None,
) -> None:
    """Move refs (name: old and new id; ZERO for absent) in one transaction, or not at all.

    Raises GitCommandError when a ref of `moves` or `verify` does not stand where it is said to.
    """
    lines = ["start"]
    lines += [f"verify {name} {oid}" for name, oid in (verify or {}).items()]
    for name, (old, new) in moves.items():
        verb = f"delete {name} {old}" if new == ZERO else f"update {name} {new} {old}"
        lines.append(verb)
    lines += ["prepare", "commit"]
    _git(git_dir, "update-ref", "--stdin", text="\n".join(lines) + "\n")


def _git(git_dir: str | os.PathLike[str], *arguments: str, text: str | None = None) -> int:
    """Run git in a repository; returns 0 or 1. Raises GitCommandError for any other exit."""
    settings = [part for setting in _SAFE for part in ("-c", setting)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(
        ["git", *settings, f"--git-dir={git_dir}", *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        env=environment | _ENVIRONMENT,
        check=False,
        process_group=0,  # Ctrl-C is for basebump, which lets a transaction under way finish
    )
    if done.returncode == -signal.SIGINT:  # it came before the process had its own group
        return _git(git_dir, *arguments, text=text)
    if done.returncode not in (0, 1) or (done.returncode and text is not None):
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        message = lines[0] if lines else f"git {arguments[0]} failed ({done.returncode})"
        if ".lock': File exists" in message:
            message += " If no git process is at work there, remove that file."
        raise GitCommandError(message)
    return done.returncode
