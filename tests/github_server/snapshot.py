"""All refs and pull requests of a world in a form that can be compared."""

from tests.github_server.model import Repo


def shown(repo: Repo) -> dict[str, object]:
    """Give a repository's refs (tree, and messages of the commits that are new) and pull requests.

    Nothing in it depends on time, ids or the order of work.
    """
    git = repo.git
    base = git.head_oid()
    refs = {}
    for name, oid in sorted(git.refs.items()):
        new = git.between(base, oid) if base and base != oid else []
        refs[name] = (git.tree_of(oid), tuple(git.commit(each).message for each in new))
    pulls = [
        {
            "head": pull.head_ref, "base": pull.base_ref, "state": pull.state, "title": pull.title,
            "body": pull.body, "draft": pull.draft, "labels": sorted(pull.labels),
            "assignees": sorted(pull.assignees),
            "reviewers": sorted((*pull.reviewers, *pull.teams)),
            "comments": [comment.body for comment in pull.comments],
            "tree": git.tree_of(pull.head_oid),
        }
        for pull in repo.pulls.values()
    ]  # fmt: skip
    return {"refs": refs, "pulls": sorted(pulls, key=lambda each: str(sorted(each.items())))}
