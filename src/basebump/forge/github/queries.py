"""The GraphQL that this adapter speaks; a test holds every document to GitHub's schema."""

from collections.abc import Sequence

from basebump.core.rollback import rollback_branch
from basebump.forge.github.batches import RATE, Question, document

HEAD = """
fragment Head on Repository {
  id nameWithOwner
  isArchived isDisabled isEmpty isFork isLocked isMirror isTemplate visibility viewerPermission
  repositoryTopics(first: 50) { nodes { topic { name } } }
  defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
}
"""
PAGE = f"""
query Repositories($owner: String!, $first: Int!, $after: String) {{
  {RATE}
  repositoryOwner(login: $owner) {{
    __typename login
    repositories(
      first: $first, after: $after, ownerAffiliations: [OWNER],
      orderBy: {{field: NAME, direction: ASC}}
    ) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ ...Head }}
    }}
  }}
}}
{HEAD}"""

# Entries are no connection and cost no points; three folders deep in one request.
_ENTRY = "name mode oid"
TREE = f"""
fragment Deep on Tree {{
  oid
  entries {{ {_ENTRY} object {{ ... on Tree {{ entries {{
    {_ENTRY} object {{ ... on Tree {{ entries {{ {_ENTRY} }} }} }}
  }} }} }} }}
}}
"""
BLOB = """
fragment Text on Blob { oid byteSize isBinary isTruncated text }
"""
COMMIT = """
fragment Tip on Commit {
  oid message authoredDate committedDate statusCheckRollup { state }
}
"""
PULL = (
    """
fragment Pull on PullRequest {
  id number url title body state headRefName headRefOid baseRefName isCrossRepository
  isDraft createdAt mergeable reviewDecision
  headRef { target { ...Tip } }
}
"""
    + COMMIT
)

BUILDS = """
fragment Builds on PullRequest {
  headRef { target { ... on Commit { statusCheckRollup { contexts(first: 50) { nodes {
    __typename
    ... on CheckRun {
      databaseId name conclusion detailsUrl title summary
      annotations(first: 10) { nodes { path message title rawDetails annotationLevel } }
    }
    ... on StatusContext { context state description targetUrl }
  } } } } } }
}
"""
STANDING = """
query Standing($id: ID!) {
  node(id: $id) { ... on PullRequest { state comments(last: 20) { nodes { body } } } }
}
"""


def head(owner: str, name: str) -> Question:
    """A repository's flags and head, by its name."""
    return _repository(owner, name, "...Head")


def trees(owner: str, name: str, oids: Sequence[str]) -> Question:
    """Folders of a repository by their ids: `t0` and so on."""
    inside = " ".join(f't{at}: object(oid: "{oid}") {{ ...Deep }}' for at, oid in enumerate(oids))
    return _repository(owner, name, inside, weight=len(oids))


def blobs(owner: str, name: str, oids: Sequence[str]) -> Question:
    """Files of a repository by their ids: `b0` and so on."""
    inside = " ".join(f'b{at}: object(oid: "{oid}") {{ ...Text }}' for at, oid in enumerate(oids))
    return _repository(owner, name, inside, weight=len(oids))


def found(owner: str, name: str, branch: str, folder: str, labels: Sequence[str]) -> Question:
    """What is there for a campaign's branch.

    Its ref, its pull requests in any state, those that take it back, our other open ones (by the
    branches that begin like ours), and the ids of the labels.
    """
    wanted = " ".join(f"l{at}: label(name: $l{{n}}_{at}) {{ id }}" for at in range(len(labels)))
    inside = (
        "id viewerPermission isArchived isLocked nameWithOwner "
        "defaultBranchRef { name target { oid } } "
        "ref(qualifiedName: $branch{n}) { target { ...Tip } } "
        "pullRequests(headRefName: $head{n}, first: 10, "
        "orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ...Pull } } "
        "undoing: pullRequests(headRefName: $undo{n}, states: [OPEN, MERGED], first: 3, "
        "orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ...Pull } } "
        f"{ours_open()} {wanted}"
    )
    asked = _repository(owner, name, inside)
    given = {
        "branch{n}": ("String!", f"refs/heads/{branch}"),
        "head{n}": ("String!", branch),
        "undo{n}": ("String!", rollback_branch(branch)),
        **_prefix(folder),
        **{f"l{{n}}_{at}": ("String!", label) for at, label in enumerate(labels)},
    }
    return Question(asked.text, {**asked.variables, **given})


