"""Node.js and its package managers."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

# Before tests and network: these words mean one thing only.
FIRST = (
    Cause(
        id="openssl-evp",
        title="Node's OpenSSL 3 refusing an old hash",
        patterns=(
            r"digital envelope routines::(?:unsupported|initialization error)",
            r"ERR_OSSL_EVP_UNSUPPORTED",
        ),
        meaning="Node 17 and later bring OpenSSL 3, which no longer offers MD4; webpack 4 uses it.",
        remedy="Upgrade webpack to 5.61 or later (or its consumer); `NODE_OPTIONS="
        "--openssl-legacy-provider` only buys time.",
        link="https://nodejs.org/en/blog/release/v17.0.0",
    ),
    Cause(
        id="npm-peer-conflict",
        title="an npm peer dependency conflict",
        patterns=(
            r"npm (?:ERR!|error) code ERESOLVE",
            r"ERESOLVE (?:unable to resolve|could not resolve)",
            r"ERR_PNPM_PEER_DEP_ISSUES",
        ),
        meaning="npm 7 and later install peer dependencies and stop when they contradict each other.",
        remedy="Upgrade the package that asks for the old peer; `--legacy-peer-deps` restores npm 6.",
        link="https://docs.npmjs.com/cli/v10/using-npm/config#legacy-peer-deps",
    ),
    Cause(
        id="npm-lock-mismatch",
        title="a lock file that does not fit package.json",
        patterns=(
            r"npm (?:ERR!|error) code EUSAGE",
            r"can only install (?:packages )?(?:with an existing|when your) package",
            r"ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE|ERR_PNPM_FROZEN_LOCKFILE",
            r"[Yy]our lockfile needs to be updated",
            r"YN0028: ",
        ),
        meaning="`npm ci` refuses a lock that is missing, out of date, or of another npm.",
        remedy="Run `npm install` with the npm of the new base and commit the lock.",
        link="https://docs.npmjs.com/cli/v10/commands/npm-ci",
    ),
    Cause(
        id="npm-integrity",
        title="a package that differs from its lock",
        patterns=(
            r"EINTEGRITY",
            r"[Ii]ntegrity check(?:sum)? failed",
            r"ERR_PNPM_TARBALL_INTEGRITY",
        ),
        meaning="A downloaded tarball does not have the checksum that the lock file names.",
        remedy="Clear the registry mirror's and the builder's cache; then renew the lock's entry.",
        link="https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json#packages",
    ),
    Cause(
        id="engine",
        title="a package that refuses this Node",
        patterns=(
            r"npm (?:ERR!|error) code (?:EBADENGINE|ENOTSUP)",
            r"The engine \"\w+\" is incompatible",
            r"ERR_PNPM_UNSUPPORTED_ENGINE|ERR_PNPM_BAD_PM_VERSION",
            r"requires a minimum Node\.js version|is not compatible with (?:your )?Node",
        ),
        meaning="`engines` in a package.json excludes the Node version of the base image.",
        remedy="Upgrade that package, or widen `engines` when it is your own.",
        link="https://docs.npmjs.com/cli/v10/configuring-npm/package-json#engines",
    ),
)

ROWS = (
    Cause(
        id="node-gyp",
        title="a native Node module that did not compile",
        patterns=(
            r"gyp ERR! find Python ",
            r"gyp ERR! stack Error: (?:not found|Can't find)",
            r"gyp: .* not found|gyp verb which failed",
            r"node-pre-gyp ERR! ",
            r"prebuild-install ERR! ",
            r"gyp ERR! (?:build error|configure error|not ok)",
        ),
        meaning="node-gyp needs Python and a compiler, and the module has to know this Node's ABI.",
        remedy="Install `python3 make g++` in the build stage, and upgrade the module to a version "
        "with binaries for this Node.",
        link="https://github.com/nodejs/node-gyp#installation",
    ),
    Cause(
        id="npm-not-found",
        title="a package that the npm registry does not have",
        patterns=(
            r"npm (?:ERR!|error) code E(?:404|TARGET)",
            r"ERR_PNPM_FETCH_404|ERR_PNPM_NO_MATCHING",
        ),
        meaning="The name or the version is not in the registry that the build uses.",
        remedy="Check `.npmrc` inside the build for the scope's registry and token.",
        link="https://docs.npmjs.com/common-errors",
    ),
)
