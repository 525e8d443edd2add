"""COPY and ADD: what goes from the build context to where, and whether it is source."""

import json
from dataclasses import dataclass

from basebump.core.cache_order.ecosystem import word_set
from basebump.core.cache_order.places import has_wildcard, inside, join, same_file
from basebump.core.cache_order.shell import fill
from basebump.core.dockerfile import Dockerfile
from basebump.core.expand import Environment
from basebump.core.instruction import Instruction, shell_words

# Folders that hold a program's own text and nothing that an install reads.
SOURCE_FOLDERS = word_set(
    "src app public static assets templates views test tests spec cmd internal"
)
SOURCE_SUFFIXES = word_set(
    ".py .js .jsx .ts .tsx .mjs .vue .svelte .rb .php .go .rs .java .kt .scala .cs .fs .vb "
    ".ex .html .css .scss .erb .twig"
)
# Folders that hold manifests, settings or scripts, and change no more often than those.
_QUIET_FOLDERS = word_set(
    "requirements reqs requirement deps dependencies constraints gemfiles conda config conf etc "
    "docker ci build tools scripts install setup"
)
# Files with such a suffix that an install may well read.
_NOT_SOURCE = ("setup.py", "conftest.py", "*.config.*", ".*", "*.gradle.kts", "mix.exs", "deps.ts",
               "build.rs", "*install*", "*setup*", "gulpfile*", "Gruntfile*", "*.gemspec",
               "version.*", "_version.py", "__version__.py")  # fmt: skip
_BARE_FILES = word_set(
    "Gemfile Pipfile Makefile Rakefile Procfile Dockerfile LICENSE README VERSION mvnw "
    "gradlew artisan Brewfile Podfile Guardfile Capfile rust-toolchain"
)
_WHOLE = frozenset({"", ".", "*", "*.*"})


@dataclass(frozen=True, slots=True)
class Source:
    """One operand of a COPY: the path in the context, and whether it is a folder."""

    path: str
    folder: bool
    sure: bool  # not only a name that looks like one

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

    @property
    def is_whole(self) -> bool:
        """Whether the whole build context is among its operands."""
        return any(source.whole for source in self.sources)

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

    def holds(self, folder: str, *, sure: bool) -> bool:
        """Whether a copied folder becomes this folder, or one above it.

        With `sure`, only an operand that is certainly a folder counts.
        """
        folders = [
            source
            for source in self.sources
            if source.folder
            and source.sure >= sure
            and source.path.rsplit("/", 1)[-1] not in _QUIET_FOLDERS
        ]
        return bool(folders) and inside(folder, self.target) is not None

    def names(self, path: str) -> str | None:
        """The operand that is this very file (or a pattern of it) and no folder around it."""
        for source in self.sources:
            if not source.folder and self._lands(source, path):
                return source.path
        made = any(same_file(join(self.target, name), path) for name in self.made)
        return path.rsplit("/", 1)[-1] if made or same_file(self.target, path) else None

    def has_loose_source(self, folder: str, manifests: tuple[str, ...]) -> bool:
        """Whether a file of the program is copied by itself into this folder."""
        return self.target == folder and any(
            not source.folder and _is_source(source, manifests) for source in self.sources
        )

    def is_source(self, manifests: tuple[str, ...]) -> bool:
        """Whether it copies what changes with every commit, wherever it lands."""
        renamed = self.target.endswith("/src") and any(source.folder for source in self.sources)
        return renamed or any(_is_source(source, manifests) for source in self.sources)


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
    sources = tuple(_source(path) for path in paths if path not in remote)
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


def _source(path: str) -> Source:
    """What an operand is, as far as its name tells."""
    bare = path.removeprefix("./").strip("/")
    bare = "" if bare == "." else bare
    head, _, name = bare.rpartition("/")
    if name in ("*", "**", "*.*") and (head or name != "*.*"):
        return Source(head, folder=True, sure=True)
    if bare in _WHOLE or path.endswith("/"):
        return Source(bare if bare not in _WHOLE else "", folder=True, sure=True)
    if has_wildcard(name) or name in _BARE_FILES:
        return Source(bare, folder=False, sure=True)
    # `COPY app /app` copies a folder, `COPY a.js b.json .env ./` files; more nobody can see.
    return Source(bare, folder="." not in name, sure=name in SOURCE_FOLDERS)
