"""A rule against a reference: the verdict, and what the reference becomes."""

from dataclasses import dataclass, field

import pytest
from packaging.specifiers import SpecifierSet

from basebump.core.facts import Manifest, Missing, NoFacts
from basebump.core.policy import Decision, Floating, Rule, decide
from basebump.core.reference import ImageReference
from basebump.core.verdict import Verdict

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@dataclass
class Registry(NoFacts):
    """Facts: the tags that an image has, each with its digest."""

    digests: dict[str, str] = field(default_factory=dict)

    def tags(self, image: str) -> tuple[str, ...]:  # type: ignore[override]
        names = (key.rpartition(":") for key in self.digests)
        return tuple(tag for name, _, tag in names if name == image)

    def manifest(self, image: str, reference: str) -> Manifest | Missing:  # type: ignore[override]
        digest = self.digests.get(f"{image}:{reference}")
        return Missing(f"no {reference}") if digest is None else Manifest(digest, frozenset())


def judge(reference: str, *rules: Rule, facts: Registry | None = None) -> Decision:
    return decide(rules, ImageReference.parse(reference), facts or NoFacts())


def rule(to: str, from_: str | None = None, image: str = "node", **more: object) -> Rule:
    range_ = None if from_ is None else SpecifierSet(from_)
    return Rule(image, to, range_, **more)  # type: ignore[arg-type]


PIN = Floating.PIN


@pytest.mark.parametrize(
    ("tag", "given", "verdict"),
    [
        ("8.9.3", rule("8.9.3"), "up-to-date"),
        ("v8.9.3", rule("8.9.3"), "up-to-date"),
        ("8.9.3-alpine", rule("8.9.3"), "up-to-date"),
        ("8.9.4", rule("8.9.3"), "newer"),
        ("8.10.0-alpine", rule("8.9.3"), "newer"),
        ("8", rule("8.9.3"), "floating"),
        ("8.9-slim", rule("8.9.3"), "floating"),
        ("latest", rule("8.9.3"), "floating"),
        ("lts-alpine", rule("8.9.3"), "floating"),
        ("bookworm", rule("8.9.3"), "floating"),
        ("6.1.0", rule("8.9.3"), "other-line"),
        ("9.0.0", rule("8.9.3"), "other-line"),
        ("7.1.0", rule("8.9.3", ">=8,<9"), "other-line"),
        ("8.9.1.5", rule("8.9.3"), "other-line"),
        ("8.9.1-1", rule("8.9.3"), "other-line"),
        ("8.9.1-debian-11-r3", rule("8.9.3"), "other-line"),
        ("20240115", rule("8.9.3"), "other-line"),
        ("9f3c1a7", rule("8.9.3"), "other-line"),
        ("12345", rule("8.9.3"), "other-line"),
        ("8.9.1", rule("8.9.3-rc1"), "other-line"),
        ("17.0.1_7", rule("17.0.2"), "other-line"),
        ("8.9.1-alpine", rule("8.9.3", flavours=("slim",)), "not-selected"),
        ("8.9.1", rule("8.9.3-alpine"), "not-selected"),
        ("20240215", rule("20240115"), "newer"),
    ],
)
def test_leaves(tag: str, given: Rule, verdict: str) -> None:
    decision = judge(f"node:{tag}", given)
    assert (decision.verdict.value, decision.new) == (verdict, None)


