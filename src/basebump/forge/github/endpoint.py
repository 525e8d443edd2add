"""Where GitHub is: the REST and GraphQL addresses, derived from whatever a person pasted.

Source: "Getting started with the REST API" of github.com, of GHE.com and of Enterprise Server.
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from basebump.errors import UsageError

PUBLIC = "https://api.github.com"
_SITES = {"github.com": PUBLIC, "www.github.com": PUBLIC, "api.github.com": PUBLIC}
_TAILS = ("/api/graphql", "/graphql", "/api/v3", "/api")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The two addresses of one GitHub; `rest` has no slash at its end."""

    rest: str
    graphql: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the site's address or one of its API's.

        `https://github.com`, `https://ghe.example.com`, `…/api/v3`, `…/api` and
        `https://acme.ghe.com` are all understood. Raises UsageError for anything that is no URL.
        """
        parts = _split(url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            shown = url.rpartition("@")[2]  # what stands before it may be a password
            raise UsageError(
                f"forge.url: {shown!r} is no address of a GitHub; write https://ghe.example.com"
            )
        if "@" in parts.netloc:
            raise UsageError(
                f"forge.url: a name or a password stands before {parts.hostname!r}; take it out, "
                "the token comes from GH_TOKEN"
            )
        host = parts.hostname
        path = parts.path.rstrip("/")
        for tail in _TAILS:
            path = path.removesuffix(tail)
        base = f"{parts.scheme}://{parts.netloc}{path}"
        if host in _SITES:
            return cls(PUBLIC, f"{PUBLIC}/graphql")
        if host.startswith("api."):
            return cls(base, f"{base}/graphql")
        if host.endswith(".ghe.com"):
            base = f"{parts.scheme}://api.{parts.netloc}"
            return cls(base, f"{base}/graphql")
        return cls(f"{base}/api/v3", f"{base}/api/graphql")

    @property
    def host(self) -> str:
        """The name that `gh auth token --hostname` knows it by."""
        host = urlsplit(self.rest).hostname or ""
        return host.removeprefix("api.")


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None when a bracket or the port makes it none."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        _ = parts.port  # read only when it is asked for
    except ValueError:
        return None
    return parts
