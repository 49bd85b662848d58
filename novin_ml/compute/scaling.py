"""Training time over rows and cores: a power law times Amdahl's law, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import t as student_t

from novin_ml.plain import must_be_numbers, plural, shown
from novin_ml.validation import Interval, validate_params

Floats = NDArray[np.float64]

#: Grid of candidate serial fractions, and the coarser one beside costs of threads.
_GRID, _COARSE_GRID = 1_001, 101
#: Candidate costs of a further thread, as shares of the time of one core.
_COSTS: Floats = np.concatenate([[0.0], np.geomspace(1e-3, 30, 150)])
#: Relative error of a time that repetition does not remove: clocks, frequencies, caches.
_LEAST_NOISE = 1e-4

_SHARE = Interval(Real, 0, 1, closed="both")
_CORES = Interval(Real, 1, None, closed="left")


@dataclass(frozen=True)
class Prediction:
    """A predicted time with its interval.

    Attributes
    ----------
    seconds : float
        Median.
    low, high : float
        Interval that contains one further run, with the requested confidence.
    """

    seconds: float
    low: float
    high: float


@dataclass(frozen=True)
class _Spread:
    """Variances of the logarithm of a further run, for each serial fraction."""

    within: Floats  # of a run in its session
    between: Floats  # of a further session, with the error of the mean of those that are known
    freedom: Floats  # of their sum


@dataclass(frozen=True)
class ScalingLaw:
    """The law of training time over rows and cores, from `fit_scaling_law`.

    Attributes
    ----------
    serial_fraction : float
        Median of the serial fraction: the share of the time of one core that does not become
        shorter with more cores.
    serial_interval : tuple of (float, float)
        95 % interval of the serial fraction.
    size_exponent : float or None
        Exponent of the number of rows in the law; None if rows were not given.
    size_interval : tuple of (float, float) or None
        95 % interval of the exponent.
    noise : float
        Standard deviation of the logarithms of times around the law: 0.05 is 5 %.
    between_sessions : float
        Standard deviation of the logarithms between sessions, over that of runs of one session; 0
        if there was one session.
    n_runs : int
        Number of runs that the law was fitted to.
    thread_cost : float
        Median of what each further thread adds, as a share of the time of one core; 0 by Amdahl's
        law.
    thread_cost_interval : tuple of (float, float)
        95 % interval of that cost.

    See Also
    --------
    fit_scaling_law : Fit the law; has an example.
    """

    serial_fraction: float
    serial_interval: tuple[float, float]
    size_exponent: float | None
    size_interval: tuple[float, float] | None
    noise: float
    between_sessions: float
    n_runs: int
    thread_cost: float
    thread_cost_interval: tuple[float, float]
    _serial: Floats = field(repr=False)
    _cost: Floats = field(repr=False)  # of a thread, one for each serial fraction
    _weight: Floats = field(repr=False)  # of each serial fraction
    _coefficients: Floats = field(repr=False)  # given it
    _spread: _Spread = field(repr=False)  # given it
    _inverse: Floats = field(repr=False)  # (Z'Z)^-1

    @validate_params(
        {
            "cores": [_CORES],
            "rows": [Interval(Real, 0, None, closed="neither"), None],
            "confidence": [Interval(Real, 0, 1, closed="neither")],
        },
        prefer_skip_nested_validation=True,
    )
    def predict(
        self, cores: float, rows: float | None = None, *, confidence: float = 0.95
    ) -> Prediction:
        """Return the time of a run.

        Parameters
        ----------
        cores : float
            Number of cores; at least 1.
        rows : float, default=None
            Number of rows to train on. Required if the law was fitted over rows, and only allowed
            then.
        confidence : float, default=0.95
            Confidence level of the interval, between 0 and 1.

        Returns
        -------
        prediction : Prediction
            Time in seconds. The interval is for one further run: of a further session if the law
            was fitted to several, else under the same circumstances. It covers both the spread of
            runs and the uncertainty of the fit.

        Raises
        ------
        ValueError
            If a parameter is not as described.
        """
        if (rows is None) != (self.size_exponent is None):
            raise ValueError(
                "The 'rows' parameter must be given exactly if the law was fitted over rows. "
                f"Got rows={shown(rows)} for size_exponent={shown(self.size_exponent)}. "
                "Fit it to times of several numbers of rows, or leave rows away."
            )
        z = np.array([1.0] if rows is None else [1.0, np.log(rows)])
        centre = self._coefficients @ z + np.log(_share(self._serial, cores, self._cost))
        spread = self._spread
        scale = np.sqrt(spread.within * (1 + z @ self._inverse @ z) + spread.between)
        tail = (1 - confidence) / 2
        low, median, high = np.exp(
            _quantiles((tail, 0.5, 1 - tail), self._weight, centre, scale, spread.freedom)
        )
        return Prediction(float(median), float(low), float(high))


@validate_params(
    {"serial_at_least": [_SHARE], "thread_cost": ["boolean"]}, prefer_skip_nested_validation=True
)
def fit_scaling_law(
    seconds: ArrayLike,
    cores: ArrayLike,
    rows: ArrayLike | None = None,
    *,
    sessions: ArrayLike | None = None,
    serial_at_least: float = 0.0,
    thread_cost: bool = False,
) -> ScalingLaw:
    """Fit the law of training time to measured runs.

    Parameters
    ----------
    seconds : array-like of shape (n_runs,)
        Wall time of each run.
    cores : array-like of shape (n_runs,), or float
        Number of cores of each run.
    rows : array-like of shape (n_runs,), default=None
        Number of training rows of each run. None if it is the same in all runs, or unknown.
    sessions : array-like of shape (n_runs,), default=None
        Number of the session of each run, such as the hour of its calibration. Runs of one session
        share how busy the machine was. None if all are of one.
    serial_at_least : float, default=0.0
        Lower bound of the serial fraction, from 0 to 1, such as the share of time that a profile on
        one core finds outside all code with threads.
    thread_cost : bool, default=False
        Whether each further thread costs something, as where times rise with cores.

    Returns
    -------
    law : ScalingLaw
        Predicts the time of other runs.

    Raises
    ------
    ValueError
        If a parameter is not as described, if there are fewer than 2 runs (3 with rows), or if
        all rows are the same.

    Notes
    -----
    The law is ``seconds = c * rows**k * (s + (1 - s) / cores)``, with Amdahl's serial fraction s.
    The logarithms of times are normally distributed around it, with one unknown variance. The prior
    of s is uniform from `serial_at_least` to 1. c, k and the variance have the usual noninformative
    priors of least squares, so that for a given s the fit is ordinary regression [2]_. The
    residuals of the runs determine the weight of each s.

    Runs on one core alone carry no information on s. The interval then reaches from a perfect
    division of everything not known to be serial to no gain at all, and predictions for more cores
    are as wide. Runs with two numbers of cores narrow it. Amdahl's law has no cost of threads: if
    times rise with cores, s is near 1 and `noise` is large.

    Several sessions are a random effect: the variance between them is the one of their mean
    residuals less that of the runs, and the interval of a run of a further session has the degrees
    of freedom of Satterthwaite's approximation [3]_. A few sessions say little of how far a further
    one is off, and the interval is as wide as that. One session says nothing of others.

    With `thread_cost` the law has a further term [4]_, ``seconds = c * rows**k * (s + (1 - s) /
    cores + t * (cores - 1))``. The prior of the cost t is uniform in its logarithm from 0.001 to
    30, with a little on 0. It takes three numbers of cores to tell s from t; with two, the interval
    has both.

    References
    ----------
    .. [1] G. M. Amdahl, "Validity of the single processor approach to achieving large scale
       computing capabilities", AFIPS 1967.
    .. [2] A. Gelman et al., "Bayesian Data Analysis", 3rd edition, 2013, chapter 14.
    .. [3] S. R. Searle, G. Casella, C. E. McCulloch, "Variance Components", 1992, chapters 3, 4.
    .. [4] N. J. Gunther, "Guerrilla Capacity Planning", 2007, whose law of contention and coherence
       has such a term.

    Examples
    --------
    Times of one and two cores, and what they say of eight:

    >>> from novin_ml.compute import fit_scaling_law
    >>> law = fit_scaling_law([10.0, 10.2, 9.9, 6.1, 6.0, 6.2], cores=[1, 1, 1, 2, 2, 2])
    >>> round(law.serial_fraction, 1)
    0.2
    >>> time = law.predict(cores=8)
    >>> time.low < 10 * (0.2 + 0.8 / 8) < time.high
    True
    """
    y, n_cores, n_rows = _checked_runs(seconds, cores, rows)
    Z = np.ones((len(y), 1))
    if n_rows is not None:
        Z = np.column_stack([Z, np.log(n_rows)])
    freedom = len(y) - Z.shape[1]
    if freedom < 1:
        raise ValueError(
            f"The 'seconds' parameter must have at least {plural(Z.shape[1] + 1, 'run')}. "
            f"Got {len(y)} instead. Measure more often."
        )
    grid = _COARSE_GRID if thread_cost else _GRID
    fractions = np.linspace(serial_at_least, 1.0, grid if serial_at_least < 1 else 1)
    costs = _COSTS if thread_cost else _COSTS[:1]
    serial, cost = np.tile(fractions, len(costs)), np.repeat(costs, len(fractions))
    # One regression for each serial fraction; the columns of `rest` are its responses.
    rest = np.log(y)[:, np.newaxis] - np.log(_share(serial, n_cores[:, np.newaxis], cost))
    inverse = np.asarray(np.linalg.inv(Z.T @ Z), dtype=np.float64)
    coefficients = inverse @ Z.T @ rest
    residuals = rest - Z @ coefficients
    residual = (residuals**2).sum(axis=0) + len(y) * _LEAST_NOISE**2
    log_weight = -freedom / 2 * np.log(residual)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    error = np.sqrt(residual / freedom)
    of_session = _one_for_each("sessions", 0 if sessions is None else sessions, y, 0)
    spread = _spread_of(residuals, of_session, freedom)
    exponent: float | None = None
    exponent_interval: tuple[float, float] | None = None
    if n_rows is not None:
        of_slope = error * np.sqrt(inverse[1, 1])
        low, exponent, high = _quantiles(
            (0.025, 0.5, 0.975), weight, coefficients[1], of_slope, np.full(len(serial), freedom)
        )
        exponent_interval = (low, high)
    of_both = weight.reshape(len(costs), len(fractions))
    low, median, high = _levels_of(fractions, of_both.sum(axis=0))
    cost_low, cost_median, cost_high = _levels_of(costs, of_both.sum(axis=1))
    return ScalingLaw(
        serial_fraction=median,
        serial_interval=(low, high),
        thread_cost=cost_median,
        thread_cost_interval=(cost_low, cost_high),
        size_exponent=exponent,
        size_interval=exponent_interval,
        noise=float(weight @ error),
        between_sessions=float(weight @ np.sqrt(spread.between)),
        n_runs=len(y),
        _serial=serial,
        _cost=cost,
        _weight=weight,
        _coefficients=coefficients.T,
        _spread=spread,
        _inverse=inverse,
    )


@validate_params(
    {"serial_fraction": [_SHARE], "cores": [_CORES]}, prefer_skip_nested_validation=True
)
def amdahl_speedup(serial_fraction: float, cores: float) -> float:
    """Return the speedup of `cores` cores over one core, by Amdahl's law.

    Parameters
    ----------
    serial_fraction : float
        Share of the time of one core that does not become shorter with more cores, from 0 to 1.
    cores : float
        Number of cores, at least 1.

    Returns
    -------
    speedup : float
        1 / (s + (1 - s) / cores).

    Raises
    ------
    ValueError
        If a parameter is not as described.

    Examples
    --------
    >>> from novin_ml.compute import amdahl_speedup
    >>> amdahl_speedup(0.25, cores=4)
    2.2857142857142856
    """
    return float(1 / _share(serial_fraction, cores))


def _share(serial: float | Floats, cores: float | Floats, cost: float | Floats = 0.0) -> Floats:
    """Return the time on `cores` cores as a share of the time on one."""
    return np.asarray(serial + (1 - serial) / cores + cost * (cores - 1), dtype=np.float64)


def _levels_of(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """Return the ends of the 95 % interval of weighted values, and between them the median."""
    middle = np.cumsum(weight) - weight / 2
    low, median, high = (float(np.interp(level, middle, values)) for level in (0.025, 0.5, 0.975))
    return low, median, high


def _spread_of(residuals: Floats, sessions: Floats, freedom: int) -> _Spread:
    """Return the spread of runs in sessions and between them; a column is a serial fraction."""
    known = np.unique(sessions)
    n_runs, n = len(residuals), len(known)
    left = freedom + 1 - n  # each session beyond the first has a mean of its own
    mine = sessions[:, np.newaxis] == known
    counts = mine.sum(axis=0)[:, np.newaxis]
    means = mine.T @ residuals / counts
    within = ((residuals - mine @ means) ** 2).sum(axis=0) + n_runs * _LEAST_NOISE**2
    within = within / max(left, 1)
    if n == 1 or left < 1:
        none = np.zeros_like(within)
        return _Spread(within, none, np.full(within.shape, float(max(left, 1))))
    of_means = means.var(axis=0, ddof=1)
    between = np.maximum(of_means - within * np.mean(1 / counts), 0) * (1 + 1 / n)
    some = between > 0
    # Satterthwaite: the sum of two mean squares with their degrees of freedom.
    mean_square = np.where(some, of_means * (1 + 1 / n), 0)
    found = (within + between) ** 2 / (mean_square**2 / (n - 1) + within**2 / left)
    return _Spread(within, between, np.where(some, np.clip(found, n - 1, freedom), left))


def _quantiles(
    levels: Sequence[float], weight: Floats, centre: Floats, scale: Floats, freedom: Floats
) -> list[float]:
    """Return quantiles of a mixture of Student's distributions."""
    counted = weight > 1e-9 * weight.max()
    weight, centre, scale = weight[counted], centre[counted], scale[counted]
    freedom = freedom[counted]
    weight = weight / weight.sum()
    found = []
    for level in levels:
        # The quantile of a mixture is between those of its parts.
        parts = centre + scale * student_t.ppf(level, freedom)
        low, high = parts.min(), parts.max()

        def excess(x: float, level: float = level) -> float:
            return float(weight @ student_t.cdf((x - centre) / scale, freedom)) - level

        is_narrow = high - low < 1e-12 or excess(low) >= 0 or excess(high) <= 0
        found.append(float((low + high) / 2 if is_narrow else brentq(excess, low, high)))
    return found


