"""Saved estimators: the same answers after loading, and nothing damaged or foreign is parsed."""

import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from novin_ml import DeliveryClassifier, export_coreml, store
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.exceptions import SavedModelError
from novin_ml.features import DeliveryFeatures, training_rows
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.lifecycle.saving import _forms
from novin_ml.simulation import simulate_deliveries

ALGORITHMS = ("boosting", "mlp")


def table(n_rows=120):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def fitted(algorithm="boosting", labels=("a", "b"), **params):
    X = table()
    y = np.array(labels)[np.arange(len(X)) % len(labels)]
    params = {"epochs": 3, "random_state": 0, "n_jobs": 1, **params}
    return DeliveryClassifier(algorithm, **params).fit(X, y)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    ("labels", "params"),
    [
        (["no delivery", "Päckchen"], {}),
        (["a", "bb", "ccc"], {"class_weight": {"a": 1.0, "bb": 2.5, "ccc": 0.5}}),
        ([3, -1], {"class_weight": {3: 2, -1: 1.0}}),
        ([False, True], {"class_weight": "balanced"}),
        ([0, 1, 2, 3, 4, 5], {"early_stopping": True, "validation_fraction": 0.3}),
        ([10, 20], {"max_bytes": None, "verbose": 0, "n_jobs": None}),
    ],
)
def test_round_trip_bit_for_bit(algorithm, labels, params, tmp_path):
    model = fitted(algorithm, labels, **params)
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    X = table(400)
    assert type(loaded) is DeliveryClassifier
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.classes_.tolist() == model.classes_.tolist()
    np.testing.assert_array_equal(loaded.feature_summary_, model.feature_summary_)
    for name in ("n_features_in_", "n_iter_", "training_data_", "size_report_", "fit_report_"):
        assert getattr(loaded, name) == getattr(model, name)
    assert loaded.feature_specs_ == model.feature_specs_
    # Saved again it is the same files; and it can be trained on.
    save_estimator(loaded, tmp_path / "again")
    for path in (tmp_path / "model").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    loaded.fit(table(), np.array(labels)[np.arange(120) % len(labels)])
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_learner_params_with_sequences(algorithm, tmp_path):
    params = (
        {"max_depth": np.int64(3), "learning_rate": 0.3}
        if algorithm == "boosting"
        else {"hidden_layer_sizes": (5, 4), "activation": "tanh"}
    )
    model = fitted(algorithm, learner_params=params)
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    assert loaded.learner_params == params
    np.testing.assert_array_equal(loaded.predict_proba(table()), model.predict_proba(table()))


def test_parameters_of_numpy(tmp_path):
    params = {"hidden_layer_sizes": np.array([5, 4]), "alpha": np.float32(0.5)}
    model = fitted("mlp", epochs=np.int64(2), early_stopping=np.bool_(False), learner_params=params)
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    assert loaded.learner_params == {"hidden_layer_sizes": (5, 4), "alpha": 0.5}
    assert (loaded.epochs, loaded.n_iter_) == (2, 2)
    parts = {
        "mlp": {"hidden_layer_sizes": (np.int64(8),), "batch_size": np.int64(30)},
        "boosting": {"max_depth": np.int64(2)},
    }
    model = fitted("blend", learner_params=parts, class_weight={"a": np.float64(2), "b": 1})
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    assert loaded.get_params() == model.get_params()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_names_of_a_table(algorithm, tmp_path):
    frame = pd.DataFrame(table(), columns=["energy", "two words", "ü"])
    y = pd.Series(np.where(np.arange(120) % 3 == 0, "yes", "no"))
    model = DeliveryClassifier(algorithm, epochs=3, random_state=0).fit(frame, y)
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(frame), model.predict_proba(frame))
    assert loaded.feature_names_in_.tolist() == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        loaded.predict(frame.rename(columns={"energy": "force"}))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_pipeline_from_events(algorithm, tmp_path):
    events, _ = training_rows(simulate_deliveries(300, random_state=0))
    model = make_delivery_pipeline(algorithm=algorithm, epochs=3, random_state=0)
    model.fit(events, events["label"])
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    check_is_fitted(loaded)
    assert [name for name, _ in loaded.steps] == [name for name, _ in model.steps]
    np.testing.assert_array_equal(loaded.predict_proba(events), model.predict_proba(events))
    export = [
        export_coreml(m, tmp_path / str(i) / "m.mlmodel") for i, m in enumerate((model, loaded))
    ]
    assert export[0].model.read_bytes() == export[1].model.read_bytes()


