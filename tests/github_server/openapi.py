"""Holds REST requests and answers to GitHub's OpenAPI description."""

import threading
from collections.abc import Iterable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.github_server.contracts import Json, reduced_openapi

ROOT = "urn:github"
FIRST_ERROR = 400
# Described once for all routes, in "Best practices for using the REST API".
REDIRECTS = (301, 307)


class Description:
    """GitHub's description of the served routes; raises ContractsMissing when it is absent."""

    def __init__(self, routes: Iterable[tuple[str, str]]) -> None:
        self.document = reduced_openapi(routes)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(ROOT, resource)
        self._validators: dict[str, Draft202012Validator] = {}
        self._lock = threading.Lock()

    def request(self, method: str, route: str, query: dict[str, str], body: Json) -> list[str]:
        """Give what is wrong with a request: unknown or ill-typed parameters, a wrong body."""
        operation, at = self._operation(method, route)
        found = list(self._query(operation, query))
        given, at = self._follow(operation.get("requestBody", {}), f"{at}/requestBody")
        if "application/json" in given.get("content", {}):
            found += self._errors(f"{at}/content/application~1json/schema", body)
        return found

    def answer(self, method: str, route: str, status: int, body: object) -> list[str]:
        """Give what is wrong with an answer: an undescribed status, a body of another shape."""
        operation, at = self._operation(method, route)
        known = operation["responses"]
        if str(status) not in known:
            if status < FIRST_ERROR and status not in REDIRECTS:
                return [f"status {status} is not described"]
            return (
                [] if isinstance(body, dict) and "message" in body else ["an error has a message"]
            )
        given, at = self._follow(known[str(status)], f"{at}/responses/{status}")
        if "application/json" not in given.get("content", {}):
            return []
        return self._errors(f"{at}/content/application~1json/schema", body)

    def _operation(self, method: str, route: str) -> tuple[Json, str]:
        verb = "get" if method == "HEAD" else method.lower()
        return self.document["paths"][route][verb], f"/paths/{route.replace('/', '~1')}/{verb}"

    def _follow(self, value: Json, at: str) -> tuple[Json, str]:
        if "$ref" not in value:
            return value, at
        at = value["$ref"].removeprefix("#")
        found = self.document
        for part in at.strip("/").split("/"):
            found = found[part]
        return found, at

    def _query(self, operation: Json, query: dict[str, str]) -> Iterable[str]:
        known = {}
        for each in operation["parameters"]:
            parameter, at = self._follow(each, "")
            if parameter["in"] == "query":
                known[parameter["name"]] = parameter
                if parameter.get("required") and parameter["name"] not in query:
                    yield f"the parameter {parameter['name']} is required"
            del at
        for name, value in query.items():
            if name not in known:
                yield f"there is no parameter {name}"
                continue
            schema = known[name].get("schema", {})
            if schema.get("type") == "integer" and not value.isdigit():
                yield f"the parameter {name} is an integer, not {value!r}"
            if "enum" in schema and value not in schema["enum"]:
                yield f"the parameter {name} is one of {schema['enum']}, not {value!r}"

    def _errors(self, pointer: str, value: object) -> list[str]:
        with self._lock:
            validator = self._validators.get(pointer)
            if validator is None:
                schema = {"$ref": f"{ROOT}#{pointer}"}
                validator = Draft202012Validator(schema, registry=self._registry)
                self._validators[pointer] = validator
        error = best_match(validator.iter_errors(value))
        if error is None:
            return []
        return [f"{error.json_path}: {error.message[:300]}"]
