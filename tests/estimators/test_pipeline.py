"""From events to deliveries in one pipeline."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from novin_ml.estimators import make_delivery_pipeline, make_motion_pipeline
from novin_ml.events import Signals, training_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import DELIVERY_FEATURES, attach_context, training_rows
from novin_ml.simulation import simulate_deliveries, simulate_motions
from tests.estimators.tables import SMALL_NETWORK


@pytest.fixture(scope="module")
def labelled():
    return training_rows(simulate_deliveries(4_000, random_state=0))[0]


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


@pytest.mark.parametrize(
    ("make_pipeline", "simulate"),
    [(make_delivery_pipeline, simulate_deliveries), (make_motion_pipeline, simulate_motions)],
)
def test_is_never_trained_on_events_without_consent(make_pipeline, simulate):
    events = attach_context(simulate(400, random_state=0))
    events = events[events["label"].notna()].reset_index(drop=True)
    model = make_pipeline(epochs=2, random_state=0)
    consent = pd.Series(True, index=events.index)
    consent[:3] = False
    for column in [
        consent,
        consent.astype("boolean").where(consent),
        consent.astype(object),
    ]:
        with pytest.raises(InvalidEventError, match=r"'consent'.* 3 of .*training_rows"):
            model.fit(events.assign(consent=column), events["label"])
    # A text never consents.
    with pytest.raises(InvalidEventError, match=r'consent must be true or false\. Got "True"'):
        model.fit(events.assign(consent=consent.astype(str)), events["label"])
    with pytest.raises(InvalidEventError, match="column 'consent'"):
        model.fit(events.drop(columns="consent"), events["label"])
    assert not hasattr(model[-1], "learner_")
    # They are scored and explored all the same.
    kept, _ = training_events(events)
    model.fit(kept, kept["label"])
    assert len(model.predict(events.assign(consent=consent))) == len(events)
    assert len(model.predict(events.drop(columns="consent"))) == len(events)
    assert len(model[0].fit_transform(events.assign(consent=consent))) == len(events)


def test_signals_have_no_consent():
    events, _ = training_events(simulate_motions(200, random_state=0))
    model = make_motion_pipeline(epochs=2).fit(Signals.from_events(events), events["label"])
    assert len(model.predict(Signals.from_events(events))) == len(events)
