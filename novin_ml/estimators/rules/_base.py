"""What the hand-written rules share."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from novin_ml.features.context import require_columns


class EventRules(ClassifierMixin, BaseEstimator):
    """Base of the rules as classifiers of events; they learn nothing.

    A subclass names the columns that it reads, its answers, and decides in `_decide`.
    """

    #: Columns of the event table that the rules look at.
    inputs: ClassVar[tuple[str, ...]] = ()
    #: What they answer, in the order of ``classes_``.
    answers: ClassVar[tuple[str, ...]] = ()

    def fit(self, events: pd.DataFrame, y: object = None) -> Self:
        """Check the table; nothing is learnt.

        Parameters
        ----------
        events : DataFrame
            Event table.
        y : object
            Ignored.

        Returns
        -------
        self : object
            The classifier itself.
        """
        require_columns(events, self.inputs, type(self).__name__)
        self.classes_ = np.array(self.answers, dtype=object)
        return self

    def predict(self, events: pd.DataFrame) -> np.ndarray:
        """Decide about events.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table.

        Returns
        -------
        labels : ndarray of shape (n_events,), object
            Of `classes_`.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing; the message names them.
        ValueError
            If a context is attached that does not reach as far as the rules look.
        """
        check_is_fitted(self)
        require_columns(events, self.inputs, type(self).__name__)
        return self._decide(events)

    def _decide(self, events: pd.DataFrame) -> np.ndarray:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        return tags
