"""Files of other libraries: opened without running what is in them, or refused with the remedy."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from novin_ml.coreml import export_coreml
from novin_ml.coreml.model_files import open_model_file
from novin_ml.coreml.model_files._child import try_in_child
from novin_ml.coreml.model_files._skops import require_plain_skops
from novin_ml.exceptions import SavedModelError
from tests.coreml.programs.cases import LABELS, classes, rows

X = rows()


@pytest.mark.parametrize("suffix", ["json", "ubj"])
def test_xgboost_of_each_interface(suffix, tmp_path):
    file = tmp_path / f"model.{suffix}"
    y = classes(X, 2)
    classifier = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, y)
    classifier.save_model(file)
    opened = open_model_file(file)
    np.testing.assert_array_equal(opened.predict_proba(X), classifier.predict_proba(X))
    assert export_coreml(opened, tmp_path / "classifier.mlmodel").certificate.passed
    classifier.get_booster().set_attr(scikit_learn=None)
    classifier.get_booster().save_model(file)
    assert isinstance(open_model_file(file, in_child=False), xgboost.Booster)
    xgboost.XGBRegressor(n_estimators=3, n_jobs=1).fit(X, X[:, 0]).save_model(file)
    assert isinstance(open_model_file(file, in_child=False), xgboost.XGBRegressor)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
    ],
    ids=["pipeline", "forest"],
)
def test_skops(model, tmp_path):
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    model.fit(X, classes(X, 2, LABELS))
    skops.dump(model, tmp_path / "model.skops")
    opened = open_model_file(tmp_path / "model.skops")
    np.testing.assert_array_equal(opened.predict_proba(X), model.predict_proba(X))
    assert export_coreml(opened, tmp_path / "model.mlmodel").certificate.passed


def skops_file(path, tree, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", json.dumps(tree))
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def node(loader="ObjectNode", module="sklearn.linear_model._logistic", name="LogisticRegression"):
    return {"__loader__": loader, "__module__": module, "__class__": name, "content": {}}


BAD = {
    "function of the system": (node("FunctionNode", "os", "system"), "os.system"),
    "method": (node("MethodNode"), "MethodNode"),
    "partial": (node("PartialNode", "functools", "partial"), "PartialNode"),
    "operator": (node("OperatorFuncNode", "operator", "attrgetter"), "OperatorFuncNode"),
    "own type": (node(module="mine.models", name="Own"), "mine.models.Own"),
    "hidden type": ({"content": [{"deep": node(module="subprocess", name="Popen")}]}, "Popen"),
}


@pytest.mark.parametrize("name", BAD)
def test_skops_with_other_parts_is_refused_before_it_is_opened(name, tmp_path):
    tree, said = BAD[name]
    file = skops_file(tmp_path / "model.skops", {**node(), "content": tree})
    with pytest.raises(SavedModelError, match=said):
        open_model_file(file)


def test_skops_that_is_no_such_file(tmp_path):
    file = tmp_path / "model.skops"
    file.write_bytes(b"PK nothing")
    with pytest.raises(SavedModelError, match="BadZipFile"):
        open_model_file(file)
    skops_file(file, node(), code_py=b"print()")
    with pytest.raises(SavedModelError, match=r"'code\.py'"):
        open_model_file(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", b"")
    with pytest.raises(SavedModelError, match=r"schema\.json"):
        open_model_file(file)


def test_skops_that_is_a_bomb(tmp_path):
    file = skops_file(tmp_path / "model.skops", node())
    zeros = bytes(2**20)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1001):
            archive.writestr(f"{number}.npy", zeros, compresslevel=1)
    with pytest.raises(SavedModelError, match=r"1,049,6\d\d,\d\d\d bytes"):
        require_plain_skops(file)


@pytest.mark.parametrize("suffix", ["pkl", "pickle", "joblib"])
def test_pickles_are_refused_unopened(suffix, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    file = tmp_path / f"model.{suffix}"
    try:
        file.write_bytes(pickle.dumps(Trap()))
    except (AttributeError, pickle.PicklingError):
        file.write_bytes(b"cposix\nsystem\n.")
    with pytest.raises(SavedModelError, match=r"runs any code.*skops\.io\.dump"):
        open_model_file(file)
    assert not (tmp_path / "ran").exists()


def test_damaged_and_unknown_files(tmp_path):
    file = tmp_path / "model.json"
    file.write_text("{}")
    with pytest.raises(SavedModelError, match="Save the model again"):
        open_model_file(file)
    with pytest.raises(SavedModelError, match="no such file"):
        open_model_file(tmp_path / "other.ubj")
    with pytest.raises(SavedModelError, match=r"'\.onnx'"):
        open_model_file(tmp_path / "model.onnx")


def test_a_child_that_dies_is_a_named_error(tmp_path):
    file = tmp_path / "model.json"
    xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, classes(X, 2)).save_model(file)
    padded = tmp_path / "padded.json"
    padded.write_text("{" + " " * 60_000_000 + file.read_text()[1:])
    with pytest.raises(SavedModelError, match=r"none within 0\.05 seconds"):
        try_in_child(file, most_seconds=0.05)
    with pytest.raises(SavedModelError, match=r"a process that (failed|died)|XGBoostError"):
        try_in_child(padded, most_bytes=1_000_000)
    try_in_child(padded)


def test_lightgbm(tmp_path):
    lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    data = lightgbm.Dataset(X, classes(X, 2), params={"verbose": -1})
    params = {"objective": "binary", "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(params, data, 3)
    file = tmp_path / "model.txt"
    booster.save_model(str(file))
    opened = open_model_file(file, in_child=False)
    np.testing.assert_array_equal(opened.predict(X), booster.predict(X))


def test_what_the_tests_write_is_a_file_of_skops():
    """The refusals above are of the parts, and not of the form."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("schema.json", json.dumps(node()))
    assert require_plain_skops(stream) is None
