"""The headline: accuracy and ROC AUC of a model, and of the rules on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score
from sklearn.utils.validation import check_is_fitted

from novin_ml.evaluation._decision_prior import PriorEffect, prior_effect
from novin_ml.evaluation._row_checks import check_known, times_of
from novin_ml.evaluation.alarms import (
    AlarmReport,
    RecallAtAlarms,
    alarm_report,
    recall_at_alarms,
    stream_alarm_report,
)
from novin_ml.evaluation.training_data import warn_of_training_data
from novin_ml.evaluation.truth import CLEAN, GIVEN, best_truth
from novin_ml.events.chains.table import Chains
from novin_ml.events.tables.check import checked_rows
from novin_ml.features.attached import context_for
from novin_ml.foreign import require_rows
from novin_ml.plain import shown


@dataclass(frozen=True)
class Scores:
    """Scores of one classifier.

    Attributes
    ----------
    accuracy : float
        Share of labels that are right, 0 to 1.
    roc_auc : float
        Area under the ROC curve, 0 to 1: that of the positive label, or the mean over all labels,
        each against the rest. NaN if the rows have only one label. Rules have no probabilities:
        their curve has a single point.
    """

    accuracy: float
    roc_auc: float


@dataclass(frozen=True)
class Headline:
    """Scores of a model and of the rules on the same rows.

    Attributes
    ----------
    n_rows, n_homes : int
        Numbers of labelled rows (events or chains) and of their homes.
    model, rules : Scores
        Scores against the labels that people gave; those of the rules are None without rules.
    model_clean, rules_clean : Scores or None
        Scores against the labels without annotator errors, if a simulation knows them.
    labels : list of str
        Labels of the model.
    confusion : list of list of int
        Counts by true label (rows; clean labels if known) and by the model's label (columns).
    truth : {"label", "clean_label"}
        The labels that `confusion` and all alarms are of: the clean ones if they are known.
    alarms : AlarmReport or None
        Recall and false alarms of each label (against the clean labels if known), if one label is
        quiet.
    recall_at_alarms : tuple of RecallAtAlarms
        Recall of the model with as many false alarms as the rules, under the same conditions.
    stream_alarms : AlarmReport or None
        For chains: the alarms if both answer after each event and every answer counts.
    prior : PriorEffect or None
        Accuracy and mean recall (against the clean labels if known) with the model's
        `decision_prior_weight` and without, if it has one.
    """

    n_rows: int
    n_homes: int
    model: Scores
    rules: Scores | None
    model_clean: Scores | None
    rules_clean: Scores | None
    labels: list[str]
    confusion: list[list[int]]
    truth: str = GIVEN
    alarms: AlarmReport | None = None
    recall_at_alarms: tuple[RecallAtAlarms, ...] = ()
    stream_alarms: AlarmReport | None = None
    prior: PriorEffect | None = None


def evaluate(
    model: Any,
    rules: Any,
    table: Any,
    positive_label: str | None = None,
    quiet_label: str | None = None,
) -> Headline:
    """Score a model and the rules on labelled events or chains.

    Parameters
    ----------
    model : object
        A fitted classifier of the rows, with ``predict_proba`` and ``classes_``.
    rules : object or None
        A classifier of the rows with ``fit`` and ``predict``; None if there are no rules.
    table : DataFrame, Chains or ChannelSignals
        Event table, chains or signals with labels. Events without a label only serve as context. A
        context that is not attached is that of the model's own windows.
    positive_label : str or None, default=None
        The label whose probability the ROC AUC ranks; None takes the mean over all labels.
    quiet_label : str or None, default=None
        The label that raises no alarm. If given, false alarms are counted.

    Returns
    -------
    headline : Headline
        The scores of both.

    Raises
    ------
    ValueError
        If no row has a label, or the model does not know `positive_label` or another needed label.
    NotFittedError
        If the model is not fitted.

    Warns
    -----
    TrainingDataWarning
        If the model was trained on some of the rows or homes: see `seen_in_training`.
    """
    require_rows(table, "The table")
    if "label" not in table.columns or table["label"].notna().sum() == 0:
        raise ValueError(
            "The table must have labels to be evaluated on. Got none. "
            "Add a 'label' to each row that was looked at."
        )
    check_is_fitted(model)
    table = checked_rows(table, "evaluate")
    rows = context_for(table, model) if isinstance(table, pd.DataFrame) else table
    rows = rows[rows["label"].notna()]
    truths, best = {"": rows["label"].astype(str).to_numpy()}, best_truth(rows)
    if best == CLEAN:
        truths["_clean"] = rows["clean_label"].astype(str).to_numpy()
    classes = np.array([str(label) for label in model.classes_])
    warn_of_training_data(model, rows)
    if not {*truths[""]} & {*classes}:
        check_known(truths[""], classes)
    wanted = {*truths[""], *([] if positive_label is None else [positive_label])}
    if not wanted <= set(classes):
        raise ValueError(
            f"The model must know the label {shown(min(wanted - set(classes)))}. "
            f"Got a model of {classes.tolist()}. Train it on rows with that label."
        )
    probability = np.asarray(model.predict_proba(rows), dtype=np.float64)
    by_model = classes[probability.argmax(axis=1)]
    by_rule = None
    if rules is not None:
        by_rule = np.asarray(rules.fit(rows, rows["label"]).predict(rows)).astype(str)
    counted = classes if positive_label is None else np.array([positive_label])
    scores: dict[str, Scores | None] = dict.fromkeys(("rules", "model_clean", "rules_clean"))
    for suffix, truth in truths.items():
        of_class = probability[:, [classes.tolist().index(label) for label in counted]]
        scores["model" + suffix] = _scores(truth, by_model, counted, of_class)
        if by_rule is not None:
            scores["rules" + suffix] = _scores(truth, by_rule, counted, by_rule[:, None] == counted)
    truth = truths.get("_clean", truths[""])
    of_alarms: dict[str, Any] = {}
    if quiet_label is not None and by_rule is not None:
        times = times_of(rows)
        of_alarms = {
            "alarms": alarm_report(truth, by_model, by_rule, rows["home_id"], times, quiet_label),
            "recall_at_alarms": recall_at_alarms(truth, probability, classes, by_rule, quiet_label),
        }
        if isinstance(rows, Chains):
            of_alarms["stream_alarms"] = stream_alarm_report(truth, model, rules, rows, quiet_label)
    return Headline(
        n_rows=len(rows),
        n_homes=int(rows["home_id"].nunique()),
        labels=classes.tolist(),
        confusion=confusion_matrix(truth, by_model, labels=classes).tolist(),
        prior=prior_effect(model, rows, truth),
        truth=best,
        **of_alarms,
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
