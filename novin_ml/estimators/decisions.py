"""Decisions from a classifier's probabilities: alarms by thresholds, and "don't know".

`novin_ml.evaluation.tune_threshold` and `novin_ml.evaluation.conformalize` choose the numbers after
training; changing them needs no retraining. All numbers are float32 and are only compared with
float32 probabilities, so that a phone decides the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.plain import as_python, plain, shown

#: What stands behind an upper bound on false alarms: a Poisson process over rows, as in version
#: 0.1.0, an approximate bound over homes, an exact one over homes' clipped rates, or nothing.
POISSON, QUASI_POISSON, BETTING, NO_BOUND = "Poisson", "quasi-Poisson", "betting", "none"
BOUNDS = (POISSON, QUASI_POISSON, BETTING, NO_BOUND)
#: What the interval of a recall takes as independent.
RECALL_UNITS = ("homes", "rows", "none")
_LARGEST = float(np.finfo(np.float32).max)
# Types in a document, where they are not those of any number.
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("n_rows", "n_false", "n_homes"), (int,)),
    **dict.fromkeys(("bound", "unit", "recall_unit"), (str,)),
}
# What documents of version 0.1.0 lack.
_LATER = {
    *("bound", "n_homes", "quasi_poisson_upper", "betting_upper", "recall_unit"),
    *("unit", "promised_low", "promised_high"),
}


@dataclass(frozen=True)
class AlarmThreshold:
    """The probability from which on a label is an alarm, and how well that was measured to work.

    Attributes
    ----------
    label : str, int, float or bool
        The label.
    threshold : float32
        A probability of at least this value is an alarm. With a threshold above 1, none is.
    budget : float or None
        False alarms per home and week that the threshold was chosen for. This and all following
        attributes are None for a threshold set by hand.
    confidence : float or None
        Confidence level of the interval, and of the bound if one is stated.
    n_false : int or None
        Rows of other labels that reach the threshold.
    home_weeks : float or None
        Total time that the homes were observed, in weeks, summed over the homes.
    false_per_home_week, false_per_home_week_upper : float or None
        False alarms per home and week, and the upper confidence bound on them.
    n_rows : int or None
        Number of rows that have the label.
    recall, recall_low, recall_high : float or None
        Share of these that reach the threshold, and its interval; None if there are no such rows,
        and no interval with fewer than 10 homes that have some.
    recall_unit : {"homes", "rows", "none"} or None
        What the interval takes as independent. "rows" is what version 0.1.0 did, and too narrow;
        "none" if no interval is stated.
    bound : str or None
        The method behind the upper bound: "quasi-Poisson" over homes, approximate; "betting" over
        homes, exact of homes' rates clipped at 10 times the budget; "Poisson" over rows, which
        version 0.1.0 used; or "none" if no confidence may be stated, as of fewer than 20 homes.
    n_homes : int or None
        Number of homes.
    quasi_poisson_upper, betting_upper : float or None
        The bounds by both methods; None where one cannot be computed.
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
    bound: str | None = None
    n_homes: int | None = None
    quasi_poisson_upper: float | None = None
    betting_upper: float | None = None
    recall_unit: str | None = None

    def __post_init__(self) -> None:
        threshold = as_python(self.threshold)
        if not isinstance(threshold, (int, float)) or not 0 <= threshold <= _LARGEST:
            raise ValueError(
                f"The threshold of {shown(self.label)} must be a number from 0 on. "
                f"Got {shown(self.threshold)}. Pass a probability, or more than 1 for no alarms."
            )
        if self.bound not in (None, *BOUNDS):
            raise ValueError(
                f"The bound of {shown(self.label)} must be one of {list(BOUNDS)} or None. "
                f"Got {shown(self.bound)}. Take what tune_threshold returns."
            )
        object.__setattr__(self, "threshold", np.float32(self.threshold))
        if self.bound is None and self.false_per_home_week_upper is not None:
            object.__setattr__(self, "bound", POISSON)  # version 0.1.0 had no other
        if self.recall_unit not in (None, *RECALL_UNITS):
            raise ValueError(
                f"The recall_unit of {shown(self.label)} must be one of {list(RECALL_UNITS)} or "
                f"None. Got {shown(self.recall_unit)}. Take what tune_threshold returns."
            )
        if self.recall_unit is None and self.recall_low is not None:
            object.__setattr__(self, "recall_unit", RECALL_UNITS[1])


@dataclass(frozen=True)
class Abstention:
    """When a classifier answers "don't know".

    Attributes
    ----------
    error_rate : float
        Largest accepted share of rows whose prediction set lacks the right label.
    cut : float32
        The prediction set holds the labels whose probability is at least this.
    abstain_below : float32
        If the highest probability is at least this, the prediction set has only that label;
        otherwise the answer is "don't know".
    n_rows : int
        Number of rows that the cut was chosen on.
    unit : {"row", "home"}
        What the error rate is of: all rows of homes like these, or a row of a new home.
    n_homes : int or None
        Number of homes that the cut was chosen on; None if they were not known.
    promised_low, promised_high : float or None
        Range of the coverage of rows of all homes, as the homes say; None if they were not known,
        or fewer than 10.
    """

    error_rate: float
    cut: np.float32
    abstain_below: np.float32
    n_rows: int
    unit: str = "row"
    n_homes: int | None = None
    promised_low: float | None = None
    promised_high: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.error_rate < 1 or not 0 <= self.cut <= self.abstain_below < math.inf:
            raise ValueError(
                "The abstention must have an error rate between 0 and 1, and a cut from 0 on that "
                f"is not above abstain_below. Got {shown(self.error_rate)}, {shown(self.cut)} and "
                f"{shown(self.abstain_below)}. Take what conformalize returns."
            )
        if self.unit not in ("row", "home"):
            raise ValueError(
                "The unit of the abstention must be 'row' or 'home'. "
                f"Got {shown(self.unit)}. Take what conformalize returns."
            )
        for name in ("cut", "abstain_below"):
            object.__setattr__(self, name, np.float32(getattr(self, name)))


