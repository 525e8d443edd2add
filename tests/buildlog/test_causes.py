"""The table of causes: what holds for every row."""

# ruff: noqa: E501 - a line of a log is quoted whole

from __future__ import annotations

import time

import pytest
import yaml

from basebump.buildlog import Cause, Line, Outcome, Step, diagnose
from basebump.buildlog.causes import TABLE, UNKNOWN, classify
from basebump.buildlog.steplog import troubled
from tests.buildlog.fixture_logs import LOGS

RUN = Step("classic", "RUN make", exit_code=1)
by_id = {cause.id: cause for cause in TABLE}
rows = pytest.mark.parametrize("cause", TABLE, ids=lambda cause: cause.id)


def causes_of(*lines: str, exit_code: int = 1) -> str:
    step = Step("classic", "RUN make", exit_code=exit_code)
    cause, _ = classify(step, [Line(at, text) for at, text in enumerate(lines, 1)])
    return cause.id


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("npm WARN ERESOLVE overriding peer dependency", id="npm went on"),
        pytest.param("npm WARN EBADENGINE Unsupported engine {", id="an engine is only a warning"),
        pytest.param("0 errors, 0 failed", id="counts of nothing"),
        pytest.param("compiling src/permission_error.c", id="a word in a file name"),
        pytest.param("Tests:       87 passed, 87 total", id="tests that pass"),
        pytest.param("[INFO] Tests run: 14, Failures: 0, Errors: 0, Skipped: 1", id="maven passes"),
        pytest.param("+ echo 'No space left on device'", id="a command that the shell echoes"),
        pytest.param("selecting the best connection", id="connection alone"),
    ],
)
def test_a_harmless_line_is_no_cause(line: str) -> None:
    assert causes_of(line) == "unknown"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (
            ["At least one invalid signature was encountered.", "No space left on device"],
            "disk-full",
        ),
        (["Temporary failure resolving 'x'", "E: Unable to locate package git"], "dns"),
        (
            ["W: Failed to fetch http://x/y  404  Not Found", "E: Unable to locate package z"],
            "eol-404",
        ),
        (
            ["connect ECONNREFUSED 127.0.0.1:5432", "Tests: 1 failed, 2 passed, 3 total"],
            "test-failure",
        ),
        (["gyp ERR! not ok", "version `GLIBC_2.28' not found"], "glibc"),
        (["make: gcc: Operation not permitted", "make: *** [all] Error 127"], "seccomp"),
        (["sh: 1: gcc: not found", "make: *** [all] Error 127"], "command-not-found"),
        (["chown: changing ownership of 'x': Operation not permitted"], "permission"),
        (['Get "https://r/v2/": x509: certificate signed by unknown authority'], "tls"),
        (["ENOSPC: System limit for number of file watchers reached"], "unknown"),
    ],
)
def test_the_root_comes_before_its_echo(lines: list[str], wanted: str) -> None:
    assert causes_of(*lines) == wanted


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (137, "out-of-memory"),
        (127, "command-not-found"),
        (126, "permission"),
        (139, "segfault"),
        (2, "unknown"),
    ],
)
def test_an_exit_code_counts_when_no_line_does(code: int, wanted: str) -> None:
    assert causes_of("", exit_code=code) == wanted


def test_ids_are_unique() -> None:
    assert len(by_id) == len(TABLE)


@rows
def test_a_row_says_what_it_means_what_helps_and_where_that_stands(cause: Cause) -> None:
    assert cause.title
    assert cause.meaning.endswith(".")
    assert cause.remedy.endswith(".")
    assert cause.link.startswith("https://")


@pytest.mark.parametrize(
    "line",
    ["a" * 16000, " " * 16000, "0.0" * 5000, "Depends: a but " * 1000, "/v2/ x" * 2500, "ls " * 5000,
     "E: Failed to fetch " * 800, 'failed to process "' * 800, 'process "a" did not ' * 800,
     "The command '" * 1200, "Operation not permitted " * 600, "[ERROR] " * 2000, "a/" * 8000],
    ids=lambda line: line[:20],
)  # fmt: skip
def test_no_line_takes_long(line: str) -> None:
    begun = time.process_time()
    causes_of(*[line] * 10)
    assert time.process_time() - begun < 2


