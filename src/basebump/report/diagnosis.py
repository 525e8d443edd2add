"""The diagnosis of build logs as a table for a person, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from basebump.buildlog import Cluster, Comparison, Diagnosis, Location, Outcome, Step, sentence


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """What `basebump diagnose` found: each log by name, and what they say together."""

    logs: tuple[tuple[str, Diagnosis], ...]
    comparison: Comparison | None = None
    clusters: tuple[Cluster, ...] = ()


def render(report: DiagnosisReport, form: str) -> str:
    """Return the report as `table`, `json` or `markdown`, with a newline at its end. Pure."""
    return _RENDERERS[form](report)


def _table(report: DiagnosisReport) -> str:
    return "\n".join(_text(report, head="{}", item="  {:<10} {}", line="  - {}")) + "\n"


def _markdown(report: DiagnosisReport) -> str:
    return "\n".join(_text(report, head="### {}\n", item="- **{}:** {}", line="- {}")) + "\n"


def _text(report: DiagnosisReport, *, head: str, item: str, line: str) -> Iterator[str]:
    for at, (name, diagnosis) in enumerate(report.logs):
        if at:
            yield ""
        yield head.format(f"{name}: {_verdict(diagnosis)}")
        for key, value in _items(diagnosis):
            yield item.format(key, value)
    if report.comparison:
        yield ""
        yield head.format("Against the good build")
        for difference in report.comparison.differences:
            yield line.format(difference.sentence)
        for same in (*report.comparison.same, *report.comparison.untold):
            yield line.format(same)
    if report.clusters:
        yield ""
        yield head.format("Together")
        for cluster in report.clusters:
            yield line.format(sentence(cluster))


def _verdict(diagnosis: Diagnosis) -> str:
    if diagnosis.outcome is Outcome.OK:
        return "no failure"
    if diagnosis.outcome is Outcome.NO_BUILD:
        return "no build was recognised in this log"
    what = diagnosis.cause.title if diagnosis.cause else "the log stops inside a step"
    return what if diagnosis.outcome is Outcome.FAILED else f"cut off; {what}"


def _items(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    if diagnosis.step and diagnosis.step.text:
        yield "step", _step(diagnosis.step)
    if diagnosis.location:
        yield "line", _location(diagnosis.location)
    if diagnosis.root:
        yield "says", f"{diagnosis.root.text.strip()} (line {diagnosis.root.number} of the log)"
    if diagnosis.cause:
        yield "class", diagnosis.cause.id
        yield "means", diagnosis.cause.meaning
        yield "helps", diagnosis.cause.remedy
        yield "see", diagnosis.cause.link
    for name, values in diagnosis.facts.items():
        yield name, ", ".join(values)
    packages = diagnosis.packages.get(diagnosis.step.text) if diagnosis.step else None
    if packages and packages.counts:
        yield "packages", ", ".join(f"{count} {what}" for what, count in packages.counts.items())


def _step(step: Step) -> str:
    number = f"{step.number}/{step.total} " if step.number and step.total else ""
    stage = f" of stage {step.stage}" if step.stage else ""
    code = f", exit code {step.exit_code}" if step.exit_code is not None else ""
    return f"{number}`{step.text}`{stage} ({step.dialect}{code})"


def _location(location: Location) -> str:
    lines = (
        str(location.start)
        if location.start == location.end
        else f"{location.start}-{location.end}"
    )
    return f"{location.file or 'Dockerfile'}:{lines}"


def _json(report: DiagnosisReport) -> str:
    document = {
        "version": 1,
        "logs": [_log(name, diagnosis) for name, diagnosis in report.logs],
        "comparison": _comparison(report.comparison),
        "clusters": [_cluster(cluster) for cluster in report.clusters],
        "summary": {
            outcome.value: sum(diagnosis.outcome is outcome for _, diagnosis in report.logs)
            for outcome in Outcome
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _log(name: str, diagnosis: Diagnosis) -> dict[str, Any]:
    step, cause, root, place = diagnosis.step, diagnosis.cause, diagnosis.root, diagnosis.location
    return {
        "name": name,
        "outcome": diagnosis.outcome.value,
        "step": step and {
            "dialect": step.dialect, "text": step.text, "number": step.number,
            "total": step.total, "stage": step.stage, "platform": step.platform,
            "exit_code": step.exit_code,
        },
        "location": place and {
            "file": place.file, "start": place.start, "end": place.end, "by": place.by,
        },
        "cause": cause and {
            "id": cause.id, "title": cause.title, "meaning": cause.meaning,
            "remedy": cause.remedy, "link": cause.link,
        },
        "root": root and {"line": root.number, "text": root.text},
        "tail": [line.text for line in diagnosis.tail],
        "facts": {fact: list(values) for fact, values in diagnosis.facts.items()},
        "packages": [
            {
                "step": text, "planned": sorted(packages.planned),
                "versions": dict(packages.versions), "counts": dict(packages.counts),
            }
            for text, packages in diagnosis.packages.items()
        ],
        "lines": diagnosis.lines,
    }  # fmt: skip


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "differences": [
            {"what": one.what, "bad": one.bad, "good": one.good, "sentence": one.sentence}
            for one in comparison.differences
        ],
        "same": list(comparison.same),
        "untold": list(comparison.untold),
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "cause": cluster.signature.cause,
        "step": cluster.signature.step,
        "message": cluster.signature.message,
        "builds": list(cluster.builds),
        "failed": cluster.failed,
        "greens": cluster.greens,
        "comparisons": cluster.comparisons,
        "strength": cluster.strength.value,
        "shared": [
            {
                "attributes": dict(row.attributes), "failed": row.failed,
                "cluster": row.cluster, "green": row.green, "greens": row.greens, "p": row.p,
            }
            for row in cluster.shared
        ],
        "sentence": sentence(cluster),
    }  # fmt: skip


_RENDERERS: dict[str, Callable[[DiagnosisReport], str]] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
}
