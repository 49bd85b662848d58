"""Times of training on this machine, for the planner."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from novin_ml.estimators.families import FAMILIES, family_named
from novin_ml.lifecycle.baseline_training import train_baseline
from novin_ml.lifecycle.training import train
from novin_ml.plain import plural, shown
from novin_ml.simulation import simulate_behavior
from novin_ml.validation import Interval, validate_params

#: Rows of each family, simulated; of behavior the events of one home.
SIZES = {
    "delivery": (5_000, 20_000, 80_000),
    "motion": (5_000, 15_000, 50_000),
    "chains": (5_000, 15_000, 50_000),
    "behavior": (2_000, 10_000, 50_000),
}
#: Rows of the same families as networks, which take longer.
NETWORK_SIZES = {
    "delivery": (2_000, 8_000, 30_000),
    "motion": (2_000, 6_000, 20_000),
    "chains": (2_000, 6_000, 20_000),
}
_ALGORITHMS = {"boosting": SIZES, "mlp": NETWORK_SIZES}
#: About one home in thirty does not consent.
_SPARE = 1.1
_FEWEST = 300
_WEEKS = 8


@validate_params(
    {
        "scale": [Interval(Real, 0, 20, closed="right")],
        "cores": [Interval(Integral, 1, None, closed="left"), None],
        "repeats": [Interval(Integral, 1, 100, closed="both")],
        "random_state": [Interval(Integral, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def calibrate(
    families: Sequence[str] = tuple(SIZES),
    *,
    algorithms: Sequence[str] = tuple(_ALGORITHMS),
    scale: float = 1.0,
    cores: int | None = None,
    repeats: int = 2,
    random_state: int = 0,
    on_run: Callable[[tuple[str, int, int, float]], Any] | None = None,
) -> list[tuple[str, int, int, float]]:
    """Measure how long training takes on this machine.

    Parameters
    ----------
    families : sequence of str, default=("delivery", "motion", "chains", "behavior")
        What to train.
    algorithms : sequence of {"boosting", "mlp"}, default=("boosting", "mlp")
        What learns in the classifiers.
    scale : float, default=1.0
        Share of the usual rows: 5,000 to 80,000 of delivery, to 50,000 of the others; of networks
        2,000 to 30,000, and to 20,000.
    cores : int, default=None
        The most threads; None is the number of cores. One thread is measured too.
    repeats : int, default=2
        Runs of each size.
    random_state : int, default=0
        Seeds the homes and the models.
    on_run : callable, default=None
        Called with each run.

    Returns
    -------
    runs : list of (str, int, int, float)
        Family, rows, threads and seconds of features and fit, with the estimators' defaults: what
        `novin_ml.compute.plan` takes as `times`. A network has ``"-mlp"`` behind its family.

    Raises
    ------
    ValueError
        If a family, an algorithm or a number is wrong.

    Notes
    -----
    Homes are simulated, and simulating them is not counted. Baselines and networks are fitted by
    one thread.

    Examples
    --------
    >>> from novin_ml.lifecycle import calibrate
    >>> runs = calibrate(["delivery"], scale=0.02, cores=1, repeats=1)
    >>> [(family, threads, seconds > 0) for family, _, threads, seconds in runs][0]
    ('delivery', 1, True)
    """
    threads = sorted({1, cores or _usable_cores()})
    runs: list[tuple[str, int, int, float]] = []
    unknown = [each for each in algorithms if each not in _ALGORITHMS]
    if unknown or not algorithms:
        raise ValueError(
            f"The 'algorithms' parameter must be some of {', '.join(_ALGORITHMS)}. Got "
            f"{shown(unknown[0]) if unknown else 'none'}. Name those to measure."
        )
    for name in [family_named(each).name for each in families]:
        for algorithm in algorithms:
            if name not in _ALGORITHMS[algorithm]:  # a baseline is no network
                continue
            one_thread = FAMILIES[name].is_detector or algorithm == "mlp"
            listed = enumerate(_ALGORITHMS[algorithm][name])
            for n_rows in sorted({max(_FEWEST + step, round(scale * n)) for step, n in listed}):
                table = _simulated(name, n_rows, random_state)
                for n_threads in [1] if one_thread else threads:
                    for _ in range(repeats):
                        run = _run(name, algorithm, table, n_threads, random_state)
                        runs.append(run)
                        if on_run is not None:
                            on_run(run)
    return runs


def machine_name() -> str:
    """Return what this machine is, for people."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        pass
    return f"{name}, {plural(_usable_cores(), 'core')}, {platform.system()}"


def busy_processors() -> float:
    """Return the mean number of programs that ran or waited in the last minute."""
    return float(os.getloadavg()[0])


def _usable_cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def _simulated(name: str, n_rows: int, seed: int) -> Any:
    if not FAMILIES[name].is_detector:
        return FAMILIES[name].simulate(int(_SPARE * n_rows), random_state=seed)
    weeks = _WEEKS
    log = simulate_behavior(1, weeks=weeks, random_state=seed)
    while len(log) < n_rows and weeks < 520:
        weeks = min(520, int(1.2 * weeks * n_rows / len(log)) + 1)
        log = simulate_behavior(1, weeks=weeks, random_state=seed)
    return log[:n_rows].assign(consent=True)


def _run(
    name: str, algorithm: str, table: Any, n_threads: int, seed: int
) -> tuple[str, int, int, float]:
    if FAMILIES[name].is_detector:
        baseline = train_baseline(table, random_state=seed)
        return name, baseline.n_trained, 1, baseline.seconds
    result = train(
        name, table, algorithm=algorithm, test_fraction=0, random_state=seed, n_jobs=n_threads
    )
    task = name if algorithm == "boosting" else f"{name}-{algorithm}"
    return task, result.n_trained, n_threads, result.seconds
