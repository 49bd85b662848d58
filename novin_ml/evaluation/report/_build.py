"""From a fitted pipeline and labelled rows to a report."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.families import FAMILIES, Family, find_family
from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._scored_rows import ScoredRows, scored_rows
from novin_ml.evaluation.alarms import observed_weeks
from novin_ml.evaluation.comparison import compare_answers
from novin_ml.evaluation.decisions.conformal import measure_coverage
from novin_ml.evaluation.decisions.thresholds import measured_report
from novin_ml.evaluation.report._alarm_comparison import compare_alarms
from novin_ml.evaluation.report._baseline import build_baseline_report
from novin_ml.evaluation.report._curves import alarm_curve, reliability, roc_and_precision
from novin_ml.evaluation.report._disagreements import disagreements
from novin_ml.evaluation.report._importances import importances
from novin_ml.evaluation.report._provenance import (
    certificate_entry,
    data_entry,
    library_versions,
    training_entry,
)
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.evaluation.report._shares import CONFIDENCE, by_group, share_by_home
from novin_ml.evaluation.report._tested_rows import (
    checked_rows,
    clean_labels,
    consent_of,
    hours_of,
    offsets_of,
    shown_homes,
    zones_of,
)
from novin_ml.plain import plain


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
        Labelled events or chains that it was not trained on, preferably of other homes. For a
        detector: events of its home after its training, with or without labels. Context is attached
        to events that have none.
    certificate : Certificate, dict or path, default=None
        Certificate of the exported model.
    truth : str, default="label"
        The column of the right labels; unused for a detector.

    Returns
    -------
    report : Report or BaselineReport
        A frozen dataclass; ``to_document()`` is JSON.

    Raises
    ------
    ValueError
        If `pipeline` is not such a pipeline, if the rows have no labels, or if they have a label
        that the model does not know.
    NotFittedError
        If the pipeline is not fitted.

    See Also
    --------
    write_report : Write the report as a page.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report
    >>> from novin_ml.simulation import simulate_deliveries
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
    family = _family_of(pipeline[-1])
    if family.is_detector:
        return build_baseline_report(pipeline, family, rows, certificate)
    classifier = pipeline[-1]
    check_is_fitted(classifier)
    rows = checked_rows(rows, truth)
    features = pipeline[:-1].transform(rows)
    scored = scored_rows(classifier, rows, truth, features, only_consenting=False)
    return _classifier_report(pipeline, family, rows, features, scored, certificate, truth)


def _classifier_report(
    pipeline: Pipeline,
    family: Family,
    rows: Any,
    features: Any,
    scored: ScoredRows,
    certificate: Any,
    truth: str,
) -> Report:
    classifier = pipeline[-1]
    by_model = scored.classes[scored.probabilities.argmax(axis=1)]
    by_rules = label_texts(family.rules().fit(rows, rows[truth]).predict(rows))
    right, rules_right = by_model == scored.truth, by_rules == scored.truth
    comparison = compare_answers(
        scored.truth,
        by_model,
        by_rules,
        groups=scored.homes,
        names=("the model", "the hand-written rules"),
        unit="homes",
        confidence=CONFIDENCE,
    )
    weeks = observed_weeks(scored.homes, scored.times)
    zones, consent, offsets = zones_of(rows), consent_of(rows), offsets_of(rows)
    shown = shown_homes(scored.homes, consent)
    names, counts = np.unique(scored.truth, return_counts=True)
    alarm_labels = _alarm_labels(scored, family)
    code_of = {label: code for code, label in enumerate(scored.classes.tolist())}
    codes = np.array([code_of[label] for label in scored.truth.tolist()], dtype=np.int64)
    certified, absent = certificate_entry(certificate)
    held_back = [asdict(each) for each in classifier.fit_report_.calibration]
    clean = clean_labels(rows, truth)
    curves = [roc_and_precision(scored, label) for label in _curve_labels(scored, family)]
    found = [pair for pair in curves if pair is not None]
    if not found:
        absent["roc"] = "The rows have one label only. Add rows with the others."
    decisions = classifier.decisions_
    thresholds = abstention = None
    if decisions.thresholds:
        named = replace(scored, homes=shown)
        thresholds = measured_report(classifier, named, CONFIDENCE).to_document()
    else:
        absent["thresholds"] = (
            "No thresholds were chosen, so the model never alarms by itself. Choose them from a "
            "budget with novin_ml.evaluation.tune_threshold."
        )
    if decisions.abstention is not None:
        abstention = measure_coverage(classifier, features, scored.truth, homes=shown).to_document()
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
        purpose=family.purpose,
        labels=scored.classes.tolist(),
        truth=truth,
        n_rows=len(scored.truth),
        n_homes=len(set(scored.homes)),
        n_without_consent=int(np.sum(~consent)),
        first_time=float(scored.times.min()),
        last_time=float(scored.times.max()),
        home_weeks=weeks,
        accuracy=share_by_home(right, scored.homes),
        rules_accuracy=share_by_home(rules_right, scored.homes),
        comparison=comparison.to_dict(),
        most_frequent=str(names[counts.argmax()]),
        most_frequent_share=float(counts.max() / counts.sum()),
        alarming=compare_alarms(scored, by_model, by_rules, alarm_labels),
        clean_accuracy=None if clean is None else float(np.mean(by_model == clean)),
        rules_clean_accuracy=None if clean is None else float(np.mean(by_rules == clean)),
        confusion=confusion_matrix(scored.truth, by_model, labels=scored.classes).tolist(),
        roc=[roc for roc, _ in found],
        precision_recall=[precision for _, precision in found],
        reliability=reliability(scored, codes, held_back),
        alarms=[
            alarm_curve(scored, label, weeks, _chosen(classifier, label)) for label in alarm_labels
        ],
        thresholds=thresholds,
        abstention=abstention,
        by_home=sorted(
            by_group(shown, right, rules_right), key=lambda g: (g.few, g.accuracy.share)
        ),
        by_zone=sorted(by_group(zones, right, rules_right), key=lambda g: -g.accuracy.n_rows),
        by_hour=by_group(hours_of(scored.times + offsets), right, rules_right),
        importances=importances(pipeline, features, scored, consent),
        disagreements=disagreements(scored, by_rules, zones, offsets, shown == scored.homes),
        training=plain(training_entry(classifier)),
        size=plain(vars(classifier.size_report_)),
        certificate=certified,
        data=data_entry(features, codes, consent, classifier.training_data_["sha256"]),
        versions=library_versions(),
        absent=absent,
    )


def _family_of(estimator: Any) -> Family:
    family = find_family(estimator)
    if family is None:
        raise ValueError(
            f"The 'pipeline' parameter must end with a model of {sorted(FAMILIES)}. "
            f"Got a {type(estimator).__name__}. Other classifiers have scikit-learn's own metrics."
        )
    return family


def _curve_labels(scored: ScoredRows, family: Family) -> list[str]:
    """Return the positive label of the family, or all labels if the model has other labels."""
    labels: list[str] = scored.classes.tolist()
    return [family.positive_label] if family.positive_label in labels else labels


def _alarm_labels(scored: ScoredRows, family: Family) -> list[str]:
    return [label for label in _curve_labels(scored, family) if label != family.quiet_label]


def _chosen(classifier: Any, label: str) -> float | None:
    """Return the classifier's threshold for a label."""
    for name, threshold in classifier.decisions_.thresholds.items():
        if str(name) == label:
            return float(threshold.threshold)
    return None
