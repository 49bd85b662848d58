"""Methods of a classifier that raise alarms and abstain by thresholds on probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.docstrings import substitute
from novin_ml.estimators._method_docs import NO_ABSTENTION, ROWS, THE_SAME
from novin_ml.estimators.decisions import Abstention, AlarmThreshold, Decisions, alarm_codes
from novin_ml.plain import shown


class ThresholdMixin:
    """Add thresholds to a classifier that has `classes_` and float32 probabilities.

    Attributes
    ----------
    decisions_ : Decisions
        Thresholds and abstention; `fit` resets them.
    """

    classes_: np.ndarray
    decisions_: Decisions
    predict_proba: Any

    @substitute(the_same=THE_SAME)
    def set_thresholds(self, thresholds: Mapping[Any, Any]) -> Self:
        """Set which labels are alarms, and from which probability on, without refitting.

        Parameters
        ----------
        thresholds : dict
            Maps a label to a number or an `AlarmThreshold`. Replaces all earlier thresholds.
            Numbers are rounded to float32. An empty dict removes all thresholds.

        Returns
        -------
        {the_same}

        Raises
        ------
        ValueError
            If a label is not in ``classes_``, or a threshold is not a number of at least 0.
        """
        check_is_fitted(self)
        labels, chosen = self.classes_.tolist(), {}
        if not isinstance(thresholds, Mapping):
            raise ValueError(
                "The 'thresholds' parameter must be a dict of a threshold for each label. "
                f"Got {shown(thresholds)}. Pass {{label: probability}}."
            )
        for label, threshold in thresholds.items():
            if label not in labels:
                raise ValueError(
                    f"The 'thresholds' parameter must have labels of {labels}. "
                    f"Got {shown(label)}. Leave it out."
                )
            label = labels[labels.index(label)]
            if isinstance(threshold, AlarmThreshold):
                chosen[label] = replace(threshold, label=label)
            else:
                chosen[label] = AlarmThreshold(label, threshold)
        ordered = {label: chosen[label] for label in labels if label in chosen}
        self.decisions_ = replace(self.decisions_, thresholds=ordered)
        return self

    @substitute(the_same=THE_SAME)
    def set_abstention(self, abstention: Abstention | None) -> Self:
        """Set when the answer is "don't know", without refitting.

        Parameters
        ----------
        abstention : Abstention or None
            From `novin_ml.evaluation.conformalize`; None removes it.

        Returns
        -------
        {the_same}

        Raises
        ------
        TypeError
            If `abstention` is neither an `Abstention` nor None.
        """
        check_is_fitted(self)
        if not (abstention is None or isinstance(abstention, Abstention)):
            raise TypeError(
                "The 'abstention' parameter must be what novin_ml.evaluation.conformalize chooses, "
                f"its report's abstention, or None. Got {shown(abstention)}."
            )
        self.decisions_ = replace(self.decisions_, abstention=abstention)
        return self

    @substitute(rows=ROWS)
    def alarms(self, X: Any) -> np.ndarray:
        """Return the alarm label of each row, or None.

        A label is an alarm if its probability is at least (``>=``) its threshold. If several labels
        are, the answer is the most probable of them; ties go to the first in ``classes_``.

        Parameters
        ----------
        {rows}

        Returns
        -------
        alarms : ndarray of shape (n_samples,), object
            A label or None.

        Raises
        ------
        ValueError
            If no thresholds are set.
        """
        check_is_fitted(self)
        if not self.decisions_.thresholds:
            raise ValueError(
                f"{type(self).__name__} must have thresholds to tell alarms. Got none. "
                "Call novin_ml.evaluation.tune_threshold, or set_thresholds."
            )
        names = np.array([*self.classes_.tolist(), None], dtype=object)
        limits = self.decisions_.threshold_row(self.classes_.tolist())
        return names[alarm_codes(self.predict_proba(X), limits)]

    @substitute(rows=ROWS, no_abstention=NO_ABSTENTION)
    def predict_set(self, X: Any) -> np.ndarray:
        """Return the prediction set of each row: the labels whose probability is ``>=`` the cut.

        Parameters
        ----------
        {rows}

        Returns
        -------
        sets : ndarray of shape (n_samples, n_classes), bool
            Columns in the order of ``classes_``. A set can have several labels, or none.

        Raises
        ------
        {no_abstention}
        """
        return self.predict_proba(X) >= self._checked_abstention().cut

    @substitute(rows=ROWS, no_abstention=NO_ABSTENTION)
    def abstains(self, X: Any) -> np.ndarray:
        """Return which rows get "don't know": those whose best probability is ``< abstain_below``.

        Every other row has a prediction set of one label, the most probable one.

        Parameters
        ----------
        {rows}

        Returns
        -------
        abstains : ndarray of shape (n_samples,), bool
            True for "don't know".

        Raises
        ------
        {no_abstention}
        """
        return self.predict_proba(X).max(axis=1) < self._checked_abstention().abstain_below

    def _checked_abstention(self) -> Abstention:
        check_is_fitted(self)
        if self.decisions_.abstention is None:
            raise ValueError(
                f"{type(self).__name__} must have a cut to tell what it does not know. Got none. "
                "Call novin_ml.evaluation.conformalize."
            )
        return self.decisions_.abstention
