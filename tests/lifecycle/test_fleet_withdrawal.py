"""Consent that was withdrawn: files are deleted in one place, and by no iterator or report."""

import pytest

from novin_ml.exceptions import InvalidEventError
from novin_ml.lifecycle import fit_fleet, load_fleet
from novin_ml.lifecycle.fleet._batches import Batches, LeftOut
from novin_ml.lifecycle.fleet._withdrawal import remove_withdrawn
from novin_ml.lifecycle.fleet._work import Outcome
from novin_ml.lifecycle.fleet.report import fleet_report
from tests.lifecycle.fleets import contents, detector, feature_table


@pytest.fixture
def fleet(tmp_path):
    table = feature_table().assign(consent=True)
    fit_fleet(table, out=tmp_path, estimator=detector(), random_state=0)
    return table


def withdraw(table, *names):
    return table.assign(consent=~table["home_id"].isin(names))


def test_taking_the_batches_touches_no_file(fleet, tmp_path):
    before = contents(tmp_path)
    batches = Batches(withdraw(fleet, "birch"), "home_id", detector())
    names = [home.name for batch in batches for home in batch]
    assert names == ["ash", "cedar"]
    assert batches.left_out.without_consent == ["birch"]
    assert batches.left_out.n_events_without_consent == 120
    assert contents(tmp_path) == before


def test_a_report_touches_no_file(fleet, tmp_path):
    before = contents(tmp_path)
    report = fleet_report(
        [Outcome("ash", "failed", reason="too few"), Outcome("cedar", "skipped", "ready")],
        LeftOut(without_consent=["birch"], partly={"ash"}),
        there={"ash", "birch", "cedar"},
        removed=("birch",),
        seconds=1.0,
    )
    assert (report.skipped, report.removed) == (("cedar",), ("birch",))
    assert contents(tmp_path) == before


def test_files_that_remember_events_without_consent_are_deleted(fleet, tmp_path):
    left_out = LeftOut(without_consent=["birch", "stranger"], partly={"ash", "cedar"})
    outcomes = [Outcome("ash", "failed"), Outcome("cedar", "fitted")]
    assert remove_withdrawn(tmp_path, left_out, outcomes) == ("birch", "ash")
    assert set(load_fleet(tmp_path)) == {"cedar"}
    assert remove_withdrawn(tmp_path, left_out, outcomes) == ()


def test_a_run_that_fails_honours_the_consent_that_it_saw_withdrawn(fleet, tmp_path):
    tables = [withdraw(fleet, "birch"), feature_table(("ash",)).assign(consent=True)]
    with pytest.raises(InvalidEventError, match="all be in one table"):
        fit_fleet(tables, out=tmp_path, estimator=detector(), random_state=0)
    assert set(load_fleet(tmp_path)) == {"ash", "cedar"}
