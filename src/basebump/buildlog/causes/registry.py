"""The base image and the build context: what the builder needs before it runs anything."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

ROWS = (
    Cause(
        id="no-such-platform",
        title="an image without the builder's platform",
        patterns=(
            r"no match for platform in manifest",
            r"no matching manifest for \S+ in the manifest list",
            r"no image found in (?:manifest list|image index) for architecture",
            r"does not match the specified platform",
            r"no child with platform",
            r"choosing an image from manifest list .*: no image found",
        ),
        meaning="The tag exists, but not for this CPU architecture.",
        remedy="Look at the platforms of the tag before bumping to it; wait for the missing build, "
        "or set `--platform` where emulation will do.",
        link="https://docs.docker.com/build/building/multi-platform/",
    ),
    Cause(
        id="rate-limit",
        title="a registry's rate limit",
        patterns=(
            r"toomanyrequests",
            r"429 Too Many Requests",
            r"You have reached your (?:unauthenticated )?pull rate limit",
        ),
        meaning="The registry counts pulls per account or address, and the builder has used its up.",
        remedy="Log in, pull through a mirror, and open fewer pull requests an hour.",
        link="https://docs.docker.com/docker-hub/usage/pulls/",
    ),
    Cause(
        id="pull-denied",
        title="a registry that refused access",
        patterns=(
            r"pull access denied",
            r"insufficient_scope",
            r"no basic auth credentials",
            r"requested access to the resource is denied",
            r"(?:/v2/|/token|registry|reading manifest|failed to authorize).{0,400}(?:401 Unauthorized|403 Forbidden|unauthorized)",
            r"(?:^|[:\s])unauthorized: ",
            r"UNAUTHORIZED: ",
            r"denied: (?:permission|Permission|requested|Unauthenticated)",
        ),
        meaning="The image is private or does not exist; a registry answers both alike.",
        remedy="Check the name for a typo, then the builder's login for that registry.",
        link="https://docs.docker.com/reference/cli/docker/login/",
    ),
    Cause(
        id="image-not-found",
        title="an image or a tag that does not exist",
        patterns=(
            r"manifest unknown",
            r"MANIFEST_UNKNOWN|NAME_UNKNOWN",
            r"manifest for \S+ not found",
            r"failed to resolve source metadata for \S+ \S+: not found$",
            r"failed to resolve source metadata for \S+: \S+: not found$",
            r"load metadata .*: not found$",
            r"^(?:docker\.io|ghcr\.io|quay\.io|[\w.-]+(?::\d+)?)/\S+:\S+: not found$",
            r"repository name not known to registry",
            r"invalid from flag value",
        ),
        meaning="The registry knows no such tag: never published, withdrawn, or misspelt.",
        remedy="List the tags of the image; the release may lack this flavour.",
        link="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes",
    ),
    Cause(
        id="dockerfile-missing",
        title="a Dockerfile that is not where the build looks",
        patterns=(
            r"failed to read dockerfile: open ",
            r"unable to evaluate symlinks in Dockerfile path",
            r"error resolving dockerfile path",
            r"no such file or directory.{0,20}Dockerfile$",
            r"(?:open|stat|lstat) \S*(?:Dockerfile|Containerfile)\S*: no such file or directory",
        ),
        meaning="The file named by `-f`, or the default `Dockerfile`, is not in the context.",
        remedy="Check the working directory of the job, `-f` and the case of the file's name.",
        link="https://docs.docker.com/reference/cli/docker/buildx/build/#file",
    ),
    Cause(
        id="dockerfile-parse",
        title="a Dockerfile that does not parse",
        patterns=(
            r"[Dd]ockerfile parse error",
            r"[Uu]nknown instruction: ",
            r"parsing dockerfile: ",
            r"failed to parse (?:stage name|dockerfile)",
            r"requires (?:exactly|at least) \w+ arguments?",
            r"base name \(\S*\) should not be blank",
            r"failed to process \".{0,200}\": ",
            r"the Dockerfile \(\S+\) cannot be empty|file with no instructions",
            r"invalid reference format|parsing reference",
            r"no build stage in current context|No FROM statement|no FROM statement",
        ),
        meaning="The builder could not read the Dockerfile, or a variable in it came out empty.",
        remedy="Look at the line it names; a `FROM` whose build argument is empty reads like this.",
        link="https://docs.docker.com/reference/dockerfile/",
    ),
    Cause(
        id="copy-source",
        title="a COPY of something that is not there",
        patterns=(
            r"failed to (?:compute cache key|calculate checksum of ref).*not found",
            r"(?:COPY|ADD) failed: (?:file not found|stat |no source files|forbidden path|lstat )",
            r"failed to get files used from context",
            r"copy failed: no source files",
            r"checking on sources under .*no such file or directory",
            r"copier: stat: .*no such file or directory",
            r"no items matching glob",
        ),
        meaning="The source of a COPY is not in the context (or `.dockerignore` hides it), or not "
        "in the stage it is copied from.",
        remedy="Check the path against the context and `.dockerignore`; with `--from`, check where "
        "the earlier stage of the new base puts it.",
        link="https://docs.docker.com/reference/dockerfile/#copy",
    ),
)
