"""Comparison of the alarms by the model's most probable label with those of the rules."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.alarms import mean_gain, recall_at_alarms
from novin_ml.evaluation.report._parts import AlarmComparison
from novin_ml.evaluation.report.shares import rate_by_home, share_by_home


def compare_alarms(
    scored: ScoredRows, model: NDArray[Any], rules: NDArray[Any], labels: list[str]
) -> AlarmComparison | None:
    """Return recall and false alarms of both; None if every label is an alarm.

    Parameters
    ----------
    scored : ScoredRows
        The rows, and the probabilities of the model.
    model, rules : ndarray of shape (n_rows,), str
        Both answers.
    labels : list of str
        The labels that are alarms.
    """
    quiet = [label for label in scored.classes.tolist() if label not in labels]
    if not quiet:
        return None
    to_find = np.isin(scored.truth, labels)
    homes = scored.homes[to_find]

    def found(answers: NDArray[Any]) -> NDArray[np.bool_]:
        return (answers == scored.truth)[to_find]

    def false(answers: NDArray[Any]) -> NDArray[np.bool_]:
        return ~to_find & np.isin(answers, labels)

    compared = recall_at_alarms(
        scored.truth, scored.probabilities, scored.classes, rules, quiet_label=quiet[0]
    )
    compared = tuple(each for each in compared if each.label in labels)
    return AlarmComparison(
        found=share_by_home(found(model), homes),
        rules_found=share_by_home(found(rules), homes),
        false_alarms=rate_by_home(false(model), scored.homes, scored.times),
        rules_false_alarms=rate_by_home(false(rules), scored.homes, scored.times),
        at_rules_alarms=[asdict(each) for each in compared],
        gain=mean_gain(compared),
    )
