"""The direction of imports is law: DESIGN.md, "Three rooms"."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.world import ENVIRONMENT, HOME

SOURCE = HOME / "src"
MODULES = sorted(SOURCE.rglob("*.py"))

# What the core may have of the standard library: text and values, no file and no network. Of
# `datetime` it is to know dates, never the time of day.
TEXT = frozenset(
    {
        "bisect", "collections", "contextlib", "dataclasses", "datetime", "enum",
        "fnmatch", "functools", "hashlib", "io", "itertools", "json", "math", "operator",
        "posixpath", "re", "shlex", "string", "tomllib", "types", "typing",
        "unicodedata", "urllib", "zoneinfo",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """What the modules below a name may import of ours, and which libraries; None for any."""

    ours: tuple[str, ...]
    libraries: tuple[str, ...] | None


# The first row that a module's name begins with holds for it.
LAW = {
    "basebump.core": Room(("basebump.core",), ("packaging", "dockerfile_parse", "tree_sitter",
                                             "tree_sitter_bash", *sorted(TEXT))),
    "basebump.forge.local": Room(
        ("basebump.core", "basebump.errors", "basebump.forge"), ("git", "gitdb")
    ),
    "basebump.forge.github": Room(
        ("basebump.core", "basebump.errors", "basebump.forge"), ("github", "httpx", "requests")
    ),
    "basebump.forge": Room(("basebump.core", "basebump.errors"), ()),
    "basebump.registry": Room(
        ("basebump=", "basebump.core", "basebump.errors", "basebump.registry"), ("httpx", "certifi")
    ),
    "basebump.buildlog": Room(("basebump.core", "basebump.errors", "basebump.buildlog"), ()),
    "basebump.bots": Room((), ("yaml",)),
    "basebump.fleet": Room(
        ("basebump.bots", "basebump.core", "basebump.errors", "basebump.forge="), ()
    ),
    "basebump.rollout": Room(
        ("basebump.core", "basebump.errors", "basebump.forge=", "basebump.fleet",
         "basebump.rollout"), ()
    ),
    "basebump.report": Room(
        ("basebump.buildlog", "basebump.buildlog=", "basebump.core",
         "basebump.forge=", "basebump.rollout",
         "basebump.report"), ("rich",)
    ),
    "basebump.config.node": Room(("basebump.errors",), ("yaml",)),
    "basebump.config.images": Room(
        ("basebump.core", "basebump.errors", "basebump.config.node"), ("yaml", "packaging")
    ),
    "basebump.config": Room(
        ("basebump.core", "basebump.errors", "basebump.config"), ("yaml", "packaging")
    ),
    "basebump.plananswers": Room(("basebump.core",), ()),
    "basebump.planfile": Room(
        ("basebump=", "basebump.config", "basebump.core", "basebump.errors",
         "basebump.plananswers", "basebump.report.document"), ()
    ),
    "basebump.errors": Room((), ()),
    "basebump.cli": Room(("basebump",), None),
    "basebump.__main__": Room(("basebump.cli",), ()),
    "basebump": Room((), ()),
}  # fmt: skip


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name: str, room: str) -> bool:
    """Whether a module lies in a room; a room that ends in `=` is that one module alone."""
    return name == room.rstrip("=") or (not room.endswith("=") and name.startswith(f"{room}."))


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                base = ".".join([*above, base]).rstrip(".")
            whole = [f"{base}.{alias.name}" for alias in node.names]
            ours = base.split(".")[0] == "basebump"
            known = {name_of(path) for path in MODULES}
            names = {name if name in known else base for name in whole} if ours else {base}
            yield from ((node.lineno, name) for name in sorted(names))


def violations(source: str, module: str) -> list[str]:
    """Every import of a module that the law forbids."""
    room = next(room for name, room in LAW.items() if within(module, name))
    found = []
    for line, name in imports(source, module):
        top = name.split(".")[0]
        if top == "basebump":
            allowed = any(within(name, part) for part in room.ours)
        elif room.libraries is None or top in room.libraries:
            allowed = True
        else:
            allowed = top in sys.stdlib_module_names and not within(module, "basebump.core")
        if not allowed:
            found.append(f"{module}:{line} imports {name}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    assert violations(path.read_text("utf-8"), name_of(path)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("basebump.core.x", "import os", id="the core and the system"),
        pytest.param("basebump.core.x", "def f():\n    from time import time", id="and the clock"),
        pytest.param("basebump.core.x", "from basebump.forge import Repo", id="and the forge"),
        pytest.param("basebump.core.x", "from ..errors import UsageError", id="and a relative one"),
        pytest.param("basebump.core.x", "import yaml", id="and a library"),
        pytest.param("basebump.forge.local.x", "import basebump.config", id="a forge and config"),
        pytest.param("basebump.forge.local.x", "import github", id="a forge and the other's"),
        pytest.param("basebump.fleet", "from basebump.forge import local", id="a forge by kind"),
        pytest.param("basebump.fleet", "import basebump.forge.local.objects", id="and deeper"),
        pytest.param("basebump.report.x", "import git", id="a report and git"),
        pytest.param("basebump.report.x", "from basebump.fleet import Policy", id="and the shell"),
        pytest.param("basebump.rollout", "import basebump.cli.session", id="anybody and the cli"),
    ],
)
def test_the_law_finds_what_breaks_it(module: str, source: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("basebump.core.x", "import re\nfrom packaging.version import Version", id="1"),
        pytest.param("basebump.forge.local", "import git, os\nimport basebump.forge", id="2"),
        pytest.param("basebump.cli.x", "import yaml, git\nimport basebump.forge.local", id="3"),
    ],
)
def test_the_law_lets_pass_what_keeps_it(module: str, source: str) -> None:
    assert violations(source, module) == []


SLOW = ("git", "github", "httpx", "yaml", "rich.table", "dockerfile_parse", "basebump.core.plan")


@pytest.mark.parametrize("module", ["basebump.cli", "basebump.cli.app"])
def test_help_does_not_pay_for_slow_libraries(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {SLOW!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
