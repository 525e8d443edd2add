"""Git's objects over REST: refs, trees, blobs, commits, contents."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from tests.github_server.gitstore import EMPTY_TREE, Change
from tests.github_server.model import Refused, Repo
from tests.github_server.objects import Commit, Entry, Person, entries
from tests.github_server.rest.call import Answer, Call
from tests.github_server.rest.render import Render

TREE_LIMIT = 100_000
CONTENT_LIMIT = 1_000_000


def _found(oid: str | None) -> str:
    if oid is None:
        raise Refused(404, "Not Found")
    return oid


def _not_empty(repo: Repo) -> None:
    if repo.empty:
        raise Refused(409, "Git Repository is empty.")


def tree(call: Call) -> Answer:
    """GET git/trees/{tree_sha}; `recursive` with any value walks all of it."""
    repo = call.repo()
    _not_empty(repo)
    oid = repo.git.tree_of(_found(repo.git.resolve(call.path["tree_sha"])))
    if "recursive" in call.query:
        lines = list(repo.git.walk(oid))
    else:
        lines = [(entry.name, entry) for entry in entries(repo.git.need(oid))]
    limit = len(lines) // 2 if call.session.truncate_trees else TREE_LIMIT
    shown = [_line(call, repo, path, entry) for path, entry in lines[:limit]]
    return Answer(200, _tree(call, repo, oid, shown, truncated=len(lines) > limit))


def _tree(call: Call, repo: Repo, oid: str, lines: Sequence[object], *, truncated: bool) -> object:
    url = f"{call.session.api}/repos/{repo.full_name}/git/trees/{oid}"
    return {"sha": oid, "url": url, "tree": lines, "truncated": truncated}


def _line(call: Call, repo: Repo, path: str, entry: Entry) -> dict[str, object]:
    line: dict[str, object] = {
        "path": path,
        "mode": entry.mode,
        "type": entry.kind,
        "sha": entry.oid,
    }
    if entry.kind != "commit":
        line["url"] = f"{call.session.api}/repos/{repo.full_name}/git/{entry.kind}s/{entry.oid}"
    if entry.kind == "blob":
        line["size"] = len(repo.git.need(entry.oid).data)
    return line


def make_tree(call: Call) -> Answer:
    """POST git/trees: entries over `base_tree`; `sha: null` deletes, `content` makes a blob."""
    repo = call.writable()
    _not_empty(repo)
    base = call.body.get("base_tree")
    if base and repo.git.get(base) is None:
        raise Refused(404, "Not Found")
    start = repo.git.tree_of(base) if base else EMPTY_TREE.oid
    changes: dict[str, Change] = {}
    for each in call.body["tree"]:
        if "content" in each:
            changes[each["path"]] = (each["mode"], repo.git.blob(each["content"].encode()))
        elif each.get("sha") is None:
            changes[each["path"]] = None
        elif each["mode"] != "160000" and repo.git.get(each["sha"]) is None:
            raise Refused(422, f"tree.sha {each['sha']} is not a valid {each.get('type', 'blob')}")
        else:
            changes[each["path"]] = (each["mode"], each["sha"])
    oid = repo.git.write_tree(start, changes)
    lines = [_line(call, repo, entry.name, entry) for entry in entries(repo.git.need(oid))]
    return Answer(201, _tree(call, repo, oid, lines, truncated=False))


def blob(call: Call) -> Answer:
    """GET git/blobs/{file_sha}, base64, or the bytes with the `raw` media type."""
    repo = call.repo()
    oid = call.path["file_sha"]
    found = repo.git.get(oid)
    if found is None or found.kind != "blob":
        raise Refused(404, "Not Found")
    if "raw" in call.accept:
        return Answer(200, found.data)
    return Answer(200, {
        "sha": oid, "node_id": f"B_{oid}", "size": len(found.data), "encoding": "base64",
        "url": f"{call.session.api}/repos/{repo.full_name}/git/blobs/{oid}",
        "content": base64.encodebytes(found.data).decode(),
    })  # fmt: skip


def make_blob(call: Call) -> Answer:
    """POST git/blobs."""
    repo = call.writable()
    _not_empty(repo)
    text = call.body["content"]
    try:
        data = base64.b64decode(text) if call.body.get("encoding") == "base64" else text.encode()
    except binascii.Error as error:
        raise Refused(422, "content is not valid Base64") from error
    oid = repo.git.blob(data)
    url = f"{call.session.api}/repos/{repo.full_name}/git/blobs/{oid}"
    return Answer(201, {"sha": oid, "url": url}, {"location": url})


def commit(call: Call) -> Answer:
    """GET git/commits/{commit_sha}."""
    repo = call.repo()
    _not_empty(repo)
    oid = _found(repo.git.find(call.path["commit_sha"]))
    return Answer(200, Render(call.session).git_commit(repo, oid))


def make_commit(call: Call) -> Answer:
    """POST git/commits; verified only when an App makes it and names no author."""
    repo, git, body = call.writable(), call.repo().git, call.body
    _not_empty(repo)
    found = git.get(body["tree"])
    if found is None or found.kind != "tree":
        raise Refused(422, "Tree SHA does not exist")
    for parent in body.get("parents", ()):
        if git.get(parent) is None:
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
    now, viewer = int(call.session.world.clock.now()), call.session.viewer
    own = Person(viewer.name or viewer.login, viewer.email, now)
    author = _person(body.get("author"), own)
    signed = viewer.kind == "Bot" and not body.get("author") and not body.get("committer")
    committer = Person("GitHub", "noreply@github.com", now) if signed else author
    made = Commit(
        body["tree"], tuple(body.get("parents", ())), author,
        _person(body.get("committer"), committer), body["message"], signed,
    )  # fmt: skip
    oid = git.put(made.encode()).oid
    return Answer(201, Render(call.session).git_commit(repo, oid))


def _person(given: dict[str, Any] | None, otherwise: Person) -> Person:
    return Person(given["name"], given["email"], otherwise.when) if given else otherwise


def ref(call: Call) -> Answer:
    """GET git/ref/{ref}."""
    repo, name = call.repo(), f"refs/{call.path['ref']}"
    if name not in repo.git.refs:
        raise Refused(404, "Not Found")
    return Answer(200, Render(call.session).ref(repo, name))


def matching_refs(call: Call) -> Answer:
    """GET git/matching-refs/{ref}."""
    repo, prefix = call.repo(), f"refs/{call.path['ref']}"
    names = [name for name in sorted(repo.git.refs) if name.startswith(prefix)]
    return Answer(200, [Render(call.session).ref(repo, name) for name in names])


def make_ref(call: Call) -> Answer:
    """POST git/refs."""
    repo = call.writable()
    _not_empty(repo)
    call.session.actions.create_ref(repo, call.body["ref"], call.body["sha"])
    return Answer(201, Render(call.session).ref(repo, call.body["ref"]))


def move_ref(call: Call) -> Answer:
    """PATCH git/refs/{ref}."""
    repo, name = call.writable(), f"refs/{call.path['ref']}"
    call.session.actions.move_ref(repo, name, call.body["sha"], force=call.body.get("force", False))
    return Answer(200, Render(call.session).ref(repo, name))


def delete_ref(call: Call) -> Answer:
    """DELETE git/refs/{ref}."""
    repo = call.writable()
    call.session.actions.delete_ref(repo, f"refs/{call.path['ref']}")
    return Answer(204)


def contents(call: Call) -> Answer:
    """GET contents/{path}: a folder's list, a file up to 1 MB, a link, a submodule."""
    repo, path = call.repo(), call.path.get("path", "").strip("/")
    start = _found(repo.git.resolve(call.query.get("ref") or "HEAD"))
    entry = repo.git.entry_at(repo.git.tree_of(start), path)
    if entry is None:
        raise Refused(404, "Not Found")
    if entry.kind == "tree":
        folder = entries(repo.git.need(entry.oid))
        lines = [_content(call, repo, f"{path}/{each.name}".strip("/"), each) for each in folder]
        return Answer(200, lines)
    if "raw" in call.accept and entry.kind == "blob":
        return Answer(200, repo.git.need(entry.oid).data)
    shown = _content(call, repo, path, entry)
    if shown["type"] == "file":
        data = repo.git.need(entry.oid).data
        small = len(data) <= CONTENT_LIMIT
        shown["encoding"] = "base64" if small else "none"
        shown["content"] = base64.encodebytes(data).decode() if small else ""
    elif shown["type"] == "symlink":
        shown["target"] = repo.git.need(entry.oid).data.decode()
    elif shown["type"] == "submodule":
        shown["submodule_git_url"] = None
    return Answer(200, shown)


