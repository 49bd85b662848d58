"""Train the baseline of one home."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.estimators import HomeMonitor, first_days_monitor, make_behavior_pipeline
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import HomeMismatchError, InvalidEventError, InvalidParametersError
from novin_ml.features import HabitPrior
from novin_ml.lifecycle.fleet import UNKNOWN_HOME
from novin_ml.lifecycle.trainable import no_consent
from novin_ml.plain import plural

_HOME = "home_id"


@dataclass(frozen=True)
class BaselineTrainingResult:
    """A baseline that was trained on the events of one home.

    Attributes
    ----------
    pipeline : Pipeline or HomeMonitor
        Fitted pipeline from events to scores. Its last step has the attributes `state_`,
        `offset_` and `alarm_bound_`. A monitor has `budgets_`.
    home_id : str
        The home.
    n_trained : int
        Events that it was trained on.
    n_without_consent : int
        Events that were left out because consent is not true.
    seconds : float
        Wall time of the fit.
    """

    pipeline: Pipeline | HomeMonitor
    home_id: str
    n_trained: int
    n_without_consent: int
    seconds: float


def train_baseline(
    events: pd.DataFrame,
    *,
    monitor: bool = False,
    prior: HabitPrior | None = None,
    **params: Any,
) -> BaselineTrainingResult:
    """Train a baseline on the events of one home.

    Parameters
    ----------
    events : DataFrame
        The event table of one home, with `consent`. Events without consent are left out.
    monitor : bool, default=False
        Whether to train a `HomeMonitor`, which has alarms of silences and of what stays on too.
    prior : HabitPrior, default=None
        For a monitor of a home without a past: what other homes do. See `first_days_monitor`.
    **params
        Parameters of the detector or monitor, such as ``alarms_per_week=1.0`` or
        ``random_state=0``.

    Returns
    -------
    result : BaselineTrainingResult
        The fitted pipeline and the counts of its training events.

    Raises
    ------
    HomeMismatchError
        If the events are of several homes.
    InvalidEventError
        If the events have no column `consent`, no event has consent, or an event has no home.
    InvalidParametersError
        If there is a `prior` for a baseline that is no monitor.
    ValueError
        If a parameter is wrong, or there are too few events.

    See Also
    --------
    fit_fleet : A baseline for each of many homes.

    Examples
    --------
    >>> from novin_ml.lifecycle import train_baseline
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(1, weeks=1, random_state=1).assign(consent=True)
    >>> result = train_baseline(events, random_state=0)
    >>> result.home_id, result.n_trained == len(events), result.pipeline[-1].state_
    ('home_0001', True, 'learning')
    """
    events = checked_events(events, (_HOME, "timestamp"), "train_baseline")
    consenting = events[has_consent(events)]
    homes = consenting[_HOME].unique()
    require_homes(consenting)
    one_home = "The events must be of one home whose 'consent' is true."
    if not len(events):
        raise InvalidEventError(f"{one_home} Got no event. Pass the log of some weeks.")
    if not len(homes):
        raise InvalidEventError(no_consent(events, "events", len(events)))
    if len(homes) > 1:
        raise HomeMismatchError(
            f"{one_home} Got {plural(len(homes), 'such home')}.",
            "Fit a baseline for each with fit_fleet.",
        )
    if len(consenting) < 2:
        raise InvalidEventError(
            f"At least two events must have a 'consent' that is true. Got {len(consenting)} of "
            f"{len(events):,}. Pass the log of some weeks."
        )
    started = time.perf_counter()
    pipeline: Pipeline | HomeMonitor
    if prior is not None:
        if not monitor:
            raise InvalidParametersError(
                "A 'prior' must be for a monitor. Got one for a baseline of events alone. Pass "
                "monitor=True."
            )
        pipeline = first_days_monitor(prior, consenting, **params)
    elif monitor:
        pipeline = HomeMonitor(**params).fit(consenting)
    else:
        pipeline = make_behavior_pipeline(**params)
        pipeline.fit(consenting, detector__timestamps=consenting["timestamp"])
    return BaselineTrainingResult(
        pipeline=pipeline,
        home_id=str(homes[0]),
        n_trained=len(consenting),
        n_without_consent=len(events) - len(consenting),
        seconds=time.perf_counter() - started,
    )


def require_homes(events: pd.DataFrame) -> None:
    """Raise InvalidEventError if an event does not name its home."""
    without = events[_HOME] == UNKNOWN_HOME
    if without.any():
        raise InvalidEventError(
            f"The events must name their home in {_HOME!r}. Got {int(without.sum()):,} that do "
            "not. Add it to the file: they may be of any number of homes."
        )
