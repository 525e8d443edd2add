"""What a query costs: points, nodes, and the rules on `first` and `last`.

Source: "Rate limits and query limits for the GraphQL API". Every connection is one request for each
parent; their sum divided by 100 is the score, 1 at least. Nodes are what all pages may hold.
"""

from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from tests.github_server.model import Refused

MOST = 100


@dataclass(slots=True)
class Cost:
    """`requests` as the formula counts them, `nodes`, and the aliases at the top."""

    requests: int = 0
    nodes: int = 0
    aliases: int = 0

    @property
    def points(self) -> int:
        """The primary limit's points."""
        return max(1, round(self.requests / 100))


class Pricing:
    """Walks one operation of a document."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]
    ) -> None:
        self.schema, self.variables = schema, variables
        self.fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self.cost = Cost()

    def price(self, operation: OperationDefinitionNode, limit: int) -> Cost:
        """Give the cost; raises Refused for a missing or excessive page size or too many nodes."""
        self.defaults = {
            each.variable.name.value: each.default_value
            for each in operation.variable_definitions or ()
        }
        root = self.schema.get_root_type(operation.operation)
        if root is not None:
            self.cost.aliases = len(operation.selection_set.selections)
            self._walk(operation.selection_set, root, 1)
        if self.cost.nodes > limit:
            message = (
                f"This query requests up to {self.cost.nodes:,} possible nodes which exceeds the "
                f"maximum limit of {limit:,}."
            )
            raise Refused(200, message, kind="MAX_NODE_LIMIT_EXCEEDED")
        return self.cost

    def _walk(self, selected: SelectionSetNode, parent: GraphQLNamedType, times: int) -> None:
        for each in selected.selections:
            if isinstance(each, FragmentSpreadNode):
                fragment = self.fragments[each.name.value]
                kind = self.schema.type_map.get(fragment.type_condition.name.value)
                self._walk(fragment.selection_set, kind or parent, times)
            elif isinstance(each, InlineFragmentNode):
                # graphql-core's types do not say that a condition may be absent.
                condition = cast("NamedTypeNode | None", each.type_condition)
                below = self.schema.type_map.get(condition.name.value) if condition else parent
                self._walk(each.selection_set, below or parent, times)
            elif isinstance(each, FieldNode) and each.selection_set:
                self._field(each, parent, times)

    def _field(self, field: FieldNode, parent: GraphQLNamedType, times: int) -> None:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        if definition is None or field.selection_set is None:
            return
        below = get_named_type(definition.type)
        if below.name.endswith("Connection"):
            size = self._size(field)
            self.cost.requests += times
            self.cost.nodes += times * size
            times *= size
        self._walk(field.selection_set, below, times)

    def _size(self, field: FieldNode) -> int:
        name = field.name.value
        given = {each.name.value: each.value for each in field.arguments}
        for word in ("first", "last"):
            if word in given:
                size = self._value(given[word])
                if size is not None:
                    return _checked(size, name, word)
        message = (
            "You must provide a `first` or `last` value to properly paginate the "
            f"`{name}` connection."
        )
        raise Refused(200, message, kind="MISSING_PAGINATION_BOUNDARIES")

    def _value(self, node: object) -> int | None:
        if isinstance(node, VariableNode):
            name = node.name.value
            if self.variables.get(name) is not None:
                return int(self.variables[name])
            node = self.defaults.get(name)
        return int(node.value) if isinstance(node, IntValueNode) else None


def _checked(size: int, name: str, word: str) -> int:
    if size > MOST:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds the `{word}` limit of "
            f"{MOST} records."
        )
        raise Refused(200, message, kind="EXCESSIVE_PAGINATION")
    if size < 0:
        message = f"`{word}` on the `{name}` connection cannot be less than zero."
        raise Refused(200, message, kind="INVALID_CURSOR_ARGUMENTS")
    return size
