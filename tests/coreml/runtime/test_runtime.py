import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.exceptions import InvalidInputError, UnsupportedModelError
from tests.coreml.runtime.specs import (
    datatypes,
    doubles,
    network,
    tree_classifier,
    tree_regressor,
)


@pytest.fixture
def spec():
    builder = tree_classifier(doubles("a", "b"), ["no", "yes"], 0.0, "Regression_Logistic")
    builder.add_branch_node(0, 0, 1, 1.0, "BranchOnValueLessThan", 1, 2)
    builder.add_leaf_node(0, 1, float(np.log(3)))
    builder.add_leaf_node(0, 2, -float(np.log(3)))
    metadata = builder.spec.description.metadata
    metadata.author, metadata.license, metadata.versionString = "us", "BSD", "1.2"
    metadata.shortDescription = "A stump"
    metadata.userDefined["threshold"] = "0.5"
    return builder.spec


def write_package(spec, folder, path="com.apple.CoreML/model.mlmodel"):
    target = folder / "Data" / "com.apple.CoreML"
    target.mkdir(parents=True)
    (target / "model.mlmodel").write_bytes(spec.SerializeToString())
    manifest = {"itemInfoEntries": {"id": {"path": path}}, "rootModelIdentifier": "id"}
    (folder / "Manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize("kind", ["spec", "bytes", "file", "text", "package", "MLModel"])
def test_sources(spec, tmp_path, kind):
    path = tmp_path / "a.mlmodel"
    path.write_bytes(spec.SerializeToString())
    source = {
        "spec": lambda: spec,
        "bytes": lambda: spec.SerializeToString(),
        "file": lambda: path,
        "text": lambda: str(path),
        "package": lambda: write_package(spec, tmp_path / "a.mlpackage"),
        "MLModel": lambda: coremltools().models.MLModel(spec, skip_model_load=True),
    }[kind]()
    assert CoreMLRuntime(source).predict_labels([[0.0, 0.0]]).tolist() == ["yes"]


def test_package_written_by_coremltools(tmp_path):
    spec = network(lambda b: b.add_unary("u", "x", "y", "exp"), 1, disable_rank5_shape_mapping=True)
    path = tmp_path / "a.mlpackage"
    coremltools().models.MLModel(spec, skip_model_load=True).save(str(path))
    assert CoreMLRuntime(path).predict_outputs([[0.0]])["y"].tolist() == [[1.0]]


def test_what_a_model_says_of_itself(spec):
    runtime = CoreMLRuntime(spec)
    assert runtime.input_names == ("a", "b")
    assert runtime.output_names == ("label", "classProbability")
    assert runtime.classes.tolist() == ["no", "yes"]
    assert runtime.metadata == {
        "short_description": "A stump",
        "author": "us",
        "license": "BSD",
        "version": "1.2",
        "user_defined": {"threshold": "0.5"},
    }


def test_predict_is_a_table(spec):
    X = pd.DataFrame({"b": [0.0, 1.0], "other": ["x", "y"], "a": [5.0, 5.0]}, index=[7, 9])
    expected = pd.DataFrame(
        {
            "label": np.array(["yes", "no"]),
            "classProbability[no]": [0.25, 0.75],
            "classProbability[yes]": [0.75, 0.25],
        },
        index=[7, 9],
    )
    pd.testing.assert_frame_equal(CoreMLRuntime(spec).predict(X), expected)


def test_numbers_and_arrays_in_a_table():
    def layers(b):
        b.add_activation("y", "LINEAR", "x", "y", [2.0, 0.0])

    table = CoreMLRuntime(network(layers, 2)).predict([[1.0, 2.0]])
    assert table.to_dict("list") == {"y[0]": [2.0], "y[1]": [4.0]}
    builder = tree_regressor(doubles("x"), 1.5)
    assert CoreMLRuntime(builder.spec).predict([[0.0]]).to_dict("list") == {"value": [1.5]}


@pytest.mark.parametrize(
    "X",
    [
        [[5.0, 0.0], [5.0, 1.0]],
        np.array([[5, 0], [5, 1]]),
        {"b": [0.0, 1.0], "a": [5.0, 5.0]},
        {"b": np.array([[0.0], [1.0]]), "a": pd.Series([5.0, 5.0]), "other": ["x"]},
        pd.DataFrame({"b": [False, True], "a": [5, 5]}),
        pd.DataFrame({"b": pd.array([0, 1], dtype="Int64"), "a": pd.array([5, None], "Int64")}),
        pd.DataFrame({"b": np.array([0.0, 1.0], dtype=object), "a": [5.0, None]}),
    ],
)
def test_forms_of_input(spec, X):
    assert CoreMLRuntime(spec).predict_labels(X).tolist() == ["yes", "no"]


def test_no_rows(spec):
    runtime = CoreMLRuntime(spec)
    assert runtime.predict_proba(np.empty((0, 2))).shape == (0, 2)
    assert len(runtime.predict(pd.DataFrame({"a": [], "b": []}))) == 0


def test_one_array_input_takes_a_table_by_position():
    spec = network(lambda b: b.add_unary("u", "x", "y", "abs"), 2)
    X = pd.DataFrame({"second": [-1.0], "first": [2.0]})
    assert CoreMLRuntime(spec).predict_outputs(X)["y"].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"a": [1.0]}), "Got none named 'b'"),
        ({"b": [1.0]}, "Got none named 'a'"),
        ([[1.0]], r"shape \(n_rows, 2\).*Got shape \(1, 1\)"),
        ([1.0, 2.0], r"Got shape \(2,\)"),
        ([["x", "y"]], "must be numbers"),
        (pd.DataFrame({"a": ["x"], "b": [1.0]}), "must be numbers"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "as many rows"),
    ],
)
def test_inputs_that_do_not_fit(spec, X, message):
    with pytest.raises(InvalidInputError, match=message):
        CoreMLRuntime(spec).predict_proba(X)


