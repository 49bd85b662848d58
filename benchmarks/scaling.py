"""Training time over core counts: measured, fitted by Amdahl's law, extrapolated.

Run as ``python -m benchmarks.scaling [--task delivery|motion|chains|behavior|fleet|all]
[--cores 1,2,4] [--samples 50000] [--algorithm boosting]``.

Each run is a process of its own that may use so many cores and no more (where the system has no
affinity, as macOS, only the threads are limited), after a warm-up. Core counts alternate. A run is
discarded if the load average exceeded the machine's cores. What is timed is the fit on a feature
table; of a fleet, `fit_fleet` as a whole.

The law is `novin_ml.compute.fit_scaling_law`. On one core a profile says what share of the time is
spent outside all code with threads (boosting: outside of xgboost; a fleet: outside of its workers;
one home: all of it); nothing is known of the rest, which gives the prediction from one core
its interval.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks._core_counts import Series, parse_cores, sorted_out
from benchmarks._host import available_cores, has_affinity
from benchmarks._one_run import Run, measured_run
from benchmarks._report import Report, add_report_options, new_table
from benchmarks._scaling_plot import write_plot
from benchmarks.suite._data import classifier_rows, home_log
from novin_ml.compute import fit_scaling_law

#: Rows to train on, by task; of a fleet its homes.
SAMPLES = {
    "delivery": 100_000,
    "motion": 50_000,
    "chains": 50_000,
    "behavior": 50_000,
    "fleet": 60,
}
LEAST_ROWS, LEAST = 600, {"fleet": 4}
FLEET_EVENTS = 10_000
CLASSIFIERS = ("delivery", "motion", "chains")
ALGORITHMS = ("boosting", "mlp", "blend")
#: Core counts that are predicted, besides those that were measured.
PREDICTED = (2, 4, 8, 16)


def save_rows(task: str, samples: int, path: Path) -> None:
    """Simulate what a task is trained on and write it where the runs read it."""
    import numpy as np

    if task == "fleet":
        np.savez(path, homes=samples, events=FLEET_EVENTS)
    elif task == "behavior":
        from novin_ml.features import BehaviorFeatures

        log = home_log(samples).train
        np.savez(path, X=BehaviorFeatures().fit_transform(log), times=log["timestamp"])
    else:
        classifier_rows(task, samples).save(path)


def measure(
    task: str,
    algorithm: str,
    samples: int,
    counts: list[int],
    options: argparse.Namespace,
    report: Report,
) -> Series:
    """Run a task on each core count, in turn."""
    cores = available_cores()
    runs: list[Run] = []
    name = Series(task, algorithm, samples, (), ()).name
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.npz")
        save_rows(task, samples, file)
        for number in range(options.runs):
            for n in counts if number % 2 == 0 else counts[::-1]:
                run = measured_run(
                    task,
                    algorithm,
                    file,
                    cores[:n],
                    epochs=options.epochs,
                    early_stopping=options.epochs is None,
                )
                runs.append(run)
                report.progress(
                    f"{name}, run {number + 1}, {n} cores: "
                    f"{run.seconds:.2f} s, load {run.load_after}"
                )
    kept, discarded = sorted_out(runs, keep_all=options.keep_loaded)
    return Series(task, algorithm, samples, tuple(kept), tuple(discarded))


def show_runs(series: Series, report: Report) -> None:
    """Show what each core count took."""
    columns = ("cores", "runs", "seconds", "spread", "speed-up", "efficiency", "CPU s", "peak MB")
    table = new_table(f"{series.name}: medians of the runs", columns, text=0)
    base = series.seconds(1) if series.at(1) else None
    for n in series.core_counts:
        runs, seconds = series.at(n), series.seconds(n)
        spread = (max(r.seconds for r in runs) - min(r.seconds for r in runs)) / seconds
        table.add_row(
            str(n),
            str(len(runs)),
            f"{seconds:.3f}",
            f"{100 * spread:.0f} %",
            "" if base is None else f"{base / seconds:.2f}",
            "" if base is None else f"{100 * base / seconds / n:.0f} %",
            f"{sorted(r.cpu_seconds for r in runs)[len(runs) // 2]:.2f}",
            f"{max(r.peak_mb for r in runs):.0f}",
        )
    report.show(table)
    if series.discarded:
        loads = [max(r.load_before or 0, r.load_after or 0) for r in series.discarded]
        report.say(
            f"{len(series.discarded)} of {len(series.kept) + len(series.discarded)} runs of "
            f"{series.name} were discarded: the load exceeded the machine's cores (up to "
            f"{max(loads):.1f})."
        )


def show_law(series: Series, report: Report) -> None:
    """Show Amdahl's law, and the prediction from one core beside what was measured."""
    law = series.law()
    if law is None:
        report.say(f"{series.name}: too few runs are left to fit a law. Run it on a quiet machine.")
        return
    low, high = law.serial_interval
    report.say(
        f"{series.name}: serial fraction {law.serial_fraction:.2f} ({low:.2f} to {high:.2f}), "
        f"runs scatter by {100 * law.noise:.0f} %; a profile of one core finds "
        f"{series.serial_at_least:.2f} outside of threads."
    )
    if series.rises_at is not None:
        low, high = law.thread_cost_interval
        report.say(
            f"{series.name}: slower on {series.rises_at} cores than on one, for which Amdahl's law "
            f"has no term. The law from all runs has a cost: each further thread adds "
            f"{law.thread_cost:.2f} of the time of one core ({low:.2f} to {high:.2f}). Use one."
        )
    columns = (
        "cores", "from 1 core, s", "95 %", "from all runs, s", "95 %", "measured s",
        "inside, from 1", "inside, from all",
    )  # fmt: skip
    table = new_table(f"{series.name}: predicted and measured", columns, text=0)
    for n in sorted({*series.core_counts, *PREDICTED} - {1}):
        from_one, from_all = series.from_one_core(n), law.predict(n)
        measured = series.seconds(n) if series.at(n) else None
        # The intervals are of a further run: it is single runs that must be in them.
        runs = [run.seconds for run in series.at(n)]
        verdicts = [
            f"{sum(found.low <= seconds <= found.high for seconds in runs)} of {len(runs)}"
            if runs and found is not None
            else ""
            for found in (from_one, from_all)
        ]
        table.add_row(
            str(n),
            "" if from_one is None else f"{from_one.seconds:.3f}",
            "" if from_one is None else f"{from_one.low:.3f} to {from_one.high:.3f}",
            f"{from_all.seconds:.3f}",
            f"{from_all.low:.3f} to {from_all.high:.3f}",
            "" if measured is None else f"{measured:.3f}",
            *verdicts,
        )
    report.show(table)


