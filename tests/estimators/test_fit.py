"""What fit does: early stopping, groups, weights, seeds, the size budget."""

import numpy as np
import pytest
import xgboost
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.class_weight import compute_sample_weight

from novin_ml import DeliveryClassifier
from novin_ml.estimators.learners import Rows, hold_out
from novin_ml.estimators.learners._size import interface_bytes, tree_bytes
from tests.estimators.tables import ALGORITHMS, SMALL_NETWORK, classifier, table

both_algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


def held_rows(n_rows=600, n_classes=3, seed=0):
    codes = np.random.default_rng(seed).integers(0, n_classes, n_rows)
    # The row's number is its only feature, so that a part says which rows it has.
    return Rows(np.arange(n_rows, dtype=np.float32)[:, None], codes, codes.astype(np.float32))


def parts_of(rows, groups=None, fraction=0.25):
    train, held_back = hold_out(rows, groups, fraction, np.random.RandomState(0))
    return train, held_back, train.X[:, 0].astype(int), held_back.X[:, 0].astype(int)


def test_held_back_rows_keep_the_shares_of_the_classes():
    rows = held_rows()
    train, held_back, train_at, held_at = parts_of(rows)
    assert_array_equal(np.sort(np.concatenate([train_at, held_at])), np.arange(600))
    assert len(held_at) == 150
    for part, at in ((train, train_at), (held_back, held_at)):
        assert_array_equal(part.codes, rows.codes[at])
        assert_array_equal(part.weight, rows.weight[at])
    shares = [np.bincount(part.codes) / len(part.codes) for part in (train, held_back)]
    assert_allclose(*shares, atol=0.01)


def test_held_back_rows_keep_groups_together():
    groups = np.random.default_rng(1).integers(0, 40, 600)
    _, _, train_at, held_at = parts_of(held_rows(), groups)
    assert not set(groups[train_at]) & set(groups[held_at])
    assert len(set(groups[held_at])) == 10
    assert len(train_at) + len(held_at) == 600


