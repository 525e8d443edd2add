"""The requests of the OCI distribution API that read (distribution-spec v1.1, section "Pull")."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from basebump.core.facts import Trouble
from basebump.registry.auth import Authenticator
from basebump.registry.cache import has_digest, is_digest
from basebump.registry.messages import Answer, Ask, split
from basebump.registry.settings import Endpoint, RegistrySettings
from basebump.registry.transport import Transport
from basebump.registry.trouble import NotFoundError, RegistryError

# Without these a registry converts what it has, and the digest is another one.
_ACCEPT = (
    "application/vnd.oci.image.index.v1+json"
    ", application/vnd.docker.distribution.manifest.list.v2+json"
    ", application/vnd.oci.image.manifest.v1+json"
    ", application/vnd.docker.distribution.manifest.v2+json"
)
_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1"
_PAGE = 1000
_MOST_PAGES = 1000
_TAGS_LIMIT = 32 << 20
_MANIFEST_LIMIT = 4 << 20  # what distribution-spec asks every registry to accept
_CONFIG_LIMIT = 8 << 20
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_NEXT = re.compile(r"<(?P<target>[^>]*)>[^,]*;\s*rel=\"?next\"?", re.IGNORECASE)
_OK, _NOT_MODIFIED, _UNAUTHORIZED = 200, 304, 401


class Api:
    """One method for each request; each raises NotFoundError or RegistryError."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._transport = Transport(settings)
        self._auth = Authenticator(self._transport, settings)

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def tags(self, where: Endpoint, etag: str | None = None) -> tuple[list[str], str | None] | None:
        """Return every tag and the list's ETag; None when the list of that `etag` still holds.

        A list of several pages has no ETag: it would speak for the first page only.
        """
        query, found, first = f"n={_PAGE}", dict[str, None](), None
        headers = {"Accept": "application/json"} | ({"If-None-Match": etag} if etag else {})
        for _ in range(_MOST_PAGES):
            answer = self._ask("GET", where, f"tags/list?{query}", _TAGS_LIMIT, headers)
            if answer.status == _NOT_MODIFIED and first is None and etag:
                return None
            self._check(where, answer, "tags")
            page = _read_tags(where, answer.body)
            known = len(found)
            found.update(dict.fromkeys(page))
            following = _next_query(answer, page, grew=len(found) > known)
            if following is None:
                return list(found), answer.header("etag") if first is None else None
            query, first, headers = following, answer, {"Accept": "application/json"}
        raise RegistryError(Trouble.INVALID_ANSWER, f"the tag list of {where.host} has no end")

    def digest(self, where: Endpoint, reference: str) -> str | None:
        """Return the digest of a manifest without fetching it; None when the answer has none."""
        answer = self._ask(
            "HEAD", where, f"manifests/{reference}", _MANIFEST_LIMIT, {"Accept": _ACCEPT}
        )
        self._check(where, answer, reference)
        digest = answer.header("docker-content-digest")
        return digest if digest is not None and is_digest(digest) else None

    def manifest(self, where: Endpoint, reference: str) -> tuple[str, bytes]:
        """Return a manifest's or an index's digest and bytes, the one checked against the other."""
        answer = self._ask(
            "GET", where, f"manifests/{reference}", _MANIFEST_LIMIT, {"Accept": _ACCEPT}
        )
        self._check(where, answer, reference)
        if (answer.header("content-type") or "").startswith(_SCHEMA_1):
            raise RegistryError(
                Trouble.INVALID_ANSWER,
                f"{where.host} has {where.repository}:{reference} only in the manifest format of"
                " before 2016, whose digest cannot be checked",
            )
        said = answer.header("docker-content-digest")
        asked = reference if is_digest(reference) else None
        digest = asked or said
        for claim in (asked, said):
            if claim is not None and not has_digest(answer.body, claim):
                raise _digest_mismatch(where, reference)
        return digest or _sha256(answer.body), answer.body

    def config(self, where: Endpoint, digest: str) -> bytes:
        """Return a config blob's bytes, checked against `digest`."""
        answer = self._ask("GET", where, f"blobs/{digest}", _CONFIG_LIMIT)
        self._check(where, answer, digest)
        if not has_digest(answer.body, digest):
            raise _digest_mismatch(where, digest)
        return answer.body

    def _ask(
        self,
        method: str,
        where: Endpoint,
        rest: str,
        limit: int,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        url = where.url(rest)
        authorization = self._auth.header(where)
        answer = self._transport.send(Ask(method, url, limit, headers or {}, authorization))
        if answer.status != _UNAUTHORIZED:
            return answer
        challenges = answer.all("www-authenticate")
        authorization = self._auth.renew(where, challenges, authorization)
        answer = self._transport.send(Ask(method, url, limit, headers or {}, authorization))
        if answer.status == _UNAUTHORIZED:
            raise self._auth.refusal(where)
        return answer

    def _check(self, where: Endpoint, answer: Answer, what: str) -> None:
        """Raise what a status other than 200 means."""
        if answer.status == _OK:
            return
        code = _error_code(answer.body)
        if code == "NAME_INVALID":
            raise RegistryError(
                Trouble.NAME_REFUSED, f"{where.host} refuses the name {where.repository}"
            )
        if answer.status == 404:  # noqa: PLR2004 - Not Found
            if code == "NAME_UNKNOWN" or what == "tags":
                raise NotFoundError(f"{where.host} has no image {where.repository}")
            colon = "@" if is_digest(what) else ":"
            raise NotFoundError(f"{where.host} has no {where.repository}{colon}{what}")
        if answer.status == 403:  # noqa: PLR2004 - Forbidden
            raise RegistryError(
                Trouble.DENIED, f"{where.host} does not let us read {where.repository}"
            )
        raise RegistryError(
            Trouble.INVALID_ANSWER, f"{where.host} answered {answer.status} for {where.repository}"
        )


def read_object(body: bytes, where: Endpoint) -> Mapping[str, Any]:
    """Return the JSON object in `body`; raises RegistryError when there is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise RegistryError(
            Trouble.INVALID_ANSWER, f"{where.host} answers with something that is not its API"
        )
    return document


def _read_tags(where: Endpoint, body: bytes) -> list[str]:
    tags = read_object(body, where).get("tags") or []
    if not isinstance(tags, list):
        raise RegistryError(Trouble.INVALID_ANSWER, f"{where.host} sends no list of tags")
    # What the grammar refuses could not be written after a FROM, and must never get there.
    return [tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)]


def _next_query(answer: Answer, page: list[str], *, grew: bool) -> str | None:
    """Return the query of the next page.

    Nothing but the query is taken from a Link: registries behind a proxy link to addresses that
    do not work from outside.
    """
    if not grew:
        return None
    for link in answer.all("link"):
        if match := _NEXT.search(link):
            return split(match["target"]).query or None
    # distribution-spec only recommends the Link: a full page without one may be followed by more.
    return f"n={_PAGE}&last={page[-1]}" if len(page) == _PAGE else None


def _error_code(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["errors"][0]["code"])
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return None


def _digest_mismatch(where: Endpoint, what: str) -> RegistryError:
    return RegistryError(
        Trouble.INVALID_ANSWER,
        f"{where.host} sent something else for {where.repository} {what} than its digest says",
    )


def _sha256(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
