"""Tables of features that the commands write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.files import replace_whole, write_csv
from novin_ml.plain import plural


def write_features(table: Any, features: pd.DataFrame, out: Path, output: Output) -> None:
    """Write features with home, time, consent and labels."""
    names = ("home_id", "timestamp", "start", "consent", "label", "clean_label")
    write_table(table, features, out, output, names)
    output.document |= {"file": out, "rows": len(features), "features": list(features.columns)}
    output.line(
        f"wrote {plural(len(features), 'row')} of {plural(features.shape[1], 'feature')} to {out}"
    )


def write_table(
    table: Any,
    columns: pd.DataFrame,
    out: Path,
    output: Output,
    names: tuple[str, ...] = ("home_id", "timestamp", "start", "label", "clean_label"),
) -> Path:
    """Write columns of events or chains with home, time and labels."""
    beside = pd.DataFrame({name: table[name] for name in names if name in table.columns})
    if not len(beside.columns):
        beside = pd.DataFrame(index=columns.index)
    with output.step(f"writing {out}"):
        write_rows(pd.concat([beside, columns.set_axis(beside.index)], axis=1), out)
    return out


def write_rows(rows: pd.DataFrame, out: Path) -> None:
    """Write a table, whole or not at all."""
    if out.suffix == ".csv":
        write_csv(rows, out)
        return
    with replace_whole(out) as new:
        rows.to_parquet(new, index=False)


def read_csv(path: Path, texts: list[str]) -> pd.DataFrame:
    """Return a CSV file, the columns `texts` as they stand there."""
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        said = str(error).strip().splitlines()[0]
        raise ValueError(f"{path} must be a CSV file. Got: {said}. Write one.") from None
    missing = [name for name in texts if name not in table]
    if missing:
        raise ValueError(f"{path} must have the column {missing[0]!r}. Got {list(table)}. Add it.")
    return table
