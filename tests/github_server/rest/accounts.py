"""Accounts, Apps and limits: `/user`, `/orgs`, `/users`, `/installation`, `/rate_limit`."""

import secrets
from collections.abc import Callable

import jwt

from tests.github_server.model import Refused, Repo, Token, stamp
from tests.github_server.rest.call import Answer, Call
from tests.github_server.rest.render import Render

RESOURCES = ("core", "graphql", "search", "code_search")
APP_TOKEN_LIFE = 3600
KINDS: dict[str, Callable[[Repo], bool]] = {
    "all": lambda _repo: True,
    "owner": lambda _repo: True,
    "member": lambda _repo: True,
    "public": lambda repo: repo.visibility == "PUBLIC",
    "private": lambda repo: repo.visibility != "PUBLIC",
    "internal": lambda repo: repo.visibility == "INTERNAL",
    "forks": lambda repo: repo.fork,
    "sources": lambda repo: not repo.fork,
}


def org(call: Call) -> Answer:
    """GET /orgs/{org}."""
    found = call.session.world.accounts.get(call.path["org"].lower())
    if found is None or found.kind != "Organization":
        raise Refused(404, "Not Found")
    call.session.world.check_sso(call.session.token, found)
    return Answer(200, Render(call.session).organization(found))


def repos_of(call: Call) -> Answer:
    """GET /orgs/{org}/repos and GET /users/{username}/repos."""
    session = call.session
    owner = session.world.account(call.path.get("org") or call.path["username"])
    session.world.check_sso(session.token, owner)
    # Private repositories are listed for an organisation only; a person's own are at /user/repos.
    shown = {"PUBLIC"} if "username" in call.path else {"PUBLIC", "PRIVATE", "INTERNAL"}
    seen = [
        repo
        for repo in list(session.world.owned(owner))
        if repo.visibility in shown and session.world.sees(session.token, repo)
    ]
    chosen = [repo for repo in seen if KINDS[call.query.get("type", "all")](repo)]
    return call.listed(_sorted(call, chosen), Render(session).repo)


def _sorted(call: Call, repos: list[Repo]) -> list[Repo]:
    keys = {
        "created": lambda repo: repo.at,
        "updated": lambda repo: repo.pushed_at,
        "pushed": lambda repo: repo.pushed_at,
        "full_name": lambda repo: repo.full_name.lower(),
    }
    word = call.query.get("sort", "created" if "org" in call.path else "full_name")
    falling = call.query.get("direction", "asc" if word == "full_name" else "desc") == "desc"
    return sorted(repos, key=keys.get(word, keys["created"]), reverse=falling)


def user(call: Call) -> Answer:
    """GET /user and GET /users/{username}."""
    session = call.session
    if "username" in call.path:
        return Answer(
            200, Render(session).public_user(session.world.account(call.path["username"]))
        )
    if session.token.kind in {"app", "actions"}:
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, Render(session).public_user(session.viewer))


def own_repos(call: Call) -> Answer:
    """GET /user/repos."""
    session = call.session
    repos = list(session.world.repos.values())
    seen = [repo for repo in repos if session.world.level(session.token, repo) != "NONE"]
    return call.listed(_sorted(call, seen), Render(session).repo)


def installation_repos(call: Call) -> Answer:
    """GET /installation/repositories."""
    session = call.session
    if session.token.installation is None:
        raise Refused(
            403,
            "You must authenticate with an installation access token in order to "
            "list repositories for an installation.",
        )
    chosen = session.token.repositories
    seen = [
        repo
        for repo in list(session.world.repos.values())
        if session.world.sees(session.token, repo) and (chosen is None or repo.full_name in chosen)
    ]
    shown, headers = call.page(seen, Render(session).repo)
    body = {"total_count": len(seen), "repository_selection": "all", "repositories": shown}
    return Answer(200, body, headers)


def app_token(call: Call) -> Answer:
    """POST /app/installations/{installation_id}/access_tokens, proved by the App's JWT."""
    session, number = call.session, int(call.path["installation_id"])
    app = session.world.apps.get(str(number))
    if app is None or app[1] != session.token.value:
        raise Refused(404, "Not Found")
    owner = session.world.account(app[2])
    bot = session.world.add_account(f"{app[1]}[bot]", "Bot")
    expires = session.world.clock.now() + APP_TOKEN_LIFE
    allowed = {"contents": "write", "pull_requests": "write", "issues": "write", "metadata": "read"}
    chosen = call.body.get("repositories")
    token = Token(
        f"ghs_{secrets.token_hex(18)}", bot, "app", permissions=allowed, expires_at=expires,
        installation=number,
        repositories=frozenset(f"{owner.login}/{name}" for name in chosen) if chosen else None,
    )  # fmt: skip
    session.world.tokens[token.value] = token
    body = {
        "token": token.value,
        "expires_at": stamp(expires),
        "permissions": allowed,
        "repository_selection": "selected" if chosen else "all",
    }
    return Answer(201, body)


def app_of(bearer: str, keys: dict[str, str], now: float) -> str:
    """Check an App's JWT and give the App's id; raises Refused (401)."""
    refused = Refused(401, "A JSON web token could not be decoded")
    try:
        issuer = str(jwt.decode(bearer, options={"verify_signature": False})["iss"])
        claims = jwt.decode(
            bearer,
            keys[issuer],
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_iss": False},
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise refused from error
    life = claims["exp"] - claims["iat"]
    if life > 660 or claims["exp"] < now - 60:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    return issuer


def rate_limit(call: Call) -> Answer:
    """GET /rate_limit, which costs nothing."""
    session = call.session
    key = session.token.budget_key
    found = {name: session.ledger.standing(key, name) for name in RESOURCES}
    return Answer(200, {"resources": found, "rate": found["core"]})


def meta(call: Call) -> Answer:
    """GET /meta; an enterprise server says its version."""
    version = call.session.world.enterprise_version
    installed = {"installed_version": version} if version else {}
    return Answer(200, {"verifiable_password_authentication": False, **installed})


ROUTES = {
    ("GET", "/meta"): meta,
    ("GET", "/orgs/{org}"): org,
    ("GET", "/orgs/{org}/repos"): repos_of,
    ("GET", "/users/{username}"): user,
    ("GET", "/users/{username}/repos"): repos_of,
    ("GET", "/user"): user,
    ("GET", "/user/repos"): own_repos,
    ("GET", "/installation/repositories"): installation_repos,
    ("POST", "/app/installations/{installation_id}/access_tokens"): app_token,
    ("GET", "/rate_limit"): rate_limit,
}
