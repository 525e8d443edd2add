"""The C library, shared libraries, Python."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

FIRST = (
    Cause(
        id="glibc",
        title="a binary made for another C library",
        patterns=(
            r"version `(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+' not found",
            r"Error relocating \S+: \S+: symbol not found",
            r"undefined symbol: .*GLIBC",
        ),
        meaning="The binary was linked against a newer glibc than the base has, or against glibc "
        "where the base has musl.",
        remedy="Build it in the same base it runs in, or take a base with at least that glibc.",
        link="https://sourceware.org/glibc/wiki/FAQ",
    ),
    Cause(
        id="externally-managed",
        title="pip refusing to touch the system's Python",
        patterns=(r"externally[- ]managed",),
        meaning="Debian 12, Alpine 3.19 and Ubuntu 23.04 mark their Python as managed by apt or apk.",
        remedy="Install into a virtual environment (`python3 -m venv /opt/venv`).",
        link="https://peps.python.org/pep-0668/",
    ),
)

ROWS = (
    Cause(
        id="pip-no-match",
        title="a Python package without a version for this Python",
        patterns=(
            r"No matching distribution found for",
            r"Could not find a version that satisfies",
            r"requires a different Python|Requires-Python",
            r"THESE PACKAGES DO NOT MATCH THE HASHES",
            r"because these package versions have conflicting dependencies|ResolutionImpossible",
        ),
        meaning="No release on the index fits the pin and the Python of the new base.",
        remedy="Raise the pin to a version that supports this Python, or check the index's address.",
        link="https://pip.pypa.io/en/stable/topics/dependency-resolution/",
    ),
    Cause(
        id="shared-library",
        title="a missing shared library",
        patterns=(
            r"error while loading shared libraries",
            r"[Ee]rror loading shared library",
            r"cannot open shared object file",
        ),
        meaning="A program needs a library that the new base does not bring, often another version "
        "of OpenSSL or ICU.",
        remedy="Install the library's package, or rebuild the program in the new base.",
        link="https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
)
