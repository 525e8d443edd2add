"""A folder of git repositories as a forge: what lies around on real disks, and what goes wrong."""

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests import world
from tests.world import BRANCH, PULL, Command, commit, everything, git, git_dir, outcome, refs

OLD = "FROM maichong/node:8.9.1\nRUN true\n"
RULE = ("--image", "maichong/node", "--to", "8.9.3", "--local", "fleet")

Make = Callable[..., Path]


def plans(basebump: Command, **options: object) -> dict[str, dict[str, Any]]:
    done = basebump("plan", *RULE, "--format", "json", **options)
    assert done.exit_code in (0, 3), done
    return {r["name"]: r for r in json.loads(done.stdout)["repositories"]}


def apply(basebump: Command, **options: object) -> tuple[int, dict[str, tuple[str, str | None]]]:
    done = basebump("apply", *RULE, "--yes", "--format", "json", **options)
    entries = json.loads(done.stdout)["pull_requests"]
    return done.exit_code, {e["repository"]: (e["outcome"], e["reason"]) for e in entries}


def failure(basebump: Command) -> tuple[str, str]:
    """How the broken repository ends in a run that opens the healthy one's pull request."""
    done = basebump("apply", *RULE, "--yes", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.exit_code, done.stderr, document["summary"]) == (3, "", {"opened": 1})
    [broken] = [entry for entry in document["repositories"] if entry["name"] == "broken"]
    return broken["outcome"], broken["reason"]


def verdicts(repository: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (file["path"], reference["verdict"], reference["reason"])
        for file in repository["files"]
        for reference in file["references"]
    ]


@pytest.fixture
def healthy(repository: Make) -> Path:
    """A repository beside the broken one, which must get its pull request all the same."""
    return repository("healthy", {"Dockerfile": OLD})


# Nothing is to be done, and it is said why.


def test_an_empty_repository_is_skipped(repository: Make, basebump: Command) -> None:
    repository("empty")
    repository("bare", bare=True)
    assert {(r["outcome"], r["reason"]) for r in plans(basebump).values()} == {
        ("skipped", "empty: no commit on main")
    }


def test_a_detached_head_is_skipped(repository: Make, basebump: Command) -> None:
    git(repository("detached", {"Dockerfile": OLD}), "checkout", "-q", "--detach")
    plan = plans(basebump)["detached"]
    assert plan["outcome"] == "skipped"
    assert plan["reason"] == "HEAD is detached, so the default branch is not known"


def test_a_clone_on_a_feature_branch_is_read_at_its_default(
    repository: Make, basebump: Command, tmp_path: Path
) -> None:
    origin = repository("origin", {"Dockerfile": OLD}, branch="trunk")
    git(tmp_path, "clone", "-q", str(origin), str(tmp_path / "fleet" / "clone"))
    git(tmp_path / "fleet" / "clone", "checkout", "-q", "-b", "feature")
    assert plans(basebump)["clone"]["default_branch"] == "trunk"


