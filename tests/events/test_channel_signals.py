"""Signals of several channels: the table, its files, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import (
    ChannelSignals,
    read_channel_signals,
    training_events,
    write_channel_signals,
)
from novin_ml.exceptions import InvalidEventError

NAN = np.nan
rng = np.random.default_rng(0)
COLUMNS = {
    "home_id": ["ann", "bob", None],
    "label": ["walk", None, "run"],
    "consent": [True, True, False],
}


@pytest.fixture
def signals():
    arrays = [rng.normal(size=(2, 4)), None, rng.normal(size=(2, 2))]
    arrays[2][:, 1] = NAN  # a gap at the end is a gap
    return ChannelSignals.from_arrays(arrays, ["a", "b"], [10.0, NAN, 50.0], **COLUMNS)


def assert_same(left, right):
    assert left.channels == right.channels
    np.testing.assert_array_equal(left.values, right.values)
    np.testing.assert_array_equal(left.offsets, right.offsets)
    pd.testing.assert_frame_equal(left.table, right.table)


def test_a_table_is_indexed_like_a_list(signals):
    assert (len(signals), signals.lengths.tolist()) == (3, [4, 0, 2])
    assert signals.sample_rate.tolist() == [10, 10, 50]
    assert signals[0].shape == (2, 4)
    assert signals[[2, 0]].lengths.tolist() == [2, 4]
    assert signals[signals["label"].notna()]["home_id"].tolist() == ["ann", None]
    assert_same(ChannelSignals.concatenate([signals[:1], signals[1:]]), signals)
    assert_same(signals[::-1][::-1], signals)
    np.testing.assert_array_equal(signals.channel("b").values, signals.values[1])
    np.testing.assert_array_equal(signals.of(["b", "a"]).values, signals.values[::-1])


def test_rows_to_train_on_are_labelled_and_consent(signals):
    rows, n_without = training_events(signals)
    assert (rows["label"].tolist(), n_without) == (["walk"], 1)


def test_signals_of_a_padded_array_end_with_their_last_sample():
    X = np.full((3, 3, 6), NAN)
    X[0, 1, 3] = X[1, :, 5] = 1.0
    signals = ChannelSignals.from_arrays(X)
    assert signals.lengths.tolist() == [4, 6, 0]
    assert signals.channels == ("sensor_1_x", "sensor_1_y", "sensor_1_z")
    assert ChannelSignals.from_arrays(X[:, :2]).channels == ("channel_1", "channel_2")


def test_what_is_written_reads_back_the_same(signals, tmp_path):
    for number, table in enumerate((signals, signals[:0], signals.assign(label=[1, 2, 1]))):
        path = tmp_path / f"{number}.npz"
        write_channel_signals(table, path)
        assert_same(read_channel_signals(path), table)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_files_of_numpy(save, tmp_path):
    X = rng.normal(size=(4, 6, 10))
    save(tmp_path / "x.npz", X=X, y=[1, 2, 1, 2], subject=["a", "a", "b", "b"], other=[0])
    signals = read_channel_signals(tmp_path / "x.npz")
    assert signals.channels[3:] == ("sensor_2_x", "sensor_2_y", "sensor_2_z")
    assert signals["label"].tolist() == [1, 2, 1, 2]
    assert signals["home_id"].tolist() == ["a", "a", "b", "b"]
    assert "consent" not in signals.columns
    np.testing.assert_array_equal(signals[1], np.float32(X[1]))
    save(tmp_path / "y.npz", X=X[:, :1], consent=True, channels=["a"], sample_rate=50.0)
    signals = read_channel_signals(tmp_path / "y.npz")
    assert signals["consent"].all()
    assert signals.sample_rate.tolist() == [50] * 4


ONE = np.zeros((1, 2, 3))
REFUSED = {
    "name twice": ((ONE, ["a", "a"]), r"differ from each other\. Got 2 channels 'a'"),
    "no identifier": ((ONE, ["a", "b c"]), r"1 to 32 names, ASCII identifiers.* Got 'b c'"),
    "one text": ((ONE, "ab"), r"1 to 32 names, ASCII identifiers"),
    "none": (([], []), r"1 to 32 names, ASCII identifiers"),
    "too many": ((np.zeros((1, 33, 3)),), r"1 to 32 names.* which is 33 names"),
    "another number": ((ONE, ["a", "b", "c"]), r"Each signal must have 3 channels\. Got one of 2"),
    "of two widths": (([ONE[0], ONE[0, :1]],), r"must have 2 channels\. Got one of 1"),
    "one dimension": (([[1.0, 2.0]],), r"2-d array of numbers.* Got 1 dimension of float64"),
    "texts": (([[["a"]]],), r"2-d array of numbers.* Got 2 dimensions of <U1"),
    "ragged": (([[[1.0], [1.0, 2.0]]],), r"2-d array of numbers"),
    "infinite": ((ONE - np.inf, ["a", "b"]), r"-1e\+30 to 1e\+30.* Got -inf in 'a'"),
    "huge": (
        (ONE + np.array([[0], [1e31]]), ["a", "b"]),
        r"numbers from -1e\+30 to 1e\+30.* in 'b'",
    ),
    "no rate": ((ONE, None, 0), r"positive finite number of hertz\. Got 0\.0"),
    "infinite rate": ((ONE, None, np.inf), r"positive finite number of hertz\. Got inf"),
    "rates": ((ONE, None, [1, 2]), r"sample_rate of signals must have a value for each of 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused(case):
    arguments, sentence = REFUSED[case]
    with pytest.raises(InvalidEventError, match=sentence):
        ChannelSignals.from_arrays(*arguments)


def test_a_channel_that_is_not_there_is_named(signals):
    with pytest.raises(InvalidEventError, match=r"Missing: c; they have a, b\."):
        signals.of(["a", "c"])


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"values": ONE}, "Got 'X is not a file|Got 'X'"),
        ({"X": ONE[0]}, r"Got X of shape \(2, 3\)"),
        ({"X": np.array([[["a"]]])}, "Got X of shape"),
        ({"X": ONE, "lengths": [4]}, "lengths that are not those"),
        ({"X": ONE, "y": [[1]]}, r"y of shape \(1, 1\)"),
        ({"X": ONE, "y": [1, 2]}, "label of signals must have a value for each of 1"),
        ({"X": ONE, "channels": ["a"]}, "must have 1 channel. Got one of 2"),
        ({"X": np.array([[[{}]]])}, "an array of objects"),
    ],
)
def test_files_without_such_signals_are_refused(arrays, sentence, tmp_path):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InvalidEventError, match=sentence):
        read_channel_signals(tmp_path / "x.npz")


def test_no_archive_and_another_suffix_are_refused(signals, tmp_path):
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(InvalidEventError, match="must hold signals of several channels"):
        read_channel_signals(tmp_path / "x.npz")
    with pytest.raises(ValueError, match=r"must be \.npz"):
        read_channel_signals(tmp_path / "x.csv")
    with pytest.raises(ValueError, match=r"The label of signals must be of one type"):
        write_channel_signals(signals.assign(label=[1, "a", 2]), tmp_path / "y.npz")
