"""forget: a home is removed from logs, fleets and training sets, with a record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.plain import plural


def forget_command(
    home: Annotated[str, typer.Argument(help="Name of the home: its home_id.", metavar="HOME")],
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders with logs, fleets, estimators, releases or registries.", metavar="DIR..."
        ),
    ],
    record: Annotated[Path, typer.Option(help="File of the record, which is added to.")] = Path(
        "forgotten.json"
    ),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove and write nothing; list what would be.")
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Remove a home from logs, fleets and the next training; name what was trained with it.

    Exit code 1 if nothing is of the home, 2 if a file cannot be read: nothing is changed then.
    """
    from novin_ml.lifecycle import forget_home

    with reporting(json, quiet) as output:
        with output.step("looking for the home"):
            found = forget_home(home, folders, record=record, dry_run=dry_run)
        rows = [
            [str(each.path), each.kind, f"{each.n_rows:,}" if each.n_rows else "the whole file"]
            for each in found.removed
        ]
        output.document |= {
            "removed": [
                {"path": each.path, "kind": each.kind, "rows": each.n_rows}
                for each in found.removed
            ],
            "still_in": list(found.still_in),
            "left": list(found.left),
            "record": found.record,
        }
        if rows:
            title = "Would be removed" if dry_run else "Removed"
            output.table(title, ["file", "what it is", "rows"], rows)
        for model in found.still_in:
            output.line(model.sentence)
        for said in found.left:
            output.line(said)
        if found.record is not None:
            output.line(f"removed {plural(found.n_rows, 'row')}; record: {found.record}")
    if not found:
        fail_gate(f"nothing is of the home {home} in {', '.join(map(str, folders))}.")
