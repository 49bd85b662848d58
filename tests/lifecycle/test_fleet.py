"""Fleets: one file per home, the same whoever fits it, and done only once."""

import dataclasses
import os
import random
import signal
import threading
import time
from concurrent.futures.process import BrokenProcessPool

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.exceptions import InvalidEventError, SavedModelError
from novin_ml.features import BehaviorFeatures
from novin_ml.lifecycle import fit_fleet, load_estimator, load_fleet
from novin_ml.simulation import simulate_behavior
from tests.lifecycle.fleets import contents, detector, feature_table

NAMES = tuple(f"home {i}" for i in range(20))


def fit(table, out, **params):
    return fit_fleet(table, out=out, **{"estimator": detector(), "random_state": 0, **params})


def test_each_home_has_the_model_of_its_rows_alone(tmp_path):
    table = feature_table()
    report = fit(table, tmp_path)
    assert report.fitted == ("ash", "birch", "cedar")
    assert (report.skipped, report.failed, report.n_replaced) == ((), {}, 0)
    fleet = load_fleet(tmp_path)
    for name, rows in table.groupby("home_id"):
        X = rows[["feature_0", "feature_1", "feature_2"]]
        model = fleet[name]
        assert model.feature_names_in_.tolist() == list(X)
        again = detector(random_state=model.random_state).fit(X, timestamps=rows["timestamp"])
        np.testing.assert_array_equal(model.score_samples(X), again.score_samples(X))
        assert (model.offset_, model.state_) == (again.offset_, again.state_)
    assert len({fleet[name].random_state for name in fleet}) == 3


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    fit(feature_table(NAMES), folder)
    return contents(folder)


@pytest.mark.parametrize(
    ("backend", "n_jobs"), [("loky", 1), ("loky", 2), ("threading", 2), ("sequential", 1)]
)
def test_files_are_the_same_under_every_backend(backend, n_jobs, serial, tmp_path):
    with joblib.parallel_config(backend, n_jobs=n_jobs):
        report = fit(feature_table(NAMES), tmp_path)
    assert report.fitted == NAMES
    assert contents(tmp_path) == serial


def test_a_home_does_not_depend_on_the_others_or_their_order(serial, tmp_path):
    names = random.Random(0).sample(NAMES, 7)
    table = feature_table(names)
    # Homes interleaved, the rows of each in their order.
    row = table.groupby("home_id").cumcount()
    fit(table.iloc[np.argsort(row, kind="stable")], tmp_path)
    files = contents(tmp_path)
    assert len(files) == 7
    assert files.items() <= serial.items()


def test_tables_that_come_one_after_the_other_make_the_same_fleet(serial, tmp_path):
    report = fit((feature_table(NAMES[i : i + 3]) for i in range(0, 20, 3)), tmp_path)
    assert report.fitted == NAMES
    assert contents(tmp_path) == serial


def test_a_home_in_two_tables_is_an_error(tmp_path):
    with pytest.raises(InvalidEventError, match=r"all be in one table\. Got more of 'ash'"):
        fit([feature_table(), feature_table(("ash",))], tmp_path, n_jobs=2)
    assert len(load_fleet(tmp_path)) == 3


def test_a_seed_is_that_of_the_fleet_and_the_home(tmp_path):
    fit(feature_table(), tmp_path / "a", random_state=0)
    fit(feature_table(), tmp_path / "b", random_state=np.random.RandomState(0))
    fit(feature_table(), tmp_path / "c", random_state=1)
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert a == b
    assert all(a[name] != c[name] for name in a)