def test_a_link_and_a_submodule_are_read_by_nobody(repository: Make, basebump: Command) -> None:
    path = repository("odd", {"app/Dockerfile": OLD})
    (path / "Dockerfile").symlink_to("/etc/passwd")
    git(path, "add", "Dockerfile")
    git(path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x.Dockerfile")
    git(path, "commit", "-q", "-m", "odd")
    assert verdicts(plans(basebump)["odd"]) == [
        ("Dockerfile", "unreadable", "it is a symbolic link to /etc/passwd"),
        ("app/Dockerfile", "bump", "8.9.1 → 8.9.3; not checked: no registry was asked"),
        ("x.Dockerfile", "unreadable", "it is a submodule: another repository's files"),
    ]


def test_a_manifest_that_is_a_link_makes_no_finding(repository: Make, basebump: Command) -> None:
    text = "FROM maichong/node:8.9.1\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
    path = repository("odd", {"Dockerfile": text, "index.js": "1\n"})
    (path / "package.json").symlink_to("/etc/passwd")
    git(path, "add", "package.json")
    git(path, "commit", "-q", "-m", "odd")
    assert plans(basebump)["odd"]["files"][0]["findings"] == []


def test_a_file_that_is_too_large_is_not_read(repository: Make, basebump: Command) -> None:
    repository("large", {"Dockerfile": OLD + "#" * (1 << 20)})
    [(_, verdict, reason)] = verdicts(plans(basebump)["large"])
    assert (verdict, reason) == ("unreadable", "it is larger than 1 MiB")


def test_a_linked_work_tree_is_not_the_repository_a_second_time(
    repository: Make, basebump: Command, tmp_path: Path
) -> None:
    path = repository("web", {"Dockerfile": OLD})
    git(path, "worktree", "add", "-q", str(tmp_path / "fleet" / "web-2"), "-b", "feature")
    found = plans(basebump)
    assert found["web-2"]["outcome"] == "skipped"
    assert found["web-2"]["reason"].startswith("a linked work tree")
    assert found["web"]["outcome"] == "ok"


def test_repositories_within_a_work_tree_belong_to_it(repository: Make, basebump: Command) -> None:
    repository("outer", {"Dockerfile": OLD})
    repository("outer/vendor/inner", {"Dockerfile": OLD})
    assert list(plans(basebump)) == ["outer"]


def test_links_to_folders_are_not_followed(
    repository: Make, basebump: Command, tmp_path: Path
) -> None:
    repository("web", {"Dockerfile": OLD})
    (tmp_path / "fleet" / "loop").symlink_to(tmp_path / "fleet")
    (tmp_path / "fleet" / "again").symlink_to(tmp_path / "fleet" / "web")
    assert list(plans(basebump)) == ["web"]


# A broken repository is one line, and the others go on.


def cut_short(path: Path, revision: str) -> None:
    """Truncate a loose object."""
    oid = git(path, "rev-parse", revision)
    file = git_dir(path) / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-6])


def falsify(path: Path, revision: str) -> None:
    """Put another object's bytes where a loose object is expected."""
    oid = git(path, "rev-parse", revision)
    other = git(path, "hash-object", "-w", "--stdin", stdin=b"FROM evil/image:1\n")
    objects = git_dir(path) / "objects"
    target = objects / oid[:2] / oid[2:]
    target.unlink()
    (objects / other[:2] / other[2:]).rename(target)


def remove(path: Path, revision: str) -> None:
    oid = git(path, "rev-parse", revision)
    (git_dir(path) / "objects" / oid[:2] / oid[2:]).unlink()


@pytest.mark.parametrize("damage", [cut_short, falsify, remove])
@pytest.mark.parametrize("revision", ["HEAD", "HEAD^{tree}", "HEAD:Dockerfile"])
def test_a_damaged_object_fails_its_repository_only(
    repository: Make, healthy: Path, basebump: Command,
    damage: Callable[[Path, str], None], revision: str,
) -> None:  # fmt: skip
    path = repository("broken", options=())
    commit(path, {"Dockerfile": OLD})
    damage(path, revision)
    before = everything(path)
    outcome, reason = failure(basebump)
    assert (outcome, reason.startswith("an object is missing or damaged")) == ("failed", True)
    assert BRANCH in git(healthy, "branch")
    assert everything(path) == before


def no_head(path: Path) -> None:
    (git_dir(path) / "HEAD").write_bytes(b"")


def no_objects(path: Path) -> None:
    (git_dir(path) / "objects").rename(git_dir(path) / "gone")


def bad_gitfile(path: Path) -> None:
    git_dir(path).rename(path / "moved")
    (path / ".git").write_text("gitdir: /nonexistent\n")


