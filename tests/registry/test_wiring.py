"""Registries as the whole program uses them: the real command line, real git, a real registry."""

# ruff: noqa: PLR0917 - a fixture is an argument

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fixtures.registry.content import Image
from tests.registry.conftest import PASSWORD, PRIVATE, USER
from tests.registry.docker_registry import DockerRegistry
from tests.registry.proxy import Proxy, status
from tests.registry.token_server import TokenServer
from tests.world import ENVIRONMENT, Command, make_repository

BOTH = ("linux/amd64", "linux/arm64")
Configure = Callable[..., None]


@pytest.fixture
def configure(tmp_path: Path, hub: DockerRegistry) -> Configure:
    """Write config.yaml: the rules, and how registries are asked."""

    def write(*rules: Mapping[str, object], **registries: object) -> None:
        words = {"plain_http": [hub.host], "cache": "off"} | registries
        config = {"forge": {"kind": "local", "root": "fleet"}, "images": rules, "registries": words}
        (tmp_path / "config.yaml").write_text(json.dumps(config))

    return write


@pytest.fixture
def image(hub: DockerRegistry, name: str) -> str:
    """An image of a few releases; 8.9.3 has no -alpine, and 8.10.0 no arm64."""
    label = {"org.opencontainers.image.base.name": "debian:8"}
    for number, tag in enumerate(["8.9.1", "8.9.2", "8.9.3"]):
        config = {"Env": [f"NODE_VERSION={tag}"], "User": "node" * number, "Labels": label}
        hub.push(name, tag, Image(tag, BOTH, config=config))
    for tag in ("8.9.1-alpine", "8.9.2-alpine"):
        hub.push(name, tag, Image(tag))
    hub.push(name, "8.10.0", Image("8.10.0"))
    return f"{hub.host}/{name}"


def make(tmp_path: Path, **files: str) -> None:
    """Make a repository for each Dockerfile given."""
    for repository, text in files.items():
        make_repository(tmp_path / "fleet" / repository, {"Dockerfile": text})


def verdicts(ran: Any) -> dict[str, tuple[str, str | None, str]]:  # noqa: ANN401 - a Result
    """Each repository's first verdict: word, new reference without its name, reason."""
    found = {}
    for repository in json.loads(ran.stdout)["repositories"]:
        first = repository["files"][0]["references"][0]
        new = first["new"] and first["new"].removeprefix(f"{first['image']}:")
        found[repository["name"]] = (first["verdict"], new, first["reason"])
    return found


