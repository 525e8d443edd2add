"""`fix: true`: the findings of a file that moves are mended along with it."""

from dataclasses import replace

from packaging.specifiers import SpecifierSet

from basebump.cli.session import checks_of
from basebump.config import Config
from basebump.core.campaign import PullRequestTemplate, changes_of
from basebump.core.facts import NoFacts
from basebump.core.plan import plan_repository
from basebump.core.policy import Rule
from basebump.core.snapshot import Snapshot, SourceFile

BAD = b"FROM maichong/node:8.9.1\nWORKDIR /app\nCOPY . /app\nRUN npm install --production\n"
GOOD = (
    b"FROM maichong/node:8.9.3\nWORKDIR /app\nCOPY package.json /app/\n"
    b"RUN npm install --production\nCOPY . /app\n"
)
MANIFEST = SourceFile("package.json", "100644", b'{"dependencies": {"express": "4"}}')
NODE = Rule("maichong/node", "8.9.3")


def after(rule: Rule, content: bytes, extra: tuple[SourceFile, ...] = (MANIFEST,)) -> list[bytes]:
    file = SourceFile("Dockerfile", "100644", content)
    paths = frozenset({"Dockerfile", "package.json", "index.js"})
    snapshot = Snapshot("web", "main", "0" * 40, (file,), extra=extra, paths=paths)
    plan = plan_repository(snapshot, [rule], NoFacts(), checks_of(Config()))
    changes = changes_of(plan, [rule], PullRequestTemplate())
    return [file.after for change in changes for file in change.files]


def test_without_it_only_the_tag_changes() -> None:
    assert after(NODE, BAD) == [BAD.replace(b"8.9.1", b"8.9.3")]


def test_a_file_that_does_not_move_is_not_mended() -> None:
    assert after(replace(NODE, fix=True), BAD.replace(b"8.9.1", b"8.9.3")) == []


def test_what_is_not_provably_safe_is_not_mended() -> None:
    assert after(replace(NODE, fix=True), BAD, extra=()) == [BAD.replace(b"8.9.1", b"8.9.3")]


def test_mends_what_moves() -> None:
    assert after(replace(NODE, fix=True), BAD) == [GOOD]


def test_an_argument_that_two_rules_move_alike_is_moved_once() -> None:
    rules = [Rule("node", "20.0.1"), Rule("php", "20.0.1", SpecifierSet(">=8"))]
    content = b"ARG V=20.0.0\nFROM node:$V AS a\nFROM php:$V\n"
    snapshot = Snapshot("web", "main", "0" * 40, (SourceFile("Dockerfile", "100644", content),))
    changes = changes_of(plan_repository(snapshot, rules, NoFacts()), rules, PullRequestTemplate())
    assert [change.branch for change in changes] == ["basebump/node-20.0.1"]
    assert [len(change.files[0].references) for change in changes] == [2]
