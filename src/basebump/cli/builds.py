"""What the builds of a campaign say: the forge's logs, read by `buildlog`, set side by side."""

import io
from collections.abc import Collection, Sequence

from basebump import buildlog
from basebump.core.campaign import Marker
from basebump.core.reference import ImageReference, InvalidReferenceError
from basebump.core.tag import Tag
from basebump.core.text import clean
from basebump.forge import (
    Building,
    CheckRun,
    Checks,
    Forge,
    PullRequest,
    State,
    Unavailable,
)
from basebump.report.diagnosis import DiagnosisReport

_LONGEST = 80  # characters of a check's name or an attribute that are shown


def requests_of(forge: Forge, branches: Collection[str]) -> list[PullRequest]:
    """The pull requests of these campaigns whose builds are worth reading."""
    found = [answer for answer in forge.pull_requests() if isinstance(answer, PullRequest)]
    return [
        request
        for request in found
        if request.branch in branches
        and request.state is State.OPEN
        and request.checks in (Checks.FAILING, Checks.GREEN)
    ]


def diagnosis(forge: Building, requests: Sequence[PullRequest]) -> DiagnosisReport | None:
    """The failures, clustered and set against the green builds; None when nothing failed.

    Of each cluster one log is shown whole. What is unknown of a log counts for nothing.
    """
    if not any(request.checks is Checks.FAILING for request in requests):
        return None
    flavours = {request.repository: _flavours(request.marker) for request in requests}
    builds = [
        _build(run, flavours.get(run.repository, ""))
        for run in forge.builds(requests)
        if not isinstance(run, Unavailable)
    ]
    clusters = tuple(buildlog.cluster(builds))
    by_name = {build.name: build for build in builds}
    examples = [by_name[cluster.builds[0]] for cluster in clusters]
    logs = tuple((each.name, each.diagnosis) for each in examples if each.diagnosis is not None)
    return DiagnosisReport(logs, None, clusters)


def _build(run: CheckRun, flavour: str) -> buildlog.Build:
    name = f"{_short(run.repository)}: {_short(run.check)}"
    found = buildlog.diagnose(io.BytesIO(run.log))
    known = dict(buildlog.build_of(name, found).attributes)
    known |= {key: _short(value) for key, value in run.attributes}
    known |= {"flavour": flavour} if flavour else {}
    return buildlog.Build(name, run.ok, known, found)


def _flavours(marker: Marker | None) -> str:
    """The flavours that a pull request moves to, such as `alpine`, or `none` for a bare tag."""
    found: set[str] = set()
    for _, _, new in marker.moves if marker else ():
        try:
            tag = ImageReference.parse(new).tag
        except InvalidReferenceError:
            continue
        found.add((Tag.parse(tag).flavour if tag else "") or "none")
    return _short(", ".join(sorted(found)))


def _short(text: str) -> str:
    return clean(text)[:_LONGEST]
