"""The record of a family, and how a model's family is found."""

import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from novin_ml import DeliveryClassifier
from novin_ml.estimators.families import (
    FAMILIES,
    family_named,
    family_of,
    family_with_features,
    find_family,
    rows_of,
)

each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@each_family
def test_the_parts_of_a_record_fit_together(family):
    features, estimator = (step for _, step in family.make_pipeline().steps)
    assert type(features) is family.features
    assert type(estimator) is family.estimator
    names = [spec.name for spec in family.features().feature_specs]
    assert names == [spec.name for spec in family.estimator.family_specs]
    assert family_with_features(names) is family
    assert family.is_detector == (not hasattr(family.estimator, "predict_proba"))
    assert family.is_detector == (family.make_rules is None)
    assert family.purpose.endswith(".")
    assert isinstance(family.estimator(), BaseEstimator)


@each_family
def test_a_model_is_of_the_family_of_its_last_step(family):
    pipeline = family.make_pipeline()
    for model in (pipeline, pipeline[-1], clone(pipeline[-1])):
        assert family_of(model) is family
        assert rows_of(model) is family.rows


def test_a_subclass_is_of_the_family_of_its_base():
    class OurClassifier(DeliveryClassifier):
        pass

    assert family_of(OurClassifier()).name == "delivery"


def test_to_find_a_family_makes_no_pipeline(monkeypatch):
    models = {name: family.make_pipeline() for name, family in FAMILIES.items()}

    def refuse(self, *args, **params):
        raise AssertionError("a pipeline was made")

    monkeypatch.setattr("sklearn.pipeline.Pipeline.__init__", refuse)
    for name, model in models.items():
        assert family_of(model).name == name
        assert family_named(name) is FAMILIES[name]


def test_the_name_of_release_0_1_is_read():
    assert "anomaly" not in FAMILIES
    assert family_named("anomaly") is FAMILIES["behavior"]
    with pytest.raises(ValueError, match=r"'name' parameter must be one of \['behavior', .*'x'"):
        family_named("x")


@pytest.mark.parametrize(
    "model", [DummyClassifier(), make_pipeline(DummyClassifier()), None], ids=str
)
def test_another_model_is_of_no_family(model):
    assert find_family(model) is None
    with pytest.raises(ValueError, match="'model' parameter must be of one of the families"):
        family_of(model)


def test_a_family_without_rules_says_so():
    with pytest.raises(ValueError, match=r"must have hand-written rules .* Got behavior"):
        FAMILIES["behavior"].rules()
