"""Boundaries for looking again and again at a difference, up to a fixed end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

_N_POINTS = 501
#: Beyond it nothing is ever spent: the chance is 1e-15.
_FARTHEST = 8.0


def spent(fraction: float, alpha: float) -> float:
    """Return the error that is spent up to a share of the way, of O'Brien and Fleming's type.

    Parameters
    ----------
    fraction : float
        Share of the information, above 0; 1 at the end.
    alpha : float
        Two-sided error of all looks together.

    Returns
    -------
    spent : float
        From 0 to `alpha`.
    """
    # Half of it for each side.
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(min(fraction, 1.0))))


def boundaries(fractions: Sequence[float], alpha: float) -> np.ndarray:
    """Return by how much a standardised difference must be away from 0 at each look.

    The chance that it is, at this look or an earlier one, is what the spending function allows, if
    there is no difference. Looks may come at any times that do not depend on what they showed.

    Parameters
    ----------
    fractions : sequence of float
        Share of the information at each look, rising, above 0 and at most 1.
    alpha : float
        Two-sided error of all looks together.

    Returns
    -------
    boundaries : ndarray of shape (n_looks,), float64
        Of the absolute value of z.

    References
    ----------
    Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 1983.
    Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data", JRSS A 1969
    (the recursion).
    """
    return np.array(_boundaries(tuple(fractions), float(alpha)))


@lru_cache(maxsize=32)
def _boundaries(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    found = []
    density, grid, before, used = np.ones(1), np.zeros(1), 0.0, 0.0
    for fraction in fractions:
        step, scale = np.sqrt(fraction - before), np.sqrt(fraction)
        allowed = spent(fraction, alpha) - used
        crossing = partial(_crossing, density=density, grid=grid, step=step, scale=scale)
        if allowed <= crossing(_FARTHEST):
            z = _FARTHEST
        else:
            z = brentq(_excess, 1e-3, _FARTHEST, args=(crossing, allowed), xtol=1e-6)
        used += crossing(z)
        found.append(z)
        new = np.linspace(-z * scale, z * scale, _N_POINTS)
        kernel = np.exp(-0.5 * ((new[:, np.newaxis] - grid) / step) ** 2) / (
            step * np.sqrt(2 * np.pi)
        )
        density = _integral(kernel * density, grid)
        grid, before = new, fraction
    return tuple(found)


def _crossing(z: float, density: np.ndarray, grid: np.ndarray, step: float, scale: float) -> float:
    """Return the chance to be outside now, and inside at all looks before."""
    tails = ndtr((-z * scale - grid) / step) + ndtr((grid - z * scale) / step)
    return float(_integral(density * tails, grid))


def _excess(z: float, crossing: Callable[[float], float], allowed: float) -> float:
    return crossing(z) - allowed


def _integral(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Integrate along the last axis; a single point is one of mass 1."""
    return values[..., 0] if len(grid) == 1 else np.trapezoid(values, grid, axis=-1)
