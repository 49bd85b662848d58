"""What a model keeps of its training rows: the same in any order, and wrong as often as it says."""

import numpy as np
import pytest
from scipy.stats import binom

from novin_ml.events import training_record as module
from novin_ml.events.training_record import (
    EVENTS,
    FEATURES,
    TrainingRecord,
    event_keys,
    feature_keys,
)

RNG = np.random.default_rng(0)


def log(n, first=0.0):
    homes = np.array([f"home {i}" for i in RNG.integers(0, max(2, n // 50), n)], dtype=object)
    return homes, first + np.round(np.sort(RNG.uniform(0, 1e8, n)), 3)


def record(homes, times):
    return TrainingRecord.of(event_keys(homes, times), homes, EVENTS)


@pytest.mark.parametrize("n", [1, 50, 3_000, 60_000, 200_000])
def test_rows_of_the_training_are_found_and_others_as_often_as_stated(n):
    homes, times = log(n)
    kept = record(homes, times)
    asked, seen = kept.has_rows(event_keys(homes, times))
    assert seen.sum() == asked.sum() > 0
    asked, seen = kept.has_rows(event_keys(*log(100_000, first=2e8)))
    expected = kept.false_positive_rate
    low, high = binom.ppf([1e-6, 1 - 1e-6], asked.sum(), expected)
    assert low <= seen.sum() <= high
    assert expected < 0.01
    assert len(kept.bits) <= module.MAX_FILTER_BYTES
    assert asked.mean() == pytest.approx(min(1, module._MAX_ROWS / n), rel=0.1)
    known, found = kept.has_homes([*homes, "another"])
    assert known.all()
    assert found.sum() == len(found) - 1


def test_neither_order_nor_chunks_change_a_byte():
    homes, times = log(5_000)
    first = record(homes, times).to_arrays()
    order = RNG.permutation(5_000)
    chunks = np.array_split(order, 7)
    keys = np.concatenate([event_keys(homes[chunk], times[chunk]) for chunk in chunks])
    again = TrainingRecord.of(keys, homes[order], EVENTS).to_arrays()
    for name, array in first.items():
        assert array.tobytes() == again[name].tobytes(), name


def test_two_trainings_cannot_be_joined():
    homes, times = log(1_000)
    one, other = record(homes, times), record(homes[1:], times[1:])
    assert one.salt != other.salt
    assert not set(one.homes.tolist()) & set(other.homes.tolist())


def test_homes_without_a_name_are_no_homes():
    homes = np.array(["a", "unknown_home", None, float("nan"), "a"], dtype=object)
    kept = record(homes, np.arange(5.0))
    assert (kept.n_homes, kept.n_rows, len(kept.homes)) == (1, 5, 1)
    assert kept.has_homes(homes)[1].tolist() == [True]


def test_of_too_many_homes_a_share_is_kept_and_asked(monkeypatch):
    monkeypatch.setattr(module, "MAX_HOMES", 100)
    names = np.array([f"h{i}" for i in range(1_000)], dtype=object)
    kept = record(names, np.arange(1_000.0))
    assert (len(kept.homes), kept.n_homes) == (100, 1_000)
    asked, seen = kept.has_homes(names)
    assert (seen.sum(), asked.sum()) == (100, 100)
    asked, seen = kept.has_homes([f"other {i}" for i in range(1_000)])
    assert 50 < asked.sum() < 200
    assert not seen.any()


def test_equal_numbers_are_equal_rows():
    rows = np.array([[0.0, np.nan], [1.0, 2.0]], dtype=np.float32)
    same = np.array([[-0.0, -np.float32("nan")], [1.0, 2.0]])
    assert (feature_keys(rows) == feature_keys(same)).all()
    assert len(set(feature_keys([[1, 2], [2, 1], [1, 1], [0, 0]]).tolist())) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("homes", np.zeros(3, np.uint64)),
        ("homes", np.zeros(3)),
        ("bits", np.zeros(0, np.uint8)),
        ("bits", np.zeros(100_000, np.uint8)),
        ("numbers", np.zeros(6, np.uint64)),
        ("numbers", np.zeros(5, np.uint64)),
        ("salt", np.zeros(15, np.uint8)),
    ],
)
def test_arrays_that_are_no_record_are_refused(name, value):
    arrays = record(*log(100)).to_arrays()
    assert TrainingRecord.from_arrays(EVENTS, arrays).n_rows == 100
    with pytest.raises(ValueError, match="="):
        TrainingRecord.from_arrays(EVENTS, arrays | {name: value})
    with pytest.raises(ValueError, match="identity"):
        TrainingRecord.from_arrays("names", arrays)


def test_a_table_that_repeats_rows_says_so():
    keys = feature_keys(np.repeat(np.eye(20), 2, axis=0))
    kept = TrainingRecord.of(keys, None, FEATURES)
    assert (kept.n_rows, kept.n_once, kept.n_homes) == (40, 0, 0)
