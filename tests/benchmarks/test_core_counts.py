"""The core-count harness: which counts it takes, which runs it discards, what law it finds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._core_counts import Series, parse_cores, sorted_out
from benchmarks._host import available_cores, has_affinity, is_overloaded
from benchmarks._one_run import Run, measured_run
from benchmarks.scaling import save_rows
from novin_ml.compute import amdahl_speedup

ROOT = Path(__file__).resolve().parents[2]


def run_of(cores, seconds, *, threaded=None, load=0.5):
    return Run(cores, seconds, seconds * cores, threaded, 100.0, 10.0, load, load)


def series_of(*runs):
    kept, discarded = sorted_out(runs)
    return Series("delivery", "boosting", 1_000, tuple(kept), tuple(discarded))


@pytest.mark.parametrize(
    ("text", "available", "counts", "n_refused"),
    [
        (None, 1, [1], 0),
        (None, 6, [1, 2, 4], 0),
        ("1,2", 2, [1, 2], 0),
        ("4,1, 2,2", 4, [1, 2, 4], 0),
        ("1,2,4,16", 2, [1, 2], 2),
        ("8", 2, [], 1),
    ],
)
def test_core_counts(text, available, counts, n_refused):
    found, refused = parse_cores(text, available)
    assert found == counts
    assert len(refused) == n_refused
    assert all(f"may use {available}" in sentence for sentence in refused)


@pytest.mark.parametrize("text", ["", "two", "0,1", "-2", "1;2"])
def test_core_counts_that_are_none(text):
    with pytest.raises(ValueError, match="must be positive whole numbers"):
        parse_cores(text, 4)


def test_a_load_above_the_cores_is_too_much():
    assert not is_overloaded(0.0, 2.0, None, cores=2)
    assert not is_overloaded(2.2, cores=2)
    assert is_overloaded(0.1, 2.3, cores=2)


def test_runs_under_too_much_load_are_discarded():
    busy = os.cpu_count() + 1.0
    runs = [run_of(1, 2.0), run_of(1, 9.0, load=busy), run_of(2, 1.2)]
    series = series_of(*runs)
    assert [run.seconds for run in series.kept] == [2.0, 1.2]
    assert [run.seconds for run in series.discarded] == [9.0]
    assert series.seconds(1) == 2.0
    kept, discarded = sorted_out(runs, keep_all=True)
    assert len(kept) == 3
    assert not discarded


def test_a_series_finds_the_serial_fraction():
    runs = [run_of(n, 8 / amdahl_speedup(0.25, n)) for n in (1, 1, 2, 2, 4, 4)]
    law = series_of(*runs).law()
    assert law.serial_fraction == pytest.approx(0.25, abs=0.01)


def test_the_profile_of_one_core_bounds_the_prediction():
    runs = [run_of(1, 8.0, threaded=6.0), run_of(1, 8.1, threaded=6.2), run_of(2, 6.0)]
    series = series_of(*runs)
    assert series.serial_at_least == pytest.approx(1 - 6.2 / 8.1)
    prediction = series.from_one_core(2)
    assert prediction.low > 8 / amdahl_speedup(0.2, 2) * 0.98
    assert prediction.low < 6.0 < prediction.high
    # What was measured on two cores has no part in it.
    other = series_of(*runs[:2], run_of(2, 99.0))
    assert other.from_one_core(2) == prediction


def test_too_few_runs_have_no_law():
    assert series_of(run_of(1, 1.0)).law() is None
    assert series_of(run_of(2, 1.0), run_of(2, 1.0)).law() is None
    assert series_of(run_of(1, 1.0), run_of(2, 1.0)).from_one_core(2) is None


@pytest.mark.parametrize(
    ("task", "algorithm", "samples", "threaded"),
    [("delivery", "boosting", 600, True), ("behavior", "", 600, False), ("fleet", "", 2, True)],
)
def test_a_run_in_a_process_of_its_own(task, algorithm, samples, threaded, tmp_path):
    file = tmp_path / "rows.npz"
    save_rows(task, samples, file)
    run = measured_run(task, algorithm, file, available_cores()[:1], epochs=3)
    assert run.cores == 1
    assert run.seconds > 0
    assert run.cpu_seconds > 0
    assert run.peak_mb > 50
    assert 0 <= run.threaded_seconds <= run.seconds
    assert (run.threaded_seconds > 0) == threaded


def test_a_failed_run_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="failed"):
        measured_run("delivery", "boosting", tmp_path / "none.npz", available_cores()[:1])


@pytest.mark.skipif(not has_affinity(), reason="this system has no affinity")
def test_cores_are_those_of_the_process():
    cores = available_cores()
    assert sorted(cores) == sorted(os.sched_getaffinity(0))
    code = (
        "import json, os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
        "from benchmarks._host import available_cores; print(json.dumps(available_cores()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout) == [min(cores)]
