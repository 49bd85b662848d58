"""Why a model says what it says of a row: the features that count most, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from novin_ml.estimators import BehaviorAnomalyDetector
from novin_ml.estimators._base import EventClassifier
from novin_ml.estimators._decisions import alarmed
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.evaluation._attribution import (
    Contributions,
    draw_background,
    sampled_contributions,
    score_function,
    tree_contributions,
)
from novin_ml.evaluation._words import Factor, factors_of
from novin_ml.features.context import has_context
from novin_ml.features.spec import FeatureSpec

#: What an anomaly detector's reasons speak for.
UNUSUAL = "unusual"

_METHODS = {
    "trees": "exact Shapley values of the trees (TreeSHAP)",
    "sampled": "Shapley values, sampled",
    "forest": "path lengths in the isolation forest",
}


@dataclass(frozen=True)
class Reason:
    """What one factor does to a model's answer for one row.

    Attributes
    ----------
    name : str
        The feature; or ``hour``, ``weekday`` and ``zone``, of which two features tell one thing.
    value : float
        The row's value; hours since midnight, days since Monday 00:00, the risk of the zone.
    contribution : float
        What it adds to the score of the label: see `Attribution`.
    text : str
        The value in words. Numbers are rounded: times below a minute to 0.1 s, below an hour to
        1 s, then to a minute; clock times to the nearest minute; other numbers to three significant
        digits, rarities to two.
    meaning : str
        What the features are.
    unit : str
        Of the value.
    std_error : float
        Standard error of the contribution; 0 unless it was sampled.
    columns : tuple of str
        The features.
    direction : {"speaks for", "speaks against", "makes no difference to"}
        The label, that is: whether the contribution is positive, negative or 0.
    """

    name: str
    value: float
    contribution: float
    text: str
    meaning: str
    unit: str
    std_error: float = 0.0
    columns: tuple[str, ...] = ()
    direction: str = field(init=False)

    def __post_init__(self) -> None:
        direction = "makes no difference to"
        if self.contribution != 0:
            direction = f"speaks {'for' if self.contribution > 0 else 'against'}"
        object.__setattr__(self, "direction", direction)


@dataclass(frozen=True)
class Attribution:
    """All that adds up to a model's answer for one row.

    Attributes
    ----------
    label : str, int, float or bool
        What the reasons speak for or against; ``"unusual"`` for an anomaly detector.
    base : float
        The score before anything is known of the row.
    score : float
        The row's score: ``base`` and all contributions. Of a classifier it is the label's
        calibrated margin less the mean margin of the other labels, so that it is the log odds of
        two labels, and ``log p(label) - mean(log p(other))`` of any number. Of a detector it is by
        how many steps the row's mean path through the trees is shorter than that of the training
        rows.
    reasons : tuple of Reason
        One for each factor, the largest contribution first, whatever its sign.
    method : str
        How the contributions were found.
    """

    label: Any
    base: float
    score: float
    reasons: tuple[Reason, ...]
    method: str


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
    """Return the reasons that count most in a model's answer for one row.

    Parameters
    ----------
    estimator : Pipeline, EventClassifier or BehaviorAnomalyDetector
        Fitted. A pipeline takes an event or a chain, its last step a feature row.
    row : DataFrame, Chains, Signals, Series or array-like, of one row
        An event with its context (`attach_context`), a chain, a signal, or features. To a
        pipeline of a home's behaviour, an event is one that follows on the log of `fit`.
    top : int, default=3
        At most so many reasons.
    label : str, int, float or bool, default=None
        What to explain; None takes the label that the row is an alarm of, if the classifier has
        thresholds and it is one, else the most probable label.
    background : array-like of shape (n_rows, n_features), default=None
        Feature rows that stand for what is not known, for a model with a perceptron. None draws
        them from the summary of the training rows that a classifier keeps.
    n_samples : int, default=64
        Orders of the features that are sampled for a model with a perceptron, each with its
        opposite.
    random_state : int, RandomState or None, default=0
        Seeds the samples: the same row has the same reasons.

    Returns
    -------
    reasons : tuple of Reason
        The largest contribution first, whatever its sign.

    Raises
    ------
    ValueError
        If the estimator is no such model, there is not one row, or a parameter is not as
        described.

    See Also
    --------
    attribute : The same with all reasons and the score that they add up to.
    permutation_importances : What counts in a model as a whole.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import explain
    >>> from novin_ml.events.synthetic import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=20, random_state=0).fit(rows, rows["label"])
    >>> surest = model.predict_proba(rows)[:, list(model.classes_).index("delivery")].argmax()
    >>> [reason.direction for reason in explain(model, rows.iloc[[surest]], top=2)]
    ['speaks for', 'speaks for']
    """
    if not (isinstance(top, Integral) and top >= 1):
        raise ValueError(
            f"The 'top' parameter must be a whole number from 1 on. Got {top!r} instead. "
            "Pass how many reasons you want."
        )
    attribution = attribute(
        estimator,
        row,
        label=label,
        background=background,
        n_samples=n_samples,
        random_state=random_state,
    )
    return attribution.reasons[: int(top)]


def attribute(
    estimator: Any,
    row: Any,
    *,
    label: Any = None,
    background: Any = None,
    n_samples: int = 64,
    random_state: int | np.random.RandomState | None = 0,
) -> Attribution:
    """Return all reasons for a model's answer for one row, and what they add up to.

    Parameters
    ----------
    estimator, row, label, background, n_samples, random_state
        As for `explain`.

    Returns
    -------
    attribution : Attribution

    Raises
    ------
    ValueError
        As `explain`.

    Notes
    -----
    Trees have the exact Shapley values of TreeSHAP [1]_, as xgboost computes them, times the
    scale of the calibration; what is not known of a row is averaged over the training rows that
    came to each branch. They add up to the score within the rounding of float32.

    A model with a perceptron has Shapley values sampled over orders of its features [2]_, each with
    its opposite, from background rows; they add up to the score exactly, and each tells its
    standard error. Background rows that are drawn from a summary have the columns' distributions,
    not their dependence: pass rows where that counts.

    An isolation forest has the contributions of `BehaviorAnomalyDetector.explain`.

    Contributions of columns that say one thing, such as sine and cosine of the hour, are one
    reason; where orders are sampled, the columns change together.

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
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if not isinstance(model, EventClassifier | BehaviorAnomalyDetector):
        raise ValueError(
            "The 'estimator' parameter must be a fitted model of novin_ml, or a pipeline that ends "
            f"with one. Got a {type(model).__name__}. Of other models, see permutation_importances."
        )
    X = _feature_row(estimator, model, row)
    specs = _specs(estimator, model)
    factors = factors_of(specs, model.family_specs)
    if isinstance(model, BehaviorAnomalyDetector):
        if label not in (None, UNUSUAL):
            raise ValueError(
                f"The 'label' parameter must be None for a baseline. Got {label!r} instead. "
                f"Its reasons speak for {UNUSUAL!r}."
            )
        label, method, found = UNUSUAL, "forest", _forest_contributions(model, X, factors)
    else:
        code = _code_of(model, X, label)
        label = model.classes_.tolist()[code]
        columns = [factor.columns for factor in factors]
        if isinstance(model.learner_, BoostingLearner):
            method, found = "trees", tree_contributions(model.learner_, X, code, columns)
        else:
            rng = check_random_state(random_state)
            rows = _background(model, factors, background, n_samples, rng)
            score = score_function(model.learner_, code)
            method, found = "sampled", sampled_contributions(score, X, columns, rows, rng)
    reasons = _in_words(X, specs, factors, found)
    return Attribution(label, found.base, found.score, reasons, _METHODS[method])


