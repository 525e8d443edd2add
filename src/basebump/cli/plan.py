"""`basebump plan`."""

import json
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
    Org,
    Output,
    OutputFormat,
    Quiet,
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
    from basebump.cli import planning, publishing, session  # noqa: PLC0415 - --help does not pay for it
    from basebump.core.campaign import changes_of  # noqa: PLC0415 - as above
    from basebump.report import waves  # noqa: PLC0415 - as above
    from basebump.report.document import document  # noqa: PLC0415 - as above
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
    planning.require_rules(settings)
    policy = session.policy_of(settings)
    plans = session.plans_of(session.open_forge(settings), policy, repo, talk)
    planning.refuse_backward_targets(plans, policy.rules)
    changes = [c for p in plans for c in changes_of(p, policy.rules, policy.template)]
    whole = document(plans, everything=everything, edits=True)
    whole["waves"] = waves.as_document(changes, settings.rollout.waves)
    saved = output is not None and (format_ is Format.JSON or output.suffix == ".json")
    if saved and output is not None:
        session.answer(planning.saved(whole, settings, changes), output)
    if format_ is Format.JSON:
        text = json.dumps(whole, indent=1) + "\n"
    elif format_ is Format.MARKDOWN:
        text = plan_as_markdown(plans, everything=everything)
    else:
        look = session.style(format_, None if saved else output)
        steps = waves.as_parts(changes, settings.rollout.waves)
        text = as_table(plans, look, verbose=verbose, everything=everything, waves=steps)
    if not saved:
        session.answer(text, output)
    elif format_ is not Format.JSON:
        session.answer(text, None)
        talk.say(f"The plan is saved; carry it out with: basebump apply {output}")
    publishing.announce(settings, changes, talk)
    pending = 1 if check and changes else 0
    return session.exit_code(plans) or pending
