"""Resolvers of the query's roots, accounts and repositories."""

from collections.abc import Callable
from typing import Any

from tests.github_server.graphql.connections import Table, connection_of, page
from tests.github_server.graphql.git import GitNode, RefNode, decode, node_of, ref_node
from tests.github_server.model import Account, Label, Pull, Refused, Repo, stamp
from tests.github_server.session import Session

ORDER: dict[str, Callable[[Repo], Any]] = {
    "NAME": lambda repo: repo.name.lower(),
    "PUSHED_AT": lambda repo: repo.pushed_at,
    "CREATED_AT": lambda repo: repo.at,
    "UPDATED_AT": lambda repo: repo.pushed_at,
    "STARGAZERS": lambda _repo: 0,
}
FLAGS: dict[str, Callable[[Repo], object]] = {
    "isArchived": lambda repo: repo.archived,
    "isFork": lambda repo: repo.fork,
    "isLocked": lambda repo: repo.locked,
    "visibility": lambda repo: repo.visibility,
    "privacy": lambda repo: "PUBLIC" if repo.visibility == "PUBLIC" else "PRIVATE",
}


def _session(info: Any) -> Session:  # noqa: ANN401 - graphql-core's info
    found: Session = info.context
    return found


def _repositories(owner: Account, info: Any, **args: Any) -> object:  # noqa: ANN401 - arguments
    session = _session(info)
    session.world.check_sso(session.token, owner)
    wanted = [(flag, args[name]) for name, flag in FLAGS.items() if args.get(name) is not None]
    seen = [
        repo
        for repo in list(session.world.owned(owner))
        if session.world.sees(session.token, repo)
        and all(flag(repo) == value for flag, value in wanted)
    ]
    order = args.get("orderBy")
    if order:
        seen.sort(key=ORDER[order["field"]], reverse=order["direction"] == "DESC")
    return page(seen, args)


def _owner(kinds: set[str], word: str) -> Any:  # noqa: ANN401 - a resolver
    def resolve(_root: object, info: Any, login: str) -> Account:  # noqa: ANN401 - as above
        session = _session(info)
        found = session.world.accounts.get(login.lower())
        if found is None or found.kind not in kinds:
            message = f"Could not resolve to {word} with the login of '{login}'."
            raise Refused(404, message, kind="NOT_FOUND")
        session.world.check_sso(session.token, found)
        return found

    return resolve


def _repository(_root: object, info: Any, owner: str, name: str, **args: Any) -> Repo:  # noqa: ANN401
    follow = bool(args.get("followRenames", True))
    return _session(info).repo(f"{owner}/{name}", follow=follow)


def _own_repository(owner: Account, info: Any, name: str, **args: Any) -> Repo:  # noqa: ANN401
    return _repository(None, info, owner.login, name, **args)


def node(_root: object, info: Any, id: str) -> object:  # noqa: A002, ANN401 - GraphQL's name
    """Find anything by its id; raises Refused (404) when it is unknown or not for this token."""
    session = _session(info)
    found = find_node(session, id)
    if found is None:
        message = f"Could not resolve to a node with the global id of '{id}'"
        raise Refused(404, message, kind="NOT_FOUND")
    return found


def find_node(session: Session, name: str) -> object | None:
    """Find anything by its id; nothing when it is unknown or not for this token."""
    found = session.world.nodes.get(name)
    prefix, _, rest = name.partition("_")
    if found is None and prefix in {"REF", "B", "T", "C"}:
        number, what = decode(rest)
        home = session.world.by_id.get(number)
        if home is not None:
            found = ref_node(home, what) if prefix == "REF" else node_of(home, what)
    repo = found if isinstance(found, Repo) else getattr(found, "repo", None)
    if isinstance(repo, Repo) and not session.world.sees(session.token, repo):
        return None
    return found


def _nodes(_root: object, info: Any, ids: list[str]) -> list[object | None]:  # noqa: ANN401
    return [find_node(_session(info), each) for each in ids]


