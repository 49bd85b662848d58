"""One record of a reason, whoever explains; its former names go with 0.3.0."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from novin_ml import BehaviorAnomalyDetector, coreml, estimators, evaluation
from novin_ml.estimators import Reason
from novin_ml.features import BEHAVIOR_FEATURES

API = Path(__file__).resolve().parents[2] / "docs" / "api.rst"


def test_one_record_serves_all_explanations():
    assert estimators.Reason is evaluation.Reason is coreml.Reason
    assert [field.name for field in dataclasses.fields(Reason)] == [
        "name", "value", "contribution", "text", "meaning", "unit", "std_error", "columns",
        "words", "direction",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("package", "old"), [(estimators, "FeatureContribution"), (coreml, "ReasonCode")]
)
def test_former_names_are_handed_on_with_a_warning(package, old):
    name = package.__name__
    with pytest.warns(FutureWarning, match=rf"0\.3\.0. Write: from {name} import Reason") as caught:
        assert getattr(package, old) is Reason
    assert caught[0].filename == __file__
    assert old not in package.__all__
    assert old not in API.read_text(encoding="utf-8")
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'Nothing'"):
        package.Nothing  # noqa: B018


def test_the_former_attribute_is_read_with_a_warning():
    with pytest.warns(FutureWarning, match=r"is called 'name'.*0\.3\.0"):
        assert Reason("gap", 1.0, 0.5).feature == "gap"


def test_a_detectors_reasons_have_unit_and_direction():
    specs = BEHAVIOR_FEATURES[:3]
    names = [spec.name for spec in specs]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 3)), columns=names)
    model = BehaviorAnomalyDetector(n_estimators=10, random_state=0).fit(X)
    reasons = model.explain(pd.DataFrame([[0.0, 9.0, 0.0]], columns=names))
    assert reasons[0].name == specs[1].name
    assert {each.name: each.unit for each in reasons} == {each.name: each.unit for each in specs}
    assert all(each.columns == (each.name,) for each in reasons)
    assert reasons[0].direction == "speaks for"
