"""The base of the transformers of events."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from novin_ml.events.chains.table import Chains
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.spec import FeatureSpec
from novin_ml.validation import NamedParameters


class EventFeatures(NamedParameters, TransformerMixin, BaseEstimator):
    """Base of the transformers from events to float32 columns, one `FeatureSpec` each.

    A subclass names the columns that it reads in `inputs` and its specs in `feature_specs`.
    """

    #: Columns of the event table that the features are computed from.
    inputs: ClassVar[tuple[str, ...]] = ()

    #: Name of the function that returns the rows to train on.
    training_function: ClassVar[str] = "novin_ml.features.training_rows"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and meaning of each column."""
        raise NotImplementedError

    def fit(self, events: Any, y: object = None) -> Self:
        """Check the parameters and the table; nothing is learnt.

        Parameters
        ----------
        events : DataFrame
            Event table, or any other input that `transform` takes.
        y : array-like of shape (n_events,), default=None
            Labels, as a pipeline with a classifier passes them. If they are given, the events are
            a training set, and every event must have consent.

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
        events = self._check_events(events)
        if y is not None and isinstance(events, (pd.DataFrame, Chains)):
            self._require_consent(events)
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
        return checked_events(events, self.inputs, type(self).__name__)

    def _require_consent(self, events: pd.DataFrame | Chains) -> None:
        n_without = int(np.count_nonzero(~has_consent(events)))
        if n_without:
            what = "chains" if isinstance(events, Chains) else "events"
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


def first_known(values: pd.Series | np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
    """Return the values as float32, and the others where they are NaN."""
    known = np.asarray(values, dtype=np.float32)
    return np.where(np.isnan(known), otherwise, known)
