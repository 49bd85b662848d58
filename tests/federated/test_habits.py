"""A prior of habits: what homes send, how it is averaged, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from novin_ml.exceptions import InvalidParametersError
from novin_ml.features import ActivityHistory, HabitPrior, activity_rows
from novin_ml.features.activity.habits import habits_of, n_numbers
from novin_ml.features.activity.prior import SCORES
from novin_ml.federated import LocalHabits, learn_prior
from novin_ml.simulation import simulate_behavior

N_HOMES = 12


@pytest.fixture(scope="module")
def logs():
    events = simulate_behavior(N_HOMES, weeks=2, unusual_per_month=0, ends=True, random_state=0)
    return {home: log.assign(consent=True) for home, log in events.groupby("home_id")}


@pytest.fixture(scope="module")
def learned(logs):
    return learn_prior(logs)


def test_all_homes_count_alike_in_any_order(logs, learned):
    assert learned.prior.n_homes == N_HOMES
    assert learned.refused == {}
    backwards = learn_prior(dict(reversed(list(logs.items()))))
    assert backwards.prior.to_json() == learned.prior.to_json()
    each = [habits_of(log)["active",] for log in logs.values()]
    np.testing.assert_allclose(learned.prior.habits["active",], np.mean(each, axis=0), rtol=1e-12)


def test_rates_are_those_of_the_log(logs):
    log = next(iter(logs.values()))
    n_days = (log["timestamp"].max() - log["timestamp"].min()) / 86_400
    # The counts of a history are of days that are over.
    local_day = ((log["timestamp"] + log["utc_offset"]) // 86_400).to_numpy()
    over = log[local_day < local_day.max()]
    habits = habits_of(log)
    for (kind, zone), part in over.groupby(["kind", "zone"], observed=True):
        n_sensors = len(part[["type", "location"]].drop_duplicates())
        expected = len(part) / n_sensors / n_days
        assert habits["events", kind, zone].sum() == pytest.approx(expected)


def test_what_a_home_sends_has_no_time_name_or_count_of_its_own(logs):
    """Rates, shares and rarities by kind and zone of the vocabulary, and nothing else."""
    log = next(iter(logs.values()))
    log = log.assign(location="Anna's " + log["location"].astype(object))
    words = {str(each) for name in ("kind", "zone") for each in log[name].cat.categories}
    home = LocalHabits(log)
    habits = home.habits()
    for key, row in habits.items():
        assert n_numbers(key) == len(row) > 0
        assert set(key[1:]) <= words
    assert "Anna" not in repr(habits)
    bins = home.bins(HabitPrior(habits, {}, 1))
    assert set(bins) == set(SCORES)


def test_a_rare_kind_is_left_out(logs):
    homes = dict(logs)
    name, log = next(iter(homes.items()))
    odd = log.copy()
    odd["kind"] = odd["kind"].cat.add_categories("aquarium")
    odd.loc[odd.index[5], "kind"] = "aquarium"
    homes[name] = odd
    keys = learn_prior(homes).prior.habits
    assert not any("aquarium" in key for key in keys)
    all_of_them = learn_prior(homes, min_homes_of_kind=1).prior.habits
    assert any("aquarium" in key for key in all_of_them)


class Liar(LocalHabits):
    """A home that sends what is no habit."""

    damage = staticmethod(lambda habits: habits)

    def habits(self):
        return self.damage(super().habits())


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda h: h | {("active",): np.full(24, np.nan)}, "negative or not finite"),
        (lambda h: h | {("active",): np.full(24, -1.0)}, "negative or not finite"),
        (lambda h: h | {("active",): np.zeros(23)}, r"shape \(23,\)"),
        (lambda h: h | {("names", "flat"): np.zeros(1)}, "names"),
        (lambda h: h | {(): np.zeros(1)}, r"\(\)"),
        (lambda h: None, "NoneType"),
    ],
)
def test_what_is_no_habit_is_refused_and_the_rest_goes_on(logs, learned, damage, why):
    liar = Liar(next(iter(logs.values())))
    liar.__dict__["damage"] = damage
    found = learn_prior({**logs, "liar": liar})
    assert list(found.refused) == ["liar"]
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(found.refused["liar"])
    assert found.prior.to_json() == learned.prior.to_json()


def test_a_home_without_consent_lends_nothing(logs, learned):
    log = next(iter(logs.values()))
    found = learn_prior({**logs, "other": log.assign(consent=False)})
    assert "must have consent" in found.refused["other"]
    assert found.prior.to_json() == learned.prior.to_json()


def test_too_few_homes_make_no_prior(logs):
    few = dict(list(logs.items())[:9])
    with pytest.raises(InvalidParametersError, match=r"10 homes or more .* Got 9\."):
        learn_prior(few)
    few["other"] = next(iter(few.values())).assign(consent=False)
    with pytest.raises(InvalidParametersError, match=r"Got 9 \(the first refused, other: "):
        learn_prior(few)
    for wrong in ({"min_homes": 0}, {"min_homes_of_kind": 0}, {"n_days": 0}, {"n_days": np.inf}):
        with pytest.raises(InvalidParametersError, match=f"'{next(iter(wrong))}' parameter"):
            learn_prior(logs, **wrong)


def test_a_prior_is_json_and_back(learned):
    document = json.loads(learned.prior.to_json())
    assert HabitPrior.from_dict(document).to_json() == learned.prior.to_json()
    for damage in (
        {"format": 0},
        {"habits": [[["active"], [1.0]]]},
        {"bins": {"silence": [-1.0] * 256}},
        {"n_homes": None},
    ):
        with pytest.raises(InvalidParametersError, match="A prior of habits must be what"):
            HabitPrior.from_dict(document | damage)
    with pytest.raises(InvalidParametersError, match=r"format 1 or older\. Got format 2"):
        HabitPrior.from_dict(document | {"format": 2})


def test_a_history_begins_with_the_past_of_an_average_home(logs, learned):
    sensors = simulate_behavior(weeks=1, first_home=40, ends=True, random_state=0)
    history = learned.prior.history("new", sensors)
    cells = history._counts.cells
    assert all(type(count) is int and count > 0 for count in cells.values())
    # The counts contradict each other nowhere.
    names = {cell[1] for cell in cells if cell[0] == "sensor"}
    for name in names:
        by_hour = sum(n for cell, n in cells.items() if cell[:2] == ("sensor_hour", name))
        assert by_hour == cells["sensor", name]
        follows = sum(n for cell, n in cells.items() if cell[:2] == ("transition", name))
        assert follows == cells["from", name]
    assert sum(cells["hour", hour] for hour in range(24)) == cells["events",]
    assert all(cells["active", hour] <= cells["tick", hour] == 7 for hour in range(24))
    # It goes on as any other: a phone reads it, and the home's own days are added.
    again = ActivityHistory.from_dict(json.loads(json.dumps(history.to_dict())))
    sensors = sensors.assign(home_id="new")
    rows = activity_rows(sensors, history=history)
    same = activity_rows(sensors, history=again)
    for kind, of_kind in rows.items():
        assert of_kind.values.tobytes() == same[kind].values.tobytes()
    assert history._counts.cells["events",] > cells["events",] * 0.99


def test_more_days_weigh_more(learned):
    sensors = simulate_behavior(weeks=1, first_home=40, ends=True, random_state=0)
    n_events = [
        replace(learned.prior, n_days=days).history("new", sensors)._counts.cells["events",]
        for days in (7, 14)
    ]
    assert n_events[1] == pytest.approx(2 * n_events[0], rel=0.05)
