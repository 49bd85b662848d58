"""What may be given to the estimators, and what is said of what may not."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.features import DELIVERY_FEATURES
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.validation import InvalidParameterError
from tests.estimators.tables import ALGORITHMS, classifier, table

both_algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


def with_holes(kind):
    X, y = table()
    if kind == "scattered":
        X[np.random.default_rng(0).random(X.shape) < 0.3] = np.nan
    elif kind == "column":
        X[:, 1] = np.nan
    elif kind == "rows":
        X[::3] = np.nan
    elif kind == "everything":
        X[:] = np.nan
    elif kind == "one class":
        X[y == 1, 0] = np.nan
    return X, y


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("kind", ["scattered", "column", "rows", "everything", "one class"])
@both_algorithms
def test_missing_values(algorithm, kind, early_stopping):
    X, y = with_holes(kind)
    model = classifier(algorithm, early_stopping=early_stopping).fit(X, y)
    full, _ = table(seed=1)
    nothing = np.full((1, X.shape[1]), np.nan)
    for rows in (X, full, nothing):
        probabilities = model.predict_proba(rows)
        assert np.isfinite(probabilities).all()
        assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@both_algorithms
def test_missing_values_are_answered_by_a_model_trained_without_them(algorithm):
    X, y = table()
    model = classifier(algorithm).fit(X, y)
    X[:, 0] = np.nan
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no_delivery", "delivery"]),
        np.array(["no_delivery", "delivery"], dtype=object),
        np.array([7, -3]),
        np.array([True, False]),
        np.array([1.0, 2.0]),
    ],
    ids=lambda labels: labels.dtype.name,
)
@both_algorithms
def test_labels(algorithm, labels):
    X, codes = table(noise=0.0)
    y = labels[codes]
    model = classifier(algorithm, epochs=30).fit(X, y)
    assert_array_equal(model.classes_, np.sort(labels))
    answer = model.predict(X)
    assert answer.dtype == y.dtype
    assert set(answer) == set(labels)
    assert np.mean(answer == y) > 0.9
    assert_array_equal(answer, model.classes_[model.predict_proba(X).argmax(axis=1)])
    for kind in (list, pd.Series):
        again = classifier(algorithm, epochs=30).fit(X, kind(y))
        assert_array_equal(again.predict(X), answer)


NULLABLE = {
    "Int64": (["Int64", "UInt8", "int64[pyarrow]"], [3, 7], [3, 7]),
    "boolean": (["boolean", "bool[pyarrow]"], [False, True], ["False", "True"]),
    "text": (["string", "string[pyarrow]", "str"], ["no", "yes"], ["no", "yes"]),
}


@pytest.mark.parametrize("categorical", [False, True])
@pytest.mark.parametrize("kind", NULLABLE)
def test_nullable_labels_become_plain_ones_that_can_be_exported_and_saved(
    kind, categorical, tmp_path
):
    X, codes = table(200)
    dtypes, labels, on_the_phone = NULLABLE[kind]
    for place, dtype in enumerate(dtypes):
        y = pd.Series([labels[code] for code in codes]).astype(dtype)
        y = y.astype("category") if categorical else y
        model = classifier(epochs=2).fit(X, y)
        assert model.classes_.tolist() == labels
        assert {type(label) for label in model.classes_.tolist()} == {type(labels[0])}
        assert model.score(X, model.predict(X)) == 1
        export = export_coreml(model, tmp_path / f"{place}.mlmodel")
        assert CoreMLRuntime(export.model).classes.tolist() == on_the_phone
        loaded = load_estimator(save_estimator(model, tmp_path / f"model {place}"))
        assert loaded.classes_.tolist() == labels
        missing = y.copy()
        missing[[5, 9]] = None
        with pytest.raises(ValueError, match=r"'y' parameter.*Got 2 missing of 200.*in row 5,"):
            classifier().fit(X, missing)


@pytest.mark.parametrize("absent", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("form", [list, tuple, pd.Series, np.array])
def test_a_missing_label_is_none_of_a_class(absent, form):
    X, codes = table(60)
    labels = np.array(["a", "b"], dtype=object)[codes]
    labels[3] = absent
    y = np.array(labels, dtype=object) if form is np.array else form(labels.tolist())
    with pytest.raises(
        ValueError, match=r"'y' parameter .*Got 1 missing of 60, the first in row 3"
    ):
        classifier().fit(X, y)


def test_labels_of_several_types_are_refused():
    X, codes = table(60)
    with pytest.raises(ValueError, match=r"'y' parameter .*Got objects of type int and str"):
        classifier().fit(X, np.array([1, "a"], dtype=object)[codes])


def test_the_rows_that_count_must_be_of_two_classes():
    X, codes = table(60)
    with pytest.raises(ValueError, match="positive weight must be of at least two classes"):
        classifier(class_weight={0: 0}).fit(X, codes)


@pytest.mark.parametrize("groups", [None, np.arange(10) // 5])
def test_something_must_be_left_to_train_on(groups):
    X, _ = table(10)
    model = classifier(early_stopping=True, validation_fraction=0.95)
    with pytest.raises(ValueError, match=r"'validation_fraction' .* must leave some of the \d+ "):
        model.fit(X, np.arange(10) % 2, groups=groups)
    apart = classifier(early_stopping=True)
    with pytest.raises(
        ValueError, match="must be held back so that each label keeps rows to train on"
    ):
        apart.fit(X, np.arange(10) // 5, groups=np.arange(10) // 5)


@both_algorithms
def test_equally_probable_classes_give_the_first(algorithm):
    X = np.zeros((40, 2))
    y = np.tile(["b", "a"], 20)
    model = classifier(algorithm, learner_params={}).fit(X, y)
    if algorithm == "boosting":  # no draw of rows, so that each tree sees as many of both
        model = classifier(algorithm, learner_params={"subsample": 1}).fit(X, y)
    else:
        model.learner_.weights[-1][:] = 0
        model.learner_.biases[-1][:] = 0
    assert_array_equal(model.predict_proba(X), 0.5)
    assert_array_equal(model.predict(X), "a")


@both_algorithms
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, bool])
def test_everything_is_float32(algorithm, dtype):
    X, y = table(n_classes=3)
    X = (X > 0) if dtype is bool else np.round(10 * X).astype(dtype)
    model = classifier(algorithm).fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(X), 3)
    assert_array_equal(model.predict_proba(X.astype(np.float32)), probabilities)
    assert model.feature_summary_.dtype == np.float32
    if algorithm == "mlp":
        learner = model.learner_
        arrays = [learner.medians, learner.mean, learner.scale, *learner.weights, *learner.biases]
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@both_algorithms
def test_what_is_given_is_rounded_to_float32(algorithm):
    X, y = table()
    model = classifier(algorithm).fit(X, y)
    off = X.astype(np.float64) * (1 + 1e-9)
    assert_array_equal(model.predict_proba(off), model.predict_proba(X))


@both_algorithms
def test_names_of_columns_become_specs(algorithm):
    X, y = table(n_features=3)
    own = DELIVERY_FEATURES[2]
    frame = pd.DataFrame(X, columns=["hallway temp", own.name, "x3"])
    model = classifier(algorithm).fit(frame, y)
    assert_array_equal(model.feature_names_in_, frame.columns)
    specs = model.feature_specs_
    assert [spec.name for spec in specs] == ["hallway_temp", own.name, "x3"]
    assert specs[1] == own
    assert "hallway temp" in specs[0].meaning
    assert_array_equal(model.predict_proba(frame), classifier(algorithm).fit(X, y).predict_proba(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict_proba(frame[["x3", own.name, "hallway temp"]])


def test_columns_without_names_are_numbered():
    X, y = table(n_features=3)
    specs = classifier().fit(X, y).feature_specs_
    assert [spec.name for spec in specs] == ["feature_0", "feature_1", "feature_2"]


def test_training_data_are_described_and_not_kept():
    X, y = table(1_000, n_classes=3, missing=0.2)
    X[:, 4] = np.nan
    model = classifier(epochs=1).fit(X, y)
    assert model.training_data_["n_samples"] == 1_000
    assert model.training_data_["class_counts"] == np.bincount(y).tolist()
    assert model.feature_summary_.shape == (34, 5)
    assert_allclose(model.feature_summary_[33], np.isnan(X).mean(axis=0), atol=1e-6)
    quantiles = np.nanquantile(X[:, 0], [0, 0.5, 1])
    assert_allclose(model.feature_summary_[[0, 16, 32], 0], quantiles, rtol=1e-6)
    assert np.isnan(model.feature_summary_[:33, 4]).all()
    digest = model.training_data_["sha256"]
    assert classifier(epochs=1).fit(X, y).training_data_["sha256"] == digest
    weighted = classifier(epochs=1).fit(X, y, sample_weight=np.arange(1_000))
    assert weighted.training_data_["sha256"] != digest
    X[5, 0] = 7
    assert classifier(epochs=1).fit(X, y).training_data_["sha256"] != digest


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"algorithm": "svm"}, "'algorithm' parameter .* must be a str among .* Got 'svm'"),
        ({"epochs": 0}, r"'epochs' parameter .* int in the range \[1, inf\) or None. Got 0"),
        ({"epochs": 1.5}, "'epochs' parameter .* Got 1.5"),
        ({"early_stopping": "yes"}, "'early_stopping' parameter .* Got 'yes'"),
        ({"validation_fraction": 1.0}, r"'validation_fraction' .* range \(0.0, 1.0\). Got 1.0"),
        ({"class_weight": "equal"}, "'class_weight' parameter .* Got 'equal'"),
        ({"max_bytes": 0}, "'max_bytes' parameter .* Got 0"),
        (
            {"learner_params": [("max_depth", 3)]},
            "'learner_params' parameter .* instance of 'dict'",
        ),
        ({"n_jobs": 1.5}, "'n_jobs' parameter .* Got 1.5"),
        ({"random_state": "luck"}, "'random_state' parameter .* Got 'luck'"),
        ({"verbose": -1}, "'verbose' parameter .* Got -1"),
    ],
)
def test_wrong_parameters_are_refused_by_fit(params, sentence):
    X, y = table()
    model = DeliveryClassifier(**params)
    with pytest.raises(InvalidParameterError, match=sentence):
        model.fit(X, y)


@pytest.mark.parametrize(
    ("algorithm", "params", "sentence"),
    [
        ("boosting", {"max_depth": -1}, r"'max_depth' .* learner_params .* \[0, inf\). Got -1"),
        ("boosting", {"eta": 0}, "'learning_rate' .* learner_params .* range .* Got 0 instead"),
        ("boosting", {"max_bin": 1}, "'max_bin' .* Got 1"),
        ("boosting", {"subsample": 1.5}, "'subsample' .* Got 1.5"),
        ("boosting", {"grow_policy": "up"}, "'grow_policy' .* Got 'up'"),
        ("boosting", {"patience": 0}, "'patience' .* Got 0"),
        ("mlp", {"activation": "gelu"}, "'activation' .* learner_params .* Got 'gelu'"),
        ("mlp", {"batch_size": 0}, "'batch_size' .* Got 0"),
        ("mlp", {"alpha": -1}, "'alpha' .* Got -1"),
        ("mlp", {"hidden_layer_sizes": (8, 0)}, r"'hidden_layer_sizes' .* Got \(8, 0\)"),
        ("mlp", {"patience": "long"}, "'patience' .* Got 'long'"),
    ],
)
def test_wrong_learner_params_are_refused(algorithm, params, sentence):
    X, y = table()
    with pytest.raises(ValueError, match=sentence):
        DeliveryClassifier(algorithm, learner_params=params).fit(X, y)


@pytest.mark.parametrize(
    ("algorithm", "name", "offered"),
    [
        ("boosting", "booster", "max_depth"),
        ("boosting", "n_estimators", "learning_rate"),
        ("boosting", "nthread", "max_bin"),
        ("boosting", "hidden_layer_sizes", "subsample"),
        ("mlp", "max_depth", "hidden_layer_sizes"),
        ("mlp", "solver", "alpha"),
        ("mlp", "random_state", "patience"),
    ],
)
def test_unknown_learner_params_are_refused(algorithm, name, offered):
    X, y = table()
    sentence = (
        f"'{name}' entry of learner_params must be one of .*'{offered}'.* Got {name}=1 instead"
    )
    with pytest.raises(ValueError, match=sentence):
        DeliveryClassifier(algorithm, learner_params={name: 1}).fit(X, y)


def test_learner_params_have_xgboosts_other_names():
    X, y = table()
    expected = classifier(learner_params={"learning_rate": 0.4, "reg_lambda": 3.0}).fit(X, y)
    aliases = classifier(learner_params={"eta": 0.4, "lambda": 3.0}).fit(X, y)
    assert_array_equal(aliases.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_groups_must_belong_to_the_rows(early_stopping):
    X, y = table()
    model = classifier(early_stopping=early_stopping)
    homes = np.array(["elm", "oak", "ash"], dtype=object)[np.arange(len(y)) % 3]
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, y, groups=homes[1:])
    homes[:4] = None
    with pytest.raises(ValueError, match=r"'groups' .* every row. Got 4 missing"):
        model.fit(X, y, groups=homes)


def test_groups_must_be_two_to_hold_one_back():
    X, y = table()
    home = ["elm"] * len(y)
    with pytest.raises(
        ValueError, match=r"'groups' .* at least two groups .* early_stopping=False"
    ):
        classifier(early_stopping=True).fit(X, y, groups=home)
    classifier(early_stopping=False).fit(X, y, groups=home)


@both_algorithms
def test_one_class_is_refused(algorithm):
    X, _ = table()
    with pytest.raises(ValueError, match=r"at least two classes. Got one class, 'delivery'"):
        classifier(algorithm).fit(X, np.full(len(X), "delivery"))


@both_algorithms
def test_missing_labels_are_refused(algorithm):
    X, y = table()
    labels = np.array(["no_delivery", "delivery"], dtype=object)[y]
    labels[4:7] = None
    sentence = (
        "The 'y' parameter must have a label for every row. Got 3 missing of 600, the first in row "
        "4, counted from 0. Drop the rows without a label."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        classifier(algorithm).fit(X, labels)


@both_algorithms
def test_continuous_labels_are_refused(algorithm):
    X, y = table()
    with pytest.raises(ValueError, match="continuous"):
        classifier(algorithm).fit(X, y + 0.5)


@both_algorithms
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_refused(algorithm, value):
    X, y = table()
    model = classifier(algorithm).fit(X, y)
    X[3, 1] = value
    with pytest.raises(ValueError, match="X contains infinity"):
        classifier(algorithm).fit(X, y)
    with pytest.raises(ValueError, match="X contains infinity"):
        model.predict_proba(X)


@both_algorithms
def test_weights_must_be_weights(algorithm):
    X, y = table()
    with pytest.raises(ValueError, match="Negative values"):
        classifier(algorithm).fit(X, y, sample_weight=-np.ones(len(y)))
    with pytest.raises(ValueError, match="NaN"):
        classifier(algorithm).fit(X, y, sample_weight=np.full(len(y), np.nan))


def test_an_unfitted_estimator_says_so():
    X, _ = table()
    for ask in (lambda model: model.predict(X), lambda model: model.feature_specs_):
        with pytest.raises(NotFittedError, match="not fitted"):
            ask(DeliveryClassifier())


def named(X):
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])


#: The same rows in every form that may be given, and what scikit-learn says of each.
FORMS = {
    "array": lambda X: X,
    "Fortran order": np.asfortranarray,
    "every other of twice the rows": lambda X: np.repeat(X, 2, axis=0)[::2],
    "float64": lambda X: X.astype(np.float64),
    "big endian": lambda X: X.astype(">f4"),
    "read only": lambda X: np.frombuffer(X.tobytes(), dtype=np.float32).reshape(X.shape),
    "lists": lambda X: X.tolist(),
    "table": named,
    "table of columns": lambda X: pd.DataFrame({f"x{i}": x for i, x in enumerate(X.T)}),
    "table of float64": lambda X: named(X).astype(np.float64),
    "table of both": lambda X: named(X).astype({"x1": np.float64}),
    "table that knows what is missing": lambda X: named(X).astype("Float32"),
    "table of objects": lambda X: named(X).astype(object),
}


@both_algorithms
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_rows", [1, 50])
def test_the_form_of_the_rows_does_not_matter(algorithm, form, n_rows):
    X, y = table(missing=0.1)
    rows = FORMS[form](X[:n_rows])
    as_table = isinstance(rows, pd.DataFrame)
    model = classifier(algorithm).fit(named(X) if as_table else X, y)
    expected = model.learner_.predict_proba(X[:n_rows])
    assert_array_equal(model.predict_proba(rows), expected)


@both_algorithms
@pytest.mark.parametrize("n_rows", [1, 50])
def test_rows_are_refused_whatever_their_form(algorithm, n_rows):
    X, y = table()
    plain, with_names = classifier(algorithm).fit(X, y), classifier(algorithm).fit(named(X), y)
    rows, infinite = X[:n_rows], X[:n_rows].copy()
    infinite[-1, -1] = np.inf
    refused = [
        (plain, rows[:, :4], "X has 4 features, but DeliveryClassifier is expecting 5"),
        (plain, np.hstack([rows, rows]), "X has 10 features"),
        (plain, rows[0], "Expected 2D array, got 1D array"),
        (plain, rows[:0], "Found array with 0 sample"),
        (plain, infinite, "X contains infinity"),
        (with_names, named(infinite), "X contains infinity"),
        (with_names, named(rows)[["x1", "x0", "x2", "x3", "x4"]], "must be in the same order"),
        (with_names, named(rows).rename(columns={"x2": "y"}), "unseen at fit time"),
        (with_names, named(rows)[["x0", "x1"]], "seen at fit time, yet now missing"),
        (with_names, named(rows)[:0], "Found array with 0 sample"),
    ]
    for model, given, sentence in refused:
        with pytest.raises(ValueError, match=sentence):
            model.predict_proba(given)


def test_rows_with_names_and_without_are_warned_of():
    X, y = table()
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        classifier().fit(named(X), y).predict_proba(X[:1])
    with pytest.warns(UserWarning, match="X has feature names"):
        classifier().fit(X, y).predict_proba(named(X[:1]))