def show_sizes(series: list[Series], report: Report) -> None:
    """Show the exponent over sizes, where a task was run at several."""
    runs = [(run, each.samples) for each in series for run in each.kept if run.cores == 1]
    if len({samples for _, samples in runs}) < 2 or len(runs) < 3:
        return
    law = fit_scaling_law([run.seconds for run, _ in runs], 1, [samples for _, samples in runs])
    low, high = law.size_interval or (0, 0)
    report.say(
        f"{series[0].task} {series[0].algorithm}: on one core, time grows with the power "
        f"{law.size_exponent:.2f} ({low:.2f} to {high:.2f}) of the rows."
    )


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=[*SAMPLES, "all"], default="all")
    parser.add_argument("--cores", help="with commas; default 1, 2, 4 and so on")
    parser.add_argument("--samples", help="rows, of a fleet homes; several with commas")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the default samples")
    parser.add_argument("--algorithm", default="boosting", help="with commas")
    parser.add_argument("--runs", type=int, default=5, help="on each core count")
    parser.add_argument("--epochs", type=int, help="so many, without early stopping")
    parser.add_argument("--keep-loaded", action="store_true", help="discard no run")
    parser.add_argument("--plot", type=Path, metavar="FILE", help=".svg or .png")
    add_report_options(parser)
    options = parser.parse_args()
    algorithms = options.algorithm.split(",")
    if not set(algorithms) <= set(ALGORITHMS):
        parser.error(f"--algorithm must be of {', '.join(ALGORITHMS)}. Got {options.algorithm}.")
    try:
        counts, refused = parse_cores(options.cores, len(available_cores()))
    except ValueError as error:
        parser.error(str(error))
    report = Report(options, "scaling", "threadpoolctl", "joblib")
    for sentence in refused:
        report.say(sentence)
    if not counts:
        parser.error("none of the core counts is there")
    if not has_affinity():
        report.say("This system has no affinity: threads are limited, and may run on any core.")
    found: list[Series] = []
    for task in SAMPLES if options.task == "all" else [options.task]:
        sizes = [max(LEAST.get(task, LEAST_ROWS), int(options.scale * SAMPLES[task]))]
        if options.samples is not None:
            sizes = [int(float(word)) for word in options.samples.split(",")]
        for algorithm in algorithms if task in CLASSIFIERS else [""]:
            of_task = [measure(task, algorithm, n, counts, options, report) for n in sizes]
            for series in of_task:
                show_runs(series, report)
                show_law(series, report)
            show_sizes(of_task, report)
            found += of_task
    report.figures["series"] = [
        {
            "task": each.task,
            "algorithm": each.algorithm,
            "samples": each.samples,
            "serial_fraction": None if (law := each.law()) is None else law.serial_fraction,
            "serial_at_least": each.serial_at_least,
            "kept": [asdict(run) for run in each.kept],
            "discarded": [asdict(run) for run in each.discarded],
        }
        for each in found
    ]
    if options.plot is not None:
        write_plot(found, options.plot)
    report.close()


if __name__ == "__main__":
    main()