def reftable(path: Path) -> None:
    git(path, "config", "core.repositoryFormatVersion", "1")
    git(path, "config", "extensions.refStorage", "reftable")
    (git_dir(path) / "HEAD").write_text("ref: refs/heads/.invalid\n")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(no_head, "damaged", id="an empty HEAD"),
        pytest.param(no_objects, "damaged", id="no objects folder"),
        pytest.param(bad_gitfile, "damaged", id="a .git file that leads nowhere"),
        pytest.param(reftable, "extensions.refstorage = reftable is not supported", id="reftable"),
    ],
)
def test_a_broken_repository_fails_alone_and_says_why(
    repository: Make, healthy: Path, basebump: Command, damage: Callable[[Path], None], said: str
) -> None:
    damage(repository("broken", {"Dockerfile": OLD}))
    outcome, reason = failure(basebump)
    assert outcome == "failed"
    assert said in reason
    assert BRANCH in git(healthy, "branch")


def test_a_config_that_git_cannot_read_fails_alone(
    repository: Make, healthy: Path, basebump: Command
) -> None:
    path = repository("broken", {"Dockerfile": OLD})
    (path / ".git" / "config").write_bytes(b"[core\n\xff\xfe")
    code, done = apply(basebump)
    assert (code, done["healthy"][0], done["broken"][0]) == (3, "opened", "failed")
    assert "bad config line 1" in (done["broken"][1] or "")
    assert BRANCH in git(healthy, "branch")


def test_a_sha256_repository_is_told_from_a_broken_one(repository: Make, basebump: Command) -> None:
    repository("new", {"Dockerfile": OLD}, options=["--object-format=sha256"])
    plan = plans(basebump)["new"]
    assert plan["outcome"] == "failed"
    assert plan["reason"] == "extensions.objectformat = sha256 is not supported yet"


def test_a_ref_of_ours_that_we_did_not_write_fails_alone(
    repository: Make, healthy: Path, basebump: Command
) -> None:
    path = repository("odd", {"Dockerfile": OLD})
    git(path, "update-ref", PULL, "main")
    code, done = apply(basebump)
    assert (code, done["healthy"][0], done["odd"][0]) == (3, "opened", "failed")
    assert "is not a pull request that basebump recorded" in (done["odd"][1] or "")
    assert BRANCH in git(healthy, "branch")


@pytest.mark.parametrize(
    ("branch", "said"),
    [
        pytest.param("basebump", "the branch 'basebump' is in the way", id="above"),
        pytest.param(f"{BRANCH}/x", "are in its way", id="below"),
    ],
)
def test_a_branch_that_is_in_the_way_is_named(
    repository: Make, healthy: Path, basebump: Command, branch: str, said: str
) -> None:
    path = repository("web", {"Dockerfile": OLD})
    git(path, "branch", branch)
    before = refs(path.parent)["web"]
    code, done = apply(basebump)
    assert (code, done["healthy"][0], done["web"][0]) == (3, "opened", "failed")
    assert said in (done["web"][1] or "")
    assert "pull_request.branch" in (done["web"][1] or "")
    assert refs(healthy.parent)["web"] == before


def test_a_branch_that_is_checked_out_is_not_moved(repository: Make, basebump: Command) -> None:
    path = repository("web", {"Dockerfile": OLD})
    linked = path.parent.parent / "linked"
    assert apply(basebump)[0] == 0
    git(path, "worktree", "add", "-q", str(linked), BRANCH)
    head = git(path, "rev-parse", BRANCH)
    commit(path, {"Dockerfile": OLD + "USER node\n"})
    code, done = apply(basebump)
    assert (code, done["web"][0]) == (3, "failed")
    assert "is checked out" in (done["web"][1] or "")
    assert git(path, "rev-parse", BRANCH) == head
    assert git(linked, "status", "--porcelain") == ""


# Where repositories keep their things.


def packed(path: Path) -> None:
    git(path, "gc", "-q")
    git(path, "pack-refs", "--all")


def borrowed(path: Path) -> None:
    store = path.parent.parent / "store"
    git(path, "gc", "-q")
    (git_dir(path) / "objects" / "pack").rename(store)
    (git_dir(path) / "objects" / "pack").mkdir()
    (store.parent / "odb").mkdir()
    store.rename(store.parent / "odb" / "pack")
    (git_dir(path) / "objects" / "info" / "alternates").write_text(f"{store.parent / 'odb'}\n")


