"""One record says what a family is: other tables have its entry, and a new one needs no more."""

import json
from functools import partial
from typing import ClassVar

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from novin_ml import DeliveryClassifier, export_coreml, verify_coreml
from novin_ml.coreml.swift._families import PACKAGE_FAMILIES
from novin_ml.coreml.swift._requests import requests
from novin_ml.estimators import families
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.families import (
    FAMILIES,
    Family,
    classifier_families,
    family_named,
    family_of,
    family_with_features,
)
from novin_ml.estimators.row_kinds import EVENT_ROWS
from novin_ml.estimators.rules.base import EventRules
from novin_ml.estimators.words.phrasebooks import PHRASEBOOKS
from novin_ml.evaluation import build_report, explain
from novin_ml.features import FeatureSpec
from novin_ml.features.base import EventFeatures
from novin_ml.lifecycle import load_estimator, save_estimator, train
from novin_ml.simulation import simulate_deliveries

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")


def test_the_names_are_keys():
    assert list(FAMILIES) == ["delivery", "motion", "chains", "behavior"]
    assert all(family.name == name for name, family in FAMILIES.items())
    assert list(classifier_families()) == ["delivery", "motion", "chains"]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_table_has_its_entry(family):
    names = {spec.name for spec in family.features().feature_specs}
    assert PHRASEBOOKS.keys() == {*FAMILIES, "monitor"}
    # A monitor is no family: it is a home's baseline whose rows are not its events.
    assert PACKAGE_FAMILIES.keys() == {*FAMILIES, "monitor"}
    assert names & PHRASEBOOKS[family.name].keys(), "the features have words"
    assert any(json.loads(text)["events"] for _, text in requests(family.name))
    assert (family.make_rules is None) == family.is_detector
    assert family.purpose.endswith(".")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_model_is_of_its_family(family):
    for model in (family.make_pipeline(), family.make_pipeline()[-1]):
        assert family_of(model) is family
    assert isinstance(family.make_pipeline()[0], family.features)
    assert family_with_features(spec.name for spec in family.features().feature_specs) is family


def test_a_subclass_is_of_the_family_of_its_base():
    class OurClassifier(DeliveryClassifier):
        pass

    assert family_of(OurClassifier()).name == "delivery"


def test_a_family_without_rules_says_so():
    with pytest.raises(ValueError, match=r"must have hand-written rules .* Got behavior, which"):
        FAMILIES["behavior"].rules()


def test_no_pipeline_is_made_to_know_a_family(monkeypatch):
    model = FAMILIES["motion"].make_pipeline()
    monkeypatch.setattr(Pipeline, "__init__", lambda *args, **params: pytest.fail("made"))
    assert family_of(model).name == "motion"


def test_the_name_of_release_0_1_is_read():
    assert family_named("anomaly") is FAMILIES["behavior"]


def test_what_is_no_family_is_refused():
    with pytest.raises(ValueError, match=r"must be one of .*'behavior'.* Got 'deliveries'"):
        family_named("deliveries")
    with pytest.raises(ValueError, match=r"must be of one of the families .* Got a object"):
        family_of(object())


# A fifth family, made of nothing but what the guide names: features, estimator, simulator and one
# entry. It has no words and no Swift code, which need entries of their own.

SPECS = (
    FeatureSpec("away", "1", 0, 1, "1 if the home is away or on vacation"),
    FeatureSpec("length", "s", 0, float("inf"), "duration of the event, missing if unknown"),
    FeatureSpec("sureness", "1", 0, 1, "confidence of the sensor"),
)


class OccupancyFeatures(EventFeatures):
    inputs = ("home_mode", "duration", "confidence")

    @property
    def feature_specs(self):
        return SPECS

    def transform(self, events):
        self._check_events(events)
        away = events["home_mode"].isin(["away", "vacation"])
        columns = [away, events["duration"], events["confidence"]]
        return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


class OccupancyClassifier(FamilyClassifier):
    family_specs = SPECS
    family_defaults: ClassVar = {}


class OccupancyRules(EventRules):
    inputs = ("home_mode",)
    answers = ("empty", "occupied")

    def _decide(self, events):
        return self.classes_[(events["home_mode"] == "home").to_numpy().astype(int)]


def simulate_occupancy(n_events, *, random_state=None, **params):
    events = simulate_deliveries(n_events, random_state=random_state, **params)
    away = events["home_mode"].isin(["away", "vacation"]).to_numpy()
    wrong = np.random.default_rng(random_state).random(len(events)) < 0.05
    events["clean_label"] = np.where(away, "empty", "occupied").astype(object)
    events["label"] = np.where(away ^ wrong, "empty", "occupied").astype(object)
    return events


def make_occupancy_pipeline(**params):
    features = OccupancyFeatures().set_output(transform="pandas")
    return Pipeline([("features", features), ("classifier", OccupancyClassifier(**params))])


@pytest.fixture
def occupancy(monkeypatch):
    family = Family(
        name="occupancy",
        rows=EVENT_ROWS,
        features=OccupancyFeatures,
        estimator=OccupancyClassifier,
        simulate=simulate_occupancy,
        make_pipeline=make_occupancy_pipeline,
        make_rules=OccupancyRules,
        positive_label="empty",
        purpose="Says of each event whether its home is empty.",
    )
    monkeypatch.setitem(families.FAMILIES, family.name, family)
    return family


def test_a_new_family_needs_one_entry(occupancy, tmp_path):
    made = partial(occupancy.simulate, 1500, n_homes=12)
    result = train("occupancy", made(random_state=0), epochs=5, random_state=0)
    assert result.headline.model.accuracy > 0.9
    model, rows = result.pipeline, made(random_state=1)
    assert family_of(model) is occupancy

    for path in (tmp_path / "model", tmp_path / "model.novin"):
        loaded = load_estimator(save_estimator(model, path))
        assert isinstance(loaded[0], OccupancyFeatures)
        np.testing.assert_array_equal(loaded.predict_proba(rows), model.predict_proba(rows))

    export = export_coreml(model, tmp_path / "model.mlmodel")
    assert export.certificate.passed
    assert verify_coreml(export.model).passed

    report = build_report(model, rows, certificate=export.certificate)
    assert report.family == "occupancy"
    assert report.purpose == occupancy.purpose
    assert report.accuracy.share > 0.9

    reasons = explain(model, rows.iloc[:1])
    assert {reason.name for reason in reasons} <= {spec.name for spec in SPECS}
