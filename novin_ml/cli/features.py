"""features: from events to a table that any program can train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from novin_ml._optional import import_optional
from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.cli.reading import read, rejects_beside
from novin_ml.estimators.families import FAMILIES
from novin_ml.features import attach_context


def features_command(
    family: opt.FamilyArgument,
    events: opt.EventsArgument,
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write the features of events, one row each, with home, time and labels beside them."""
    with reporting(json, quiet) as output:
        table = read(events, output, timezone=timezone, strict=strict, rejects=rejects_beside(out))
        with output.step("computing features"):
            features = FAMILIES[family].make_pipeline()[0].transform(attach_context(table))
        beside = ["home_id", "timestamp", *(c for c in ("label", "clean_label") if c in table)]
        rows = pd.concat([table[beside], features], axis=1)
        with output.step(f"writing {out}"):
            _write(rows, out)
        output.document |= {"file": out, "rows": len(rows), "features": list(features.columns)}
        output.line(f"wrote {len(rows):,} rows of {features.shape[1]} features to {out}")


def _write(rows: pd.DataFrame, out: Path) -> None:
    if out.suffix not in (".csv", ".parquet"):
        raise ValueError(f"--out must end in .csv or .parquet. Got {str(out)!r}.")
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".csv":
        rows.to_csv(out, index=False)
    else:
        import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")
        rows.to_parquet(out, index=False)