def _object(repo: Repo, _info: object, **args: Any) -> GitNode | None:  # noqa: ANN401
    if args.get("oid"):
        return node_of(repo, args["oid"])
    return node_of(repo, repo.git.resolve(args.get("expression") or "HEAD"))


def _ref(repo: Repo, _info: object, qualifiedName: str) -> RefNode | None:  # noqa: N803
    for name in (qualifiedName, f"refs/heads/{qualifiedName}", f"refs/tags/{qualifiedName}"):
        found = ref_node(repo, name)
        if found:
            return found
    return None


def _refs(repo: Repo, _info: object, refPrefix: str, **args: Any) -> object:  # noqa: ANN401, N803
    prefix = refPrefix.rstrip("/") + "/"
    query = args.get("query") or ""
    names = [
        name
        for name in sorted(repo.git.refs)
        if name.startswith(prefix) and query in name.removeprefix(prefix)
    ]
    return page([RefNode(repo, name) for name in names], args)


def _pulls(repo: Repo, info: Any, **args: Any) -> object:  # noqa: ANN401
    found = [pull for pull in list(repo.pulls.values()) if wanted(pull, args)]
    order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    updated = order["field"] == "UPDATED_AT"
    found.sort(
        key=lambda pull: (pull.updated_at if updated else 0.0, pull.number),
        reverse=order["direction"] == "DESC",
    )
    del info
    return page(found, args)


def wanted(pull: Pull, args: dict[str, Any]) -> bool:
    """Say whether a pull request fits the arguments of `pullRequests`."""
    labels = {name.lower() for name in args.get("labels") or ()}
    return (
        (not args.get("states") or pull.state in args["states"])
        and args.get("headRefName") in {None, pull.head_ref}
        and args.get("baseRefName") in {None, pull.base_ref}
        and (not labels or bool(labels & pull.labels.keys()))
    )


def _pull(repo: Repo, _info: object, number: int) -> Pull:
    try:
        return repo.pulls[number]
    except KeyError:
        message = f"Could not resolve to a PullRequest with the number of {number}."
        raise Refused(404, message, kind="NOT_FOUND") from None


def _label(repo: Repo, _info: object, name: str) -> Label | None:
    return repo.labels.get(name.lower())


def _labels(repo: Repo, _info: object, **args: Any) -> object:  # noqa: ANN401
    query = (args.get("query") or "").lower()
    return page([label for key, label in repo.labels.items() if query in key], args)


def _associated(ref: RefNode, info: Any, **args: Any) -> object:  # noqa: ANN401
    return _pulls(ref.repo, info, **{**args, "headRefName": ref.name.removeprefix("refs/heads/")})


def _permission(repo: Repo, info: Any) -> str | None:  # noqa: ANN401
    session = _session(info)
    level = session.world.level(session.token, repo)
    return level if level != "NONE" else "READ"


def _rate_limit(_root: object, info: Any, **_args: Any) -> dict[str, object]:  # noqa: ANN401
    session = _session(info)
    standing = session.ledger.standing(session.token.budget_key, "graphql")
    reset = stamp(standing["reset"])
    return {
        **standing,
        "resetAt": reset,
        "cost": session.request.cost,
        "nodeCount": session.request.nodes,
    }


def _mapping(*names: str) -> Table:
    return {name: lambda found, _i, name=name: found[name] for name in names}


