"""The table of ecosystems: one row a package manager. A new one is a new row and its cases."""

from basebump.core.cache_order.ecosystem import Ecosystem, Kind, Operands, Step
from basebump.core.cache_order.ecosystem import word_set as _set

_INSTALL, _BUILD, _NEUTRAL = Kind.INSTALL, Kind.BUILD, Kind.NEUTRAL
_ANY, _NONE, _NAMES, _MANIFESTS = Operands.ANY, Operands.NONE, Operands.NAMES, Operands.MANIFESTS


def _neutral(*words: str) -> tuple[Step, ...]:
    return tuple(Step(word, _NEUTRAL) for word in words)


def _install(
    *words: str,
    operands: Operands = _NONE,
    when: frozenset[str] = frozenset(),
    unless: frozenset[str] = frozenset(),
    manifests: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    return tuple(
        Step(word, _INSTALL, operands, when=when, unless=unless, manifests=manifests)
        for word in words
    )


_GLOBAL = _set("-g --global --location")
_VERSION = (Step("", _NEUTRAL, _NONE, when=_set("--version --help -v -V -h")),)
_PIP_FILES = _set("-r --requirement --requirements")
_PIP_VALUED = _set(
    "-r --requirement --requirements -c --constraint -i --index-url --extra-index-url -f "
    "--find-links --trusted-host -t --target --prefix --root --cache-dir --timeout --retries "
    "--platform --python-version --only-binary --no-binary -e --editable --proxy -d --dest -w "
    "--wheel-dir --progress-bar --python -p --index --index-strategy --link-mode --upgrade-strategy"
)


def _pip(prefix: str) -> tuple[Step, ...]:
    """`pip`'s own steps, which uv has under `uv pip`."""
    unless = _set("-e --editable")
    by_file = tuple(
        Step(f"{prefix}{word}", _INSTALL, operands, unless=unless, manifest_options=_PIP_FILES)
        for word in ("install", "download", "wheel")
        for operands in (_NONE, _NAMES)
    )
    return (
        *by_file,
        Step(f"{prefix}install", _NEUTRAL, _NAMES, unless=unless),
        *_neutral(*(f"{prefix}{w}" for w in ("config", "cache", "list", "freeze", "uninstall"))),
    )


_JS_DOCS = "https://docs.docker.com/build/cache/optimize/#order-your-layers"
_NODE_EXTRAS = (".npmrc", ".nvmrc")

ECOSYSTEMS: tuple[Ecosystem, ...] = (
    Ecosystem(
        name="npm",
        family="node",
        programs=_set("npm"),
        manifests=("package.json",),
        extras=("package-lock.json", "npm-shrinkwrap.json", *_NODE_EXTRAS),
        copy=("package*.json",),
        steps=(
            *(Step(word, _NEUTRAL, _NAMES, when=_GLOBAL) for word in ("install", "i", "add")),
            *_install("ci", "clean-install", "ic", "install-clean", operands=_ANY),
            *_install("install", "i", "isntall", unless=_GLOBAL),
            *_neutral("config", "set", "cache", "version", "root", "bin", "prefix", "audit",
                      "fund", "-v", "view", "ping"),
            *_VERSION,
        ),
        valued=_set(
            "--prefix -C --omit --include --loglevel --registry --cache --workspace -w --userconfig"
            " --only --fetch-retries --fetch-timeout --fetch-retry-mintimeout --network-timeout"
            " --fetch-retry-maxtimeout --maxsockets --location --python --install-strategy"
        ),
        folders=_set("--prefix -C"),
        docs=_JS_DOCS,
    ),
    Ecosystem(
        name="yarn",
        family="node",
        programs=_set("yarn yarnpkg"),
        manifests=("package.json",),
        extras=("yarn.lock", ".yarnrc", ".yarnrc.yml", *_NODE_EXTRAS),
        copy=("package.json", "yarn.lock"),
        steps=(
            *_VERSION,
            *_install(""),
            *_install("install", "workspaces focus", operands=_ANY),
            *_neutral("global", "config", "cache", "set", "policies"),
        ),
        valued=_set("--cwd --network-timeout --registry --cache-folder --mutex"
                    " --network-concurrency --modules-folder --inline-builds"),
        folders=_set("--cwd"),
        docs=_JS_DOCS,
    ),
    Ecosystem(
        name="pnpm",
        family="node",
        programs=_set("pnpm"),
        manifests=("package.json",),
        extras=("pnpm-lock.yaml", "pnpm-workspace.yaml", ".pnpmfile.cjs", *_NODE_EXTRAS),
        copy=("package.json", "pnpm-lock.yaml"),
        steps=(
            *_install("fetch", manifests=("pnpm-lock.yaml",)),
            *_install("install", "i", unless=_GLOBAL),
            *(Step(word, _NEUTRAL, _NAMES, when=_GLOBAL) for word in ("add", "install", "i")),
            *_neutral("config", "set", "store", "setup", "env"),
            *_VERSION,
        ),
        valued=_set("--prefix -C --dir --filter -F --store-dir --registry --reporter --loglevel"
                    " --network-concurrency --child-concurrency --fetch-timeout"),
        folders=_set("--prefix -C --dir"),
        docs="https://pnpm.io/docker#example-1-build-a-bundle-in-a-docker-container",
    ),
    Ecosystem(
        name="bun",
        family="node",
        programs=_set("bun"),
        manifests=("package.json",),
        extras=("bun.lock", "bun.lockb", "bunfig.toml", *_NODE_EXTRAS),
        copy=("package.json", "bun.lock*"),
        steps=(
            *_install("install", "i", "ci", unless=_GLOBAL),
            *(Step(word, _NEUTRAL, _NAMES, when=_GLOBAL) for word in ("add", "install", "i")),
            *_neutral("upgrade", "pm cache"),
            *_VERSION,
        ),
        valued=_set("--cwd --registry --cache-dir --omit --backend --concurrent-scripts -c"),
        folders=_set("--cwd"),
        docs="https://bun.com/guides/ecosystem/docker",
    ),
    Ecosystem(
        name="pip",
        family="pip",
        programs=_set("pip"),
        manifests=("requirements.txt",),
        extras=(),
        copy=("requirements.txt",),
        steps=(*_pip(""), *_VERSION),
        valued=_PIP_VALUED,
        docs="https://docs.docker.com/guides/python/containerize/",
    ),
    Ecosystem(
        name="pip-tools",
        family="pip",
        programs=_set("pip-sync"),
        manifests=("requirements.txt",),
        extras=(),
        copy=("requirements.txt",),
        steps=(Step("", _INSTALL, _MANIFESTS),),
        valued=_PIP_VALUED | _set("--python-executable --pip-args"),
        docs="https://pip-tools.readthedocs.io/en/stable/cli/pip-sync/",
    ),
    Ecosystem(
        name="poetry",
        family="poetry",
        programs=_set("poetry"),
        manifests=("pyproject.toml",),
        extras=("poetry.lock", "poetry.toml"),
        copy=("pyproject.toml", "poetry.lock"),
        steps=(
            *_install("install", "sync", when=_set("--no-root")),
            Step("install", _NEUTRAL, when=_set("--only-root")),
            Step("install", _BUILD),
            Step("sync", _BUILD),
            *_neutral("config", "self", "cache", "env"),
            *_VERSION,
        ),
        valued=_set("--only --with --without -E --extras -C --directory -P --project"),
        folders=_set("-C --directory -P --project"),
        advice="poetry install --no-root",
        docs="https://python-poetry.org/docs/faq/"
        "#poetry-busts-my-docker-cache-because-it-requires-me-to-copy-my-source-files-in-before-"
        "installing-3rd-party-dependencies",
    ),
    Ecosystem(
        name="uv",
        family="uv",
        programs=_set("uv"),
        manifests=("pyproject.toml",),
        extras=("uv.lock", "uv.toml", ".python-version"),
        copy=("pyproject.toml", "uv.lock"),
        steps=(
            *_pip("pip "),
            Step("pip sync", _INSTALL, _MANIFESTS, manifests=("requirements.txt",)),
            *_install("sync", when=_set("--no-install-project --no-install-workspace")),
            Step("sync", _BUILD),
            *_neutral("venv", "python", "tool", "cache", "self"),
            *_VERSION,
        ),
        valued=_PIP_VALUED | _set("--extra --group --only-group --no-group --directory --project"
                                  " --no-install-package --package --no-extra"),
        folders=_set("--directory --project"),
        advice="uv sync --no-install-project",
        docs="https://docs.astral.sh/uv/guides/integration/docker/#intermediate-layers",
    ),
    Ecosystem(
        name="pdm",
        family="pdm",
        programs=_set("pdm"),
        manifests=("pyproject.toml",),
        extras=("pdm.lock", "pdm.toml"),
        copy=("pyproject.toml", "pdm.lock"),
        steps=(
            *_install("install", "sync", when=_set("--no-self")),
            Step("install", _BUILD),
            Step("sync", _BUILD),
            *_neutral("config", "venv", "cache", "self", "python"),
            *_VERSION,
        ),
        valued=_set("-G --group -p --project -L --lockfile --without --with --venv -S"),
        folders=_set("-p --project"),
        advice="pdm install --no-self",
        docs="https://pdm-project.org/latest/usage/advanced/#use-pdm-in-a-multi-stage-dockerfile",
    ),
    Ecosystem(
        name="pipenv",
        family="pipenv",
        programs=_set("pipenv"),
        manifests=("Pipfile",),
        extras=("Pipfile.lock",),
        copy=("Pipfile", "Pipfile.lock"),
        steps=(*_install("install", "sync", unless=_set("-e --editable -r --requirements")),
               *_VERSION),
        valued=_set("--python --categories --extra-pip-args -i --index --pypi-mirror -e -r"),
        docs="https://pipenv.pypa.io/en/latest/docker.html",
    ),
    Ecosystem(
        name="Bundler",
        family="bundler",
        programs=_set("bundle bundler"),
        manifests=("Gemfile",),
        extras=("Gemfile.lock", ".ruby-version", ".tool-versions"),
        copy=("Gemfile", "Gemfile.lock"),
        steps=(
            *_VERSION,
            *_install("install", operands=_ANY),  # `--without development test` takes several
            *_install(""),
            *_neutral("config", "version", "env", "check"),
        ),
        folders=_set("--gemfile"),
        valued=_set("--gemfile --jobs -j --retry --without --with --path --binstubs --system"
                    " --trust-policy --shebang"),
        docs="https://docs.docker.com/guides/ruby/containerize/",
    ),
    Ecosystem(
        name="Composer",
        family="composer",
        programs=_set("composer composer.phar"),
        manifests=("composer.json",),
        extras=("composer.lock", "symfony.lock", "auth.json"),
        copy=("composer.json", "composer.lock"),
        steps=(
            *_install("install", "i", "update"),
            *_neutral("global", "config", "self-update", "selfupdate", "clear-cache",
                      "clearcache", "diagnose", "about"),
            *_VERSION,
        ),
        valued=_set("-d --working-dir --ignore-platform-req"),
        folders=_set("-d --working-dir"),
        deferring=("--no-scripts", "--no-autoloader"),
        after="composer dump-autoload --optimize",
        carried=(
            ("--no-dev", "--no-dev"),
            ("-a", "--classmap-authoritative"),
            ("--classmap-authoritative", "--classmap-authoritative"),
            ("--apcu-autoloader", "--apcu"),
        ),
        docs="https://docs.docker.com/guides/php/containerize/",
    ),
    Ecosystem(
        name="Go modules",
        family="go",
        programs=_set("go"),
        manifests=("go.mod",),
        extras=("go.sum",),
        copy=("go.mod", "go.sum"),
        steps=(
            Step("mod download", _INSTALL),
            *_install("mod verify"),
            Step("build", _BUILD),
            Step("install", _NEUTRAL, _NAMES),
            Step("install", _BUILD),
            *_neutral("version", "env", "clean", "telemetry", "help"),
        ),
        valued=_set("-C -o -ldflags -gcflags -tags -mod -p -asmflags -buildmode --ldflags --tags"
                    " -modfile -installsuffix -trimpath= -w -u"),
        folders=_set("-C"),
        advice="go mod download",
        evidence=("go.sum",),  # without it the module has no dependencies to download
        docs="https://docs.docker.com/guides/golang/build-images/",
    ),
    Ecosystem(
        name="Maven",
        family="maven",
        programs=_set("mvn mvnw mvnd"),
        manifests=("pom.xml",),
        extras=("settings.xml",),
        copy=("pom.xml",),
        steps=(
            *_neutral("clean", "wrapper:wrapper", "help:*"),
            *(Step(goal, _INSTALL) for goal in (
                "dependency:go-offline", "dependency:resolve", "dependency:resolve-plugins",
                "dependency:copy-dependencies", "*:maven-dependency-plugin:*:go-offline",
                "de.qaware.maven:go-offline-maven-plugin:*",
                "*maven-dependency-plugin:*go-offline")),
            Step("*", _BUILD),
        ),
        valued=_set("-f --file -s --settings -gs -P --activate-profiles -pl --projects -T --threads"
                    " -l --log-file -t --toolchains -D"),
        folders=_set("-f --file"),
        advice="mvn dependency:go-offline",
        docs="https://docs.docker.com/guides/java/containerize/",
        goals=True,
    ),
    Ecosystem(
        name="Gradle",
        family="gradle",
        programs=_set("gradle gradlew"),
        manifests=("build.gradle", "build.gradle.kts"),
        extras=("settings.gradle", "settings.gradle.kts", "gradle.properties", "gradle.lockfile"),
        copy=("*.gradle*", "gradle.properties"),
        steps=(
            *_neutral("clean", "wrapper", "--version"),
            *(Step(task, _INSTALL) for task in (
                "dependencies", "*:dependencies", "resolveDependencies", "downloadDependencies",
                "*:downloadDependencies", "*:resolveDependencies", "resolveAllDependencies",
                "downloadRepos", "cacheDependencies")),
            Step("*", _BUILD),
        ),
        valued=_set("-p --project-dir -x --exclude-task -b --build-file -c -g --gradle-user-home"
                    " -I --init-script --max-workers"),
        folders=_set("-p --project-dir"),
        docs="https://docs.gradle.org/current/userguide/viewing_debugging_dependencies.html",
        goals=True,
    ),
    Ecosystem(
        name="Cargo",
        family="cargo",
        programs=_set("cargo"),
        manifests=("Cargo.toml",),
        extras=("Cargo.lock", "rust-toolchain", "rust-toolchain.toml", ".cargo/config.toml"),
        copy=("Cargo.toml", "Cargo.lock"),
        steps=(
            Step("chef cook", _INSTALL, manifests=("recipe.json",)),
            *_install("fetch"),
            Step("build", _BUILD),
            *_neutral("clean", "version", "search", "binstall"),
            Step("install", _NEUTRAL, _NAMES, unless=_set("--path")),
            *_VERSION,
        ),
        valued=_set("--target --recipe-path --manifest-path -p --package --features -F --bin"
                    " --profile --target-dir -j --jobs --root --version --git --tag --rev --branch"
                    " --path --example -Z --config"),
        folders=_set("--manifest-path"),
        advice="cargo chef cook",
        docs="https://github.com/LukeMathWalker/cargo-chef#how-to-use",
    ),
    Ecosystem(
        name=".NET",
        family="dotnet",
        programs=_set("dotnet"),
        manifests=("*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx"),
        extras=("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props",
                "nuget.config", "NuGet.config", "NuGet.Config", "global.json",
                "packages.lock.json"),
        copy=("*.csproj",),
        steps=(
            Step("restore", _INSTALL, _MANIFESTS),
            Step("publish", _BUILD, _MANIFESTS, unless=_set("--no-restore")),
            Step("build", _BUILD, _MANIFESTS, unless=_set("--no-restore")),
            *_neutral("nuget", "workload install", "tool install", "dev-certs", "clean"),
            Step("", _NEUTRAL, _NONE),
        ),
        valued=_set("-r --runtime -s --source -c --configuration -o --output -f --framework -v -a"
                    " --verbosity --configfile --packages --arch --os --lock-file-path"
                    " --version-suffix -p --project"),
        advice="dotnet restore",
        docs="https://learn.microsoft.com/dotnet/core/docker/build-container"
        "#create-the-dockerfile",
    ),
    Ecosystem(
        name="Mix",
        family="mix",
        programs=_set("mix"),
        manifests=("mix.exs",),
        extras=("mix.lock",),
        copy=("mix.exs", "mix.lock"),
        steps=(
            *_neutral("local.hex", "local.rebar", "archive.install", "hex", "hex.*", "do", "+",
                      "phx_new", "clean"),
            *(Step(task, _INSTALL) for task in ("deps.get", "deps.compile", "deps.clean")),
            Step("*", _BUILD),
        ),
        valued=_set("--only"),
        docs="https://hexdocs.pm/phoenix/releases.html#containers",
        goals=True,
    ),
    Ecosystem(
        name="Deno",
        family="deno",
        programs=_set("deno"),
        manifests=("deno.json", "deno.jsonc", "package.json"),
        extras=("deno.lock", "import_map.json"),
        copy=("deno.json", "deno.lock"),
        steps=(
            *_install("install", unless=_GLOBAL | _set("-e --entrypoint")),
            Step("install", _NEUTRAL, when=_GLOBAL),
            Step("cache deps.ts", _INSTALL, _NONE, manifests=("deps.ts",)),
            *_neutral("upgrade", "info"),
            *_VERSION,
        ),
        valued=_set("--config -c --import-map --lock --cert --allow-scripts="),
        docs="https://github.com/denoland/deno_docker#as-a-dockerfile",
    ),
)  # fmt: skip

PROGRAMS = {program: row for row in ECOSYSTEMS for program in row.programs}


def row_of(program: str) -> Ecosystem | None:
    """The row of a command by its name, without folder and version (`/venv/bin/pip3.11`)."""
    name = program.rsplit("/", 1)[-1]
    row = PROGRAMS.get(name)
    if row is None and name.startswith("pip"):
        row = PROGRAMS.get(name.rstrip("0123456789."))
    return row
