"""A GitHub of our own on loopback, with real git, for tests and benchmarks."""

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