def test_a_table_cannot_hold_arrays():
    builder = tree_regressor([("a", datatypes().Array(2)), ("b", datatypes().Double())], 0.0)
    with pytest.raises(InvalidInputError, match="give a dict of arrays"):
        CoreMLRuntime(builder.spec).predict(pd.DataFrame({"a": [1.0], "b": [1.0]}))
    with pytest.raises(InvalidInputError, match=r"'a' must have shape \(n_rows, 2\)"):
        CoreMLRuntime(builder.spec).predict({"a": [1.0], "b": [1.0]})


def test_regressors_have_no_classes():
    runtime = CoreMLRuntime(tree_regressor(doubles("x"), 0.0).spec)
    assert runtime.classes is None
    with pytest.raises(UnsupportedModelError, match="class probabilities"):
        runtime.predict_proba([[0.0]])
    with pytest.raises(UnsupportedModelError, match="class label"):
        runtime.predict_labels([[0.0]])


def test_what_is_no_model(tmp_path, spec):
    path = tmp_path / "a.mlmodel"
    path.write_bytes(b"not a model")
    with pytest.raises(UnsupportedModelError, match="must hold a Core ML specification"):
        CoreMLRuntime(path)
    with pytest.raises(UnsupportedModelError, match="must have a type"):
        CoreMLRuntime(b"")
    with pytest.raises(FileNotFoundError):
        CoreMLRuntime(tmp_path / "nowhere.mlmodel")
    with pytest.raises(UnsupportedModelError, match=r"Manifest\.json"):
        CoreMLRuntime(tmp_path)
    outside = write_package(spec, tmp_path / "b.mlpackage", "../../a.mlmodel")
    with pytest.raises(UnsupportedModelError, match="inside the package"):
        CoreMLRuntime(outside)


def test_other_types_of_model_and_input_are_refused(spec):
    other = coremltools().proto.Model_pb2.Model()
    other.bayesianProbitRegressor.SetInParent()
    with pytest.raises(UnsupportedModelError, match="Got bayesianProbitRegressor"):
        CoreMLRuntime(other)
    spec.description.input[0].type.imageType.SetInParent()
    with pytest.raises(UnsupportedModelError, match=r"'a' must be.*Got imageType"):
        CoreMLRuntime(spec)
