"""config.yaml: every mistake is told with its line and the nearest right word."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basebump.config import Config, load, parse
from basebump.core.policy import Floating, Pin
from basebump.errors import UsageError

RULE = 'images: [{image: node, to: "8.9.3"}]\n'


def read(text: str) -> Config:
    return parse(text, "config.yaml", Path("here"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("imges: []", "config.yaml:1: unknown key 'imges'; did you mean 'images'?"),
        ("files: []\nrolout: {}", "config.yaml:2: unknown key 'rolout'; did you mean 'rollout'?"),
        (
            'images:\n  - image: node\n    to: "1"\n    flavors: [a]',
            "config.yaml:4: images[0]: unknown key 'flavors'; did you mean 'flavours'?",
        ),
        ("forge: {root: a}\nforge: {root: b}", "config.yaml:2: the key 'forge' stands here twice"),
        ("images:\n  - {image: python, to: 3.10}", "config.yaml:2: images[0].to: 3.10 is a number"),
        ("images:\n  - {image: python, to: 3.10}", 'quote it: "3.10"'),
        ("images: [{image: node, to: 8}]", "config.yaml:1: images[0].to: 8 is a number"),
        ("images: [{image: node, to: yes}]", "is true or false to YAML"),
        ("images: [{image: node, to: 2024-01-15}]", "quote it"),
        ("images: [{image: node}]", "config.yaml:1: images[0]: the key 'to' is missing"),
        ('images: [{to: "1"}]', "the key 'image' is missing"),
        ("images: {image: node}", "config.yaml:1: images: expected a list"),
        ("images: node", "expected a list"),
        ("images: [node]", "config.yaml:1: images[0]: expected keys and values"),
        ('images: [{image: Node, to: "1"}]', "must be lower case"),
        ('images: [{image: "node:8", to: "1"}]', "names a tag"),
        ('images: [{image: node, to: "a b"}]', "'a b' is no valid tag"),
        ('images: [{image: node, to: "1", from: "8.x"}]', "is no version range"),
        ('images: [{image: node, to: "1", floating: pinned}]', "did you mean 'pin'?"),
        ('images: [{image: node, to: "1", downgrade: maybe}]', "expected true or false"),
        ('images: [{image: node, to: "1", flavours: slim}]', "expected a list"),
        ("forge: {kind: gitlab}", "expected local or github"),
        ("forge: {kind: local}", "the key 'root' is missing"),
        ("forge: {kind: github}", "the key 'org' is missing"),
        ("repositories: {exlude: []}", "did you mean 'exclude'?"),
        ("repositories: {archived: 1}", "expected true or false"),
        ("checks: {cache-order: fatal}", "expected error or warning or off"),
        ("checks: {cacheorder: off}", "did you mean 'cache-order'?"),
        ("pull_request: {title: '{imag}'}", "unknown name {imag}"),
        ("pull_request: {title: '{'}", "config.yaml:1: pull_request:"),
        ("pull_request: {title: '{image.x}'}", "config.yaml:1: pull_request:"),
        ("pull_request: {title: '{image[0]}'}", "config.yaml:1: pull_request:"),
        ("pull_request: {title: '{image!x}'}", "config.yaml:1: pull_request:"),
        ("pull_request: {title: '{image:9z}'}", "config.yaml:1: pull_request:"),
        ("pull_request: {title: '{image:{tag}}'}", "config.yaml:1: pull_request:"),
        ("pull_request: {branch: 'a..b'}", "git allows no branch called 'a..b'"),
        ("pull_request: {branch: '-a'}", "git allows no branch"),
        ("rollout: {per_hour: -1}", "expected a whole number"),
        ("rollout: {per_hour: many}", "expected a whole number"),
        ("rollout: [1]", "expected keys and values"),
        ("- a", "config.yaml:1: expected keys and values"),
        ("a: [", "config.yaml:1: not valid YAML"),
        ("a: b: c", "config.yaml:1: not valid YAML"),
        ("files: [*x]", "not valid YAML"),
        ("? [a]\n: b", "config.yaml:1: "),
        ("files: !!python/object/apply:os.system [ls]", "config.yaml:1: "),
        ("files: [!!python/name:os.system x]", "config.yaml:1: "),
        ('images: [{image: node, to: !!python/object:x.y "1"}]', "config.yaml:1: "),
        ("a: \x00", "not valid YAML"),
        ("[" * 100_000, "not valid YAML"),
    ],
)  # fmt: skip
def test_tells_what_is_wrong_and_where(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert told in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "images:\n", "null"])
def test_every_key_is_optional(text: str) -> None:
    assert read(text) == Config()


def test_knows_every_documented_key() -> None:
    config = read(
        """
