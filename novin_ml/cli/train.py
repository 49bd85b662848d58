"""train and evaluate: from labelled rows to a trained estimator with its headline."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, reporting
from novin_ml.cli.reading import family_of, load, read, rejects_beside
from novin_ml.estimators.families import Family
from novin_ml.estimators.learners import PartReport
from novin_ml.evaluation import (
    AlarmReport,
    Headline,
    RecallAtAlarms,
    evaluate,
    mean_gain,
    split_by_home,
)
from novin_ml.lifecycle import save_estimator
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.store import require_free


def train_family(family: Family) -> Callable[..., None]:
    """Return the command that trains a family of classifiers."""

    def train_command(
        file: opt.RowsArgument,
        out: Annotated[Path, typer.Option(help="Folder to write the estimator to.")],
        algorithm: opt.AlgorithmOption = opt.BOOSTING,
        epochs: opt.EpochsOption = None,
        test_fraction: Annotated[
            float, typer.Option(help="Share of homes to test on; 0 trains on all.", min=0, max=0.9)
        ] = 0.2,
        balanced: Annotated[bool, typer.Option(help="Weigh all classes the same.")] = False,
        max_bytes: opt.MaxBytesOption = 5_000_000,
        n_jobs: opt.JobsOption = None,
        seed: opt.SeedOption = 0,
        timezone: opt.TimezoneOption = "UTC",
        strict: opt.StrictOption = False,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        with reporting(json, quiet) as output:
            require_free(out, ESTIMATOR_KIND)
            rejects = rejects_beside(out)
            table = read(
                family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects
            )
            train(
                family,
                table,
                out,
                output,
                test_fraction=test_fraction,
                seed=seed,
                algorithm=str(algorithm),
                epochs=epochs,
                class_weight="balanced" if balanced else None,
                max_bytes=max_bytes,
                n_jobs=n_jobs,
            )

    train_command.__doc__ = (
        f"Train on the labelled {family.rows.name} of homes that consent; test on homes that were "
        "held back."
    )
    return train_command


def evaluate_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    min_accuracy: Annotated[
        float | None, typer.Option(help="Exit with 1 below this accuracy.", min=0, max=1)
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Score an estimator, and the hand-written rules beside it, on labelled rows."""
    with reporting(json, quiet) as output:
        pipeline = load(estimator)
        family = family_of(pipeline, estimator)  # refuses a baseline
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        headline = score_family(pipeline, family, table, f"{family.name} on {file}", output)
        passed = min_accuracy is None or headline.model.accuracy >= min_accuracy
        output.add("passed", passed)
    if not passed:
        fail_gate(f"accuracy {headline.model.accuracy:.4f} is below {min_accuracy}")


def train(
    family: Family,
    table: Any,
    out: Path,
    output: Output,
    *,
    test_fraction: float,
    seed: int,
    **params: Any,
) -> Headline | None:
    """Train a pipeline, save it, and score it on held-back homes."""
    n_homes = table["home_id"].nunique()
    if test_fraction and n_homes < 2:
        raise ValueError(
            f"The {family.rows.name} must be of two homes or more to test on some of them. "
            f"Got {n_homes}. Train on all with --test-fraction 0, and evaluate on another file."
        )
    labels = set(table["label"]) if "label" in table.columns else set()
    if family.positive_label not in {None, *labels}:
        raise ValueError(
            f"The {family.rows.name} must have some with the label {family.positive_label!r} to "
            f"train {family.name}. Got none. Label them, or train another kind of model."
        )
    # Homes without consent may be scored, so they may be tested on; they are never trained on.
    train_table, test_table = (
        split_by_home(table, test_fraction, seed) if test_fraction else (table, table[:0])
    )
    with output.step("choosing what may be trained on"):
        train_rows, n_dropped = family.rows.to_train(train_table)
    pipeline = family.make_pipeline(random_state=seed, verbose=output.shows_progress, **params)
    started = time.perf_counter()
    homes = train_rows["home_id"]
    pipeline.fit(
        train_rows,
        train_rows["label"].astype(object),
        classifier__groups=homes if homes.nunique() > 1 else None,
    )
    seconds = time.perf_counter() - started
    classifier = pipeline[-1]
    save_estimator(pipeline, out)
    output.document |= {
        "estimator": out,
        "trained_on": len(train_rows),
        "left_out_without_consent": n_dropped,
        "seconds": round(seconds, 3),
        "epochs": classifier.fit_report_.epochs_kept,
        "size": classifier.size_report_,
        "parts": classifier.fit_report_.parts,
    }
    output.line(
        f"trained {classifier.algorithm} on {len(train_rows):,} {family.rows.name} of "
        f"{train_rows['home_id'].nunique()} homes in {seconds:.1f} s "
        f"({n_dropped:,} labelled {family.rows.name} left out without consent), "
        f"{classifier.fit_report_.epochs_kept} epochs kept, "
        f"about {classifier.size_report_.model_bytes / 1e6:.2f} MB. {classifier.size_report_.cost}"
    )
    if classifier.fit_report_.parts:
        _show_parts(classifier.fit_report_.parts, output)
    output.line(f"saved to {out}")
    if not test_fraction:
        return None
    title = f"{family.name}, {classifier.algorithm}, homes held back"
    return score_family(pipeline, family, test_table, title, output)


