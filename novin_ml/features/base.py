"""The base of the transformers of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from novin_ml.events.chains.table import Chains
from novin_ml.events.channel_signals import ChannelSignals
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_events
from novin_ml.events.training_record import record_of_events
from novin_ml.events.vocabulary.columns import (
    DEFAULT_VOCABULARY,
    checked_vocabulary,
    vocabulary_of,
)
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.spec import FeatureSpec
from novin_ml.validation import NamedParameters


class EventFeatures(NamedParameters, TransformerMixin, BaseEstimator):
    """Base of the transformers from events to float32 columns, one `FeatureSpec` each.

    A subclass names the columns that it reads in `inputs` and its specs in `feature_specs`. What
    `fit` learns is the vocabulary of the events, `vocabulary_`; without it that is the
    default, `Vocabulary.sdk`.
    """

    #: Columns of the event table that the features are computed from.
    inputs: ClassVar[tuple[str, ...]] = ()

    #: Name of the function that returns the rows to train on.
    training_function: ClassVar[str] = "novin_ml.features.training_rows"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    @property
    def keeps_state(self) -> bool:
        """Whether `fit` learns something, which is saved with the transformer."""
        return False

    @property
    def exported_entries(self) -> dict[str, str]:
        """Metadata of a fitted transformer for the phone, in addition to its numeric parameters."""
        return {}

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and meaning of each column."""
        raise NotImplementedError

    @property
    def feature_set(self) -> int:
        """Number of the set of columns, which saved and exported models tell.

        1 are the columns of novin_ml 0.1; 2 are those with state, duration, silence or sensors.
        """
        return 1

    @classmethod
    def from_exported(cls, params: Mapping[str, float], entries: Mapping[str, str]) -> Self:
        """Return the transformer of an exported model.

        Parameters
        ----------
        params : mapping of str to float
            Its numeric parameters.
        entries : mapping of str to str
            Those of `exported_entries`, among others.

        Returns
        -------
        features : object
            It computes the columns that the model was trained on.
        """
        return cls(**params)

    def fit(self, events: Any, y: object = None) -> Self:
        """Check the parameters and the table, and learn its vocabulary.

        Parameters
        ----------
        events : DataFrame
            Event table, or any other input that `transform` takes.
        y : array-like of shape (n_events,), default=None
            Labels, as a pipeline with a classifier passes them. If they are given, the events are
            a training set: every event must have consent, and `training_record_` keeps hashes of
            homes and times. Of an event table `trained_kinds_` keeps the kinds of event.

        Returns
        -------
        self : object
            The transformer itself.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing, or if `y` is given and an event has no
            consent.
        """
        self._validate_params()
        self._learn_vocabulary(events)
        events = self._check_events(events)
        if y is not None:
            if isinstance(events, (pd.DataFrame, Chains)):
                self._require_consent(events)
            self.training_record_ = record_of_events(events)
            self.trained_kinds_ = _kinds_of(events)
        self._note_inputs()
        return self

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the columns.

        Parameters
        ----------
        input_features : object
            Ignored: the names are the same for every event table.

        Returns
        -------
        names : ndarray of shape (n_features,), dtype object
            As in `feature_specs`.
        """
        return np.array([spec.name for spec in self.feature_specs], dtype=object)

    def _note_inputs(self) -> None:
        """Set the attributes of `fit`."""
        self.feature_names_in_ = np.array(self.inputs, dtype=object)
        self.n_features_in_ = len(self.inputs)

    def _check_events(self, events: Any) -> Any:
        """Return the table with the dtypes of its fields; raise InvalidEventError if it has not."""
        # One that was not fitted has no vocabulary of its own, and takes a table as it is.
        vocabulary = getattr(self, "vocabulary_", None)
        return checked_events(events, self.inputs, type(self).__name__, vocabulary=vocabulary)

    def _learn_vocabulary(self, events: Any) -> None:
        self.vocabulary_ = shown_vocabulary(events)

    @property
    def _vocabulary(self) -> Vocabulary:
        """The vocabulary that the columns are of."""
        return getattr(self, "vocabulary_", None) or DEFAULT_VOCABULARY

    def _require_consent(self, events: pd.DataFrame | Chains | ChannelSignals) -> None:
        n_without = int(np.count_nonzero(~has_consent(events)))
        if n_without:
            kinds = {Chains: "chains", ChannelSignals: "signals"}
            what = next(
                (name for kind, name in kinds.items() if isinstance(events, kind)), "events"
            )
            raise InvalidEventError(
                f"{type(self).__name__} must be trained on {what} whose 'consent' is true. "
                f"Got {n_without} of {len(events)} without. Train on the rows that "
                f"{self.training_function} returns."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        return tags


def _kinds_of(events: Any) -> tuple[str, ...] | None:
    """Return the kinds of the events of a training set, sorted; None of rows that are no events."""
    if not isinstance(events, pd.DataFrame) or "kind" not in events:
        return None
    return tuple(sorted(str(kind) for kind in events["kind"].dropna().unique()))


def shown_vocabulary(rows: Any) -> Vocabulary:
    """Return the vocabulary that events or chains show, or else the default.

    Parameters
    ----------
    rows : DataFrame, Chains or anything else
        What a transformer is given.
    """
    if isinstance(rows, Chains):
        return checked_vocabulary(rows.vocabulary)
    known = vocabulary_of(rows) if isinstance(rows, pd.DataFrame) else None
    return checked_vocabulary(known)


def first_known(values: pd.Series | np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
    """Return the values as float32, and the others where they are NaN."""
    known = np.asarray(values, dtype=np.float32)
    return np.where(np.isnan(known), otherwise, known)
