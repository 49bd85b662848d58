"""The steps of the demo: simulate, learn the habits of a home, publish."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from novin_ml.cli.baselines import train_home
from novin_ml.cli.output import Output
from novin_ml.cli.reading import read
from novin_ml.cli.show.baselines import show_alarms_of_home
from novin_ml.cli.show.build import show_build, step_line
from novin_ml.cli.show.exports import show_published
from novin_ml.cli.show.federated import show_trial
from novin_ml.cli.show.federation_engines import counting_rounds
from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.evaluation import split_by_home
from novin_ml.evaluation.decisions import provable_budget, tune_threshold
from novin_ml.events import write_events
from novin_ml.federated import FederationSettings, try_federation
from novin_ml.lifecycle import build, draft_declaration, load_estimator, publish, save_estimator
from novin_ml.plain import plural
from novin_ml.simulation import simulate_behavior

_TRAINING_WEEKS, _WEEKS = 12, 26
_WEEK = 604_800.0
#: More would take longer and show the same.
_FEDERATED_HOMES, _ROUNDS = 30, 15


def demo_home(out: Path, seed: int, output: Output) -> dict[str, Any]:
    """Learn the first weeks of a home, and count alarms and found incidents in the later weeks."""
    path = out / "behavior_events.jsonl"
    with output.step("simulating a home"):
        events = simulate_behavior(
            weeks=_WEEKS, usual_weeks=_TRAINING_WEEKS, unusual_per_month=2, random_state=seed
        )
        # The home of the demo consents, whatever was drawn.
        write_events(events.assign(consent=True), path)
    output.line(f"simulated {plural(len(events), 'event')} of a home in {_WEEKS} weeks to {path}")
    rows = FAMILIES["behavior"].rows
    events = read(rows, path, output, timezone="UTC", strict=False, rejects=None)
    first = events["timestamp"] < events["timestamp"].min() + _TRAINING_WEEKS * _WEEK
    train_home(events[first], out / "behavior", output, random_state=seed)
    pipeline = load_estimator(out / "behavior")
    with output.step("scoring"):
        alarm = pipeline.predict(events[~first]) == -1
    show_alarms_of_home(pipeline[-1], events[~first], alarm, output)
    publish_saved(out / "behavior", events[~first], output)
    return output.document


def demo_federation(out: Path, seed: int, output: Output) -> None:
    """Train the motion model again, by a federation of some homes whose events stay at home."""
    file = out / "motion_events.jsonl"
    events, _ = FAMILIES["motion"].rows.read(file, return_report=True)
    some = sorted(events["home_id"].unique())[:_FEDERATED_HOMES]
    with counting_rounds(_ROUNDS, output) as on_round:
        trial = try_federation(
            "motion",
            events[events["home_id"].isin(some)],
            FederationSettings(rounds=_ROUNDS),
            random_state=seed,
            on_round=on_round,
        )
    save_estimator(trial.pipeline, out / "motion_federated")
    show_trial(trial, out / "motion_federated", output)


def tune_saved(estimator: Path, held_back: Any, seed: int, output: Output) -> Any:
    """Choose when a saved classifier alarms by half of the homes; return the rows of the others."""
    pipeline = load_estimator(estimator)
    tune, tested = split_by_home(held_back, 0.5, random_state=seed)
    budget = provable_budget(tune)
    with output.step("choosing thresholds"):
        report = tune_threshold(pipeline, tune, budget)
    save_estimator(pipeline, estimator)
    output.add("thresholds", report.to_document())
    output.line(
        f"thresholds: budget of false alarms {budget:g} per label, home and week, chosen by "
        f"{plural(report.n_homes, 'home')} that were held back; {report.false_per_home_week:.2f} "
        "in all on these"
    )
    return tested


def publish_saved(estimator: Path, tested: Any, output: Output) -> Path:
    """Export a saved estimator, as a later session would, with its card and its report."""
    published = publish(
        load_estimator(estimator), tested, estimator.with_suffix(".mlmodel"), step=output.step
    )
    show_published(published, output)
    return published.model


def simulate_family(family: Family, out: Path, samples: int, seed: int, output: Output) -> Path:
    """Simulate homes for a family, and write their rows to a file."""
    started = time.perf_counter()
    with output.step("simulating homes"):
        table = family.simulate(samples, random_state=seed)
    rows = family.rows.name
    path = out / f"{'_'.join(dict.fromkeys([family.name, rows]))}.jsonl"
    with output.step(f"writing {path}"):
        family.rows.write(table, path)
    output.line(
        f"simulated {samples:,} labelled {rows} ({len(table):,} in all) of "
        f"{plural(table['home_id'].nunique(), 'home')} to {path} in "
        f"{time.perf_counter() - started:.1f} s"
    )
    return path


def demo_release(out: Path, data: Path, output: Output) -> None:
    """Declare a release of a family's rows, and build it twice: the second run keeps all."""
    file = out / "novin.toml"
    file.unlink(missing_ok=True)  # of an earlier demo
    with output.step(f"writing {file}"):
        drafted = draft_declaration(data, file)
    output.line(f"wrote {file}: novin-ml build makes a release of it")
    for _ in range(2):
        result = build(
            drafted,
            out / "release",
            step=output.step,
            tell=lambda step: output.line(step_line(step)),
        )
        show_build(result, dry_run=False, output=output)
