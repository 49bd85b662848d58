"""The base of the classifiers: validation, the learner, early stopping and the size budget."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import joblib
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from novin_ml.docstrings import substitute
from novin_ml.estimators._decision_prior import (
    PRIOR_WEIGHTS,
    DecisionPriorMixin,
    class_weights,
)
from novin_ml.estimators._feature_specs import FeatureSpecsMixin
from novin_ml.estimators._inputs import (
    require_some_rows,
    require_table,
    rows_to_answer,
    rows_to_train_on,
)
from novin_ml.estimators._labels import classes_and_codes, plain_labels
from novin_ml.estimators._learner_params import NestedLearnerParams, refuse_two_names
from novin_ml.estimators._method_docs import ROWS
from novin_ml.estimators._thresholding import ThresholdMixin
from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.learners import (
    LEARNERS,
    BlendLearner,
    BoostingLearner,
    FitOptions,
    ForestLearner,
    hold_out,
)
from novin_ml.estimators.learners.boosting_defaults import FEW_ROWS, MANY_ROWS
from novin_ml.estimators.progress import training_progress
from novin_ml.estimators.record import data_hash, record_of_rows, summarise
from novin_ml.plain import as_python, must_be_numbers
from novin_ml.validation import Interval, StrOptions


class FamilyClassifier(
    NestedLearnerParams,
    DecisionPriorMixin,
    ThresholdMixin,
    FeatureSpecsMixin,
    ClassifierMixin,
    BaseEstimator,
):
    """Base of the classifiers: a configuration and a learner.

    A subclass sets its feature specs and, where they differ, its defaults of the learners.
    """

    #: The family's own defaults of `learner_params`, by algorithm. Those of boosting hold from
    #: `MANY_ROWS` rows on.
    family_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "algorithm": [StrOptions(set(LEARNERS))],
        "epochs": [Interval(Integral, 1, None, closed="left"), None],
        "early_stopping": [StrOptions({"auto"}), "boolean"],
        "validation_fraction": [Interval(Real, 0.0, 1.0, closed="neither")],
        "calibrate": ["boolean"],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "decision_prior_weight": [PRIOR_WEIGHTS],
        "max_bytes": [Interval(Integral, 1, 2**53, closed="both"), None],
        "learner_params": [dict, None],
        "n_jobs": [Interval(Integral, -(2**31), 2**31 - 1, closed="both"), None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        algorithm: str = "boosting",
        *,
        epochs: int | None = None,
        early_stopping: str | bool = "auto",
        validation_fraction: float = 0.1,
        calibrate: bool = True,
        class_weight: dict[Any, float] | str | None = None,
        decision_prior_weight: float = 0.0,
        max_bytes: int | None = 5_000_000,
        learner_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | bool = 0,
    ) -> None:
        self.algorithm = algorithm
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.calibrate = calibrate
        self.class_weight = class_weight
        self.decision_prior_weight = decision_prior_weight
        self.max_bytes = max_bytes
        self.learner_params = learner_params
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Train on feature rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; NaN is a missing value, infinity is refused. Converted to float32.
        y : array-like of shape (n_samples,)
            Labels: strings, integers or booleans, also of pandas' nullable types.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. A row of weight 0 is left out, but its label stays a class.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, such as its home. Early stopping holds back whole groups, but none
            that has all rows of a label.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter, a feature, a label, a weight or the groups are not as described.
        """
        self._validate_params()
        require_some_rows(X)
        require_table(X)
        y = plain_labels(y)
        with must_be_numbers("X"):
            X, y = validate_data(
                self, X, y, dtype=np.float32, order="C", ensure_all_finite="allow-nan"
            )
        self.classes_, codes = classes_and_codes(y)
        rows, codes_of_groups = rows_to_train_on(
            X,
            self.classes_,
            codes,
            sample_weight=sample_weight,
            class_weight=self.class_weight,
            groups=groups,
        )
        random_state = check_random_state(as_python(self.random_state))
        train, held_back = rows, None
        n_rows = len(rows)
        if self._stops_early(n_rows):
            fraction = as_python(self.validation_fraction)
            train, held_back = hold_out(rows, codes_of_groups, fraction, random_state)
        n_jobs = as_python(self.n_jobs)
        _, fit_learner = LEARNERS[self.algorithm]
        title = f"{type(self).__name__} ({self.algorithm})"
        with training_progress(self.verbose, title) as progress:
            self.learner_, self.fit_report_ = fit_learner(
                train,
                held_back,
                FitOptions(
                    n_classes=len(self.classes_),
                    epochs=as_python(self.epochs),
                    max_bytes=as_python(self.max_bytes),
                    n_jobs=None if n_jobs is None else joblib.effective_n_jobs(n_jobs),
                    random_state=random_state,
                    params=as_python(self._params_of_learner(n_rows)),
                    progress=progress,
                    calibrate=self.calibrate,
                ),
            )
        self.decisions_ = Decisions()  # they were for other probabilities
        self.n_iter_ = self.fit_report_.epochs_run
        self.size_report_ = self.fit_report_.size
        self.feature_summary_ = summarise(rows.X)
        self.training_data_ = {
            "n_samples": len(rows),
            "class_counts": np.bincount(rows.codes, minlength=len(self.classes_)).tolist(),
            "sha256": data_hash(rows),
        }
        if rows.weight is not None:
            self.training_data_["class_weights"] = class_weights(rows, len(self.classes_))
        self._divide(0.0, as_python(self.decision_prior_weight))
        self.training_record_ = record_of_rows(rows, groups)
        return self

    @substitute(rows=ROWS)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        {rows}

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Columns in the order of ``classes_``.
        """
        X = rows_to_answer(self, X, allow_nan=True)
        return self.learner_.predict_proba(X)

    @substitute(rows=ROWS)
    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row.

        Parameters
        ----------
        {rows}

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Most probable label; ties go to the first in ``classes_``.
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    @property
    def feature_importances_(self) -> np.ndarray:
        """Share of each feature in the gain of boosted trees, or in the decrease in impurity."""
        check_is_fitted(self)
        if not isinstance(self.learner_, BoostingLearner | ForestLearner):
            raise AttributeError(
                "A classifier must be of algorithm='boosting' or 'forest' to have "
                f"feature_importances_. Got {self.learner_.kind!r}. Use "
                "novin_ml.evaluation.permutation_importances, which takes any learner."
            )
        return self.learner_.gain_shares()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _params_of_learner(self, n_rows: int) -> dict[str, Any]:
        given, defaults = self.learner_params or {}, dict(self.family_defaults)
        refuse_two_names(self.algorithm, given)
        if n_rows < MANY_ROWS and BoostingLearner.kind in defaults:
            defaults[BoostingLearner.kind] = {}
        if self.algorithm in defaults or self.algorithm != BlendLearner.kind:
            return {**defaults.get(self.algorithm, {}), **given}
        parts = {
            part: {**own, **given.get(part, {})}
            for part, own in defaults.items()
            if isinstance(given.get(part, {}), Mapping)  # the learner refuses anything else
        }
        return {**given, **parts}

    def _stops_early(self, n_samples: int) -> bool:
        if self.early_stopping == "auto":
            if self.algorithm == ForestLearner.kind:
                return False  # it has no rounds to stop
            return n_samples >= FEW_ROWS  # of fewer, a tenth is too few to stop by
        return bool(self.early_stopping)
