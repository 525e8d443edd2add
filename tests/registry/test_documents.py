"""Documents come from outside: whatever they hold, they are read or refused."""

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basebump.core.changes import compare, markdown
from basebump.registry.documents import config_platform, describe, read_manifest
from basebump.registry.trouble import RegistryError

KEYS = [
    "manifests", "config", "layers", "annotations", "platform", "digest", "size", "mediaType", "os",
    "architecture", "variant", "created", "Env", "User", "Labels", "Entrypoint", "Cmd",
    "ExposedPorts", "WorkingDir", "os.version", "rootfs",
]  # fmt: skip
TEXTS = st.sampled_from(
    [
        "linux",
        "amd64",
        "sha256:" + "a" * 64,
        "application/vnd.oci.image.config.v1+json",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00Z",
        "A=b",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=10)
BUSY = [HealthCheck.too_slow]  # how long a busy machine takes to make examples says nothing of us


@settings(max_examples=50, suppress_health_check=BUSY)
@given(OBJECTS)
def test_any_manifest_is_read_or_refused(document: dict[str, Any]) -> None:
    with suppress(RegistryError):
        read_manifest(document)


@settings(max_examples=50, suppress_health_check=BUSY)
@given(OBJECTS, OBJECTS)
def test_any_config_is_described_and_compared(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = (
        describe(
            config,
            digest="",
            platforms=frozenset({config_platform(config) or ""}),
            size=0,
            annotations={},
        )
        for config in (old, new)
    )
    table = markdown(compare(before, after))
    assert all(line.count("|") - line.count("\\|") == 4 for line in table.splitlines())
