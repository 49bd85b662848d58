"""rollout shadow, look: a new version beside the served one, and when to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.plain import plural


def shadow_command(
    file: opt.RowsArgument,
    version: Annotated[
        list[Path],
        typer.Option(help="Folder of an estimator; repeat it, the served one first."),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Table to write: what each answered, row by row.")
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Let several versions answer one log, side by side."""
    from novin_ml.cli.reading import load, read, require_table
    from novin_ml.cli.show.rollout import show_shadow
    from novin_ml.cli.tables import write_rows
    from novin_ml.estimators.families import rows_of
    from novin_ml.lifecycle import shadow
    from novin_ml.texts import in_terminal

    with reporting(json, quiet) as output:
        if out is not None:
            require_table(out, file, *version)
        # A path need not be a text, and names columns of the table.
        models = {in_terminal(folder): load(folder) for folder in version}
        rows = rows_of(next(iter(models.values())))
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("scoring"):
            found = shadow(models, table)
        output.document |= found.to_dict()
        show_shadow(found, output)
        if out is not None:
            write_rows(found.rows, out)
            output.line(f"wrote {plural(found.n_rows, 'row')} to {out}")


def look_command(
    outcomes: Annotated[
        Path,
        typer.Argument(help="CSV file: home_id, date, variant, value and maybe exposure."),
    ],
    control: Annotated[str, typer.Option(help="Variant that is served.")],
    candidate: Annotated[str, typer.Option(help="Variant that is tried.")],
    days: opt.DaysOption = None,
    alpha: Annotated[
        float, typer.Option(help="Error of all looks together.", min=0.0001, max=0.5)
    ] = 0.05,
    larger_is_better: opt.LargerOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Look at a running rollout, as often as you like; exit with 1 when the candidate is worse.

    Without --days it has no end: each home is counted once, after a week.
    """
    from novin_ml.cli.show.rollout import show_rollout
    from novin_ml.cli.tables import read_csv
    from novin_ml.lifecycle import look_at_rollout

    with reporting(json, quiet) as output:
        found = look_at_rollout(
            read_csv(outcomes, ["home_id", "variant"]),
            control,
            candidate,
            days=days,
            rule="sequence" if days is None else "spending",
            alpha=alpha,
            larger_is_better=larger_is_better,
        )
        output.document |= found.to_dict()
        show_rollout(found, output)
    if found.decision == "worse":
        fail_gate(found.sentence)
