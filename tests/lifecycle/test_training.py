"""Training from Python: what is trained on, what is held back, and what is refused."""

import re

import numpy as np
import pytest

from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import evaluate, split_by_home
from novin_ml.exceptions import HomeMismatchError, InvalidEventError
from novin_ml.lifecycle import (
    evaluate_with_rules,
    load_estimator,
    save_estimator,
    train,
    train_baseline,
)
from novin_ml.simulation import simulate_behavior, simulate_deliveries

DELIVERY = FAMILIES["delivery"]


@pytest.fixture(scope="module")
def table():
    return simulate_deliveries(1000, random_state=0)


@pytest.fixture(scope="module")
def result(table):
    return train("delivery", table, epochs=5)


def test_a_model_is_trained_and_saved_without_the_command(table, result, tmp_path):
    assert result.family is DELIVERY
    assert result.n_trained == len(DELIVERY.rows.to_train(split_by_home(table, 0.2, 0)[0])[0])
    assert result.seconds > 0
    saved = load_estimator(save_estimator(result.pipeline, tmp_path / "model"))
    rows = DELIVERY.rows.to_score(table)
    np.testing.assert_array_equal(saved.predict_proba(rows), result.pipeline.predict_proba(rows))


@pytest.mark.parametrize("name", ["delivery", "motion", "chains"])
def test_each_family_of_classifiers_is_trained(name):
    family = FAMILIES[name]
    result = train(family, family.simulate(400, random_state=0), epochs=2, random_state=3)
    assert type(result.pipeline[-1]) is type(family.make_pipeline()[-1])
    assert result.pipeline[-1].random_state == 3
    assert (result.headline.alarms is None) is (family.quiet_label is None)


def test_the_headline_is_of_the_homes_that_were_held_back(table, result):
    train_table, held_back = split_by_home(table, 0.2, 0)
    assert set(result.held_back["home_id"]) == set(held_back["home_id"])
    assert set(result.held_back["home_id"]).isdisjoint(train_table["home_id"])
    expected = evaluate(result.pipeline, DELIVERY.make_rules(), held_back, "delivery", None)
    assert result.headline == expected == evaluate_with_rules(result.pipeline, held_back)
    assert result.headline is result.headline  # measured once


def test_all_homes_are_trained_on_if_none_is_to_be_tested(table):
    result = train(DELIVERY, table, test_fraction=0, epochs=2)
    assert result.held_back is None
    assert result.headline is None
    rows, n_without_consent = DELIVERY.rows.to_train(table)
    assert (result.n_trained, result.n_without_consent) == (len(rows), n_without_consent)
    assert result.n_homes == rows["home_id"].nunique()


def test_rows_without_consent_are_never_trained_on(table):
    homes = sorted(table["home_id"].unique())
    refusing = table["home_id"].isin(homes[:2])
    asked = table.assign(consent=~refusing)
    result = train(DELIVERY, asked, test_fraction=0, epochs=2)
    assert result.n_without_consent == int(asked["label"][refusing].notna().sum()) > 0
    alone = train(DELIVERY, asked[~refusing].reset_index(drop=True), test_fraction=0, epochs=2)
    rows = DELIVERY.rows.to_score(table)
    np.testing.assert_array_equal(
        result.pipeline.predict_proba(rows), alone.pipeline.predict_proba(rows)
    )


def test_homes_without_labels_are_not_the_only_ones_to_test_on(table):
    _, held_back = split_by_home(table, 0.2, 0)
    unlabelled = table.assign(
        label=table["label"].where(~table["home_id"].isin(held_back["home_id"]))
    )
    result = train(DELIVERY, unlabelled, epochs=2)
    assert result.pipeline[-1].classes_.tolist() == ["delivery", "no_delivery"]
    assert set(result.held_back["home_id"]).isdisjoint(held_back["home_id"])
    assert result.held_back["home_id"].nunique() == held_back["home_id"].nunique()
    assert result.headline.n_rows > 0


def test_steps_are_announced(table):
    from contextlib import nullcontext

    titles = []
    train(DELIVERY, table, epochs=1, step=lambda title: nullcontext(titles.append(title)))
    assert titles == ["choosing what may be trained on"]


def test_what_cannot_be_trained_on_is_refused(table):
    one = table.assign(home_id="a", consent=True)
    with pytest.raises(HomeMismatchError, match=r"two homes or more .* test_fraction=0"):
        train(DELIVERY, one)
    assert train(DELIVERY, one, test_fraction=0, epochs=1).n_homes == 1
    with pytest.raises(ValueError, match="must have the label 'delivery'"):
        train(DELIVERY, table.assign(label="parcel"))
    with pytest.raises(ValueError, match=r"Got 'pet', which are those of motion\. Train motion"):
        train(DELIVERY, table.assign(label="pet"))
    with pytest.raises(InvalidEventError, match="column 'consent'"):
        train(DELIVERY, table.drop(columns="consent"))
    with pytest.raises(TypeError, match="colour"):
        train(DELIVERY, table, colour="red")
    with pytest.raises(ValueError, match=r"Got behavior, .* Call train_baseline"):
        train("behavior", table)
    with pytest.raises(ValueError, match="'parcels'"):
        train("parcels", table)


def test_a_baseline_has_no_rules_to_be_evaluated_with(homes):
    home = homes[homes["home_id"] == "home_0001"]
    pipeline = train_baseline(home, random_state=0).pipeline
    with pytest.raises(ValueError, match="Got behavior, which has none"):
        evaluate_with_rules(pipeline, home)


@pytest.fixture(scope="module")
def homes():
    return simulate_behavior(2, weeks=4, random_state=2).assign(consent=True)


def test_a_baseline_is_trained_without_the_command(homes):
    home = homes[homes["home_id"] == "home_0001"].copy()
    home.loc[home.index[:7], "consent"] = False
    result = train_baseline(home, random_state=0, alarms_per_week=3.0)
    assert (result.home_id, result.n_without_consent) == ("home_0001", 7)
    assert result.n_trained == len(home) - 7
    detector = result.pipeline[-1]
    assert (detector.state_, detector.alarms_per_week) == ("ready", 3.0)
    assert detector.alarm_bound_ <= 3.0


def test_events_that_are_not_of_one_home_are_refused(homes):
    with pytest.raises(HomeMismatchError, match=re.escape("Got 2 such homes.")) as caught:
        train_baseline(homes)
    assert "fit_fleet" in caught.value.remedy
    assert "fit_fleet" not in caught.value.problem
    with pytest.raises(InvalidEventError, match="Ask for consent"):
        train_baseline(homes.assign(consent=False))
    with pytest.raises(InvalidEventError, match="must name their home in 'home_id'"):
        train_baseline(homes.assign(home_id="unknown_home"))