@pytest.mark.parametrize("output", [None, "default", "pandas"])
def test_a_pipeline_comes_back_as_it_was(output, tmp_path):
    events, _ = training_rows(simulate_deliveries(300, random_state=0))
    classifier = DeliveryClassifier(epochs=3, random_state=0)
    features = DeliveryFeatures().set_output(transform=output)
    model = Pipeline([("features", features), ("classifier", classifier)])
    model.fit(events, events["label"])
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(events), model.predict_proba(events))
    assert type(loaded[0].transform(events)) is type(model[0].transform(events))
    for before, after in zip(model, loaded, strict=True):
        names = {name for name in vars(before) if name.endswith("_")}
        assert names == {name for name in vars(after) if name.endswith("_")}
    assert loaded[0].n_features_in_ == model[0].n_features_in_
    assert loaded[0].feature_names_in_.tolist() == model[0].feature_names_in_.tolist()


# Damage.


@pytest.fixture
def unreadable(monkeypatch):
    """Makes every parser of contents fail the test when it is reached."""

    def reached(*args, **kwargs):
        pytest.fail("content was parsed before it was checked")

    monkeypatch.setattr(xgboost.Booster, "load_model", reached)
    monkeypatch.setattr(np, "load", reached)
    monkeypatch.setattr(_forms, "read_arrays", reached)


@pytest.fixture(params=ALGORITHMS)
def saved(request, tmp_path):
    return save_estimator(fitted(request.param), tmp_path / "model")


def content_files(folder):
    return sorted(path for path in folder.iterdir() if path.name != "manifest.json")


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize("share", np.linspace(0, 0.9999, 20).round(4))
def test_flipped_bytes(saved, share):
    for path in content_files(saved):
        right = path.read_bytes()
        wrong = bytearray(right)
        wrong[int(share * len(wrong))] ^= 0x10
        path.write_bytes(wrong)
        with pytest.raises(SavedModelError, match=f"{path.name}.*SHA-256"):
            load_estimator(saved)
        path.write_bytes(right)


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_truncated_and_lengthened_and_missing_files(saved, keep):
    for path in content_files(saved):
        right = path.read_bytes()
        for wrong in (right[: int(keep * len(right))], right + b"\0"):
            path.write_bytes(wrong)
            with pytest.raises(SavedModelError, match=path.name):
                load_estimator(saved)
        path.unlink()
        with pytest.raises(SavedModelError, match=f"{path.name}.*no such file"):
            load_estimator(saved)
        path.write_bytes(right)


def edit(folder, change):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def replace(folder, name, content):
    """Replace a file as an attacker would, hashes and all."""
    (folder / name).write_bytes(content)
    entry = {"bytes": len(content), "sha256": store.hashlib.sha256(content).hexdigest()}
    edit(folder, lambda manifest: manifest["files"].update({name: entry}))


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(protocol=3), "protocol 2 or older"),
        (lambda m: m.update(protocol="1"), "protocol 1 or 2"),
        (lambda m: m.update(protocol=True), "protocol 1 or 2"),
        (lambda m: m.update(protocol=[]), "protocol 1 or 2"),
        (lambda m: m.update(kind="export reference"), "export reference"),
        (lambda m: m.pop("files"), "readable"),
        (lambda m: m.pop("kind"), "readable"),
        (lambda m: m.update(files=[]), "readable"),
        (lambda m: m.update(files={"a": 1}), "readable"),
        (lambda m: m.update(files={"a": {"bytes": float("inf"), "sha256": ""}}), "readable"),
        (lambda m: m["files"].update({"../x": {"bytes": 1, "sha256": ""}}), "hold the file"),
        (lambda m: m["files"].update({"/etc/hostname": {"bytes": 1, "sha256": ""}}), "hold the"),
        (lambda m: m["files"].update({"..": {"bytes": 1, "sha256": ""}}), "hold the file"),
        (lambda m: m["files"].update({"a\0b": {"bytes": 1, "sha256": ""}}), "hold the file"),
        (lambda m: m["files"].update({"": {"bytes": 1, "sha256": ""}}), "hold the file"),
    ],
)
def test_other_manifests(saved, change, message):
    (saved.parent / "x").write_text("x")
    edit(saved, change)
    with pytest.raises(SavedModelError, match=message):
        load_estimator(saved)


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"null", b"\xff\xfe", b"[" * 50_000, b'{"protocol": ' + b"9" * 5_000]
)
def test_manifests_that_are_none(saved, text):
    (saved / "manifest.json").write_bytes(text)
    with pytest.raises(SavedModelError, match="readable"):
        load_estimator(saved)


@pytest.mark.usefixtures("unreadable")
def test_sizes_are_capped(saved, monkeypatch):
    path = saved / "manifest.json"
    path.write_text(path.read_text() + " " * 100_000)
    with pytest.raises(SavedModelError, match="at most 100000 bytes"):
        load_estimator(saved)
    path.write_text(path.read_text().strip())
    monkeypatch.setattr(store, "MAX_FILE_BYTES", 500)
    with pytest.raises(SavedModelError, match="at most 500 bytes"):
        load_estimator(saved)


