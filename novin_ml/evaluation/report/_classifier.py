"""The report on a classifier, section by section."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from novin_ml.evaluation._decision_prior import prior_effect
from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._row_checks import check_known
from novin_ml.evaluation.alarms import observed_weeks
from novin_ml.evaluation.comparison import compare_answers
from novin_ml.evaluation.decisions.conformal import measured_coverage
from novin_ml.evaluation.decisions.thresholds import measured_report
from novin_ml.evaluation.report._alarm_comparison import compare_alarms
from novin_ml.evaluation.report._curves import alarm_curve, reliability, roc_and_precision
from novin_ml.evaluation.report._disagreements import disagreements
from novin_ml.evaluation.report._examples import wrong_answers
from novin_ml.evaluation.report._importances import importances
from novin_ml.evaluation.report._parts import OtherLabels
from novin_ml.evaluation.report._provenance import (
    data_entry,
    training_entry,
    versions_entry,
)
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._tested import Tested
from novin_ml.evaluation.report._tested_rows import hours_of, offsets_of, other_labels, zones_of
from novin_ml.evaluation.report.shares import CONFIDENCE, by_group, share_by_home
from novin_ml.evaluation.training_data import homes_trained_on
from novin_ml.evaluation.truth import CLEAN, GIVEN
from novin_ml.plain import plain


def build_classifier_report(tested: Tested) -> Report:
    """Measure a classifier, beside the hand-written rules."""
    classifier, scored = tested.classifier, tested.scored
    curves = _curves(tested)
    absent = _absent_parts(classifier, has_curves=bool(curves["roc"]))
    return Report(
        **_subject(tested),
        **_accuracy(tested),
        other_labels=_by_other_labels(tested),
        **curves,
        **_alarms(tested),
        **_decisions(tested),
        **_groups(tested),
        importances=importances(tested.pipeline, tested.features, scored, tested.consent),
        **_provenance(tested),
        certificate=None,
        absent=absent,
        prior=prior_effect(classifier, tested.features, scored.truth),
    )


def _subject(tested: Tested) -> dict[str, Any]:
    """Return which model was measured, and on which rows."""
    scored, family = tested.scored, tested.family
    return {
        "family": family.name,
        "estimator": type(tested.classifier).__name__,
        "algorithm": tested.classifier.learner_.kind,
        "rows_name": family.rows.name,
        "purpose": family.purpose,
        "labels": scored.classes.tolist(),
        "truth": tested.truth,
        "n_rows": len(scored.truth),
        "n_homes": len(set(scored.homes)),
        "n_without_consent": int(np.sum(~tested.consent)),
        "first_time": float(scored.times.min()),
        "last_time": float(scored.times.max()),
        "home_weeks": observed_weeks(scored.homes, scored.times),
    }


def _accuracy(tested: Tested) -> dict[str, Any]:
    """Return how often the model is right, beside the rules and the most frequent label."""
    scored, (right, rules_right) = tested.scored, tested.right
    names, counts = np.unique(scored.truth, return_counts=True)
    comparison = compare_answers(
        scored.truth,
        tested.by_model,
        tested.by_rules,
        groups=scored.homes,
        names=("the model", "the hand-written rules"),
        unit="homes",
        confidence=CONFIDENCE,
    )
    return {
        "accuracy": share_by_home(right, scored.homes),
        "rules_accuracy": share_by_home(rules_right, scored.homes),
        "comparison": comparison.to_dict(),
        "most_frequent": str(names[counts.argmax()]),
        "most_frequent_share": float(counts.max() / counts.sum()),
        "confusion": _counts(tested, tested.by_model),
        "rules_confusion": _counts(tested, tested.by_rules),
    }


def _counts(tested: Tested, answers: NDArray[Any]) -> list[list[int]]:
    """Return the counts by right label and by answer; the rules may know labels of their own."""
    known = np.isin(answers, tested.scored.classes)
    truth = tested.scored.truth[known]
    if not len(truth):
        return np.zeros((len(tested.scored.classes),) * 2, dtype=int).tolist()
    found: list[list[int]] = confusion_matrix(
        truth, answers[known], labels=tested.scored.classes
    ).tolist()
    return found


def _by_other_labels(tested: Tested) -> OtherLabels | None:
    """Return the main numbers by the labels that the report is not of, if the rows have both."""
    others = other_labels(tested.rows, tested.truth)
    if others is None:
        return None
    column, labels = others
    if column == GIVEN:
        check_known(labels, tested.scored.classes)
    scored = replace(tested.scored, truth=labels)
    return OtherLabels(
        truth=column,
        accuracy=float(np.mean(tested.by_model == labels)),
        rules_accuracy=float(np.mean(tested.by_rules == labels)),
        alarming=compare_alarms(scored, tested.by_model, tested.by_rules, tested.alarm_labels),
    )


def _curves(tested: Tested) -> dict[str, Any]:
    """Return the curves of the probabilities."""
    curves = [
        roc_and_precision(tested.scored, label, tested.by_rules) for label in tested.curve_labels
    ]
    found = [pair for pair in curves if pair is not None]
    held_back = [asdict(each) for each in tested.classifier.fit_report_.calibration]
    return {
        "roc": [roc for roc, _ in found],
        "precision_recall": [precision for _, precision in found],
        "reliability": reliability(tested.scored, tested.codes, held_back),
    }


def _alarms(tested: Tested) -> dict[str, Any]:
    """Return what is found, and how many false alarms that costs."""
    scored, labels = tested.scored, tested.alarm_labels
    weeks = observed_weeks(scored.homes, scored.times)
    return {
        "alarming": compare_alarms(scored, tested.by_model, tested.by_rules, labels),
        "alarms": [
            alarm_curve(scored, label, weeks, _chosen(tested.classifier, label), tested.by_rules)
            for label in labels
        ],
    }


def _groups(tested: Tested) -> dict[str, Any]:
    """Return the accuracy by home, zone and hour, and where model and rules differ."""
    scored, (right, rules_right) = tested.scored, tested.right
    zones, offsets, shown = zones_of(tested.rows), offsets_of(tested.rows), tested.shown
    return {
        "by_home": sorted(
            by_group(shown, right, rules_right), key=lambda g: (g.few, g.accuracy.share)
        ),
        "by_zone": sorted(by_group(zones, right, rules_right), key=lambda g: -g.accuracy.n_rows),
        "by_hour": by_group(hours_of(scored.times + offsets), right, rules_right),
        "disagreements": disagreements(
            scored, tested.by_rules, zones, offsets, shown == scored.homes
        ),
        **wrong_answers(tested, zones, offsets),
    }


def _provenance(tested: Tested) -> dict[str, Any]:
    """Return where model and rows come from."""
    classifier, pipeline = tested.classifier, tested.pipeline
    return {
        "training": plain(training_entry(classifier) | {"n_homes": homes_trained_on(pipeline)}),
        "size": plain(vars(classifier.size_report_)),
        "data": data_entry(
            pipeline,
            classifier,
            tested.rows,
            tested.features,
            _codes_of_training(tested),
            tested.consent,
            tested.given,
        ),
        "versions": versions_entry(),
    }


def _codes_of_training(tested: Tested) -> NDArray[np.int64]:
    """Return the codes of the annotators' labels, which models are trained on."""
    if tested.truth != CLEAN:
        return tested.codes
    place = {label: code for code, label in enumerate(tested.scored.classes.tolist())}
    labels = label_texts(tested.rows[GIVEN]).tolist()
    return np.array([place[label] for label in labels], dtype=np.int64)


