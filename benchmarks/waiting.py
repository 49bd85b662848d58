"""How threads wait, and what a second core is worth by that.

Run as ``python -m benchmarks.waiting [--tasks motion,delivery] [--samples 20000] [--runs 3]
[--busy 2]``. Each run is a process of its own, after a warm-up, on one core and on two; the
settings take turns, so that each has its share of what else the machine does. ``--busy`` starts so
many processes beside it that do nothing but work: what a loaded machine makes of it. The speed-up
is that of medians of wall time; processor time by that of one thread is what waiting costs others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks._host import available_cores
from benchmarks._one_run import Run, measured_run
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.scaling import CLASSIFIERS, save_rows
from novin_ml.waiting import SPINS

#: Variables by what they are called in the table. libgomp spins 300,000 turns if nothing is set.
SETTINGS: dict[str, dict[str, str]] = {
    "OMP_WAIT_POLICY=passive": {"OMP_WAIT_POLICY": "passive"},
    **{
        f"GOMP_SPINCOUNT={spins}": {"GOMP_SPINCOUNT": str(spins)}
        for spins in (0, 100, SPINS, 10_000, 100_000)
    },
    "nothing set": {},
}
_WORK = "while True: pass"


@contextmanager
def busy(n_processes: int) -> Iterator[None]:
    """Keep so many processes at work beside the runs."""
    workers = [subprocess.Popen([sys.executable, "-c", _WORK]) for _ in range(n_processes)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def chosen_settings(options: argparse.Namespace) -> list[str]:
    """Return the settings that were asked for, by name."""
    return list(SETTINGS) if options.settings is None else options.settings.split(",")


def measured(task: str, options: argparse.Namespace, report: Report) -> dict[str, list[Run]]:
    """Return the runs of one thread, under "", and of two by setting."""
    cores = available_cores()
    found: dict[str, list[Run]] = {name: [] for name in ("", *chosen_settings(options))}
    with tempfile.TemporaryDirectory() as folder, busy(options.busy):
        file = Path(folder, "rows.npz")
        save_rows(task, options.samples, file)
        for number in range(options.runs):
            for name, runs in found.items():
                count = 2 if name else 1
                run = measured_run(
                    task,
                    "boosting",
                    file,
                    cores[:count],
                    epochs=options.epochs,
                    early_stopping=False,
                    waiting=SETTINGS.get(name, {}),
                )
                runs.append(run)
                of = f"2 threads, {name}" if name else "1 thread"
                report.progress(f"{task}, run {number + 1}, {of}: {run.seconds:.2f} s")
    return found


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default="motion,delivery", help="with commas")
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--settings", help=f"of {', '.join(SETTINGS)}; all by default")
    parser.add_argument("--busy", type=int, default=0, help="processes at work beside it")
    add_report_options(parser)
    options = parser.parse_args()
    tasks = options.tasks.split(",")
    if not set(tasks) <= set(CLASSIFIERS):
        parser.error(f"--tasks must be of {', '.join(CLASSIFIERS)}. Got {options.tasks}.")
    if not set(chosen_settings(options)) <= set(SETTINGS):
        parser.error(f"--settings must be of {', '.join(SETTINGS)}. Got {options.settings}.")
    if len(available_cores()) < 2:
        parser.error("this process may use one core; two are needed")
    report = Report(options, "waiting")
    for task in tasks:
        found = measured(task, options, report)
        alone = found.pop("")
        one, one_cpu = median(r.seconds for r in alone), median(r.cpu_seconds for r in alone)
        table = new_table(
            f"{task} {options.samples:,}, {options.epochs} rounds of boosting on 2 threads, "
            f"{options.busy} processes at work beside it, {options.runs} runs",
            ("waiting", "seconds", "least", "most", "speed-up", "CPU time by one thread's"),
            caption=f"one thread: {one:.2f} s ({min(r.seconds for r in alone):.2f} to "
            f"{max(r.seconds for r in alone):.2f})",
        )
        for name, runs in found.items():
            seconds = [run.seconds for run in runs]
            table.add_row(
                name,
                f"{median(seconds):.2f}",
                f"{min(seconds):.2f}",
                f"{max(seconds):.2f}",
                f"{one / median(seconds):.2f}",
                f"{median(run.cpu_seconds for run in runs) / one_cpu:.2f}",
            )
        report.show(table)
        report.figures[task] = {
            name or "one thread": [run.seconds for run in runs]
            for name, runs in {"": alone, **found}.items()
        }
    report.close()


if __name__ == "__main__":
    main()
