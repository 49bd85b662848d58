"""Golden vectors: Python's answers to requests and rows, for the tests of the Swift package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml import probes
from novin_ml.coreml.answers import AlarmAnswers
from novin_ml.coreml.comparison import ask, is_within, largest, without_rounding
from novin_ml.coreml.converters import converter_for
from novin_ml.coreml.reasons import N_REASONS, all_reasons
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.swift._decision_vectors import decision_vectors
from novin_ml.coreml.swift._families import PACKAGE_FAMILIES, ModelFacts
from novin_ml.coreml.swift._monitor_streams import golden_streams
from novin_ml.coreml.swift._requests import (
    later_requests,
    memory_requests,
    read_request,
    requests,
    vocabulary_requests,
)
from novin_ml.coreml.swift._signals import as_bits, golden_signals, takes_channels
from novin_ml.coreml.swift._stream_vectors import stream_vectors
from novin_ml.estimators.decisions import alarm_codes
from novin_ml.estimators.outcomes import outcomes_of
from novin_ml.estimators.reasons import Reason, told
from novin_ml.estimators.record import MISSING_SHARE
from novin_ml.estimators.words import GERMAN, Words
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import ParityError
from novin_ml.features import ActivityHistory, BehaviorHistory
from novin_ml.formats import FORMATS

#: Version of the JSON file's format.
PROTOCOL = FORMATS["golden vectors"]
_SEED = 8
_ROWS = 12  # training-like and random ones
_THRESHOLD_ROWS = 40
_MISSING_ROWS = 8

FloatRows = NDArray[np.float32]


@dataclass(frozen=True)
class _Model:
    """An exported model with everything that its answers depend on."""

    facts: ModelFacts
    runtime: CoreMLRuntime
    subject: Subject

    @property
    def tolerance(self) -> float:
        return converter_for(self.subject.learner).tolerance

    @property
    def is_detector(self) -> bool:
        return isinstance(self.subject.answers, AlarmAnswers)


def golden_vectors(
    model: Path,
    reference: Path,
    history: BehaviorHistory | None,
    activity: ActivityHistory | None = None,
) -> dict[str, Any]:
    """Return the answers of an exported model to requests, to rows of features, and at its edges.

    Parameters
    ----------
    model, reference : Path
        The ``.mlmodel`` file and the Python model that it was certified against.
    history : BehaviorHistory, default=None
        The history of a detector's home.
    activity : ActivityHistory, default=None
        The activity of a monitor's home.

    Returns
    -------
    document : dict
        JSON. Numbers that must be the same bits are float32 as unsigned integers: features,
        probabilities that are given, thresholds. Answers are the Python estimator's own; those of
        the model are within ``tolerance`` of them. Where an answer is ``close``, as near to
        another, only its numbers must agree.

    Raises
    ------
    ParityError
        If the model's answers to these rows differ from its estimator's.
    """
    runtime = CoreMLRuntime(model)
    facts = ModelFacts.of(runtime)
    whole = _Model(facts, runtime, Subject.load(reference))
    family = PACKAGE_FAMILIES[facts.family]
    cases: list[dict[str, Any]] = []
    parts: list[FloatRows] = []
    features = facts.features()
    is_monitor = family.rows_of is None
    if takes_channels(features):
        for name, signal in golden_signals(features):
            cases.append({"name": name, **as_bits(signal)})
            parts.append(features.transform(signal))
    n_signals = len(cases)
    if family.rows_of is not None:
        for name, text in () if n_signals else requests(facts.family):
            cases.append({"name": name, "json": text})
            parts.append(family.rows_of(text, facts, None))
        for name, text in (
            () if facts.vocabulary == Vocabulary.sdk() else vocabulary_requests(facts.vocabulary)
        ):
            cases.append({"name": name, "json": text})
            parts.append(family.rows_of(text, facts, None))
        for name, text in memory_requests(features, facts.vocabulary):
            cases.append({"name": name, "json": text})
            parts.append(family.rows_of(text, facts, None))
        for name, text in later_requests(history) if history is not None else ():
            cases.append({"name": name, "json": text, "continued": True})
            parts.append(family.rows_of(text, facts, history))
    n_requests = len(cases)
    for name, rows in _probes_of(whole):
        cases.append({"name": name})
        parts.append(rows)
    # All at once: reasons ask the model once for each feature.
    is_applicable = [
        _is_applicable(facts, case.get("json"), len(rows))
        for case, rows in zip(cases, parts, strict=True)
    ]
    answers = iter(_answers(whole, np.concatenate(parts), np.concatenate(is_applicable)))
    for case, rows in zip(cases, parts, strict=True):
        case["answers"] = list(islice(answers, len(rows)))
    return {
        "protocol": PROTOCOL,
        "family": facts.family,
        "tolerance": whole.tolerance,
        "requests": cases[n_signals:n_requests],
        **({"signals": cases[:n_signals]} if n_signals else {}),
        "rows": cases[n_requests:],
        **(
            {"monitored": golden_streams(facts, whole.subject, history, activity)}
            if is_monitor
            else stream_vectors(facts, whole.subject.answer)
        ),
        "decisions": [] if is_monitor else decision_vectors(facts),
    }


def golden_rows(model: Path, reference: Path) -> tuple[FloatRows, FloatRows, list[str], float]:
    """Return rows of features with the answers that a model must give on any device.

    Parameters
    ----------
    model, reference : Path
        The ``.mlmodel`` file and the Python model that it was certified against.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features), float32
        Rows of each kind in a certificate.
    answers : ndarray of shape (n_rows, n_outputs), float32
        Probabilities, or the anomaly score.
    outputs : list of str
        The labels, or "anomalyScore".
    tolerance : float
        Largest difference allowed.

    Raises
    ------
    ParityError
        If the model's answers to these rows differ from its estimator's.
    """
    runtime = CoreMLRuntime(model)
    whole = _Model(ModelFacts.of(runtime), runtime, Subject.load(reference))
    rows = np.concatenate([part for _, part in _probes_of(whole)])
    numbers = _numbers(whole, rows).astype(np.float32)
    if whole.is_detector:
        return rows, numbers[:, :1], ["anomalyScore"], whole.tolerance
    return rows, numbers, list(whole.facts.labels), whole.tolerance


def _probes_of(whole: _Model) -> Iterator[tuple[str, FloatRows]]:
    """Return a few rows of each kind in a certificate."""
    rng = np.random.default_rng(_SEED)
    subject, n_features = whole.subject, len(whole.subject.specs)
    forests = list(probes.tree_ensembles(whole.runtime.spec, n_features))
    table = probes.value_table(forests, n_features, subject.feature_summary)
    missing = subject.allows_missing
    if not missing:
        table[MISSING_SHARE] = 0
    special = converter_for(subject.learner).compares_only
    yield "training_like", probes.training_like_rows(table, _ROWS, rng)
    yield "random", probes.random_rows(table, _ROWS, rng, special=special)
    # Of each threshold that is drawn: two ulps below it to one above, as `threshold_rows` has them.
    rows = probes.threshold_rows(forests, table, rng, allows_missing=missing)
    if len(rows):
        yield "thresholds", rows[np.sort(rng.permutation(len(rows))[:_THRESHOLD_ROWS])]
    if missing:
        rows = probes.missing_rows(table, _MISSING_ROWS, rng)
        kept = [*range(_MISSING_ROWS), len(rows) - 1]  # the last has nothing
        yield "missing", rows[kept]


def _is_applicable(facts: ModelFacts, request: str | None, n_rows: int) -> NDArray[np.bool_]:
    """Return which events of a request are of a kind that the model was trained on."""
    if request is None or "trained_kinds" not in facts.entries:
        return np.ones(n_rows, dtype=bool)
    kinds = read_request(request, facts.vocabulary)["kind"]
    return kinds.isin(json.loads(facts.entries["trained_kinds"])).to_numpy()


def _answers(
    whole: _Model, rows: FloatRows, is_applicable: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Return the answers to rows, and the rows themselves as bits."""
    numbers = _numbers(whole, rows)
    if whole.is_detector:
        decided = _decided_by_score(whole, numbers)
        reasons = all_reasons(whole.runtime, rows)
    else:
        decided = _decided_by_probability(whole, numbers, is_applicable)
        chosen = [each["alarm"] or each["label"] for each in decided]
        names = [str(label) for label in whole.subject.answers.labels]
        labels = [whole.subject.answers.labels[names.index(label)] for label in chosen]
        reasons = all_reasons(whole.runtime, rows, labels=labels)
    return [
        {
            "features": bits(row),
            "numbers": [float(np.float32(number)) for number in own],
            **decision,
            "reasons": [
                _reason(each, why, whole.tolerance)
                for each in told(why)[: N_REASONS + 1 if applies else 0]
            ],
        }
        for row, own, decision, why, applies in zip(
            rows, numbers, decided, reasons, is_applicable, strict=True
        )
    ]


