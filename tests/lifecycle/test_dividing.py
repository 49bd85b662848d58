"""Rows divided by home: none in two parts, none lost."""

import pytest

from novin_ml.exceptions import HomeMismatchError, InvalidEventError
from novin_ml.lifecycle import divide_by_home
from novin_ml.simulation import simulate_chains, simulate_deliveries

TABLES = {
    "events": simulate_deliveries(1500, random_state=0),
    "chains": simulate_chains(1500, random_state=0),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("tune", [0.0, 0.3])
def test_no_home_is_in_two_parts_and_no_row_is_lost(kind, tune):
    rows = TABLES[kind]
    parts = divide_by_home(rows, test_fraction=0.2, tune_fraction=tune, random_state=3)
    assert list(parts) == ["train", *(["tune"] if tune else []), "test"]
    homes = [set(part["home_id"]) for part in parts.values()]
    assert sum(map(len, homes)) == len(set.union(*homes)) == rows["home_id"].nunique()
    assert sum(map(len, parts.values())) == len(rows)
    assert len(homes[-1]) == 2
    assert len(homes[0]) == (5 if tune else 8)
    again = divide_by_home(rows, test_fraction=0.2, tune_fraction=tune, random_state=3)
    assert [set(part["home_id"]) for part in again.values()] == homes


@pytest.mark.parametrize(
    ("homes", "shares", "error", "message"),
    [
        (["a"] * 4, {}, HomeMismatchError, r"must be at least 2, one for each part\. Got 1"),
        (["a", "b"], {"tune_fraction": 0.2}, HomeMismatchError, "must be at least 3"),
        (
            ["a", "b", "c"],
            {"test_fraction": 0.6, "tune_fraction": 0.2},
            HomeMismatchError,
            "smaller test_fraction",
        ),
        (["a", "unknown_home"], {}, InvalidEventError, "Got 1 of 2 without a home"),
        (["a", "b", "c"], {"test_fraction": 1.5}, ValueError, "in the range"),
        (["a", "b", "c"], {"test_fraction": 0.5, "tune_fraction": 0.5}, ValueError, "leave homes"),
    ],
)
def test_what_cannot_be_divided_is_refused(homes, shares, error, message):
    rows = TABLES["events"].iloc[: len(homes)].assign(home_id=homes)
    with pytest.raises(error, match=message):
        divide_by_home(rows, **shares)
