"""Rows of features, read from a table or computed from events as a model computes them."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.cli.every_command import text_format
from novin_ml.cli.output import Output
from novin_ml.cli.reading import read
from novin_ml.cli.vocabulary import read_as
from novin_ml.estimators.families import family_of_features, family_with_features
from novin_ml.estimators.row_kinds import RowKind
from novin_ml.events.files.sources import opened
from novin_ml.plain import plural


def feature_table(
    path: Path,
    inputs: list[str],
    features: Any,
    output: Output,
    *,
    timezone: str,
    rejects: Path | None,
) -> pd.DataFrame:
    """Read feature rows: a table that has the inputs as columns, else events.

    Of events, `features` computes the rows: the transformer of the model, with its window,
    vocabulary and channels. A model without one takes the features of a family by their names.
    """
    options = text_format()
    family = None if features is None else family_of_features(features)
    if family is not None and getattr(features, "channels", None) is not None:
        rows = family.rows_in(path)
        if rows is family.signal_rows:
            return _computed(rows, path, features, inputs, output, timezone, rejects)
    is_folder = path.is_dir()
    opening: Any = nullcontext(path) if is_folder else opened(path, options["encoding"])
    with opening as source:
        if not is_folder and source.suffix in (".csv", ".parquet"):
            separator, decimal = options["separator"] or ",", options["decimal"]
            table = (
                pd.read_csv(source.open(), sep=separator, decimal=decimal)
                if source.suffix == ".csv"
                else pd.read_parquet(source.open())
            )
            if set(inputs) <= set(table.columns):
                return table[inputs]
        if family is None or [spec.name for spec in features.feature_specs] != inputs:
            family = family_with_features(inputs)
            if family is None:
                raise ValueError(
                    f"{path} must be a .csv or .parquet table with the columns {inputs}. Got "
                    "something else, and no family of novin_ml computes these features from events."
                )
            features = family.features()
        return _computed(family.rows, source, features, inputs, output, timezone, rejects)


def features_of_homes(path: Path, output: Output) -> pd.DataFrame | None:
    """Return a table of features with home, time and consent; None if it holds events."""
    options = text_format()
    if path.is_dir():
        return None
    with opened(path, options["encoding"]) as source:
        if source.suffix == ".parquet":
            table = pd.read_parquet(source.open())
        elif source.suffix == ".csv":
            separator, decimal = options["separator"] or ",", options["decimal"]
            try:
                table = pd.read_csv(
                    source.open(), sep=separator, decimal=decimal, dtype={"home_id": str}
                )
            except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
                return None
        else:
            return None
    if "type" in table or "home_id" not in table:
        return None
    if "timestamp" not in table and "start" in table:
        table = table.rename(columns={"start": "timestamp"})  # of chains
    output.line(f"read {plural(len(table), 'row')} of features of {path}")
    output.add("events", {"read": len(table), "accepted": len(table), "rejected": 0})
    return table


def _computed(
    rows: RowKind,
    source: Any,
    features: Any,
    inputs: list[str],
    output: Output,
    timezone: str,
    rejects: Path | None,
) -> pd.DataFrame:
    pipeline = Pipeline([("features", features)])
    read_as(pipeline)
    table = read(rows, source, output, timezone=timezone, strict=False, rejects=rejects)
    columns = features.transform(rows.to_score(table, pipeline))
    return pd.DataFrame(np.asarray(columns), columns=inputs)
