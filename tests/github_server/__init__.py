"""A GitHub of our own on loopback, with real git, for tests and benchmarks.

    with GitHubServer(clock=ManualClock()) as server:
        server.add_repo("acme/web", {"Dockerfile": b"FROM node:8.9.1"})
        …  # a client with server.url and server.token
        assert server.requests.writes == []

What it keeps to: GitHub's GraphQL schema and OpenAPI description (both fetched, never committed),
the primary and secondary limits, compare-and-swap of refs, and the refusals of `Actions` and
`World.may`. What it knows of GraphQL is the tables of `graphql.execute.served`, of REST
`rest.router.ROUTES`; anything else is an error of validation or a 404.

Conservative where GitHub's documentation leaves it open: every POST, PUT and PATCH below `/repos/`
and every GraphQL request with a mutation counts as one content-creating request. Not here: forks'
pull requests, pushing over git, merge queues, issues that are no pull requests, webhooks.
"""

from tests.github_server.clock import Clock, ManualClock, SystemClock
from tests.github_server.contracts import ContractsMissing
from tests.github_server.faults import AFTER, KINDS
from tests.github_server.limits import Limits
from tests.github_server.model import Pull, Repo, Rule, Token
from tests.github_server.server import GitHubServer

__all__ = [
    "AFTER",
    "KINDS",
    "Clock",
    "ContractsMissing",
    "GitHubServer",
    "Limits",
    "ManualClock",
    "Pull",
    "Repo",
    "Rule",
    "SystemClock",
    "Token",
]