ACCOUNT: Table = {
    "id": lambda a, _i: a.node,
    "login": lambda a, _i: a.login,
    "url": lambda a, i: f"{i.context.html}/{a.login}",
}
OWNER: Table = ACCOUNT | {"repositories": _repositories, "repository": _own_repository}
TABLES: dict[str, Table] = {
    "Query": {
        "viewer": lambda _r, i: i.context.viewer,
        "rateLimit": _rate_limit,
        "organization": _owner({"Organization"}, "an Organization"),
        "user": _owner({"User"}, "a User"),
        "repositoryOwner": _owner({"User", "Organization"}, "a User or Organization"),
        "repository": _repository,
        "node": node,
        "nodes": _nodes,
    },
    "RateLimit": _mapping("cost", "limit", "remaining", "used", "resetAt", "nodeCount"),
    "Node": {"id": lambda n, _i: n.node},
    "Actor": {name: ACCOUNT[name] for name in ("login", "url")},
    "RepositoryOwner": OWNER,
    "Organization": OWNER
    | {
        "name": lambda a, _i: a.name,
        "databaseId": lambda a, _i: a.id,
        "team": lambda a, i, slug: team_node(i.context, a, slug),
        "teams": lambda a, i, **args: page(
            [team_node(i.context, a, slug) for slug in sorted(a.teams)], args
        ),
    },
    "User": OWNER
    | {
        "name": lambda a, _i: a.name,
        "databaseId": lambda a, _i: a.id,
        "email": lambda a, _i: a.email,
    },
    "Bot": ACCOUNT | {"databaseId": lambda a, _i: a.id},
    "Team": {
        "id": lambda t, _i: t["id"],
        "name": lambda t, _i: t["slug"],
        "slug": lambda t, _i: t["slug"],
        "combinedSlug": lambda t, _i: f"{t['org'].login}/{t['slug']}",
    },
    "Repository": {
        "id": lambda r, _i: r.node,
        "databaseId": lambda r, _i: r.id,
        "name": lambda r, _i: r.name,
        "nameWithOwner": lambda r, _i: r.full_name,
        "owner": lambda r, _i: r.owner,
        "description": lambda r, _i: r.description,
        "url": lambda r, i: f"{i.context.html}/{r.full_name}",
        "sshUrl": lambda r, _i: f"git@github.com:{r.full_name}.git",
        "isArchived": lambda r, _i: r.archived,
        "isDisabled": lambda r, _i: r.disabled,
        "isEmpty": lambda r, _i: r.empty,
        "isFork": lambda r, _i: r.fork,
        "isInOrganization": lambda r, _i: r.owner.kind == "Organization",
        "isLocked": lambda r, _i: r.locked,
        "isMirror": lambda r, _i: r.mirror,
        "isPrivate": lambda r, _i: r.visibility != "PUBLIC",
        "isTemplate": lambda r, _i: r.template,
        "visibility": lambda r, _i: r.visibility,
        "viewerPermission": _permission,
        "viewerCanAdminister": lambda r, i: _permission(r, i) == "ADMIN",
        "pushedAt": lambda r, _i: stamp(r.pushed_at),
        "createdAt": lambda r, _i: stamp(r.at),
        "updatedAt": lambda r, _i: stamp(r.pushed_at),
        "diskUsage": lambda r, _i: r.disk_usage,
        "autoMergeAllowed": lambda r, _i: r.allow_auto_merge,
        "deleteBranchOnMerge": lambda r, _i: r.delete_branch_on_merge,
        "mergeCommitAllowed": lambda _r, _i: True,
        "squashMergeAllowed": lambda _r, _i: True,
        "rebaseMergeAllowed": lambda _r, _i: True,
        "repositoryTopics": lambda r, _i, **a: page(r.topics, a),
        "defaultBranchRef": lambda r, _i: ref_node(r, f"refs/heads/{r.git.head}"),
        "object": _object,
        "ref": _ref,
        "refs": _refs,
        "pullRequests": _pulls,
        "pullRequest": _pull,
        "label": _label,
        "labels": _labels,
    },
    "RepositoryTopic": {"topic": lambda t, _i: t, "id": lambda t, _i: f"RT_{t}"},
    "Topic": {"name": lambda t, _i: t, "id": lambda t, _i: f"TOP_{t}"},
    **connection_of("Repository", "RepositoryTopic", "Team", "PullRequest", "Label"),
}
REF_PULLS: Table = {"associatedPullRequests": _associated}


def team_node(session: Session, org: Account, slug: str) -> dict[str, object] | None:
    """Give a team of an organisation as a value, nothing when there is none such."""
    if slug not in org.teams:
        return None
    found: dict[str, object] = {"id": f"T_{org.login}_{slug}", "slug": slug, "org": org}
    session.world.nodes[f"T_{org.login}_{slug}"] = found
    return found
