"""What a workflow of GitHub Actions is told besides the answer.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from basebump.report.annotations import as_error

_MAX_ANNOTATIONS = 10  # a step shows no more of one kind


def tell(summary: str, problems: Iterable[str]) -> None:
    """Add the summary, in Markdown, to the job's page, and annotate the run with the problems.

    Does nothing outside of GitHub Actions.
    """
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        with Path(page).open("a", encoding="utf-8") as stream:
            stream.write(summary)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for problem in list(problems)[:_MAX_ANNOTATIONS]:
            sys.stderr.write(as_error(problem))
