"""Asking a fleet: one home's baseline, events of its home alone, and all homes at once."""

import pickle

import numpy as np
import pytest

from novin_ml.evaluation import alarms_per_week
from novin_ml.exceptions import HomeMismatchError, SavedModelError
from novin_ml.lifecycle import (
    events_of_home,
    fit_fleet,
    is_fleet,
    load_estimator,
    load_fleet,
    load_home,
    save_baseline,
    save_estimator,
    score_fleet,
)
from novin_ml.simulation import simulate_behavior


@pytest.fixture(scope="module")
def events():
    return simulate_behavior(3, weeks=4, random_state=0).assign(consent=True)


@pytest.fixture
def folder(fitted, tmp_path):
    """A fleet of the first two homes."""
    import shutil

    return shutil.copytree(fitted, tmp_path / "fleet")


@pytest.fixture(scope="module")
def fitted(events, tmp_path_factory):
    out = tmp_path_factory.mktemp("fleet")
    fit_fleet(events[events["home_id"] != "home_0003"], out=out, random_state=0)
    return out


def test_each_event_is_scored_by_the_baseline_of_its_home(events, folder):
    fleet = load_fleet(folder)
    shuffled = events.sample(frac=1, random_state=0).sort_values("timestamp", kind="stable")
    found = score_fleet(fleet, shuffled)
    for name in ("home_0001", "home_0002"):
        own = (shuffled["home_id"] == name).to_numpy()
        expected = fleet[name].score_samples(shuffled[own])
        np.testing.assert_array_equal(found.scores["anomaly_score"][own], -expected)
        assert (found.scores["threshold"][own] == -fleet[name][-1].offset_).all()
        np.testing.assert_array_equal(
            found.scores["alarm"][own].astype(bool), expected < fleet[name][-1].offset_
        )
    other = (shuffled["home_id"] == "home_0003").to_numpy()
    assert found.scores[other].isna().all(axis=None)
    assert found.without_baseline == ["home_0003"]
    assert found.n_scored == (~other).sum()
    assert found.n_ready + found.n_unproven + found.n_learning == 2
    assert found.n_unusual == found.scores["alarm"].sum()
    alarm = found.scores["alarm"][~other].to_numpy(dtype=bool)
    assert found.alarms == alarms_per_week(shuffled[~other], alarm)


def test_without_any_baseline_there_is_nothing_to_score(events, folder):
    stranger = events[events["home_id"] == "home_0003"]
    with pytest.raises(HomeMismatchError, match=r"Got 'home_0003'\. Fit them with fit_fleet"):
        score_fleet(load_fleet(folder), stranger)


def test_a_fleet_is_told_from_an_estimator(folder, tmp_path):
    assert is_fleet(folder)
    assert is_fleet(str(folder))
    assert not is_fleet(tmp_path / "none")
    assert not is_fleet(min(folder.iterdir()))
    assert not is_fleet(save_estimator(load_home(folder, "home_0001"), tmp_path / "one"))


def test_a_home_of_a_fleet_must_be_named(folder):
    assert load_home(folder, "home_0002")[0].homes_.tolist() == ["home_0002"]
    with pytest.raises(HomeMismatchError, match=r"baselines of 2 homes, and one must be named"):
        load_home(folder, None)
    with pytest.raises(HomeMismatchError, match=r"The 'home' parameter must .* 'home_0002'\.$"):
        load_home(folder, "home_0003")
    with pytest.raises(SavedModelError):
        load_home(folder / "none", "home_0001")


def test_events_of_other_homes_are_told(events, folder):
    baseline = load_home(folder, "home_0001")
    own = events[events["home_id"] == "home_0001"]
    assert events_of_home(baseline, own).equals(own)
    assert events_of_home(baseline, events, "home_0001").equals(own)
    with pytest.raises(HomeMismatchError, match="Got events of 'home_0003', 'home_0002'"):
        events_of_home(baseline, events)
    with pytest.raises(HomeMismatchError, match=r"must be the baseline's, 'home_0001'\. Got 'h"):
        events_of_home(baseline, events, "home_0002")
    with pytest.raises(HomeMismatchError, match="Got none of it"):
        events_of_home(baseline, own[:0])


def test_a_changed_baseline_stays_in_its_fleet(events, folder):
    path = load_fleet(folder).path_of("home_0001")
    for place, home, budget in [(folder, "home_0001", 4.0), (path, None, 5.0)]:
        baseline = load_home(folder, "home_0001")
        baseline[-1].set_alarms_per_week(budget)
        assert save_baseline(baseline, place, home) == path
        assert load_home(folder, "home_0001")[-1].alarms_per_week == budget
    assert list(load_fleet(folder)) == ["home_0001", "home_0002"]
    # It is not what fit_fleet would have written, which fits it again.
    report = fit_fleet(events[events["home_id"] != "home_0003"], out=folder, random_state=0)
    assert (report.fitted, report.skipped) == (("home_0001",), ("home_0002",))
    with pytest.raises(HomeMismatchError, match="one must be named"):
        save_baseline(baseline, folder)


@pytest.mark.parametrize("name", ["alone", "alone.novin"])
def test_a_baseline_alone_is_a_saved_estimator(name, folder, tmp_path):
    baseline = load_home(folder, "home_0001")
    for budget in (2.0, 3.0):
        baseline[-1].set_alarms_per_week(budget)
        path = save_baseline(baseline, tmp_path / name)
        assert load_estimator(path)[-1].alarms_per_week == budget
    detector = load_home(folder, "home_0001")[-1]
    assert load_estimator(save_baseline(detector, path)).get_params() == detector.get_params()


def test_the_error_survives_the_way_from_a_worker():
    error = pickle.loads(pickle.dumps(HomeMismatchError("Got two.", "Pass one.")))
    assert (error.problem, error.remedy, str(error)) == (
        "Got two.",
        "Pass one.",
        "Got two. Pass one.",
    )
    assert str(HomeMismatchError("Got two.")) == "Got two."
