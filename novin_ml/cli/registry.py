"""registry add, list, show, diff: versions of models, and the served one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting

RegistryArgument = Annotated[Path, typer.Argument(help="Folder of the registry.", metavar="DIR")]
NameArgument = Annotated[str, typer.Argument(help="Name of the model.", metavar="NAME")]


def add_command(
    registry: RegistryArgument,
    name: NameArgument,
    release: Annotated[Path, typer.Argument(help="Folder with the files of the version.")],
    promote: Annotated[
        bool, typer.Option("--promote", help="Serve it, unless it is served already.")
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Check the certificates in a folder, and add a copy of it as a version."""
    from novin_ml.cli.show.registry import show_change, show_versions
    from novin_ml.lifecycle import Registry

    with reporting(json, quiet) as output:
        found = Registry(registry)
        with output.step("checking certificates and copying"):
            version = found.add(name, release)
        show_versions([version], None, output)
        output.line(f"added version {version.number} of {name}")
        served = found.served(name) if promote else None
        if served is not None and served.number == version.number:
            output.line(f"version {version.number} is served already")
        elif promote:
            # Another one that was promoted since the build was compared is not replaced.
            before = version.facts.get("compared_with")
            show_change(found.promote(name, version.number, instead_of=before), output)


def list_command(
    registry: RegistryArgument,
    name: Annotated[str | None, typer.Option(help="Name of one model; default all.")] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """List versions, and mark the served ones."""
    from novin_ml.cli.show.registry import show_removed, show_versions
    from novin_ml.lifecycle import Registry, removed_homes

    with reporting(json, quiet) as output:
        found = Registry(registry)
        for each in found.names() if name is None else [name]:
            served = found.served(each)
            number = None if served is None else served.number
            show_versions(found.versions(each), number, output)
            show_removed(each, removed_homes(found, each), number, output)


def show_command(
    registry: RegistryArgument,
    name: NameArgument,
    version: Annotated[
        str, typer.Option(help='Number of the version, "served" or "latest".')
    ] = "latest",
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Show the facts, files and history of a version."""
    from novin_ml.cli.show.registry import change_sentence, file_sizes, removed
    from novin_ml.lifecycle import Registry, removed_homes

    with reporting(json, quiet) as output:
        found = Registry(registry)
        chosen = found.version(name, int(version) if version.isdigit() else version)
        history = [each for each in found.promotions(name) if each.version == chosen.number]
        output.document |= {"version": chosen, "sha256": chosen.sha256, "promotions": history}
        parent = "none" if chosen.parent is None else str(chosen.parent)
        output.line(f"{name}, version {chosen.number}, added {chosen.created} by {chosen.by}")
        output.line(f"parent: {parent}; sha256: {chosen.sha256}; folder: {chosen.folder}")
        output.table("Files", ["file", "bytes"], file_sizes(chosen))
        for promotion in history:
            output.line(change_sentence(promotion))
        n_removed = removed_homes(found, name).get(chosen.number, 0)
        output.add("removed_homes", n_removed)
        if n_removed:
            output.line(f"trained with {removed(n_removed)}")


def diff_command(
    registry: RegistryArgument,
    name: NameArgument,
    a: Annotated[int, typer.Argument(help="Number of a version.")],
    b: Annotated[int, typer.Argument(help="Number of another version.")],
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Show the facts and files that differ between two versions."""
    from novin_ml.lifecycle import Registry, diff_versions

    with reporting(json, quiet) as output:
        found = Registry(registry)
        differences = diff_versions(found.version(name, a), found.version(name, b))
        output.add("differences", differences)
        rows = [[each.what, str(each.a)[:40], str(each.b)[:40]] for each in differences]
        output.table(f"{name}: {a} and {b}", ["what", str(a), str(b)], rows)
