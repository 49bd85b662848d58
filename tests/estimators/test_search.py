"""Searches, nested parameters, importances, partial dependence and metadata routing."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import partial_dependence
from sklearn.model_selection import GridSearchCV, GroupKFold, RandomizedSearchCV
from typer.testing import CliRunner

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.cli.app import app
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.learners.boosting_fit import BOOSTING_NAMES
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import build_report, compare, evaluate, tune_threshold
from novin_ml.events import write_events
from novin_ml.features import attach_context, training_rows
from novin_ml.lifecycle import load_estimator, save_estimator, train
from novin_ml.simulation import simulate_deliveries
from tests.estimators.tables import table

EVENTS = simulate_deliveries(700, random_state=0)
NEW = simulate_deliveries(300, random_state=1)
WINDOWS, SILENCES = [30.0, 120.0], [5.0, 40.0]


@pytest.fixture(scope="module")
def rows():
    return training_rows(EVENTS, window=[60.0, *WINDOWS], silence=[20.0, *SILENCES])[0]


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_windows_and_silences_can_be_searched(rows, search):
    space = {"features__window": WINDOWS, "features__silence": SILENCES}
    more = {"n_iter": 3, "random_state": 0} if search is RandomizedSearchCV else {}
    pipeline = make_delivery_pipeline(epochs=5, random_state=0)
    found = search(pipeline, space, cv=GroupKFold(3), **more)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found.fit(rows, rows["label"], groups=rows["home_id"])
    for params, score in zip(
        found.cv_results_["params"], found.cv_results_["mean_test_score"], strict=True
    ):
        window, silence = params["features__window"], params["features__silence"]
        alone, _ = training_rows(EVENTS, window, silence)
        folds = GroupKFold(3).split(alone, groups=alone["home_id"])
        scores = []
        for old, new in folds:
            model = clone(pipeline).set_params(**params).fit(alone.iloc[old], alone["label"][old])
            scores.append(model.score(alone.iloc[new], alone["label"][new]))
        assert_allclose(score, np.mean(scores), rtol=1e-12)


def test_a_search_over_a_window_that_was_not_attached_is_refused_by_name(rows):
    search = GridSearchCV(
        make_delivery_pipeline(epochs=2), {"features__window": [60.0, 45.0]}, error_score="raise"
    )
    with pytest.raises(ValueError, match=r"'window' .* Got 45 s .*window=\[60, 45\] to try both"):
        search.fit(rows, rows["label"])


@pytest.mark.parametrize(("window", "silence"), [(30.0, 5.0), (120.0, 40.0)])
def test_models_of_other_windows_are_judged_on_plain_events(rows, window, silence):
    model = make_delivery_pipeline(epochs=5, random_state=0)
    model.set_params(features__window=window, features__silence=silence)
    model.fit(rows, rows["label"], classifier__groups=rows["home_id"])
    own = attach_context(NEW, window, silence)
    looked_at = own["label"].notna().to_numpy()
    labels = own["label"].to_numpy()[looked_at]
    right = np.mean(model.predict(own)[looked_at] == labels)
    plain = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    assert evaluate(model, DeliveryRules(), NEW).model.accuracy == pytest.approx(right)
    assert build_report(model, NEW, truth="label").accuracy.share == pytest.approx(right)
    comparison = compare(model, plain, NEW)
    other = np.mean(plain.predict(NEW)[looked_at] == labels)
    assert comparison.accuracy.a == pytest.approx(right)
    assert comparison.accuracy.b == pytest.approx(other)
    found = tune_threshold(model, NEW, 50, labels="delivery")
    again = tune_threshold(model, own, 50, labels="delivery")
    assert str(found) == str(again)


SPACES = [
    ("boosting", "max_depth", [2, 3]),
    ("mlp", "hidden_layer_sizes", [(4,), (5,)]),
    ("blend", "boosting__max_depth", [2, 3]),
    ("forest", "max_depth", [2, 3]),
]


@pytest.mark.parametrize(("algorithm", "name", "values"), SPACES)
def test_entries_of_learner_params_are_searched_saved_and_exported(
    algorithm, name, values, tmp_path
):
    X, y = table(300)
    parts = {"boosting": {"patience": 3}, "mlp": {"patience": 3}}
    other = "min_samples_leaf" if algorithm == "forest" else "patience"
    given = parts if algorithm == "blend" else {other: 3}
    before = repr(given)
    model = DeliveryClassifier(algorithm, epochs=3, learner_params=given, random_state=0)
    search = GridSearchCV(model, {f"learner_params__{name}": values}, cv=2, error_score="raise")
    best = search.fit(X, y).best_estimator_
    value = search.best_params_[f"learner_params__{name}"]
    assert repr(given) == before
    params = best.get_params()
    assert params[f"learner_params__{name}"] == value
    part = name.partition("__")[0] + "__" if "__" in name else ""
    assert params[f"learner_params__{part}{other}"] == 3
    whole = {other: 3, name.rpartition("__")[2]: value}
    whole = {**parts, part[:-2]: whole} if part else whole
    assert best.learner_params == whole
    alike = clone(model).set_params(learner_params=whole).fit(X, y)
    assert_array_equal(best.predict_proba(X), alike.predict_proba(X))
    assert clone(best).get_params() == params
    loaded = load_estimator(save_estimator(best, tmp_path / "model"))
    assert loaded.get_params() == params
    assert export_coreml(best, tmp_path / "model.mlmodel", data=X).certificate.passed


def test_an_entry_replaces_its_alias_and_comes_after_the_whole():
    model = DeliveryClassifier(learner_params={"eta": 0.1, "max_depth": 3})
    model.set_params(learner_params__learning_rate=0.2)
    assert model.learner_params == {"max_depth": 3, "learning_rate": 0.2}
    model.set_params(learner_params__max_depth=4, learner_params={"gamma": 1.0})
    assert model.learner_params == {"gamma": 1.0, "max_depth": 4}
    model.set_params(
        algorithm="blend",
        learner_params__mlp__alpha=0.1,
        learner_params__mlp={"alpha": 1.0, "patience": 2},
        learner_params=None,
    )
    assert model.learner_params == {"mlp": {"alpha": 0.1, "patience": 2}}
    assert DeliveryClassifier(learner_params=3).get_params()["learner_params"] == 3


@pytest.mark.parametrize(
    ("algorithm", "name", "remedy"),
    [
        ("boosting", "max_dept", "Did you mean 'max_depth'?"),
        ("boosting", "hidden_layer_sizes", "It is one of algorithm='mlp': set that as well."),
        ("mlp", "hidden_layers", "Did you mean 'hidden_layer_sizes'?"),
        ("blend", "max_depth", "Did you mean 'boosting__max_depth'?"),
        ("blend", "boosting__max_dept", "Did you mean 'boosting__max_depth'?"),
        ("boosting", "zzz", "Correct or remove it."),
    ],
)
def test_a_misspelt_entry_ends_a_search_and_offers_the_nearest(rows, algorithm, name, remedy):
    pipeline = make_delivery_pipeline(algorithm=algorithm, epochs=2)
    search = GridSearchCV(pipeline, {f"classifier__learner_params__{name}": [1]})
    with pytest.raises(ValueError, match="learner_params for algorithm") as raised:
        search.fit(rows, rows["label"])
    assert str(raised.value).endswith(f" Got '{name}'. {remedy}")


@pytest.mark.parametrize("n_classes", [2, 3])
def test_importances_are_shares_of_the_gain(n_classes, tmp_path):
    X, y = table(500, n_classes=n_classes)
    X = pd.DataFrame(X, columns=list("abcde")).assign(f=np.float32(1))
    model = DeliveryClassifier(epochs=8, random_state=0).fit(X, y)
    splits = model.learner_.booster.trees_to_dataframe()
    gains = splits[splits["Feature"] != "Leaf"].groupby("Feature")["Gain"].sum()
    expected = [gains.get(f"f{place}", 0.0) / gains.sum() for place in range(6)]
    assert_allclose(model.feature_importances_, expected, rtol=1e-5)
    assert model.feature_importances_.argmin() == 5
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    assert_array_equal(loaded.feature_importances_, model.feature_importances_)
    chosen = SelectFromModel(
        DeliveryClassifier(epochs=8, random_state=0), threshold=-np.inf, max_features=2
    )
    best = model.feature_names_in_[np.sort(np.argsort(model.feature_importances_)[-2:])]
    assert_array_equal(chosen.fit(X, y).get_feature_names_out(), best)


def test_a_model_that_never_splits_has_no_important_feature():
    X, y = np.ones((40, 2), dtype=np.float32), np.arange(40) % 2
    model = DeliveryClassifier(epochs=2, random_state=0).fit(X, y)
    assert model.feature_importances_.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("algorithm", ["mlp", "blend"])
def test_other_learners_name_the_importances_to_use(algorithm):
    X, y = table(200)
    model = DeliveryClassifier(algorithm, epochs=2, random_state=0)
    assert not hasattr(model, "feature_importances_")
    model.fit(X, y)
    with pytest.raises(AttributeError, match=rf"Got '{algorithm}'\. Use novin_ml\.eval"):
        model.feature_importances_  # noqa: B018


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_partial_dependence_takes_float64_tables(rows, algorithm):
    pipeline = make_delivery_pipeline(algorithm=algorithm, epochs=3, random_state=0)
    pipeline.fit(rows, rows["label"])
    X = pipeline[:-1].transform(rows)
    found = partial_dependence(
        pipeline[-1], X.astype("float64"), ["duration"], method="brute", grid_resolution=5
    )
    for value, average in zip(found["grid_values"][0], found["average"][0], strict=True):
        changed = X.assign(duration=np.float32(value))
        expected = pipeline[-1].predict_proba(changed)[:, 1].mean()
        assert_allclose(average, expected, rtol=1e-6)
    events = rows.astype({"confidence": "float64"})
    assert partial_dependence(pipeline, events, ["confidence"])["average"].shape[0] == 1
    if pd.__version__.startswith("3."):  # what the guide says of float32 columns
        with pytest.raises(TypeError, match=r"Invalid value .* for dtype 'float32'"):
            partial_dependence(pipeline[-1], X, ["duration"], method="brute")


@pytest.mark.parametrize("routing", [False, True])
def test_families_are_trained_alike_with_and_without_metadata_routing(routing):
    expected = train("delivery", EVENTS, epochs=3, random_state=0)
    with sklearn.config_context(enable_metadata_routing=routing):
        got = train("delivery", EVENTS, epochs=3, random_state=0)
        assert sklearn.get_config()["enable_metadata_routing"] is routing
    rows = attach_context(NEW)
    assert_array_equal(got.pipeline.predict_proba(rows), expected.pipeline.predict_proba(rows))


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend", "forest"])
def test_groups_and_weights_are_routed(algorithm):
    rows = training_rows(simulate_deliveries(1_300, random_state=0))[0]
    weight = np.linspace(0.5, 2, len(rows))
    plain = make_delivery_pipeline(algorithm=algorithm, epochs=3, random_state=0)
    plain.fit(
        rows,
        rows["label"],
        classifier__groups=rows["home_id"],
        classifier__sample_weight=weight,
    )
    routed = make_delivery_pipeline(algorithm=algorithm, epochs=3, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        routed["classifier"].set_fit_request(groups=True, sample_weight=True)
        routed.fit(rows, rows["label"], groups=rows["home_id"], sample_weight=weight)
        with pytest.raises(TypeError, match="classifier__groups"):
            routed.fit(rows, rows["label"], classifier__groups=rows["home_id"])
    assert_array_equal(routed.predict_proba(rows), plain.predict_proba(rows))
    assert routed[-1].fit_report_ == plain[-1].fit_report_


def test_the_program_scores_with_the_windows_of_the_model(rows, tmp_path):
    model = make_delivery_pipeline(epochs=3, random_state=0).set_params(features__window=30.0)
    save_estimator(model.fit(rows, rows["label"]), tmp_path / "model")
    write_events(NEW, tmp_path / "events.jsonl")
    scores = tmp_path / "scores.csv"
    arguments = ["score", tmp_path / "model", tmp_path / "events.jsonl", "--out", scores]
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    expected = model.predict_proba(attach_context(NEW, 30.0))
    assert_allclose(pd.read_csv(scores)["probability_delivery"], expected[:, 0], rtol=1e-6)


PAIRS = {
    (algorithm, prefix + alias, prefix + first)
    for algorithm, prefix in (("boosting", ""), ("blend", "boosting__"))
    for alias, first in BOOSTING_NAMES.items()
    if alias != first
}


@pytest.mark.parametrize(("algorithm", "alias", "first"), sorted(PAIRS))
def test_two_names_of_one_parameter_are_refused(algorithm, alias, first):
    """Neither value is dropped in silence, whichever stands last."""
    rows, _ = training_rows(simulate_deliveries(60, random_state=0))
    one = {name.removeprefix("boosting__"): 0.25 for name in (alias, first)}
    for names in (one, dict(reversed(one.items()))):
        params = names if algorithm == "boosting" else {"boosting": names}
        model = make_delivery_pipeline(algorithm=algorithm, learner_params=params, epochs=1)
        with pytest.raises(ValueError, match="are two names of one") as refused:
            model.fit(rows, rows["label"])
        assert f"{alias}=0.25" in str(refused.value)
        assert f"{first}=0.25" in str(refused.value)
    nested = {f"learner_params__{name}": 0.25 for name in (alias, first)}
    with pytest.raises(ValueError, match="are two names of one parameter"):
        DeliveryClassifier(algorithm=algorithm).set_params(**nested)
    # One name replaces the other of an earlier call, and a default of the family.
    model = DeliveryClassifier(algorithm=algorithm)
    for name in (alias, first):
        model.set_params(**{f"learner_params__{name}": 0.25})
    left = model.learner_params if algorithm == "boosting" else model.learner_params["boosting"]
    assert left == {first.removeprefix("boosting__"): 0.25}
