"""A saved monitor of a home goes on as the one that was saved."""

import json

import pandas as pd
import pytest

from novin_ml.estimators import HomeMonitor, MonitorStream
from novin_ml.exceptions import SavedModelError
from novin_ml.features import ActivityHistory
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_behavior

DAY = 86_400


@pytest.fixture(scope="module", params=[10, 24])
def case(request):
    """A monitor that is learning, and one of which two budgets are proven."""
    log = simulate_behavior(weeks=5, ends=True, random_state=4).assign(consent=True)
    split = log["timestamp"].iloc[0] + request.param * DAY
    monitor = HomeMonitor(n_estimators=5, random_state=0).fit(log[log["timestamp"] < split])
    return monitor, log[log["timestamp"] >= split][:300]


@pytest.mark.parametrize("name", ["folder", "one.novin"])
def test_a_saved_monitor_scores_the_same(case, tmp_path, name):
    monitor, later = case
    loaded = load_estimator(save_estimator(monitor, tmp_path / name))
    assert loaded.get_params() == monitor.get_params()
    assert loaded.budgets_ == monitor.budgets_
    pd.testing.assert_frame_equal(loaded.score(later), monitor.score(later))
    assert loaded.history_.longest_silence == monitor.history_.longest_silence > 0
    of_all = [str(each.moments(later, n_rows=40)) for each in (monitor, loaded)]
    assert of_all[0] == of_all[1]
    streams = MonitorStream(monitor), MonitorStream(loaded)
    for event in later[:20].to_dict("records"):
        pd.testing.assert_frame_equal(*(stream.update(event) for stream in streams))
    # And again: what was loaded is saved alike.
    pd.testing.assert_frame_equal(
        load_estimator(save_estimator(loaded, tmp_path / f"again_{name}")).score(later),
        monitor.score(later),
    )


def test_a_history_goes_on_from_json_at_any_event(case):
    _, later = case
    history = ActivityHistory()
    for number, event in enumerate(later[:60].to_dict("records")):
        other = ActivityHistory.from_dict(json.loads(json.dumps(history.to_dict())))
        rows = history.update(event)
        assert other.update(event) == rows, number
        assert other.to_dict() == history.to_dict()


def replace(files, name, old, new):
    assert old in files[name]
    files[name] = files[name].replace(old, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.pop("activity.json"),
        lambda files: files.update({"activity.json": b"{}"}),
        lambda files: files.update({"forest.estimator.json": b"{}"}),
        lambda files: replace(files, "estimator.json", b'"feature_set": 2', b'"feature_set": 3'),
        lambda files: replace(files, "activity.json", b'"is_active": ', b'"is_active": 1, "x": '),
    ],
)
def test_what_does_not_fit_is_refused(case, change):
    from novin_ml.lifecycle.saving.estimators import estimator_from_files, estimator_to_files

    files = estimator_to_files(case[0])
    change(files)
    with pytest.raises(SavedModelError, match="Save the estimator again"):
        estimator_from_files(files)