def test_two_hundred_repositories_cost_five_lists_and_ten_manifests(
    hub: DockerRegistry, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    images = [f"wired/image-{number}" for number in range(5)]
    for one in images:
        hub.push(one, "8.9.1", Image("old", BOTH))
        hub.push(one, "8.9.3", Image("new", BOTH))
    text = "".join(f"FROM {hub.host}/{one}:8.9.1\n" for one in images)
    make(tmp_path, first=text)
    for number in range(1, 200):
        shutil.copytree(tmp_path / "fleet/first", tmp_path / f"fleet/copy-{number}")
    configure({"image": f"{hub.host}/wired/*", "follow": "patch"})
    ran = basebump("plan", "--format", "json")
    assert json.loads(ran.stdout)["summary"]["verdicts"] == {"bump": 1000}
    requests = [request for one in images for request in hub.requests(one)]
    assert sum("/tags/" in request.path for request in requests) <= 5
    assert sum("/manifests/" in request.path for request in requests) <= 10
    assert len(requests) <= 15


def test_each_flavour_follows_its_own_line(
    image: str, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    make(
        tmp_path,
        plain=f"FROM {image}:8.9.1\n",
        alpine=f"FROM {image}:8.9.1-alpine\n",
        newest=f"FROM {image}:8.9.3\n",
        named=f"FROM {image}:bookworm\n",
    )
    configure({"image": image, "follow": "patch"})
    found = verdicts(basebump("plan", "--format", "json"))
    assert {name: entry[:2] for name, entry in found.items()} == {
        "plain": ("bump", "8.9.3"),
        "alpine": ("bump", "8.9.2-alpine"),
        "newest": ("up-to-date", None),
        "named": ("floating", None),
    }
    opened = json.loads(basebump("apply", "--yes", "--format", "json").stdout)["pull_requests"]
    slug = re.sub(r"[^\w.]+", "-", image)
    assert {entry["branch"] for entry in opened} == {
        f"basebump/{slug}-8.9.3",
        f"basebump/{slug}-8.9.2",
    }


def test_an_argument_that_two_flavours_share_is_left_where_one_is_missing(
    image: str, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    text = f"ARG V=8.9.1\nFROM {image}:${{V}}\nFROM {image}:${{V}}-alpine\n"
    make(tmp_path, both=text)
    for rule in ({"follow": "patch"}, {"to": "8.9.3"}):
        configure({"image": image, **rule})
        assert verdicts(basebump("plan", "--format", "json"))["both"][:2] == ("variable", None)


def test_a_target_must_exist_and_keep_its_platforms(
    image: str, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    asked = f"FROM --platform=linux/s390x {image}:8.9.1\n"
    make(tmp_path, plain=f"FROM {image}:8.9.1\n", alpine=f"FROM {image}:8.9.1-alpine\n", s=asked)
    configure({"image": image, "to": "8.9.3"})
    found = verdicts(basebump("plan", "--format", "json"))
    assert found["plain"] == ("bump", "8.9.3", "8.9.1 → 8.9.3")
    assert found["alpine"][0] == "no-such-target"
    assert found["alpine"][2].endswith("the nearest is 8.9.2-alpine")
    assert found["s"][::2] == ("platform-lost", "8.9.3 is not there for linux/s390x")
    configure({"image": image, "to": "8.10.0"})
    found = verdicts(basebump("plan", "--format", "json"))
    assert found["plain"][::2] == ("platform-lost", "8.10.0 is not there for linux/arm64")


def test_digests_are_kept_added_and_removed(
    hub: DockerRegistry, image: str, name: str, tmp_path: Path, basebump: Command,
    configure: Configure,
) -> None:  # fmt: skip
    old, new = (hub.push(name, tag, Image(tag, BOTH)).top.digest for tag in ("8.9.1", "8.9.3"))
    make(
        tmp_path,
        argument=f"ARG V=8.9.1\nFROM {image}:$V\n",
        pinned=f"FROM {image}:8.9.1@{old}\n",
        plain=f"FROM {image}:8.9.1\n",
        rebuilt=f"FROM {image}:8.9.3@{old}\n",
        target=f"FROM {image}:8.9.3\n",
    )
    news = {}
    for pin in ("keep", "add", "remove"):
        configure({"image": image, "to": "8.9.3", "pin": pin})
        found = verdicts(basebump("plan", "--format", "json"))
        news[pin] = {name: entry[1] for name, entry in found.items()}
    whole = f"8.9.3@{new}"
    assert news == {
        "keep": {"argument": "8.9.3", "pinned": whole, "plain": "8.9.3", "rebuilt": whole,
                 "target": None},
        "add": {"argument": "8.9.3", "pinned": whole, "plain": whole, "rebuilt": whole,
                "target": whole},
        "remove": {"argument": "8.9.3", "pinned": "8.9.3", "plain": "8.9.3", "rebuilt": "8.9.3",
                   "target": None},
    }  # fmt: skip


def test_a_saved_plan_makes_the_very_same_picks_and_asks_nobody(
    hub: DockerRegistry, image: str, name: str, tmp_path: Path, basebump: Command,
    configure: Configure,
) -> None:  # fmt: skip
    make(tmp_path, web=f"FROM {image}:8.9.1\n")
    configure({"image": image, "follow": "patch", "pin": "add", "hold": "1h"})
    assert basebump("plan", "-o", "plan.json").exit_code == 0
    hub.push(name, "8.9.4", Image("8.9.4", BOTH))
    before = len(hub.requests(name))
    ran = basebump("apply", "plan.json", "--yes", "--format", "json")
    (made,) = json.loads(ran.stdout)["pull_requests"]
    assert made["outcome"] == "opened"
    assert made["branch"].endswith("-8.9.3")
    assert len(hub.requests(name)) == before
    body = git(tmp_path / "fleet/web", "show", "--no-patch", f"refs/basebump/pull/{made['branch']}")
    assert "| env `NODE_VERSION` | `8.9.1` | `8.9.3` |" in body
    assert "⚠ user" in body


def test_a_newer_release_supersedes_the_one_before(
    hub: DockerRegistry, image: str, name: str, tmp_path: Path, basebump: Command,
    configure: Configure,
) -> None:  # fmt: skip
    make(tmp_path, web=f"FROM {image}:8.9.1\n")
    configure({"image": image, "follow": "patch"})
    assert basebump("apply", "--yes").stdout.endswith("1 opened\n")
    assert basebump("apply", "--yes").stdout.endswith("0 opened, 1 already open\n")
    configure({"image": image, "to": "8.9.3"}, check=False)  # as when the registry is down
    assert basebump("apply", "--yes").stdout.endswith("0 opened, 1 already open\n")
    configure({"image": image, "follow": "patch"})
    hub.push(name, "8.9.4", Image("8.9.4", BOTH))
    assert basebump("apply", "--yes").stdout.endswith("1 opened, 1 older one superseded\n")


def test_plan_shows_what_the_new_base_changes_once(
    image: str, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    make(tmp_path, a=f"FROM {image}:8.9.1\n", b=f"FROM {image}:8.9.1\n")
    configure({"image": image, "follow": "patch"})
    shown = basebump("plan", "-v").stdout
    assert shown.count(f"What {image} 8.9.1 → 8.9.3 changes:") == 1
    assert re.search(r"! user +root +nodenode", shown)
    assert "risk: it runs as another user" in shown


@pytest.fixture
def password(tmp_path: Path, vault: DockerRegistry) -> Callable[[str], dict[str, str]]:
    """Write Docker's configuration with a password for the vault; return the variables."""

    def write(secret: str) -> dict[str, str]:
        folder = tmp_path / "docker"
        folder.mkdir(exist_ok=True)
        auth = base64.b64encode(f"{USER}:{secret}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {vault.host: {"auth": auth}}}))
        return {"DOCKER_CONFIG": str(folder)}

    return write


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        pytest.param({"to": "8.9.3"}, "bump", id="a target that a person named"),
        pytest.param({"follow": "patch"}, "unknown", id="one that the registry was to name"),
    ],
)
def test_a_broken_registry_is_one_reason_for_its_references_and_the_rest_goes_on(
    image: str,
    hub: DockerRegistry,
    filled: DockerRegistry,
    tokens: TokenServer,
    proxy: Proxy,
    tmp_path: Path,
    basebump: Command,
    configure: Configure,
    password: Callable[[str], dict[str, str]],
    rule: dict[str, str],
    verdict: str,
) -> None:
    proxy.fault("GET", status(400, "NAME_INVALID"))
    tls = image.replace("127.0.0.1", "localhost")  # the same host, not named as plain HTTP
    make(
        tmp_path,
        certificate=f"FROM {tls}:8.9.1\n",
        host="FROM registry.nowhere.invalid/node:8.9.1\n",
        name=f"FROM {proxy.host}/team/node:8.9.1\n",
        private=f"FROM {filled.host}/{PRIVATE}:8.9.1\n",
        whole=f"FROM {image}:8.9.1\n",
    )
    plain = [hub.host, filled.host, tokens.host, proxy.host]
    configure({"image": "**", **rule}, plain_http=plain)
    for env, told in (
        (password("a wrong one"), "refuses the credentials that Docker's configuration has"),
        ({"DOCKER_CONFIG": str(tmp_path / "none")}, "to nobody without credentials"),
    ):
        ran = basebump("plan", "--format", "json", env=env)
        found = verdicts(ran)
        assert (ran.exit_code, found.pop("whole")[:2]) == (0, ("bump", "8.9.3"))
        assert {entry[0] for entry in found.values()} == {verdict}
        reasons = {name: entry[2].rpartition("not checked: ")[2] for name, entry in found.items()}
        assert told in reasons.pop("private")
        assert reasons == {
            "certificate": f"{tls.partition('/')[0]} does not speak TLS "
            "(plain HTTP is for hosts named so)",
            "host": "no host is named registry.nowhere.invalid",
            "name": f"{proxy.host} refuses the name team/node",
        }
        assert "a wrong one" not in ran.stdout + ran.stderr


def test_the_right_password_opens_the_private_image(
    filled: DockerRegistry, tokens: TokenServer, tmp_path: Path, basebump: Command,
    configure: Configure, password: Callable[[str], dict[str, str]],
) -> None:  # fmt: skip
    make(tmp_path, private=f"FROM {filled.host}/{PRIVATE}:0\n")
    rule = {"image": f"{filled.host}/{PRIVATE}", "to": "1", "from": ">=0"}
    configure(rule, plain_http=[filled.host, tokens.host])
    ran = basebump("plan", "--format", "json", env=password(PASSWORD))
    assert verdicts(ran) == {"private": ("bump", "1", "0 → 1")}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(("--no-registry",), "no registry was asked", id="nobody is to be asked"),
        pytest.param(("--offline",), "offline: the cache has nothing about", id="offline"),
    ],
)
def test_what_nobody_could_ask_about_is_said(
    image: str, tmp_path: Path, basebump: Command, configure: Configure, arguments: tuple[str],
    why: str,
) -> None:  # fmt: skip
    make(tmp_path, web=f"FROM {image}:8.9.1\n")
    configure({"image": image, "to": "8.9.3"})
    verdict, new, reason = verdicts(basebump("plan", "--format", "json", *arguments))["web"]
    assert (verdict, new) == ("bump", "8.9.3")
    assert f"not checked: {why}" in reason
    assert "Not checked whether the target exists:" in basebump("plan", *arguments).stdout
    configure({"image": image, "follow": "patch"})
    verdict, new, reason = verdicts(basebump("plan", "--format", "json", *arguments))["web"]
    assert (verdict, new) == ("unknown", None)
    assert why in reason


def test_the_cache_answers_offline(
    image: str, tmp_path: Path, basebump: Command, configure: Configure
) -> None:
    make(tmp_path, web=f"FROM {image}:8.9.1\n")
    configure({"image": image, "follow": "patch"}, cache="cache")
    online = verdicts(basebump("plan", "--format", "json"))
    assert verdicts(basebump("plan", "--format", "json", "--offline")) == online


def test_a_folder_of_repositories_is_planned_without_a_network(
    tmp_path: Path, basebump: Command
) -> None:
    make(tmp_path, web="FROM maichong/node:8.9.1\n")
    rule = ("--image", "maichong/node", "--to", "8.9.3", "--local", "fleet")
    assert "no registry was asked" in basebump("plan", *rule).stdout
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "basebump", "plan", *rule],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "httpx" not in loaded.stderr
    assert "basebump.registry" not in loaded.stderr


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        capture_output=True, text=True, check=True, env=ENVIRONMENT,
    )  # fmt: skip
    return done.stdout
