"""Tested rows with the answers of a model and of the rules: what a report is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import Family
from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._row_checks import require_times
from novin_ml.evaluation._scored_rows import ScoredRows, scored_rows
from novin_ml.evaluation.report._tested_rows import consent_of, shown_homes


class Tested(NamedTuple):
    """The tested rows, and the answers of a model and of the rules.

    Attributes
    ----------
    pipeline : Pipeline
    family : Family
    rows : DataFrame or Chains
    given : ndarray of shape (n_rows,), int64
        The places of the rows in the order in which they were given.
    features : array-like of shape (n_rows, n_features)
    scored : ScoredRows
    truth : str
        The column of the right labels.
    by_model, by_rules : ndarray of shape (n_rows,)
        The answers.
    codes : ndarray of shape (n_rows,), int64
        Positions of the right labels among those of the model.
    consent : ndarray of shape (n_rows,), bool
    shown : ndarray of shape (n_rows,), object
        The homes as the report names them.
    """

    pipeline: Pipeline
    family: Family
    rows: Any
    given: NDArray[np.int64]
    features: Any
    scored: ScoredRows
    truth: str
    by_model: NDArray[Any]
    by_rules: NDArray[Any]
    codes: NDArray[np.int64]
    consent: NDArray[np.bool_]
    shown: NDArray[np.object_]

    @property
    def classifier(self) -> Any:
        """The last step of the pipeline."""
        return self.pipeline[-1]

    @property
    def right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the answers of the model, and those of the rules, are right."""
        return self.by_model == self.scored.truth, self.by_rules == self.scored.truth

    @property
    def curve_labels(self) -> list[str]:
        """The positive label of the family, or all labels if the model has other labels."""
        labels: list[str] = self.scored.classes.tolist()
        positive = self.family.positive_label
        return [positive] if positive in labels else labels

    @property
    def alarm_labels(self) -> list[str]:
        """Those that are alarms."""
        return [label for label in self.curve_labels if label != self.family.quiet_label]


def tested_of(
    pipeline: Pipeline, family: Family, rows: Any, given: NDArray[np.int64], truth: str
) -> Tested:
    """Ask a model and the rules of its family for their answers to labelled rows."""
    features = pipeline[:-1].transform(rows)
    scored = scored_rows(pipeline[-1], rows, truth, features, only_consenting=False, warns=False)
    require_times(scored.times, "A report")
    code_of = {label: code for code, label in enumerate(scored.classes.tolist())}
    consent = consent_of(rows)
    return Tested(
        pipeline=pipeline,
        family=family,
        rows=rows,
        given=given,
        features=features,
        scored=scored,
        truth=truth,
        by_model=scored.classes[scored.probabilities.argmax(axis=1)],
        by_rules=label_texts(family.rules().fit(rows, rows[truth]).predict(rows)),
        codes=np.array([code_of[label] for label in scored.truth.tolist()], dtype=np.int64),
        consent=consent,
        shown=shown_homes(scored.homes, consent),
    )
