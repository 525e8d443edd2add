"""The project's own build: tests, missing commands, permissions, compilers."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

TESTS = (
    Cause(
        id="test-failure",
        title="failing tests",
        patterns=(
            r"^Tests: +(?:\d+ \w+, )*\d+ failed",
            r"npm (?:ERR!|error) Test failed|Command failed with exit code \d+: .*(?:jest|vitest|mocha)",
            r"^={3,} (?:.*, )?\d+ failed\b.* in [\d.]+s",
            r"^FAILED \S+::\S+",
            r"^FAILED \((?:failures|errors)=",
            r"^--- FAIL: |^FAIL\t\S+\t[\d.]+s",
            r"There are test failures|Tests run: \d+, Failures: (?:[1-9]|\d+, Errors: [1-9])",
            r"test result: FAILED",
            r"^ +[1-9]\d* failing$",
            r"[1-9]\d* examples?, [1-9]\d* failures?",
            r"^\s*(?:Test Files|Tests) +[1-9]\d* failed",
            r"Failed! +- Failed: +[1-9]|^Failed tests:|FAILURES!$",
            r"^not ok \d+ ",
        ),
        meaning="The image was made as far as its tests, and those fail on the new base.",
        remedy="Read the first failing test: the behaviour that changed is the base's release note.",
        link="https://docs.docker.com/build/building/multi-stage/",
    ),
)

ROWS = (
    Cause(
        id="command-not-found",
        title="a command that the base does not have",
        patterns=(
            r"(?:^|[:/]|sh: \d+: )\s?[\w./+-]+: (?:command )?not found$",
            r"command not found",
            r"executable file not found in \$PATH",
            r"env: .{1,80}: No such file or directory",
            r"exec:? \"?\S+\"?: (?:stat \S+: )?no such file or directory",
            r"is not recognized as an internal or external command",
        ),
        exits=frozenset({127}),
        meaning="The program is not in the image: slimmer flavour, renamed (python → python3), or "
        "a script's interpreter is missing.",
        remedy="Install the package that has it, or call it by its new name.",
        link="https://docs.docker.com/reference/dockerfile/#run",
    ),
    Cause(
        id="no-such-user",
        title="a user or group that the base does not have",
        patterns=(
            r"unable to find (?:user|group) ",
            r"(?:unknown|invalid) (?:user|group)\b",
            r"no matching entries in (?:passwd|group) file",
            r"(?:user|group) '[^']{1,80}' (?:does not exist|already exists|in use)",
        ),
        meaning="`USER`, `--chown` or a script names a user that the new base does not bring, or makes "
        "one that it already has.",
        remedy="Create the user in the Dockerfile, or use its number.",
        link="https://docs.docker.com/reference/dockerfile/#user",
    ),
    Cause(
        id="permission",
        title="a permission error",
        patterns=(
            r"[Pp]ermission denied",
            r"EACCES",
            r"[Oo]peration not permitted",
            r"are you root\?",
            r"must be run as root|requires superuser|[Rr]ead-only file system",
        ),
        exits=frozenset({126}),
        meaning="The base runs as another user than before, or a file lost its mode.",
        remedy="Check `USER` in the new base, `COPY --chown`, and the executable bit in git.",
        link="https://docs.docker.com/reference/dockerfile/#user",
    ),
    Cause(
        id="compile",
        title="a compile or build error of the project",
        patterns=(
            r"\S+:\d+(?::\d+)?: (?:fatal )?error: ",
            r"fatal error: \S+: No such file or directory",
            r"error TS\d{4,5}: ",
            r"Module not found: |Cannot find module |ModuleNotFoundError: ",
            r"^error\[E\d{4}\]|error: could not compile",
            r"undefined reference to ",
            r"\.go:\d+:\d+: ",
            r"SyntaxError: |IndentationError: ",
            r"\[ERROR\] .*COMPILATION ERROR|BUILD FAILURE|FAILURE: Build failed with an exception",
            r": error CS\d{4}: |error MSB\d{4}: ",
            r"Failed building wheel for |subprocess-exited-with-error",
            r"make(?:\[\d+\])?: \*\*\* ",
            r"npm (?:ERR!|error) (?:code ELIFECYCLE|Failed at the )",
            r"Build failed with \d+ error|Failed to compile",
        ),
        meaning="The project's own build failed; a new compiler or runtime is stricter than the old.",
        remedy="Build the project with the new base locally and fix the first error.",
        link="https://docs.docker.com/build/building/best-practices/",
    ),
)