def put_contents(call: Call) -> Answer:
    """PUT contents/{path}: one file, one commit; 409 when `sha` is not the file's own."""
    repo, body, path = call.writable(), call.body, call.path["path"]
    branch = body.get("branch") or repo.git.head
    ref = f"refs/heads/{branch}"
    if ref not in repo.git.refs and not repo.empty:
        raise Refused(404, f"Branch {branch} not found")
    head = repo.git.refs.get(ref)
    old = repo.git.entry_at(repo.git.tree_of(head), path) if head else None
    if old and not body.get("sha"):
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if old and body["sha"] != old.oid:
        raise Refused(409, f"{path} does not match {body['sha']}")
    change = (old.mode if old else "100644", repo.git.blob(base64.b64decode(body["content"])))
    oid = call.session.actions.commit(
        repo, ref, {path: change}, message=body["message"], author=call.session.viewer, signed=True
    )
    entry = Entry(change[0], path.rpartition("/")[2], change[1])
    commit = Render(call.session).git_commit(repo, oid)
    shown = {"content": _content(call, repo, path, entry), "commit": commit}
    return Answer(200 if old else 201, shown)


def _content(call: Call, repo: Repo, path: str, entry: Entry) -> dict[str, Any]:
    api, html = (
        f"{call.session.api}/repos/{repo.full_name}",
        f"{call.session.html}/{repo.full_name}",
    )
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.kind, "file")
    kind = "symlink" if entry.mode == "120000" else kind
    size = len(repo.git.need(entry.oid).data) if entry.kind == "blob" else 0
    url = f"{api}/contents/{path}?ref={call.query.get('ref') or repo.git.head}"
    git = f"{api}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.oid}"
    page = f"{html}/blob/{repo.git.head}/{path}"
    return {
        "type": kind, "size": size, "name": entry.name, "path": path, "sha": entry.oid, "url": url,
        "git_url": git, "html_url": page,
        "download_url": f"{html}/raw/{repo.git.head}/{path}" if kind == "file" else None,
        "_links": {"self": url, "git": git, "html": page},
    }  # fmt: skip


GIT = "/repos/{owner}/{repo}/git"
ROUTES = {
    ("GET", f"{GIT}/trees/{{tree_sha}}"): tree,
    ("POST", f"{GIT}/trees"): make_tree,
    ("GET", f"{GIT}/blobs/{{file_sha}}"): blob,
    ("POST", f"{GIT}/blobs"): make_blob,
    ("GET", f"{GIT}/commits/{{commit_sha}}"): commit,
    ("POST", f"{GIT}/commits"): make_commit,
    ("GET", f"{GIT}/ref/{{ref}}"): ref,
    ("GET", f"{GIT}/matching-refs/{{ref}}"): matching_refs,
    ("POST", f"{GIT}/refs"): make_ref,
    ("PATCH", f"{GIT}/refs/{{ref}}"): move_ref,
    ("DELETE", f"{GIT}/refs/{{ref}}"): delete_ref,
    ("GET", "/repos/{owner}/{repo}/contents/{path}"): contents,
    ("PUT", "/repos/{owner}/{repo}/contents/{path}"): put_contents,
}
