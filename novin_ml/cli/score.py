"""score and explain: a model's answer for each row, and its reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import BASELINE
from novin_ml.cli.output import in_options, reporting
from novin_ml.plain import plural


def score_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    refuse_training_data: opt.RefuseOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a model's answer for each event or chain: probabilities, or score and alarm.

    A monitor has rows of its own: of events, of silences, and of what is still on.
    """
    from novin_ml.cli.answers import (
        alarms,
        alarms_of_fleet,
        alarms_of_monitor,
        load_fleet_or_model,
        probabilities,
    )
    from novin_ml.cli.reading import read, require_table
    from novin_ml.cli.tables import write_table
    from novin_ml.cli.training_data import check_training_data
    from novin_ml.estimators.families import FAMILIES, family_of, rows_of
    from novin_ml.estimators.home_models import is_monitor

    with reporting(json, quiet) as output:
        require_table(out, file, estimator)
        refuse = refuse_training_data
        pipeline = load_fleet_or_model(estimator)
        of_home = pipeline is None or is_monitor(pipeline)
        family = FAMILIES[BASELINE.name] if of_home else family_of(pipeline)
        rows = family.rows if of_home else rows_of(pipeline)
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("scoring"):
            if pipeline is None:
                table, answers = alarms_of_fleet(
                    estimator, table, output, refuse=refuse_training_data
                )
            elif is_monitor(pipeline):
                answers = alarms_of_monitor(pipeline, table, output, refuse=refuse)
                table = answers[[]]
            elif family.is_detector:
                answers = alarms(pipeline, table, output, refuse=refuse)
            else:
                if refuse:
                    check_training_data(pipeline, table, output, refuse=True)
                answers = probabilities(pipeline, rows.to_score(table, pipeline))
        path = write_table(table, answers, out, output)
        output.document |= {"file": path, "rows": len(answers)}
        written = rows.name[:-1] if len(table.columns) else "row"
        output.line(f"wrote {plural(len(answers), written)} to {path}")


def explain_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    events: Annotated[
        int,
        typer.Option(help="Number of rows: the surest alarms, or the most unusual events.", min=1),
    ] = 5,
    features: Annotated[int, typer.Option(help="Number of reasons for each row.", min=1)] = 3,
    label: Annotated[
        str | None,
        typer.Option(help="Explain this label, for the rows with its highest probability."),
    ] = None,
    row: Annotated[
        list[int] | None,
        typer.Option(help="Explain this row, counted from 0; may be repeated.", min=0),
    ] = None,
    home: opt.HomeOption = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Explain the surest alarms of a classifier, or what was most unusual in a home.

    Of a monitor, --row counts the rows that score writes.
    """
    from novin_ml.cli.reading import load, read
    from novin_ml.cli.show.reasons import show_reasons
    from novin_ml.estimators.home_models import family_in_use, rows_in_use
    from novin_ml.evaluation.explanation import explain_rows
    from novin_ml.lifecycle import events_of_home

    with reporting(json, quiet) as output:
        pipeline = load(estimator, home, monitors=True)
        family = family_in_use(pipeline)
        if home is not None and not family.is_detector:
            raise ValueError(f"--home must come with a baseline. Got {family.name}. Leave it out.")
        rows = rows_in_use(pipeline)
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        if family.is_detector:
            with in_options("Name its home with --home, or explain its events alone."):
                table = events_of_home(pipeline, table, home)
        with output.step("scoring"):
            explained = explain_rows(
                pipeline, table, n_rows=events, top=features, label=label, rows=row
            )
        documents = [each.to_document() for each in explained]
        for document in documents:
            show_reasons(document, output)
        output.add("events", documents)
