"""Whether a column of the model's answer to the chain before helps, inside the training days.

No row is held out here that another table scores: of each fold the days of the other four are
answered, each fold by a model of the other three. In training the answers before are cross-fitted;
in use they are the model's own.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np
from sklearn.base import clone

from benchmarks.real_homes._layout import Home
from benchmarks.real_homes.chains import BOOSTING, Rows, remembering, rows_of, runs_of, scores

#: Passes over the rows: an answer depends on the one before, so they settle from the first on.
_PASSES = 50


def show(homes: list[Home], report: Report) -> None:
    """Print accuracy / mean recall on training days without the column and with it."""
    table = new_table(
        "Activity of a chain inside the training days: accuracy / mean recall in %",
        ("columns", *(home.name for home in homes if home.activities is not None)),
    )
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for home in homes:
        if home.activities is not None:
            report.progress(home.name)
            found[home.name] = figures_of(rows_of(home))
    for name in next(iter(found.values()), {}):
        cells = [of_home[name] for of_home in found.values()]
        table.add_row(name, *(f"{accuracy:.1f} / {recall:.1f}" for accuracy, recall in cells))
    report.show(table)
    report.figures["answer_before"] = found


def figures_of(rows: Rows) -> dict[str, tuple[float, float]]:
    """Return the means over the folds, of the columns without the answer before and with it."""
    X, folds = remembering(rows), np.unique(rows.fold).tolist()
    names = ("sensors and memory", "and the answer before")
    inner = {(name, fold): rows.y.copy() for name in names for fold in folds}
    for pair in combinations(folds, 2):
        train = ~np.isin(rows.fold, pair)
        plain = clone(BOOSTING).fit(X[train], rows.y[train])
        after = fit_after(X, rows, train, plain.classes_)
        for fold, part in (pair, pair[::-1]):
            test = rows.fold == part
            inner[names[0], fold][test] = plain.predict(X[test])
            inner[names[1], fold][test] = answer_after(after, X, test)
    figures = {}
    for name in names:
        days = [(fold, rows.fold != fold) for fold in folds]
        each = [scores(rows.y[known], inner[name, fold][known]) for fold, known in days]
        accuracy, recall = np.mean(each, axis=0)
        figures[name] = (float(accuracy), float(recall))
    return figures


def fit_after(X: np.ndarray, rows: Rows, train: np.ndarray, classes: np.ndarray) -> Any:
    """Train on columns of cross-fitted answers to the chain before."""
    answers = np.zeros((int(train.sum()), len(classes)))
    fold, y, own = rows.fold[train], rows.y[train], X[train]
    for part in np.unique(fold):
        out = fold == part
        fitted = clone(BOOSTING).fit(own[~out], y[~out])
        answers[np.ix_(out, np.isin(classes, fitted.classes_))] = fitted.predict_proba(own[out])
    return clone(BOOSTING).fit(np.hstack([own, before(answers, train)]), y)


def answer_after(fitted: Any, X: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Answer rows in the order of time, each after the model's own answer to the one before."""
    answers = np.full((int(test.sum()), len(fitted.classes_)), np.nan)
    for _ in range(_PASSES):
        columns = np.hstack([X[test], before(answers, test)])
        new = fitted.predict_proba(columns)
        if np.array_equal(new, answers):
            break
        answers = new
    return fitted.classes_[answers.argmax(axis=1)]


def before(answers: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the answer to the chain before each, NaN where another fold stands between."""
    runs = runs_of(mask)
    shifted = np.full(answers.shape, np.nan, dtype=np.float32)
    follows = np.flatnonzero(np.diff(runs, prepend=-1) == 0)
    shifted[follows] = answers[follows - 1]
    return shifted