def test_no_folder_and_no_manifest(tmp_path):
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(SavedModelError, match="must be a saved estimator"):
            load_estimator(place)


def test_a_reference_of_an_export_is_no_saved_estimator(tmp_path):
    export = export_coreml(fitted(), tmp_path / "model.mlmodel")
    with pytest.raises(SavedModelError, match="Got a saved export reference"):
        load_estimator(export.reference)
    with pytest.raises(SavedModelError, match="other files"):
        save_estimator(fitted(), export.reference)


# Files whose hashes are right, written to do harm.


class Harm:
    def __reduce__(self):
        return pytest.fail, ("a pickle was executed",)


def with_object_array():
    stream = io.BytesIO()
    np.savez(stream, feature_summary=np.array([Harm()], dtype=object))
    return stream.getvalue()


def with_bomb():
    stream = io.BytesIO()
    np.savez_compressed(stream, feature_summary=np.zeros((34, 300_000), dtype=np.float32))
    return stream.getvalue()


def with_false_shape():
    array = io.BytesIO()
    np.save(array, np.zeros(4, dtype=np.float32))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "feature_summary.npy", array.getvalue().replace(b"(4,), }     ", b"(400000000,)}")
        )
    return stream.getvalue()


def cut_zip():
    return with_bomb()[:200]


@pytest.mark.parametrize("name", ["arrays.npz", "network.npz"])
@pytest.mark.parametrize(
    "content",
    [
        with_object_array,
        with_bomb,
        with_false_shape,
        cut_zip,
        lambda: pickle.dumps(Harm()),
        lambda: b"",
        lambda: b"PK\x03\x04",
    ],
)
def test_harmful_arrays_are_refused(name, content, tmp_path):
    saved = save_estimator(fitted("mlp"), tmp_path / "model")
    replace(saved, name, content())
    with pytest.raises(SavedModelError, match=name):
        load_estimator(saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(kind="os.system"),
        lambda d: d.update(kind=["DeliveryClassifier"]),
        lambda d: d.update(learner="pickle"),
        lambda d: d.update(params={"algorithm": "mlp", "run": "rm"}),
        lambda d: d.update(params=[1]),
        lambda d: d.update(params={"class_weight": {"pairs": 3}}),
        lambda d: d.update(n_features=7),
        lambda d: d.update(labels_dtype="no dtype"),
        lambda d: d.update(labels=["a", "b", "c", "d"]),
        lambda d: d.update(features={"kind": "Evil", "params": {}}),
        lambda d: d.update(features={"kind": "DeliveryFeatures", "params": {}}, steps=["one"]),
        lambda d: d.update(labels=["a"]),
        lambda d: d.update(labels=["a", "a"]),
        lambda d: d.update(labels=["b", "a"]),
        lambda d: d.update(labels=[["a"], ["b"]]),
        lambda d: d.update(labels=[["a"], ["b", "c"]], labels_dtype="|O"),
        lambda d: d.update(labels=[1, 2]),
        lambda d: d.update(feature_names=["one", "two"]),
        lambda d: d.update(feature_names=[1, 2, 3]),
        lambda d: d.update(feature_names="abc"),
        lambda d: d["params"].update(epochs="x"),
        lambda d: d["params"].update(algorithm="boosting"),
        lambda d: d.update(n_features="3"),
        lambda d: d.update(n_iter=None),
        lambda d: d.update(training_data={}),
        lambda d: d["training_data"].update(class_counts=[1]),
        lambda d: d.pop("labels"),
        lambda d: d.clear(),
    ],
)
def test_other_descriptions_are_refused(change, tmp_path):
    saved = save_estimator(fitted("mlp"), tmp_path / "model")
    document = json.loads((saved / "estimator.json").read_bytes())
    change(document)
    replace(saved, "estimator.json", json.dumps(document).encode())
    with pytest.raises(SavedModelError):
        load_estimator(saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["features"]["params"].update(window=-5),
        lambda d: d["features"].update(kind="MotionFeatures", params={}),
        lambda d: d["features"].update(output="evil"),
        lambda d: d["features"].pop("fitted"),
        lambda d: d["feature_names"].reverse(),
        lambda d: d.update(steps=["a", "a"]),
        lambda d: d.update(steps=["a", 1]),
        lambda d: d.update(steps=["a"]),
    ],
)
def test_other_descriptions_of_a_pipeline_are_refused(change, tmp_path):
    events, _ = training_rows(simulate_deliveries(200, random_state=0))
    model = make_delivery_pipeline(epochs=2).fit(events, events["label"])
    saved = save_estimator(model, tmp_path / "model")
    document = json.loads((saved / "estimator.json").read_bytes())
    change(document)
    replace(saved, "estimator.json", json.dumps(document).encode())
    with pytest.raises(SavedModelError, match=r"estimator\.json"):
        load_estimator(saved)


