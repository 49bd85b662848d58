"""The headline: accuracy and ROC AUC of a model, and of the rules on the same events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, roc_auc_score

from novin_ml.features import attach_context


@dataclass(frozen=True)
class Scores:
    """Scores of one classifier.

    Attributes
    ----------
    accuracy : float
        Share of labels that are right, 0 to 1.
    roc_auc : float
        Area under the ROC curve of the positive label, 0 to 1; NaN if the events have one label
        only. Rules have no probability: theirs is the area under their one point.
    """

    accuracy: float
    roc_auc: float


@dataclass(frozen=True)
class Headline:
    """A model and the rules on the same events.

    Attributes
    ----------
    n_events, n_homes : int
    model, rules : Scores
        Against the labels that people gave.
    model_clean, rules_clean : Scores or None
        Against the labels without annotator errors, where a simulation knows them.
    """

    n_events: int
    n_homes: int
    model: Scores
    rules: Scores
    model_clean: Scores | None
    rules_clean: Scores | None


def evaluate(model: Any, rules: Any, events: pd.DataFrame, positive_label: str) -> Headline:
    """Score a model and the rules on labelled events.

    Parameters
    ----------
    model : object
        A fitted classifier of events, with ``predict_proba`` and ``classes_``.
    rules : object
        A classifier of events with ``fit`` and ``predict``.
    events : DataFrame
        The event table with labels; rows without one are context only.
    positive_label : str
        The label whose probability the ROC AUC ranks.

    Returns
    -------
    headline : Headline

    Raises
    ------
    ValueError
        If no event has a label, or the model does not know the positive label.
    """
    if "label" not in events.columns or events["label"].notna().sum() == 0:
        raise ValueError(
            "The events must have labels to be evaluated on. Got none. "
            "Add a 'label' to each event that was looked at."
        )
    classes = [str(label) for label in model.classes_]
    if positive_label not in classes:
        raise ValueError(
            f"The model must know the label {positive_label!r}. Got a model of {classes}. "
            "Train it on events with that label."
        )
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    probability = model.predict_proba(rows)
    answers = {
        "model": (
            np.asarray(classes)[probability.argmax(axis=1)],
            probability[:, classes.index(positive_label)],
        )
    }
    by_rule = np.asarray(rules.fit(rows, rows["label"]).predict(rows)).astype(str)
    answers["rules"] = (by_rule, (by_rule == positive_label).astype(float))
    scores: dict[str, Scores | None] = {}
    for name, (labels, score) in answers.items():
        scores[name] = _scores(rows["label"], labels, score, positive_label)
        scores[name + "_clean"] = (
            _scores(rows["clean_label"], labels, score, positive_label)
            if "clean_label" in rows and rows["clean_label"].notna().all()
            else None
        )
    return Headline(len(rows), rows["home_id"].nunique(), **scores)  # type: ignore[arg-type]


def _scores(truth: pd.Series, labels: np.ndarray, score: np.ndarray, positive: str) -> Scores:
    right = truth.astype(str).to_numpy()
    is_positive = right == positive
    one_label = is_positive.all() or not is_positive.any()
    return Scores(
        accuracy=float(accuracy_score(right, labels)),
        roc_auc=float("nan") if one_label else float(roc_auc_score(is_positive, score)),
    )
