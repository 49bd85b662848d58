"""Unusual events of one home, by a threshold that is a budget of alarms."""

from __future__ import annotations

import hashlib
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    check_is_fitted,
    validate_data,
)

from novin_ml.docstrings import substitute
from novin_ml.estimators._feature_specs import FeatureSpecsMixin
from novin_ml.estimators._inputs import (
    checked_timestamps,
    require_some_rows,
    require_table,
    rows_to_answer,
)
from novin_ml.estimators._method_docs import ROWS
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.estimators.alarm_threshold import AlarmThreshold
from novin_ml.estimators.learners import DETECTORS, fit_detector
from novin_ml.estimators.reasons import Reason
from novin_ml.estimators.record import summarise
from novin_ml.features.behavior.features import BEHAVIOR_FEATURES, BehaviorFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import as_python, must_be_numbers
from novin_ml.validation import Interval, NamedParameters, RealNotInt, StrOptions


class BehaviorAnomalyDetector(
    NamedParameters, FeatureSpecsMixin, AlarmThreshold, OutlierMixin, BaseEstimator
):
    """Baseline of one home, whose threshold is a budget of alarms.

    The threshold is the loosest one that keeps the budget at `confidence`: the exact upper bound on
    the alarms per week, from the hours of the training log that would have alarmed, is at most
    `alarms_per_week`. Before `learning_days` the detector is learning: it scores, but never alarms.
    From then on, until the log is long enough to prove the budget, its alarms are unproven.

    Parameters
    ----------
    algorithm : {"isolation", "autoencoder"}, default="isolation"
        An isolation forest, or a network that returns its own input, which a phone can train. The
        network finds less; take it for what only it can do.
    n_estimators : int, default=100
        Number of trees. This and the next three are of the forest alone.
    max_samples : int, float or "auto", default="auto"
        Rows that each tree draws: a number, a share of the rows, or 256 for "auto". At most all
        rows.
    max_features : int or float, default=1.0
        Columns that each tree draws: a number, or a share of the columns.
    bootstrap : bool, default=False
        Draw the rows with replacement.
    learner_params : dict, default=None
        Of the autoencoder alone: ``hidden_layer_sizes`` ((12, 6, 12)), ``activation`` ("tanh";
        also "relu" or "logistic"), ``learning_rate_init`` (0.001), ``alpha`` (0.0001), ``epochs``
        (60) and ``patience`` (5), the epochs without improvement after which training stops.
    alarms_per_week : float, default=1.0
        The budget. Alarms of one clock hour count as one.
    confidence : float, default=0.95
        Confidence of the bound that must stay within the budget.
    learning_days : float, default=14
        Minimum number of observed days, even if the budget needs fewer.
    random_state : int, RandomState or None, default=None
        Seeds the rows, columns and thresholds that the trees draw, or the network's training.

    Attributes
    ----------
    learner_ : IsolationLearner or AutoencoderLearner
        The trees, or the network.
    offset_ : float
        A score below it is an alarm. While learning it is -1, and no score is below that.
    state_ : {"learning", "unproven", "ready"}
        Learning before `learning_days`, ready once `n_days_` is at least `required_days_`. Between
        the two only a row more anomalous than all hours of the log alarms, and `alarm_bound_` is
        above the budget.
    required_days_ : float
        The larger of `learning_days` and ``7 * -ln(1 - confidence) / alarms_per_week``. The latter
        is the number of days without an alarm that prove the budget: 21 by default.
    n_days_ : float
        Days of the calendar, in UTC, from the first event to the last. One or two days without an
        event count; of a longer silence, in which the home may not have been observed, none does.
    n_alarms_in_training_ : int
        Hours of the log that would have alarmed.
    alarm_bound_ : float
        Upper limit of the alarms per week at `confidence`; 0 while learning.
    calibration_scores_ : ndarray of shape (n_hours,)
        Lowest score of each of the most anomalous hours of the log, ascending.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, when `X` had string names.
    feature_specs_ : tuple of FeatureSpec
        Name, unit, range and meaning of each feature.
    feature_summary_ : ndarray of shape (34, n_features)
        Quantiles of each column. The certificate of an export draws its rows from them.
    training_data_ : dict
        ``n_samples``, ``days`` and ``sha256`` of the training rows and their times.

    See Also
    --------
    make_behavior_pipeline : Pipeline from a home's events to its alarms.
    sklearn.ensemble.IsolationForest : Isolation forest with the same definition of the scores.

    Notes
    -----
    Missing values are refused.

    The bound assumes that hours with an alarm follow a Poisson process. If k hours of W weeks score
    below the threshold, the bound is chi2(confidence; 2 k + 2) / 2 / W: at a confidence of 0.95,
    3.0 / W for none, 4.7 / W for one, 6.3 / W for two. A budget between two of these has a
    threshold between two hours. A log of less than 6 weeks spends only 1 / (1 + .09 (6 - W)) of
    its budget, because the habits of homes drift.

    Successive halving finds the most anomalous hours: all rows walk through 12 of 100 trees, the
    more anomalous half of them through 18, and so on for six stages. The last stage walks 4 percent
    of the rows, but at least 12 for each kept hour, through all trees. The detector keeps enough
    hours for twice the budget, and at least 48. `set_alarms_per_week` cannot raise the threshold
    above the last kept hour: with a budget much larger than that of `fit`, the threshold stays
    there and spends less than the budget.

    References
    ----------
    .. [1] F. T. Liu, K. M. Ting and Z.-H. Zhou, "Isolation Forest", ICDM 2008.
    .. [2] F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.
    .. [3] A. Saabas, "Interpreting random forests", 2014: the contributions of `explain`.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import BehaviorAnomalyDetector
    >>> rng = np.random.default_rng(0)
    >>> X, seconds = rng.normal(size=(3000, 4)), np.sort(rng.uniform(0, 60 * 86400, 3000))
    >>> detector = BehaviorAnomalyDetector(random_state=0).fit(X, timestamps=seconds)
    >>> detector.state_, detector.alarm_bound_ <= 1
    ('ready', True)
    >>> detector.predict([[0.1, 0.2, -0.4, 0.3], [5.0, 5.0, 5.0, 5.0]])
    array([ 1, -1])
    >>> detector.explain([0.1, 5.0, -0.4, 0.3])[0].name
    'feature_1'
    """

    family_specs: ClassVar[tuple[FeatureSpec, ...]] = BEHAVIOR_FEATURES

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "algorithm": [StrOptions(set(DETECTORS))],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [
            StrOptions({"auto"}),
            Interval(Integral, 2, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
        ],
        "max_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
        ],
        "bootstrap": ["boolean"],
        "learner_params": [dict, None],
        "alarms_per_week": [Interval(Real, 0, None, closed="neither")],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "learning_days": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        algorithm: str = "isolation",
        n_estimators: int = 100,
        max_samples: int | float | str = "auto",
        max_features: int | float = 1.0,
        bootstrap: bool = False,
        learner_params: dict[str, Any] | None = None,
        alarms_per_week: float = 1.0,
        confidence: float = 0.95,
        learning_days: float = 14,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.algorithm = algorithm
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.learner_params = learner_params
        self.alarms_per_week = alarms_per_week
        self.confidence = confidence
        self.learning_days = learning_days
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, timestamps: Any = None) -> Self:
        """Learn what is usual.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features of a home's events; finite. Converted to float32.
        y : Ignored
            Not used.
        timestamps : array-like of shape (n_samples,), default=None
            Times of the events, in seconds since 1970. Hours and days are counted in UTC. Without
            timestamps no budget can be proven, and the detector stays in learning.

        Returns
        -------
        self : object
            The fitted detector.

        Raises
        ------
        ValueError
            If a parameter, a feature or a timestamp is not as described.
        """
        self._validate_params()
        require_some_rows(X)
        require_table(X)
        with must_be_numbers("X"):
            X = validate_data(self, X, dtype=np.float32, order="C", ensure_min_samples=2)
        times = None if timestamps is None else checked_timestamps(X, timestamps)
        random_state = check_random_state(as_python(self.random_state))
        self.learner_ = fit_detector(X, self.get_params(deep=False), random_state)
        self._calibrate(X, times)
        self._spend_budget()
        self.feature_summary_ = summarise(X)
        digest = hashlib.sha256(X.data)
        if times is not None:
            digest.update(times.data)
        self.training_data_ = {
            "n_samples": len(X),
            "days": self.n_days_,
            "sha256": digest.hexdigest(),
        }
        return self

    @substitute(rows=ROWS)
    def score_samples(self, X: Any) -> np.ndarray:
        """Return how usual each row is.

        Parameters
        ----------
        {rows}

        Returns
        -------
        scores : ndarray of shape (n_samples,), float64
            From -1, the most anomalous, to 0. Of a forest it is the negative of the anomaly score
            of Liu, Ting and Zhou, and does not depend on the other rows. Of an autoencoder it is
            -e / (1 + e), with e the mean squared error of the standardised row.
        """
        if hasattr(X, "shape") and len(X.shape) == 2 and len(X) == 0:
            check_is_fitted(self)
            return np.zeros(0)  # a quiet day
        X = self._checked(X)
        return self.learner_.score_samples(X)

    @substitute(rows=ROWS)
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores minus the threshold; a row below 0 is an alarm.

        Parameters
        ----------
        {rows}

        Returns
        -------
        decisions : ndarray of shape (n_samples,), float64
            ``score_samples(X) - offset_``.
        """
        return self.score_samples(X) - self.offset_

    @substitute(rows=ROWS)
    def predict(self, X: Any) -> np.ndarray:
        """Return -1 for each row that is an alarm, and 1 for all others.

        Parameters
        ----------
        {rows}

        Returns
        -------
        labels : ndarray of shape (n_samples,), int
            -1 or 1; always 1 while the detector is learning.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def explain(self, row: Any) -> list[Reason]:
        """Return the contribution of each feature to the score of a row, the largest first.

        In a forest each step of the row through a tree changes its expected path length. That
        change counts for the feature that the step splits on. The contributions add up to the mean
        path length of the training rows minus the path length of this row. Those of an autoencoder
        are squared errors, and add up to their mean.

        Parameters
        ----------
        row : array-like of shape (n_features,) or (1, n_features)
            One row.

        Returns
        -------
        reasons : list of Reason
            One for each feature, the largest contribution first. A contribution is the number of
            steps by which the feature shortens the row's mean path through the trees, compared with
            the mean over the training rows. It is negative if the feature lengthens the path. With
            an autoencoder it is the squared error of the standardised feature, divided by the
            number of features.
        """
        check_is_fitted(self)
        if np.ndim(row) == 1:
            row = row.to_frame().T if isinstance(row, pd.Series) else np.asarray(row)[np.newaxis]
        X = self._checked(row)
        if len(X) != 1:
            raise ValueError(
                f"The 'row' parameter must be one row. Got {len(X)}. Explain them one by one."
            )
        shares = self.learner_.shares(X)[0]
        specs = self.feature_specs_
        return [
            Reason(
                name=specs[i].name,
                value=float(X[0, i]),
                contribution=float(shares[i]),
                meaning=specs[i].meaning,
                unit=specs[i].unit,
                columns=(specs[i].name,),
            )
            for i in np.argsort(-shares, kind="stable")
        ]

    def _checked(self, X: Any) -> np.ndarray:
        # A row of `BehaviorHistory` is an array: do not warn about missing names.
        return rows_to_answer(self, X, allow_nan=False, warn_without_names=False)


def make_behavior_pipeline(**params: Any) -> Pipeline:
    """Return a pipeline from the event log of one home to its alarms.

    Parameters
    ----------
    **params
        Parameters of `BehaviorAnomalyDetector`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"detector"``. Events passed after `fit` continue the log. Train
        on the result of `novin_ml.events.training_events`: an event without consent is refused, and
        so is a log of several homes. Events of another home are scored with a warning.

    Examples
    --------
    >>> from novin_ml.estimators import make_behavior_pipeline
    >>> from novin_ml.events import training_events
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events, n_without_consent = training_events(simulate_deliveries(500, random_state=0))
    >>> log = events[events["home_id"] == events["home_id"].iloc[0]]
    >>> model = make_behavior_pipeline(n_estimators=10, random_state=0)
    >>> model = model.fit(log, detector__timestamps=log["timestamp"])
    >>> model["detector"].state_
    'learning'
    """
    return feature_pipeline(
        BehaviorFeatures(one_home=True), detector=BehaviorAnomalyDetector(**params)
    )
