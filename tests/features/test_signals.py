import numpy as np
import pytest

from novin_ml.features.signals import signal_statistics


def test_statistics_of_one_signal():
    signal = np.array([0.1, 0.5, 0.3, 0.9], dtype=np.float32)
    statistics = signal_statistics([signal], [10.0])
    assert statistics.duration[0] == np.float32(0.4)
    assert statistics.energy[0] == pytest.approx(np.sqrt(np.mean(signal**2)), rel=1e-6)
    assert statistics.peak[0] == np.float32(0.9)
    assert statistics.variance[0] == pytest.approx(np.var(signal), rel=1e-5)
    assert all(column.dtype == np.float32 for column in statistics)


def test_gaps_are_left_out_but_last():
    statistics = signal_statistics([np.float32([np.nan, 0.2, np.nan, 0.4])], [2.0])
    assert statistics.duration[0] == 2.0
    assert statistics.energy[0] == pytest.approx(np.sqrt((0.04 + 0.16) / 2), rel=1e-6)
    assert statistics.peak[0] == np.float32(0.4)
    assert statistics.variance[0] == pytest.approx(0.01, rel=1e-5)


@pytest.mark.parametrize("nothing", [None, np.nan, np.empty(0, np.float32)])
def test_no_signal_is_nan(nothing):
    signals = np.empty(2, dtype=object)
    signals[:] = [np.float32([0.5]), nothing]
    statistics = np.array(signal_statistics(signals, [10.0, 10.0]))
    assert np.isnan(statistics[:, 1]).all()
    assert not np.isnan(statistics[:, 0]).any()


def test_signal_of_gaps_alone_has_a_duration_only():
    statistics = signal_statistics([np.full(5, np.nan, np.float32)], [10.0])
    assert statistics.duration[0] == np.float32(0.5)
    assert np.isnan([statistics.energy[0], statistics.peak[0], statistics.variance[0]]).all()


def test_no_signals_at_all():
    assert [len(column) for column in signal_statistics([], [])] == [0, 0, 0, 0]


def test_constant_signal_has_no_variance_and_energy_stops_at_one():
    statistics = signal_statistics([np.full(977, 0.1, np.float32), np.float32([3.0])], [10.0, 10.0])
    assert statistics.variance[0] == pytest.approx(0, abs=1e-15)
    assert statistics.energy[1] == 1


def test_value_depends_on_its_own_signal_alone():
    rng = np.random.default_rng(0)
    signals = [rng.random(n, dtype=np.float32) for n in rng.integers(1, 300, 4_000)]
    signals[7][0] = np.nan
    together = np.array(signal_statistics(signals, np.full(len(signals), 10.0)))
    rows = rng.permutation(len(signals))
    permuted = signal_statistics([signals[row] for row in rows], np.full(len(signals), 10.0))
    np.testing.assert_array_equal(np.array(permuted), together[:, rows])
    for row in (0, 7, 2_000, 3_999):
        np.testing.assert_array_equal(
            np.ravel(signal_statistics([signals[row]], [10.0])), together[:, row]
        )