def _feature_row(estimator: Any, model: Any, row: Any) -> np.ndarray:
    if isinstance(row, pd.Series):
        row = row.to_frame().T
    if isinstance(estimator, Pipeline):
        features = estimator[0]
        # Alone, an event would seem to have had no doorbell before it.
        if hasattr(features, "silence") and isinstance(row, pd.DataFrame) and not has_context(row):
            raise ValueError(
                "The 'row' parameter must be an event with its context. Got one without. Call "
                "attach_context on all events of the home, and pass one row of what it returns."
            )
        row = estimator[:-1].transform(row)
    elif np.ndim(row) == 1:
        row = np.asarray(row)[np.newaxis]
    finite = True if isinstance(model, BehaviorAnomalyDetector) else "allow-nan"
    X = validate_data(
        model, row, reset=False, dtype=np.float32, order="C", ensure_all_finite=finite
    )
    if len(X) != 1:
        raise ValueError(
            f"The 'row' parameter must be one row. Got {len(X)}. Explain them one by one."
        )
    return X


def _specs(estimator: Any, model: Any) -> tuple[FeatureSpec, ...]:
    """Return the specs of the features, with the limits that the pipeline's own transformer has."""
    specs = model.feature_specs_
    if isinstance(estimator, Pipeline) and hasattr(estimator[0], "feature_specs"):
        own = {spec.name: spec for spec in estimator[0].feature_specs}
        specs = tuple(own.get(spec.name, spec) for spec in specs)
    return specs


