"""`basebump check`, from the command line to the bytes on disk."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.cache_order.conftest import IN_ORDER, OUT_OF_ORDER, Check
from tests.cache_order.sarif_schema import SchemaMissingError, schema

ROOT = Path(__file__).parents[2]


def test_a_clean_repository_exits_with_zero(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").write_bytes(IN_ORDER)
    result = run()
    assert (result.exit_code, result.stdout) == (0, "1 file: 0 findings\n")


def test_a_finding_exits_with_one(repository: Path, run: Check) -> None:
    result = run(str(repository))
    assert result.exit_code == 1
    assert result.stdout.startswith("Dockerfile:3: warning: npm: the install in line 4 runs again")


def test_exit_zero_still_tells(repository: Path, run: Check) -> None:  # noqa: ARG001 - the folder
    result = run("--exit-zero")
    assert result.exit_code == 0
    assert "[cache-order]" in result.stdout


def test_advice_alone_exits_with_zero(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").write_bytes(b"FROM rust:1\nWORKDIR /a\nCOPY . .\nRUN cargo build\n")
    (repository / "Cargo.toml").touch()
    result = run()
    assert result.exit_code == 0
    assert "info: Cargo: " in result.stdout


def test_a_rule_can_be_left_out(repository: Path, run: Check) -> None:  # noqa: ARG001 - the folder
    assert run("--ignore", "cache-order").exit_code == 0
    assert run("--select", "cache-order/advice").exit_code == 0
    assert run("--select", "cache-order").exit_code == 1


def test_a_rule_that_does_not_exist_is_wrong_usage(run: Check) -> None:
    result = run("--select", "cache")
    assert result.exit_code == 2
    assert "there is no rule 'cache'" in result.stderr


def test_a_path_that_does_not_exist_is_wrong_usage(run: Check) -> None:
    assert run("no/such/place").exit_code == 2


def test_finds_dockerfiles_by_name_in_any_case(repository: Path, run: Check) -> None:
    names = [
        "a/dockerfile",
        "b/Dockerfile.prod",
        "web.Dockerfile",
        "Containerfile",
        "CONTAINERFILE.x",
    ]
    others = [
        "Dockerfile.md",
        "Dockerfile.dockerignore",
        "mydockerfile",
        "node_modules/x/Dockerfile",
    ]
    for name in names + others:
        (repository / name).parent.mkdir(exist_ok=True, parents=True)
        (repository / name).write_bytes(IN_ORDER)
    found = json.loads(run("--format", "json", "--exit-zero").stdout)
    assert {file["path"] for file in found["files"]} == {"Dockerfile", *names}


def test_json_has_the_words_of_the_contract(repository: Path, run: Check) -> None:  # noqa: ARG001
    document = json.loads(run("--format", "json").stdout)
    finding = document["files"][0]["findings"][0]
    assert document["version"] == 1
    assert finding["rule"] == "cache-order"
    assert (finding["line"], finding["install_line"]) == (3, 4)
    assert finding["manifests"] == ["package.json"]
    assert finding["suggestion"] == ["COPY package.json ./", "RUN npm ci", "COPY . ."]
    assert document["summary"]["fixable"] == 1


def test_sarif_is_valid(repository: Path, run: Check) -> None:
    try:
        path = schema()
    except SchemaMissingError as error:
        pytest.skip(str(error))
    (repository / "a b%ü.Dockerfile").write_bytes(OUT_OF_ORDER.replace(b"\n", b"\r\n"))
    log = json.loads(run("--format", "sarif").stdout)
    assert len(log["runs"][0]["results"]) == 2
    jsonschema.validate(log, json.loads(path.read_text("utf-8")))


def test_sarif_tells_region_fingerprint_and_fix(repository: Path, run: Check) -> None:
    before = json.loads(run("--format", "sarif").stdout)["runs"][0]["results"][0]
    (repository / "Dockerfile").write_bytes(b"# moved\n\n" + OUT_OF_ORDER)
    after = json.loads(run("--format", "sarif").stdout)["runs"][0]["results"][0]
    replacements = before["fixes"][0]["artifactChanges"][0]["replacements"]
    assert before["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert after["locations"][0]["physicalLocation"]["region"] == {"startLine": 5}
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert replacements[0]["deletedRegion"] == {
        "startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 1,
    }  # fmt: skip
    assert [r["insertedContent"]["text"] for r in replacements] == [
        "", "COPY package.json ./\n", "COPY . .\n",
    ]  # fmt: skip


def test_two_equal_findings_have_fingerprints_of_their_own_that_stay(
    repository: Path, run: Check
) -> None:
    def fingerprints() -> list[str]:
        results = json.loads(run("--format", "sarif").stdout)["runs"][0]["results"]
        return [result["partialFingerprints"]["basebumpFinding/v1"] for result in results]

    (repository / "Dockerfile").write_bytes(OUT_OF_ORDER * 2)
    before = fingerprints()
    (repository / "Dockerfile").write_bytes(b"# moved\n" + OUT_OF_ORDER + b"\n" + OUT_OF_ORDER)
    assert fingerprints() == before
    assert len(set(before)) == 2


def test_a_file_named_in_two_ways_is_checked_once(repository: Path, run: Check) -> None:
    result = run("Dockerfile", str(repository / "Dockerfile"), ".")
    assert result.stdout.endswith("\n1 file: 1 finding (1 can be fixed with --fix)\n")


def test_annotations_cannot_be_broken_out_of(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").rename(repository / "a,b:c%\n::error::x.Dockerfile")
    lines = run("--format", "github").stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(
        "::warning file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax.Dockerfile,line=3,"
    )


def test_control_characters_of_a_path_are_escaped(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").rename(repository / "\x1b[31mred\r.Dockerfile")
    for form in ("table", "markdown", "github", "sarif", "json"):
        assert "\x1b" not in run("--format", form).stdout


def test_markdown_cannot_be_broken_out_of(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").rename(repository / "a|`b`<img>.Dockerfile")
    row = run("--format", "markdown").stdout.splitlines()[-1]
    assert row.startswith("| ``a\\|`b`<img>.Dockerfile:3`` | warning |")


def test_what_is_no_dockerfile_is_named_and_not_fatal(repository: Path, run: Check) -> None:
    (repository / "Dockerfile.bad").write_bytes(b"FROM \xff\n")
    result = run("--format", "json")
    assert "Dockerfile.bad: not checked: line 1: the file is not UTF-8" in result.stderr
    assert json.loads(result.stdout)["summary"]["unreadable"] == 1


def test_diff_shows_and_changes_nothing(repository: Path, run: Check) -> None:
    result = run("--diff")
    assert "\n+COPY package.json ./\n+RUN npm ci\n COPY . .\n-RUN npm ci\n" in result.stdout
    assert (repository / "Dockerfile").read_bytes() == OUT_OF_ORDER


def test_fix_writes_what_diff_showed_and_a_second_run_nothing(repository: Path, run: Check) -> None:
    first = run("--fix")
    written = (repository / "Dockerfile").read_bytes()
    second = run("--fix")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert written == IN_ORDER
    assert (repository / "Dockerfile").read_bytes() == written
    assert "fixed" not in second.stderr


def test_fix_keeps_every_other_byte(repository: Path, run: Check) -> None:
    before = b"\xef\xbb\xbf" + OUT_OF_ORDER.replace(b"\n", b" \t\r\n") + b"# \xc3\xa9 end"
    (repository / "Dockerfile").write_bytes(before)
    run("--fix")
    after = (repository / "Dockerfile").read_bytes()
    assert after.replace(b"COPY package.json ./\r\n", b"") != before
    assert sorted(after.replace(b"COPY package.json ./\r\n", b"")) == sorted(before)
    assert after.endswith(b"\r\n# \xc3\xa9 end")


def test_without_a_manifest_in_the_repository_there_is_nothing_to_say(
    repository: Path, run: Check
) -> None:
    (repository / "package.json").unlink()
    (repository / "README").touch()
    assert run().exit_code == 0


def test_a_collection_of_dockerfiles_is_no_evidence(repository: Path, run: Check) -> None:
    (repository / "package.json").unlink()
    result = run()
    assert result.exit_code == 1
    assert "not fixed: the repository's files are not at hand" in result.stdout


def test_a_manifest_that_is_a_link_out_is_not_followed(
    repository: Path, run: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "package.json"
    outside.write_text("{}")
    (repository / "package.json").unlink()
    (repository / "package.json").symlink_to(outside)
    (repository / "README").touch()
    run("--fix")
    assert (repository / "Dockerfile").read_bytes() == OUT_OF_ORDER


def test_a_folder_that_is_a_link_out_is_not_entered(
    repository: Path, run: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "Dockerfile").write_bytes(OUT_OF_ORDER)
    (repository / "linked").symlink_to(outside)
    (repository / "linked.Dockerfile").symlink_to(outside / "Dockerfile")
    found = json.loads(run("--format", "json").stdout)
    assert [file["path"] for file in found["files"]] == ["Dockerfile"]


def test_a_dockerfile_that_is_a_link_is_checked_and_not_written(
    repository: Path, run: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "Dockerfile"
    (repository / "Dockerfile").rename(outside)
    (repository / "Dockerfile").symlink_to(outside)
    assert run("--fix", "Dockerfile").exit_code == 1
    assert outside.read_bytes() == OUT_OF_ORDER


def test_fix_keeps_the_mode_and_leaves_nothing_behind(repository: Path, run: Check) -> None:
    (repository / "Dockerfile").chmod(0o640)
    run("--fix")
    assert (repository / "Dockerfile").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in repository.iterdir()} == {".git", "Dockerfile", "package.json"}


def test_the_hook_of_pre_commit_runs_on_dockerfiles() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    names = ["Dockerfile", "a/Dockerfile.prod", "web.dockerfile", "Containerfile", "x.py", "Docker"]
    matching = [name for name in names if re.search(hook["files"], name)]
    assert hook["entry"] == "basebump check"
    assert matching == names[:4]


def test_the_hook_of_pre_commit_leaves_out_what_a_folder_leaves_out() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    names = ["Dockerfile.md", "a/Dockerfile.dockerignore", "b.Dockerfile.orig", "Dockerfile.TXT"]
    assert all(re.search(hook["exclude"], name) for name in names)
    assert not re.search(hook["exclude"], "a.md/Dockerfile.prod")


def test_the_build_context_may_be_a_folder_above(repository: Path, run: Check) -> None:
    (repository / "docker").mkdir()
    (repository / "Dockerfile").rename(repository / "docker" / "Dockerfile")
    run("--fix")
    assert (repository / "docker" / "Dockerfile").read_bytes() == IN_ORDER


def test_two_possible_build_contexts_are_not_guessed_at(repository: Path, run: Check) -> None:
    (repository / "web").mkdir()
    (repository / "web" / "package.json").write_text("{}")
    (repository / "web" / "package-lock.json").write_text("{}")
    (repository / "Dockerfile").rename(repository / "web" / "Dockerfile")
    result = run("--fix")
    assert "not fixed: the build context may be more than one folder" in result.stdout
    assert (repository / "web" / "Dockerfile").read_bytes() == OUT_OF_ORDER


def test_node_modules_in_the_build_context_are_no_safe_place(repository: Path, run: Check) -> None:
    (repository / "node_modules").mkdir()
    assert "not fixed: the project has node_modules" in run().stdout
    (repository / ".dockerignore").write_text("# results\nnode_modules/\n")
    assert run("--fix").exit_code == 0
