"""Relay connections over plain lists: cursors are positions."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Resolver = Callable[..., object]
Table = dict[str, Resolver]


@dataclass(frozen=True, slots=True)
class Connection:
    """One page of a list: `start` is the position of its first node."""

    nodes: Sequence[object]
    start: int
    total: int

    @property
    def more(self) -> bool:
        """Whether something follows."""
        return self.start + len(self.nodes) < self.total


@dataclass(frozen=True, slots=True)
class Edge:
    """A node with its cursor."""

    node: object
    cursor: str


def cursor(position: int) -> str:
    """Name a position, opaque as GitHub's cursors are."""
    return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def position(name: str) -> int:
    """Read a cursor back."""
    return int(base64.b64decode(name).decode().rpartition(":")[2])


def page(items: Sequence[object], args: dict[str, Any]) -> Connection:
    """Cut a page out of a list by `first`, `last`, `after` and `before`."""
    start = position(args["after"]) + 1 if args.get("after") else 0
    end = position(args["before"]) if args.get("before") else len(items)
    if args.get("first") is not None:
        end = min(end, start + args["first"])
    elif args.get("last") is not None:
        start = max(start, end - args["last"])
    return Connection(items[start:end], start, len(items))


def edges(found: Connection) -> list[Edge]:
    """Give a page's nodes with their cursors."""
    return [Edge(node, cursor(found.start + at)) for at, node in enumerate(found.nodes)]


CONNECTION: Table = {
    "nodes": lambda c, _i: c.nodes,
    "edges": lambda c, _i: edges(c),
    "pageInfo": lambda c, _i: c,
    "totalCount": lambda c, _i: c.total,
}
EDGE: Table = {"node": lambda e, _i: e.node, "cursor": lambda e, _i: e.cursor}
PAGE_INFO: Table = {
    "hasNextPage": lambda c, _i: c.more,
    "hasPreviousPage": lambda c, _i: c.start > 0,
    "startCursor": lambda c, _i: cursor(c.start) if c.nodes else None,
    "endCursor": lambda c, _i: cursor(c.start + len(c.nodes) - 1) if c.nodes else None,
}


def connection_of(*names: str) -> dict[str, Table]:
    """Give the tables of the connection and edge types of these type names."""
    tables: dict[str, Table] = {}
    for name in names:
        tables[f"{name}Connection"] = CONNECTION
        tables[f"{name}Edge"] = EDGE
    return tables