def _reason(reason: Reason, all_of: list[Reason], tolerance: float) -> dict[str, Any]:
    """Return a reason with its words; it is tied if another one may stand in its place."""
    words = reason.words or Words("")
    return {
        "feature": reason.name,
        "contribution": reason.contribution,
        "tied": any(
            abs(each.contribution - reason.contribution) <= 4 * tolerance
            for each in all_of
            if each is not reason
        ),
        "key": words.key,
        "text": reason.text,
        "german": GERMAN.text(words),
    }


def _numbers(whole: _Model, rows: FloatRows) -> NDArray[np.float64]:
    """Return the estimator's own numbers, after a check that the model's agree."""
    subject = whole.subject
    expected = subject.answer(rows)
    got, _ = ask(subject, whole.runtime, rows)
    without_rounding(subject, rows, expected, got, whole.tolerance)
    error = largest(np.abs(expected - got).ravel())
    if not is_within(error, whole.tolerance):
        raise ParityError(
            f"The model must answer to golden vectors as its estimator does, within "
            f"{whole.tolerance:g}. Got an error of {error:.3g}. Train and export it again."
        )
    return expected


def _decided_by_probability(
    whole: _Model, numbers: NDArray[np.float64], is_applicable: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    facts, tolerance = whole.facts, whole.tolerance
    labels = facts.labels
    thresholds = np.array([facts.thresholds.get(label, np.inf) for label in labels], np.float32)
    probabilities = numbers.astype(np.float32)
    alarm = np.where(is_applicable, alarm_codes(probabilities, thresholds), -1)
    outcome = outcomes_of(probabilities, facts.abstain_below, is_applicable)
    best = probabilities.argmax(axis=1)
    ordered = np.sort(numbers, axis=1)
    # Any two that could be alarms may change places, too.
    close = np.asarray(ordered[:, -1] - ordered[:, -2] <= 2 * tolerance)
    close |= (np.abs(numbers - thresholds) <= tolerance).any(axis=1)
    if len(facts.thresholds) > 1:
        close |= (np.diff(ordered, axis=1) <= 2 * tolerance).any(axis=1)
    if facts.abstain_below is not None:
        close |= np.abs(numbers.max(axis=1) - facts.abstain_below) <= tolerance
    return [
        {
            "label": labels[best[i]],
            "alarm": None if alarm[i] < 0 else labels[alarm[i]],
            "outcome": outcome[i],
            "close": bool(close[i]),
        }
        for i in range(len(numbers))
    ]


def _decided_by_score(whole: _Model, numbers: NDArray[np.float64]) -> list[dict[str, Any]]:
    return [
        {"is_alarm": bool(decision < 0), "close": bool(abs(decision) <= whole.tolerance)}
        for decision in numbers[:, 1]
    ]


def count(golden: Mapping[str, Any]) -> int:
    """Return the number of answers in golden vectors."""
    parts = ("requests", "signals", "rows")
    answers = sum(len(case["answers"]) for part in parts for case in golden.get(part, ()))
    answers += sum(
        len(step["rows"]) for home in golden.get("monitored", ()) for step in home["steps"]
    )
    return answers + sum(
        len(vector.get("rows", vector.get("scores", []))) for vector in golden["decisions"]
    )


def bits(row: FloatRows) -> list[int]:
    """Return float32 numbers as unsigned integers of the same bits; all NaN as one."""
    row = np.where(np.isnan(row), np.float32(np.nan), row).astype(np.float32)
    return row.view(np.uint32).tolist()
