"""The benchmark of doors measures what it says, on few states."""

import sqlite3

from benchmarks._recorder import write_home, write_states
from benchmarks.doors import measure
from novin_ml.lifecycle import first_evening


def test_states_are_written_and_read(tmp_path):
    path = tmp_path / "x.db"
    write_states(path, 5_000)
    with sqlite3.connect(path) as connection:
        (number,) = connection.execute("SELECT count(*) FROM states").fetchone()
    assert number == 5_000
    events, seconds, _, _ = measure(path)
    assert 500 < events < 2_500
    assert 0 < seconds < 20


def test_the_home_of_the_page(tmp_path):
    """The guide quotes what its command prints."""
    write_home(tmp_path, 12)
    found = first_evening(tmp_path)
    assert found.headline == "learning: 9 more days at your budget of 1 alarm a week"
