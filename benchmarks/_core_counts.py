"""What the core-count harness makes of its runs: which count, what law they follow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks._host import is_overloaded
from benchmarks._one_run import Run
from novin_ml.compute import Prediction, ScalingLaw, fit_scaling_law

#: Below so many runs of one core there is no spread to predict with.
_LEAST_RUNS = 2


def parse_cores(text: str | None, available: int) -> tuple[list[int], list[str]]:
    """Return the core counts to measure, and a sentence for each that there are not.

    Parameters
    ----------
    text : str or None
        Counts with commas; None is 1, 2, 4 and so on as far as there are cores.
    available : int
        Cores that this process may use.
    """
    if text is None:
        return [n for n in (2**i for i in range(11)) if n <= available], []
    try:
        asked = sorted({int(word) for word in text.split(",")})
    except ValueError:
        asked = []
    if not asked or asked[0] < 1:
        raise ValueError(
            f"The core counts must be positive whole numbers with commas. Got {text!r} instead. "
            "Pass for example 1,2,4."
        )
    too_many = [n for n in asked if n > available]
    refused = [
        f"{n} cores are left out: this process may use {available}. Predictions stand in for them."
        for n in too_many
    ]
    return [n for n in asked if n <= available], refused


@dataclass(frozen=True)
class Series:
    """Runs of one task at several core counts, those under too much load kept apart."""

    task: str
    algorithm: str
    samples: int
    kept: tuple[Run, ...]
    discarded: tuple[Run, ...]

    @property
    def name(self) -> str:
        """What it is, for tables."""
        return " ".join(part for part in (self.task, self.algorithm, f"{self.samples:,}") if part)

    def at(self, cores: int) -> list[Run]:
        """Return the kept runs on so many cores."""
        return [run for run in self.kept if run.cores == cores]

    def seconds(self, cores: int) -> float:
        """Return the median time on so many cores."""
        return median(run.seconds for run in self.at(cores))

    @property
    def core_counts(self) -> list[int]:
        """Core counts with a run that was kept."""
        return sorted({run.cores for run in self.kept})

    @property
    def rises_at(self) -> int | None:
        """The first core count that takes longer than one core; None if there is none."""
        if not self.at(1):
            return None
        slower = [n for n in self.core_counts if self.seconds(n) > self.seconds(1)]
        return slower[0] if slower else None

    @property
    def serial_at_least(self) -> float:
        """Share of the time of one core that was spent outside all code with threads."""
        shares = [
            1 - run.threaded_seconds / run.seconds
            for run in self.at(1)
            if run.threaded_seconds is not None
        ]
        return min(1.0, max(0.0, min(shares))) if shares else 0.0

    def law(self, cores: Sequence[int] | None = None) -> ScalingLaw | None:
        """Fit the law to the runs on these core counts, or on all; None if they are too few."""
        runs = [run for run in self.kept if cores is None or run.cores in cores]
        if len(runs) < _LEAST_RUNS or not self.at(1):
            return None
        return fit_scaling_law(
            [run.seconds for run in runs],
            [run.cores for run in runs],
            serial_at_least=self.serial_at_least,
            thread_cost=len({run.cores for run in runs}) > 1 and self.rises_at is not None,
        )

    def from_one_core(self, cores: int) -> Prediction | None:
        """Predict the time on more cores from the runs on one alone."""
        law = self.law([1]) if len(self.at(1)) >= _LEAST_RUNS else None
        return None if law is None else law.predict(cores)


def sorted_out(runs: Sequence[Run], *, keep_all: bool = False) -> tuple[list[Run], list[Run]]:
    """Return the runs that count, and those during which the load exceeded the cores."""
    cores = os.cpu_count() or 1
    bad = [
        run
        for run in runs
        if not keep_all and is_overloaded(run.load_before, run.load_after, cores=cores)
    ]
    return [run for run in runs if run not in bad], bad
