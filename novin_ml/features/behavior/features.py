"""The features that show how new an event is to its home."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.consent import has_consent
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.base import EventFeatures, shown_vocabulary
from novin_ml.features.behavior._batch import behavior_table
from novin_ml.features.behavior._codes import BEHAVIOR_INPUTS, EventCodes, encode_events
from novin_ml.features.behavior._history import BehaviorHistory
from novin_ml.features.behavior._log import HomeLog
from novin_ml.features.behavior.specs import BEHAVIOR_FEATURES
from novin_ml.features.spec import FeatureSpec

__all__ = ["BEHAVIOR_FEATURES", "BehaviorFeatures", "BehaviorHistory"]

# Columns that identify an event of a log.
_SAME = ("home", "time", "kind", "zone")


class BehaviorFeatures(EventFeatures):
    """Turn each event into 17 features of how new it is to its home.

    The output has one row per event, in the order of the table. A row depends only on the earlier
    events of the same home: neither later events nor other homes change it.

    `fit` stores a log, and `transform` continues it. The past of an event consists of the stored
    events of its home before the first given one, and of the given events before it. So
    ``fit_transform(log)`` equals ``fit(log).transform(log)``. Without `fit`, only the given events
    count.

    Parameters
    ----------
    one_home : bool, default=False
        Whether the features are for the baseline of one home. If True, `fit` refuses a log of
        several homes, and `transform` warns about events of a home that was not fitted.

    Attributes
    ----------
    feature_specs : tuple of FeatureSpec
        Name, unit, range and formula of each column; available before `fit`.
    homes_ : ndarray of shape (n_homes,), dtype object
        Names of the homes in the stored log.
    n_features_in_ : int
        Number of columns of the event table that are read.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype object
        Their names. Other columns of the table are ignored.

    See Also
    --------
    BehaviorHistory : The same features event by event, for a device.

    Notes
    -----
    Definitions for the formulas:

    - Time is in whole milliseconds. An event is before another if its millisecond is earlier.
      Events of a home in the same millisecond are simultaneous and do not see each other, and the
      order of rows does not matter. The previous event is the last one before; among simultaneous
      events, it is the one with the highest code of kind and zone.
    - Hour, minute and weekend are local: each event has its own `utc_offset`. An event without one
      counts as UTC.
    - A missing kind, zone or mode is a category of its own.
    - N is the number of earlier events of the home; n(x) is the number of those with the same x.
      D is the number of days since the home's first event, with fractions, at least 1.
    - m(kind, zone, hour) = (2 n(kind, zone, hour) + n(kind, zone, hour - 1) + n(kind, zone, hour +
      1)) / 4: someone who comes at 7:55 may come at 8:05. m(kind, zone, mode, hour) is analogous.
    - p = (n(kind, zone) + 1/4) / (N + 1) is the overall frequency of the kind and zone. It acts as
      2 prior events in a context with few events.
    - usual then = (f n(hour) + (1 - f) n(hour - 1)) / D, f = (minute of the hour + 1) / 60.
    - The last 60 minutes are the minute of the event and the 59 before it; the last 1440 minutes
      are analogous.
    - lg is the logarithm to base 2, linear between powers of two: for x = (1 + f) 2^e it is e + f.
      It is at most 0.0861 too low.
    - Everything is computed in float64 from integers by + - * /, and rounded to float32, so that a
      phone gets the same bits. Sine and cosine come from a table of 1,440 angles.

    As the log grows, the rarity of a frequent event stays near a constant. The rarity of an event
    never seen before grows by one bit whenever the log doubles.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import BehaviorFeatures
    >>> events = simulate_deliveries(200, random_state=0)
    >>> log = events[events["consent"]]
    >>> features = BehaviorFeatures().set_output(transform="pandas").fit_transform(log)
    >>> features.shape == (len(log), 17)
    True
    >>> list(features.columns[3:6])
    ['place_rarity', 'hour_rarity', 'hour_surprise']
    """

    inputs: ClassVar[tuple[str, ...]] = BEHAVIOR_INPUTS

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"one_home": ["boolean"]}

    def __init__(self, *, one_home: bool = False) -> None:
        self.one_home = one_home

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return BEHAVIOR_FEATURES

    def fit(self, events: Any, y: object = None) -> Self:
        """Store the log of homes, and replace any earlier log.

        The stored log enters the features of later events, whatever they are used for. So it counts
        as a training set, and every event in it must have consent.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table; rows in any order, homes interleaved.
        y : object
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing, a value breaks a rule of the fields, an event
            has no consent, or there are several homes and `one_home` is True.
        """
        self._validate_params()
        self._learn_vocabulary(events)
        events = self._check_events(events)
        n_without = int(np.count_nonzero(~has_consent(events)))
        if n_without:
            raise InvalidEventError(
                f"{type(self).__name__} must be fitted on events whose 'consent' is true. "
                f"Got {n_without} of {len(events)} without. Fit it on events[events['consent']]."
            )
        log = HomeLog.of(*self._encoded(events))
        if self.one_home and len(log.homes) > 1:
            raise InvalidEventError(
                f"{type(self).__name__} with one_home=True must be fitted on the log of one home. "
                f"Got {len(log.homes)}. Fit each on its own, or all with "
                "novin_ml.lifecycle.fit_fleet."
            )
        self._remember(log)
        return self

    def transform(self, events: pd.DataFrame) -> np.ndarray:
        """Compute the features of events.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table; rows in any order, homes interleaved. Consent is not needed.

        Returns
        -------
        features : ndarray of shape (n_events, 17), float32
            Columns as in `feature_specs`; a DataFrame after ``set_output(transform="pandas")``.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing, or a value breaks a rule of the fields.
        """
        events = self._check_events(events)
        given, homes = self._encoded(events)
        if self.one_home and hasattr(self, "_log"):
            self._warn_of_others(homes)
        past = self._past_of(given, homes)
        return behavior_table(past.then(given))[len(past) :]

    def history(self, home_id: str, *, timezone: str = "UTC") -> BehaviorHistory:
        """Return the stored history of a home, to be continued event by event.

        Parameters
        ----------
        home_id : str
            Name of the home. A home that is not in `homes_` has an empty history.
        timezone : str, default="UTC"
            IANA name of the home's time zone, for later events that carry no offset from UTC.

        Returns
        -------
        history : BehaviorHistory
            An independent copy: updating it does not change the transformer.
        """
        log = getattr(self, "_log", None)
        if log is None:
            return BehaviorHistory(home_id, timezone=timezone, vocabulary=self._vocabulary)
        events = log.events_of([home_id])
        return BehaviorHistory._from_codes(events, home_id, timezone, self._vocabulary)

    def count_remembered(self, events: pd.DataFrame) -> int:
        """Count the events that are in the stored log.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table.

        Returns
        -------
        n_events : int
            Number of events for which the log has one of the same home, time, kind and zone.
        """
        log = getattr(self, "_log", None)
        if log is None:
            return 0
        given, homes = self._encoded(self._check_events(events))
        past = log.events_of(list(homes))
        known = set(zip(*(getattr(past, name).tolist() for name in _SAME), strict=True))
        asked = zip(*(getattr(given, name).tolist() for name in _SAME), strict=True)
        return sum(event in known for event in asked)

    def _encoded(self, events: pd.DataFrame) -> tuple[EventCodes, NDArray[np.object_]]:
        return encode_events(events, getattr(self, "vocabulary_", shown_vocabulary(events)))

    def _warn_of_others(self, homes: NDArray[np.object_]) -> None:
        known = set(self.homes_)
        others = [str(home) for home in homes if home not in known]
        if others:
            warnings.warn(
                f"The events must be of the home that was fitted, {', '.join(self.homes_)}. Got "
                f"some of others, such as {others[0]!r}: to a home without a past everything "
                "is new. Give each home a baseline of its own.",
                stacklevel=3,
            )

    def _past_of(self, given: EventCodes, homes: NDArray[np.object_]) -> EventCodes:
        """Return the stored events of homes from before the first given event of each."""
        log = getattr(self, "_log", None)
        if log is None or len(given) == 0:
            return given.take(slice(0, 0))
        first = np.full(len(homes), np.iinfo(np.int64).max)
        np.minimum.at(first, given.home, given.time)
        past = log.events_of(list(homes))
        return past.take(past.time < first[past.home])

    def _remember(self, log: HomeLog) -> None:
        self._log = log
        self.homes_ = np.array(list(log.homes), dtype=object)
        self._note_inputs()

    @property
    def keeps_state(self) -> bool:
        """True: it keeps the log that it was fitted on."""
        return True

    def _state_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the fitted log as arrays of numbers; empty if not fitted."""
        return self._log.to_arrays(self._vocabulary) if hasattr(self, "_log") else {}

    def _set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore the log from the arrays of `_state_arrays`; ValueError if they are not such."""
        if arrays:
            self._remember(HomeLog.from_arrays(arrays, self._vocabulary))
