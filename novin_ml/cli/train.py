"""generate, train and evaluate: from events to a trained estimator with its headline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from novin_ml._store import require_free
from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, reporting
from novin_ml.cli.reading import load, read, rejects_beside
from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.estimators.learners import PartReport
from novin_ml.evaluation import Headline, evaluate, split_by_home
from novin_ml.events import write_events
from novin_ml.features import training_rows
from novin_ml.lifecycle import save_estimator
from novin_ml.lifecycle.saving import ESTIMATOR_KIND


def generate_command(
    family: opt.FamilyArgument,
    out: Annotated[Path, typer.Option(help="File to write: .jsonl, .csv or .parquet.")],
    samples: Annotated[int, typer.Option(help="Labelled events.", min=1)] = 10_000,
    annotator_error: Annotated[
        float, typer.Option(help="Chance that a label is wrong.", min=0, max=0.5)
    ] = 0.02,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate homes and write their labelled events."""
    with reporting(json, quiet) as output:
        with output.step("simulating homes"):
            events = FAMILIES[family].simulate(
                samples, annotator_error=annotator_error, random_state=seed
            )
        with output.step(f"writing {out}"):
            out.parent.mkdir(parents=True, exist_ok=True)
            write_events(events, out)
        counts = events["label"].value_counts()
        output.document = {
            "file": out,
            "events": len(events),
            "homes": int(events["home_id"].nunique()),
            "labels": {str(label): int(count) for label, count in counts.items()},
        }
        output.line(
            f"wrote {len(events):,} events of {events['home_id'].nunique()} homes, "
            f"{samples:,} of them labelled, to {out}"
        )


def train_command(
    family: opt.FamilyArgument,
    events: opt.EventsArgument,
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
    """Train on the labelled events of homes that consent; test on homes that were held back."""
    with reporting(json, quiet) as output:
        require_free(out, ESTIMATOR_KIND)
        rejects = rejects_beside(out)
        table = read(events, output, timezone=timezone, strict=strict, rejects=rejects)
        train(
            FAMILIES[family],
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


def evaluate_command(
    estimator: opt.EstimatorArgument,
    events: opt.EventsArgument,
    min_accuracy: Annotated[
        float | None, typer.Option(help="Exit with 1 below this accuracy.", min=0, max=1)
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Score an estimator, and the hand-written rules beside it, on labelled events."""
    with reporting(json, quiet) as output:
        pipeline, family = load(estimator)
        table = read(events, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("scoring"):
            headline = evaluate(pipeline, family.make_rules(), table, family.positive_label)
        show_headline(headline, f"{family.name} on {events}", output)
        passed = min_accuracy is None or headline.model.accuracy >= min_accuracy
        output.add("passed", passed)
    if not passed:
        fail_gate(f"accuracy {headline.model.accuracy:.4f} is below {min_accuracy}")


def train(
    family: Family,
    events: pd.DataFrame,
    out: Path,
    output: Output,
    *,
    test_fraction: float,
    seed: int,
    **params: Any,
) -> Headline | None:
    """Train a pipeline, save it, and score it on held-back homes."""
    n_homes = events["home_id"].nunique()
    if test_fraction and n_homes < 2:
        raise ValueError(
            f"The events must be of two homes or more to test on some of them. Got {n_homes}. "
            "Train on all with --test-fraction 0, and evaluate on another file."
        )
    if family.positive_label not in {None, *events.get("label", pd.Series(dtype=object))}:
        raise ValueError(
            f"The events must have some with the label {family.positive_label!r} to train "
            f"{family.name}. Got none. Label them, or train another kind of model."
        )
    # Homes without consent may be scored, so they may be tested on; they are never trained on.
    train_events, test_events = (
        split_by_home(events, test_fraction, seed) if test_fraction else (events, events[:0])
    )
    with output.step("attaching the last minute of each event"):
        train_rows, n_dropped = training_rows(train_events)
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
        f"trained {classifier.algorithm} on {len(train_rows):,} events of "
        f"{train_rows['home_id'].nunique()} homes in {seconds:.1f} s "
        f"({n_dropped:,} labelled events left out without consent), "
        f"{classifier.fit_report_.epochs_kept} epochs kept, "
        f"about {classifier.size_report_.model_bytes / 1e6:.2f} MB. {classifier.size_report_.cost}"
    )
    if classifier.fit_report_.parts:
        _show_parts(classifier.fit_report_.parts, output)
    output.line(f"saved to {out}")
    if not test_fraction:
        return None
    with output.step("scoring"):
        headline = evaluate(pipeline, family.make_rules(), test_events, family.positive_label)
    show_headline(headline, f"{family.name}, {classifier.algorithm}, homes held back", output)
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


def show_headline(headline: Headline, title: str, output: Output) -> None:
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
    title = f"{title}: {headline.n_events:,} events of {headline.n_homes} homes"
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
