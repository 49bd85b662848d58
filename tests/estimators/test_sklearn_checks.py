"""scikit-learn's own checks, for every estimator and algorithm."""

import numpy as np
import pytest
import sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator

from novin_ml import BehaviorAnomalyDetector
from tests.estimators.tables import SMALL_NETWORK, classifier


class DatedDetector(BehaviorAnomalyDetector):
    """The detector as it is when it knows a day for each row: ready, and giving alarms."""

    def fit(self, X, y=None):
        dates = 86_400.0 * np.arange(len(X)) if hasattr(X, "__len__") else None
        return super().fit(X, y, timestamps=dates)


_LEARNING = pytest.mark.xfail(
    reason=(
        "The check wants outliers among its rows, which have no times: the detector is learning, "
        "and never alarms. DatedDetector passes it."
    )
)
ESTIMATORS = [
    classifier("boosting", epochs=None),
    classifier("mlp", epochs=30),
    classifier("blend", epochs=30, learner_params={"mlp": SMALL_NETWORK}),
    classifier("forest", epochs=30),
    BehaviorAnomalyDetector(n_estimators=20),
    DatedDetector(n_estimators=20),
    BehaviorAnomalyDetector(algorithm="autoencoder", learner_params={"epochs": 8}),
    DatedDetector(algorithm="autoencoder", learner_params={"epochs": 8}),
]
EXPECTED_FAILURES = {
    ("BehaviorAnomalyDetector", "check_outliers_train"): _LEARNING,
    ("BehaviorAnomalyDetector", "check_outliers_fit_predict"): _LEARNING,
    ("boosting", "check_sample_weight_equivalence_on_dense_data"): pytest.mark.xfail(
        reason=(
            "Of few rows, each tree draws a share: a row of weight 3 is drawn or not, and the same "
            "row three times is drawn more or less often. Many rows are not drawn, but xgboost "
            "adds up float32 gradients: the last bit of a probability may differ."
        ),
    ),
    ("mlp", "check_sample_weight_equivalence_on_dense_data"): pytest.mark.xfail(
        reason=(
            "Mini-batches are drawn from the rows, so that repeating a row makes other batches; "
            "the medians and the scale are those of the rows, whatever their weight."
        ),
    ),
    ("blend", "check_sample_weight_equivalence_on_dense_data"): pytest.mark.xfail(
        reason="Half of the blend is the network, whose batches are drawn from the rows."
    ),
    ("forest", "check_class_weight_classifiers"): pytest.mark.xfail(
        tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9),
        reason="Before 1.9 scikit-learn draws the rows of a tree without regard to weights.",
    ),
    ("forest", "check_sample_weight_equivalence_on_dense_data"): pytest.mark.xfail(
        reason="Each tree draws rows: one of weight 3 is drawn or not, three equal rows as often."
    ),
}


def _cases():
    for estimator in ESTIMATORS:
        for checked, check in estimator_checks_generator(estimator):
            own = type(estimator).__name__
            title = own if isinstance(estimator, BehaviorAnomalyDetector) else estimator.algorithm
            name = (title, check.func.__name__)
            mark = EXPECTED_FAILURES.get(name, ())
            yield pytest.param(checked, check, marks=mark, id="-".join(name))


@pytest.mark.filterwarnings("ignore:Can't check dok sparse matrix:UserWarning")
# A list: scikit-learn 1.6's own decorator hands pytest a generator, which is deprecated.
@pytest.mark.parametrize(("estimator", "check"), list(_cases()))
def test_sklearn_check(estimator, check):
    check(estimator)
