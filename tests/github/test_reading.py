"""What is read of a repository is what is in git, wherever and however it lies there."""

import zlib
from pathlib import Path

import pytest

from basebump.config import DEFAULT_FILES
from basebump.core.snapshot import Snapshot
from basebump.forge import Unavailable
from basebump.forge.github.read import Sizes, Wanted
from tests.github.bot import Bot
from tests.github.conftest import OLD
from tests.github_server import GitHubServer

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"


@pytest.fixture
def bot(github: GitHubServer) -> Bot:
    return Bot(github)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + OLD, id="a byte order mark"),
        pytest.param(OLD.replace(b"\n", b"\r\n"), id="line ends of Windows"),
        pytest.param(OLD + b"# caf\xe9\n", id="not UTF-8"),
        pytest.param(OLD + b"# \x00\n", id="binary"),
        pytest.param(b"", id="empty"),
        pytest.param("FROM node:8 # größe 🐳\n".encode(), id="beyond ASCII"),
        pytest.param(OLD + b"#" * 600_000, id="longer than GraphQL gives"),
    ],
)
def test_the_bytes_are_those_of_git(github: GitHubServer, bot: Bot, content: bytes) -> None:
    github.add_repo("acme/web", {"Dockerfile": content, "README": b"x"})
    (file,) = bot.snapshot().files
    assert file.content == content


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("Dockerfile", id="in the root"),
        pytest.param("a/Dockerfile", id="one folder down"),
        pytest.param("a/b/c/Dockerfile.dev", id="three folders down"),
        pytest.param("a/b/c/d/e/f/g/h/i/api.Dockerfile", id="nine folders down"),
        pytest.param("my service/dïr/Dockerfile", id="blanks and accents"),
    ],
)
def test_finds_a_dockerfile_at_any_depth(github: GitHubServer, bot: Bot, path: str) -> None:
    github.add_repo("acme/web", {path: OLD, "src/index.js": b"1\n"})
    assert [(file.path, file.mode) for file in bot.snapshot().files] == [(path, "100644")]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        pytest.param(("120000", b"../Dockerfile"), "symbolic link to ../Dockerfile", id="a link"),
        pytest.param(("100644", POINTER), "Git LFS pointer", id="an LFS pointer"),
        pytest.param(("100644", OLD + b"#" * (1 << 20)), "larger than 1 MiB", id="a giant"),
    ],
)
def test_says_what_cannot_be_read(
    github: GitHubServer, bot: Bot, entry: tuple[str, bytes], reason: str
) -> None:
    github.add_repo("acme/web", {"deploy/Dockerfile": entry, "Dockerfile": OLD})
    snapshot = bot.snapshot()
    assert [file.path for file in snapshot.files] == ["Dockerfile"]
    (unread,) = snapshot.unread
    assert unread.path == "deploy/Dockerfile"
    assert reason in unread.reason


def test_an_empty_repository_is_passed_over(github: GitHubServer, bot: Bot) -> None:
    github.add_repo("acme/web")
    assert [repo.passed_over for repo in bot.repos()] == ["empty: it has no commit"]


def test_many_folders_are_listed_by_rest(github: GitHubServer, bot: Bot) -> None:
    wide = {f"s{n}/a/b/c/Dockerfile": OLD for n in range(70)}
    github.add_repo("acme/web", wide)
    assert len(bot.snapshot().files) == 70
    assert github.requests.count(path="git/trees") == 1


def test_a_truncated_tree_is_walked_folder_by_folder(github: GitHubServer, bot: Bot) -> None:
    wide = {f"s{n}/a/b/c/Dockerfile": OLD for n in range(70)}
    github.add_repo("acme/web", wide)
    github.faults.add("truncated", path="git/trees", nth=1)
    assert len(bot.snapshot().files) == 70


def test_a_heavy_query_is_halved_until_it_is_light_enough(github: GitHubServer, bot: Bot) -> None:
    for number in range(20):
        github.add_repo(f"acme/r{number}", {"Dockerfile": OLD + b"# %d\n" % number})
    github.faults.heavy_aliases = 8
    assert sum(isinstance(answer, Snapshot) for answer in bot.read()) == 20