def score_family(pipeline: Any, family: Family, table: Any, title: str, output: Output) -> Headline:
    """Print what a pipeline and the rules are worth on a table."""
    with output.step("scoring"):
        headline = evaluate(
            pipeline, family.rules(), table, family.positive_label, family.quiet_label
        )
    show_headline(headline, title, family.rows.name, output)
    if headline.alarms is not None:
        show_alarms(headline, family.quiet_label, output)
    return headline


def _show_parts(parts: list[PartReport], output: Output) -> None:
    """Print what a blend gains over its parts, and what it costs."""
    columns = ["part", "weight", "held-back log loss", "held-back accuracy", "bytes"]
    rows = [
        [
            part.name,
            f"{part.weight:.3f}",
            "" if part.log_loss is None else f"{part.log_loss:.5f}",
            "" if part.accuracy is None else f"{part.accuracy:.2%}",
            f"{part.model_bytes:,}",
        ]
        for part in parts
    ]
    output.table("the blend and its parts, on the rows that chose the weight", columns, rows)


def show_headline(headline: Headline, title: str, rows_name: str, output: Output) -> None:
    """Print accuracy and ROC AUC of the model and of the rules."""
    output.add("headline", headline)
    rows = []
    for name, scores, clean in [
        ("model", headline.model, headline.model_clean),
        ("hand-written rules", headline.rules, headline.rules_clean),
    ]:
        row = [name, f"{scores.accuracy:.2%}", f"{scores.roc_auc:.4f}"]
        row += ["", ""] if clean is None else [f"{clean.accuracy:.2%}", f"{clean.roc_auc:.4f}"]
        rows.append(row)
    columns = ["", "accuracy", "ROC AUC", "clean accuracy", "clean ROC AUC"]
    title = f"{title}: {headline.n_rows:,} {rows_name} of {headline.n_homes} homes"
    if headline.model_clean is None:
        columns, rows = columns[:3], [row[:3] for row in rows]
    output.table(title, columns, rows)
    if len(headline.labels) > 2:
        output.table(
            "true label in rows, the model's in columns",
            ["", *headline.labels],
            [
                [label, *(f"{count:,}" for count in counts)]
                for label, counts in zip(headline.labels, headline.confusion, strict=True)
            ],
        )


def show_alarms(headline: Headline, quiet_label: str | None, output: Output) -> None:
    """Print what model and rules find of each label, and how often they alarm for nothing."""
    report, stream = headline.alarms, headline.stream_alarms
    if report is None:
        return
    _show_alarms_by_label(report, headline.recall_at_alarms, output)
    if stream is not None:
        _show_alarms_by_event(report, stream, output)
    output.line(
        f"false alarms in all per home and week: model {report.model.false_per_home_week:.3f}, "
        f"rules {report.rules.false_per_home_week:.3f}; with as many false alarms as the rules, "
        f"the model finds {100 * mean_gain(headline.recall_at_alarms):+.1f} points more, on "
        "average over labels"
    )
    if quiet_label in headline.labels:
        quiet = sum(headline.confusion[headline.labels.index(quiet_label)]) / headline.n_rows
        output.line(f"accuracy of whoever always answers {quiet_label}: {quiet:.2%}")


def _show_alarms_by_label(
    report: AlarmReport, matched: tuple[RecallAtAlarms, ...], output: Output
) -> None:
    by_rules = {alarms.label: alarms for alarms in report.rules.by_label}
    at_rate = {found.label: found for found in matched}
    rows = []
    for model in report.model.by_label:
        rules = by_rules.get(model.label)
        found = at_rate.get(model.label)
        rows.append(
            [
                model.label,
                f"{model.n_rows:,}",
                f"{model.recall:.1%}",
                f"{model.false_per_home_week:.3f}",
                "" if rules is None else f"{rules.recall:.1%}",
                "" if rules is None else f"{rules.false_per_home_week:.3f}",
                "" if found is None else f"{found.model_recall:.1%}",
            ]
        )
    columns = ["", "rows", "recall", "false/week", "rules' recall", "rules' false/week"]
    output.table(
        f"alarms in {report.home_weeks:,.0f} weeks of homes; false ones per home and week",
        [*columns, "recall at rules' false/week"],
        rows,
    )


def _show_alarms_by_event(at_end: AlarmReport, stream: AlarmReport, output: Output) -> None:
    """Print what answering after each event does, any answer counting."""
    rows = []
    for name, ended, growing in (
        ("model", at_end.model, stream.model),
        ("hand-written rules", at_end.rules, stream.rules),
    ):
        recalls = [
            [each.recall for each in alarms.by_label if each.n_rows] for alarms in (ended, growing)
        ]
        rates = (ended.false_per_home_week, growing.false_per_home_week)
        rows.append(
            [
                name,
                *("" if not some else f"{sum(some) / len(some):.1%}" for some in recalls),
                *(f"{rate:.3f}" for rate in rates),
            ]
        )
    output.table(
        "one answer at the end of a chain, or one after each event of which any counts",
        ["", "recall at end", "recall by event", "false/week at end", "false/week by event"],
        rows,
    )
