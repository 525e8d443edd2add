"""The main job, as its two users know it: the real program on the embedded fleet."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.world import (
    BRANCH,
    HOME,
    PULL,
    Command,
    commit,
    everything,
    git,
    make_repository,
    outcome,
    refs,
)

EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(
    (HOME / "fixtures" / "fleet.expected.yaml").read_text("utf-8")
)["repositories"]
OPENED = sorted(
    name
    for name, repository in EXPECTED.items()
    if any(reference["verdict"] == "bump" for reference in repository["references"])
)
NEXT = "basebump/maichong-node-8.9.4"


def move_on(fleet: Path) -> None:
    """The next release comes out: config.yaml names 8.9.4."""
    config = fleet.parent / "config.yaml"
    config.write_text(config.read_text().replace("8.9.3", "8.9.4"))


def results(basebump: Command, *arguments: str) -> dict[str, dict[str, Any]]:
    done = basebump("apply", "--yes", "--format", "json", *arguments)
    assert done.exit_code == 0, done
    return {entry["repository"]: entry for entry in json.loads(done.stdout)["pull_requests"]}


def states(basebump: Command) -> dict[tuple[str, str], dict[str, Any]]:
    done = basebump("status", "--format", "json")
    assert done.exit_code == 0, done
    return {(r["repository"], r["branch"]): r for r in json.loads(done.stdout)["pull_requests"]}


def objects(fleet: Path) -> dict[str, str]:
    paths = (path for path in fleet.iterdir() if path.is_dir())
    return {path.name: git(path, "count-objects", "-v") for path in paths}


def blobs(repository: Path, revision: str) -> dict[str, str]:
    """Mode, kind and id of every file of a commit, by its path."""
    lines = git(repository, "ls-tree", "-r", "-z", revision).split("\0")
    return {line.partition("\t")[2]: line.partition("\t")[0] for line in filter(None, lines)}


@pytest.fixture
def one(few: Path) -> Path:
    """One repository of the fleet, for what happens to a single pull request."""
    for path in few.iterdir():
        if path.name != "web":
            path.rename(few.parent / f"put-aside-{path.name}")
    return few / "web"


# What stays as it is.


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("scan",), id="scan"),
        pytest.param(("plan", "-o", "plan.json"), id="plan"),
        pytest.param(("apply", "--dry-run"), id="apply --dry-run"),
        pytest.param(("apply", "--limit", "0", "--yes"), id="apply --limit 0"),
        pytest.param(("apply",), id="apply that nobody can answer"),
        pytest.param(("status",), id="status"),
    ],
)
def test_writes_nothing_at_all(few: Path, basebump: Command, arguments: tuple[str, ...]) -> None:
    before = everything(few)
    basebump(*arguments)
    assert everything(few) == before


def test_a_no_at_the_terminal_writes_nothing(fleet: Path, terminal: Command) -> None:
    before = everything(fleet)
    done = terminal("apply", keys="n\n")
    assert done.exit_code == 0
    assert "39 pull requests for 43 files in 39 repositories (of 56)? [y/N]" in done.stdout
    assert done.stdout.endswith("Nothing was written.\n")
    assert everything(fleet) == before


def test_an_end_of_input_at_the_terminal_is_an_interruption(few: Path, terminal: Command) -> None:
    before = everything(few)
    assert terminal("apply", keys="\x04").exit_code == 130
    assert everything(few) == before


def test_work_trees_indexes_and_heads_stay_as_they_are(fleet: Path, basebump: Command) -> None:
    mine = "mailer.git/"  # a bare one has neither
    untouched = {
        path: value
        for path, value in everything(fleet).items()
        if not path.startswith(mine)
        if "/.git/" not in path or path.endswith(("/.git/HEAD", "/index", "/config"))
    }
    assert len(results(basebump)) == len(OPENED)
    after = everything(fleet)
    assert {path: after[path] for path in untouched} == untouched
    clean = [path for path in fleet.iterdir() if (path / ".git").is_dir()]
    assert {git(path, "status", "--porcelain") for path in clean} == {""}


def test_a_branch_differs_from_its_base_in_the_planned_files_only(
    fleet: Path, basebump: Command
) -> None:
    results(basebump)
    before, after = (blobs(fleet / "platform", ref) for ref in ("main", BRANCH))
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert changed == {
        "apps/admin/web/Dockerfile",
        "services/auth/Dockerfile",
        "services/gateway/Dockerfile",
        "services/reports/docker/Dockerfile",
    }


def test_keeps_the_mode_of_a_file(few: Path, basebump: Command) -> None:
    results(basebump, "--repo", "kiosk")
    assert blobs(few / "kiosk", BRANCH)["Dockerfile"].startswith("100755 ")


def test_keeps_submodules_and_links(few: Path, basebump: Command) -> None:
    results(basebump, "--repo", "storefront", "--repo", "scheduler")
    assert blobs(few / "storefront", BRANCH)["vendor/theme"].startswith("160000 commit")
    assert blobs(few / "scheduler", BRANCH)["Dockerfile"].startswith("120000 ")


def test_git_finds_no_fault_in_what_was_written(fleet: Path, basebump: Command) -> None:
    results(basebump)
    checked = [fleet / "web", fleet / "platform", fleet / "mailer.git", fleet / "kiosk"]
    assert {git(path, "fsck", "--strict") for path in checked} == {""}


# The plan.


def test_the_plan_agrees_with_what_the_fleet_expects(fleet: Path, basebump: Command) -> None:
    done = basebump("plan", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    planned = {
        repository["name"]: (
            repository["outcome"],
            [
                (file["path"], r["line"], r["verdict"], _written(r), r["new"])
                for file in repository["files"]
                for r in file["references"]
            ],
        )
        for repository in json.loads(done.stdout)["repositories"]
    }
    assert planned == {
        name: (
            repository["outcome"],
            [
                (r["path"], r["line"], r["verdict"], r["written"], r["new"])
                for r in repository["references"]
            ],
        )
        for name, repository in EXPECTED.items()
    }
    assert fleet.is_dir()


def _written(reference: dict[str, Any]) -> str | None:
    """What stands there; of what cannot be read, that is not promised."""
    return None if reference["verdict"] == "unreadable" else reference["written"]


def test_every_reference_and_every_passed_over_repository_has_a_reason(
    fleet: Path, basebump: Command
) -> None:
    document = json.loads(basebump("plan", "--format", "json").stdout)
    references = [
        reference
        for repository in document["repositories"]
        for file in repository["files"]
        for reference in file["references"]
    ]
    assert all(reference["reason"] for reference in references)
    assert all(bool(r["reason"]) == (r["outcome"] != "ok") for r in document["repositories"])
    assert (fleet / "web").is_dir()


def test_check_says_by_its_exit_code_that_changes_are_pending(
    fleet: Path, basebump: Command
) -> None:
    assert basebump("plan", "--check", "--local", fleet).exit_code == 1
    assert basebump("plan", "--check", "--repo", "search-api").exit_code == 0


def test_the_one_off_form_needs_no_configuration(
    fleet: Path, basebump: Command, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    options = ("--image", "maichong/node", "--to", "8.9.3", "--local", fleet, "--format", "json")
    done = basebump("plan", *options, cwd=tmp_path / "elsewhere")
    assert json.loads(done.stdout) == json.loads(basebump("plan", "--format", "json").stdout) | {
        "repositories": json.loads(done.stdout)["repositories"]
    }
    assert json.loads(done.stdout)["summary"]["verdicts"]["bump"] == 45


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param(("--repo", "web", "--repo", "ledger"), ["ledger", "web"], id="--repo"),
        pytest.param(("--include", "s*"), ["scheduler", "sms-gateway", "status-page", "storefront"],
                     id="--include"),
        pytest.param(("--include", "s*", "--exclude", "st*"), ["scheduler", "sms-gateway"],
                     id="--exclude"),
    ],
)  # fmt: skip
def test_a_choice_of_repositories(
    fleet: Path, basebump: Command, options: tuple[str, ...], names: list[str]
) -> None:
    assert sorted(results(basebump, *options)) == names
    assert sorted(name for name, ref in refs(fleet).items() if BRANCH in ref) == names


def test_a_choice_holds_for_a_saved_plan_too(fleet: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    done = results(basebump, "plan.json", "--include", "s*", "--exclude", "st*")
    assert sorted(done) == ["scheduler", "sms-gateway"]
    assert sorted(name for name, ref in refs(fleet).items() if BRANCH in ref) == sorted(done)


@pytest.mark.parametrize(
    ("format_", "begins"),
    [
        pytest.param("table", "WHERE ", id="table"),
        pytest.param("json", '{\n "version": 1,', id="json"),
        pytest.param("markdown", "45 references to bump in 39 repositories; ", id="markdown"),
    ],
)
def test_writes_the_answer_into_a_file(
    fleet: Path, basebump: Command, format_: str, begins: str
) -> None:
    done = basebump("plan", "--format", format_, "-o", "answer")
    assert (done.exit_code, done.stdout) == (0, "")
    assert (fleet.parent / "answer").read_text().startswith(begins)


# The pull requests.


def test_apply_a_saved_plan_and_a_second_run_writes_nothing(fleet: Path, basebump: Command) -> None:
    saved = basebump("plan", "-o", "plan.json")
    assert saved.exit_code == 0
    assert saved.stderr == "The plan is saved; carry it out with: basebump apply plan.json\n"
    first = basebump("apply", "plan.json", "--yes")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.endswith("\n39 opened\n")
    before = refs(fleet), objects(fleet)
    second = basebump("apply", "--yes")
    assert second.stdout.endswith("\n0 opened, 39 already open\n")
    again = basebump("apply", "plan.json", "--yes")
    assert again.stdout.endswith("\n0 opened, 39 already open\n")
    assert (refs(fleet), objects(fleet)) == before
    state = states(basebump)
    assert sorted(name for name, _ in state) == OPENED
    assert {entry["state"] for entry in state.values()} == {"open"}


def test_a_saved_plan_does_what_a_plan_made_now_does(few: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    shutil.copytree(few, few.parent / "before", symlinks=True)
    basebump("apply", "plan.json", "--yes")
    saved = outcome(few)
    shutil.rmtree(few)
    (few.parent / "before").rename(few)
    results(basebump)
    assert outcome(few) == saved


def test_limit_opens_so_many_and_the_next_run_goes_on(fleet: Path, basebump: Command) -> None:
    done = results(basebump, "--limit", "3")
    assert [name for name, entry in done.items() if entry["outcome"] == "opened"] == OPENED[:3]
    assert {entry["outcome"] for entry in list(done.values())[3:]} == {"held back"}
    done = results(basebump, "--limit", "2")
    assert [name for name, entry in done.items() if entry["outcome"] == "opened"] == OPENED[3:5]
    assert (fleet / "web").is_dir()


def test_a_merged_one_is_merged_and_needs_no_more(one: Path, basebump: Command) -> None:
    results(basebump)
    git(one, "merge", "-q", "--no-edit", BRANCH)
    assert states(basebump)["web", BRANCH]["state"] == "merged"
    assert results(basebump) == {}


def test_merged_and_yet_the_old_line_again_opens_anew(one: Path, basebump: Command) -> None:
    results(basebump)
    git(one, "merge", "-q", "--no-ff", "--no-edit", BRANCH)
    git(one, "revert", "--no-edit", "-m", "1", "HEAD")
    assert results(basebump)["web"]["outcome"] == "opened"
    assert states(basebump)["web", BRANCH]["state"] == "open"
    assert git(one, "rev-parse", f"{BRANCH}^") == git(one, "rev-parse", "main")


def test_one_that_a_person_closed_stays_closed_until_told(one: Path, basebump: Command) -> None:
    results(basebump)
    git(one, "branch", "-q", "-D", BRANCH)
    before = refs(one.parent)
    declined = results(basebump)["web"]
    assert declined["outcome"] == "declined"
    assert "--reopen" in declined["reason"]
    assert states(basebump)["web", BRANCH]["state"] == "closed"
    assert refs(one.parent) == before
    assert results(basebump, "--reopen")["web"]["outcome"] == "reopened"
    assert states(basebump)["web", BRANCH]["state"] == "open"


def test_a_persons_commit_is_never_overwritten(one: Path, basebump: Command) -> None:
    results(basebump)
    head = commit(one, {"notes.txt": "by hand\n"}, BRANCH)
    git(one, "checkout", "-q", "main")
    commit(one, {"Dockerfile": (one / "Dockerfile").read_text() + "LABEL a=b\n"})
    assert results(basebump)["web"]["outcome"] == "taken over"
    assert git(one, "rev-parse", BRANCH) == head
    assert states(basebump)["web", BRANCH]["taken_over"]
    move_on(one.parent)
    assert results(basebump)["web"]["superseded"] == []
    assert git(one, "rev-parse", BRANCH) == head


def test_a_branch_of_that_name_that_is_not_ours_is_left_alone(one: Path, basebump: Command) -> None:
    git(one, "branch", BRANCH)
    before = refs(one.parent)
    assert results(basebump)["web"]["outcome"] == "branch in use"
    assert refs(one.parent) == before


def test_a_branch_without_a_pull_request_is_finished(one: Path, basebump: Command) -> None:
    results(basebump)
    git(one, "update-ref", "-d", PULL)
    assert results(basebump)["web"]["outcome"] == "finished"
    assert states(basebump)["web", BRANCH]["state"] == "open"


def test_updates_the_branch_in_place_when_the_file_changed_elsewhere(
    one: Path, basebump: Command
) -> None:
    results(basebump)
    first = git(one, "rev-parse", BRANCH)
    commit(one, {"Dockerfile": (one / "Dockerfile").read_text() + "LABEL a=b\n"})
    assert results(basebump)["web"]["outcome"] == "updated"
    assert git(one, "rev-parse", BRANCH) != first
    assert git(one, "rev-parse", f"{BRANCH}^") == git(one, "rev-parse", "main")
    assert git(one, "diff", "--stat", "main", BRANCH).endswith(
        "1 file changed, 1 insertion(+), 1 deletion(-)"
    )
    assert results(basebump)["web"]["outcome"] == "already open"


def test_a_saved_plan_is_made_again_on_a_head_that_moved(one: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    head = commit(one, {"Dockerfile": (one / "Dockerfile").read_text() + "LABEL a=b\n"})
    assert results(basebump, "plan.json")["web"]["outcome"] == "opened"
    assert git(one, "rev-parse", f"{BRANCH}^") == head


def test_a_saved_plan_whose_edit_is_another_one_is_stale(one: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    text = (one / "Dockerfile").read_text()
    commit(one, {"Dockerfile": text.replace("node:8.9.1", "node:8.9.2")})
    before = refs(one.parent)
    done = basebump("apply", "plan.json", "--yes")
    assert done.exit_code == 3
    assert "the edit is no longer the same; plan again" in " ".join(done.stdout.split())
    assert refs(one.parent) == before


def test_a_saved_plan_outlives_a_repository_that_has_gone(fleet: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    (fleet / "web").rename(fleet.parent / "gone")
    done = basebump("apply", "plan.json", "--yes")
    assert done.exit_code == 3
    assert done.stdout.endswith("\n38 opened, 1 failed\n")


def test_the_next_release_supersedes(one: Path, basebump: Command) -> None:
    results(basebump)
    move_on(one.parent)
    opened = results(basebump)["web"]
    assert (opened["outcome"], opened["superseded"]) == ("opened", [BRANCH])
    assert BRANCH not in git(one, "branch", "--list", "--all").split()
    state = states(basebump)
    assert (state["web", BRANCH]["state"], state["web", BRANCH]["superseded"]) == ("closed", True)
    assert (state["web", NEXT]["state"], state["web", NEXT]["superseded"]) == ("open", False)
    assert f"Superseded by {NEXT}" in git(one, "cat-file", "-p", PULL)
    assert results(basebump)["web"]["outcome"] == "already open"


def test_a_branch_that_is_checked_out_is_not_superseded_under_someones_feet(
    one: Path, basebump: Command
) -> None:
    results(basebump)
    git(one, "remote", "add", "origin", "https://git.example.com/web.git")
    git(one, "update-ref", "refs/remotes/origin/main", "main")
    git(one, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(one, "checkout", "-q", BRANCH)
    move_on(one.parent)
    done = basebump("apply", "--yes")
    assert done.exit_code == 3
    assert f"{BRANCH} is checked out" in " ".join(done.stdout.split()).replace("- ", "-")
    assert git(one, "status", "--porcelain") == ""
    git(one, "checkout", "-q", "main")
    assert results(basebump)["web"]["superseded"] == [BRANCH]


def test_a_dry_run_says_what_would_be(one: Path, basebump: Command) -> None:
    results(basebump)
    move_on(one.parent)
    done = basebump("apply", "--dry-run")
    assert "would be opened" in done.stdout
    assert "would close" in done.stdout
    assert done.stdout.endswith("Dry run, nothing was written: 1 opened, 1 older one superseded\n")


# What a person sees.


def test_tables_fit_80_columns(fleet: Path, basebump: Command) -> None:
    commands = ("apply --yes --limit 5", "scan", "plan", "apply --dry-run", "status")
    answers = [basebump(*command.split()).stdout for command in commands]
    lines = "".join(answers).splitlines()
    sources = {line for path in fleet.rglob("*ocker*") if path.is_file()
               for line in path.read_text("latin-1").splitlines()}  # fmt: skip
    diffs = sources | {line.replace("8.9.1", "8.9.3") for line in sources}
    long = [line for line in lines if len(line) > 80 and line[1:] not in diffs]
    assert long == []


def test_a_wider_terminal_says_more(few: Path, terminal: Command) -> None:
    narrow = terminal("plan", "--repo", "old-crm", width=80).stdout
    wide = terminal("plan", "--repo", "old-crm", width=140).stdout
    assert "NEW, OR WHY NOT" in wide
    assert "NEW, OR WHY NOT" not in narrow
    assert (few / "old-crm").is_dir()


def test_colour_and_progress_are_for_terminals(few: Path, terminal: Command) -> None:
    shown = terminal("plan", "--repo", "web").stdout
    assert "\x1b[32m" in shown
    assert "1/1" in shown
    quiet = terminal("plan", "--repo", "web", "-q", env={"NO_COLOR": "1"}).stdout
    assert "\x1b" not in quiet
    assert (few / "web").is_dir()


def test_a_stream_that_knows_only_ascii_gets_escapes(tmp_path: Path, basebump: Command) -> None:
    make_repository(tmp_path / "fleet" / "größe", {"Dockerfile": "FROM maichong/node:8.9.1\n"})
    options = ("--image", "maichong/node", "--to", "8.9.3", "--local", "fleet")
    done = basebump("plan", *options, env={"PYTHONIOENCODING": "ascii"})
    assert done.exit_code == 0
    assert "gr\\xf6\\xdfe" in done.stdout
