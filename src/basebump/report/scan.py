"""What the fleet stands on: images, tags, and how far apart the repositories are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from basebump.core.plan import RepoPlan
from basebump.core.tag import Tag, TagKind
from basebump.core.text import code
from basebump.core.verdict import Verdict
from basebump.report.console import Part, Style, cell, render, table
from basebump.report.plan import not_planned, references
from basebump.report.text import count


@dataclass(slots=True)
class TagUse:
    """Who uses a tag of an image."""

    tag: str | None
    repositories: set[str] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)
    references: int = 0


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """An image and every tag of it that the fleet uses, the most used first."""

    image: str
    tags: tuple[TagUse, ...]

    @property
    def repositories(self) -> int:
        """How many repositories use the image at any tag."""
        return len(set().union(*(use.repositories for use in self.tags)))

    @property
    def drift(self) -> str:
        """How far apart the fleet is on this image, as a short sentence."""
        versions = [
            tag
            for use in self.tags
            if use.tag and (tag := Tag.parse(use.tag)).kind is TagKind.VERSION
        ]
        text = count(len(self.tags), "tag")
        if len({tag.core for tag in versions}) > 1:
            ordered = sorted(versions, key=lambda tag: tag.order)
            text += f", from {ordered[0].core} to {ordered[-1].core}"
        return text


def usage(plans: Iterable[RepoPlan]) -> list[ImageUsage]:
    """The images of a fleet, the most used first; one image under all of its names."""
    found: dict[str, dict[str | None, TagUse]] = defaultdict(dict)
    for plan, file, judged in references(plans):
        reference = judged.use.reference
        if reference is None:
            continue
        name = reference.canonical_name.removeprefix("docker.io/").removeprefix("library/")
        tag = reference.tag if reference.digest is None else f"{reference.tag or ''}@digest"
        use = found[name].setdefault(tag, TagUse(tag))
        use.repositories.add(plan.name)
        use.files.add((plan.name, file.path))
        use.references += 1
    images = [
        ImageUsage(
            name,
            tuple(sorted(tags.values(), key=lambda u: (-len(u.repositories), u.tag or ""))),
        )
        for name, tags in found.items()
    ]
    return sorted(images, key=lambda image: (-image.repositories, image.image))


def as_document(plans: Sequence[RepoPlan]) -> list[dict[str, Any]]:
    """The `images` key of the JSON document of a scan."""
    return [
        {
            "image": image.image,
            "repositories": image.repositories,
            "drift": image.drift,
            "tags": [
                {
                    "tag": use.tag,
                    "repositories": sorted(use.repositories),
                    "files": len(use.files),
                    "references": use.references,
                }
                for use in image.tags
            ],
        }
        for image in usage(plans)
    ]


def as_table(plans: Sequence[RepoPlan], style: Style) -> str:
    """One row a tag; what could not be read, and why, below."""
    made = table(
        "IMAGE", "TAG", "REPOS", "FILES", "REFS",
        *(["DRIFT"] if style.wide else []),
        numbers=("REPOS", "FILES", "REFS"),
    )  # fmt: skip
    for image in usage(plans):
        for index, use in enumerate(image.tags):
            first = index == 0
            drift = [cell(image.drift if first else "", "dim")] if style.wide else []
            made.add_row(
                cell(image.image if first else "", "bold"),
                cell(use.tag or "(none)"),
                f"{len(use.repositories):,}",
                f"{len(use.files):,}",
                f"{use.references:,}",
                *drift,
            )
    apart: list[Part] = [] if style.wide else _drift(plans)
    return render(
        [made, "", *apart, *_unresolved(plans), *not_planned(plans), _sentence(plans)], style
    )


def as_markdown(plans: Sequence[RepoPlan]) -> str:
    """The same as a Markdown table."""
    lines = [
        "| Image | Tag | Repositories | Files | References |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for image in usage(plans):
        for use in image.tags:
            figures = f"{len(use.repositories)} | {len(use.files)} | {use.references}"
            lines.append(f"| {code(image.image)} | {code(use.tag or '(none)')} | {figures} |")
    return "\n".join([*lines, "", _sentence(plans).plain, ""])


def _drift(plans: Sequence[RepoPlan]) -> list[Part]:
    """How far apart the fleet is on each image, where there is no column for it."""
    lines = [
        cell(f"  {image.image}: {image.drift}") for image in usage(plans) if len(image.tags) > 1
    ]
    return [Text("Drift:", style="bold"), *lines, ""] if lines else []


def _unresolved(plans: Sequence[RepoPlan]) -> list[Part]:
    unknown = [
        (plan.name, file.path, judged)
        for plan, file, judged in references(plans)
        if judged.use.reference is None and judged.verdict is not Verdict.NOT_AN_IMAGE
    ]
    if not unknown:
        return []
    parts: list[Part] = [Text("Not known:", style="bold")]
    for name, path, judged in unknown:
        parts.append(cell(f"  {name}/{path}:{judged.use.line}: {judged.reason}"))
    return [*parts, ""]


def _sentence(plans: Sequence[RepoPlan]) -> Text:
    images = usage(plans)
    tags = sum(len(image.tags) for image in images)
    files = sum(len(plan.files) for plan in plans)
    text = (
        f"{count(len(plans), 'repository', 'repositories')}, {count(files, 'Dockerfile')}, "
        f"{count(len(images), 'image')} at {count(tags, 'tag')}."
    )
    return Text(text, style="bold")
