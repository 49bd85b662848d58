"""registry promote, rollback, verify, gc: changes and upkeep of a registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.cli.registry import NameArgument, RegistryArgument

ReasonOption = Annotated[str | None, typer.Option(help="Reason, for the history.")]


def promote_command(
    registry: RegistryArgument,
    name: NameArgument,
    version: Annotated[int, typer.Argument(help="Number of the version.", metavar="VERSION")],
    reason: ReasonOption = None,
    instead_of: Annotated[
        int | None, typer.Option(help="Version that must be the served one now.")
    ] = None,
    require_signature: Annotated[
        Path | None, typer.Option(help="Public key that must have signed the version.")
    ] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Serve a version; exit with code 1 if another writer was first."""
    from novin_ml.cli.show.registry import show_change
    from novin_ml.lifecycle import Registry, promote_signed

    with reporting(json, quiet) as output:
        known, why = Registry(registry), reason or ""
        if require_signature is None:
            change = known.promote(name, version, reason=why, instead_of=instead_of)
        else:
            change = promote_signed(
                known, name, version, require_signature, reason=why, instead_of=instead_of
            )
        show_change(change, output)


def rollback_command(
    registry: RegistryArgument,
    name: NameArgument,
    reason: ReasonOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Serve the previous version again."""
    from novin_ml.cli.show.registry import show_change
    from novin_ml.lifecycle import Registry

    with reporting(json, quiet) as output:
        show_change(Registry(registry).rollback(name, reason=reason or ""), output)


def gc_command(
    registry: RegistryArgument,
    keep: Annotated[int, typer.Option(help="Newest versions of each model to keep.")] = 5,
    dry_run: Annotated[
        bool, typer.Option(help="Remove nothing; print what would be removed.")
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Remove old versions that were never served."""
    from novin_ml.lifecycle import Registry, collect_garbage
    from novin_ml.plain import plural

    with reporting(json, quiet) as output:
        removed = collect_garbage(Registry(registry), keep=keep, dry_run=dry_run)
        output.add("removed", removed)
        for version in removed:
            output.line(f"{version.name}, version {version.number}")
        output.line(f"{'would remove' if dry_run else 'removed'} {plural(len(removed), 'version')}")


def verify_registry_command(
    registry: RegistryArgument, json: opt.JsonOption = False, quiet: opt.QuietOption = False
) -> None:
    """Compare all files with their hashes; exit with code 1 if one is damaged."""
    from novin_ml.lifecycle import Registry, verify_registry
    from novin_ml.plain import plural

    with reporting(json, quiet) as output:
        faults = verify_registry(Registry(registry))
        output.add("faults", faults)
        for fault in faults:
            output.line(fault)
        if not faults:
            output.line(f"{registry}: all files are as they were added")
    if faults:
        fail_gate(f"{registry} has {plural(len(faults), 'fault')}.")
