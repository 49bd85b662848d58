"""Parse the monitor of a home: its forest, beside what a phone needs for the other alarms.

The forest is the model. The rarity of transitions between sensors, of silences and of activations
is counted on the phone by `ActivityHistory`, as nothing in a Core ML model keeps counts. The curves
that turn scores into bits, and the threshold of each kind of alarm, are an entry of the model's
metadata, which a verification compares with the Python model's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import AlarmAnswers
from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.novin import NOTES, parse_detector
from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, own_answers, refuse_labels
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS, KINDS
from novin_ml.events.vocabulary.vocabulary import Vocabulary


@register_parser("novin_ml.HomeMonitor")
def parse_monitor(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted monitor; the model's own decision is that of the forest alone."""
    check_is_fitted(model)
    refuse_labels(model, class_labels)
    of_events = model.budgets_[KINDS[0]]
    curves = {"forest": model.forest_tail_.curve, "transition": model.transition_tail_.curve}
    offset = -1.0  # no score is below it
    if of_events.state != "learning":
        offset = float(np.clip(-curves["forest"].score_at(of_events.threshold), -1.0, 0.0))
    detector = model.detector_
    subject = parse_detector(detector, None, None)
    kinds = {
        kind: {
            "state": budget.state,
            "threshold": None if budget.state == "learning" else budget.threshold,
        }
        for kind, budget in model.budgets_.items()
    }
    info = subject.info | {
        "estimator": type(model).__name__,
        "family": MONITOR,
        "feature_params": "{}",
        "feature_set": str(model.feature_set),
        "state": of_events.state,
        "alarms_per_week": json.dumps({kind: model.budget_of(kind) for kind in KINDS}),
        "confidence": repr(float(model.confidence)),
        "monitor": json.dumps(
            {
                "kinds": kinds,
                "curves": {name: each.to_dict() for name, each in curves.items()},
                "sensor_hour_weight": model.sensor_hour_weight_,
            }
        ),
    }
    vocabulary = getattr(model.features_, "vocabulary_", None)
    if vocabulary not in (None, Vocabulary.sdk()):
        info["vocabulary"] = json.dumps(vocabulary.to_dict(), ensure_ascii=False)
    return replace(
        subject,
        answers=AlarmAnswers(offset),
        specs=input_specs(feature_names, subject.columns, FOREST_COLUMNS),
        info=info,
        own_answer=own_answers(
            detector,
            lambda X: np.column_stack(
                [-detector.score_samples(X), detector.score_samples(X) - offset]
            ),
        ),
        note=NOTES.get(of_events.state, ""),
    )
