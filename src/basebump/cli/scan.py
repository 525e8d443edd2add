"""`basebump scan`."""

from basebump.cli.options import (
    ConfigPath,
    Everything,
    Exclude,
    Format,
    Include,
    Local,
    Offline,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Registry,
    Repository,
    User,
)


def scan(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    registry: Registry = None,
    offline: Offline = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    everything: Everything = False,
    quiet: Quiet = False,
) -> int:
    """Show which base images the fleet stands on.

    One row for each image and tag, with how many repositories, files and references use it, and
    how far apart the fleet is on it.

    Example: basebump scan --local ./checkouts
    """
    from basebump.cli import answering, asking, session  # noqa: PLC0415 - --help does not pay for it
    from basebump.report import scan as report  # noqa: PLC0415 - as above
    from basebump.report.document import as_text, document  # noqa: PLC0415 - as above

    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    settings = asking.with_flags(settings, registry=registry, offline=offline)
    forge = session.open_forge(settings)
    with asking.policy(settings) as policy:
        plans = session.plans_of(forge, policy, repo, session.Talk(quiet))
    if format_ is Format.JSON:
        whole = document(plans, everything=everything, edits=False)
        text = as_text(whole | {"images": report.as_document(plans)})
    elif format_ is Format.MARKDOWN:
        text = report.as_markdown(plans)
    else:
        text = report.as_table(plans, session.style(format_, output))
    answering.answer(text, output)
    return session.exit_code(plans)
