"""Answers to a growing chain of events: one home, event by event."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators._stream_event import StreamEvent, log_of, remembered, stream_event
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.chains import EventChainClassifier
from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.estimators.steps import steps_of
from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, SILENCE, Chains
from novin_ml.events.chains.windows import whole_milliseconds
from novin_ml.events.fields import CHAIN_COLUMNS
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import UNNAMED_VOCABULARY
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.chains.block import chain_block
from novin_ml.features.chains.features import ChainFeatures, features_of_one
from novin_ml.validation import (
    HasMethods,
    Interval,
    validate_parameter_constraints,
)


class ChainStream:
    """Follow one home, and answer after each of its events.

    Chains begin and end as the separate chains of `novin_ml.events.chains_from_events` do: an event
    more than `window` seconds after the first event of the chain begins the next chain.

    Parameters
    ----------
    model : object
        Fitted model of chains with ``predict_proba``, such as the pipeline that
        `make_chain_pipeline` returns.
    window : float, default=60.0
        Longest time from a chain's first event to its last, both included, in seconds.
    silence : float, default=20.0
        Time after the last event for which `predict_silence` answers, in seconds.
    max_events : int, default=100
        Maximum length of a chain; of a longer one, the latest events are kept.
    timezone : str, default="UTC"
        IANA name of the home's time zone, for events that have no offset from UTC.
    smoothing : MarkovSmoothing or None, default=None
        Fitted on the model's labels. None takes that of the model, if
        `EventChainClassifier.set_smoothing` set one. Answers are smoothed by the answer to the
        chain before, that after its last event.

    Attributes
    ----------
    chain : Chains
        The chain so far, as a table of one chain, observed until its last event.

    Raises
    ------
    ValueError
        If a parameter is out of range, or `model` is a classifier without its features.

    Notes
    -----
    An event may arrive late if it is not older than the first event of the current chain. It is
    sorted into the chain, and the answer is that for the whole chain, observed until its last
    event.

    A refused event changes nothing.

    It keeps the events before the chain that `ChainFeatures` may need: the last two, the latest of
    each sensor and zone, and those that have not ended. An end that an event names counts once it
    is past.

    Without smoothing the answer equals ``model.predict_proba`` of the chain alone, bit for bit.
    Boosted trees answer the same bits in a batch. The answers of a network in a batch can differ in
    the last bit, because matrix products of more rows are summed in another order.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.estimators import ChainStream, make_chain_pipeline
    >>> from novin_ml.events import chains_from_events
    >>> log = pd.DataFrame({
    ...     "home_id": "a",
    ...     "timestamp": [0.0, 5.0, 100.0, 103.0],
    ...     "kind": ["doorbell", "motion", "door", "window"],
    ...     "zone": ["front_door", "front_door", "garage", "kitchen"],
    ...     "consent": True,
    ... })
    >>> chains = chains_from_events(log)
    >>> model = make_chain_pipeline(epochs=2).fit(chains, ["package_delivery", "no_pattern"])
    >>> stream = ChainStream(model)
    >>> stream.predict_stream({"type": "doorbell", "timestamp": 500.0}).shape
    (2,)
    >>> stream.predict_stream({"type": "front_motion", "timestamp": 504.5}).dtype
    dtype('float32')
    >>> stream.chain.lengths.tolist()
    [2]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "model": [HasMethods("predict_proba")],
        "window": [Interval(Real, 0, None, closed="neither")],
        "silence": [Interval(Real, 0, None, closed="neither")],
        "max_events": [Interval(Integral, 1, MAX_CHAIN_EVENTS, closed="both")],
        "timezone": [str],
        "smoothing": [MarkovSmoothing, None],
    }

    def __init__(
        self,
        model: Any,
        window: float = 60.0,
        *,
        silence: float = SILENCE,
        max_events: int = MAX_CHAIN_EVENTS,
        timezone: str = "UTC",
        smoothing: MarkovSmoothing | None = None,
    ) -> None:
        self.model = model
        self.window = window
        self.silence = silence
        self.max_events = max_events
        self.timezone = timezone
        self.smoothing = smoothing
        params = {name: getattr(self, name) for name in self._parameter_constraints}
        validate_parameter_constraints(self._parameter_constraints, params, type(self).__name__)
        if isinstance(model, FamilyClassifier):
            raise ValueError(
                "The 'model' parameter must be a pipeline that takes chains. Got a "
                f"{type(model).__name__}, which takes features, instead. Give it the whole "
                "pipeline, as novin_ml.estimators.make_chain_pipeline makes it."
            )
        if smoothing is not None:
            smoothing.refuse_others(model.classes_)
        find_timezone(timezone)  # refuses a name that is none
        self._home: str | None = None
        self._start = 0.0
        self._n_left_out = 0
        self._has_consent = True
        self._events: list[StreamEvent] = []  # in order
        self._before: np.ndarray | None = None  # the answer to the chain before
        self._latest: np.ndarray | None = None  # the answer after the latest event
        self._past: list[StreamEvent] = []  # what the chain before and those before it leave

    def predict_stream(self, event: Mapping[str, Any] | pd.Series) -> np.ndarray:
        """Take an event and answer for the chain so far.

        Parameters
        ----------
        event : mapping or Series
            As the SDK sends it, or as a row of an event table: what `novin_ml.events.read_event`
            reads.

        Returns
        -------
        probabilities : ndarray of shape (n_classes,), float32
            The answer of ``model.predict_proba(stream.chain)``.

        Raises
        ------
        InvalidEventError
            If the event breaks a rule, belongs to another home, or is older than the first event of
            the current chain.
        """
        self._add(stream_event(event, self.timezone, self.vocabulary))
        self._latest = self._smoothed(self._answer(0.0))
        return self._latest

    def predict_silence(self) -> np.ndarray:
        """Answer for the chain so far, followed by `silence` seconds without an event.

        Returns
        -------
        probabilities : ndarray of shape (n_classes,), float32
            The model's answer for the last chain that `novin_ml.events.chains_from_events` makes
            from the events so far.

        Raises
        ------
        InvalidEventError
            If no event has come yet.
        """
        return self._smoothed(self._answer(self.silence))

    def _smoothed(self, probabilities: np.ndarray) -> np.ndarray:
        smoothing = self.smoothing
        if smoothing is None:
            last = steps_of(self.model)[-1]
            smoothing = last.decisions_.smoothing if hasattr(last, "decisions_") else None
        if smoothing is None:
            return probabilities
        return smoothing.step(self._before, probabilities)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the model's features, to read events with."""
        return getattr(steps_of(self.model)[0], "vocabulary_", None) or UNNAMED_VOCABULARY

    @property
    def chain(self) -> Chains:
        """The chain so far, as a table of one chain, observed until its last event."""
        return self._watched(0.0)

    def _answer(self, seconds: float) -> np.ndarray:
        """Answer for the chain so far, observed for `seconds` after its last event."""
        model = self.model
        steps = steps_of(model)
        is_known = [*map(type, steps)] == [ChainFeatures, EventChainClassifier]
        if not self._events or not is_known or steps[0].feature_set > 1:
            return model.predict_proba(self._watched(seconds))[0]
        # The same without pandas tables and their checks, in a third of the time.
        if not steps[1].__sklearn_is_fitted__():
            check_is_fitted(steps[1])
        last = self._events[-1].timestamp
        block = chain_block(np.array([0, len(self._events)]), *self._arrays())
        features = features_of_one(
            block, last, last + seconds, *self._known(), vocabulary=self.vocabulary
        )
        return steps[1].learner_.predict_proba(features)[0]

    def _add(self, event: StreamEvent) -> None:
        """Add an event to the current chain, or begin the next chain with it."""
        if self._home not in (None, event.home_id):
            raise InvalidEventError(
                f"The events of a stream must be of one home. Got one of {event.home_id!r} after "
                f"those of {self._home!r}. Make a ChainStream for each home."
            )
        if self._events and event.timestamp < self._start:
            raise InvalidEventError(
                "An event of a stream must not be older than the first event of the current chain, "
                f"at {self._start!r}. Got one at {event.timestamp!r}. Leave it out, or make the "
                "chains of a whole log with novin_ml.events.chains_from_events."
            )
        since = whole_milliseconds(event.timestamp) - whole_milliseconds(self._start)
        if not self._events or since > round(self.window * 1000, 3):
            self._before = self._latest
            if self._events:
                known = [*self._past, *self._events]
                self._past = remembered(known, event.timestamp, self.vocabulary)
            self._home = event.home_id
            self._start = event.timestamp
            self._n_left_out = 0
            self._has_consent = True
            self._events = []
        self._has_consent &= event.consent
        insort(self._events, event)
        if len(self._events) > self.max_events:
            insort(self._past, self._events.pop(0))
            self._n_left_out += 1

    def _watched(self, seconds: float) -> Chains:
        """Return the chain so far, observed for `seconds` after its last event."""
        if not self._events:
            raise InvalidEventError(
                "A chain must have an event. Got none so far. Call predict_stream first."
            )
        utc_offset, home_mode = self._known()
        table = pd.DataFrame(
            {
                "home_id": [self._home],
                "start": self._start,
                "observed_until": self._events[-1].timestamp + seconds,
                "utc_offset": utc_offset,
                "home_mode": pd.Categorical.from_codes(
                    [home_mode], dtype=CHAIN_COLUMNS["home_mode"]
                ),
                "consent": self._has_consent,
                "n_left_out": self._n_left_out,
            }
        )
        sensor = np.array([event.sensor for event in self._events], dtype=np.int16)
        offsets = np.array([0, len(self._events)])
        vocabulary = self.vocabulary
        log = log_of([*self._past, *self._events], vocabulary)
        return Chains(table, offsets, *self._arrays(), sensor, vocabulary, log)

    def _known(self) -> tuple[float, int]:
        """Return the latest known offset from UTC and code of the home's mode."""
        latest = self._events[::-1]
        offsets = (event.utc_offset for event in latest if event.utc_offset == event.utc_offset)
        modes = (event.home_mode for event in latest if event.home_mode >= 0)
        return next(offsets, np.nan), next(modes, -1)

    def _arrays(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return times, kinds, zones and confidences of the events."""
        time, kind, zone, certain, *_ = zip(*self._events, strict=True)
        confidence = np.array(certain, dtype=np.float32)
        confidence[confidence > 1] = np.nan
        return np.array(time), np.array(kind, np.int8), np.array(zone, np.int8), confidence