def _decisions(tested: Tested) -> dict[str, Any]:
    """Return the measurements of the thresholds and of the abstention; None if not set."""
    classifier, shown, truth = tested.classifier, tested.shown, tested.truth
    found: dict[str, Any] = {"thresholds": None, "abstention": None}
    if classifier.decisions_.thresholds:
        measured = measured_report(classifier, replace(tested.scored, homes=shown), CONFIDENCE)
        found["thresholds"] = replace(measured, truth=truth).to_document()
    if classifier.decisions_.abstention is not None:
        probabilities = tested.scored.probabilities
        coverage = measured_coverage(classifier, probabilities, tested.codes, shown)
        found["abstention"] = replace(coverage, truth=truth).to_document()
    return found


def _absent_parts(classifier: Any, *, has_curves: bool) -> dict[str, str]:
    """Return a sentence for each part of the report that is absent."""
    decisions, fit = classifier.decisions_, classifier.fit_report_
    parts = {
        "roc": (has_curves, "The rows have one label only. Add rows with the others."),
        "thresholds": (
            decisions.thresholds,
            "No thresholds were chosen, so the model never alarms by itself. Choose them from a "
            "budget with novin_ml.evaluation.tune_threshold.",
        ),
        "abstention": (
            decisions.abstention is not None,
            'The model always answers. Let it say "don\'t know" with '
            "novin_ml.evaluation.conformalize.",
        ),
        "calibration": (
            fit.calibration,
            "The model was not calibrated in training. Train it with calibrate=True and at least "
            "1,000 rows.",
        ),
        "training_curve": (
            fit.validation_loss,
            "No rows were held back in training, so there is no curve. Train on at least 1,000 "
            "rows, or with early_stopping=True.",
        ),
    }
    return {name: sentence for name, (is_there, sentence) in parts.items() if not is_there}


def _chosen(classifier: Any, label: str) -> float | None:
    """Return the classifier's threshold for a label."""
    for name, threshold in classifier.decisions_.thresholds.items():
        if str(name) == label:
            return float(threshold.threshold)
    return None