@pytest.mark.parametrize(
    ("tag", "given", "new"),
    [
        ("8.9.1", rule("8.9.3"), "8.9.3"),
        ("8.9.1-alpine", rule("8.9.3"), "8.9.3-alpine"),
        ("v8.9.1", rule("8.9.3"), "v8.9.3"),
        ("8.9.1", rule("v8.9.3"), "8.9.3"),
        ("8.8", rule("8.9.3"), "8.9"),
        ("7", rule("8.9.3", ">=7"), "8"),
        ("8.9.1-slim", rule("8.9.3", flavours=("slim", "")), "8.9.3-slim"),
        ("8.9.3-rc1", rule("8.9.3"), "8.9.3"),
        ("8.9.3-rc1", rule("8.9.3-rc2"), "8.9.3-rc2"),
        ("17.0.1_7-jre", rule("17.0.2_8"), "17.0.2_8-jre"),
        ("17.0.1", rule("17.0.2_8"), "17.0.2"),
        ("2024.01", rule("2024.02"), "2024.02"),
        ("8.10.0", rule("8.9.3", downgrade=True), "8.9.3"),
        ("6.1.0", rule("8.9.3", "<9"), "8.9.3"),
        ("20240115-slim", rule("20240215"), "20240215-slim"),
        ("12345", rule("12346"), "12346"),
        ("bullseye", rule("bookworm"), "bookworm"),
        ("bullseye-slim", rule("bookworm"), "bookworm-slim"),
        ("latest", rule("8.9.3", floating=PIN), "8.9.3"),
        ("8-alpine", rule("8.9.3", floating=PIN), "8.9.3-alpine"),
        ("v8", rule("8.9.3", floating=PIN), "v8.9.3"),
    ],
)
def test_bumps(tag: str, given: Rule, new: str) -> None:
    decision = judge(f"node:{tag}", given)
    assert (decision.verdict, str(decision.new)) == (Verdict.BUMP, f"node:{new}")


def test_no_tag_means_latest() -> None:
    assert judge("node", rule("8.9.3")).verdict is Verdict.FLOATING
    assert str(judge("node", rule("8.9.3", floating=PIN)).new) == "node:8.9.3"


def test_an_image_that_no_rule_names_is_not_selected() -> None:
    assert judge("php:8", rule("8.9.3")).verdict is Verdict.NOT_SELECTED
    assert judge("node:8").verdict is Verdict.NOT_SELECTED


def test_the_first_rule_that_speaks_about_the_tag_decides() -> None:
    rules = (
        rule("6.17.1", ">=6,<7"),
        rule("8.9.3", ">=8,<9"),
        rule("99.0.0", ">=0", image="*", id="any"),
    )
    assert str(judge("node:6.0.1", *rules).new) == "node:6.17.1"
    assert str(judge("node:8.0.1", *rules).new) == "node:8.9.3"
    assert str(judge("php:8.0.1", *rules).new) == "php:99.0.0"
    decision = judge("node:9.9.9", *rules)
    assert decision.rule is not None
    assert decision.rule.id == "any"


def test_the_name_as_written_stays() -> None:
    given = rule("8.9.3", image="docker.io/library/node")
    assert str(judge("index.docker.io/library/node:8.9.1", given).new) == (
        "index.docker.io/library/node:8.9.3"
    )


def test_a_digest_is_pinned_until_the_new_one_is_known() -> None:
    decision = judge(f"node:8.9.1@{OLD}", rule("8.9.3"))
    assert (decision.verdict, decision.new) == (Verdict.PINNED, None)


def test_the_digest_moves_with_the_tag() -> None:
    facts = Registry({"docker.io/library/node:8.9.3": NEW})
    decision = judge(f"node:8.9.1@{OLD}", rule("8.9.3"), facts=facts)
    assert str(decision.new) == f"node:8.9.3@{NEW}"


def test_a_tag_that_was_built_again_has_a_new_digest() -> None:
    facts = Registry({"docker.io/library/node:8.9.3": NEW})
    assert str(judge(f"node:8.9.3@{OLD}", rule("8.9.3"), facts=facts).new) == f"node:8.9.3@{NEW}"
    settled = judge(f"node:8.9.3@{NEW}", rule("8.9.3"), facts=facts)
    assert (settled.verdict, settled.new) == (Verdict.UP_TO_DATE, None)


def test_never_a_new_tag_beside_an_old_digest() -> None:
    for tag in ("8.9.1", "8", "latest", "8.9.3"):
        decision = judge(f"node:{tag}@{OLD}", rule("8.9.3", floating=PIN), facts=None)
        assert decision.new is None
    assert judge(f"node@{OLD}", rule("8.9.3", floating=PIN)).verdict is Verdict.PINNED


def test_a_target_that_the_registry_lacks_is_none() -> None:
    facts = Registry({"docker.io/library/node:8.9.3": NEW})
    assert judge("node:8.9.1", rule("8.9.3"), facts=facts).verdict is Verdict.BUMP
    decision = judge("node:8.9.1-alpine", rule("8.9.3"), facts=facts)
    assert (decision.verdict, decision.new) == (Verdict.NO_SUCH_TARGET, None)
