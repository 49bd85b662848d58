"""Activities of people and occupancy of a room: splits that keep users, or days, together first.

The settings of boosting were chosen on these very folds of wisdm, as `benchmarks.real_data` says;
the peers are as they come. ``python -m benchmarks.real_data`` shows more models.
"""

import numpy as np
import pytest

from benchmarks._cross_validation import over_groups, share
from benchmarks._datasets import read_room_occupancy, read_wisdm
from benchmarks.real_data import (
    BOOSTING,
    FOREST,
    XGBOOST,
    days_apart,
    room_scores,
    show,
    users_apart,
    wisdm_scores,
)

POINT = 0.01


@pytest.fixture(scope="module")
def wisdm(shared_data):
    return read_wisdm(shared_data)


@pytest.fixture(scope="module")
def room(shared_data):
    return read_room_occupancy(shared_data)


@pytest.fixture(scope="module")
def wisdm_results(wisdm):
    peers = {"xgboost": XGBOOST, "random forest": FOREST}
    results = wisdm_scores(wisdm, {"boosting": BOOSTING})
    results |= wisdm_scores(wisdm, peers, pooled=False)
    show("wisdm, accuracy", results)
    return results


def test_wisdm_is_what_it_says(wisdm):
    assert wisdm.X.shape == (5418, 43)
    assert len(np.unique(wisdm.groups)) == 36
    assert len(np.unique(wisdm.y)) == 6
    assert wisdm.X.isna().any(axis=1).mean() == pytest.approx(0.087, abs=0.001)


def test_no_group_is_on_both_sides(wisdm, room):
    for data, folds in ((wisdm, users_apart(wisdm)), (room, days_apart(room))):
        for train, test in folds:
            assert not set(data.groups[train]) & set(data.groups[test])
    assert len(users_apart(wisdm)) == 6
    assert len(days_apart(room)) == 7


def test_activities_of_users_never_seen(wisdm_results):
    measured = wisdm_results["boosting"]["users apart"]
    assert measured.value >= 0.77
    assert measured.low < measured.value < measured.high


def test_activities_of_known_users(wisdm_results):
    measured = wisdm_results["boosting"]["pooled"]
    assert measured.value >= 0.90
    assert measured.low < measured.value < measured.high


def test_boosting_holds_its_own_on_the_same_folds(wisdm_results):
    ours, *peers = (measured["users apart"].value for measured in wisdm_results.values())
    assert ours > max(peers) - POINT


def test_a_random_split_of_days_flatters(room):
    results = room_scores(room, {"boosting": BOOSTING})
    show("room_occupancy", results)
    (measured,) = results.values()
    accuracy = measured["random, accuracy"].value - measured["days apart, accuracy"].value
    f1 = measured["random, macro F1"].value - measured["days apart, macro F1"].value
    assert accuracy > 0.04
    assert f1 > 0.15
    assert measured["days apart, accuracy"].value > 0.90


def test_intervals_hold_the_score_and_narrow_with_more_groups():
    rng = np.random.default_rng(0)
    right = rng.random(3000) < 0.8
    few, many = (
        over_groups(lambda y, answer: float(np.mean(y == answer)), np.ones(3000), right, groups)
        for groups in (np.arange(3000) % 4, np.arange(3000))
    )
    for score in (few, many):
        assert score.low <= score.value <= score.high
        assert score.value == right.mean()
    wilson = share(right)
    assert (many.low, many.high) == pytest.approx((wilson.low, wilson.high), abs=0.005)
    # Rows of a group that are all right or all wrong say as little as one row.
    clumped = np.repeat(right[:30], 100)
    wide = over_groups(
        lambda y, answer: float(np.mean(y == answer)),
        np.ones(3000),
        clumped,
        np.repeat(np.arange(30), 100),
    )
    assert wide.high - wide.low > 5 * (wilson.high - wilson.low)
