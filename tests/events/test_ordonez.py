"""Two real homes' logs of sensors and activities (Ordonez 2013), defects and all."""

import re

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import chains_from_events, events_from_intervals, read_chains, write_chains

COLUMNS = ("start", "end", "location", "type", "place")
#: What a vendor of such sensors would call their events.
TYPES = {"PIR": "motion", "Magnetic": "door_contact", "Pressure": "pressure", "Flush": "flush"}
ROOMS = {"Living": "living_room", "Entrance": "front_door"}


def lines(folder, home, log):
    """Return the cells of each line below the two of the header, from the raw text."""
    text = (folder / "ordonez" / f"Ordonez{home}_{log}.txt").read_text()
    return [re.split(r"\s*\t\s*", line.strip()) for line in text.splitlines()[2:] if line.strip()]


def intervals(folder, home, log="Sensors"):
    rows = lines(folder, home, log)
    table = pd.DataFrame(rows, columns=COLUMNS[: len(rows[0])])
    if log == "ADLs":
        return table.rename(columns={"location": "type"})
    return table.assign(
        type=table["type"].map(lambda name: TYPES.get(name, name)),
        place=table["place"].map(lambda name: ROOMS.get(name, name)),
    )


def events(folder, home, **parameters):
    return events_from_intervals(
        intervals(folder, home), start="start", end="end", type="type", location="place",
        home_id=home, timezone="Europe/Madrid", **parameters,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("home", "log", "n_rows", "n_backwards"),
    [
        ("A", "Sensors", 409, 0),
        ("A", "ADLs", 248, 3),
        ("B", "Sensors", 2334, 0),
        ("B", "ADLs", 493, 0),
    ],
)
def test_no_row_is_lost(shared_data, home, log, n_rows, n_backwards):
    raw = lines(shared_data, home, log)
    assert len(raw) == n_rows
    backwards = [row for row, cells in enumerate(raw, 1) if cells[1] < cells[0]]
    assert len(backwards) == n_backwards
    table, report = events_from_intervals(
        intervals(shared_data, home, log), start="start", end="end", type="type",
        home_id=home, timezone="Europe/Madrid",
    )  # fmt: skip
    assert len(table) == report.n_accepted == report.n_read == n_rows
    assert report.n_rejected == 0
    assert report.rejects["line"].tolist() == backwards
    assert np.flatnonzero(table["duration"].isna()).tolist() == [row - 1 for row in backwards]
    # The local times are those of the file.
    local = pd.to_datetime(table["timestamp"] + table["utc_offset"], unit="s")
    assert local.dt.strftime("%Y-%m-%d %H:%M:%S").tolist() == [cells[0] for cells in raw]


def test_kinds_and_zones_are_those_of_the_raw_file(shared_data):
    for home in "AB":
        raw = lines(shared_data, home, "Sensors")
        table, _ = events(shared_data, home)
        assert (table["kind"] == "motion").sum() == sum(cells[3] == "PIR" for cells in raw)
        assert (table["kind"] == "door").sum() == sum(cells[3] == "Magnetic" for cells in raw)
        assert (table["zone"] == "kitchen").sum() == sum(cells[4] == "Kitchen" for cells in raw)
        assert (table["zone"] == "unknown").sum() == sum(cells[4] == "Bathroom" for cells in raw)


@pytest.mark.parametrize("home", ["A", "B"])
def test_chains_hold_each_event_once(shared_data, home, tmp_path):
    table, _ = events(shared_data, home, consent=True)
    chains = chains_from_events(table)
    assert sorted(chains.timestamp) == sorted(table["timestamp"])
    assert chains.lengths.sum() == len(table)
    assert chains.lengths.max() < 10  # few sensors, of which none bounces
    assert (chains["n_left_out"] == 0).all()
    assert chains["consent"].all()
    first, last = chains.timestamp[chains.offsets[:-1]], chains.timestamp[chains.offsets[1:] - 1]
    assert (last - first <= 60).all()
    assert (np.diff(first) > 60).all()
    assert (chains["utc_offset"] == 3600).all()  # winter in Madrid
    assert len(chains_from_events(table, windows="trailing")) == len(table)
    for name in ("chains.jsonl", "chains.parquet"):
        write_chains(chains, tmp_path / name)
        again = read_chains(tmp_path / name, strict=True)
        pd.testing.assert_frame_equal(again.table, chains.table)


def test_homes_together_are_the_homes_apart(shared_data):
    tables = [events(shared_data, home)[0] for home in "AB"]
    chains = chains_from_events(pd.concat(tables[::-1], ignore_index=True))
    for home, table in zip("AB", tables, strict=True):
        alone = chains_from_events(table)
        part = chains[chains["home_id"].to_numpy() == home]
        pd.testing.assert_frame_equal(part.table, alone.table)
        np.testing.assert_array_equal(part.timestamp, alone.timestamp)
