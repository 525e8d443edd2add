"""What makes two failures the same failure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from basebump.buildlog.values import Diagnosis, Step

# These classes say that something went wrong and not what: only their message tells.
_VAGUE = frozenset({"unknown", "compile", "test-failure", "command-not-found", "permission"})

# Which command of a RUN a class is about, by the beginning of its id.
_TOOLS: tuple[tuple[str, frozenset[str]], ...] = (
    ("apt", frozenset({"apt-get", "apt", "aptitude"})),
    ("dpkg", frozenset({"apt-get", "apt", "dpkg"})),
    ("eol", frozenset({"apt-get", "apt", "yum", "dnf", "apk"})),
    ("package-removed", frozenset({"apt-get", "apt"})),
    ("apk", frozenset({"apk"})),
    ("rpm", frozenset({"yum", "dnf", "microdnf"})),
    ("npm", frozenset({"npm", "yarn", "pnpm", "npx"})),
    ("node", frozenset({"npm", "yarn", "pnpm"})),
    ("openssl", frozenset({"npm", "yarn", "pnpm", "npx", "node"})),
    ("pip", frozenset({"pip", "pip3", "python", "python3"})),
)
_WITH_SUBCOMMAND = frozenset(
    [
        "apt-get",
        "apt",
        "aptitude",
        "apk",
        "yum",
        "dnf",
        "microdnf",
        "npm",
        "yarn",
        "pnpm",
        "npx",
        "pip",
        "pip3",
        "go",
        "cargo",
        "dotnet",
        "bundle",
        "composer",
        "git",
        "mvn",
        "gradle",
        "make",
    ]
)
_HOUSEKEEPING = frozenset(
    [
        "rm",
        "mkdir",
        "cd",
        "echo",
        "set",
        "export",
        "true",
        "ln",
        "chmod",
        "chown",
        "cp",
        "mv",
        "sed",
    ]
)
_MINOR = frozenset({"update", "clean", "autoremove", "autoclean"})

_SEPARATOR = re.compile(r"&&|\|\||[;|\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_NOISE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"https?://\S+"), "<url>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*"), "<time>"),
    (re.compile(r"(?:\.{0,2}/)[\w.@%+~-]+(?:/[\w.@%+~-]*)*"), "<path>"),
    (re.compile(r"\b(?:sha\d+[:-])?[0-9a-f]{7,128}\b"), "<hash>"),
    (re.compile(r"\d+(?:[.:]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)
_LONGEST = 400


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """A failure without what differs from one repository to the next.

    `cause` is a row's id, `step` the instruction and the command it failed in, `message` the root
    line without paths, hashes, times and numbers, for classes that say little by themselves.
    """

    cause: str
    step: str
    message: str


def signature(diagnosis: Diagnosis | None) -> Signature:
    """Return the signature of a failed build; one without a diagnosis shares its own."""
    if diagnosis is None or diagnosis.cause is None:
        return Signature("unknown", "", "")
    cause = diagnosis.cause.id
    root = diagnosis.root.text if diagnosis.root and cause in _VAGUE else ""
    return Signature(cause, step_words(diagnosis.step, cause), normalised(root))


def normalised(message: str) -> str:
    """Return a message without addresses, times, paths, hashes and numbers."""
    text = message[:_LONGEST]
    for pattern, name in _NOISE:
        text = pattern.sub(name, text)
    return text.strip()


def step_words(step: Step | None, cause: str = "") -> str:
    """Return the command that a step is about: `apt-get install` of a long RUN.

    Other instructions are their name alone: two repositories copy different files.
    """
    if step is None or not step.text:
        return ""
    if step.instruction != "RUN":
        return step.instruction or step.text.partition(" for ")[0]
    commands = _commands(step.text)
    tools = next((tools for start, tools in _TOOLS if cause.startswith(start)), frozenset[str]())
    fitting = [command for command in commands if command.partition(" ")[0] in tools]
    for candidates in (fitting, commands):
        major = [command for command in candidates if command.rpartition(" ")[2] not in _MINOR]
        if major or candidates:
            return (major or candidates)[0]
    return "RUN"


def _commands(run: str) -> list[str]:
    """Return tool and subcommand of each command of a RUN, without housekeeping."""
    commands = []
    for part in _SEPARATOR.split(run[:4000].partition(" ")[2]):
        words = [word for word in part.split() if not _is_noise(word)]
        if not words:
            continue
        tool = words[0].rpartition("/")[2]
        if tool in _HOUSEKEEPING:
            continue
        subcommand = words[1] if tool in _WITH_SUBCOMMAND and len(words) > 1 else ""
        commands.append(f"{tool} {subcommand}".strip())
    return commands


def _is_noise(word: str) -> bool:
    return word.startswith(("-", "$", "(", "\\")) or bool(_ASSIGNMENT.match(word))
