"""The headline: accuracy and ROC AUC of a model, and of the rules on the same events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

from novin_ml.features import attach_context
from novin_ml.features.context import has_context


@dataclass(frozen=True)
class Scores:
    """Scores of one classifier.

    Attributes
    ----------
    accuracy : float
        Share of labels that are right, 0 to 1.
    roc_auc : float
        Area under the ROC curve, 0 to 1: of the positive label, or the mean over all labels, each
        against the rest. NaN if the events have one label only. Rules have no probability: theirs
        is the area under their one point.
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
    labels : list of str
        The model's labels.
    confusion : list of list of int
        Events by true label (rows; clean where known) and by the model's label (columns).
    """

    n_events: int
    n_homes: int
    model: Scores
    rules: Scores
    model_clean: Scores | None
    rules_clean: Scores | None
    labels: list[str]
    confusion: list[list[int]]


def evaluate(
    model: Any, rules: Any, events: pd.DataFrame, positive_label: str | None = None
) -> Headline:
    """Score a model and the rules on labelled events.

    Parameters
    ----------
    model : object
        A fitted classifier of events, with ``predict_proba`` and ``classes_``.
    rules : object
        A classifier of events with ``fit`` and ``predict``.
    events : DataFrame
        The event table with labels; rows without one are context only. For other windows than
        the usual, attach the context before.
    positive_label : str or None, default=None
        The label whose probability the ROC AUC ranks; None takes the mean over all labels.

    Returns
    -------
    headline : Headline

    Raises
    ------
    ValueError
        If no event has a label, or the model does not know a label that counts.
    """
    if "label" not in events.columns or events["label"].notna().sum() == 0:
        raise ValueError(
            "The events must have labels to be evaluated on. Got none. "
            "Add a 'label' to each event that was looked at."
        )
    rows = events if has_context(events) else attach_context(events)
    rows = rows[rows["label"].notna()]
    truths = {"": rows["label"].astype(str).to_numpy()}
    if "clean_label" in rows and rows["clean_label"].notna().all():
        truths["_clean"] = rows["clean_label"].astype(str).to_numpy()
    classes = np.array([str(label) for label in model.classes_])
    wanted = {*truths[""], *([] if positive_label is None else [positive_label])}
    if not wanted <= set(classes):
        raise ValueError(
            f"The model must know the label {min(wanted - set(classes))!r}. "
            f"Got a model of {classes.tolist()}. Train it on events with that label."
        )
    probability = np.asarray(model.predict_proba(rows), dtype=np.float64)
    by_model = classes[probability.argmax(axis=1)]
    by_rule = np.asarray(rules.fit(rows, rows["label"]).predict(rows)).astype(str)
    counted = classes if positive_label is None else np.array([positive_label])
    scores: dict[str, Scores | None] = {"model_clean": None, "rules_clean": None}
    for suffix, truth in truths.items():
        of_class = probability[:, [classes.tolist().index(label) for label in counted]]
        scores["model" + suffix] = _scores(truth, by_model, counted, of_class)
        scores["rules" + suffix] = _scores(truth, by_rule, counted, by_rule[:, None] == counted)
    table = confusion_matrix(truths.get("_clean", truths[""]), by_model, labels=classes)
    return Headline(
        n_events=len(rows),
        n_homes=int(rows["home_id"].nunique()),
        labels=classes.tolist(),
        confusion=table.tolist(),
        **scores,  # type: ignore[arg-type]
    )


def _scores(truth: np.ndarray, labels: np.ndarray, counted: np.ndarray, score: Any) -> Scores:
    areas = []
    for label, of_label in zip(counted, np.asarray(score, dtype=np.float64).T, strict=True):
        is_label = truth == label
        if is_label.any() and not is_label.all():
            areas.append(roc_auc_score(is_label, of_label))
    return Scores(
        accuracy=float(accuracy_score(truth, labels)),
        roc_auc=float(np.mean(areas)) if areas else float("nan"),
    )
