"""One training run in a process of its own, on so many cores; prints what it cost as JSON.

Run by `measured_run`, which limits the threads of the libraries before they are loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from novin_ml.waiting import WAITING_VARIABLES

#: What the libraries that start threads are told, before they are loaded.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
_WARM_ROWS = 2_000


@dataclass(frozen=True)
class Run:
    """What a run cost.

    Attributes
    ----------
    cores : int
    seconds, cpu_seconds : float
        Wall time, and processor time of the process and its children.
    threaded_seconds : float or None
        Of the wall time, what was spent in code that divides its work among cores; None if that is
        not known.
    peak_mb, extra_mb : float
        Most memory of the largest process, and how much of it the run added.
    load_before, load_after : float or None
    """

    cores: int
    seconds: float
    cpu_seconds: float
    threaded_seconds: float | None
    peak_mb: float
    extra_mb: float
    load_before: float | None
    load_after: float | None


def measured_run(
    task: str,
    algorithm: str,
    file: Path,
    cores: list[int],
    *,
    epochs: int | None = None,
    early_stopping: bool = True,
    waiting: Mapping[str, str] | None = None,
) -> Run:
    """Train in a fresh process that has these cores.

    Parameters
    ----------
    task : str
        A family of classifiers, or "behavior" or "fleet".
    algorithm : str
    file : Path
        The rows to train on, as `save_rows` in `benchmarks.scaling` writes them.
    cores : list of int
        Numbers of the cores. Where there is no affinity only their count is used.
    epochs : int, default=None
        At most so many; None is the estimator's default.
    early_stopping : bool, default=True
        Whether a classifier holds rows back and stops by them.
    waiting : mapping of str to str, default=None
        The variables that say how threads wait; None is what this process has.
    """
    n_cores = len(cores)
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(n_cores))
    environment["OMP_DYNAMIC"] = "false"
    if waiting is not None:
        for name in WAITING_VARIABLES:
            environment.pop(name, None)
        environment |= waiting
    given = {
        "task": task,
        "algorithm": algorithm,
        "file": str(file),
        "cores": cores,
        "epochs": epochs,
        "early_stopping": early_stopping,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._one_run", json.dumps(given)],
        cwd=Path(__file__).resolve().parents[1],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"a run of {task} on {n_cores} cores failed:\n{done.stderr[-2_000:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Do one run."""
    given = json.loads(sys.argv[1])
    cores = given["cores"]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)  # before any library looks at it
    from threadpoolctl import threadpool_limits

    from benchmarks._host import load

    fit, warm = prepared(given, len(cores))
    with threadpool_limits(len(cores)):
        warm()
        load_before, memory = load(), _resident_mb()
        _forget_peak()
        cpu, start = _cpu_seconds(), time.perf_counter()
        threaded = fit()
        seconds = time.perf_counter() - start
    _end_workers()
    cpu = _cpu_seconds() - cpu
    peak = peak_mb()
    run = Run(
        cores=len(cores),
        seconds=seconds,
        cpu_seconds=cpu,
        threaded_seconds=threaded,
        peak_mb=peak,
        extra_mb=peak - memory,
        load_before=load_before,
        load_after=load(),
    )
    print(json.dumps(asdict(run)))


def prepared(
    given: dict[str, Any], n_cores: int
) -> tuple[Callable[[], float | None], Callable[[], object]]:
    """Return the run, which returns its threaded seconds, and a short one to warm up with."""
    import numpy as np

    from benchmarks.suite._data import load_part

    task, algorithm, file = given["task"], given["algorithm"], Path(given["file"])
    if task == "fleet":
        return _fleet(file, n_cores)
    if task == "behavior":
        with np.load(file) as columns:
            X, times = columns["X"], columns["times"]
        return lambda: _no_threads(X, times), lambda: _no_threads(X[:500], times[:500])
    part = load_part(file)
    few = part._replace(**{name: column[:_WARM_ROWS] for name, column in part._asdict().items()})
    groups = _groups_of(part)

    def run(rows: Any, groups: Any, epochs: int | None, stop: bool) -> float | None:
        from novin_ml.estimators.families import FAMILIES

        classifier = FAMILIES[task].make_pipeline(
            algorithm=algorithm,
            epochs=epochs,
            early_stopping=stop,
            n_jobs=n_cores,
            random_state=0,
        )[-1]
        with _timed_threads(algorithm) as spent:
            classifier.fit(rows.X, rows.label, groups=groups)
        return spent() if spent is not None else None

    epochs, stop = given["epochs"], given["early_stopping"]
    return lambda: run(part, groups, epochs, stop), lambda: run(few, None, 2, False)


def _groups_of(part: Any) -> Any:
    return part.home if part.home.min() != part.home.max() else None


def _no_threads(X: Any, times: Any) -> float:
    from novin_ml import BehaviorAnomalyDetector

    BehaviorAnomalyDetector(random_state=0).fit(X, timestamps=times)
    return 0.0


def _fleet(file: Path, n_cores: int) -> tuple[Callable[[], float | None], Callable[[], object]]:
    import tempfile

    import numpy as np

    from benchmarks.suite._data import fleet_table
    from novin_ml import BehaviorAnomalyDetector
    from novin_ml.lifecycle import fit_fleet

    with np.load(file) as columns:
        events = fleet_table(int(columns["homes"]), int(columns["events"]))

    def run(table: Any) -> float | None:
        with tempfile.TemporaryDirectory() as folder:
            report = fit_fleet(
                table,
                out=folder,
                estimator=BehaviorAnomalyDetector(),
                n_jobs=n_cores,
                random_state=0,
            )
        # What the workers do is divided among them; the rest is done by one process.
        return sum(report.stage_seconds.values())

    # Warm is whoever has had a batch of homes.
    return lambda: run(events), lambda: run(fleet_table(32 * n_cores, 50))


class _timed_threads:
    """Time all that the process spends in xgboost's training, the only code there with threads.

    The network's threads are those of matrix products, many and short: they are not timed.
    """

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm

    def __enter__(self) -> Callable[[], float] | None:
        if self._algorithm != "boosting":
            return None
        import xgboost

        self._library, self._kept = xgboost, {}
        spent = [0.0]

        def timed(function: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                start = time.perf_counter()
                try:
                    return function(*args, **kwargs)
                finally:
                    spent[0] += time.perf_counter() - start

            return call

        for name in ("train", "QuantileDMatrix"):
            self._kept[name] = getattr(xgboost, name)
            setattr(xgboost, name, timed(self._kept[name]))
        return lambda: spent[0]

    def __exit__(self, *error: object) -> None:
        if self._algorithm == "boosting":
            for name, function in self._kept.items():
                setattr(self._library, name, function)


def _end_workers() -> None:
    """End joblib's processes, so that the system has counted what they cost."""
    from joblib.externals.loky import get_reusable_executor

    if "joblib.externals.loky.reusable_executor" in sys.modules:
        get_reusable_executor(max_workers=1, reuse=True).shutdown(wait=True)


def _cpu_seconds() -> float:
    of_children = os.times()  # in whole ticks of the system's clock
    return time.process_time() + of_children.children_user + of_children.children_system


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_mb()
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _forget_peak() -> None:
    """Let the system measure the peak from here on, where it can."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mb() -> float:
    import resource

    unit = 1e6 if sys.platform == "darwin" else 1e3
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        own = next(float(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))
        own *= 1.024
    except OSError:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return max(own, children)


if __name__ == "__main__":
    main()
