"""Alarms: what is found, and how often a home is alarmed for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from novin_ml.evaluation._labels import check_lengths, label_texts, share_of
from novin_ml.evaluation._row_checks import check_homes
from novin_ml.events.chains.patterns import NO_PATTERN
from novin_ml.validation import Interval, validate_params

_DAY, _WEEK = 86_400.0, 604_800.0


@dataclass(frozen=True)
class LabelAlarms:
    """How well one label is found.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Rows that have it in truth.
    recall : float
        Share of these that are answered with it; NaN without such rows.
    n_false : int
        Rows that are answered with it and have another label.
    false_per_home_week : float
        These per home and week of observation.
    """

    label: str
    n_rows: int
    recall: float
    n_false: int
    false_per_home_week: float


@dataclass(frozen=True)
class Alarms:
    """What one classifier answers.

    Attributes
    ----------
    by_label : tuple of LabelAlarms
        Of each label but the quiet one, sorted.
    n_false : int
        Rows of the quiet label that are answered with any other.
    false_per_home_week : float
        These per home and week of observation.
    """

    by_label: tuple[LabelAlarms, ...]
    n_false: int
    false_per_home_week: float


@dataclass(frozen=True)
class AlarmReport:
    """The alarms of a model and of the rules on the same rows.

    Attributes
    ----------
    n_rows, n_homes : int
        Rows, and their homes.
    home_weeks : float
        For how long homes were observed, all of them together: `observed_weeks`.
    model, rules : Alarms
        Of both.
    """

    n_rows: int
    n_homes: int
    home_weeks: float
    model: Alarms
    rules: Alarms


def observed_weeks(homes: ArrayLike, times: ArrayLike) -> float:
    """Return for how long homes were observed, in weeks, all of them together.

    Parameters
    ----------
    homes : array-like of shape (n_rows,)
        Home of each row.
    times : array-like of shape (n_rows,)
        Time of each row, in seconds.

    Returns
    -------
    weeks : float
        The sum over homes of the time from their first row to their last, a day at least for each.

    Raises
    ------
    ValueError
        If a row has no home, or a time is not finite.

    Examples
    --------
    >>> from novin_ml.evaluation import observed_weeks
    >>> observed_weeks(["a", "a", "b"], [0.0, 6 * 86_400.0, 100.0])
    1.0
    """
    return float(weeks_by_home(homes, times).sum())


def weeks_by_home(homes: ArrayLike, times: ArrayLike) -> np.ndarray:
    """Return the weeks of each home, as `observed_weeks` counts them, by the homes' sorted names.

    Parameters
    ----------
    homes, times : array-like of shape (n_rows,)
        Home of each row, and its time in seconds.

    Returns
    -------
    weeks : ndarray of shape (n_homes,), float64
        A day at least for each.
    """
    check_homes(homes)
    times = np.asarray(times, dtype=np.float64)
    if not np.isfinite(times).all():
        raise ValueError(
            "The times of rows must be finite numbers of seconds. "
            f"Got {times[~np.isfinite(times)][0]}. Leave such rows out."
        )
    found, home = np.unique(np.asarray(homes, dtype=object).astype(str), return_inverse=True)
    first, last = np.full(len(found), np.inf), np.full(len(found), -np.inf)
    np.minimum.at(first, home, times)
    np.maximum.at(last, home, times)
    weeks: np.ndarray = np.maximum(last - first, _DAY) / _WEEK
    return weeks


@validate_params(
    {"home_weeks": [Interval(Real, 0, None, closed="neither")]}, prefer_skip_nested_validation=True
)
def count_alarms(
    truth: ArrayLike, answers: ArrayLike, home_weeks: float, quiet_label: str = NO_PATTERN
) -> Alarms:
    """Count the hits and the false alarms of each label.

    Parameters
    ----------
    truth, answers : array-like of shape (n_rows,)
        Labels of each row: the right one, and what a classifier says.
    home_weeks : float
        For how long homes were observed, above 0: `observed_weeks`.
    quiet_label : str, default="no_pattern"
        The label upon which nobody is told anything.

    Returns
    -------
    alarms : Alarms
        Of the labels that occur in `truth` or in `answers`.

    Examples
    --------
    >>> from novin_ml.evaluation import count_alarms
    >>> alarms = count_alarms(["no", "no", "fire"], ["fire", "no", "fire"], 0.5, quiet_label="no")
    >>> alarms.by_label[0].recall, alarms.by_label[0].false_per_home_week
    (1.0, 2.0)
    """
    truth, answers = label_texts(truth), label_texts(answers)
    check_lengths(truth=truth, answers=answers)
    predicted = {str(label): answers == label for label in {*answers} - {quiet_label}}
    return count_multilabel_alarms(truth, predicted, home_weeks, quiet_label)


def count_multilabel_alarms(
    truth: np.ndarray, predicted: dict[str, np.ndarray], home_weeks: float, quiet_label: str
) -> Alarms:
    """Count the hits and the false alarms, where a row may be answered with several labels.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
        The right labels, as `label_texts` returns them.
    predicted : dict of str to ndarray of shape (n_rows,), bool
        Rows that are answered with each label but the quiet one.
    home_weeks, quiet_label
        As for `count_alarms`.

    Returns
    -------
    alarms : Alarms
    """
    nothing = np.zeros(len(truth), dtype=bool)
    by_label = []
    for label in sorted({*map(str, truth), *predicted} - {quiet_label}):
        is_label, is_predicted = truth == label, predicted.get(label, nothing)
        n_false = int(np.sum(is_predicted & ~is_label))
        by_label.append(
            LabelAlarms(
                label=label,
                n_rows=int(is_label.sum()),
                recall=share_of(is_predicted[is_label]),
                n_false=n_false,
                false_per_home_week=n_false / home_weeks,
            )
        )
    any_predicted = np.logical_or.reduce([nothing, *predicted.values()])
    n_false = int(np.sum((truth == quiet_label) & any_predicted))
    return Alarms(tuple(by_label), n_false, n_false / home_weeks)


def alarm_report(
    truth: ArrayLike,
    model: ArrayLike,
    rules: ArrayLike,
    homes: ArrayLike,
    times: ArrayLike,
    quiet_label: str = NO_PATTERN,
) -> AlarmReport:
    """Compare the alarms of a model with those of the rules.

    Parameters
    ----------
    truth, model, rules : array-like of shape (n_rows,)
        Labels of each row: the right one, the model's and the rules' answers.
    homes : array-like of shape (n_rows,)
        Home of each row.
    times : array-like of shape (n_rows,)
        Time of each row, in seconds: what a home's observation is measured by, from its first row
        to its last, a day at least.
    quiet_label : str, default="no_pattern"
        The label upon which nobody is told anything.

    Returns
    -------
    report : AlarmReport
        Recall and false alarms of both, label by label.

    Raises
    ------
    ValueError
        If there are no rows, or arrays of different lengths.

    Examples
    --------
    >>> from novin_ml.evaluation import alarm_report
    >>> report = alarm_report(
    ...     ["no_pattern", "forced_entry"], ["no_pattern", "forced_entry"],
    ...     ["forced_entry", "forced_entry"], ["a", "a"], [0.0, 604_800.0],
    ... )
    >>> report.model.false_per_home_week, report.rules.false_per_home_week
    (0.0, 1.0)
    """
    columns = {
        "truth": label_texts(truth),
        "model": label_texts(model),
        "rules": label_texts(rules),
    }
    homes, times = np.asarray(homes, dtype=object), np.asarray(times, dtype=np.float64)
    check_lengths(**columns, homes=homes, times=times)
    if len(times) == 0:
        raise ValueError("An alarm report must have rows. Got none. Give it labelled chains.")
    weeks = observed_weeks(homes, times)
    return AlarmReport(
        n_rows=len(times),
        n_homes=len(set(homes)),
        home_weeks=weeks,
        model=count_alarms(columns["truth"], columns["model"], weeks, quiet_label),
        rules=count_alarms(columns["truth"], columns["rules"], weeks, quiet_label),
    )