@pytest.mark.parametrize(
    "codes", [np.arange(30) // 2, np.r_[np.zeros(29, int), 1], np.r_[np.zeros(20, int), 2, 2]]
)
def test_rows_are_held_back_where_classes_are_too_small_to_be_shared(codes):
    rows = Rows(np.arange(len(codes), dtype=np.float32)[:, None], codes)
    train, held_back, train_at, held_at = parts_of(rows, fraction=0.1)
    assert len(train_at) + len(held_at) == len(codes)
    assert len(held_at) == 3
    assert train.weight is None
    assert held_back.weight is None


@both_algorithms
def test_fit_holds_back_whole_groups(algorithm):
    # Two homes with opposite habits: whichever is held back, the other's is all that is learned.
    X, _ = table(800)
    home = np.arange(800) % 2
    y = (X[:, 0] > 0) ^ (home == 1)
    model = classifier(algorithm, early_stopping=True, validation_fraction=0.5)
    apart = model.fit(X, y, groups=np.array(["elm", "oak"])[home])
    right = [apart.score(X[home == which], y[home == which]) for which in (0, 1)]
    assert max(right) > 0.9
    assert min(right) < 0.1
    assert 0.3 < model.fit(X, y).score(X, y) < 0.7


@both_algorithms
def test_early_stopping_keeps_the_best_epoch(algorithm):
    X, y = table(400, noise=0.3)
    fast = {"patience": 4}
    fast |= {"learning_rate": 0.5} if algorithm == "boosting" else {"learning_rate_init": 0.05}
    stopped = classifier(algorithm, early_stopping=True, epochs=100, learner_params=fast).fit(X, y)
    report = stopped.fit_report_
    assert report.epochs_planned == 100
    assert len(report.validation_loss) == report.epochs_run == stopped.n_iter_ < 100
    assert report.epochs_kept == int(np.argmin(report.validation_loss)) + 1
    assert report.epochs_run == report.epochs_kept + 4
    # Trained no longer than that, the model is the same.
    direct = stopped.set_params(epochs=report.epochs_kept)
    expected = stopped.predict_proba(X)
    assert_array_equal(direct.fit(X, y).predict_proba(X), expected)
    assert direct.fit_report_.epochs_kept == report.epochs_kept


def test_the_booster_holds_the_kept_rounds_only():
    X, y = table(400, noise=0.3)
    model = classifier(early_stopping=True, epochs=100, learner_params={"patience": 4}).fit(X, y)
    assert model.learner_.booster.num_boosted_rounds() == model.fit_report_.epochs_kept


@both_algorithms
def test_auto_stops_early_from_a_thousand_rows_on(algorithm):
    X, y = table(1_000)
    assert len(classifier(algorithm, epochs=2).fit(X, y).fit_report_.validation_loss) == 2
    assert classifier(algorithm, epochs=2).fit(X[1:], y[1:]).fit_report_.validation_loss == []


@both_algorithms
@pytest.mark.parametrize("labels", [np.array([0, 1, 2]), np.array(["a", "b", "c"])])
@pytest.mark.parametrize("balanced", [True, False])
def test_class_weight_is_a_sample_weight(algorithm, labels, balanced):
    X, codes = table(n_classes=3)
    y = labels[codes]
    class_weight = "balanced" if balanced else {labels[0]: 3.0, labels[2]: 0.5}
    own = np.linspace(0.5, 1.5, len(y))
    by_class = classifier(algorithm, class_weight=class_weight).fit(X, y, sample_weight=own)
    product = own.astype(np.float32) * compute_sample_weight(class_weight, y).astype(np.float32)
    by_row = classifier(algorithm).fit(X, y, sample_weight=product)
    assert_array_equal(by_class.predict_proba(X), by_row.predict_proba(X))
    plain = classifier(algorithm).fit(X, y).predict_proba(X)
    assert not np.array_equal(by_class.predict_proba(X), plain)


@both_algorithms
@pytest.mark.parametrize("early_stopping", [False, True])
def test_rows_of_no_weight_are_as_if_absent(algorithm, early_stopping):
    X, y = table(500)
    X = np.concatenate([X, 100 * X[:200]])
    y = np.concatenate([y, 1 - y[:200]])
    weight = np.concatenate([np.ones(500), np.zeros(200)])
    model = classifier(algorithm, early_stopping=early_stopping)
    expected = model.fit(X[:500], y[:500], sample_weight=np.ones(500)).predict_proba(X)
    assert_array_equal(model.fit(X, y, sample_weight=weight).predict_proba(X), expected)


@both_algorithms
def test_nearly_all_rows_may_have_no_weight(algorithm):
    X, y = table(1_500)
    model = classifier(algorithm, early_stopping=True).fit(
        X, y, sample_weight=np.arange(1_500) < 40
    )
    assert np.isfinite(model.predict_proba(X)).all()
    assert model.training_data_["n_samples"] == 40


@both_algorithms
def test_a_class_may_have_no_weight(algorithm):
    X, y = table(n_classes=3)
    model = classifier(algorithm, class_weight={1: 0.0}, early_stopping=True, epochs=40).fit(X, y)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert model.predict_proba(X)[:, 1].mean() < 0.1


@both_algorithms
def test_weights_must_not_all_be_zero(algorithm):
    X, y = table()
    with pytest.raises(ValueError, match=r"non-zero|positive weight"):
        classifier(algorithm).fit(X, y, sample_weight=np.zeros(len(y)))
    with pytest.raises(ValueError, match="positive weight"):
        classifier(algorithm, class_weight={0: 0, 1: 0}).fit(X, y)


@both_algorithms
def test_fit_changes_none_of_its_arguments(algorithm):
    X, y = table(missing=0.1)
    weight, groups = np.linspace(0, 1, len(y)), np.arange(len(y)) % 7
    arguments = (X, y, weight, groups)
    copies = [argument.copy() for argument in arguments]
    learner_params = {"patience": 3}
    model = DeliveryClassifier(
        algorithm, epochs=3, early_stopping=True, learner_params=learner_params
    )
    model.fit(X, y, sample_weight=weight, groups=groups).predict_proba(X)
    for argument, copy in zip(arguments, copies, strict=True):
        assert_array_equal(argument, copy)
    assert learner_params == {"patience": 3}


@both_algorithms
def test_the_seed_decides_and_the_global_one_is_left_alone(algorithm):
    X, y = table()

    def answer(random_state):
        model = classifier(algorithm, early_stopping=True, random_state=random_state)
        return model.fit(X, y).predict_proba(X)

    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert_array_equal(answer(3), answer(3))
    assert_array_equal(answer(3), answer(np.random.RandomState(3)))
    assert not np.array_equal(answer(3), answer(4))
    shared = np.random.RandomState(3)
    assert not np.array_equal(answer(shared), answer(shared))
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@both_algorithms
def test_verbose_writes_to_standard_error_only_when_asked(algorithm, capsys):
    X, y = table()
    classifier(algorithm, epochs=2, early_stopping=True).fit(X, y)
    assert capsys.readouterr() == ("", "")
    classifier(algorithm, epochs=2, early_stopping=True, verbose=1).fit(X, y)
    out, err = capsys.readouterr()
    assert out == ""
    assert "DeliveryClassifier" in err
    assert "log loss" in err


@pytest.mark.parametrize("n_classes", [2, 3])
def test_max_bytes_stops_boosting(n_classes):
    X, y = table(2_000, n_classes=n_classes)
    free = classifier(max_bytes=None, early_stopping=False, epochs=30).fit(X, y)
    assert not free.size_report_.bound
    assert free.size_report_.max_bytes is None
    budget = free.size_report_.model_bytes // 2
    bound = classifier(max_bytes=budget, early_stopping=False, epochs=30).fit(X, y)
    report = bound.size_report_
    assert report.bound
    assert report.model_bytes <= budget
    assert f"after {bound.fit_report_.epochs_kept} of 30 rounds" in report.cost
    # It is the free model, cut; one round more would not have fitted.
    kept = bound.fit_report_.epochs_kept
    for rounds, fits in ((kept, True), (kept + 1, False)):
        cut = classifier(max_bytes=None, early_stopping=False, epochs=rounds).fit(X, y)
        interface = interface_bytes(X.shape[1], n_classes)
        n_bytes = interface + int(tree_bytes(cut.learner_.booster).sum())
        assert (n_bytes <= budget) is fits
        assert cut.size_report_.model_bytes == pytest.approx(n_bytes, rel=0.05)
        assert np.array_equal(cut.predict_proba(X), bound.predict_proba(X)) is fits


def test_max_bytes_narrows_the_network():
    X, y = table(400)
    wide = {"hidden_layer_sizes": (64, 32)}
    free = classifier("mlp", learner_params=wide, epochs=2).fit(X, y)
    assert [weight.shape[1] for weight in free.learner_.weights] == [64, 32, 1]
    assert not free.size_report_.bound
    budget = free.size_report_.model_bytes - 4_000
    bound = classifier("mlp", learner_params=wide, max_bytes=budget, epochs=2).fit(X, y)
    assert bound.size_report_.bound
    assert bound.size_report_.model_bytes <= budget
    assert bound.learner_.weights[0].shape[1] < 64
    assert "(64, 32)" in bound.size_report_.cost


@pytest.mark.parametrize("max_bytes", [100, 4_800])
@both_algorithms
def test_max_bytes_that_hold_no_model_are_refused(algorithm, max_bytes):
    X, y = table()
    with pytest.raises(
        ValueError, match=rf"'max_bytes'.* must leave room.* Got {max_bytes} instead"
    ):
        classifier(algorithm, max_bytes=max_bytes).fit(X, y)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_boosting_is_xgboost(n_classes):
    X, y = table(n_classes=n_classes, missing=0.1)
    tree = {
        "max_depth": 6,
        "learning_rate": 0.2,
        "max_bin": 64,
        "min_child_weight": 5.0,
        "reg_lambda": 1.0,
        "subsample": 1.0,
        "colsample_bynode": 1.0,
    }
    model = classifier(early_stopping=False, learner_params=tree).fit(X, y)
    binary = n_classes == 2
    params = {
        "objective": "binary:logistic" if binary else "multi:softprob",
        "tree_method": "hist",
        "nthread": 1,
        **tree,
    }
    if not binary:
        params["num_class"] = n_classes
    data = xgboost.QuantileDMatrix(X, y, max_bin=64, nthread=1)
    expected = xgboost.train(params, data, 12).predict(xgboost.DMatrix(X, nthread=1))
    got = model.predict_proba(X)
    assert_array_equal(got[:, 1] if binary else got, expected)


def test_both_algorithms_learn():
    X, y = table(4_000, noise=0.0)
    test_X, test_y = table(2_000, seed=1, noise=0.0)
    boosting = DeliveryClassifier(random_state=0, n_jobs=1).fit(X, y)
    network = DeliveryClassifier("mlp", random_state=0, learner_params=SMALL_NETWORK).fit(X, y)
    assert boosting.score(test_X, test_y) > 0.93
    assert network.score(test_X, test_y) > 0.93
