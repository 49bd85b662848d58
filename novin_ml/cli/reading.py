"""Read the inputs of commands, and print what was rejected."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from novin_ml.cli.every_command import offers, text_format
from novin_ml.cli.output import Output, in_options
from novin_ml.cli.vocabulary import (
    chosen_vocabulary,
    read_as,
    show_recognition,
    without_warning,
)
from novin_ml.estimators.families import (
    FAMILIES,
    Family,
    find_family,
)
from novin_ml.estimators.home_models import is_monitor, takes_events
from novin_ml.estimators.row_kinds import RowKind
from novin_ml.events.files.report import write_rejects
from novin_ml.events.files.sources import StrPath
from novin_ml.lifecycle import is_fleet, load_estimator, load_home
from novin_ml.lifecycle.saving.estimators import SUFFIX
from novin_ml.optional import import_optional
from novin_ml.plain import plural


def read(
    rows: RowKind,
    path: StrPath,
    output: Output,
    *,
    timezone: str,
    strict: bool,
    rejects: Path | None,
) -> Any:
    """Read a table of rows; list rejected events in a file, if one is named."""
    if rejects is not None:
        require_other(rejects, Path(path), option="--rejects")
    options = {"timezone": timezone, "strict": strict, "vocabulary": chosen_vocabulary()}
    with output.step(f"reading {path}"), without_warning():
        table, report = rows.read(path, return_report=True, **options, **text_format())
    output.add(
        "events",
        {
            "read": report.n_read,
            "accepted": report.n_accepted,
            "rejected": report.n_rejected,
            "without_consent": report.n_without_consent,
        },
    )
    counted = "signal" if rows.name == "signals" else "event"  # of chains, their events
    output.line(
        f"read {plural(report.n_read, counted)} of {path}: {report.n_accepted:,} accepted, "
        f"{report.n_rejected:,} rejected, {report.n_without_consent:,} without consent"
    )
    show_recognition(report, output)
    remedy = "List all of them: --rejects FILE" if offers("rejects") else ""
    if rejects is not None and report.n_rejected:
        write_rejects(report.rejects, rejects)
        output.add("rejects", rejects)
        remedy = f"All of them: {rejects}"
    elif rejects is not None:
        rejects.unlink(missing_ok=True)  # of an earlier run
    if not report.n_read:
        raise ValueError(f"{path} must hold events. Got none: it is empty. Name another file.")
    reasons = report.reasons()
    if not report.n_accepted:
        raise ValueError(
            f"{path} must hold events. Got {report.n_read:,}, all rejected: {' '.join(reasons)} "
            f"{remedy}"
        )
    if reasons:
        output.add("reasons", reasons)
        for line in (*reasons, remedy):
            output.line(f"  {line}")
    return table


def rejects_beside(out: Path) -> Path:
    """Return the path of the rejects of a command that writes `out`."""
    out = out.resolve()
    return out.with_name(out.name + ".rejects.csv")


def require_other(out: Path, *sources: Path, option: str = "--out") -> None:
    """Refuse to overwrite a file that is read."""
    for source in sources:
        same = out.resolve() == source.resolve()
        if same or (out.exists() and source.exists() and os.path.samefile(out, source)):
            raise ValueError(
                f"{option} must be another file than the input. Got {str(out)!r}, which would "
                "be overwritten. Choose another name."
            )


def require_table(
    out: Path, *sources: Path, suffixes: tuple[str, ...] = (".csv", ".parquet")
) -> None:
    """Refuse a table that cannot be written, or that would overwrite an input."""
    if out.suffix not in suffixes:
        raise ValueError(
            f"--out must end in {' or '.join(suffixes)}. Got {str(out)!r}. Choose another name."
        )
    require_other(out, *sources)
    if out.suffix == ".parquet":
        import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")


def load(folder: Path, home: str | None = None, *, monitors: bool = False) -> Any:
    """Load a trained pipeline or, if the command takes it, a monitor; from a fleet, of one home."""
    pipeline = load_of_home(folder, home) if is_fleet(folder) else load_estimator(folder)
    if is_monitor(pipeline) and not monitors:
        raise ValueError(
            f"{folder} must hold a pipeline from events to labels, or a baseline of events alone. "
            "Got a monitor, which score, explain, threshold, report and export take. Train a "
            "baseline without --monitor for this command."
        )
    if not takes_events(pipeline):
        raise ValueError(
            f"{folder} must hold a pipeline from events to labels, as train writes it. "
            f"Got a {type(pipeline).__name__} alone. Save the pipeline."
        )
    read_as(pipeline)
    return pipeline


def load_of_home(folder: Path, home: str | None) -> Any:
    """Load the baseline of one home from a folder of many."""
    remedy = f"Add --home ID where the command has it, or pass one of its {SUFFIX} files."
    with in_options(remedy):
        return load_home(folder, home)


def classifier_family(pipeline: Any, folder: Path) -> Family:
    """Return the family of classifiers of a pipeline."""
    family = find_family(pipeline)
    if family is None or family.is_detector:
        known = sorted(each.name for each in FAMILIES.values() if not each.is_detector)
        raise ValueError(
            f"{folder} must be of a family of classifiers, {known}. "
            f"Got a {type(pipeline[-1]).__name__}. For a baseline use: novin-ml score."
        )
    return family