def _checked_runs(
    seconds: ArrayLike, cores: ArrayLike, rows: ArrayLike | None
) -> tuple[Floats, Floats, Floats | None]:
    with must_be_numbers("seconds"):
        y = np.asarray(seconds, dtype=np.float64)
    if y.ndim != 1 or not (np.isfinite(y).all() and (y > 0).all()):
        raise ValueError(
            "The 'seconds' parameter must be a list of finite times above 0. "
            f"Got {shown(seconds)} instead. Leave out runs that failed."
        )
    n_cores = _one_for_each("cores", cores, y, 1)
    if rows is None:
        return y, n_cores, None
    n_rows = _one_for_each("rows", rows, y, np.nextafter(0, 1))
    if len(y) and n_rows.min() == n_rows.max():
        raise ValueError(
            "The 'rows' parameter must have two different numbers at least. "
            f"Got {n_rows[0]:g} only. Measure another size, or pass rows=None."
        )
    return y, n_cores, n_rows


def _one_for_each(name: str, values: ArrayLike, y: Floats, least: float) -> Floats:
    with must_be_numbers(name):
        array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        array = np.full(y.shape, array)
    if array.shape != y.shape or not (np.isfinite(array).all() and (array >= least).all()):
        what = f"at least {least:g}" if least in (0, 1) else "above 0"
        raise ValueError(
            f"The {name!r} parameter must have one finite number {what} for each of "
            f"{plural(len(y), 'time')}. Got {shown(values)} instead. "
            "Leave out runs of which it is not known."
        )
    return array
