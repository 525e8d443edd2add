"""GitHub's published contracts: fetched with npm, pinned, cut down to what the server serves.

`@octokit/graphql-schema` is the GraphQL schema, `@octokit/openapi` the OpenAPI 3.0 description of
the REST API. Nothing of them is committed; they are kept in `.cache/contracts`.
"""

import copy
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

# No package holds the GraphQL schema of an Enterprise Server. Each of its releases is cut from
# github.com, so what github.com had in 2024 is in every release that GitHub supports today.
FILES = {
    "schema.graphql": ("graphql-schema", "15.26.1", "package/schema.graphql"),
    "schema-2024.graphql": ("graphql-schema", "15.14.0", "package/schema.graphql"),
    "api.github.com.json": ("openapi", "23.0.2", "package/generated/api.github.com.json"),
    "ghes-3.17.json": ("openapi", "23.0.2", "package/generated/ghes-3.17.json"),
}
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "contracts"
Json = dict[str, Any]


class ContractsMissing(Exception):  # noqa: N818 - a reason to skip, not a failure
    """The contracts are not in the cache and npm cannot fetch them; tests skip."""


def contract(name: str, cache: Path = CACHE) -> Path:
    """Give a contract's file (see FILES), fetching its package at most once."""
    package, version, member = FILES[name]
    kept = cache / f"{package}-{version}" / name
    if not kept.exists():
        archive = _fetch(package, version, cache)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as packed:
            found = packed.extractfile(member)
            if found is None:
                raise ContractsMissing(f"{archive.name} has no {member}")
            _keep(kept, found.read())
    return kept


def _fetch(package: str, version: str, cache: Path) -> Path:
    archive = cache / f"octokit-{package}-{version}.tgz"
    if archive.exists():
        return archive
    if shutil.which("npm") is None:
        raise ContractsMissing("npm is not installed, so GitHub's contracts cannot be fetched")
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f"part-{os.getpid()}"
    part.mkdir(exist_ok=True)
    command = ["npm", "pack", "--silent", f"@octokit/{package}@{version}"]
    done = subprocess.run(command, cwd=part, capture_output=True, text=True, check=False)
    if done.returncode:
        part.rmdir()
        raise ContractsMissing(f"npm could not fetch @octokit/{package}@{version}")
    (part / archive.name).replace(archive)
    part.rmdir()
    return archive


def _keep(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


# GraphQL


def reduced_sdl(served: Mapping[str, Iterable[str]]) -> str:
    """Give GitHub's schema with only the served fields of the served types, as SDL.

    Fields, arguments, input types and enums are GitHub's own. Raises KeyError when a served field
    is not in GitHub's schema.
    """
    wanted = {name: sorted(fields) for name, fields in sorted(served.items())}
    key = hashlib.sha256(json.dumps([FILES, wanted]).encode()).hexdigest()[:16]
    kept = CACHE / f"served-{key}.graphql"
    if not kept.exists():
        full = parse(contract("schema.graphql").read_text(), no_location=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        _keep(kept, print_ast(_reduce(full, wanted)).encode())
    return kept.read_text()


def _reduce(full: DocumentNode, wanted: Mapping[str, list[str]]) -> DocumentNode:
    types = {
        each.name.value: each for each in full.definitions if isinstance(each, TypeDefinitionNode)
    }
    kept: dict[str, TypeDefinitionNode] = {}
    needed: list[str] = []
    for name, fields in wanted.items():
        kept[name] = cut = copy.copy(types[name])
        cut.description = None
        if isinstance(cut, UnionTypeDefinitionNode):
            cut.types = tuple(each for each in cut.types if each.name.value in wanted)
            continue
        assert isinstance(cut, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
        known = {each.name.value: each for each in cut.fields}
        absent = set(fields) - known.keys()
        if absent:
            raise KeyError(f"{name} has no {sorted(absent)} in GitHub's schema")
        cut.fields = tuple(_bare(known[each]) for each in fields)
        cut.interfaces = tuple(each for each in cut.interfaces if each.name.value in wanted)
        for each in cut.fields:
            needed += [_named(each.type), *(_named(argument.type) for argument in each.arguments)]
    while needed:
        name = needed.pop()
        if name in kept or name not in types:
            continue
        cut = copy.copy(types[name])
        cut.description = None
        if isinstance(cut, InputObjectTypeDefinitionNode):
            cut.fields = tuple(_bare_input(each) for each in cut.fields)
            needed += [_named(each.type) for each in cut.fields]
        elif not isinstance(cut, EnumTypeDefinitionNode | ScalarTypeDefinitionNode):
            raise KeyError(f"{name} is the type of a served field but is not served itself")
        kept[name] = cut
    return DocumentNode(definitions=tuple(kept.values()))


def _bare(field: FieldDefinitionNode) -> FieldDefinitionNode:
    cut = copy.copy(field)
    cut.description, cut.directives = None, ()
    cut.arguments = tuple(_bare_input(each) for each in cut.arguments)
    return cut


def _bare_input(field: InputValueDefinitionNode) -> InputValueDefinitionNode:
    cut = copy.copy(field)
    cut.description, cut.directives = None, ()
    return cut


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value


# OpenAPI


def reduced_openapi(served: Iterable[tuple[str, str]]) -> Json:
    """Give the description of the served (method, path template) pairs as JSON Schema 2020-12.

    The keys are `paths` (template → method → operation) and `components`.
    """
    wanted = sorted(served)
    key = hashlib.sha256(json.dumps([FILES, wanted]).encode()).hexdigest()[:16]
    kept = CACHE / f"served-{key}.json"
    if not kept.exists():
        full = json.loads(contract("api.github.com.json").read_text())
        cut = _reduce_openapi(full, wanted)
        _keep(kept, json.dumps(cut).encode())
    found: Json = json.loads(kept.read_text())
    return found


def _reduce_openapi(full: Json, wanted: list[tuple[str, str]]) -> Json:
    paths: dict[str, Json] = {}
    components: dict[str, Json] = {}
    for method, path in wanted:
        operation = full["paths"][path][method.lower()]
        slim = {name: operation[name] for name in ("requestBody", "responses") if name in operation}
        slim["parameters"] = operation.get("parameters", [])
        paths.setdefault(path, {})[method.lower()] = slim
    queue: list[Any] = [paths]
    while queue:
        for ref in _refs(queue.pop()):
            _, _, kind, name = ref.split("/")
            if name not in components.setdefault(kind, {}):
                components[kind][name] = full["components"][kind][name]
                queue.append(components[kind][name])
    return {"paths": _convert(paths), "components": _convert(components)}


def _refs(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "$ref" and isinstance(below, str):
                yield below
            elif key not in {"example", "examples"}:
                yield from _refs(below)
    elif isinstance(value, list):
        for below in value:
            yield from _refs(below)


def _convert(value: Any) -> Any:  # noqa: ANN401 - JSON goes in, JSON comes out
    """Turn OpenAPI 3.0's `nullable` into JSON Schema, and drop what only documents."""
    if isinstance(value, list):
        return [_convert(each) for each in value]
    if not isinstance(value, dict):
        return value
    dropped = {"example", "examples", "description", "externalDocs"}
    # A property may be called `description`; only a documenting string is dropped.
    cut = {
        key: _convert(below)
        for key, below in value.items()
        if key not in dropped or (isinstance(below, dict) and ("type" in below or "$ref" in below))
    }
    if cut.pop("nullable", False) is True:
        return {"anyOf": [cut, {"type": "null"}]}
    return cut
