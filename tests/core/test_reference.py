"""References: the grammar of the distribution project, and one image under its many names."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basebump.core.policy import Rule
from basebump.core.reference import ImageReference, InvalidReferenceError

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA512 = "sha512:" + "0123456789abcdef" * 8

# The grammar, written down a second time: https://pkg.go.dev/github.com/distribution/reference
WORDS = st.text("abz019", min_size=1, max_size=4)
SEPARATORS = st.sampled_from(["_", "__", "-", "---"])
COMPONENTS = WORDS | st.builds("{}{}{}".format, WORDS, SEPARATORS, WORDS)
DOTTED = COMPONENTS | st.builds("{}.{}".format, WORDS, COMPONENTS)  # alone, or behind a registry
DOMAINS = st.builds("{}.{}".format, WORDS, st.sampled_from(["Example", "b-c.d"])) | st.sampled_from(
    ["localhost", "Host", "[2001:db8::1]", "docker.io", "index.docker.io"]
)
REGISTRIES = st.builds("{}{}/".format, DOMAINS, st.sampled_from(["", ":5000"]))
NAMES = (
    DOTTED
    | st.builds("{}/{}/{}".format, COMPONENTS, DOTTED, DOTTED)
    | st.builds("{}{}/{}".format, REGISTRIES, DOTTED, DOTTED)
)
TAGS = st.just("") | st.text("aA0_", min_size=1).map(":{}.-".format)
REFERENCES = st.builds("{}{}{}".format, NAMES, TAGS, st.sampled_from(["", "@" + SHA256]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":8",
        "@" + SHA256,
        "node:",
        "node@",
        "node:-8",
        "node:.8",
        "node:8.9.1:2",
        "node:" + "8" * 129,
        "Node",
        "maichong/Node",
        "LOCALHOST/Node",
        "-node",
        "node-",
        "no..de",
        "no___de",
        "/node",
        "node/",
        "maichong//node",
        "https://registry.example/node",
        "registry.example:port/node",
        "registry.example:/node",
        "-registry.example/node",
        "node:8 ",
        " node:8",
        "no de:8",
        "node:8\n",
        "nodé:8",
        "node:8é",
        "node:٨",
        "node:${V}",
        "node@sha256:" + "0" * 63,
        "node@sha256:" + "0" * 65,
        "node@sha256:" + "A" * 64,
        "node@sha256:" + "g" * 64,
        "node@sha256",
        "node@" + SHA256 + "@" + SHA256,
        "node@md5:" + "0" * 31,
        "0" * 64,
        "a" * 256,
        "a/" * 128 + "a",
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        ImageReference.parse(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("node", (None, "node", None, None)),
        ("node:8", (None, "node", "8", None)),
        ("maichong/node:8.9.1", (None, "maichong/node", "8.9.1", None)),
        ("a/b/c/d:1", (None, "a/b/c/d", "1", None)),
        ("localhost/node", ("localhost", "node", None, None)),
        ("localhost:5000/node:8", ("localhost:5000", "node", "8", None)),
        ("localhost:5000", (None, "localhost", "5000", None)),
        ("registry:5000/a/b", ("registry:5000", "a/b", None, None)),
        ("registry.example/a/b:1", ("registry.example", "a/b", "1", None)),
        ("Registry/a:1", ("Registry", "a", "1", None)),
        ("[2001:db8::1]:5000/a:1", ("[2001:db8::1]:5000", "a", "1", None)),
        ("docker.io/library/node", ("docker.io", "library/node", None, None)),
        ("node@" + SHA256, (None, "node", None, SHA256)),
        ("node:8@" + SHA256, (None, "node", "8", SHA256)),
        ("r.example:1/n:8@" + SHA512, ("r.example:1", "n", "8", SHA512)),
        ("a__b--c.d_e", (None, "a__b--c.d_e", None, None)),
        ("node:_8.-_A", (None, "node", "_8.-_A", None)),
        ("node:" + "8" * 128, (None, "node", "8" * 128, None)),
        ("a" * 255, (None, "a" * 255, None, None)),
        ("0" * 63, (None, "0" * 63, None, None)),
    ],
)
def test_tells_the_parts(text: str, parts: tuple[str | None, ...]) -> None:
    reference = ImageReference.parse(text)
    found = (reference.registry, reference.repository, reference.tag, reference.digest)
    assert found == parts
    assert str(reference) == text


@given(REFERENCES)
@example("localhost:5000")
def test_prints_back_what_was_parsed(text: str) -> None:
    assert str(ImageReference.parse(text)) == text


@given(st.text(alphabet="aA0.:/@-_[] é\n", max_size=12) | st.text(max_size=12))
def test_any_text_is_a_reference_that_prints_back_or_is_refused(text: str) -> None:
    try:
        printed = str(ImageReference.parse(text))
    except InvalidReferenceError:
        printed = text
    assert printed == text


@given(REFERENCES)
def test_the_canonical_name_is_its_own(text: str) -> None:
    name = ImageReference.parse(text).canonical_name
    assert ImageReference.parse(name).canonical_name == name


@pytest.mark.parametrize(
    "name", ["node", "library/node", "docker.io/library/node", "index.docker.io/library/node",
             "docker.io/node", "index.docker.io/node"]
)  # fmt: skip
def test_one_image_has_many_names(name: str) -> None:
    reference = ImageReference.parse(f"{name}:8")
    assert reference.canonical_name == "docker.io/library/node"
    assert Rule("node", "9").names(reference)
    assert Rule("docker.io/library/node", "9").names(reference)
    assert Rule(name, "9").names(reference)


@pytest.mark.parametrize(
    "look_alike",
    [
        "xmaichong/node", "evil/maichong/node", "maichong/node-slim", "maichong/nodes", "node",
        "maichong/node/x", "evil.example/maichong/node", "docker.io.evil.example/maichong/node",
        "localhost/maichong/node", "maichong/no_de", "library/maichong/node", "maichong.node/x",
    ],
)  # fmt: skip
def test_a_look_alike_is_another_image(look_alike: str) -> None:
    reference = ImageReference.parse(f"{look_alike}:8.9.1")
    assert not Rule("maichong/node", "8.9.3").names(reference)
    assert not Rule("maichong/nod?", "8.9.3").names(reference)


def test_a_glob_stays_in_its_registry_and_folder() -> None:
    named = [
        name
        for name in ("maichong/node", "maichong/php", "maichong/a/b", "x/maichong/node", "node",
                     "quay.io/maichong/node")
        if Rule("maichong/*", "1").names(ImageReference.parse(name))
    ]  # fmt: skip
    assert named == ["maichong/node", "maichong/php"]


def test_a_long_reference_is_refused_in_no_time() -> None:
    for text in ("a" * 10**6, "a." * 10**6, "a/" * 10**6, "a:" + "b" * 10**6, "-" * 10**6):
        with pytest.raises(InvalidReferenceError):
            ImageReference.parse(text)