def _code_of(model: EventClassifier, X: np.ndarray, label: Any) -> int:
    labels = model.classes_.tolist()
    if label is None:
        probabilities = model.learner_.predict_proba(X)
        chosen = model.decisions_.thresholds
        limits = [chosen[each].threshold if each in chosen else np.inf for each in labels]
        alarm = int(alarmed(probabilities, np.array(limits, dtype=np.float32))[0])
        return alarm if alarm >= 0 else int(probabilities[0].argmax())
    if label not in labels:
        raise ValueError(
            f"The 'label' parameter must be one of {labels}. Got {label!r} instead. "
            "Pass one of these, or None."
        )
    return labels.index(label)


def _background(
    model: EventClassifier,
    factors: tuple[Factor, ...],
    background: Any,
    n_samples: int,
    rng: np.random.RandomState,
) -> np.ndarray:
    if not (isinstance(n_samples, Integral) and n_samples >= 2):
        raise ValueError(
            f"The 'n_samples' parameter must be a whole number from 2 on. Got {n_samples!r} "
            "instead. Pass more for smaller standard errors."
        )
    if background is None:
        circles = [
            (factor.columns[0], factor.columns[1])
            for factor in factors
            if factor.name in ("hour", "weekday") and len(factor.columns) == 2
        ]
        return draw_background(model.feature_summary_, circles, int(n_samples), rng)
    rows = validate_data(
        model, background, reset=False, dtype=np.float32, order="C", ensure_all_finite="allow-nan"
    )
    return rows[rng.randint(len(rows), size=int(n_samples))]


def _forest_contributions(
    model: BehaviorAnomalyDetector, X: np.ndarray, factors: tuple[Factor, ...]
) -> Contributions:
    shorter = -model.learner_.contributions(X)[0] / model.learner_.n_trees
    values = np.array([shorter[list(factor.columns)].sum() for factor in factors])
    return Contributions(0.0, float(values.sum()), values, np.zeros(len(values)))


def _in_words(
    X: np.ndarray,
    specs: tuple[FeatureSpec, ...],
    factors: tuple[Factor, ...],
    found: Contributions,
) -> tuple[Reason, ...]:
    row = {spec.name: float(value) for spec, value in zip(specs, X[0], strict=True)}
    reasons = []
    for i in np.argsort(-np.abs(found.values), kind="stable"):
        factor = factors[i]
        said = factor.say(row)
        reasons.append(
            Reason(
                name=factor.name,
                value=said.value,
                contribution=float(found.values[i]),
                text=said.text,
                meaning=factor.meaning,
                unit=factor.unit,
                std_error=float(found.std_errors[i]),
                columns=tuple(specs[column].name for column in factor.columns),
            )
        )
    return tuple(reasons)
