"""Prints versions of models in a registry, and changes of the served version."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.lifecycle import Promotion, Version
from novin_ml.plain import plural


def show_versions(versions: list[Version], served: int | None, output: Output) -> None:
    """Print the versions of a model."""
    name = versions[0].name if versions else ""
    output.document.setdefault("models", {})[name] = {"served": served, "versions": versions}
    rows = [
        [
            str(version.number),
            "served" if version.number == served else "",
            version.created,
            version.by,
            "" if version.parent is None else str(version.parent),
            version.sha256[:12],
        ]
        for version in versions
    ]
    output.table(name, ["version", "", "added", "by", "parent", "sha256"], rows)


def show_removed(name: str, counts: dict[int, int], served: int | None, output: Output) -> None:
    """Print which versions were trained with homes that withdrew consent or were forgotten."""
    output.document["models"].setdefault(name, {})["removed_homes"] = counts
    for number, n_homes in counts.items():
        state = ", which is served," if number == served else ""
        output.line(f"version {number}{state} was trained with {removed(n_homes)}")


def removed(n_homes: int) -> str:
    """Return how many homes were removed after a training, and why."""
    were = "was" if n_homes == 1 else "were"
    return f"{plural(n_homes, 'home')} that withdrew consent or {were} forgotten since"


def file_sizes(version: Version) -> list[list[str]]:
    """Return the files of a version with their sizes."""
    return [[name, f"{n_bytes:,}"] for name, (n_bytes, _) in sorted(version.files.items())]


def show_change(promotion: Promotion, output: Output) -> None:
    """Print a change of the served version."""
    output.add("promotion", promotion)
    output.line(change_sentence(promotion))


def change_sentence(promotion: Promotion) -> str:
    """Return a line about a change of the served version."""
    before = "" if promotion.previous is None else f" instead of {promotion.previous}"
    why = f": {promotion.reason}" if promotion.reason else ""
    who = f"{promotion.created}, {promotion.by}"
    return f"{promotion.kind}: version {promotion.version}{before}, {who}{why}"
