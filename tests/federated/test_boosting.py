"""Boosting over homes: the trees of all rows in one place, and nothing that is no sum of rows."""

import numpy as np
import pytest

from novin_ml import MotionClassifier, export_coreml, verify_coreml
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import (
    BoostingSettings,
    LocalBoostingHome,
    LocalHome,
    homes_of,
    merged_statistics,
    train_boosting,
)
from novin_ml.federated.boosting.trees import binned
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.federated.conftest import N_FEATURES

SETTINGS = BoostingSettings(rounds=6, bins=8)


@pytest.fixture(scope="module", params=[2, 3])
def federation(request, rows):
    table, labels, home = rows
    if request.param == 2:
        labels = np.where(labels == "pet", "pet", "other").astype(object)
    homes, classes = homes_of(table, labels, home)
    statistics, _ = merged_statistics(homes, N_FEATURES, len(classes))
    return homes, statistics, classes


def trained(federation, homes=None, settings=SETTINGS):
    own, statistics, classes = federation
    estimator = MotionClassifier("boosting", random_state=0)
    return train_boosting(
        estimator, own if homes is None else homes, statistics, classes, settings,
        feature_names=["a", "b", "c", "d"],
    )  # fmt: skip


def raw(result):
    return bytes(result.model.learner_.booster.save_raw("json"))


@pytest.fixture(scope="module")
def result(federation):
    return trained(federation)


def test_the_trees_are_those_of_all_rows_in_one_place(federation, result):
    homes = list(federation[0].values())
    whole = LocalHome(
        "all", np.concatenate([h.X for h in homes]), np.concatenate([h.codes for h in homes])
    )
    assert raw(trained(federation, {"all": whole})) == raw(result)
    assert raw(trained(federation, dict(reversed(federation[0].items())))) == raw(result)
    assert (result.refusals, result.n_refused) == ([], 0)


def test_it_learns(federation, result, rows):
    table, labels, _ = rows
    truth = np.where(np.isin(labels, federation[2]), labels, "other")
    assert result.model.score(table, truth) > 0.9
    n_trees = 1 if len(federation[2]) == 2 else 3
    assert result.model.learner_.booster.num_boosted_rounds() == SETTINGS.rounds
    # Of each tree one root, and one of two siblings below: 1 + 1 + 2, where all nodes split.
    of_node = N_FEATURES * (SETTINGS.bins + 1) * 2 * 8
    assert result.bytes_of_home <= SETTINGS.rounds * n_trees * 4 * of_node


def test_the_booster_answers_as_the_trees(federation, result):
    """At the ends of bins, one float32 beside them, and where values are missing."""
    edges = np.nan_to_num(federation[1].quantiles(np.linspace(0, 1, SETTINGS.bins + 1)[1:-1]))
    near = [edges, np.nextafter(edges, np.float32(np.inf)), np.nextafter(edges, -np.float32(1e30))]
    X = np.concatenate([*near, np.full((1, N_FEATURES), np.nan)]).astype(np.float32)
    rng = np.random.default_rng(0)
    X = np.concatenate([X, rng.permuted(np.repeat(X, 20, axis=0), axis=0)])
    places = binned(X, edges)
    # Rows of one bin have one answer, and some rows of two bins have two.
    answers = result.model.learner_.margins(X)
    of_place = {}
    for place, answer in zip(map(tuple, places.tolist()), answers.tolist(), strict=True):
        assert of_place.setdefault(place, answer) == answer
    assert len(set(map(tuple, answers.tolist()))) >= 4


def test_it_is_saved_and_exported_as_any_boosting(result, rows, tmp_path):
    table = rows[0]
    save_estimator(result.model, tmp_path / "model")
    loaded = load_estimator(tmp_path / "model")
    assert np.array_equal(loaded.predict_proba(table), result.model.predict_proba(table))
    export = export_coreml(result.model, tmp_path / "model.mlmodel")
    assert export.certificate.passed
    assert verify_coreml(export.model, estimator=result.model).passed


class Odd(LocalBoostingHome):
    """A home whose answers are no sums of its rows."""

    change = None

    def histograms(self, task):
        return type(self).change(super().histograms(task))


def one_more(answer):
    answer[0, 0, 0, 0] += 1
    return answer


def negative(answer):
    answer[:, :, 0, 1] -= 10**12
    return answer


def dead(answer):
    raise OSError("gone")


def least(answer):
    answer[...] = np.iinfo(np.int64).min  # its absolute value is negative
    return answer


def all_in_one_bin(answer):
    answer[...] = SETTINGS.max_examples << 20  # each is allowed, their sum is not
    return answer


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.astype(float), "not whole"),
        (lambda a: None, "not whole"),
        (lambda a: a[:, :-1], "another shape"),
        (lambda a: a * 10**7, "too large"),
        (negative, "too large"),
        (one_more, "contradiction"),
        (dead, "failed"),
        (least, "too large"),
        (all_in_one_bin, "too large"),
    ],
)
def test_what_is_no_sum_of_rows_is_refused_and_the_rest_goes_on(federation, result, change, reason):
    kind = type("OneOfThem", (Odd,), {"change": staticmethod(change)})
    homes = dict(federation[0])
    found = trained(federation, {**homes, "odd": kind(homes["home_03"])})
    assert raw(found) == raw(result)
    assert {(each.source, each.reason) for each in found.refusals} == {("odd", reason)}
    assert found.n_refused >= SETTINGS.rounds


class Leaves(LocalBoostingHome):
    """A home that answers the first level of each round alone."""

    def histograms(self, task):
        if all((tree.feature < 0).all() for tree in task.growing):
            return super().histograms(task)
        raise ConnectionError


def test_a_round_counts_the_same_homes_in_all_levels(federation, result):
    """Else the rows of a home that leaves would all be taken for those of one sibling."""
    homes = dict(federation[0])
    left = trained(federation, {**homes, "leaves": Leaves(homes["home_03"])})
    assert raw(left) == raw(result)
    assert left.n_refused == SETTINGS.rounds
    assert {each.reason for each in left.refusals} == {"failed"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0}, {"depth": 11}, {"bins": 1}, {"rate": 0}, {"l2": -1}, {"min_hessian": np.inf},
        {"max_examples": 0}, {"deadline": 0},
    ],
)  # fmt: skip
def test_settings_out_of_their_range_are_refused(federation, wrong):
    with pytest.raises(InvalidParametersError, match=f"The {next(iter(wrong))!r} parameter of"):
        trained(federation, settings=BoostingSettings(**wrong))


def test_what_cannot_be_is_refused(federation):
    homes, statistics, classes = federation
    with pytest.raises(InvalidParametersError, match="algorithm='boosting'"):
        train_boosting(MotionClassifier("mlp"), homes, statistics, classes)
    with pytest.raises(InvalidParametersError, match="must have a home"):
        train_boosting(MotionClassifier("boosting"), {}, statistics, classes)
