"""Bad input: a sentence that says what, where and what to do; its exit code; nothing written."""

import hashlib
import json
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import Command, everything

ONE_OFF = ("--image", "maichong/node", "--to", "8.9.3")


@pytest.fixture
def refused(few: Path, basebump: Command) -> Callable[..., str]:
    """Run basebump, which must refuse with exit code 2 and write nothing; returns its sentence."""

    def run(*arguments: object, **options: object) -> str:
        before = everything(few.parent)
        done = basebump(*arguments, **options)
        assert (done.exit_code, done.stdout) == (2, ""), done
        assert everything(few.parent) == before
        return " ".join(done.stderr.split())

    return run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "repositories:\n  exlude: [x]\n",
            "config.yaml:2: repositories: unknown key 'exlude'; did you mean 'exclude'?",
            id="a misspelt key",
        ),
        pytest.param(
            "imges: []\n",
            "config.yaml:1: unknown key 'imges'; did you mean 'images'?",
            id="a misspelt key at the top",
        ),
        pytest.param(
            "forge: {kind: local, root: fleet}\nimages:\n  - image: python\n    to: 3.10\n",
            'config.yaml:4: images[0].to: 3.10 is a number to YAML (3.1); quote it: "3.10"',
            id="a version that YAML reads as a number",
        ),
        pytest.param(
            "forge: {kind: local, root: nowhere}\nimages: [{image: maichong/node, to: '8.9.3'}]\n",
            "nowhere: no such folder; forge.root (or --local) must be one",
            id="a root that does not exist",
        ),
        pytest.param(
            "forge: {kind: local, root: config.yaml}\nimages: [{image: a, to: '1'}]\n",
            "config.yaml: no such folder",
            id="a root that is a file",
        ),
        pytest.param("images: [\n", "config.yaml:2: not valid YAML", id="no YAML"),
        pytest.param("forge: [local]\n", "config.yaml:1: forge: expected keys", id="a list"),
        pytest.param("forge: {kind: lokal}\n", "did you mean 'local'?", id="a misspelt kind"),
        pytest.param("forge: {kind: local}\n", "the key 'root' is missing", id="no root"),
        pytest.param("{}\n", "give --image IMAGE --to TAG, or `images:`", id="no rule"),
        pytest.param(
            "images: [{image: maichong/node, to: '8.9.3'}]\n", "give --local DIR", id="no forge"
        ),
        pytest.param(
            "forge: {kind: local, root: fleet}\nimages: [{image: maichong/node, to: '5.0.0'}]\n",
            "the target 5.0.0 is older than every tag in the fleet; the oldest is 6.11.0. "
            "Is it mistyped?",
            id="a target that is older than everything",
        ),
    ],
)
def test_a_configuration_that_is_wrong(
    few: Path, refused: Callable[..., str], text: str, said: str
) -> None:
    (few.parent / "config.yaml").write_text(text)
    sentence = refused("apply", "--yes")
    assert sentence.startswith("basebump: error: ")
    assert said in sentence


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("plan", "--config", "no.yaml"), "no.yaml: no such file", id="no config"),
        pytest.param(("plan", "--config", "fleet"), "fleet: cannot be read", id="a folder"),
        pytest.param(("plan", "--local", "no"), "no: no such folder", id="no folder"),
        pytest.param(("plan", "--repo", "wbe"), "--repo: no repository called wbe", id="no repo"),
        pytest.param(("status", "--repo", "wbe"), "no repository called wbe", id="nor in status"),
        pytest.param(("plan", "--image", "a"), "--image and --to go together", id="half a rule"),
        pytest.param(("plan", "--from", ">=8"), "--from goes with", id="a range alone"),
        pytest.param(("plan", "--image", "a:1", "--to", "2"), "names a tag", id="image with tag"),
        pytest.param(("plan", *ONE_OFF, "--from", "8"), "no version range", id="no range"),
        pytest.param(("plan", "--image", "a", "--to", "x y"), "no valid tag", id="no tag"),
        pytest.param(("apply", "no.json"), "no.json: no such file", id="no plan"),
        pytest.param(("apply", "fleet"), "fleet: cannot be read as a plan", id="a folder as plan"),
        pytest.param(("apply", "config.yaml"), "cannot be read as a plan", id="no plan but YAML"),
        pytest.param(("apply",), "nobody is there to be asked; --yes goes ahead", id="no --yes"),
        pytest.param(("plan", "-o", "no/plan.json"), "no/plan.json: cannot be written: No such",
                     id="no folder to write to"),
        pytest.param(("plan", "-o", "fleet"), "fleet: cannot be written: Is a directory",
                     id="a folder to write to"),
        pytest.param(("plan", "-o", "/dev/full"), "/dev/full: cannot be written: No space left",
                     id="no room to write"),
        pytest.param(("plan", "--frobnicate"), "No such option", id="an unknown option"),
        pytest.param(("plan", "--format", "xml"), "'xml' is not one of", id="an unknown format"),
    ],
)  # fmt: skip
def test_a_command_line_that_is_wrong(
    refused: Callable[..., str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(*arguments)


@pytest.fixture
def plan_file(few: Path, basebump: Command) -> Path:
    assert basebump("plan", "-o", "plan.json").exit_code == 0
    return few.parent / "plan.json"


def test_a_plan_file_that_was_edited(plan_file: Path, refused: Callable[..., str]) -> None:
    plan_file.write_text(plan_file.read_text().replace("8.9.3", "8.9.9"))
    assert refused("apply", "plan.json", "--yes") == (
        "basebump: error: plan.json: was changed after it was made; change config.yaml and make "
        "the plan again"
    )


def test_a_plan_file_of_another_version(plan_file: Path, refused: Callable[..., str]) -> None:
    document = json.loads(plan_file.read_text())
    document["plan"]["basebump"] = "99.0"
    plan_file.write_text(json.dumps(document))
    sentence = refused("apply", "plan.json", "--yes")
    assert "plan.json: was made by basebump 99.0 and this is " in sentence
    assert sentence.endswith("make the plan again")


@pytest.mark.parametrize("text", ["", "[]", '{"plan": 1}', "[" * 100_000])
def test_a_plan_file_that_is_none(plan_file: Path, refused: Callable[..., str], text: str) -> None:
    plan_file.write_text(text)
    assert "plan.json: " in refused("apply", "plan.json", "--yes")


@pytest.mark.parametrize("key", ["changes", "answers", "settings"])
def test_a_plan_file_that_was_sealed_again_without_a_part(
    plan_file: Path, refused: Callable[..., str], key: str
) -> None:
    document = json.loads(plan_file.read_text())
    del document["checksum"], document["plan"][key]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    seal = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    plan_file.write_text(json.dumps(document | {"checksum": seal}))
    assert refused("apply", "plan.json", "--yes") == (
        "basebump: error: plan.json: is not whole; make the plan again"
    )


def test_a_plan_file_and_what_it_says_already(plan_file: Path, refused: Callable[..., str]) -> None:
    assert plan_file.exists()
    assert "--image, --to: a saved plan says that already" in refused(
        "apply", "plan.json", *ONE_OFF
    )


def test_no_room_for_the_plan_leaves_the_old_one(
    plan_file: Path, refused: Callable[..., str]
) -> None:
    before = plan_file.read_bytes()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))  # noqa: E731
    sentence = refused("plan", "-o", "plan.json", preexec_fn=limit)
    assert sentence == "basebump: error: plan.json: cannot be written: File too large"
    assert plan_file.read_bytes() == before


def test_no_git_is_told(few: Path, refused: Callable[..., str]) -> None:
    assert few.is_dir()
    assert "git was not found on PATH" in refused("plan", env={"PATH": "/nonexistent"})


def test_an_answer_that_nobody_reads_is_no_error(few: Path, basebump: Command) -> None:
    read, write = os.pipe()
    os.close(read)
    done = basebump("plan", "--local", few, stdout=write)
    os.close(write)
    assert (done.exit_code, done.stderr) == (0, "")


def test_an_answer_that_finds_no_room_is_an_error(few: Path, basebump: Command) -> None:
    with Path("/dev/full").open("wb") as full:
        done = basebump("plan", "--local", few, stdout=full)
    assert done.exit_code == 2
    assert done.stderr == "basebump: error: the answer cannot be written: No space left on device\n"
