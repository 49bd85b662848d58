"""Explanation of a model's answer for a row: the most important features, in words."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from novin_ml.estimators.families import find_family
from novin_ml.estimators.home_models import is_monitor
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.estimators.monitor import Moment
from novin_ml.estimators.reasons import Reason, told
from novin_ml.estimators.steps import last_step
from novin_ml.estimators.words import factors_of
from novin_ml.evaluation.explanation._attribution import (
    anomaly_contributions,
    sampled_contributions,
    score_function,
    tree_contributions,
)
from novin_ml.evaluation.explanation._moments import attribute_moment
from novin_ml.evaluation.explanation._reasons import Attribution, in_words
from novin_ml.evaluation.explanation.explained_row import (
    background_rows,
    feature_row,
    label_code,
    specs_of,
)
from novin_ml.events.labels import UNUSUAL
from novin_ml.plain import shown
from novin_ml.validation import Interval, validate_params

__all__ = ["Attribution", "Reason", "attribute", "explain"]

_CONSTRAINTS = {
    "n_samples": [Interval(Integral, 2, None, closed="left")],
    "random_state": ["random_state"],
}

_METHODS = {
    "trees": "exact Shapley values of the trees (TreeSHAP)",
    "sampled": "Shapley values, sampled",
    "isolation": "path lengths in the isolation forest",
    "autoencoder": "squared errors of the autoencoder",
}


@validate_params(
    {**_CONSTRAINTS, "top": [Interval(Integral, 1, None, closed="left")]},
    prefer_skip_nested_validation=False,
)
def explain(
    estimator: Any,
    row: Any,
    *,
    top: int = 3,
    label: Any = None,
    background: Any = None,
    n_samples: int = 64,
    random_state: int | np.random.RandomState | None = 0,
) -> tuple[Reason, ...]:
    """Return the strongest reasons for a model's answer for one row.

    Parameters
    ----------
    estimator : Pipeline, FamilyClassifier, BehaviorAnomalyDetector or HomeMonitor
        Fitted. A pipeline takes an event or a chain, its last step a feature row.
    row : DataFrame, Chains, Signals, Series or array-like, of one row, or Moment
        An event with its context (`attach_context`), a chain, a signal, or features. For a
        pipeline of a home's behavior, the event continues the log of `fit`. For a monitor, a
        moment from `HomeMonitor.moments`.
    top : int, default=3
        Maximum number of reasons.
    label : str, int, float or bool, default=None
        Label to explain. None takes the alarm label of the row, if the classifier has thresholds
        and the row is an alarm; otherwise the most probable label.
    background : array-like of shape (n_rows, n_features), default=None
        Feature rows that replace unknown features, for a model with a perceptron. None draws them
        from the summary of the training rows that a classifier keeps.
    n_samples : int, default=64
        Number of random orders of the features, each with its reverse, for a model with a
        perceptron.
    random_state : int, RandomState or None, default=0
        Seeds the samples; with an int, the same row always has the same reasons.

    Returns
    -------
    reasons : tuple of Reason
        Reasons, sorted by the absolute value of their contributions. A contribution is the amount
        that the feature adds to the score of the label; see `Attribution`. A reason whose words
        repeat those of a stronger one is left out.

    Raises
    ------
    ValueError
        If the estimator is not such a model, if there is not exactly one row, or if a parameter is
        not as described.

    See Also
    --------
    attribute : Return all reasons and the score that they add up to.
    permutation_importances : Measure the importance of features in a whole model.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import explain
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=20, random_state=0).fit(rows, rows["label"])
    >>> surest = model.predict_proba(rows)[:, list(model.classes_).index("delivery")].argmax()
    >>> [reason.direction for reason in explain(model, rows.iloc[[surest]], top=2)]
    ['speaks for', 'speaks for']

    A home in which nothing happens for a day:

    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=3, random_state=1).assign(consent=True)
    >>> monitor = HomeMonitor(n_estimators=10, random_state=0).fit(log)
    >>> day_later = log["timestamp"].iloc[-1] + 86_400
    >>> [moment] = monitor.moments(log[:0], n_rows=1, until=day_later)
    >>> reason = explain(monitor, moment, top=1)[0]
    >>> reason.name, reason.unit, reason.contribution > 0
    ('silence', 'bit', True)
    """
    attribution = attribute(
        estimator,
        row,
        label=label,
        background=background,
        n_samples=n_samples,
        random_state=random_state,
    )
    return tuple(told(attribution.reasons)[: int(top)])


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=False)
def attribute(
    estimator: Any,
    row: Any,
    *,
    label: Any = None,
    background: Any = None,
    n_samples: int = 64,
    random_state: int | np.random.RandomState | None = 0,
) -> Attribution:
    """Return all reasons for a model's answer for one row, and the score that they add up to.

    Parameters
    ----------
    estimator : Pipeline, FamilyClassifier, BehaviorAnomalyDetector or HomeMonitor
        Fitted, as for `explain`.
    row : DataFrame, Chains, Signals, Series or array-like, of one row, or Moment
        As for `explain`.
    label : str, int, float or bool, default=None
        Label to explain, as for `explain`.
    background : array-like of shape (n_rows, n_features), default=None
        Feature rows that replace unknown features, as for `explain`.
    n_samples : int, default=64
        Number of random orders of the features, each with its reverse, for a model with a
        perceptron.
    random_state : int, RandomState or None, default=0
        Seeds the samples.

    Returns
    -------
    attribution : Attribution
        The reasons, and the score that they add up to.

    Raises
    ------
    ValueError
        For the reasons of `explain`.

    Notes
    -----
    For trees, the contributions are the exact Shapley values of TreeSHAP [1]_, as xgboost computes
    them, times the scale of the calibration. Unknown features are averaged over the training rows
    that reached each branch. The contributions add up to the score within the rounding of float32.

    For a model with a perceptron, Shapley values are sampled over random orders of its features
    [2]_, each with its reverse, from background rows. They add up to the score exactly, and each
    has a standard error. Background rows drawn from a summary have the distribution of each column,
    but not the dependence between columns: pass `background` where that matters.

    For a baseline, `BehaviorAnomalyDetector.explain` returns the contributions.

    For a monitor, the reasons are exact parts of the score, in bits but for those of its forest:

    - An event whose habits are the rarer score: by how much each event of the means is rarer than
      usual, after the one before and at its hour, times its weight.
    - A silence: the rarity of each quiet hour.
    - An activation: the rarity of its length, and its excess over the longest one before.

    Columns that belong together, such as the sine and cosine of the hour, form one reason. In
    sampled orders, they change together.

    References
    ----------
    .. [1] S. Lundberg, G. Erion and S.-I. Lee, "Consistent individualized feature attribution for
       tree ensembles", 2018; S. Lundberg et al., "From local explanations to global understanding
       with explainable AI for trees", Nature Machine Intelligence 2, 2020.
    .. [2] E. Strumbelj and I. Kononenko, "Explaining prediction models and individual predictions
       with feature contributions", Knowledge and Information Systems 41, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.evaluation import attribute
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> model = DeliveryClassifier(epochs=5, random_state=0).fit(X, X[:, 0] > 0)
    >>> answer = attribute(model, X[0], label=True)
    >>> answer.reasons[0].name
    'feature_0'
    >>> bool(np.isclose(answer.base + sum(r.contribution for r in answer.reasons), answer.score))
    True
    """
    model = last_step(estimator)
    if is_monitor(model):
        if not isinstance(row, Moment):
            raise ValueError(
                "The 'row' parameter must be a Moment for a monitor, from HomeMonitor.moments. Got "
                f"a {type(row).__name__}. For the most unusual rows of a log, call explain_rows."
            )
        _require_unusual(label, "a monitor")
        return attribute_moment(model, row)
    family = find_family(model)
    if family is None:
        raise ValueError(
            "The 'estimator' parameter must be a fitted model of novin_ml, or a pipeline that ends "
            f"with one. Got a {type(model).__name__}. For other models, see "
            "permutation_importances."
        )
    X = feature_row(estimator, model, row)
    specs = specs_of(estimator, model)
    factors = factors_of(specs, family.name)
    if family.is_detector:
        _require_unusual(label, "a baseline")
        columns = [factor.columns for factor in factors]
        label, method = UNUSUAL, model.learner_.kind
        found = anomaly_contributions(model.learner_, X, columns)
    else:
        code = label_code(model, X, label)
        label = model.classes_.tolist()[code]
        columns = [factor.columns for factor in factors]
        if isinstance(model.learner_, BoostingLearner):
            method, found = "trees", tree_contributions(model.learner_, X, code, columns)
        else:
            rng = check_random_state(random_state)
            rows = background_rows(model, factors, background, n_samples, rng)
            score = score_function(model.learner_, code)
            method, found = "sampled", sampled_contributions(score, X, columns, rows, rng)
    reasons = in_words(X, specs, factors, found)
    return Attribution(label, found.base, found.score, reasons, _METHODS[method])


def _require_unusual(label: Any, of: str) -> None:
    if label not in (None, UNUSUAL):
        raise ValueError(
            f"The 'label' parameter must be None for {of}. Got {shown(label)} instead. "
            f"Its reasons speak for {UNUSUAL!r}."
        )
