import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from sklearn.model_selection import KFold, train_test_split

from novin_ml.events import Signals, read_signals, write_events, write_signals
from novin_ml.exceptions import InvalidEventError
from tests.features.builders import event_table
from tests.properties.strategies import signal_tables

NAN = np.nan


@pytest.fixture
def signals():
    return Signals.from_arrays([[0.1, 0.2], None, [0.3], [0.4, NAN, 0.6]], [10, 10, 5, 20])


def assert_same(left, right):
    for name in ("values", "offsets", "sample_rate"):
        got, expected = getattr(left, name), getattr(right, name)
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected)


def test_a_table_is_values_offsets_and_rates(signals):
    assert len(signals) == 4
    assert signals.offsets.tolist() == [0, 2, 2, 3, 6]
    assert signals.lengths.tolist() == [2, 0, 1, 3]
    assert signals.values.dtype == signals.sample_rate.dtype == np.float32
    assert signals.offsets.dtype == np.int64
    assert [len(signal) for signal in signals] == [2, 0, 1, 3]


@pytest.mark.parametrize("missing", [None, NAN, pd.NA, [], np.empty(0, np.float32)])
def test_a_missing_signal_has_no_samples(missing):
    assert Signals.from_arrays([missing, [0.5]]).lengths.tolist() == [0, 1]


def test_no_signals():
    assert len(Signals.from_arrays([])) == 0
    assert len(Signals.from_arrays(np.empty((0, 7)))) == 0
    assert len(Signals.from_arrays([])[[]]) == 0


def test_rows_of_an_array_are_signals():
    array = np.arange(6).reshape(2, 3) / 10
    assert_same(Signals.from_arrays(array, 4), Signals.from_arrays(list(array), [4, 4]))


def test_signals_of_events():
    raw = np.float32([0.1, NAN])
    events = event_table({"raw": raw, "sample_rate": 20.0}, {})
    assert_same(Signals.from_events(events), Signals.from_arrays([raw, None], [20, 10]))
    alone = events[["raw"]]
    assert_same(Signals.from_events(alone), Signals.from_arrays([raw, None]))


def test_a_rate_that_is_not_told_is_10_hz():
    assert Signals.from_arrays([[0.1], [0.2]], [NAN, 4]).sample_rate.tolist() == [10, 4]


def test_indexing_is_that_of_a_list(signals):
    assert signals[2].tolist() == [np.float32(0.3)]
    assert signals[-1].tolist()[::2] == np.float32([0.4, 0.6]).tolist()
    assert_same(signals[[3, 0, 3]], signals.take([-1, 0, 3]))
    assert_same(signals[np.array([False, True, True, False])], signals[1:3])
    assert signals[::-1].lengths.tolist() == [3, 1, 0, 2]
    assert_same(signals.iloc[[1]], signals[[1]])
    for row in (4, -5):
        with pytest.raises(IndexError):
            signals[row]
    with pytest.raises(IndexError):
        signals[[4]]


def test_tables_are_joined(signals):
    assert_same(Signals.concatenate([signals[:1], signals[1:]]), signals)


def test_splitters_of_scikit_learn_take_it(signals):
    train, test, rows, _ = train_test_split(signals, np.arange(4), random_state=0)
    assert isinstance(train, Signals)
    assert len(test) == 1
    assert_same(train, signals[rows])
    assert sum(len(signals[test]) for _, test in KFold(2).split(signals)) == 4


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (([0.1, 0.2], [0, 3], [10]), "offsets of signals must rise"),
        (([0.1, 0.2], [0, 2, 1, 2], [10] * 3), "offsets of signals must rise"),
        (([0.1, 0.2], [1, 2], [10]), "offsets of signals must rise"),
        (([0.1, 0.2], [0, 2], []), "offsets of signals must rise"),
        (([0.1], [], []), "offsets of signals must rise"),
        (([0.1, -0.2], [0, 2], [10]), r"intensities from 0.* Got -0\.2"),
        (([0.1, np.inf], [0, 2], [10]), r"intensities from 0.* Got inf"),
        (([0.1], [0, 1], [0]), r"positive finite number of hertz.* Got 0\.0"),
        (([0.1], [0, 1], [NAN]), "positive finite number of hertz"),
        (([[0.1]], [0, 1], [10]), "must be a 1-d array"),
    ],
)
def test_what_is_no_table_is_refused(arrays, sentence):
    with pytest.raises(InvalidEventError, match=sentence):
        Signals(*arrays)


@pytest.mark.parametrize("signal", ["0.1", np.array(["a"]), np.zeros((2, 2)), np.array([1j])])
def test_what_is_no_signal_is_refused(signal):
    with pytest.raises(InvalidEventError, match="must be a 1-d array of numbers"):
        Signals.from_arrays([signal])


@pytest.mark.parametrize("suffix", [".npz", ".parquet"])
@given(table=signal_tables)
def test_what_is_written_reads_back_the_same(tmp_path, suffix, table):
    path = tmp_path / f"signals{suffix}"
    write_signals(table, path)
    assert_same(read_signals(path), table)


def test_signals_of_a_parquet_file_of_events(tmp_path):
    events = event_table({"raw": np.float32([0.1, NAN]), "sample_rate": 20.0}, {})
    write_events(events, tmp_path / "events.parquet")
    assert_same(read_signals(tmp_path / "events.parquet"), Signals.from_events(events))


def test_parquet_of_doubles_without_rates(tmp_path):
    frame = pd.DataFrame({"raw": [[0.5, None], None, [0.25]], "other": [1, 2, 3]})
    frame.to_parquet(tmp_path / "signals.parquet")
    expected = Signals.from_arrays([[0.5, NAN], None, [0.25]])
    assert_same(read_signals(tmp_path / "signals.parquet"), expected)


def test_files_without_signals_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", values=np.zeros(2))
    np.savez(tmp_path / "object.npz", values=np.array([{}]), offsets=[0, 1], sample_rate=[1.0])
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    pd.DataFrame({"raw": ["a", "b"]}).to_parquet(tmp_path / "text.parquet")
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"no table")
    for path in tmp_path.iterdir():
        with pytest.raises(InvalidEventError, match="must be a table of signals"):
            read_signals(path)


def test_the_suffix_names_the_format(signals, tmp_path):
    with pytest.raises(ValueError, match=r"must be \.npz or \.parquet"):
        write_signals(signals, tmp_path / "signals.csv")
    with pytest.raises(ValueError, match=r"must be \.npz or \.parquet"):
        read_signals(tmp_path / "signals.csv")
    with pytest.raises(FileNotFoundError):
        read_signals(tmp_path / "none.npz")


def test_any_sequence_of_numbers_is_a_signal():
    table = Signals.from_arrays([pd.Series([0.25, 0.5]), (0.75,), None])
    assert table.lengths.tolist() == [2, 1, 0]
    with pytest.raises(InvalidEventError, match="1-d array of numbers"):
        Signals.from_arrays([["a"]])
