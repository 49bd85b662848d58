"""What is decided by a classifier's probabilities: alarms by thresholds, and "don't know".

The numbers are chosen after the training (`novin_ml.evaluation.tune_threshold` and
`novin_ml.evaluation.conformalize`) and can be changed without another. All are float32, and all
that is done with them are comparisons with float32 probabilities, so that a phone decides the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from novin_ml.plain import plain

#: The threshold that no probability reaches.
NEVER = np.nextafter(np.float32(1), np.float32(2))
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class AlarmThreshold:
    """From which probability on a label is an alarm, and what that was measured to be worth.

    Attributes
    ----------
    label : str, int, float or bool
        The label.
    threshold : float32
        A probability of at least that is an alarm; one above 1 never is.
    budget : float or None
        False alarms per home and week that the threshold was chosen for. This and all that follow
        are None of a threshold that was set by hand.
    confidence : float or None
        Of the bound and of the interval.
    n_false : int or None
        Rows of other labels that reach the threshold.
    home_weeks : float or None
        For how long homes were observed, all of them together.
    false_per_home_week, false_per_home_week_upper : float or None
        False alarms per home and week, and the upper confidence bound on them.
    n_rows : int or None
        Rows that have the label.
    recall, recall_low, recall_high : float or None
        Share of these that reach the threshold, and its interval; None without such rows.
    """

    label: Any
    threshold: np.float32
    budget: float | None = None
    confidence: float | None = None
    n_false: int | None = None
    home_weeks: float | None = None
    false_per_home_week: float | None = None
    false_per_home_week_upper: float | None = None
    n_rows: int | None = None
    recall: float | None = None
    recall_low: float | None = None
    recall_high: float | None = None

    def __post_init__(self) -> None:
        is_number = isinstance(self.threshold, (int, float, np.number))
        if not is_number or not 0 <= self.threshold <= _LARGEST:
            raise ValueError(
                f"The threshold of {self.label!r} must be a number from 0 on. "
                f"Got {self.threshold!r}. Pass a probability, or more than 1 for no alarms."
            )
        object.__setattr__(self, "threshold", np.float32(self.threshold))


@dataclass(frozen=True)
class Abstention:
    """When a classifier says that it does not know.

    Attributes
    ----------
    error_rate : float
        Share of rows whose prediction set may lack the right label.
    cut : float32
        The prediction set has the labels whose probability is at least that.
    abstain_below : float32
        A most probable label of at least this probability is the only one in its set; below it the
        answer is "don't know".
    n_rows : int
        Rows that the cut was chosen on.
    """

    error_rate: float
    cut: np.float32
    abstain_below: np.float32
    n_rows: int

    def __post_init__(self) -> None:
        if not 0 < self.error_rate < 1 or not 0 <= self.cut <= self.abstain_below < math.inf:
            raise ValueError(
                "The abstention must have an error rate between 0 and 1, and a cut from 0 on that "
                f"is not above abstain_below. Got {self.error_rate!r}, {self.cut!r} and "
                f"{self.abstain_below!r}. Take what conformalize returns."
            )
        for name in ("cut", "abstain_below"):
            object.__setattr__(self, name, np.float32(getattr(self, name)))


@dataclass(frozen=True)
class Decisions:
    """What a classifier decides by.

    Attributes
    ----------
    thresholds : dict
        An `AlarmThreshold` by label; labels without one never are alarms.
    abstention : Abstention or None
        When it does not know; None if that was not decided.
    """

    thresholds: Mapping[Any, AlarmThreshold] = field(default_factory=dict)
    abstention: Abstention | None = None

    def __bool__(self) -> bool:
        """Whether anything was decided."""
        return bool(self.thresholds) or self.abstention is not None

    def to_document(self) -> dict[str, Any]:
        """Return what `from_document` makes the same of, as JSON."""
        return {
            "thresholds": [plain(each) for each in self.thresholds.values()],
            "abstention": None if self.abstention is None else plain(self.abstention),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None, labels: list[Any]) -> Decisions:
        """Read what `to_document` returned, or None of a classifier that decides nothing.

        Raises
        ------
        ValueError, TypeError or KeyError
            If the document is not one, or is of other labels.
        """
        if document is None:
            return cls()
        thresholds = [_from_document(AlarmThreshold, each) for each in document["thresholds"]]
        abstention = document["abstention"]
        if [t.label for t in thresholds if t.label not in labels]:
            raise ValueError(f"thresholds={document['thresholds']!r}")
        return cls(
            {each.label: each for each in thresholds},
            None if abstention is None else _from_document(Abstention, abstention),
        )

    def metadata(self, names: Mapping[Any, Any]) -> dict[str, str]:
        """Return entries of an exported model's metadata.

        Numbers to compare with are written in full: read as Float or as Double, they are the
        float32 that they are here.

        Parameters
        ----------
        names : dict
            What the exported model calls each label.
        """
        entries = {}
        if self.thresholds:
            by_name = {str(names[label]): each for label, each in self.thresholds.items()}
            entries["thresholds"] = json.dumps(
                {name: float(each.threshold) for name, each in by_name.items()}
            )
            entries["threshold_evidence"] = json.dumps(
                {name: _evidence(each) for name, each in by_name.items()}
            )
        if self.abstention is not None:
            entries |= {
                "abstain_below": repr(float(self.abstention.abstain_below)),
                "conformal_cut": repr(float(self.abstention.cut)),
                "conformal_error_rate": repr(float(self.abstention.error_rate)),
                "conformal_rows": str(self.abstention.n_rows),
            }
        return entries


def alarm_codes(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return which class each row is an alarm of, counted from 0, or -1.

    Of the classes that reach their threshold it is the most probable, of equally probable ones the
    first: nothing but comparisons.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), float32
    thresholds : ndarray of shape (n_classes,), float32
        Infinite for a class that never is an alarm.
    """
    reached = probabilities >= thresholds
    best = np.where(reached, probabilities, np.float32(-1)).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def _from_document(kind: Any, document: Mapping[str, Any]) -> Any:
    whole = ("n_rows", "n_false")
    for each in fields(kind):
        if each.name == "label" or (each.default is None and document[each.name] is None):
            continue
        if type(document[each.name]) not in ((int,) if each.name in whole else (int, float)):
            raise TypeError(f"{each.name}={document[each.name]!r}")
    return kind(**document)


def _evidence(threshold: AlarmThreshold) -> dict[str, float]:
    names = ("budget", "confidence", "false_per_home_week_upper", "home_weeks", "recall")
    known = {name: getattr(threshold, name) for name in names}
    return {name: float(f"{number:.4g}") for name, number in known.items() if number is not None}