def elsewhere(path: Path) -> None:
    git_dir(path).rename(path.parent.parent / "separate")
    (path / ".git").write_text(f"gitdir: {path.parent.parent / 'separate'}\n")


@pytest.mark.parametrize("arrange", [packed, borrowed, elsewhere])
def test_reads_and_writes_wherever_objects_and_refs_are(
    repository: Make, basebump: Command, arrange: Callable[[Path], None]
) -> None:
    path = repository("web", {"Dockerfile": OLD})
    arrange(path)
    assert apply(basebump) == (0, {"web": ("opened", None)})
    assert git(path, "show", f"{BRANCH}:Dockerfile") == OLD.replace("8.9.1", "8.9.3").strip()
    git(path, "pack-refs", "--all")
    assert apply(basebump) == (0, {"web": ("already open", None)})


def test_what_a_hook_leaves_in_the_environment_is_about_another_repository(
    repository: Make, basebump: Command
) -> None:
    path, other = (repository(name, {"Dockerfile": OLD}) for name in ("web", "other"))
    git(other, "checkout", "-q", "--orphan", "empty")
    env = {
        "GIT_DIR": str(other / ".git"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_WORK_TREE": str(other),
    }
    assert apply(basebump, env=env) == (0, {"web": ("opened", None)})
    assert git(path, "fsck", "--strict") == ""


def test_a_bare_one_and_one_with_a_work_tree_of_the_same_name(
    repository: Make, basebump: Command
) -> None:
    repository("web", {"Dockerfile": OLD})
    repository("web.git", {"Dockerfile": OLD}, bare=True)
    code, done = apply(basebump)
    assert (code, done) == (0, {"web": ("opened", None), "web.git": ("opened", None)})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("with a space", id="spaces"),
        pytest.param("größe-日本", id="beyond ASCII"),
        pytest.param("~root", id="a tilde"),
        pytest.param("$HOME", id="a variable"),
        pytest.param("-q", id="a dash"),
        pytest.param("[red]x", id="markup"),
        pytest.param("tab\tnew\nline\x1b[31m", id="control characters"),
        pytest.param("right\u202eleft", id="text turned around"),
    ],
)
def test_names_are_only_names(
    repository: Make, basebump: Command, tmp_path: Path, name: str
) -> None:
    path = repository(name, {"Dockerfile": OLD})
    options = ("--image", "maichong/node", "--to", "8.9.3", "--local", ".", "--yes")
    done = basebump("apply", *options, cwd=tmp_path / "fleet")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.endswith("\n1 opened\n")
    assert not {"\x1b", "\t", "\u202e"} & set(done.stdout)
    assert BRANCH in git(path, "branch")


