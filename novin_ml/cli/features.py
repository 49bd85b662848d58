"""features: from events to a table that any program can train on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.reading import read, rejects_beside, require_table
from novin_ml.estimators.families import Family
from novin_ml.files import replace_whole


def features_family(family: Family) -> Callable[..., None]:
    """Return the command that computes the features of a family."""

    def features_command(
        file: opt.RowsArgument,
        out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
        timezone: opt.TimezoneOption = "UTC",
        strict: opt.StrictOption = False,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        with reporting(json, quiet) as output:
            require_table(out, file)
            rejects = rejects_beside(out)
            table = read(
                family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects
            )
            with output.step("computing features"):
                features = family.feature_table(family.rows.to_score(table))
            write_features(table, features, out, output)

    features_command.__doc__ = (
        f"Write the features of {family.rows.name}, with home, time and labels beside them."
    )
    return features_command


def write_features(table: Any, features: pd.DataFrame, out: Path, output: Output) -> None:
    """Write features beside what tells whose they are."""
    write_table(table, features, out, output)
    output.document |= {"file": out, "rows": len(features), "features": list(features.columns)}
    output.line(f"wrote {len(features):,} rows of {features.shape[1]} features to {out}")


def write_table(table: Any, columns: pd.DataFrame, out: Path, output: Output) -> Path:
    """Write columns of events or chains beside home, time and labels."""
    names = ("home_id", "timestamp", "start", "label", "clean_label")
    beside = pd.DataFrame({name: table[name] for name in names if name in table.columns})
    with output.step(f"writing {out}"):
        _write(pd.concat([beside, columns.set_axis(beside.index)], axis=1), out)
    return out


def _write(rows: pd.DataFrame, out: Path) -> None:
    with replace_whole(out) as new:
        if out.suffix == ".csv":
            rows.to_csv(new, index=False)
        else:
            rows.to_parquet(new, index=False)