@pytest.fixture
def fleet(github: GitHubServer) -> GitHubServer:
    for number in range(23):
        files = {f"{'d/' * (number % 6)}Dockerfile": OLD + b"# %d\n" % (number % 7)}
        github.add_repo(f"acme/r{number:02}", {**files, "README": b"x"})
    return github


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param(Sizes(group=1, trees=1, blobs=1, threads=8), id="one by one"),
        pytest.param(Sizes(group=5, trees=2, blobs=3, threads=3), id="small batches"),
        pytest.param(Sizes(group=1000, trees=100, blobs=100, threads=1), id="all at once"),
    ],
)
def test_no_batch_size_changes_an_answer(fleet: GitHubServer, sizes: Sizes) -> None:
    assert Bot(fleet, sizes=sizes).read() == Bot(fleet).read()


def test_a_warm_cache_needs_no_reading(fleet: GitHubServer, tmp_path: Path) -> None:
    cold = Bot(fleet).read()
    assert Bot(fleet, cache=tmp_path / "cache").read() == cold
    fleet.requests.mark()
    assert Bot(fleet, cache=tmp_path / "cache").read() == cold
    assert len(fleet.requests) == 2


def test_a_damaged_cache_changes_nothing(fleet: GitHubServer, tmp_path: Path) -> None:
    cold = Bot(fleet, cache=tmp_path).read()
    for kept in tmp_path.rglob("*"):
        if kept.is_file():
            checksum, _, packed = kept.read_bytes().partition(b"\n")
            other = zlib.decompress(packed).replace(b"Dockerfile", b"Hackerfile")
            kept.write_bytes(checksum + b"\n" + zlib.compress(other))
    assert Bot(fleet, cache=tmp_path).read() == cold


def test_reads_what_else_is_asked_for(github: GitHubServer, tmp_path: Path) -> None:
    renovate = b'{"extends": ["config:recommended"]}'
    github.add_repo("acme/web", {"Dockerfile": OLD, "renovate.json": renovate})
    bot = Bot(github, cache=tmp_path)
    bot.wanted = Wanted(DEFAULT_FILES, ("renovate.json",))
    assert [file.path for file in bot.snapshot().files] == ["Dockerfile"]
    assert [file.content for file in bot.snapshot().extra] == [renovate]
    bot.wanted = Wanted(DEFAULT_FILES)
    assert bot.snapshot().extra == ()


def test_reads_the_new_head_when_asked_again(github: GitHubServer, bot: Bot) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    forge = bot.forge()
    repos = forge.repos()
    list(forge.read(repos))
    head = github.push_as_human("acme/web", "main", {"Dockerfile": OLD + b"#\n"})
    (answer,) = forge.read(repos)
    assert isinstance(answer, Snapshot)
    assert (answer.commit, answer.files[0].content) == (head, OLD + b"#\n")


def test_a_repository_that_went_away_is_unavailable(github: GitHubServer, bot: Bot) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    forge = bot.forge()
    repos = forge.repos()
    list(forge.read(repos))
    del github.world.repos["acme/web"]
    (answer,) = forge.read(repos)
    assert isinstance(answer, Unavailable)


def test_knows_every_file_and_no_link(github: GitHubServer, tmp_path: Path) -> None:
    files = {"Dockerfile": OLD, "a/b/c/d/e/package.json": b"{}", ".github/workflows/ci.yml": b""}
    github.add_repo("acme/web", {**files, "src/package.json": ("120000", b"/etc/passwd")})
    assert Bot(github).snapshot().paths == set(files)
    assert Bot(github, cache=tmp_path).snapshot().paths == set(files)
    assert Bot(github, cache=tmp_path).snapshot().paths == set(files)


def test_what_builds_a_repository_is_known(github: GitHubServer) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD, "Jenkinsfile": b""})
    (plan,) = Bot(github).plans()
    assert plan.traits == {"builder:jenkins"}
