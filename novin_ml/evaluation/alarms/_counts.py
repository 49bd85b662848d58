"""Counts of alarms: recall and false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from novin_ml.evaluation._labels import check_lengths, label_texts, share_of
from novin_ml.evaluation._row_checks import check_homes
from novin_ml.events.chains.patterns import NO_PATTERN
from novin_ml.events.fields import field_named
from novin_ml.events.tables.refusal import remedy_of
from novin_ml.plain import must_be_numbers
from novin_ml.validation import Interval, validate_params

_DAY, _WEEK = 86_400.0, 604_800.0
_TIME = field_named("timestamp")


@dataclass(frozen=True)
class LabelAlarms:
    """Recall and false alarms of one label.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Number of rows whose right label it is.
    recall : float
        Share of these rows that are answered with the label; NaN without such rows.
    n_false : int
        False alarms: rows that are answered with the label but have another one.
    false_per_home_week : float
        False alarms per home and week of observation.
    """

    label: str
    n_rows: int
    recall: float
    n_false: int
    false_per_home_week: float


@dataclass(frozen=True)
class Alarms:
    """Recall and false alarms of one classifier.

    Attributes
    ----------
    by_label : tuple of LabelAlarms
        One entry for each label except the quiet one, sorted.
    n_false : int
        False alarms: rows of the quiet label that are answered with any other label.
    false_per_home_week : float
        False alarms per home and week of observation.
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
        Numbers of rows and of homes.
    home_weeks : float
        Observed time in weeks, summed over the homes: see `observed_weeks`.
    model, rules : Alarms
        Alarms of the model and of the rules.
    """

    n_rows: int
    n_homes: int
    home_weeks: float
    model: Alarms
    rules: Alarms


def observed_weeks(homes: ArrayLike, times: ArrayLike) -> float:
    """Return the observed time in weeks, summed over the homes.

    Parameters
    ----------
    homes : array-like of shape (n_rows,)
        Home of each row.
    times : array-like of shape (n_rows,)
        Time of each row, in seconds.

    Returns
    -------
    weeks : float
        Sum over the homes of the time from the first to the last row, at least a day for each.

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
    """Return the observed weeks of each home, in the order of the sorted names of the homes.

    Parameters
    ----------
    homes, times : array-like of shape (n_rows,)
        Home of each row, and its time in seconds.

    Returns
    -------
    weeks : ndarray of shape (n_homes,), float64
        Counted as in `observed_weeks`: at least a day for each home.
    """
    check_homes(homes)
    with must_be_numbers("times"):
        times = np.asarray(times, dtype=np.float64)
    if not np.isfinite(times).all():
        raise ValueError(
            "The times of rows must be finite numbers of seconds. "
            f"Got {times[~np.isfinite(times)][0]}. Leave such rows out."
        )
    latest = float(times.max(initial=0.0))
    if latest > _TIME.high:
        raise ValueError(
            f"The times of rows must be seconds, to the year 2200. Got {latest!r}. "
            f"{remedy_of(_TIME, latest)}."
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
        Labels of each row: the right one, and the answer of a classifier.
    home_weeks : float
        Observed time in weeks, above 0: see `observed_weeks`.
    quiet_label : str, default="no_pattern"
        The label that raises no alarm.

    Returns
    -------
    alarms : Alarms
        Counts for the labels that occur in `truth` or in `answers`.

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
    """Count the hits and the false alarms of each label, with several answers allowed per row.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
        The right labels, as `label_texts` returns them.
    predicted : dict of str to ndarray of shape (n_rows,), bool
        For each label except the quiet one, the rows that are answered with it.
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
        Labels of each row: the right one, and the answers of the model and of the rules.
    homes : array-like of shape (n_rows,)
        Home of each row.
    times : array-like of shape (n_rows,)
        Time of each row, in seconds. The observed time of a home is that from its first row to its
        last one, at least a day.
    quiet_label : str, default="no_pattern"
        The label that raises no alarm.

    Returns
    -------
    report : AlarmReport
        Recall and false alarms of both, label by label.

    Raises
    ------
    ValueError
        If there are no rows, or the arrays have different lengths.

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
    homes = np.asarray(homes, dtype=object)
    with must_be_numbers("times"):
        times = np.asarray(times, dtype=np.float64)
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
