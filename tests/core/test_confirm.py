"""The digest and the registry's word in a decision: what is added, removed, and left alone."""

from datetime import UTC, datetime

import pytest

from basebump.core.bases import without_base
from basebump.core.campaign import Marker
from basebump.core.facts import Manifest, Missing, NoFacts
from basebump.core.follow import Follow
from basebump.core.inquiry import Inquiry
from basebump.core.plan import plan_file
from basebump.core.policy import Pin, Rule
from basebump.core.snapshot import SourceFile

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
TO = {pin: Rule("node", "8.9.3", pin=pin) for pin in Pin}


class Registry(NoFacts):
    """Facts: node has two releases, and each digest is that of its tag."""

    def tags(self, image: str) -> tuple[str, ...] | Missing:  # type: ignore[override]
        return ("8.9.1", "8.9.3") if image == "docker.io/library/node" else Missing("no image")

    def manifest(self, image: str, reference: str) -> Manifest | Missing:  # type: ignore[override]
        digest = {"8.9.1": OLD, "8.9.3": NEW, OLD: OLD, NEW: NEW}.get(reference)
        return Manifest(digest, frozenset()) if digest else Missing(f"{image} has no {reference}")


def after(text: str, rule: Rule, facts: NoFacts | None = None) -> str:
    inquiry = Inquiry(facts or Registry(), datetime(2026, 11, 23, tzinfo=UTC))
    file = SourceFile("Dockerfile", "100644", text.encode())
    return plan_file(file, (rule,), inquiry).after()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(f"FROM node@{OLD}\n", TO[Pin.KEEP], id="a digest without a tag"),
        pytest.param(f"FROM node@{OLD}\n", TO[Pin.REMOVE], id="nothing would be left of it"),
        pytest.param("FROM node\n", TO[Pin.ADD], id="no tag to add a digest to"),
        pytest.param("FROM node:8.9.4\n", TO[Pin.ADD], id="a newer one is none of ours"),
        pytest.param("FROM node:8\n", TO[Pin.KEEP], id="a moving tag"),
        pytest.param(f"FROM node:8.9.3@{NEW}\n", TO[Pin.ADD], id="it has the digest already"),
        pytest.param("ARG V=8.9.3\nFROM node:$V\n", TO[Pin.ADD], id="no digest in an argument"),
        pytest.param("FROM node:8.9.1-slim\n", TO[Pin.KEEP], id="no such target"),
        pytest.param("FROM php:8.1.0\n", Rule("*", follow=Follow.parse("patch")), id="no image"),
    ],
)
def test_leaves(text: str, rule: Rule) -> None:
    assert after(text, rule) == text


@pytest.mark.parametrize(
    "text", [f"FROM node:8.9.1@{OLD}\n", f"FROM node:8.9.3@{OLD}\n", "FROM node:8.9.3\n"]
)
@pytest.mark.parametrize("pin", [Pin.KEEP, Pin.ADD])
def test_no_digest_moves_while_nobody_knows_the_new_one(text: str, pin: Pin) -> None:
    assert after(text, TO[pin], NoFacts()) == text


@pytest.mark.parametrize("pin", Pin)
def test_a_followed_reference_stays_while_nobody_knows_what_there_is(pin: Pin) -> None:
    rule = Rule("node", follow=Follow.parse("patch"), pin=pin)
    assert after("FROM node:8.9.1\n", rule, NoFacts()) == "FROM node:8.9.1\n"


@pytest.mark.parametrize(
    ("text", "pin", "wanted"),
    [
        ("FROM node:8.9.1 AS a\r\n", Pin.ADD, f"FROM node:8.9.3@{NEW} AS a\r\n"),
        ("FROM node:8.9.3", Pin.ADD, f"FROM node:8.9.3@{NEW}"),
        ("ARG V=8.9.1\nFROM node:$V\n", Pin.ADD, "ARG V=8.9.3\nFROM node:$V\n"),
        (f"FROM 'node:8.9.1@{OLD}'\n", Pin.KEEP, f"FROM 'node:8.9.3@{NEW}'\n"),
        (f"ARG D={OLD}\nFROM node:8.9.1@$D\n", Pin.KEEP, f"ARG D={NEW}\nFROM node:8.9.3@$D\n"),
        (f"FROM node:8.9.1@{OLD} AS a\n", Pin.REMOVE, "FROM node:8.9.3 AS a\n"),
        (f"FROM node:8.9.3@{OLD} AS a\n", Pin.REMOVE, "FROM node:8.9.3 AS a\n"),
        (f"FROM node:8@{OLD}\n", Pin.REMOVE, "FROM node:8\n"),
    ],
)
def test_changes(text: str, pin: Pin, wanted: str) -> None:
    assert after(text, TO[pin]) == wanted


def test_what_an_image_says_of_itself_is_no_marker() -> None:
    ours = Marker("campaign", "image", "1", "hash")
    theirs = Marker("theirs", "image", "9", "hash")
    assert Marker.find(f"| label | `{theirs}` |\n\n{ours}\n") == ours


def test_a_body_is_the_same_one_with_and_without_what_the_base_changes() -> None:
    section = "<!-- basebump-base -->\n\n| a |\n\n<!-- /basebump-base -->"
    assert without_base(f"changes\n\n{section}\n\nfindings") == "changes\n\nfindings"
