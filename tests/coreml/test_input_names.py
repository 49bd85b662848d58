"""Names of inputs: each column has its own, that Swift can spell, and `data` is found by them."""

import numpy as np
import pandas as pd
import pytest
import xgboost

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.input_names import SWIFT_KEYWORDS, input_specs
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import InvalidInputError, NotExportableError
from novin_ml.features import (
    BEHAVIOR_FEATURES,
    CHAIN_FEATURES,
    DELIVERY_FEATURES,
    MOTION_FEATURES,
)
from tests.coreml.models import codes, mlp, table, xgb_classifier

X = table(200, 0)
Y = codes(X, 2)


def small(family=DeliveryClassifier):
    return family(epochs=2) if family is DeliveryClassifier else family(n_estimators=2, n_jobs=1)


# Words of Swift.


@pytest.mark.parametrize(
    "word",
    [
        *("class", "init", "_", "self", "Self", "Any", "Type", "in", "let", "func", "await"),
        *("model", "description", "hash", "featureNames", "featureValue", "prediction"),
    ],
)
def test_a_word_of_swift_is_refused_with_the_name_to_take(word, tmp_path):
    frame = pd.DataFrame(X, columns=["a", word, "b", "c"])
    with pytest.raises(NotExportableError) as caught:
        export_coreml(small().fit(frame, Y), tmp_path / "model.mlmodel")
    assert f"Got {word!r}. Pass feature_names with {word + '_'!r}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotExportableError, match=f"Got '{word}'"):
        export_coreml(
            xgb_classifier(2), tmp_path / "m.mlmodel", feature_names=["a", word, "b", "c"]
        )


def test_the_name_that_is_offered_is_free(tmp_path):
    frame = pd.DataFrame(X, columns=["class", "class_", "-", "__"])
    model = small().fit(frame, Y)
    with pytest.raises(NotExportableError, match="with 'class__'"):
        export_coreml(model, tmp_path / "model.mlmodel")
    names = ["class__", "class_", "_", "__"]
    with pytest.raises(NotExportableError, match=r"Got '_'\. Pass feature_names with '___'"):
        export_coreml(model, tmp_path / "model.mlmodel", feature_names=names)
    names[2] = "___"
    export = export_coreml(model, tmp_path / "model.mlmodel", feature_names=names)
    assert CoreMLRuntime(export.model).input_names == tuple(names)


def test_every_reserved_word_is_one():
    assert {"class", "init", "_", "where", "rethrows", "inout", "true", "nil"} <= SWIFT_KEYWORDS
    for word in sorted(SWIFT_KEYWORDS):
        with pytest.raises(NotExportableError, match="Swift"):
            input_specs(None, [word])


@pytest.mark.parametrize(
    "specs", [DELIVERY_FEATURES, MOTION_FEATURES, CHAIN_FEATURES, BEHAVIOR_FEATURES]
)
def test_the_families_own_names_are_free(specs):
    names = [spec.name for spec in specs]
    assert input_specs(None, names, specs) == tuple(specs)


# Names of other columns.


@pytest.mark.parametrize("names", ["xwyz", "zyxw", "wxzy", "wqyx", "qwst"])
@pytest.mark.parametrize("family", [DeliveryClassifier, xgboost.XGBClassifier])
def test_a_column_does_not_get_the_name_of_another(family, names, tmp_path):
    model = small(family).fit(pd.DataFrame(X, columns=list("wxyz")), Y)
    with pytest.raises(NotExportableError, match=r"name of another one. Got '.' for the column"):
        export_coreml(model, tmp_path / "model.mlmodel", feature_names=list(names))
    assert list(tmp_path.iterdir()) == []


def test_names_that_were_made_identifiers_count(tmp_path):
    frame = pd.DataFrame(X, columns=["f_a", "x", "y", "z"])
    model = small().fit(frame, Y)
    with pytest.raises(NotExportableError, match="Got 'f_a' for the column 'z'"):
        export_coreml(model, tmp_path / "a.mlmodel", feature_names=["q", "x", "y", "f a"])


def test_new_names_and_the_own_ones_are_taken(tmp_path):
    frame = pd.DataFrame(X, columns=list("wxyz"))
    model = small().fit(frame, Y)
    for names in ("wxyz", "wxyq", "abcd"):
        export = export_coreml(
            model, tmp_path / f"{names}.mlmodel", feature_names=list(names), data=frame
        )
        np.testing.assert_array_equal(feature_rows(frame, Subject.load(export.reference)), X)


def test_numbered_columns_are_not_permuted_either(tmp_path):
    names = ["feature_1", "feature_0", "feature_2", "feature_3"]
    with pytest.raises(NotExportableError, match="Got 'feature_1' for the column 'feature_0'"):
        export_coreml(mlp(2), tmp_path / "model.mlmodel", feature_names=names)


# Columns that are whole numbers.


@pytest.mark.parametrize(
    "make",
    [
        lambda X: small().fit(X, Y),
        lambda X: small(xgboost.XGBClassifier).fit(X, Y),
        lambda X: BehaviorAnomalyDetector(n_estimators=2).fit(X),
    ],
)
@pytest.mark.parametrize("index", [range(4), np.arange(4), pd.Index([0, 1, 2, 3])])
def test_the_training_frame_itself_is_data(make, index, tmp_path):
    frame = pd.DataFrame(X, columns=index)
    export = export_coreml(make(frame), tmp_path / "model.mlmodel", data=frame)
    assert export.certificate.checks["data"].rows == len(X)
    subject = Subject.load(export.reference)
    np.testing.assert_array_equal(feature_rows(frame, subject), X)
    # By number, wherever they stand and whatever else is there.
    shuffled = frame[[2, 0, 3, 1]].assign(other=0.0)
    if isinstance(make(frame), xgboost.XGBClassifier):
        np.testing.assert_array_equal(feature_rows(shuffled, subject), X)
    np.testing.assert_array_equal(feature_rows(frame[[2, 0, 3, 1]], subject), X)
    assert verify_coreml(export.model, data=frame).checks["data"].rows == len(X)


def test_other_numbers_stand_in_the_order_of_training(tmp_path):
    frame = pd.DataFrame(X, columns=[5, 7, 9, 11])
    export = export_coreml(small().fit(frame, Y), tmp_path / "model.mlmodel", data=frame)
    np.testing.assert_array_equal(feature_rows(frame, Subject.load(export.reference)), X)
    with pytest.raises(NotExportableError, match="a column for each input"):
        verify_coreml(export.model, data=frame[[5, 7, 9]])
    with pytest.raises(NotExportableError, match="a column for each input"):
        verify_coreml(export.model, data=frame.rename(columns={5: True}))


def test_numbers_are_no_names_of_a_model_that_has_names(tmp_path):
    model = small().fit(pd.DataFrame(X, columns=list("wxyz")), Y)
    with pytest.raises(NotExportableError, match="a column for each input"):
        export_coreml(model, tmp_path / "model.mlmodel", data=pd.DataFrame(X))


def test_a_column_that_is_there_twice_is_named(tmp_path):
    frame = pd.DataFrame(np.hstack([X, X[:, :1]]), columns=[*"wxyz", "w"])
    model = small().fit(frame.iloc[:, :4], Y)
    with pytest.raises(NotExportableError, match="Got 'w' twice"):
        export_coreml(model, tmp_path / "model.mlmodel", data=frame)
    export = export_coreml(model, tmp_path / "model.mlmodel")
    with pytest.raises(InvalidInputError, match="'w' as several columns"):
        CoreMLRuntime(export.model).predict(frame)