def test_a_name_that_is_not_utf8(repository: Make, basebump: Command, tmp_path: Path) -> None:
    path = repository("x", {"Dockerfile": OLD})
    path.rename(tmp_path / "fleet" / os.fsdecode(b"gr\xf6\xdfe"))
    done = basebump("apply", *RULE, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert basebump("plan", *RULE, "--format", "markdown").exit_code == 0
    assert basebump("status", "--local", "fleet", "--format", "json").exit_code == 0


def test_odd_neighbours_in_the_tree_survive(repository: Make, basebump: Command) -> None:
    path = repository("web", {"Dockerfile": OLD})
    blob = git(path, "rev-parse", "HEAD:Dockerfile")
    entries = [
        (b"100644", b"Dockerfile"), (b"100664", b"group"), (b"100644", b"latin-\xf6\xdf"),
        (b"100644", b"back\\slash"), (b"100755", b"run me"),
    ]  # fmt: skip
    data = b"".join(
        b"%b %b\0%b" % (mode, name, bytes.fromhex(blob)) for mode, name in sorted(entries)
    )
    oid = git(path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=data)
    head = git(path, "commit-tree", "-m", "odd", oid)
    git(path, "update-ref", "refs/heads/main", head)
    assert apply(basebump) == (0, {"web": ("opened", None)})
    raw = ["cat-file", "tree"]
    after, before = (git(path, *raw, f"{ref}^{{tree}}") for ref in (BRANCH, "main"))
    new = git(path, "rev-parse", f"{BRANCH}:Dockerfile")
    swapped = [
        os.fsencode(text).replace(bytes.fromhex(oid), b"?", 1)
        for text, oid in ((after, new), (before, blob))
    ]
    assert swapped[0] == swapped[1]


# Nothing of a scanned repository is run.


def test_nothing_of_a_repository_is_run(
    repository: Make, basebump: Command, tmp_path: Path
) -> None:
    path = repository("trap", {"Dockerfile": OLD, ".gitattributes": "* filter=trap\n"})
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'-$(basename $0)\nexit 1\n")
    script.chmod(0o755)
    (path / ".git" / "hooks").mkdir()
    hooks = ("reference-transaction", "post-commit", "pre-commit", "update", "post-index-change",
             "pre-auto-gc", "post-update", "pre-receive", "post-rewrite")  # fmt: skip
    for hook in hooks:
        (path / ".git" / "hooks" / hook).symlink_to(script)
    keys = ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
            "filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "gpg.program",
            "diff.external", "core.alternateRefsCommand", "credential.helper", "core.gitProxy",
            "uploadpack.packObjectsHook", "alias.update-ref", "alias.merge-base")  # fmt: skip
    for key in keys:
        git(path, "config", key, f"!{script}" if key.startswith("alias.") else str(script))
    git(path, "config", "core.hooksPath", str(path / ".git" / "hooks"))
    git(path, "config", "commit.gpgSign", "true")
    for arguments in (("scan", "--local", "fleet"), ("plan", *RULE), ("apply", *RULE, "--yes")):
        assert basebump(*arguments).exit_code == 0
    assert basebump("status", "--local", "fleet").exit_code == 0
    assert list(tmp_path.glob("sprung*")) == []


def test_a_partial_clone_fetches_nothing(
    repository: Make, basebump: Command, tmp_path: Path
) -> None:
    path = repository("partial")
    commit(path, {"Dockerfile": OLD})
    remove(path, "HEAD:Dockerfile")
    script = tmp_path / "ssh.sh"
    script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/fetched'\nexit 1\n")
    script.chmod(0o755)
    for key, value in (
        ("remote.origin.url", "ssh://git@git.example.com/x.git"),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("core.sshCommand", str(script)),
    ):
        git(path, "config", key, value)
    assert plans(basebump)["partial"]["outcome"] == "failed"
    assert not (tmp_path / "fetched").exists()


# No right to write, no room to write, somebody else writing, and being stopped.


_LIBC = ctypes.CDLL(None)


def _bound_by_permissions() -> None:
    """Make root obey the permissions of files, as everybody else does (capabilities(7))."""
    prctl_capability_drop, dac_override, dac_read_search = 24, 1, 2
    _LIBC.prctl(prctl_capability_drop, dac_override)
    _LIBC.prctl(prctl_capability_drop, dac_read_search)


def test_no_right_to_write_is_told_and_nothing_stays(repository: Make, basebump: Command) -> None:
    path = repository("web", {"Dockerfile": OLD})
    before = everything(path)
    folders = [path / ".git", *(p for p in (path / ".git").rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    code, done = apply(basebump, preexec_fn=_bound_by_permissions)
    for folder in folders:
        folder.chmod(0o755)
    assert (code, done["web"][0]) == (3, "failed")
    assert (done["web"][1] or "").startswith("Permission denied: ")
    assert everything(path) == before


def test_a_full_disk_is_told_and_nothing_stays(
    repository: Make, healthy: Path, basebump: Command
) -> None:
    path = repository("web", {"Dockerfile": f"{OLD}# {os.urandom(40000).hex()}\n"})
    before = everything(path)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))  # noqa: E731
    code, done = apply(basebump, preexec_fn=limit)
    assert (code, done["healthy"][0], done["web"][0]) == (3, "opened", "failed")
    assert (done["web"][1] or "").startswith("File too large")
    assert everything(path) == before
    assert BRANCH in git(healthy, "branch")
    assert apply(basebump)[1]["web"] == ("opened", None)


