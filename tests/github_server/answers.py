"""Small readings and writings of HTTP: tokens, JSON, refusals and failures."""

import base64
import json
import random
from http import HTTPStatus
from typing import Any

from tests.github_server.faults import null_a_node
from tests.github_server.log import Request
from tests.github_server.model import Refused
from tests.github_server.rest.call import Answer

DOCUMENTATION = "https://docs.github.com/rest"


def bearer(header: str) -> str:
    """Read a token out of an `Authorization` header: `Bearer`, `token`, or git's `Basic`."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        return base64.b64decode(value).decode().rpartition(":")[2]
    return value.strip() if scheme.lower() in {"bearer", "token"} else ""


def read_json(body: bytes) -> dict[str, Any]:
    """Read a JSON body; a bare list is that of labels. Raises Refused (400)."""
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error
    return found if isinstance(found, dict) else {"labels": found}


def as_bytes(body: object) -> bytes:
    """Write a body for its ETag."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def refusal(refused: Refused) -> Answer:
    """Write a refusal as REST does."""
    message = "Not Found" if refused.status == HTTPStatus.NOT_FOUND else refused.message
    body: dict[str, object] = {"message": message, "documentation_url": DOCUMENTATION}
    body["status"] = str(refused.status)
    if refused.errors:
        body["errors"] = refused.errors
    if "location" in refused.headers:
        body["url"] = refused.headers["location"]
    return Answer(refused.status, body, refused.headers)


def failure(status: int) -> Answer:
    """Write what a proxy of GitHub says when the server behind it fails."""
    text = f"<html><h1>{status} {HTTPStatus(status).phrase}</h1></html>"
    return Answer(status, text.encode(), {"content-type": "text/html"})


def too_quickly(request: Request) -> Answer:
    """Write "was submitted too quickly", as REST or GraphQL do."""
    said = "was submitted too quickly"
    if request.is_graphql:
        data = dict.fromkeys(request.mutations)
        return Answer(200, {"data": data, "errors": [{"type": "UNPROCESSABLE", "message": said}]})
    detail = {"resource": "PullRequest", "code": "custom", "message": said}
    return refusal(Refused(422, "Validation Failed", errors=[detail]))


def with_null(answer: Answer, request: Request) -> Answer:
    """Make one node of an answer null, with the error that GitHub adds."""
    body: Any = answer.body
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return answer
    dice = random.Random(request.number)  # noqa: S311 - a test's dice
    if null_a_node(body["data"], dice):
        message = (
            "Something went wrong while executing your query. This may be the result of a timeout, "
            "or it could be a GitHub bug."
        )
        body["errors"] = [*body.get("errors", []), {"message": message}]
    return answer
