"""From a method and a path to the route that serves it, as GitHub's description names it."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from tests.github_server.rest import accounts, gitdata, pulls, repos
from tests.github_server.rest.call import Answer, Call

Handler = Callable[[Call], Answer]
ROUTES: dict[tuple[str, str], Handler] = {
    **accounts.ROUTES, **gitdata.ROUTES, **pulls.ROUTES, **repos.ROUTES,
}  # fmt: skip
LONG = ("ref", "path", "branch", "basehead")


def _pattern(template: str) -> re.Pattern[str]:
    def group(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"(?P<{name}>{'.*' if name == 'path' else '.+' if name in LONG else '[^/]+'})"

    # The root folder's contents have no slash behind them.
    pattern = re.sub(r"\{(\w+)\}", group, template)
    return re.compile(re.sub(r"/(\(\?P<path>[^)]*\))$", r"(?:/\1)?", pattern))


PATTERNS = [(method, route, _pattern(route), run) for (method, route), run in ROUTES.items()]


def find(method: str, path: str) -> tuple[str, dict[str, str], Handler] | None:
    """Give the route's template, the path's values and the handler; nothing when none fits."""
    asked = "GET" if method == "HEAD" else method
    for verb, route, pattern, run in PATTERNS:
        found = pattern.fullmatch(path) if verb == asked else None
        if found:
            return (
                route,
                {key: unquote(value or "") for key, value in found.groupdict().items()},
                run,
            )
    return None
