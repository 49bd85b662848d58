"""The power of 64 samples at each frequency, with the same order of operations on every machine.

The order of sums in a library's transform depends on its version and on the processor. Here it is a
radix-2 decimation in time: the transform of 2 n samples combines those of the even and of the odd
samples, with each + - and * of float64 written out. The Swift code on a phone does the same
operations and gets the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from novin_ml.features.motion.specs import COSINES, FRAME

Float64Array = NDArray[np.float64]

_COSINES = np.array(COSINES)


def power_of_frames(samples: Float64Array) -> Float64Array:
    """Return the squared modulus of the discrete Fourier transform of frames.

    Parameters
    ----------
    samples : ndarray of shape (64, ...), float64
        One row per instant, one column per frame.

    Returns
    -------
    power : ndarray of shape (33, ...), float64
        Squared modulus of ``sum(samples[t] exp(-2 pi i k t / 64))``, k = 0..32.
    """
    real, imaginary = _of_four(samples)
    while real.shape[1] > 1:
        real, imaginary = _join(real, imaginary)
    return np.square(real[:, 0]) + np.square(imaginary[:, 0])


# Axes of transforms: the bin, then the number of the transform. In a stage with s transforms,
# transform r is that of the samples r, r + s, r + 2 s and so on. For real samples, bins beyond
# the middle are the conjugates of those before, and are left out.


def _of_four(samples: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Transform each group of four samples that are 16 apart; this needs no product."""
    half, quarter = FRAME // 2, FRAME // 4
    sums, differences = samples[:half] + samples[half:], samples[:half] - samples[half:]
    real = np.empty((3, quarter, *samples.shape[1:]))
    np.add(sums[:quarter], sums[quarter:], out=real[0])
    real[1] = differences[:quarter]
    np.subtract(sums[:quarter], sums[quarter:], out=real[2])
    imaginary = np.zeros_like(real)
    np.negative(differences[quarter:], out=imaginary[1])
    return real, imaginary


def _join(real: Float64Array, imaginary: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Combine the transforms of the even and of the odd samples into those of all samples."""
    n_bins, n_transforms = real.shape[0], real.shape[1] // 2
    quarter = n_bins - 1
    step = FRAME // (4 * quarter)
    cosine = _COSINES[::step].reshape(-1, *[1] * (real.ndim - 1))
    sine = cosine[::-1]
    even_real, odd_real = real[:, :n_transforms], real[:, n_transforms:]
    even_imaginary, odd_imaginary = imaginary[:, :n_transforms], imaginary[:, n_transforms:]
    # The odd transforms, turned by exp(-2 pi i k / n).
    turned_real = cosine * odd_real
    turned_real += sine * odd_imaginary
    turned_imaginary = cosine * odd_imaginary
    turned_imaginary -= sine * odd_real
    shape = (2 * quarter + 1, n_transforms, *real.shape[2:])
    joined_real, joined_imaginary = np.empty(shape), np.empty(shape)
    np.add(even_real, turned_real, out=joined_real[:n_bins])
    np.add(even_imaginary, turned_imaginary, out=joined_imaginary[:n_bins])
    beyond = slice(None, quarter, -1)  # bins 2 quarter, 2 quarter - 1 .. quarter + 1
    np.subtract(even_real[:-1], turned_real[:-1], out=joined_real[beyond])
    np.subtract(turned_imaginary[:-1], even_imaginary[:-1], out=joined_imaginary[beyond])
    return joined_real, joined_imaginary
