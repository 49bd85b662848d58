"""Reading what the commands are given, and saying what was refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.cli.output import Output, in_options
from novin_ml.estimators.families import (
    FAMILIES,
    Family,
    family_with_features,
    find_family,
)
from novin_ml.estimators.row_kinds import RowKind
from novin_ml.files import replace_whole
from novin_ml.lifecycle import is_fleet, load_estimator, load_home
from novin_ml.lifecycle.saving.estimators import SUFFIX
from novin_ml.optional import import_optional


def read(
    rows: RowKind,
    path: Path,
    output: Output,
    *,
    timezone: str,
    strict: bool,
    rejects: Path | None,
) -> Any:
    """Read a table of rows; refused events are listed in a file, if one is named."""
    if rejects is not None:
        require_other(rejects, path, option="--rejects")
    with output.step(f"reading {path}"):
        table, report = rows.read(path, timezone=timezone, strict=strict, return_report=True)
    output.add(
        "events",
        {
            "read": report.n_read,
            "accepted": report.n_accepted,
            "rejected": report.n_rejected,
            "without_consent": report.n_without_consent,
        },
    )
    output.line(
        f"read {report.n_read:,} events of {path}: {report.n_accepted:,} accepted, "
        f"{report.n_rejected:,} rejected, {report.n_without_consent:,} without consent"
    )
    remedy = "name a file for them: --rejects FILE"
    if rejects is not None and report.n_rejected:
        with replace_whole(rejects) as new:
            report.rejects.to_csv(new, index=False)
        output.add("rejects", rejects)
        remedy = f"see {rejects}"
    elif rejects is not None:
        rejects.unlink(missing_ok=True)  # of an earlier run
    if report.n_rejected:
        output.line(f"what was rejected, and why: {remedy}")
    if not report.n_read:
        raise ValueError(f"{path} must hold events. Got none: it is empty. Name another file.")
    if not report.n_accepted:
        raise ValueError(
            f"{path} must hold events. Got {report.n_read}, and {report.n_rejected} of them "
            f"rejected. What was rejected, and why: {remedy}."
        )
    return table


def rejects_beside(out: Path) -> Path:
    """Return where a command that writes `out` lists what it rejected."""
    out = out.resolve()
    return out.with_name(out.name + ".rejects.csv")


def require_other(out: Path, *sources: Path, option: str = "--out") -> None:
    """Refuse to write over what is read."""
    for source in sources:
        same = out.resolve() == source.resolve()
        if same or (out.exists() and source.exists() and os.path.samefile(out, source)):
            raise ValueError(
                f"{option} must be another file than what is read. Got {str(out)!r}, which would "
                "be overwritten. Choose another name."
            )


def require_table(
    out: Path, *sources: Path, suffixes: tuple[str, ...] = (".csv", ".parquet")
) -> None:
    """Refuse a table that could not be written, or only over what is read."""
    if out.suffix not in suffixes:
        raise ValueError(
            f"--out must end in {' or '.join(suffixes)}. Got {str(out)!r}. Choose another name."
        )
    require_other(out, *sources)
    if out.suffix == ".parquet":
        import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")


def load(folder: Path, home: str | None = None) -> Any:
    """Load a trained pipeline; from a folder of baselines that of one home."""
    pipeline = load_of_home(folder, home) if is_fleet(folder) else load_estimator(folder)
    if not hasattr(pipeline, "steps"):
        raise ValueError(
            f"{folder} must hold a pipeline from events to labels, as train writes it. "
            f"Got a {type(pipeline).__name__} alone. Save the pipeline."
        )
    return pipeline


def load_of_home(folder: Path, home: str | None) -> Any:
    """Load the baseline of one home from a folder of many."""
    remedy = f"Add --home ID where the command has it, or pass one of its {SUFFIX} files."
    with in_options(remedy):
        return load_home(folder, home)


def classifier_family(pipeline: Any, folder: Path) -> Family:
    """Say of which family of classifiers a pipeline is."""
    family = find_family(pipeline)
    if family is None or family.is_detector:
        known = sorted(each.name for each in FAMILIES.values() if not each.is_detector)
        raise ValueError(
            f"{folder} must be of a family of classifiers, {known}. "
            f"Got a {type(pipeline[-1]).__name__}. Of a baseline see: novin-ml score."
        )
    return family


def feature_table(
    path: Path, inputs: list[str], output: Output, *, timezone: str, rejects: Path | None
) -> pd.DataFrame:
    """Read feature rows: a table that has the inputs as columns, else events."""
    if path.suffix in (".csv", ".parquet"):
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        if set(inputs) <= set(table.columns):
            return table[inputs]
    found = family_with_features(inputs)
    if found is None:
        raise ValueError(
            f"{path} must be a .csv or .parquet table with the columns {inputs}. "
            "Got something else, and no family of novin_ml has these features of events."
        )
    table = read(found.rows, path, output, timezone=timezone, strict=False, rejects=rejects)
    return found.feature_table(found.rows.to_score(table))