def test_a_rerun_fits_nothing_and_touches_no_file(tmp_path):
    first = fit(feature_table(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = fit(feature_table(), tmp_path)
    assert again.skipped == first.fitted
    assert again.fitted == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    for name in ("n_learning", "n_unproven", "n_ready", "n_bytes"):
        assert getattr(again, name) == getattr(first, name)


def test_without_a_seed_a_rerun_skips_too(tmp_path):
    fit(feature_table(), tmp_path, random_state=None)
    assert len(fit(feature_table(), tmp_path, random_state=None).skipped) == 3
    # Asked for a seed, the files of an unknown one do not do.
    assert fit(feature_table(), tmp_path, random_state=0).n_replaced == 3


def other_value(table):
    table.loc[0, "feature_1"] += 1
    return table


def other_time(table):
    table.loc[0, "timestamp"] += 1
    return table


def other_name(table):
    return table.rename(columns={"feature_1": "other"})


@pytest.mark.parametrize(
    ("change", "n_changed"), [(other_value, 1), (other_time, 1), (other_name, 3)]
)
def test_a_home_with_other_rows_is_fitted_again(change, n_changed, tmp_path):
    table = feature_table()
    fit(table, tmp_path / "out")
    table = change(table)
    report = fit(table, tmp_path / "out")
    assert report.fitted == ("ash", "birch", "cedar")[:n_changed]
    assert report.n_replaced == n_changed
    fit(table, tmp_path / "new")
    assert contents(tmp_path / "out") == contents(tmp_path / "new")


@pytest.mark.parametrize("params", [{"n_estimators": 5}, {"alarms_per_week": 3.0}])
def test_other_parameters_are_fitted_again(params, tmp_path):
    fit(feature_table(), tmp_path)
    assert fit(feature_table(), tmp_path, estimator=detector(**params)).n_replaced == 3
    # The detector's own seed is not used.
    again = fit(feature_table(), tmp_path, estimator=detector(random_state=7, **params))
    assert len(again.skipped) == 3


@pytest.mark.parametrize("damage", [lambda old: old[: len(old) // 2], lambda old: b""])
def test_damaged_files_are_fitted_again_and_leftovers_removed(damage, tmp_path):
    fit(feature_table(), tmp_path)
    whole = contents(tmp_path)
    path = min(tmp_path.iterdir())
    path.write_bytes(damage(whole[path.name]))
    (tmp_path / f".{path.name}-0123456789abcdef").write_bytes(b"half")  # of version 0.1.0
    leftover = tmp_path / ".home-that-is-gone.novin.writing"
    leftover.mkdir()
    (leftover / "home-that-is-gone.novin").write_bytes(b"half")
    with pytest.raises(SavedModelError):
        load_fleet(tmp_path)["ash"]
    report = fit(feature_table(), tmp_path)
    assert report.fitted == ("ash",)
    assert report.n_replaced == 1
    assert contents(tmp_path) == whole


ODD = (
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "CON",
    "nul.txt",
    "home",
    "Home",
    "HOME ",
    "Zuhause-ß",
    "家",
    "家庭",
    "e\u0301",
    "\u00e9",
    "a\nb",
    "x\x00y",
    "\ud800",
    "*?[!.]",
    "l" * 300,
    "l" * 301,
    "-rf",
)


def test_any_home_id_has_a_file_of_its_own_in_the_folder(tmp_path):
    folder = tmp_path / "out"
    report = fit(feature_table(ODD, n_rows=8), folder)
    assert report.fitted == ODD
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    files = [path.name for path in folder.iterdir()]
    assert len({name.lower() for name in files}) == len(ODD)
    assert all(name.isascii() and len(name) <= 80 and name[0].isalnum() for name in files)
    fleet = load_fleet(folder)
    assert set(fleet) == set(ODD)
    assert len(fleet) == len(ODD)
    assert all(fleet[name].n_features_in_ == 3 for name in ODD)
    assert fit(feature_table(ODD, n_rows=8), folder).skipped == ODD


def test_whole_numbers_are_home_ids_too(tmp_path):
    assert fit(feature_table((7, 12)), tmp_path).fitted == ("7", "12")
    assert load_fleet(tmp_path)[7].n_features_in_ == 3
    assert 8 not in load_fleet(tmp_path)


@pytest.mark.parametrize(
    ("names", "match"), [((0.5, "a"), "text or whole numbers"), ((1, "1"), "differ as text")]
)
def test_other_home_ids_are_refused(names, match, tmp_path):
    with pytest.raises(InvalidEventError, match=match):
        fit(feature_table(names), tmp_path)


def test_one_bad_home_does_not_stop_the_fleet(tmp_path):
    table = feature_table(NAMES)
    table.loc[table["home_id"] == NAMES[3], "feature_0"] = np.nan
    table.loc[table["home_id"] == NAMES[4], "timestamp"] = np.inf
    alone = table["home_id"] == NAMES[5]
    table = table.drop(table.index[alone][1:])
    report = fit(table, tmp_path, n_jobs=2)
    assert list(report.failed) == [NAMES[3], NAMES[4], NAMES[5]]
    assert "NaN" in report.failed[NAMES[3]]
    assert "'timestamps' parameter must be" in report.failed[NAMES[4]]
    assert "minimum of 2" in report.failed[NAMES[5]]
    assert set(load_fleet(tmp_path)) == set(NAMES) - set(report.failed)
    assert "20 homes: 17 fitted, 0 done before, 3 failed" in str(report)


def test_rows_without_consent_are_left_out_and_counted(tmp_path):
    table = feature_table()
    table["consent"] = pd.Series([True] * len(table), dtype=object)
    table.loc[table["home_id"] == "birch", "consent"] = False
    table.loc[5:9, "consent"] = "yes"
    report = fit(table, tmp_path / "a")
    assert report.fitted == ("ash", "cedar")
    assert report.n_events_without_consent == 125
    assert report.without_consent == ("birch",)
    assert (report.failed, report.removed) == ({}, ())
    kept = table[[consent is True for consent in table["consent"]]].drop(columns="consent")
    fit(kept, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.parametrize("n_left", [0, 1])
def test_a_home_that_withdraws_consent_is_served_no_longer(n_left, tmp_path):
    table = feature_table().assign(consent=True)
    fit(table, tmp_path)
    birch = table.index[table["home_id"] == "birch"]
    table.loc[birch[n_left:], "consent"] = False
    report = fit(table, tmp_path)
    assert report.removed == ("birch",)
    assert report.skipped == ("ash", "cedar")
    assert report.without_consent == (("birch",) if n_left == 0 else ())
    assert list(report.failed) == (["birch"] if n_left else [])  # too few rows for a baseline
    assert "1 file removed" in str(report)
    fleet = load_fleet(tmp_path)
    assert "birch" not in fleet
    assert set(fleet) == {"ash", "cedar"}
    assert fit(table, tmp_path).removed == ()


def test_a_home_that_fails_for_another_reason_keeps_its_file(tmp_path):
    table = feature_table()
    fit(table, tmp_path)
    before = contents(tmp_path)
    table.loc[table["home_id"] == "birch", "feature_0"] = np.nan
    report = fit(table, tmp_path)
    assert (list(report.failed), report.removed) == (["birch"], ())
    assert contents(tmp_path) == before


def test_rows_of_no_known_home_are_left_out_and_counted(tmp_path):
    table = feature_table(("ash", None, "unknown_home", "birch"))
    report = fit(table, tmp_path)
    assert report.fitted == ("ash", "birch")
    assert report.n_events_without_home == 240
    assert "240 without home" in str(report)


def test_learning_and_ready_homes_are_counted(tmp_path):
    table = feature_table(("a", "b"))
    report = fit(pd.concat([table, feature_table(("c",), days=5)]), tmp_path)
    assert (report.n_ready, report.n_learning) == (2, 1)
    report = fit(table.drop(columns="timestamp"), tmp_path)
    assert (report.n_ready, report.n_learning) == (0, 2)


def test_report_cannot_be_changed(tmp_path):
    report = fit(feature_table(), tmp_path)
    assert report.n_bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert set(report.stage_seconds) == {"check", "fit", "write"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.seconds = 0


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"estimator": StandardScaler()}, ValueError, "BehaviorAnomalyDetector, alone"),
        ({"estimator": make_pipeline(StandardScaler(), detector())}, ValueError, "behind features"),
        ({"estimator": make_pipeline(StandardScaler())}, ValueError, "behind features"),
        ({"estimator": detector(n_estimators=0)}, ValueError, "'n_estimators' parameter"),
        ({"random_state": "a"}, ValueError, "'random_state' parameter of fit_fleet"),
        ({"by": "house"}, InvalidEventError, "must have the column 'house'"),
    ],
)
def test_what_is_wrong_with_all_homes_is_an_error(params, error, match, tmp_path):
    with pytest.raises(error, match=match):
        fit(feature_table(), tmp_path, **params)


def test_tables_of_another_kind_are_refused(tmp_path):
    with pytest.raises(InvalidEventError, match="must be a pandas DataFrame"):
        fit([np.zeros((3, 3))], tmp_path)
    table = feature_table().assign(kind="motion")
    with pytest.raises(InvalidEventError, match=r"must be numbers\. Got .* in 'kind'"):
        fit(table, tmp_path)
    with pytest.raises(SavedModelError, match="folder that fit_fleet wrote"):
        load_fleet(tmp_path / "none")


def test_a_damaged_file_does_not_hide_the_healthy_homes(tmp_path):
    fit(feature_table(), tmp_path)
    path = next(path for path in tmp_path.iterdir() if path.name.startswith("birch"))
    path.write_bytes(b"damaged")
    fleet = load_fleet(tmp_path)
    assert set(fleet) == {"ash", "cedar"}
    assert len(fleet) == 2
    assert dict(fleet.items()).keys() == {"ash", "cedar"}
    with pytest.raises(SavedModelError):
        fleet["birch"]
    fit(feature_table(), tmp_path)
    assert set(fleet) == {"ash", "birch", "cedar"}  # what is mended is found


def test_a_file_that_was_renamed_is_refused(tmp_path):
    fit(feature_table(), tmp_path)
    first, second, _ = sorted(tmp_path.iterdir())
    os.replace(first, second)
    with pytest.raises(SavedModelError, match="named after"):
        load_fleet(tmp_path)["birch"]


@pytest.fixture(scope="module")
def events():
    return simulate_behavior(n_homes=3, weeks=4, random_state=0).assign(consent=True)


def test_event_logs_are_fitted_through_the_features(events, tmp_path):
    pipeline = make_behavior_pipeline(n_estimators=20)
    report = fit(events, tmp_path, estimator=pipeline, n_jobs=2)
    assert report.failed == {}
    fleet = load_fleet(tmp_path)
    for name, log in events.groupby("home_id", observed=True):
        model = fleet[name]
        X = BehaviorFeatures().set_output(transform="pandas").fit_transform(log)
        alone = detector(n_estimators=20, max_samples="auto", random_state=model[-1].random_state)
        alone.fit(X, timestamps=log["timestamp"])
        np.testing.assert_array_equal(model[-1].score_samples(X), alone.score_samples(X))
        assert model[-1].offset_ == alone.offset_
    assert fit(events, tmp_path, estimator=pipeline).skipped == report.fitted


@pytest.mark.parametrize("by", ["home_id", "house"])
def test_whole_numbers_and_other_columns_are_homes_of_event_logs(by, events, tmp_path):
    numbers = {name: 100 + i for i, name in enumerate(events["home_id"].unique())}
    homes = events["home_id"].map(numbers).astype("int64")
    without = events.drop(columns="home_id")
    for table in (events.assign(**{by: homes}), without.assign(**{by: homes})):
        report = fit_fleet(table, by, out=tmp_path, random_state=0)
        assert report.failed == {}
    assert report.skipped == ("100", "101", "102")
    model = load_fleet(tmp_path)[101]
    assert list(model[0].homes_) == ["101"]
    # The baseline of a home is the same under a number as under the same text.
    text = fit_fleet(events.assign(home_id=homes.astype(str)), out=tmp_path, random_state=0)
    assert text.skipped == report.skipped


def test_event_logs_need_consent(events, tmp_path):
    with pytest.raises(InvalidEventError, match="column 'consent'"):
        fit_fleet(events.drop(columns="consent"), out=tmp_path)
    report = fit_fleet(events.assign(consent=False), out=tmp_path)
    assert len(report.without_consent) == 3
    assert report.n_events_without_consent == len(events)


def test_a_file_of_a_home_is_a_saved_estimator(tmp_path):
    fit(feature_table(), tmp_path)
    model = load_estimator(min(tmp_path.iterdir()))
    assert model.get_params() == load_fleet(tmp_path)["ash"].get_params()


def kill_when_some_are_done(pid, folder):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(folder.glob("home-*")):
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)


def test_a_killed_process_ends_the_run_and_a_repeated_run_fits_the_rest(tmp_path):
    names = tuple(f"home {i}" for i in range(48))
    table = feature_table(names, n_rows=1_000)
    params = {"estimator": detector(n_estimators=100, max_samples=256), "n_jobs": 2}
    pids = joblib.Parallel(n_jobs=2)(joblib.delayed(os.getpid)() for _ in range(2))
    killer = threading.Thread(target=kill_when_some_are_done, args=(pids[0], tmp_path))
    killer.start()
    with pytest.raises(BrokenProcessPool):
        fit(table, tmp_path, **params)
    killer.join()
    report = fit(table, tmp_path, **params)
    assert report.skipped
    assert report.fitted
    assert sorted(report.skipped + report.fitted) == sorted(names)
    assert set(load_fleet(tmp_path)) == set(names)
