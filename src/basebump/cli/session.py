"""From options and configuration to the values that a command works with."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from basebump.bots import FILES
from basebump.cli.options import Format
from basebump.config import DEFAULT_PATH, Config, ForgeConfig, RepositoryFilter, load
from basebump.config.images import rule
from basebump.core import cache_order
from basebump.core.campaign import branch_of
from basebump.core.dockerfile import Dockerfile
from basebump.core.glob import Globs
from basebump.core.plan import Check, Outcome, RepoPlan
from basebump.core.rollback import rollback_branch
from basebump.core.snapshot import Snapshot, SourceFile
from basebump.errors import UsageError
from basebump.fleet import Policy, Progress, choose, plan_fleet
from basebump.forge import Forge, Repo
from basebump.report.console import Style, style_of


@dataclass(frozen=True, slots=True)
class Talk:
    """What goes to stderr: remarks, and progress where a person watches."""

    quiet: bool = False

    def say(self, text: str) -> None:
        """A remark, unless nobody wants any."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    @contextmanager
    def progress(self, verb: str) -> Iterator[Progress | None]:
        """A bar with counts and the time that is left, on a terminal only."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.progress import (  # noqa: PLC0415 - as above
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")))
        with Bar(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
            task = bar.add_task(verb, total=None)

            def told(_name: str, done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            yield told


def configuration(
    path: Path | None,
    *,
    local: Path | None = None,
    org: str | None = None,
    user: str | None = None,
    image: str | None = None,
    to: str | None = None,
    from_: str | None = None,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
) -> Config:
    """The configuration with the command line's words in place of the file's."""
    if path is None and DEFAULT_PATH.is_file():
        path = DEFAULT_PATH
    config = load(path) if path is not None else Config()
    if local is not None:
        config = replace(config, forge=ForgeConfig("local", root=local))
    if sum(given is not None for given in (local, org, user)) > 1:
        raise UsageError("--local, --org and --user: one of them says where to look")
    if org is not None or user is not None:
        forge = ForgeConfig("github", org=org, user=user, url=_github_url())
        if config.forge.kind == "github":
            forge = replace(forge, url=config.forge.url, cache=config.forge.cache)
        config = replace(config, forge=forge)
    if (image is None) != (to is None):
        raise UsageError("--image and --to go together: which image moves, and to which tag")
    if image is None and from_ is not None:
        raise UsageError("--from goes with --image and --to")
    if image is not None and to is not None:
        try:
            config = replace(config, images=(rule(image, to, from_),))
        except ValueError as error:
            raise UsageError(f"--{error}") from error
    return narrowed(config, include, exclude)


def narrowed(
    config: Config, include: Sequence[str] | None, exclude: Sequence[str] | None
) -> Config:
    """The configuration with only the repositories that --include and --exclude leave."""
    filter_ = config.repositories
    filter_ = replace(
        filter_,
        include=tuple(include or filter_.include),
        exclude=(*filter_.exclude, *(exclude or ())),
    )
    return replace(config, repositories=filter_)


def open_forge(config: Config, campaigns: Sequence[str] = (), *, manifests: bool = False) -> Forge:
    """The configured forge. Raises UsageError when nothing says which.

    `campaigns` are branches whose pull requests are looked up, besides those of the rules. With
    `manifests` those of the package managers are read too, as a rule with `fix: true` needs them.
    """
    extra = _extra(config, manifests=manifests)
    forge = config.forge
    if forge.kind == "local" and forge.root is not None:
        if shutil.which("git") is None:
            raise UsageError("git was not found on PATH; a folder of repositories needs it")
        from basebump.forge.local import LocalForge  # noqa: PLC0415 - git is slow to import

        files = Globs(config.files)
        return LocalForge(forge.root, *_globs(config.repositories), files, Globs(extra))
    if forge.kind == "github":
        return _open_github(config, campaigns, extra)
    raise UsageError(
        "nothing says where the repositories are: give --local DIR or --org NAME, or `forge:` in "
        "config.yaml"
    )


def listed(names: Sequence[str]) -> Config:
    """The configuration that is about these `owner/name`s on GitHub, whatever they are."""
    everything = RepositoryFilter(archived=True, forks=True)
    return Config(
        forge=ForgeConfig("github", names=tuple(names), url=_github_url()), repositories=everything
    )


def _github_url() -> str:
    """Where GitHub is, by the variables that Actions and `gh` set or read."""
    names = ("GITHUB_API_URL", "GH_HOST")
    return next((os.environ[n] for n in names if os.environ.get(n)), ForgeConfig().url)


def _open_github(config: Config, campaigns: Sequence[str], extra: tuple[str, ...]) -> Forge:
    from basebump.forge.github import opening  # noqa: PLC0415 - PyGithub is slow to import

    opening.guard_logs()
    forge, chosen, template = config.forge, config.repositories, config.pull_request
    include, exclude = _globs(chosen)
    branches = [*campaigns, *filter(None, (branch_of(r, template) for r in config.images))]
    branches += [rollback_branch(branch) for branch in branches]
    return opening.open_github(
        opening.Settings(
            url=forge.url,
            source=opening.Source(forge.org or forge.user, forge.names),
            chosen=opening.Filter(
                include,
                exclude,
                topics=frozenset(chosen.topics),
                visibility=frozenset(chosen.visibility),
                archived=chosen.archived,
                forks=chosen.forks,
                templates=chosen.templates,
                pushable=chosen.pushable,
            ),
            wanted=opening.Wanted(config.files, extra),
            ours=opening.Ours(
                template.branch.partition("{")[0],
                tuple(dict.fromkeys(branches)),
            ),
            dress=opening.Dress(
                template.reviewers, template.teams, template.assignees, template.auto_merge
            ),
            per_hour=config.rollout.per_hour,
            cache=forge.cache,
        ),
        os.environ,
    )


def _extra(config: Config, *, manifests: bool) -> tuple[str, ...]:
    """The files besides Dockerfiles that something asks for."""
    bots = FILES if config.repositories.respect_bots else ()
    manifests = manifests or any(rule.fix for rule in config.images)
    return (*bots, *(cache_order.FILES if manifests else ()))


def checks_of(config: Config) -> tuple[Check, ...]:
    """The checks that are on, each as the plan wants it."""
    severity = config.checks[cache_order.RULE]
    if severity == "off":
        return ()

    def check(
        dockerfile: Dockerfile, file: SourceFile, snapshot: Snapshot
    ) -> list[cache_order.Finding]:
        context = context_of(file, snapshot)
        return cache_order.check(dockerfile, context=context, severity=severity)

    return (check,)


def context_of(file: SourceFile, snapshot: Snapshot) -> cache_order.Context | None:
    """The repository around a Dockerfile; None where the forge does not list its files."""
    contents = {extra.path: extra.content for extra in snapshot.extra}
    known = bool(snapshot.paths)
    return cache_order.Context(file.path, snapshot.paths, contents) if known else None


def plans_of(
    forge: Forge, policy: Policy, names: Sequence[str] | None, talk: Talk, verb: str = "reading"
) -> list[RepoPlan]:
    """The plan of every chosen repository. Raises UsageError for a name that is not there."""
    repos = chosen(forge, names)
    with talk.progress(verb) as progress:
        return list(plan_fleet(forge, repos, policy, progress))


def chosen(forge: Forge, names: Sequence[str] | None) -> list[Repo]:
    """The repositories that --repo names, or all. Raises UsageError for one that is not there."""
    try:
        return choose(forge.repos(), names or ())
    except KeyError as error:
        raise UsageError(f"--repo: no repository called {', '.join(error.args)}") from error


def style(format_: Format, output: Path | None) -> Style:
    """The terminal's width and colour for a table on stdout; plain text for anything else."""
    return style_of(tty=format_ is Format.TABLE and output is None and sys.stdout.isatty())


def exit_code(plans: Sequence[RepoPlan]) -> int:
    """3 when a repository failed, else 0."""
    return 3 if any(plan.outcome is Outcome.FAILED for plan in plans) else 0


def _globs(chosen: RepositoryFilter) -> tuple[Globs, Globs]:
    """The filter's globs; in a name, unlike in a path, `*` matches a slash too."""
    include, exclude = (
        [re.sub(r"\*+", "**", glob) for glob in globs] for globs in (chosen.include, chosen.exclude)
    )
    return Globs(include), Globs(exclude)
