"""The headline is what scikit-learn's metrics say, for the model and for the rules."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import evaluate, split_by_home
from novin_ml.features import attach_context, training_rows
from novin_ml.simulation import simulate_deliveries


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(1500, random_state=1)


@pytest.fixture(scope="module")
def model():
    rows, _ = training_rows(simulate_deliveries(1500, random_state=0))
    return make_delivery_pipeline(epochs=10, random_state=0).fit(rows, rows["label"].astype(object))


def test_scores_are_scikit_learns(events, model):
    headline = evaluate(model, DeliveryRules(), events, "delivery")
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    probability = model.predict_proba(rows)[:, list(model.classes_).index("delivery")]
    for scores, column in [(headline.model, "label"), (headline.model_clean, "clean_label")]:
        truth = rows[column].astype(str).to_numpy()
        assert scores.accuracy == accuracy_score(truth, model.predict(rows).astype(str))
        assert scores.roc_auc == roc_auc_score(truth == "delivery", probability)
    by_rule = DeliveryRules().fit(rows, rows["label"]).predict(rows)
    assert headline.rules.accuracy == np.mean(by_rule == rows["label"].to_numpy())
    assert (headline.n_rows, headline.n_homes) == (1500, rows["home_id"].nunique())


def test_without_clean_labels_there_are_no_clean_scores(events, model):
    headline = evaluate(model, DeliveryRules(), events.drop(columns="clean_label"), "delivery")
    assert headline.model_clean is None
    assert headline.rules_clean is None


def test_one_label_only_has_no_roc_auc(events, model):
    one = events[(events["label"] != "delivery").to_numpy()]
    headline = evaluate(model, DeliveryRules(), one, "delivery")
    assert np.isnan(headline.model.roc_auc)
    assert 0 <= headline.model.accuracy <= 1


def test_errors_name_what_is_missing(events, model):
    with pytest.raises(ValueError, match="must have labels"):
        evaluate(model, DeliveryRules(), events.drop(columns="label"), "delivery")
    with pytest.raises(ValueError, match="must know the label 'parcel'"):
        evaluate(model, DeliveryRules(), events, "parcel")


def test_split_by_home_keeps_homes_whole():
    events = pd.DataFrame({"home_id": np.repeat(list("abcdefghij"), 7), "row": range(70)})
    train, test = split_by_home(events, 0.3, random_state=0)
    assert set(train["home_id"]).isdisjoint(test["home_id"])
    assert test["home_id"].nunique() == 3
    assert sorted([*train["row"], *test["row"]]) == list(range(70))
    pd.testing.assert_frame_equal(test, split_by_home(events, 0.3, random_state=0)[1])


def test_split_needs_two_homes():
    with pytest.raises(ValueError, match="two homes or more"):
        split_by_home(pd.DataFrame({"home_id": ["a", "a"]}), 0.5)
