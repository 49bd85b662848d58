"""Comparison of two models, or of a model and the rules, on the same labelled rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone

from novin_ml.estimators.rules.base import EventRules
from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._row_order import canonical_order
from novin_ml.evaluation.comparison._answers import compare_answers, p_value_of_answers
from novin_ml.evaluation.comparison._comparison import UNDECIDED, Comparison, Comparisons
from novin_ml.evaluation.training_data import warn_of_training_data
from novin_ml.evaluation.truth import GIVEN
from novin_ml.events.chains.table import Chains
from novin_ml.events.tables.check import checked_rows
from novin_ml.features.attached import context_for
from novin_ml.features.context import CONTEXT_INPUTS
from novin_ml.foreign import holds_dicts, is_table, require_rows
from novin_ml.plain import plural, shown
from novin_ml.validation import Interval, validate_params


def compare(
    a: Any,
    b: Any,
    data: Any,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    names: tuple[str, str] | None = None,
    **options: Any,
) -> Comparison:
    """Compare two models, or a model and the rules, on the same labelled rows.

    Parameters
    ----------
    a, b : object
        Fitted classifiers of the rows, or rules (``novin_ml.estimators.rules``), fitted or not.
        "better" means that `a` is. A model with ``predict_proba`` answers with its likeliest label.
    data : DataFrame, Chains or array-like
        Event table or chains with labels; or any table that both take, together with `labels`.
        Events without a label only serve as context. To use other windows than the default, attach
        the context before.
    labels : array-like of shape (n_rows,) or None, default=None
        The right labels; None takes the column ``label``. Rows without a label are left out.
    groups : array-like of shape (n_rows,) or None, default=None
        Group of each row; rows of a group may resemble each other. None takes the column
        ``home_id``; without that column, rows count as independent.
    names : tuple of str or None, default=None
        Names of the two in the sentence; None takes "a" and "b", and "the rules" for rules.
    **options
        ``confidence``, ``power``, ``difference``, ``n_resamples`` and ``random_state``, as in
        `compare_answers`.

    Returns
    -------
    comparison : Comparison
        The verdict and the numbers behind it.

    Raises
    ------
    ValueError
        If no row has a label, or for the reasons of `compare_answers`.
    NotFittedError
        If a model is not fitted.

    Warns
    -----
    TrainingDataWarning
        If a model was trained on some of the rows or homes: see `seen_in_training`.

    See Also
    --------
    compare_answers : The rule of the decision.
    compare_many : Compare several models at once.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.estimators.rules import DeliveryRules
    >>> from novin_ml.evaluation import compare
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(1000, random_state=0))
    >>> model = make_delivery_pipeline(epochs=10, random_state=0).fit(rows, rows["label"])
    >>> comparison = compare(model, DeliveryRules(), simulate_deliveries(1000, random_state=1))
    >>> print(comparison.sentence)
    a is better than the rules: +... points of accuracy (95 % interval ...
    """
    rows = _labelled(data, labels, groups, (a, b))
    if names is None:
        names = tuple(  # type: ignore[assignment]
            "the rules" if isinstance(model, EventRules) else name
            for model, name in zip((a, b), "ab", strict=True)
        )
    return _compare(rows, _answers(a, rows), _answers(b, rows), names=names, **options)


@validate_params(
    {"confidence": [Interval(Real, 0, 1, closed="neither")]}, prefer_skip_nested_validation=False
)
def compare_many(
    models: Mapping[str, Any],
    data: Any,
    *,
    against: str | None = None,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    **options: Any,
) -> Comparisons:
    """Compare several models on the same rows, with a correction for multiple testing.

    Parameters
    ----------
    models : mapping of str to object
        Two or more classifiers of the rows, or rules, by name.
    data : DataFrame, Chains or array-like
        As in `compare`.
    against : str or None, default=None
        Name of the model to compare all others with; None compares all pairs.
    labels, groups : array-like of shape (n_rows,) or None, default=None
        As in `compare`.
    confidence : float, default=0.95
        1 minus the probability that any of the verdicts is wrong.
    **options
        ``power``, ``difference``, ``n_resamples`` and ``random_state``, as in `compare_answers`.

    Returns
    -------
    comparisons : Comparisons
        One comparison for each pair.

    Raises
    ------
    ValueError
        If there are fewer than two models, if none has the name `against`, or for the reasons of
                `compare`.

    Notes
    -----
    Holm's method is used. Among m comparisons, the one with the smallest p-value is tested at the
    level ``(1 - confidence) / m``, the next one at ``(1 - confidence) / (m - 1)``, and so on. After
    the first undecided comparison, all others are undecided. The method is valid for any dependence
    between the comparisons. Each comparison has the interval and the sample size of its own level.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6, 1979.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> import numpy as np
    >>> from novin_ml.evaluation import compare_many
    >>> X = np.arange(100.0)[:, None]
    >>> y = np.where(X[:, 0] < 50, "low", "high")
    >>> models = {"tree": DecisionTreeClassifier(), "stump": DecisionTreeClassifier(max_depth=1),
    ...           "none": DummyClassifier()}
    >>> fitted = {name: model.fit(X, y) for name, model in models.items()}
    >>> result = compare_many(fitted, X, labels=y, against="none")
    >>> [each.verdict for each in result.comparisons]
    ['better', 'better']
    """
    if len(models) < 2:
        raise ValueError(
            f"The 'models' parameter must have two models or more. Got {len(models)}. Add others."
        )
    if against is not None and against not in models:
        raise ValueError(
            f"The 'against' parameter must be one of {sorted(models)}. "
            f"Got {shown(against)} instead."
        )
    pairs = list(combinations(models, 2))
    if against is not None:
        pairs = [(name, against) for name in models if name != against]
    rows = _labelled(data, labels, groups, models.values())
    answers = {name: _answers(model, rows) for name, model in models.items()}

    def judged(pair: tuple[str, str], at: float) -> Comparison:
        one, other = (answers[name] for name in pair)
        return _compare(rows, one, other, names=pair, confidence=at, **options)

    # Only p-values at first: the level of each verdict depends on all of them.
    first = [
        p_value_of_answers(rows.truth, answers[one].labels, answers[other].labels, rows.groups)
        for one, other in pairs
    ]
    order = np.argsort(first, kind="stable")
    done: dict[int, Comparison] = {}
    adjusted, highest, stopped = [0.0] * len(pairs), 0.0, False
    for rank, place in enumerate(order.tolist()):
        left = len(pairs) - rank
        highest = adjusted[place] = max(highest, min(1.0, left * first[place]))
        comparison = judged(pairs[place], 1 - (1 - confidence) / left)
        stopped = stopped or comparison.verdict == UNDECIDED
        done[place] = replace(comparison, verdict=UNDECIDED) if stopped else comparison
    return Comparisons(tuple(done[place] for place in range(len(pairs))), tuple(adjusted))


class _Rows(NamedTuple):
    data: Any
    places: np.ndarray
    truth: np.ndarray
    groups: np.ndarray | None
    unit: str
    column: str | None
    times: np.ndarray | None


class _Answers(NamedTuple):
    labels: np.ndarray
    probabilities: np.ndarray | None
    classes: np.ndarray | None


def _labelled(
    data: Any, labels: ArrayLike | None, groups: ArrayLike | None, models: Iterable[Any]
) -> _Rows:
    """Return the rows that have a label."""
    if is_table(data) or holds_dicts(data):
        require_rows(data, "The data")
    data = checked_rows(data, "compare")
    columns = set(getattr(data, "columns", ()))
    if labels is None and "label" not in columns:
        raise ValueError(
            "The data must have labels to compare on. Got none. "
            "Add a 'label' to each row that was looked at, or pass labels."
        )
    truth = np.asarray(data["label"] if labels is None else labels, dtype=object)
    unit = "groups"
    if groups is None and "home_id" in columns:
        groups, unit = data["home_id"], "homes"
    for name, values in {"labels": truth, "groups": groups}.items():
        if values is not None and np.ndim(np.asarray(values, dtype=object)) == 0:
            one = shown(labels if name == "labels" else groups)
            raise ValueError(
                f"The {name!r} parameter must have an entry for each of the "
                f"{plural(len(data), 'row')}. Got {one}. Pass the column itself: data[NAME]."
            )
        if values is not None and len(values) != len(data):  # type: ignore[arg-type]
            raise ValueError(
                f"The {name!r} parameter must have an entry for each of the "
                f"{plural(len(data), 'row')}. Got {len(values)}. "  # type: ignore[arg-type]
                "Pass those of all rows, labelled or not."
            )
    places = np.flatnonzero(pd.notna(truth))
    if len(places) == 0:
        raise ValueError(
            "The data must have labels to compare on. Got none. "
            "Add a 'label' to each row that was looked at."
        )
    is_events = isinstance(data, pd.DataFrame) and set(CONTEXT_INPUTS) <= columns
    if is_events:
        data = context_for(data, *models)
    time = next((name for name in ("timestamp", "start") if name in columns), None)
    taken: Any = data.iloc[places] if hasattr(data, "iloc") else np.asarray(data)[places]
    if is_events or isinstance(data, Chains):
        order = canonical_order(taken)
        places, taken = places[order], taken.iloc[order]
    return _Rows(
        data=taken,
        places=places,
        truth=truth[places],
        groups=None if groups is None else np.asarray(groups, dtype=object)[places],
        unit=unit,
        column=GIVEN if labels is None else None,
        times=None if time is None else np.asarray(data[time])[places],
    )


def _answers(model: Any, rows: _Rows) -> _Answers:
    if isinstance(model, EventRules):  # the rules learn nothing from these rows
        return _Answers(label_texts(clone(model).fit(rows.data).predict(rows.data)), None, None)
    warn_of_training_data(model, rows.data, homes=rows.groups)
    if not hasattr(model, "predict_proba"):
        return _Answers(label_texts(model.predict(rows.data)), None, None)
    probabilities = np.asarray(model.predict_proba(rows.data), dtype=np.float64)
    classes = label_texts(model.classes_)
    return _Answers(classes[probabilities.argmax(axis=1)], probabilities, classes)


def _compare(rows: _Rows, one: _Answers, other: _Answers, **options: Any) -> Comparison:
    if one.classes is not None and other.classes is not None:
        classes = sorted({*one.classes, *other.classes, *label_texts(rows.truth)})
        options |= {
            "classes": classes,
            "probabilities_a": _over(classes, one),
            "probabilities_b": _over(classes, other),
        }
    comparison = compare_answers(
        rows.truth,
        one.labels,
        other.labels,
        groups=rows.groups,
        unit=rows.unit,
        times=rows.times,
        **options,
    )
    table = comparison.disagreements
    table["row"] = rows.places[table["row"].to_numpy()]
    table = table.sort_values("row", ignore_index=True)
    return replace(comparison, truth=rows.column, disagreements=table)


def _over(classes: list[str], answers: _Answers) -> np.ndarray:
    """Return the probabilities of these classes; 0 for a label that the model does not know."""
    spread = np.zeros((len(answers.labels), len(classes)))
    spread[:, [classes.index(label) for label in answers.classes]] = answers.probabilities  # type: ignore[union-attr]
    return spread
