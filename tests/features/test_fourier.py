import math

import numpy as np
import pytest

from novin_ml.features.motion._fourier import power_of_frames
from novin_ml.features.motion.specs import COSINES

rng = np.random.default_rng(0)

FRAMES = {
    "noise": rng.standard_normal((64, 100)),
    "far apart": rng.standard_normal((64, 100)) * 10.0 ** rng.integers(-12, 0, (64, 100)),
    "rhythms": np.cos(2 * np.pi * np.arange(64)[:, None] * np.arange(33) / 64),
    "impulses": np.eye(64),
    "constant": np.full((64, 2), 0.3),
    "padded": np.pad(rng.random((7, 20)), ((0, 57), (0, 0))),
    "nothing": np.zeros((64, 3)),
}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
def test_power_is_that_of_a_library(frames):
    expected = np.square(np.abs(np.fft.rfft(frames, axis=0)))
    error = np.abs(power_of_frames(frames) - expected)
    assert (error <= 1e-12 * expected.sum(axis=0)).all()


def test_a_frame_does_not_see_its_neighbours():
    together = power_of_frames(FRAMES["noise"].reshape(64, 4, 25))
    assert together.shape == (33, 4, 25)
    for row in range(4):
        for column in range(25):
            alone = power_of_frames(FRAMES["noise"][:, 25 * row + column])
            np.testing.assert_array_equal(together[:, row, column], alone)


def test_table_of_cosines():
    expected = [math.cos(2 * math.pi * k / 64) for k in range(17)]
    np.testing.assert_allclose(COSINES, expected, rtol=0, atol=2e-16)
    assert COSINES[::16] == (1.0, 0.0)  # so that turning by a quarter is exact
