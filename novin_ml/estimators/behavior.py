"""Unusual events of one home: an isolation forest whose threshold is a budget of alarms."""

from __future__ import annotations

import hashlib
import warnings
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
from novin_ml.estimators.alarm_budget import (
    HOUR,
    lowest_of_hours,
    most_alarms,
    observed_days,
    spend_budget,
)
from novin_ml.estimators.learners import grow_forest, most_anomalous
from novin_ml.estimators.learners.isolation import columns_of_a_tree, rows_of_a_tree
from novin_ml.estimators.reasons import Reason
from novin_ml.estimators.record import summarise
from novin_ml.features.behavior.features import BEHAVIOR_FEATURES, BehaviorFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import as_python, must_be_numbers, plural
from novin_ml.validation import Interval, NamedParameters, RealNotInt, StrOptions

# Keep at least this many hours, so that the budget can be raised later.
_LEAST_HOURS = 48
# Rows scored in full for each kept hour. With this many, the kept hours are those of a full
# scoring (measured).
_ROWS_PER_HOUR = 12


class BehaviorAnomalyDetector(NamedParameters, FeatureSpecsMixin, OutlierMixin, BaseEstimator):
    """Baseline of one home: an isolation forest whose threshold is a budget of alarms.

    The threshold is the loosest one that keeps the budget at `confidence`: the exact upper bound on
    the alarms per week, from the hours of the training log that would have alarmed, is at most
    `alarms_per_week`. Before `learning_days` the detector is learning: it scores, but never alarms.
    From then on, until the log is long enough to prove the budget, its alarms are unproven.

    Parameters
    ----------
    n_estimators : int, default=100
        Number of trees.
    max_samples : int, float or "auto", default="auto"
        Rows that each tree draws: a number, a share of the rows, or 256 for "auto". At most all
        rows.
    max_features : int or float, default=1.0
        Columns that each tree draws: a number, or a share of the columns.
    bootstrap : bool, default=False
        Draw the rows with replacement.
    alarms_per_week : float, default=1.0
        The budget. Alarms of one clock hour count as one.
    confidence : float, default=0.95
        Confidence of the bound that must stay within the budget.
    learning_days : float, default=14
        Minimum number of observed days, even if the budget needs fewer.
    random_state : int, RandomState or None, default=None
        Seeds the rows, columns and thresholds that the trees draw.

    Attributes
    ----------
    learner_ : IsolationLearner
        The trees.
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
        "alarms_per_week": [Interval(Real, 0, None, closed="neither")],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "learning_days": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_samples: int | float | str = "auto",
        max_features: int | float = 1.0,
        bootstrap: bool = False,
        alarms_per_week: float = 1.0,
        confidence: float = 0.95,
        learning_days: float = 14,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
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
        self.learner_ = grow_forest(
            X,
            n_estimators=self.n_estimators,
            max_samples=rows_of_a_tree(self.max_samples, len(X)),
            max_features=columns_of_a_tree(self.max_features, X.shape[1]),
            bootstrap=self.bootstrap,
            random_state=check_random_state(as_python(self.random_state)),
        )
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

    def set_alarms_per_week(self, alarms_per_week: float) -> Self:
        """Change the budget, and with it the threshold, without refitting the trees.

        Parameters
        ----------
        alarms_per_week : float
            The new budget. If the log cannot prove it, the detector goes back to learning.

        Returns
        -------
        self : object
            The detector, changed in place.
        """
        check_is_fitted(self)
        before = self.alarms_per_week
        self.alarms_per_week = alarms_per_week
        try:
            self._validate_params()
        except ValueError:
            self.alarms_per_week = before
            raise
        self._spend_budget()
        kept = len(self.calibration_scores_)
        spends_all = self.n_alarms_in_training_ >= kept - 1
        if self.state_ == "ready" and spends_all and self.alarm_bound_ < 0.9 * alarms_per_week:
            warnings.warn(
                "The detector keeps only as many hours of the log as a smaller budget needed, and "
                f"spends at most {self.alarm_bound_:.2f} of the "
                f"{plural(alarms_per_week, 'alarm', form='g')} a week. "
                "Fit again with this budget to spend it all.",
                stacklevel=2,
            )
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
            The negative of the anomaly score of Liu, Ting and Zhou: from -1, the most anomalous, to
            0. The score of a row does not depend on the other rows.
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

        Each step of the row through a tree changes its expected path length. That change counts
        for the feature that the step splits on. The contributions add up to the mean path length of
        the training rows minus the path length of this row.

        Parameters
        ----------
        row : array-like of shape (n_features,) or (1, n_features)
            One row.

        Returns
        -------
        reasons : list of Reason
            One for each feature, the largest contribution first. A contribution is the number of
            steps by which the feature shortens the row's mean path through the trees, compared with
            the mean over the training rows. It is negative if the feature lengthens the path.
        """
        check_is_fitted(self)
        if np.ndim(row) == 1:
            row = row.to_frame().T if isinstance(row, pd.Series) else np.asarray(row)[np.newaxis]
        X = self._checked(row)
        if len(X) != 1:
            raise ValueError(
                f"The 'row' parameter must be one row. Got {len(X)}. Explain them one by one."
            )
        shorter = -self.learner_.contributions(X)[0] / self.learner_.n_trees
        specs = self.feature_specs_
        return [
            Reason(
                name=specs[i].name,
                value=float(X[0, i]),
                contribution=float(shorter[i]),
                meaning=specs[i].meaning,
                unit=specs[i].unit,
                columns=(specs[i].name,),
            )
            for i in np.argsort(-shorter, kind="stable")
        ]

    def _checked(self, X: Any) -> np.ndarray:
        # A row of `BehaviorHistory` is an array: do not warn about missing names.
        return rows_to_answer(self, X, allow_nan=False, warn_without_names=False)

    def _calibrate(self, X: np.ndarray, times: np.ndarray | None) -> None:
        """Keep the most anomalous hours of the log, including those of its first days.

        Measured on simulated homes: without its first fortnight, a log of 45 days allows fewer
        alarms and finds fewer unusual events. For a log of 90 days it makes no difference.
        """
        self.n_days_ = 0.0
        self.calibration_scores_ = np.empty(0)
        if times is None:
            return
        self.n_days_ = observed_days(times)
        hours = np.floor(times / HOUR)
        n_alarms = most_alarms(self.n_days_, self.alarms_per_week)
        n_hours = max(_LEAST_HOURS, 2 * n_alarms)
        rows, scores = most_anomalous(self.learner_, X, _ROWS_PER_HOUR * n_hours)
        self.calibration_scores_ = lowest_of_hours(scores, hours[rows])[:n_hours]

    def _spend_budget(self) -> None:
        found = spend_budget(
            self.calibration_scores_,
            self.n_days_,
            float(self.learning_days),
            float(self.alarms_per_week),
            float(self.confidence),
        )
        self.state_, self.required_days_ = found.state, found.required_days
        self.offset_ = -1.0 if found.state == "learning" else -found.threshold
        self.n_alarms_in_training_, self.alarm_bound_ = found.n_alarms, found.bound


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