def test_a_lock_that_was_left_behind_is_named(repository: Make, basebump: Command) -> None:
    path = repository("web", {"Dockerfile": OLD})
    lock = path / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()
    code, done = apply(basebump)
    assert (code, done["web"][0]) == (3, "failed")
    assert str(lock) in (done["web"][1] or "")
    assert (done["web"][1] or "").endswith("remove that file.")
    lock.unlink()
    assert apply(basebump) == (0, {"web": ("opened", None)})


@pytest.fixture
def ten(repository: Make) -> Path:
    first = repository("r0", {"Dockerfile": OLD, "app/b.Dockerfile": OLD})
    for number in range(1, 10):
        shutil.copytree(first, first.parent / f"r{number}")
    return first.parent


@pytest.fixture
def undisturbed(ten: Path, tmp_path: Path) -> dict[str, tuple[str, ...]]:
    """What an undisturbed run on a copy of the fleet leaves."""
    shutil.copytree(ten, tmp_path / "copy" / "fleet")
    assert world.run(("apply", *RULE, "--yes"), tmp_path / "copy").exit_code == 0
    return outcome(tmp_path / "copy" / "fleet")


def test_two_at_once_open_each_pull_request_once(
    ten: Path, undisturbed: dict[str, tuple[str, ...]], basebump: Command, tmp_path: Path
) -> None:
    runs = [world.start(("apply", *RULE, "--yes", "--format", "json"), tmp_path) for _ in range(3)]
    answers = [process.communicate(timeout=world.TIMEOUT) for process in runs]
    assert [process.returncode for process in runs] == [0, 0, 0]
    ends = [entry["outcome"] for out, _ in answers for entry in json.loads(out)["pull_requests"]]
    assert (ends.count("opened"), ends.count("already open")) == (10, 20)
    assert outcome(ten) == undisturbed
    assert {end for end, _ in apply(basebump)[1].values()} == {"already open"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_anywhere_is_finished_by_the_next(
    ten: Path, undisturbed: dict[str, tuple[str, ...]], basebump: Command, tmp_path: Path,
    number: signal.Signals,
) -> None:  # fmt: skip
    chance = random.Random(f"{number}")  # noqa: S311 - the same instants each time
    codes = []
    for _ in range(5):
        with world.start(("apply", *RULE, "--yes"), tmp_path, process_group=0) as process:
            _wait_for_the_first_write(process, ten)
            time.sleep(chance.random() * 0.1)
            with suppress(ProcessLookupError):  # it may have ended by then
                os.killpg(process.pid, number)
            process.communicate(timeout=world.TIMEOUT)
        codes.append(process.returncode)
    assert set(codes) <= {0, 130, -number}
    assert apply(basebump)[0] == 0
    assert outcome(ten) == undisturbed
    assert git(ten / "r9", "fsck", "--strict", "--no-dangling") == ""
    assert list(ten.rglob("*.lock")) == []


def _wait_for_the_first_write(process: subprocess.Popen[bytes], fleet: Path) -> None:
    """Until the run has begun to write objects into one more repository, or has ended."""
    begun = sum(1 for _ in fleet.glob("*/.git/refs/basebump"))
    while process.poll() is None:
        if sum(1 for _ in fleet.glob("*/.git/refs/basebump")) > begun:
            return
        time.sleep(0.005)


def test_ctrl_c_finishes_the_write_under_way_and_says_so(
    ten: Path, basebump: Command, tmp_path: Path
) -> None:
    with world.start(("apply", *RULE, "--yes"), tmp_path, process_group=0) as process:
        _wait_for_the_first_write(process, ten)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=world.TIMEOUT)
    assert process.returncode == 130
    assert b" opened\n" in err
    assert b"failed" not in err
    assert err.endswith(
        b"interrupted: what was done stays done, and a next run goes on from there\n"
    )
    assert basebump("status", "--local", "fleet").exit_code == 0
