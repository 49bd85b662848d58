"""The difference between the exported and the trained model on rows of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.coreml.answers import Answers
from novin_ml.coreml.converters import converter_for
from novin_ml.coreml.subject import Subject

_CHUNK = 20_000


# How many tolerances a Python model's own rounding may be.
_ROUNDING = 10


@dataclass(frozen=True)
class Check:
    """The difference between two models on rows of one kind.

    Attributes
    ----------
    rows : int
    max_error : float
        Largest absolute difference of a probability, of a detector's score and decision, or of a
        value; of a value that is an exponential, the largest difference as a share of it.
    differ : int
        Number of rows whose label, a detector's flag, or a value beyond the tolerance, differs.
        Ties are not counted.
    ties : int
        Number of rows whose two best probabilities are closer to each other than twice the
        tolerance, or whose decision is within the tolerance of 0.
    rounded : int
        Number of rows on which xgboost's own float32 sum of hundreds of trees is wrong by more than
        the tolerance, and by less than ten times the tolerance. These rows were compared with a
        float64 sum of the same trees.
    """

    rows: int
    max_error: float
    differ: int
    ties: int
    rounded: int = 0


def largest(errors: Iterable[float]) -> float:
    """Return the largest error; NaN if one is NaN, wherever it stands, or if there is none."""
    found = np.fromiter(errors, dtype=np.float64)
    return float(found.max()) if len(found) else float("nan")


def is_within(error: float, tolerance: float) -> bool:
    """Return whether an error is allowed; NaN never is."""
    return bool(error <= tolerance)


def ask(subject: Subject, runtime: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an exported model's numbers and choices for float32 rows, by names alone.

    A phone gives each value by the name of its input, and looks up each probability by its label.
    """
    outputs = runtime.predict_outputs(subject.typed(X))
    answers: Answers = subject.answers
    return answers.numbers(outputs, runtime.classes), answers.chosen(outputs)


def compare(subject: Subject, runtime: Any, X: np.ndarray, tolerance: float) -> Check:
    """Compare two models on float32 rows, which the exported one is given by name.

    Parameters
    ----------
    subject : Subject
        The Python model.
    runtime : object
        Has ``predict_outputs`` and ``classes`` as `CoreMLRuntime` has.
    X : ndarray of shape (n_rows, n_features), float32
    tolerance : float
        Decides which rows are ties.
    """
    answers: Answers = subject.answers
    errors = []
    differ, ties, rounded = 0, 0, 0
    for start in range(0, len(X), _CHUNK):
        part = X[start : start + _CHUNK]
        expected = subject.answer(part)
        got, chosen = ask(subject, runtime, part)
        rounded += without_rounding(subject, part, expected, got, tolerance)
        with np.errstate(invalid="ignore"):
            error = answers.errors(expected, got)
        errors.append(largest(error.ravel()))
        tie = answers.ties(expected, tolerance)
        other = answers.choice(expected) != chosen
        if answers.choices == "values":
            other = ~(error.max(axis=1) <= tolerance)
        differ += int(np.sum(other & ~tie))
        ties += int(tie.sum())
    return Check(rows=len(X), max_error=largest(errors), differ=differ, ties=ties, rounded=rounded)


def without_rounding(
    subject: Subject, X: np.ndarray, expected: np.ndarray, got: np.ndarray, tolerance: float
) -> int:
    """Replace answers that miss by no more than their own rounding; return how many."""
    exact = converter_for(subject.learner).exact
    if exact is None:
        return 0
    errors = subject.answers.errors
    with np.errstate(invalid="ignore"):
        missed = np.flatnonzero(errors(expected, got).max(axis=1) > tolerance)
    if not len(missed):
        return 0
    answers = exact(subject.learner, X[missed])
    own = errors(answers, expected[missed]).max(axis=1) <= _ROUNDING * tolerance
    expected[missed[own]] = answers[own]
    return int(own.sum())
