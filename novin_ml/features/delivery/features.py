"""The features that distinguish a delivery from similar events."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from novin_ml.features._clock import clock_columns
from novin_ml.features.attached import with_context
from novin_ml.features.base import EventFeatures, first_known, shown_vocabulary
from novin_ml.features.delivery.specs import delivery_specs
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.features.signals import signal_statistics
from novin_ml.features.spec import FeatureSpec
from novin_ml.validation import Interval

#: The features of `DeliveryFeatures` with its default parameters.
DELIVERY_FEATURES = delivery_specs(60.0, 20.0)

_ZONE_KINDS = {kind: float(code) for code, kind in enumerate(ZONE_KIND_ORDER)}
_HOME_MODES = {mode: float(code) for code, mode in enumerate(HOME_MODE_ORDER)}


class DeliveryFeatures(EventFeatures):
    """Turn events into 16 features that distinguish deliveries.

    The output has one row per event, in the order of the table. If `attach_context` has been
    called, its columns are used; they are refused if they have another `window` or `silence`.
    Otherwise the context is computed from the table, which must hold all events of its homes.

    Parameters
    ----------
    window : float, default=60.0
        Length of the window for earlier events of the home, in seconds.
    silence : float, default=20.0
        Time after an event at which the decision is taken, in seconds.

    Attributes
    ----------
    feature_specs : tuple of FeatureSpec
        Name, unit, range and formula of each column; available before `fit`.
    n_features_in_ : int
        Number of columns of the event table that are read.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype object
        Their names. Other columns of the table are ignored.

    See Also
    --------
    attach_context : Make rows independent of each other, for splitting.

    Notes
    -----
    Missing metadata gives NaN, never zero, so that a model can tell that a value is unknown. If no
    doorbell rang, the time since the doorbell is the full window. If no event followed, the silence
    is its full length.

    A phone gets the same bits, except for the sines and cosines of the local time. These may differ
    between machines in the last bit of float32.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import DeliveryFeatures
    >>> events = simulate_deliveries(100, random_state=0)
    >>> features = DeliveryFeatures().set_output(transform="pandas").fit_transform(events)
    >>> features.shape == (len(events), 16)
    True
    >>> list(features.columns[4:8])
    ['duration', 'energy', 'peak', 'variance']
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "home_id",
        "kind",
        "timestamp",
        "utc_offset",
        "confidence",
        "zone",
        "home_mode",
        "duration",
        "energy",
        "raw",
        "sample_rate",
    )

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "window": [Interval(Real, 0, None, closed="neither")],
        "silence": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, window: float = 60.0, silence: float = 20.0) -> None:
        self.window = window
        self.silence = silence

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return delivery_specs(self.window, self.silence)

    def transform(self, events: pd.DataFrame) -> np.ndarray:
        """Compute the features of events.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table.

        Returns
        -------
        features : ndarray of shape (n_events, 16), float32
            Columns as in `feature_specs`; a DataFrame after ``set_output(transform="pandas")``.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing; the message names them.
        ValueError
            If the attached context has another `window` or `silence`.
        """
        events = self._check_events(events)
        zones = getattr(self, "vocabulary_", shown_vocabulary(events)).zones
        risks = {zone.name: zone.risk for zone in zones}
        zone_kinds = {zone.name: _ZONE_KINDS.get(zone.kind, np.nan) for zone in zones}
        events = with_context(events, self.window, self.silence)
        signal = signal_statistics(events["raw"], events["sample_rate"].to_numpy())
        columns: tuple[Any, ...] = (
            *clock_columns(
                events["timestamp"].to_numpy(np.float64), events["utc_offset"].to_numpy(np.float32)
            ),
            first_known(events["duration"], signal.duration),
            first_known(events["energy"], signal.energy),
            signal.peak,
            signal.variance,
            _look_up(events["zone"], risks, otherwise=risks["unknown"]),
            _look_up(events["zone"], zone_kinds),
            first_known(events["seconds_since_doorbell"], self.window),
            events["silence_after"],
            events["events_in_window"],
            first_known(events["seconds_since_vehicle"], self.window),
            _look_up(events["home_mode"], _HOME_MODES),
            events["confidence"],
        )
        features = np.empty((len(events), len(columns)), dtype=np.float32)
        for position, column in enumerate(columns):
            features[:, position] = column
        return features


def _look_up(names: pd.Series, values: dict[str, float], otherwise: float = np.nan) -> np.ndarray:
    """Return the value of each name, whatever the order of the column's categories."""
    is_category = isinstance(names.dtype, pd.CategoricalDtype)
    column = (names if is_category else names.astype("category")).cat
    known = [values.get(name, otherwise) for name in column.categories]
    return np.array([*known, otherwise])[column.codes.to_numpy()]  # code -1, missing: the last
