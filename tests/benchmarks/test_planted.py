"""Planted anomalies are what their names say, and nothing else of the days changes."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.real_homes._layout import DAY
from benchmarks.real_homes._plants import PLANTS, Days, never_so_long
from benchmarks.real_homes._sensors import ends_of, sensors_of
from novin_ml.simulation import simulate_behavior

HOUR = 3_600


@pytest.fixture(scope="module")
def homes():
    found = []
    for number in (0, 2):
        events = simulate_behavior(
            weeks=4, unusual_per_month=0, first_home=number, ends=True, random_state=0
        )
        found.append(Days(str(number), events, events["timestamp"].iloc[-1] - 10 * DAY))
    return found


def draws(homes, kind, n=6):
    rng = np.random.default_rng(1)
    return [PLANTS[kind](rng, homes[0], homes[1:]) for _ in range(n)]


@pytest.mark.parametrize("kind", list(PLANTS))
def test_nothing_outside_a_plant_changes(homes, kind):
    rest = homes[0].rest
    for plant in draws(homes, kind):
        assert plant.events["timestamp"].is_monotonic_increasing
        assert homes[0].split <= plant.start < plant.until
        for part in (
            lambda table, plant=plant: table["timestamp"] < plant.start,
            lambda table, plant=plant: table["timestamp"] >= plant.until,
        ):
            mine, own = plant.events[part(plant.events)], rest[part(rest)]
            columns = ["timestamp", "type", "location"]
            if kind == "left open 8 h":  # others may stay as they are within it
                assert len(mine) == len(own)
            pd.testing.assert_frame_equal(
                mine[columns].reset_index(drop=True), own[columns].reset_index(drop=True)
            )


def test_each_is_what_its_name_says(homes):
    ours = set(sensors_of(homes[0].events))
    for plant in draws(homes, "other home's half hour") + draws(homes, "rooms swapped"):
        within = plant.events["timestamp"].between(plant.start, plant.until - 1e-3)
        assert within.sum() >= 3
        assert set(sensors_of(plant.events[within])) <= ours
    for plant in draws(homes, "own half hour at 3 am"):
        first = plant.events[plant.events["timestamp"] >= plant.start].iloc[0]
        assert (first["timestamp"] + first["utc_offset"]) % DAY == pytest.approx(3 * HOUR, abs=0.01)
    for plant in draws(homes, "a day of absence"):
        assert not plant.events["timestamp"].between(plant.start, plant.start + DAY).any()
        before = plant.events["timestamp"] < plant.start
        assert not (ends_of(plant.events[before]) > plant.start).any()
    for plant in draws(homes, "left open 8 h"):
        opened = plant.events[plant.events["timestamp"] == plant.start]
        length = np.nanmax(ends_of(opened) - plant.start)
        assert length == 8 * HOUR
        row = opened[ends_of(opened) == plant.until]
        assert sensors_of(row)[0] in never_so_long(homes[0])