# One line or more a row, in the words that the tools print.
SAMPLES = [
    ("disk-full", "write /var/lib/docker/tmp/GetImageBlob0: no space left on device"),
    ("disk-full", "npm ERR! nospc ENOSPC: no space left on device, write"),
    ("disk-full", "E: You don't have enough free space in /var/cache/apt/archives/."),
    ("out-of-memory", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
    ("out-of-memory", "c++: fatal error: Killed signal terminated program cc1plus"),
    ("out-of-memory", "/bin/sh: line 1:    12 Killed                  webpack"),
    ("kernel-too-old", "FATAL: kernel too old"),
    ("seccomp", "clone3(0x7f, 88): Operation not permitted"),
    ("seccomp", "faccessat2: Operation not permitted"),
    ("seccomp", "statx('/usr/bin/bash'): Operation not permitted"),
    ("seccomp", "RuntimeError: can't start new thread"),
    ("seccomp", "npm: ../src/x.cc:61: Assertion `(0) == (uv_thread_create(t.get(), start_thread, this))' failed."),
    ("exec-format", "exec /bin/sh: exec format error"),
    ("exec-format", "/bin/bash: /usr/bin/node: cannot execute binary file: Exec format error"),
    ("segfault", "qemu-free program: Segmentation fault (core dumped)"),
    ("daemon-unreachable", "error during connect: Get http://docker:2375/_ping: dial tcp: lookup docker"),
    ("no-such-platform", "no matching manifest for linux/arm64/v8 in the manifest list entries"),
    ("rate-limit", "unexpected status from HEAD request to https://r/v2/a: 429 Too Many Requests"),
    ("pull-denied", "no basic auth credentials"),
    ("pull-denied", "failed to authorize: failed to fetch anonymous token: 401 Unauthorized"),
    ("image-not-found", "Error response from daemon: manifest for node:99 not found: manifest unknown"),
    ("dockerfile-parse", 'failed to parse stage name "node:": invalid reference format'),
    ("copy-source", "COPY failed: no source files were specified"),
    ("copy-source", 'failed to compute cache key: "/dist" not found: not found'),
    ("tls", "curl: (60) SSL certificate problem: unable to get local issuer certificate"),
    ("tls", "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN"),
    ("dns", "curl: (6) Could not resolve host: example.com"),
    ("dns", "wget: bad address 'example.com'"),
    ("connection", "curl: (7) Failed to connect to example.com port 443: Connection refused"),
    ("connection", "npm ERR! network read ECONNRESET"),
    ("connection", "E: Failed to fetch http://x/y.deb  502  Bad Gateway"),
    ("apt-clock", "E: Release file for http://x/InRelease is not valid yet (invalid for another 2h)."),
    ("apt-clock", "E: Release file for http://x/InRelease is expired (invalid since 3d 4h)."),
    ("apt-hash", "E: Failed to fetch http://x/Packages.gz  File has unexpected size (1 != 2). Mirror sync in progress?"),
    ("apt-signature", "The following signatures were invalid: EXPKEYSIG 0A1B Example Key"),
    ("apt-signature", "E: There are problems and -y was used without --force-yes"),
    ("eol-404", "E: The repository 'http://x buster Release' does not have a Release file."),
    ("eol-404", "Cannot find a valid baseurl for repo: base/7/x86_64"),
    ("dpkg-pre-dependency", " libc6 : PreDepends: libgcc1 but it is not going to be installed"),
    ("apt-dependency", "E: Unable to correct problems, you have held broken packages."),
    ("apt-dependency", "dpkg: dependency problems prevent configuration of foo:"),
    ("package-removed", "E: Version '1.2' for 'nginx' was not found"),
    ("package-removed", "E: Couldn't find any package by glob 'python3.9'"),
    ("apk-constraints", "ERROR: unsatisfiable constraints:"),
    ("rpm-no-match", "No package nodejs10 available."),
    ("openssl-evp", "  code: 'ERR_OSSL_EVP_UNSUPPORTED'"),
    ("npm-peer-conflict", "npm error ERESOLVE unable to resolve dependency tree"),
    ("npm-lock-mismatch", ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"'),
    ("npm-integrity", "npm ERR! code EINTEGRITY"),
    ("engine", 'error node-sass@4.1.0: The engine "node" is incompatible with this module.'),
    ("node-gyp", "gyp ERR! find Python Python is not set from command line or npm configuration"),
    ("npm-not-found", "npm ERR! code ETARGET"),
    ("glibc", "node: /lib64/libc.so.6: version `GLIBC_2.28' not found (required by node)"),
    ("externally-managed", "error: externally-managed-environment"),
    ("pip-no-match", "ERROR: No matching distribution found for numpy==1.19"),
    ("shared-library", "Error loading shared library libssl.so.1.1: No such file or directory"),
    ("test-failure", "FAILED (failures=1, errors=2)"),
    ("test-failure", "test result: FAILED. 3 passed; 1 failed; 0 ignored"),
    ("test-failure", "=========== 1 failed, 12 passed in 3.21s ==========="),
    ("test-failure", "12 examples, 1 failure"),
    ("command-not-found", "/bin/sh: 1: python: not found"),
    ("command-not-found", "bash: line 3: yarn: command not found"),
    ("command-not-found", "env: 'node': No such file or directory"),
    ("permission", "mkdir: cannot create directory '/app': Permission denied"),
    ("permission", "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)"),
    ("compile", "src/main.c:12:10: fatal error: zlib.h: No such file or directory"),
    ("compile", "src/app.ts(3,1): error TS2307: Cannot find module 'x'."),
    ("compile", "error[E0432]: unresolved import `foo`"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "line"), SAMPLES)
def test_a_tools_own_words_give_its_row(wanted: str, line: str) -> None:
    assert causes_of(line) == wanted


@pytest.mark.parametrize(("wanted", "line"), SAMPLES)
def test_no_cause_falls_through_the_sieve(wanted: str, line: str) -> None:
    assert troubled(line), wanted


def test_every_row_has_a_sample_or_a_fixture() -> None:
    expected = yaml.safe_load((LOGS / "expected.yaml").read_text("utf-8"))
    shown = {wanted for wanted, _ in SAMPLES} | {says.get("cause") for says in expected.values()}
    assert by_id.keys() <= shown


def test_every_root_of_a_fixture_passes_the_sieve() -> None:
    found = [diagnose([path.read_bytes()]) for path in sorted(LOGS.glob("*.log"))]
    known = [one for one in found if one.outcome is Outcome.FAILED and one.cause is not UNKNOWN]
    assert [one.root.text for one in known if one.root and not troubled(one.root.text)] == []


def test_the_root_survives_a_hundred_thousand_lines_after_it() -> None:
    log = [b"Step 1/1 : RUN make\n", b"E: Unable to locate package libfoo\n"]
    log += [b"cc -c file.c\n" * 100 for _ in range(1000)]
    log += [b"The command '/bin/sh -c make' returned a non-zero code: 100\n"]
    diagnosis = diagnose(log)
    assert diagnosis.root == Line(2, "E: Unable to locate package libfoo")