def pulls(owner: str, name: str, folder: str, branches: Sequence[str]) -> Question:
    """Our pull requests: those of these branches in any state, and our open ones."""
    each = " ".join(
        f"p{at}: pullRequests(headRefName: $h{{n}}_{at}, first: 10, "
        "orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ...Pull } }"
        for at in range(len(branches))
    )
    asked = _repository(owner, name, f"nameWithOwner {ours_open()} {each}")
    heads = {f"h{{n}}_{at}": ("String!", branch) for at, branch in enumerate(branches)}
    return Question(asked.text, {**asked.variables, **_prefix(folder), **heads})


def builds(key: str) -> Question:
    """The checks of a pull request's last commit."""
    return Question("node(id: $id{n}) { ...Builds }", {"id{n}": ("ID!", key)})


def ours_open() -> str:
    """The last pull request, unless merged, of every branch that begins like ours."""
    order = "orderBy: {field: CREATED_AT, direction: DESC}"
    return (
        "refs(refPrefix: $prefix{n}, query: $start{n}, first: 10) { nodes { name "
        f"associatedPullRequests(states: [OPEN, CLOSED], first: 1, {order})"
        " { nodes { ...Pull } } } }"
    )


def _prefix(folder: str) -> dict[str, tuple[str, str]]:
    above, _, start = folder.rpartition("/")
    prefix = f"refs/heads/{above}/" if above else "refs/heads/"
    return {"prefix{n}": ("String!", prefix), "start{n}": ("String", start)}


ANCESTRY = """
query Ancestry($owner: String!, $name: String!, $base: GitObjectID!) {
  repository(owner: $owner, name: $name) {
    object(oid: $base) { ... on Commit { history(first: 100) { nodes { oid } } } }
  }
}
"""


def people(logins: Sequence[str], org: str, teams: Sequence[str]) -> str:
    """The ids of people (`u0`…) and of an organisation's teams (`t0`…)."""
    users = [f"$u{at}: String!" for at in range(len(logins))]
    slugs = [f"$t{at}: String!" for at in range(len(teams))]
    asked = " ".join(f"u{at}: user(login: $u{at}) {{ id }}" for at in range(len(logins)))
    inside = " ".join(f"t{at}: team(slug: $t{at}) {{ id }}" for at in range(len(teams)))
    declared = ", ".join([*users, *slugs, *(["$org: String!"] if teams else [])])
    of_org = f"org: organization(login: $org) {{ {inside} }}" if teams and org else ""
    return f"query People({declared}) {{ {RATE} {asked} {of_org} }}"


def _repository(owner: str, name: str, inside: str, weight: int = 1) -> Question:
    return Question(
        f"repository(owner: $owner{{n}}, name: $name{{n}}) {{ {inside} }}",
        {"owner{n}": ("String!", owner), "name{n}": ("String!", name)},
        weight,
    )


def samples() -> dict[str, str]:
    """One document of every form that is sent as a query, for the test against the schema."""
    oids = ["0" * 40, "1" * 40]
    asked = [("acme", "web"), ("acme", "api")]
    return {
        "Repositories": PAGE,
        "Heads": document("Heads", [head(*each) for each in asked], HEAD),
        "Trees": document("Trees", [trees(*each, oids) for each in asked], TREE),
        "Blobs": document("Blobs", [blobs(*each, oids) for each in asked], BLOB),
        "Found": document("Found", [found(*each, "b/c", "b/", ["x"]) for each in asked], PULL),
        "Pulls": document("Pulls", [pulls(*each, "b/", ["b/c", "b/d"]) for each in asked], PULL),
        "Builds": document("Builds", [builds("PR_1"), builds("PR_2")], BUILDS),
        "Standing": STANDING,
        "Ancestry": ANCESTRY,
        "People": people(["octocat"], "acme", ["core"]),
    }
