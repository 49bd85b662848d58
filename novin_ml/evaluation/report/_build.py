"""From a fitted pipeline and labelled rows to a report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import Pipeline

from novin_ml.estimators.behavior import BehaviorAnomalyDetector
from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.evaluation._alarm_counts import label_texts, observed_weeks
from novin_ml.evaluation._scored_rows import ScoredRows, classifier_of, scored_rows
from novin_ml.evaluation.conformal import measure_coverage
from novin_ml.evaluation.report._baseline import build_baseline_report
from novin_ml.evaluation.report._curves import alarm_curve, reliability, roc_and_precision
from novin_ml.evaluation.report._disagreements import disagreements
from novin_ml.evaluation.report._importances import importances
from novin_ml.evaluation.report._parts import BaselineReport, Report, plain
from novin_ml.evaluation.report._provenance import (
    certificate_entry,
    data_entry,
    library_versions,
    training_entry,
)
from novin_ml.evaluation.report._shares import by_group, compared
from novin_ml.evaluation.thresholds import measure_thresholds
from novin_ml.events.consent import has_consent
from novin_ml.events.zones import ZONE_DTYPE
from novin_ml.features import attach_context
from novin_ml.features.context import has_context

_PURPOSES = {
    "delivery": "Says of each motion at a home whether somebody is delivering a parcel.",
    "motion": "Says of each motion at a home what moves: a person, a pet, a vehicle, and how.",
    "chains": (
        "Says what happened at a home within a minute, from the order of its events: a delivery, "
        "one of several threats, or nothing to tell."
    ),
}


def build_report(
    pipeline: Any, rows: Any, *, certificate: Any = None, truth: str = "label"
) -> Report | BaselineReport:
    """Measure a model on labelled rows, beside the hand-written rules.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted: a feature transformer of novin_ml and one of its classifiers or a
        `novin_ml.BehaviorAnomalyDetector`.
    rows : DataFrame or Chains
        Labelled events or chains that it was not trained on, best of other homes; of a detector
        its home's events after its training, labels or none. Context is attached to events that
        have none.
    certificate : Certificate, dict or path, default=None
        Of the exported model.
    truth : str, default="label"
        The column of the right labels; unused for a detector.

    Returns
    -------
    report : Report or BaselineReport
        A frozen dataclass; ``to_document()`` is JSON.

    Raises
    ------
    ValueError
        If it is no such pipeline, the rows have no labels, or a label that the model does not know.

    See Also
    --------
    write_report : The same as a page.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report
    >>> from novin_ml.events.synthetic import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> report = build_report(model, simulate_deliveries(500, random_state=1))
    >>> report.n_rows, report.accuracy.low < report.accuracy.share < report.accuracy.high
    (500, True)
    """
    if not isinstance(pipeline, Pipeline):
        raise ValueError(
            "The 'pipeline' parameter must be a pipeline from events to answers. "
            f"Got a {type(pipeline).__name__}. Put the features before it: make_delivery_pipeline."
        )
    if isinstance(pipeline[-1], BehaviorAnomalyDetector):
        return build_baseline_report(pipeline, rows, certificate)
    classifier = classifier_of(pipeline)
    family = _family_of(classifier)
    rows = _checked_rows(rows, truth)
    features = pipeline[:-1].transform(rows)
    scored = scored_rows(classifier, rows, truth, features, only_consenting=False)
    unknown = sorted(set(scored.truth.tolist()) - set(scored.classes.tolist()))
    if unknown:
        raise ValueError(
            f"The model must know the label {unknown[0]!r}. Got a model of "
            f"{scored.classes.tolist()}. Train it on rows with that label, or leave these out."
        )
    return _classifier_report(classifier, family, rows, features, scored, certificate, truth)


def _classifier_report(
    classifier: Any,
    family: Family,
    rows: Any,
    features: Any,
    scored: ScoredRows,
    certificate: Any,
    truth: str,
) -> Report:
    by_model = scored.classes[scored.probabilities.argmax(axis=1)]
    by_rules = label_texts(family.make_rules().fit(rows, rows[truth]).predict(rows))
    right, rules_right = by_model == scored.truth, by_rules == scored.truth
    accuracy, rules_accuracy, gain = compared(right, rules_right, scored.homes)
    weeks = observed_weeks(scored.homes, scored.times)
    zones, consent = _zones(rows), _consent(rows)
    certified, absent = certificate_entry(certificate)
    held_back = [asdict(each) for each in classifier.fit_report_.calibration]
    clean = _clean(rows, truth)
    curves = [roc_and_precision(scored, label) for label in _curve_labels(scored, family)]
    found = [pair for pair in curves if pair is not None]
    if not found:
        absent["roc"] = "The rows have one label only. Add rows with the others."
    decisions = classifier.decisions_
    thresholds = abstention = None
    if decisions.thresholds:
        report = measure_thresholds(classifier, rows, truth=truth, features=features)
        thresholds = plain(report.to_document())
    else:
        absent["thresholds"] = (
            "No thresholds were chosen, so the model never alarms by itself. Choose them from a "
            "budget with novin_ml.evaluation.tune_threshold."
        )
    if decisions.abstention is not None:
        abstention = plain(measure_coverage(classifier, features, scored.truth).to_document())
    else:
        absent["abstention"] = (
            'The model always answers. Let it say "don\'t know" with '
            "novin_ml.evaluation.conformalize."
        )
    if not held_back:
        absent["calibration"] = (
            "The model was not calibrated in training. Train it with calibrate=True and at least "
            "1,000 rows."
        )
    if not classifier.fit_report_.validation_loss:
        absent["training_curve"] = (
            "No rows were held back in training, so there is no curve. Train on at least 1,000 "
            "rows, or with early_stopping=True."
        )
    return Report(
        family=family.name,
        estimator=type(classifier).__name__,
        algorithm=classifier.learner_.kind,
        rows_name=family.rows.name,
        purpose=_PURPOSES.get(family.name, f"Says which of its labels {family.rows.name} have."),
        labels=scored.classes.tolist(),
        truth=truth,
        n_rows=len(scored.truth),
        n_homes=len(set(scored.homes)),
        n_without_consent=int(np.sum(~consent)),
        first_time=float(scored.times.min()),
        last_time=float(scored.times.max()),
        home_weeks=weeks,
        accuracy=accuracy,
        rules_accuracy=rules_accuracy,
        gain=gain,
        clean_accuracy=None if clean is None else float(np.mean(by_model == clean)),
        rules_clean_accuracy=None if clean is None else float(np.mean(by_rules == clean)),
        confusion=confusion_matrix(scored.truth, by_model, labels=scored.classes).tolist(),
        roc=[roc for roc, _ in found],
        precision_recall=[precision for _, precision in found],
        reliability=reliability(scored, held_back),
        alarms=[
            alarm_curve(scored, label, weeks, _chosen(classifier, label))
            for label in _alarm_labels(scored, family)
        ],
        thresholds=thresholds,
        abstention=abstention,
        by_home=sorted(
            by_group(scored.homes, right, rules_right), key=lambda g: (g.few, g.accuracy.share)
        ),
        by_zone=sorted(by_group(zones, right, rules_right), key=lambda g: -g.accuracy.n_rows),
        by_hour=by_group(_hours(rows, scored.times), right, rules_right),
        importances=importances(classifier, features, scored.truth),
        disagreements=disagreements(scored, by_rules, zones, consent),
        training=plain(training_entry(classifier)),
        size=plain(vars(classifier.size_report_)),
        certificate=certified,
        data=data_entry(features, scored.truth),
        versions=library_versions(),
        absent=absent,
    )


def _family_of(classifier: Any) -> Family:
    for family in FAMILIES.values():
        if type(family.make_pipeline()[-1]) is type(classifier):
            return family
    raise ValueError(
        f"The 'pipeline' parameter must end with a classifier of {sorted(FAMILIES)}. "
        f"Got a {type(classifier).__name__}. Add its family to FAMILIES."
    )


def _checked_rows(rows: Any, truth: str) -> Any:
    if truth not in rows.columns or not rows[truth].notna().any():
        raise ValueError(
            f"The rows must have labels in a column {truth!r} to be reported on. Got none. "
            "Label some, or name the column of the labels."
        )
    if isinstance(rows, pd.DataFrame) and not has_context(rows):
        rows = attach_context(rows)
    return rows[rows[truth].notna().to_numpy(dtype=bool)]


def _zones(rows: Any) -> NDArray[Any]:
    """Return the zone of each row; of a chain, that of its first event."""
    if isinstance(rows, pd.DataFrame):
        return label_texts(rows["zone"])
    return label_texts(ZONE_DTYPE.categories.to_numpy()[rows.zone[rows.offsets[:-1]]])


def _consent(rows: Any) -> NDArray[np.bool_]:
    """Return which rows have consent; none if that is not known."""
    if "consent" not in rows.columns:
        return np.zeros(len(rows), dtype=bool)
    return has_consent(rows)


def _hours(rows: Any, times: NDArray[np.float64]) -> list[str]:
    """Return the local hour of each row, that of UTC where the offset is not known."""
    offset = np.zeros(len(times))
    if "utc_offset" in rows.columns:
        offset = np.nan_to_num(rows["utc_offset"].to_numpy(dtype=np.float64))
    return [f"{int(hour):02d}:00" for hour in (times + offset) % 86_400 // 3_600]


def _clean(rows: Any, truth: str) -> NDArray[Any] | None:
    if truth == "clean_label" or "clean_label" not in rows.columns:
        return None
    return label_texts(rows["clean_label"]) if rows["clean_label"].notna().all() else None


def _curve_labels(scored: ScoredRows, family: Family) -> list[str]:
    return [family.positive_label] if family.positive_label else scored.classes.tolist()


def _alarm_labels(scored: ScoredRows, family: Family) -> list[str]:
    named = _curve_labels(scored, family)
    return [label for label in named if label != family.quiet_label and label in scored.classes]


def _chosen(classifier: Any, label: str) -> float | None:
    """Return the threshold that the classifier has for a label."""
    for name, threshold in classifier.decisions_.thresholds.items():
        if str(name) == label:
            return float(threshold.threshold)
    return None
