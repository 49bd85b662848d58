"""features: a table of features of events, for any program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import FamilyName
from novin_ml.cli.output import reporting


def features_family(named: FamilyName) -> Callable[..., None]:
    """Return the command that computes the features of a family."""

    def features_command(
        file: opt.RowsArgument,
        out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
        timezone: opt.TimezoneOption = "UTC",
        strict: opt.StrictOption = False,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        from novin_ml.cli.reading import read, rejects_beside, require_table
        from novin_ml.cli.tables import write_features
        from novin_ml.estimators.families import FAMILIES

        family = FAMILIES[named.name]
        with reporting(json, quiet) as output:
            require_table(out, file)
            rejects = rejects_beside(out)
            rows = family.rows_in(file)
            table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
            with output.step("computing features"):
                features = family.feature_table(rows.to_score(table))
            if rows is family.signal_rows:
                output.line("channels are scaled by the mean and deviation of their own file")
            write_features(table, features, out, output)

    features_command.__doc__ = (
        f"Write the features of {named.rows}, with home, time, consent and labels."
    )
    return features_command
