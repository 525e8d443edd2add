"""COPY and ADD: what goes from the build context to where, and whether it is source."""

import json
from dataclasses import dataclass

from basebump.core.cache_order.places import has_wildcard, inside, join, same_file
from basebump.core.cache_order.shell import fill
from basebump.core.dockerfile import Dockerfile, Instruction, shell_words
from basebump.core.expand import Environment

# Folders that hold a program's own text and nothing that an install reads.
SOURCE_FOLDERS = frozenset(
    "src app public static assets templates views test tests spec cmd internal".split()
)
SOURCE_SUFFIXES = frozenset(
    ".py .js .jsx .ts .tsx .mjs .vue .svelte .rb .php .go .rs .java .kt .scala .cs .fs .vb .ex "
    ".html .css .scss .erb .twig".split()
)
# Files with such a suffix that an install may well read.
_NOT_SOURCE = ("setup.py", "conftest.py", "*.config.*", ".*", "*.gradle.kts", "mix.exs", "deps.ts",
               "build.rs", "*install*", "*setup*", "gulpfile*", "Gruntfile*")  # fmt: skip
_BARE_FILES = frozenset(
    "Gemfile Pipfile Makefile Rakefile Procfile Dockerfile LICENSE README VERSION mvnw gradlew "
    "artisan Brewfile Podfile Guardfile Capfile rust-toolchain".split()
)
_WHOLE = frozenset({"", ".", "*", "*.*"})


@dataclass(frozen=True, slots=True)
class Source:
    """One operand of a COPY: the path in the context, and whether its content is meant."""

    path: str
    folder: bool
    contents: bool  # `folder/*`: what is in it, one by one

    @property
    def whole(self) -> bool:
        """Whether this is the whole build context."""
        return self.folder and self.path in _WHOLE


@dataclass(frozen=True, slots=True)
class Copy:
    """A COPY or ADD.

    `sources` is empty when it copies from a stage or an image, from a heredoc or from the
    network. `target` is where it lands in the image, `into` whether that is a folder. `written`
    are the operands as they stand in the file.
    """

    flags: tuple[str, ...]
    sources: tuple[Source, ...]
    made: tuple[str, ...]  # names that come from somewhere else than the context
    target: str
    into: bool
    written: tuple[str, ...]

    def provides(self, path: str) -> bool:
        """Whether the file (or a file of that pattern) at this place can come out of it."""
        return any(self._lands(source, path) for source in self.sources) or any(
            same_file(join(self.target, name), path) or same_file(self.target, path)
            for name in self.made
        )

    def _lands(self, source: Source, path: str) -> bool:
        if source.folder:
            return inside(path, self.target) is not None
        name = source.path.rsplit("/", 1)[-1]
        places = [join(self.target, name)]
        if not self.into:
            places.append(self.target)
        return any(same_file(place, path) for place in places)

    def origin(self, path: str) -> str | None:
        """The path in the build context of the file that a folder copy puts at `path`."""
        for source in self.sources:
            rest = inside(path, self.target)
            if source.folder and rest:
                base = "" if source.path in _WHOLE else source.path
                return f"{base}/{rest}".lstrip("/")
        return None

    def holds(self, folder: str) -> bool:
        """Whether a copied folder becomes this folder, or one above it."""
        return any(s.folder for s in self.sources) and inside(folder, self.target) is not None

    def is_source(self, manifests: tuple[str, ...]) -> bool:
        """Whether it copies what changes with every commit, wherever it lands."""
        return any(_is_source(source, manifests) for source in self.sources)


def _is_source(source: Source, manifests: tuple[str, ...]) -> bool:
    name = source.path.rsplit("/", 1)[-1]
    if source.folder:
        return source.whole or name in SOURCE_FOLDERS
    if any(same_file(name, pattern) for pattern in (*_NOT_SOURCE, *manifests)):
        return False
    return "." + name.rsplit(".", 1)[-1] in SOURCE_SUFFIXES


def read(instruction: Instruction, dockerfile: Dockerfile, cwd: str, env: Environment) -> Copy:
    """The COPY or ADD as values; variables that nobody knows stay as written."""
    words = [word.text for word in shell_words(instruction.value, dockerfile.escape)]
    count = next((i for i, word in enumerate(words) if not word.startswith("--")), len(words))
    flags = tuple(words[:count])
    operands = _operands(words[count:], instruction)
    filled = [fill(word, env, dockerfile.escape) for word in operands]
    if len(filled) < 2:  # noqa: PLR2004 - a source and a destination
        return Copy(flags, (), (), cwd, into=False, written=tuple(operands))
    *paths, last = filled
    target = join(cwd, last)
    elsewhere = any(flag.lower().startswith("--from") for flag in flags)
    into = len(paths) > 1 or last.endswith("/") or last in (".", "..") or target == cwd
    remote = [p for p in paths if elsewhere or p.startswith("<<") or "://" in p or "@" in p[:4]]
    sources = tuple(_source(path, target) for path in paths if path not in remote)
    made = tuple(path.rstrip("/").rsplit("/", 1)[-1] for path in remote)
    return Copy(flags, sources, made, target, into, tuple(operands))


def _operands(words: list[str], instruction: Instruction) -> list[str]:
    if not words or not words[0].startswith("["):
        return words
    start = instruction.value.index("[")
    try:
        found = json.loads(instruction.value[start:])
    except ValueError:
        return words
    texts = isinstance(found, list) and all(isinstance(word, str) for word in found)
    return list(found) if texts else words


def _source(path: str, target: str) -> Source:
    """What an operand is, as far as its name tells."""
    bare = path.removeprefix("./").strip("/")
    bare = "" if bare == "." else bare
    head, _, name = bare.rpartition("/")
    if name in ("*", "**", "*.*") and (head or name != "*.*"):
        return Source(head, folder=True, contents=True)
    if bare in _WHOLE or path.endswith("/"):
        return Source(bare if bare not in _WHOLE else "", folder=True, contents=False)
    if has_wildcard(name) or name in _BARE_FILES:
        return Source(bare, folder=False, contents=False)
    # `COPY app /app` copies a folder; a name with a suffix is a file, unless the place has it too.
    has_suffix = "." in name[1:] or (name.startswith(".") and "rc" in name)
    folder = not has_suffix or target.rsplit("/", 1)[-1] == name and "." not in name[-6:]
    return Source(bare, folder, contents=False)
