"""Where the build context is in the repository, and what of it an install may need."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from basebump.core.cache_order.copies import Copy, Source
from basebump.core.cache_order.finding import Context
from basebump.core.cache_order.places import has_wildcard
from basebump.core.cache_order.table import ECOSYSTEMS

# What the proof of a fix reads besides the manifests of the table.
_ALSO = (".dockerignore", "*.dockerignore", "*requirements*.txt", "*requirements*.in",
         "requirements/*.txt", "constraints*.txt", "Directory.*.props", "Directory.*.targets",
         ".npmrc")  # fmt: skip
_NAMES = tuple(name for row in ECOSYSTEMS for name in row.manifests) + _ALSO
MAX_FILE = 1_000_000


def is_wanted(path: str) -> bool:
    """Whether the proof of a fix may read this file: manifests, and no lock or source."""
    name = path.rsplit("/", 1)[-1]
    return any(fnmatchcase(name, p) or fnmatchcase(path, p) or fnmatchcase(path, f"*/{p}")
               for p in _NAMES)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of the repository taken for the build context; `""` is the repository itself."""

    context: Context
    folder: str

    def path(self, name: str) -> str:
        """The path in the repository of a path in the build context."""
        return f"{self.folder}/{name}".strip("/") if name else self.folder

    def has(self, name: str) -> bool:
        """Whether there is such a file; a name may be a pattern."""
        return bool(self.matching(name))

    def matching(self, name: str) -> list[str]:
        """The files of the build context that a name or pattern stands for, in order."""
        whole = self.path(name)
        if not has_wildcard(name):
            return [name] if whole in self.context.paths else []
        folder, _, pattern = whole.rpartition("/")
        every = _by_folder(self.context.paths)
        folders = [f for f in every if _fits(f, folder)] if has_wildcard(folder) else [folder]
        cut = len(self.folder) + 1 if self.folder else 0
        return sorted(
            f"{f}/{file}".lstrip("/")[cut:]
            for f in folders for file in every.get(f, ()) if fnmatchcase(file, pattern)
        )  # fmt: skip

    def has_folder(self, name: str) -> bool:
        """Whether there is anything in such a folder."""
        return self.path(name) in _by_folder(self.context.paths)

    def read(self, name: str) -> bytes | None:
        """The contents of a file that is at hand."""
        return self.context.files.get(self.path(name))

    def ignores_folder(self, name: str) -> bool:
        """Whether a `.dockerignore` certainly keeps a folder out of the build."""
        content = self.read(".dockerignore") or b""
        lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
        last = name.rsplit("/", 1)[-1]
        sure = {f"{head}{tail}" for head in (name, f"/{name}", f"**/{last}") for tail in ("", "/")}
        return bool(sure & set(lines)) and not any(line.startswith("!") for line in lines)

    def may_ignore(self, name: str) -> bool:
        """Whether a `.dockerignore` may keep the file out of the build; when in doubt, yes."""
        own = f"{self.context.dockerfile}.dockerignore"
        for path in (own, self.path(".dockerignore")):
            if path in self.context.paths:
                content = self.context.files.get(path)
                return content is None or _matches(content.decode("utf-8", "replace"), name)
        return False


@lru_cache(maxsize=8)
def _by_folder(paths: frozenset[str]) -> dict[str, list[str]]:
    """The names of the files in each folder; a folder of folders has none."""
    found: dict[str, list[str]] = {"": []}
    for path in paths:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, []).append(name)
        while folder and (folder := folder.rpartition("/")[0]) not in found:
            found[folder] = []
    return found


def _fits(folder: str, pattern: str) -> bool:
    return folder.count("/") == pattern.count("/") and fnmatchcase(folder, pattern)


def _matches(patterns: str, name: str) -> bool:
    for line in patterns.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith(("#", "!")):
            continue
        pattern = pattern.removeprefix("./").strip("/")
        bare = pattern.replace("**/", "").removesuffix("/**") or "*"
        parts = name.split("/")
        heads = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        if any(
            fnmatchcase(text, p) for text in (*heads, *parts) for p in (pattern, bare, f"*{bare}")
        ):
            return True
    return False


def roots(context: Context, copies: Iterable[Copy]) -> list[Root]:
    """The folders that can be the build context, the Dockerfile's own first.

    A folder can be it when everything that the Dockerfile copies is there. Docker is told the
    build context on the command line, so a file alone never says which it is.
    """
    folder = context.dockerfile.rpartition("/")[0]
    wanted = [s for copy in copies for s in copy.sources if not s.whole and "$" not in s.path]
    found: list[Root] = []
    while True:
        root = Root(context, folder)
        if all(_is_there(root, source) for source in wanted):
            found.append(root)
        if not folder:
            return found
        folder = folder.rpartition("/")[0]


def _is_there(root: Root, source: Source) -> bool:
    return root.has(source.path) or root.has_folder(source.path)
