"""Whether an install needs its manifests and nothing else of the repository.

Each function gives None when that is certain, or the reason why it is not, as the end of a
sentence. What is not understood is a reason.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from basebump.core.cache_order.ecosystem import word_set
from basebump.core.cache_order.reading import Use

Files = Mapping[str, bytes]
"""The contents of the manifests and settings to copy, by path in the build context."""

Has = Callable[[str], bool]
"""Whether the project's folder has a file or folder of that name."""

# https://docs.npmjs.com/cli/using-npm/scripts#life-cycle-scripts
_LIFECYCLE = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare",
              "prepublish", "dependencies")  # fmt: skip
_LOCAL = ("file:", "link:", "portal:", "workspace:", "patch:", "exec:", "./", "../", "/", "~/")
_NPMRC = (
    "cafile",
    "certfile",
    "keyfile",
    "onload-script",
    "script-shell",
    "prefix",
    "globalconfig",
)


def why_not(use: Use, files: Files, has: Has) -> str | None:
    """Why the install may need more than `files`; None when it certainly does not."""
    prove = _PROOFS.get(use.row.family)
    if prove is None:
        return _PROGRAMS.get(use.row.family, f"nobody can prove what {use.row.name} reads")
    try:
        return prove(use, files, has)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return "a manifest could not be understood"


def _node(use: Use, files: Files, has: Has) -> str | None:
    for name, what in (("patches", "a folder of patches"), ("binding.gyp", "a native addon"),
                       (".yarn", "a .yarn folder"), (".pnpmfile.cjs", "a .pnpmfile.cjs"),
                       ("pnpm-workspace.yaml", "workspaces"), ("node_modules", "node_modules"),
                       (".yarnrc", "a .yarnrc"), (".yarnrc.yml", "a .yarnrc.yml"),
                       ("bunfig.toml", "a bunfig.toml"), ("lerna.json", "workspaces")):  # fmt: skip
        if has(name):
            return f"the project has {what}"
    for path, content in files.items():
        if path.endswith(".npmrc") and any(word in content.decode() for word in _NPMRC):
            return "the settings of npm name a file"
        if path.rsplit("/", 1)[-1] == "package.json":
            return _package_json(json.loads(content))
    return None if use.step.manifests else "its package.json is not at hand"


def _package_json(package: dict[str, Any]) -> str | None:
    scripts = [name for name in _LIFECYCLE if name in package.get("scripts", {})]
    if scripts:
        return f"package.json has a {scripts[0]} script"
    if "workspaces" in package or "pnpm" in package:
        return "package.json has workspaces or settings of pnpm"
    for text in _texts({k: v for k, v in package.items() if "ependencies" in k or k in (
            "overrides", "resolutions")}):  # fmt: skip
        if text.startswith(_LOCAL):
            return "package.json depends on a local path"
    return None


