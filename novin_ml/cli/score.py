"""score and explain: what a model says of each row, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from novin_ml.cli import options as opt
from novin_ml.cli.features import write_table
from novin_ml.cli.output import Output, in_options, reporting
from novin_ml.cli.reading import load, read, require_table
from novin_ml.cli.show.baselines import show_alarms_of_home, show_fleet_scores
from novin_ml.cli.show.reasons import show_reasons
from novin_ml.estimators.families import FAMILIES, family_of
from novin_ml.evaluation.explanation import explain_rows
from novin_ml.lifecycle import events_of_home, is_fleet, load_fleet, score_fleet


def score_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write what a model says of each event, or chain: probabilities, or score and alarm."""
    with reporting(json, quiet) as output:
        require_table(out, file, estimator)
        pipeline = None if is_fleet(estimator) else load(estimator)
        family = FAMILIES["behavior"] if pipeline is None else family_of(pipeline)
        rows = family.rows
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("scoring"):
            if pipeline is None:
                answers = _alarms_of_fleet(estimator, table, output)
            elif family.is_detector:
                answers = _alarms(pipeline, table, output)
            else:
                answers = _probabilities(pipeline, rows.to_score(table))
        path = write_table(table, answers, out, output)
        output.document |= {"file": path, "rows": len(answers)}
        output.line(f"wrote {len(answers):,} {rows.name} to {path}")


def explain_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    events: Annotated[
        int, typer.Option(help="So many rows: the surest alarms, or the most unusual.", min=1)
    ] = 5,
    features: Annotated[int, typer.Option(help="So many reasons for each.", min=1)] = 3,
    label: Annotated[
        str | None, typer.Option(help="Explain this label, and take the rows surest of it.")
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
    """Say why: of the surest alarms of a classifier, or a home's most unusual events."""
    with reporting(json, quiet) as output:
        pipeline = load(estimator, home)
        family = family_of(pipeline)
        if home is not None and not family.is_detector:
            raise ValueError(f"--home must come with a baseline. Got {family.name}. Leave it out.")
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
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


def _alarms_of_fleet(folder: Path, events: pd.DataFrame, output: Output) -> pd.DataFrame:
    with in_options("Train them with train behavior --by home_id."):
        found = score_fleet(load_fleet(folder), events)
    show_fleet_scores(found, output)
    return found.scores


def _alarms(pipeline: Any, events: pd.DataFrame, output: Output) -> pd.DataFrame:
    remedy = "Score its events alone, or train behavior --by home_id and score with that."
    with in_options(remedy):
        events_of_home(pipeline, events)
    detector = pipeline[-1]
    score = pipeline.score_samples(events)
    alarm = score < detector.offset_
    show_alarms_of_home(detector, events, alarm, output)
    return pd.DataFrame({"score": score, "decision": score - detector.offset_, "alarm": alarm})


def _probabilities(pipeline: Any, rows: Any) -> pd.DataFrame:
    probabilities = pipeline.predict_proba(rows)
    answers = pd.DataFrame(
        probabilities, columns=[f"probability_{label}" for label in pipeline.classes_]
    )
    answers.insert(0, "predicted", pipeline.classes_[probabilities.argmax(axis=1)])
    return answers
