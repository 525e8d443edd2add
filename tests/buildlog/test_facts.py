"""What a log says of its environment and of the packages it installed."""

# ruff: noqa: E501 - a line of a log is quoted whole

from collections.abc import Callable

import pytest

from basebump.buildlog import Diagnosis, diagnose

Read = Callable[..., Diagnosis]


def facts_of(*lines: str) -> dict[str, tuple[str, ...]]:
    return dict(diagnose(["\n".join(lines).encode()]).facts)


@pytest.mark.parametrize(
    "line",
    [
        "Linux is an operating system",
        "kernel panics are handled",
        "Get the 3 files",
        "Running on empty",
        "Step by step we go",
        "npm notice created a lockfile",
    ],
)
def test_a_sentence_is_no_fact(line: str) -> None:
    assert facts_of(line) == {}


@pytest.mark.parametrize(
    ("line", "fact", "value"),
    [
        ("Linux r2 5.15.0-91-generic #101-Ubuntu SMP x86_64 GNU/Linux", "kernel", "5.15.0-91-generic"),
        ("Linux r2 5.15.0-91-generic #101-Ubuntu SMP x86_64 GNU/Linux", "host", "r2"),
        ("Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)", "kernel", "6.1.0-18-amd64"),
        (" Kernel Version: 4.18.0-513.el8.x86_64", "kernel", "4.18.0-513.el8.x86_64"),
        (" Server Version: 24.0.7", "builder", "24.0.7"),
        (" Storage Driver: overlay2", "storage driver", "overlay2"),
        (" Operating System: Ubuntu 22.04.3 LTS", "operating system", "Ubuntu 22.04.3 LTS"),
        ("Docker version 17.09.0-ce, build afdb6d4", "builder", "Docker version 17.09.0-ce"),
        ("buildah version 1.28.2 (image-spec 1.1.0-rc2)", "builder", "buildah version 1.28.2"),
        ("Runner name: 'linux-large-12'", "host", "linux-large-12"),
        ("Running on builder-7 in /var/jenkins/workspace/x", "host", "builder-7"),
        ("Running on runner-zx-project-8-concurrent-0 via gitlab-runner-03...", "host", "gitlab-runner-03"),
        ("npm ERR! node v12.22.12", "node", "v12.22.12"),
        ("npm ERR! npm  v6.14.16", "npm", "6.14.16"),
        ("Node.js v18.20.4", "node", "v18.20.4"),
        ("fetch https://dl-cdn.alpinelinux.org/alpine/v3.19/main", "mirror", "dl-cdn.alpinelinux.org"),
        ("Hit:1 http://user:pw@mirror.example.com/debian bookworm InRelease", "mirror", "mirror.example.com"),
    ],
)  # fmt: skip
def test_a_line_tells_a_fact(line: str, fact: str, value: str) -> None:
    assert facts_of(line)[fact] == (value,)


def test_buildkit_tells_base_digest_builder_and_runner(read: Read) -> None:
    facts = read("buildkit-gha-ossl.log").facts
    assert facts["host"] == ("linux-large-12",)
    assert facts["base image"] == ("docker.io/library/node:18.20.4",)
    assert facts["base digest"][0].startswith("sha256:11b742eda001")
    assert facts["node"] == ("v18.20.4",)
    assert facts["builder"][0] == "buildx v0.13.0"


def test_packages_are_counted_where_the_package_manager_says_so(read: Read) -> None:
    bad, good = read("story/bad.log"), read("story/good.log")
    (of_bad,) = bad.packages.values()
    of_good = next(one for text, one in good.packages.items() if "apt-get" in text)
    assert len(of_bad.planned) == of_bad.counts["newly installed"] == 40
    assert of_good.versions == {
        "libbsd0": "0.7.0-2",
        "libedit2": "3.1-20140620-2",
        "openssh-client": "1:6.7p1-5+deb8u4",
    }


def test_parallel_steps_keep_their_packages_apart() -> None:
    log = b"""#5 [a 2/2] RUN apk add x
#6 [b 2/2] RUN apt-get install y
#5 0.1 (1/2) Installing x (1.0-r0)
#6 0.1 The following NEW packages will be installed:
#5 0.2 (2/2) Installing libx (1.1-r3)
#6 0.1   y liby
#6 0.2 0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
#6 0.3 Setting up y (2.0) ...
#5 DONE 0.3s
#6 DONE 0.4s
"""
    packages = diagnose([log]).packages
    assert packages["RUN apk add x"].versions == {"x": "1.0-r0", "libx": "1.1-r3"}
    assert packages["RUN apt-get install y"].planned == {"y", "liby"}
    assert packages["RUN apt-get install y"].versions == {"y": "2.0"}