def _texts(value: object) -> Iterator[str]:
    """Every string value inside a JSON or TOML value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]/]*\])?\s*([<>=!~;,\s].*)?")
_HARMLESS_OPTION = re.compile(
    r"(-i|--index-url|--extra-index-url|--trusted-host|--no-binary|--only-binary|--pre|--prefer-binary|"
    r"--require-hashes|--no-index|--hash)([ =].*)?"
)


def _pip(_use: Use, files: Files, _has: Has) -> str | None:
    for path, content in files.items():
        for line in _requirement_lines(content.decode("utf-8-sig")):
            if line.startswith(("-r", "-c", "--requirement", "--constraint")):
                return f"{path} includes another file"
            if line.startswith("-") and not _HARMLESS_OPTION.fullmatch(line):
                return f"{path} has an option that may name a file"
            if not line.startswith("-") and (
                not _REQUIREMENT.fullmatch(line) or "file:" in line or " @ " in line
                or line.endswith((".whl", ".gz", ".zip"))
            ):  # fmt: skip
                return f"{path} has a requirement that is no package by name"
    return None


def _requirement_lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        bare = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if bare:
            yield bare


def is_local_project(content: bytes) -> bool:
    """Whether a requirements file installs the project itself, so that it needs the source."""
    lines = _requirement_lines(content.decode("utf-8", "replace"))
    return any(re.fullmatch(r"(-e|--editable)?[ =]?\.(\[.*\])?", line) for line in lines)


def _toml(use: Use, files: Files, has: Has) -> str | None:
    import tomllib  # noqa: PLC0415 - few files ask for it

    for path, content in files.items():
        if not path.endswith(("pyproject.toml", "Pipfile")):
            continue
        data = tomllib.loads(content.decode())
        local = {"path", "editable", "workspace", "members", "file", "develop"} & set(_keys(data))
        if local:
            return f"{path} names a local path or a workspace"
        if any("file:" in text or " @ ." in text for text in _texts(data)):
            return f"{path} depends on a local path"
        if "dynamic" in data.get("project", {}) and "--frozen" not in use.given.flags:
            return f"{path} has fields that are read from the source"
        return "the project has a .venv" if has(".venv") else None
    return "its manifest is not at hand"


_GEMFILE_LINE = re.compile(r"(source|gem|group|ruby|platforms?)\b.*|end")
_GEMFILE_READS = re.compile(
    r"\b(path|file|File|Dir|IO|read|eval|require\w*|glob|load|system)\b|`|#\{"
)


def _bundler(_use: Use, files: Files, has: Has) -> str | None:
    if has(".bundle") or has("vendor"):
        return "the project has a .bundle or vendor folder"
    for path, content in files.items():
        if path.rsplit("/", 1)[-1] != "Gemfile":
            continue
        for line in _requirement_lines(content.decode()):
            if not _GEMFILE_LINE.fullmatch(line) or _GEMFILE_READS.search(line):
                return "the Gemfile does more than name gems"
        return None
    return "its Gemfile is not at hand"


_OPTIMIZES = word_set(
    "-o -a --optimize-autoloader --classmap-authoritative optimize-autoloader "
    "classmap-authoritative"
)
_SCANS = word_set("classmap files exclude-from-classmap")


def _composer(use: Use, files: Files, has: Has) -> str | None:
    data = next((json.loads(c) for p, c in files.items() if p.endswith("composer.json")), None)
    if data is None or has("vendor"):
        return "its composer.json is not at hand, or vendor is in the repository"
    flags, config = use.given.flags, data.get("config", {})
    if data.get("scripts") and "--no-scripts" not in flags:
        return "composer.json has scripts"
    plugins = config.get("allow-plugins", {})
    if plugins is True or (isinstance(plugins, dict) and any(plugins.values())):
        return "composer.json allows plugins"
    scans = _OPTIMIZES & (flags | set(config)) or _SCANS & set(_keys(data.get("autoload", {})))
    if "--no-autoloader" not in flags and (scans or "autoload-dev" in data):
        return "the autoloader is made from the source"
    if any(text in ("path", "artifact") for text in _texts(data.get("repositories", []))):
        return "composer.json has a local repository"
    return None


def _go(_use: Use, files: Files, has: Has) -> str | None:
    if has("go.work") or has("vendor"):
        return "the project has a go.work or vendor"
    content = next((c for p, c in files.items() if p.rsplit("/", 1)[-1] == "go.mod"), None)
    if content is None:
        return "its go.mod is not at hand"
    if re.search(rb"=>\s*[\"`]?[./]", content):
        return "go.mod replaces a module by a local path"
    return None


def _dotnet(_use: Use, files: Files, has: Has) -> str | None:
    if has("obj"):
        return "the project has an obj folder, which would cover what was restored"
    projects = [path for path in files if path.endswith("proj")]
    if len(projects) != 1 or any(path.endswith((".sln", ".slnx")) for path in files):
        return "there is more than one project"
    for path, content in files.items():
        if re.search(
            rb"<(ProjectReference|Import|Sdk)\b|RestoreSources|RestoreAdditional", content
        ):
            return f"{path} refers to other files"
        if path.lower().endswith("nuget.config") and re.search(rb"value=\"(\.|[^h])", content):
            return f"{path} may name a local source"
    return None


def _maven(use: Use, files: Files, has: Has) -> str | None:
    if has(".mvn") or use.command.words[0].endswith("mvnw"):
        return "Maven's wrapper and settings are in the repository"
    for content in files.values():
        if re.search(rb"<module>|<relativePath>|<systemPath>|basedir|file:|<parent>", content):
            return "pom.xml refers to other files"
    return None


def _uv(use: Use, files: Files, has: Has) -> str | None:
    return (_pip if use.step.words.startswith("pip") else _toml)(use, files, has)


_PROOFS: Mapping[str, Callable[[Use, Files, Has], str | None]] = {
    "node": _node, "pip": _pip, "poetry": _toml, "uv": _uv, "pdm": _toml, "pipenv": _toml,
    "bundler": _bundler, "composer": _composer, "go": _go, "dotnet": _dotnet, "maven": _maven,
}  # fmt: skip
_PROGRAMS = {
    "gradle": "a Gradle build is a program that may read any file",
    "mix": "mix.exs is a program that may read any file",
    "cargo": "Cargo wants the source of its targets to be there",
    "deno": "Deno's configuration may name any file",
}
