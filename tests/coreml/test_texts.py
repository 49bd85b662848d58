"""What a caller gives beside the model: bad texts are one sentence, and leave nothing."""

import numpy as np
import pandas as pd
import pytest

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.exceptions import NotExportableError
from novin_ml.features.spec import FeatureSpec
from tests.coreml.models import booster, codes, delivery, table

X = table(200, 0)
Y = codes(X, 2)
TEXTS = ["description", "author", "license", "version"]


def refused(folder, named, **options):
    with pytest.raises(NotExportableError) as caught:
        export_coreml(booster(2), folder / "model.mlmodel", **options)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", [3, 1.5, b"us", ["us"], True, "\ud800", "a\udfffb", "a\0b"])
def test_metadata_is_text_that_core_ml_can_hold(name, value, tmp_path):
    refused(tmp_path, f"'{name}' parameter", **{name: value})


@pytest.mark.parametrize("name", TEXTS)
def test_other_texts_are_kept_as_they_are(name, tmp_path):
    for text in ("", "Ä 🚚\n second line", "x" * 10_000):
        export = export_coreml(booster(2), tmp_path / "model.mlmodel", **{name: text})
        field = {"description": "short_description"}.get(name, name)
        kept = CoreMLRuntime(export.model).metadata[field]
        assert kept == text or (name == "description" and not text)


@pytest.mark.parametrize(
    "card",
    [
        3,
        "card_a",
        ["card_a"],
        {"a": "b"},
        {3: "b"},
        {"card_a": 3},
        {"card_a": "\ud800"},
        {"card_\ud800": "a"},
        {"card_a": "\0"},
    ],
)
def test_a_card_is_texts(card, tmp_path):
    refused(tmp_path, "'card' parameter", card=card)


@pytest.mark.parametrize("name", ["feature_names", "class_labels"])
@pytest.mark.parametrize("value", [3, "abcd", 1.5])
def test_names_and_labels_are_sequences(name, value, tmp_path):
    refused(tmp_path, f"'{name}' parameter must be a sequence", **{name: value})


@pytest.mark.parametrize("value", [None, 1, b"a", 2.0, ("a",)])
def test_names_are_texts(value, tmp_path):
    refused(tmp_path, "'feature_names' parameter", feature_names=[value, "b", "c", "d"])


@pytest.mark.parametrize("path", [3, None, b"model.mlmodel", "a\0.mlmodel", "\ud800.mlmodel"])
def test_a_path_is_one(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotExportableError, match="'path' parameter"):
        export_coreml(booster(2), path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("field", ["unit", "meaning"])
def test_what_features_say_of_themselves_is_text(field, tmp_path):
    facts = {"unit": "deg", "meaning": "how far it is open"} | {field: "\ud800"}

    class Doors(FamilyClassifier):
        family_specs = (FeatureSpec("angle", low=0.0, high=180.0, **facts),)

    frame = pd.DataFrame(X, columns=["angle", "b", "c", "d"])
    with pytest.raises(NotExportableError, match="meaning and unit of feature 'angle'"):
        export_coreml(Doors(epochs=2).fit(frame, Y), tmp_path / "model.mlmodel")


def test_columns_of_any_text_are_described(tmp_path):
    names = ["\ud800a", "b", "c", "d"]
    export = export_coreml(booster(2), tmp_path / "m.mlmodel", feature_names=names)
    assert CoreMLRuntime(export.model).input_names == ("_a", "b", "c", "d")


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_two_columns_of_one_name_are_no_training_table(algorithm):
    frame = pd.DataFrame(X, columns=list("abbb"))
    with pytest.raises(ValueError, match=r"'X' parameter must .* Got 3 columns 'b'. Rename"):
        DeliveryClassifier(algorithm, epochs=2).fit(frame, Y)
    with pytest.raises(ValueError, match=r"'X' parameter must .* Got 3 columns 'b'. Rename"):
        BehaviorAnomalyDetector().fit(frame)


def test_two_columns_of_one_name_are_no_rows_to_answer():
    model = DeliveryClassifier(epochs=2).fit(pd.DataFrame(X, columns=list("abcd")), Y)
    with pytest.raises(ValueError, match="Got 2 columns 'a'"):
        model.predict(pd.DataFrame(X, columns=list("aacd")))
    assert len(delivery().predict(np.zeros((2, 4)))) == 2