@dataclass(frozen=True)
class Decisions:
    """The thresholds, the abstention and the smoothing of a classifier.

    Attributes
    ----------
    thresholds : dict
        An `AlarmThreshold` by label; labels without one are never alarms.
    abstention : Abstention or None
        When the answer is "don't know"; None if not set.
    smoothing : MarkovSmoothing or None
        How a stream takes its earlier answers into account; None if not set.
    """

    thresholds: Mapping[Any, AlarmThreshold] = field(default_factory=dict)
    abstention: Abstention | None = None
    smoothing: MarkovSmoothing | None = None

    def __bool__(self) -> bool:
        """Whether any of them is set."""
        return bool(self.thresholds or self.abstention is not None or self.smoothing is not None)

    def threshold_row(self, labels: Iterable[Any]) -> np.ndarray:
        """Return the thresholds as `alarm_codes` takes them, shape (n_classes,), float32.

        Parameters
        ----------
        labels : iterable
            Labels of the classes; one without a threshold has an infinite one.
        """
        limits = [
            self.thresholds[label].threshold if label in self.thresholds else np.inf
            for label in labels
        ]
        return np.array(limits, dtype=np.float32)

    def to_document(self) -> dict[str, Any]:
        """Return the decisions as a JSON document that `from_document` reads."""
        document: dict[str, Any] = {
            "thresholds": [plain(each) for each in self.thresholds.values()],
            "abstention": None if self.abstention is None else plain(self.abstention),
        }
        if self.smoothing is not None:
            document["smoothing"] = self.smoothing.to_document()
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None, labels: list[Any]) -> Decisions:
        """Read a document of `to_document`; None means that nothing is set.

        Raises
        ------
        ValueError, TypeError or KeyError
            If the document is malformed, or has other labels.
        """
        if document is None:
            return cls()
        thresholds = [_from_document(AlarmThreshold, each) for each in document["thresholds"]]
        abstention = document["abstention"]
        if [t.label for t in thresholds if t.label not in labels]:
            raise ValueError(f"thresholds={shown(document['thresholds'])}")
        by_label = {each.label: each for each in thresholds}
        smoothing = None
        if "smoothing" in document:
            smoothing = MarkovSmoothing.from_document(document["smoothing"])
            if smoothing.classes_.tolist() != labels:
                raise ValueError(f"smoothing of {shown(smoothing.classes_.tolist())}")
        return cls(
            {label: by_label[label] for label in labels if label in by_label},
            None if abstention is None else _from_document(Abstention, abstention),
            smoothing,
        )

    def metadata(self, names: Mapping[Any, Any]) -> dict[str, str]:
        """Return entries for the metadata of an exported model.

        Thresholds are written with all digits: read as Float or as Double, they equal the float32
        numbers here.

        Parameters
        ----------
        names : dict
            Name of each label in the exported model.
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
            if self.abstention.n_homes is not None:
                entries["conformal_homes"] = str(self.abstention.n_homes)
                entries["conformal_unit"] = self.abstention.unit
        if self.smoothing is not None:
            document = self.smoothing.to_document()
            document["labels"] = [str(names[label]) for label in document["labels"]]
            entries["smoothing"] = json.dumps(document, ensure_ascii=False)
        return entries


def alarm_codes(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the class that each row raises an alarm for, counted from 0, or -1.

    If several classes reach their thresholds, the most probable one wins; ties go to the first.
    Only comparisons are used.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), float32
    thresholds : ndarray of shape (n_classes,), float32
        Infinite for a class that is never an alarm.
    """
    reached = probabilities >= thresholds
    best = np.where(reached, probabilities, np.float32(-1)).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def _from_document(kind: Any, document: Mapping[str, Any]) -> Any:
    for each in fields(kind):
        if each.name == "label" or (each.name in _LATER and each.name not in document):
            continue
        value = document[each.name]
        if each.default is None and value is None:
            continue
        if type(value) not in _TYPES.get(each.name, (int, float)):
            raise TypeError(f"{each.name}={shown(value)}")
    return kind(**document)


def _evidence(threshold: AlarmThreshold) -> dict[str, float | str]:
    # In the words and the order of version 0.1.0, whose only bound was Poisson's: what it exported
    # is what its estimators say now.
    stated = ("confidence", "false_per_home_week_upper") if threshold.bound != NO_BOUND else ()
    names = ("budget", *stated, "home_weeks", "recall", "n_homes")
    known = {name: getattr(threshold, name) for name in names}
    entry: dict[str, float | str] = {
        name: float(f"{number:.4g}") for name, number in known.items() if number is not None
    }
    if threshold.bound not in (None, POISSON):
        entry["bound"] = threshold.bound
    return entry
