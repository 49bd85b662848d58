"""The base of the hand-written rules."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from novin_ml.events.tables.check import checked_events
from novin_ml.validation import NamedParameters


class EventRules(NamedParameters, ClassifierMixin, BaseEstimator):
    """Base of hand-written rules as classifiers of events; they learn nothing.

    A subclass sets the columns that it reads and its answers, and decides in `_decide`. Rules for a
    table other than the event table check it in `_check_table`.
    """

    #: Columns of the event table that the rules read.
    inputs: ClassVar[tuple[str, ...]] = ()
    #: Possible answers, in the order of ``classes_``.
    answers: ClassVar[tuple[str, ...]] = ()

    def _check_table(self, events: Any) -> Any:
        """Return the table as the rules read it; raise InvalidEventError if they cannot."""
        return checked_events(events, self.inputs, type(self).__name__)

    def fit(self, events: Any, y: object = None) -> Self:
        """Check the table; nothing is learnt.

        Parameters
        ----------
        events : DataFrame or Chains
            The table that the rules decide about: events or chains.
        y : object
            Ignored.

        Returns
        -------
        self : object
            The classifier itself.
        """
        self._check_table(events)
        self.classes_ = np.array(self.answers, dtype=object)
        return self

    def predict(self, events: Any) -> np.ndarray:
        """Decide about the rows of a table.

        Parameters
        ----------
        events : DataFrame or Chains
            The table that the rules decide about: events or chains.

        Returns
        -------
        labels : ndarray of shape (n_rows,), object
            One of `classes_` for each row.

        Raises
        ------
        InvalidEventError
            If `events` is not such a table, or columns are missing; the message names them.
        ValueError
            If the attached context covers less time than the rules need.
        """
        check_is_fitted(self)
        return self._decide(self._check_table(events))

    def _decide(self, events: Any) -> np.ndarray:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        return tags
