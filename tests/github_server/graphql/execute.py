"""GitHub's schema with our resolvers, and one request's way through it."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from tests.github_server.contracts import reduced_sdl
from tests.github_server.graphql import git, mutations, pulls, repositories
from tests.github_server.graphql.connections import PAGE_INFO, Table
from tests.github_server.graphql.cost import Cost, Pricing
from tests.github_server.model import Account, Check, Pull, Refused, Repo, Status
from tests.github_server.session import Session


def served() -> dict[str, Table]:
    """Give every resolver: type → field → function. This is what the server knows of GraphQL."""
    tables = {"PageInfo": PAGE_INFO}
    for part in (git.TABLES, repositories.TABLES, pulls.TABLES, mutations.tables()):
        tables |= part
    tables["Ref"] = tables["Ref"] | repositories.REF_PULLS
    tables["Commit"] = tables["Commit"] | pulls.COMMIT_CHECKS
    return tables


@cache
def schema() -> GraphQLSchema:
    """Build GitHub's schema, cut down to what is served; raises ContractsMissing."""
    tables = served()
    built = build_schema(reduced_sdl(tables), assume_valid=True, no_location=True)
    for name, table in tables.items():
        kind = built.type_map[name]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for each, resolve in table.items():
                kind.fields[each].resolve = resolve
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = _type_name
    cast("GraphQLScalarType", built.type_map["GitObjectID"]).parse_value = _oid  # type: ignore[method-assign]
    return built


def _oid(value: object) -> str:
    if not isinstance(value, str) or len(value) != 40 or set(value) - set("0123456789abcdef"):
        raise GraphQLError(f'"{value}" is not a valid GitObjectID')
    return value


def _type_name(value: object, *_: object) -> str:
    if isinstance(value, git.GitNode):
        return value.found.kind.title()
    if isinstance(value, Account):
        return value.kind
    if isinstance(value, dict):
        return "Team"
    names = {
        Repo: "Repository", Pull: "PullRequest", Check: "CheckRun", Status: "StatusContext",
        git.RefNode: "Ref",
    }  # fmt: skip
    return names.get(type(value), type(value).__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that was parsed: its operation, and what is wrong with it."""

    document: DocumentNode | None
    operation: OperationDefinitionNode | None
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mutations(self) -> tuple[str, ...]:
        """The mutations it makes, in order."""
        if self.operation is None or self.operation.operation is not OperationType.MUTATION:
            return ()
        selections = self.operation.selection_set.selections
        return tuple(each.name.value for each in selections if isinstance(each, FieldNode))

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return self.operation.name.value if self.operation and self.operation.name else None


class Engine:
    """Parses (once for each document), prices and executes."""

    def __init__(self, *, check: bool = True, kept: int = 500) -> None:
        self.schema, self.check, self.kept = schema(), check, kept
        self._lock = threading.Lock()
        self._documents: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()

    def prepare(self, body: dict[str, Any]) -> Prepared:
        """Parse and validate against GitHub's schema."""
        query, name = body.get("query"), body.get("operationName")
        if not isinstance(query, str):
            message = "A query attribute must be specified and must be a string."
            return Prepared(None, None, [{"message": message}])
        with self._lock:
            found = self._documents.get((query, name))
            if found is not None:
                self._documents.move_to_end((query, name))
                return found
        made = self._parse(query, name)
        with self._lock:
            self._documents[query, name] = made
            if len(self._documents) > self.kept:
                self._documents.popitem(last=False)
        return made

    def _parse(self, query: str, name: str | None) -> Prepared:
        try:
            document = parse(query)
        except GraphQLError as error:
            return Prepared(None, None, [_formatted(error)])
        errors = (
            [_formatted(each) for each in validate(self.schema, document)] if self.check else []
        )
        operation = get_operation_ast(document, name)
        if operation is None and not errors:
            errors = [
                {
                    "message": f"No operation named {name!r}"
                    if name
                    else "An operation name is required"
                }
            ]
        return Prepared(document, operation, errors)

    def price(self, prepared: Prepared, variables: dict[str, Any], limit: int) -> Cost:
        """Give the cost; raises Refused when GitHub would not run it."""
        if prepared.document is None or prepared.operation is None or prepared.errors:
            return Cost()
        pricing = Pricing(self.schema, prepared.document, variables)
        return pricing.price(prepared.operation, limit)

    def run(
        self, prepared: Prepared, variables: dict[str, Any], name: str | None, session: Session
    ) -> dict[str, Any]:
        """Execute; gives the answer's body."""
        if prepared.errors or prepared.document is None:
            return {"errors": prepared.errors}
        result = execute_sync(
            self.schema,
            prepared.document,
            variable_values=variables,
            operation_name=name,
            context_value=session,
        )
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [_formatted(each) for each in result.errors]
        if prepared.mutations:
            _settle(session)
        return body


def _settle(session: Session) -> None:
    with session.world.lock:
        for pull in session.world.pulls():
            if pull.auto_merge:
                session.actions.settle_auto_merges(pull.repo)


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """Write an error as GitHub does; a bug of this server is raised, never answered."""
    cause = error.original_error
    if cause is not None and not isinstance(cause, Refused | GraphQLError):
        raise cause
    shown: dict[str, Any] = {}
    if isinstance(cause, Refused):
        shown["type"] = cause.kind
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    shown["message"] = cause.spoken if isinstance(cause, Refused) else error.message
    return shown
