"""The rows that a classifier answers wrongly and most surely, with the reasons of its answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.evaluation.explanation.explain import explain
from novin_ml.evaluation.report._parts import Example
from novin_ml.evaluation.report._tested import Tested

_SHOWN, _REASONS = 10, 3


def wrong_answers(
    tested: Tested, zones: NDArray[Any], offsets: NDArray[np.float64]
) -> dict[str, list[Example]]:
    """Return the worst misses and the loudest false alarms, of homes that consent in all rows.

    A miss has an alarm label and gets another answer. A false alarm has no alarm label and gets
    one. If no label is quiet, every wrong answer is a miss.

    Parameters
    ----------
    tested : Tested
        The rows and both answers.
    zones : ndarray of shape (n_rows,), str
    offsets : ndarray of shape (n_rows,)
        Seconds by which local time is ahead of UTC.
    """
    scored, alarms = tested.scored, tested.alarm_labels
    may_be_shown = tested.shown == scored.homes
    wrong = may_be_shown & (tested.by_model != scored.truth)
    to_find = np.isin(scored.truth, alarms)
    of_truth = scored.probabilities[np.arange(len(tested.codes)), tested.codes]
    of_answer = scored.probabilities.max(axis=1)

    def first(rows: NDArray[np.bool_], order: NDArray[Any]) -> list[Example]:
        places = np.flatnonzero(rows)
        places = places[np.argsort(order[places], kind="stable")][:_SHOWN]
        return [_example(tested, int(place), zones, offsets) for place in places]

    is_false = wrong & ~to_find & np.isin(tested.by_model, alarms)
    return {
        "misses": first(wrong & to_find, of_truth),
        "loud_false_alarms": first(is_false, -of_answer),
    }


def _example(
    tested: Tested, row: int, zones: NDArray[Any], offsets: NDArray[np.float64]
) -> Example:
    scored, features = tested.scored, tested.features
    code = int(scored.probabilities[row].argmax())
    label = tested.classifier.classes_.tolist()[code]
    values = features.iloc[[row]] if hasattr(features, "iloc") else features[[row]]
    reasons = explain(tested.classifier, values, top=_REASONS, label=label)
    return Example(
        home_id=str(scored.homes[row]),
        zone=str(zones[row]),
        timestamp=float(scored.times[row]),
        utc_offset=float(offsets[row]),
        truth=str(scored.truth[row]),
        answer=str(tested.by_model[row]),
        rules=str(tested.by_rules[row]),
        probability=float(scored.probabilities[row, code]),
        reasons=[
            each.text if each.contribution > 0 else f"{each.text} (speaks against it)"
            for each in reasons
        ],
    )