forge: {kind: github, org: acme, url: https://github.example/api/v3}
repositories: {include: ["a*"], exclude: [b], topics: [c], archived: true, forks: yes}
files: ["**/Dockerfile"]
images:
  - {image: maichong/*, to: "8.9.3", from: ">=8,<9", flavours: ["", alpine], floating: pin,
     downgrade: false, id: node}
checks: {cache-order: off}
pull_request: {branch: "b/{image}-{tag}", title: "{repository} {image} {tag}", labels: [a],
               draft: true}
rollout: {per_hour: 5, max_open: 0}
"""
    )
    (rule,) = config.images
    assert (rule.id, rule.floating, rule.flavours) == ("node", Floating.PIN, ("", "alpine"))
    assert (config.forge.org, config.repositories.forks) == ("acme", True)
    assert (config.checks, config.pull_request.draft) == ({"cache-order": "off"}, True)
    assert (config.rollout.per_hour, config.rollout.max_open) == (5, 0)


def test_a_root_is_below_the_folder_of_the_file() -> None:
    assert read("forge: {root: fleet}").forge.root == Path("here/fleet")


def test_aliases_do_not_blow_up() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}, *a{i}]" for i in range(40))]
    with pytest.raises(UsageError, match="unknown key 'a0'"):
        read("\n".join(lines))


@given(st.text(alphabet="imagesto: [{}]\"'\n-&*!%@#0\t", max_size=60) | st.text(max_size=40))
def test_any_text_is_a_config_or_a_usage_error(text: str) -> None:
    try:
        told = ""
        read(text)
    except UsageError as error:
        told = str(error)
    assert not told or told.startswith("config.yaml:")


def test_a_file_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    for name in ("missing", "latin", "."):
        with pytest.raises(UsageError):
            load(tmp_path / name)


def test_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(RULE, "utf-8")
    assert [rule.to for rule in load(tmp_path / "config.yaml").images] == ["8.9.3"]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('{image: node, to: "1", follow: patch}', "`to` names the tag and `follow` asks"),
        ("{image: node, follow: daily}", "follow is one of patch, minor, major, latest-lts or tag"),
        ("{image: node, follow: patch, hold: 3}", "images[0].hold: 3 is a number"),
        ("{image: node, follow: patch, hold: soon}", "'soon' is no length of time; write it as 3d"),
        ('{image: node, follow: patch, allow: "8"}', "allow: '8' is no version range"),
        ('{image: node, to: "1", hold: 3d}', "hold, prereleases and flavour go with `follow`"),
        (
            "{image: node, follow: patch, floating: pin}",
            "floating: pin and downgrade go with `to:`",
        ),
        ('{image: node, to: "1", pin: digest}', "expected keep or add or remove"),
    ],
)
def test_tells_what_is_wrong_with_a_rule_that_follows(rule: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(f"images: [{rule}]")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("registries: {plain_http: ['http://a']}", "'http://a' is no registry's host"),
        ("registries: {mirrors: {docker.io: 'https://a'}}", "is no registry's host"),
        ("registries: {cache_age: 5}", "registries.cache_age: 5 is a number"),
        ("registries: {ofline: true}", "did you mean 'offline'?"),
        ("lts: {base/node: nodejs}", "'nodejs' has no table; known are node, java"),
    ],
)
def test_tells_what_is_wrong_with_registries(text: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert told in str(raised.value)


def test_a_rule_that_follows_says_how_far() -> None:
    more = 'allow: "<9", hold: 3d, prereleases: true, flavour: follow, pin: add'
    (rule,) = read(f"images: [{{image: node, follow: 'tag:latest', {more}}}]").images
    assert rule.follow is not None
    assert (str(rule.follow), str(rule.follow.allow), rule.follow.hold) == (
        "tag:latest",
        "<9",
        timedelta(days=3),
    )
    assert (rule.follow.prereleases, rule.follow.flavour, rule.pin) == (True, True, Pin.ADD)


def test_registries_and_lts_lines_are_read() -> None:
    config = read("registries: {cache: off, plain_http: ['a:1']}\nlts: {node: java, x/y: ['1']}")
    assert (config.registries.check, config.registries.cache) == (True, "off")
    assert config.registries.plain_http == ("a:1",)
    assert config.lts == {"docker.io/library/node": "java", "docker.io/x/y": ("1",)}
    assert read("").registries.check is None
