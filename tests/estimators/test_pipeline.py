"""From events to deliveries in one pipeline."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.events.synthetic import simulate_deliveries
from novin_ml.features import DELIVERY_FEATURES, attach_context
from tests.estimators.tables import SMALL_NETWORK


@pytest.fixture(scope="module")
def labelled():
    events = attach_context(simulate_deliveries(4_000, random_state=0))
    return events[events["label"].notna()].reset_index(drop=True)


@pytest.mark.parametrize(
    "params", [{}, {"algorithm": "mlp", "learner_params": SMALL_NETWORK}], ids=["boosting", "mlp"]
)
def test_learns_deliveries_from_events(labelled, params):
    homes = labelled["home_id"].unique()
    old = labelled["home_id"].isin(homes[: len(homes) * 3 // 4])
    train, test = labelled[old], labelled[~old]
    model = make_delivery_pipeline(random_state=0, **params)
    model.fit(train, train["label"], classifier__groups=train["home_id"])
    classifier = model[-1]
    assert classifier.fit_report_.validation_loss
    assert classifier.feature_specs_ == DELIVERY_FEATURES
    assert_array_equal(model.classes_, ["delivery", "no_delivery"])
    clean = test["clean_label"].to_numpy()
    most_common = max(np.mean(clean == label) for label in model.classes_)
    assert np.mean(model.predict(test) == clean) > most_common + 0.05


def test_answers_a_row_with_context_as_among_others(labelled):
    model = make_delivery_pipeline(random_state=0, epochs=5).fit(labelled, labelled["label"])
    expected = model.predict_proba(labelled)
    assert_array_equal(model.predict_proba(labelled[100:120]), expected[100:120])
    shuffled = labelled.sample(frac=1.0, random_state=0)
    assert_array_equal(model.predict_proba(shuffled), expected[shuffled.index])
