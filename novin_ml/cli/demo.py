"""demo: the whole path, once for each family and algorithm."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import behavior, train
from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, reporting
from novin_ml.cli.reading import read
from novin_ml.cli.show.baselines import show_alarms_of_home
from novin_ml.cli.show.exports import show_package, show_published
from novin_ml.coreml.swift import write_swift_package
from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.estimators.learners import BoostingLearner, NetworkLearner
from novin_ml.events import write_events
from novin_ml.lifecycle import fault_of, load_estimator, publish
from novin_ml.simulation import simulate_behavior

_TEST_FRACTION = 0.2
_TRAINING_WEEKS, _WEEKS = 12, 26
_WEEK = 604_800.0


def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for all that is made.")] = Path("demo"),
    samples: Annotated[int, typer.Option(help="Labels of each family.", min=200)] = 50_000,
    algorithm: Annotated[
        list[opt.Algorithm] | None,
        typer.Option(help="Learner; may be given several times. Default: boosting and mlp."),
    ] = None,
    min_accuracy: Annotated[
        float,
        typer.Option(
            help="Exit with 1 below this accuracy on clean labels, where no label is quiet.",
            min=0,
            max=1,
        ),
    ] = 0.95,
    min_gain: Annotated[
        float,
        typer.Option(
            help="Exit with 1 if a model of chains finds less than this share of rows more than "
            "the rules, with as many false alarms, on average over labels.",
            min=-1,
            max=1,
        ),
    ] = 0.10,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate homes, train, evaluate against the rules, export, certify, pack for the phone."""
    failed = []
    with reporting(json, quiet) as output:
        started = time.perf_counter()
        results: list[dict[str, Any]] = []
        models: dict[str, Any] = {}
        for family in (each for each in FAMILIES.values() if not each.is_detector):
            file = _simulate(family, out, samples, seed, output)
            table = read(family.rows, file, output, timezone="UTC", strict=False, rejects=None)
            for learner in algorithm or (BoostingLearner.kind, NetworkLearner.kind):
                name = f"{family.name}_{learner}"
                part = Output(json, quiet)
                trained = train.train_and_save(
                    family,
                    table,
                    out / name,
                    part,
                    test_fraction=_TEST_FRACTION,
                    random_state=seed,
                    algorithm=str(learner),
                )
                models[name] = _publish(out / name, trained.held_back, part)
                results.append(part.document)
                fault = fault_of(family, trained.headline, min_accuracy, min_gain)
                if fault is not None:
                    failed.append(f"{name} {fault}")
        results.append(_demo_behavior(out, seed, Output(json, quiet)))
        output.add("models", results)
        # With the estimator of a baseline goes the history of its home.
        models["behavior"] = load_estimator(out / "behavior")
        with output.step("writing the Swift package"):
            package = write_swift_package(models, out / "NovinModels")
        show_package(package, output)
        output.add("passed", not failed)
        output.line(f"\neverything is in {out}/, made in {time.perf_counter() - started:.0f} s")
        for path in sorted(out.glob("*.mlmodel")):
            output.line(f"  {path}: open it in Xcode; verify it with: novin-ml verify {path}")
        for path in sorted(out.glob("*.html")):
            output.line(f"  {path}: what the model is worth, and where it is not; for a browser")
    if failed:
        fail_gate("; ".join(failed))


def _demo_behavior(out: Path, seed: int, output: Output) -> dict[str, Any]:
    """Learn the first weeks of a home, and count alarms and findings in those that follow."""
    path = out / "behavior_events.jsonl"
    with output.step("simulating a home"):
        events = simulate_behavior(
            weeks=_WEEKS, usual_weeks=_TRAINING_WEEKS, unusual_per_month=2, random_state=seed
        )
        # The home of the demo consents, whatever was drawn.
        write_events(events.assign(consent=True), path)
    output.line(f"simulated {len(events):,} events of a home in {_WEEKS} weeks to {path}")
    rows = FAMILIES["behavior"].rows
    events = read(rows, path, output, timezone="UTC", strict=False, rejects=None)
    first = events["timestamp"] < events["timestamp"].min() + _TRAINING_WEEKS * _WEEK
    behavior.train_and_save(events[first], out / "behavior", output, random_state=seed)
    pipeline = load_estimator(out / "behavior")
    with output.step("scoring"):
        alarm = pipeline.predict(events[~first]) == -1
    show_alarms_of_home(pipeline[-1], events[~first], alarm, output)
    _publish(out / "behavior", events[~first], output)
    return output.document


def _publish(estimator: Path, tested: Any, output: Output) -> Path:
    """Export what was saved, as a later session would, with its card, and write its report."""
    published = publish(
        load_estimator(estimator), tested, estimator.with_suffix(".mlmodel"), step=output.step
    )
    show_published(published, output)
    return published.model


def _simulate(family: Family, out: Path, samples: int, seed: int, output: Output) -> Path:
    started = time.perf_counter()
    with output.step("simulating homes"):
        table = family.simulate(samples, random_state=seed)
    rows = family.rows.name
    path = out / f"{'_'.join(dict.fromkeys([family.name, rows]))}.jsonl"
    with output.step(f"writing {path}"):
        family.rows.write(table, path)
    output.line(
        f"simulated {samples:,} labelled {rows} ({len(table):,} in all) of "
        f"{table['home_id'].nunique()} homes to {path} in {time.perf_counter() - started:.1f} s"
    )
    return path