@pytest.mark.parametrize(
    "summary", [np.zeros((34, 2), np.float32), np.zeros((34, 3)), np.zeros(102, np.float32)]
)
def test_another_summary_of_the_features_is_refused(summary, tmp_path):
    saved = save_estimator(fitted(), tmp_path / "model")
    stream = io.BytesIO()
    np.savez(stream, feature_summary=summary)
    replace(saved, "arrays.npz", stream.getvalue())
    with pytest.raises(SavedModelError, match="feature_summary"):
        load_estimator(saved)


@pytest.mark.parametrize("text", [b"", b"7", b"[" * 50_000, b"\xff"])
def test_descriptions_that_are_none_are_refused(text, tmp_path):
    saved = save_estimator(fitted(), tmp_path / "model")
    replace(saved, "estimator.json", text)
    with pytest.raises(SavedModelError, match=r"estimator\.json"):
        load_estimator(saved)


def test_a_booster_of_other_features_or_classes_is_refused(tmp_path):
    saved = save_estimator(fitted(), tmp_path / "model")
    wide = xgboost.train({}, xgboost.DMatrix(np.zeros((4, 9)), np.arange(4)), 1)
    replace(saved, "booster.ubj", bytes(wide.save_raw("ubj")))
    with pytest.raises(SavedModelError, match="num_feature=9, and not 3"):
        load_estimator(saved)
    replace(saved, "booster.ubj", b"no booster at all")
    with pytest.raises(SavedModelError, match=r"booster\.ubj"):
        load_estimator(saved)


def test_no_file_is_a_pickle(saved):
    for path in content_files(saved):
        assert path.suffix in (".json", ".npz", ".ubj")
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                assert not any(arrays[name].dtype.hasobject for name in arrays.files)


# Writing.


def test_a_saved_estimator_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "deep" / "model"
    save_estimator(fitted("mlp"), folder)
    save_estimator(fitted("boosting"), folder)
    assert {path.name for path in folder.iterdir()} == {
        "answers.npz",
        "arrays.npz",
        "booster.ubj",
        "estimator.json",
        "manifest.json",
        "training.npz",
    }
    assert load_estimator(str(folder)).algorithm == "boosting"
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    (tmp_path / "empty").mkdir()
    assert load_estimator(save_estimator(fitted(), tmp_path / "empty")).classes_.tolist() == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "mine"},
        {"manifest.json": '{"name": "a web app"}'},
        {"manifest.json": '{"name": "a web app"}', "index.html": "mine"},
    ],
)
def test_a_folder_with_other_files_is_refused(files, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(SavedModelError, match="other files"):
        save_estimator(fitted(), folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == files


def test_a_file_beside_a_saved_estimator_is_not_lost(tmp_path):
    folder = save_estimator(fitted(), tmp_path / "model")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(SavedModelError, match="other files"):
        save_estimator(fitted(), folder)
    assert (folder / "notes.txt").read_text() == "mine"
    # It is loaded all the same.
    assert load_estimator(folder).classes_.tolist() == ["a", "b"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(SavedModelError):
        save_estimator(fitted(), tmp_path / "model")
    assert (tmp_path / "model").read_text() == "mine"


X = table(30).round(2)


class Heir(DeliveryClassifier):
    pass


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (LogisticRegression(), "LogisticRegression"),
        (Heir(), "Heir"),
        (
            Pipeline([("scale", StandardScaler()), ("model", DeliveryClassifier())]),
            "StandardScaler",
        ),
        (Pipeline([("a", "passthrough"), ("b", StandardScaler()), ("c", Heir())]), "3 steps"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_name(model, named, tmp_path):
    if isinstance(model, Pipeline) and len(model) == 2:
        model.set_params(model__epochs=2)
        model.fit(np.nan_to_num(X), np.arange(30) % 2)
    with pytest.raises(SavedModelError, match=named):
        save_estimator(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_parameters_that_json_cannot_hold_are_named(tmp_path):
    model = fitted().set_params(learner_params={"max_depth": 1 + 2j})
    with pytest.raises(SavedModelError, match="'learner_params'"):
        save_estimator(model, tmp_path / "model")


def test_parameters_that_would_not_load_are_refused(tmp_path):
    for params in ({"algorithm": "mlp"}, {"epochs": "x"}):
        with pytest.raises(ValueError, match=next(iter(params))):
            save_estimator(fitted().set_params(**params), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_an_unfitted_estimator_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not fitted"):
        save_estimator(DeliveryClassifier(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
