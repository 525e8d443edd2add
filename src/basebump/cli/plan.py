"""`basebump plan`."""

from typing import Annotated

import typer

from basebump.cli.options import (
    ConfigPath,
    Everything,
    Exclude,
    Format,
    From,
    Image,
    Include,
    Local,
    Offline,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Registry,
    Repository,
    To,
    User,
    Verbose,
)


def plan(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    image: Image = None,
    to: To = None,
    from_: From = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    registry: Registry = None,
    offline: Offline = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when there is something to change.")
    ] = False,
    everything: Everything = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> int:
    """Show what would change, and why.

    Every image reference gets a verdict, and every change its exact diff. Nothing is written to a
    repository.

    With -o FILE the plan is saved as well, for `basebump apply FILE`: a name that ends in .json
    gets the plan as JSON, any other name the answer as --format says.

    Example: basebump plan --image maichong/node --to 8.9.3 --local ./checkouts
    """
    from basebump.cli import answering, asking, planning, publishing, session  # noqa: PLC0415 - --help is quick
    from basebump.core.campaign import changes_of  # noqa: PLC0415 - as above
    from basebump.report import waves  # noqa: PLC0415 - as above
    from basebump.report.bases import base_changes  # noqa: PLC0415 - as above
    from basebump.report.document import as_text, document  # noqa: PLC0415 - as above
    from basebump.report.markdown import plan_as_markdown  # noqa: PLC0415 - as above
    from basebump.report.plan import as_table  # noqa: PLC0415 - as above

    talk = session.Talk(quiet)
    settings = session.configuration(
        config,
        local=local,
        org=org,
        user=user,
        image=image,
        to=to,
        from_=from_,
        include=include,
        exclude=exclude,
    )
    settings = asking.with_flags(settings, registry=registry, offline=offline)
    planning.require_rules(settings)
    saved = output is not None and (format_ is Format.JSON or output.suffix == ".json")
    with asking.policy(settings) as policy:
        plans = session.plans_of(session.open_forge(settings), policy, repo, talk)
        planning.refuse_backward_targets(plans, policy.rules)
        # Who reads no bodies and no details does not wait for them.
        inquiry = policy.inquiry if saved or verbose else None
        changes = [c for p in plans for c in changes_of(p, policy.rules, policy.template, inquiry)]
        bases = base_changes(plans, policy.inquiry) if verbose else []
    if saved or format_ is Format.JSON:
        whole = document(plans, everything=everything, edits=True)
        whole["waves"] = waves.as_document(changes, settings.rollout.waves)
        answers = policy.inquiry.answers
        text = planning.saved(whole, settings, changes, answers) if saved else as_text(whole)
        answering.answer(text, output)
    if format_ is not Format.JSON:
        shown_in = None if saved else output
        if format_ is Format.MARKDOWN:
            text = plan_as_markdown(plans, everything=everything)
        else:
            look = session.style(format_, shown_in)
            steps = waves.as_parts(changes, settings.rollout.waves)
            text = as_table(
                plans, look, verbose=verbose, everything=everything, waves=steps, bases=bases
            )
        answering.answer(text, shown_in)
        if saved:
            talk.say(f"The plan is saved; carry it out with: basebump apply {output}")
    publishing.announce(settings, changes, talk)
    pending = 1 if check and changes else 0
    return session.exit_code(plans) or pending
