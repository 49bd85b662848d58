"""A few changes of each seed, the same ones each time; the long run is ``make fuzz``."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

import pytest
import xgboost
from sklearn.utils.fixes import parse_version

from tests.fuzz.running import Worker, run
from tests.fuzz.target import CORPUS
from tests.fuzz.targets import TARGETS

#: What a target's reader needs that is optional.
NEEDS = {"release": "cryptography", "model_file": "skops"}


@pytest.fixture(scope="module")
def worker():
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is limited on Linux alone")
    one = Worker()
    yield one
    one.close()


@pytest.fixture
def target(request):
    needed = NEEDS.get(request.param)
    if needed and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    return TARGETS[request.param]


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_seeds_are_read(target):
    """Otherwise most of their changes would be refused for another reason than the change."""
    if target.name in ("saved", "export") and parse_version(xgboost.__version__) < parse_version(
        "3.1"
    ):
        pytest.skip("xgboost 3.2 wrote the seeds; older ones than 3.1 know no intercept a class")
    for seed in target.seeds:
        with tempfile.TemporaryDirectory() as scratch:
            path = target.replay(seed, Path(scratch)) if seed.is_file() else seed
            target.read(path)


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_a_changed_file_is_read_or_refused_by_name(worker, target):
    tally = run(worker, target, range(target.n_short))
    assert not tally.faults
    assert tally.counts["read"] + tally.counts["refused"] == target.n_short
    # A request is not refused as a whole: its events are.
    assert tally.counts["refused"] > 0 or target.name == "one_event"


@pytest.mark.parametrize("target", TARGETS, indirect=True)
def test_what_was_found_once_is_refused_by_name(worker, target):
    for found in target.found:
        what, said, _ = worker(target=target.name, found=os.fspath(found))
        assert what in ("read", "refused"), f"{found.name}: {said}"


def test_the_corpus_is_small():
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_000_000
    assert {path.name for path in CORPUS.iterdir()} <= set(TARGETS)


@pytest.mark.parametrize(
    ("faulty", "expected"),
    [("raises", "KeyError"), ("grows", "MemoryError"), ("dies", "the process ended by -6")],
)
def test_a_fault_is_seen(worker, faulty, expected):
    what, said, _ = worker(target=faulty, number=0, seed=0)
    assert what == "fault"
    assert expected in said
    assert worker(target="update", number=0, seed=0)[0] in ("read", "refused")
