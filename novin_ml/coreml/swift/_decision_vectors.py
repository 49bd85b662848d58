"""Decisions about given numbers, at the thresholds and one float32 ulp to either side."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.estimators.decisions import alarm_codes

_F32 = np.float32


def decision_vectors(facts: ModelFacts) -> list[dict[str, Any]]:
    """Return numbers with the decisions about them; Swift must match all of them exactly.

    The thresholds are the model's own, if it has some, and others, which an app may set.
    """
    if facts.offset is not None:
        return [_of_offset(_F32(offset)) for offset in (facts.offset, -0.5, -1.0)]
    labels = facts.labels
    other = {label: _F32(0.3 + 0.1 * place) for place, label in enumerate(labels[1:])}
    vectors = [_of_thresholds(labels, other, _F32(0.55), _F32(0.25))]
    if facts.thresholds or facts.abstain_below is not None:
        own = {label: _F32(threshold) for label, threshold in facts.thresholds.items()}
        vectors.append(_of_thresholds(labels, own, facts.abstain_below, facts.conformal_cut))
    return vectors


def _of_thresholds(
    labels: list[str],
    thresholds: dict[str, np.float32],
    abstain_below: np.float32 | None,
    cut: np.float32 | None,
) -> dict[str, Any]:
    marks = [*thresholds.values(), *(mark for mark in (abstain_below, cut) if mark is not None)]
    rows = []
    for place in range(len(labels)):
        for mark in marks:
            for value in (
                np.nextafter(mark, _F32(0)),
                mark,
                np.nextafter(mark, _F32(2)),
            ):
                others = (_F32(1) - value) / _F32(len(labels) - 1)
                row = np.full(len(labels), others, dtype=np.float32)
                row[place] = value
                rows.append(row)
    rows.append(np.full(len(labels), 1 / len(labels), dtype=np.float32))  # all equally probable
    probabilities = np.stack(rows)
    row_of = np.array([thresholds.get(label, np.inf) for label in labels], dtype=np.float32)
    alarm, best = alarm_codes(probabilities, row_of), probabilities.argmax(axis=1)
    return {
        "thresholds": {label: _bits(threshold) for label, threshold in thresholds.items()},
        "abstain_below": None if abstain_below is None else _bits(abstain_below),
        "conformal_cut": None if cut is None else _bits(cut),
        "rows": [
            {
                "probabilities": [_bits(p) for p in row],
                "label": labels[best[i]],
                "alarm": None if alarm[i] < 0 else labels[alarm[i]],
                "known": abstain_below is None or not row.max() < abstain_below,
                "possible": None
                if cut is None
                else [label for label, p in zip(labels, row, strict=True) if p >= cut],
            }
            for i, row in enumerate(probabilities)
        ],
    }


def _of_offset(offset: np.float32) -> dict[str, Any]:
    """Return scores around a detector's threshold; an alarm is above it."""
    scores = [-offset, np.nextafter(-offset, _F32(0)), np.nextafter(-offset, _F32(2)), _F32(0.1)]
    return {
        "offset": _bits(offset),
        "scores": [
            {"score": _bits(score), "is_alarm": bool(-score - offset < 0)}
            for score in map(_F32, scores)
        ],
    }


def _bits(number: Any) -> int:
    return int(np.array(number, dtype=np.float32).view(np.uint32))
