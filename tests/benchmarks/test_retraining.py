"""The benchmark of retraining, in a few weeks: the week of wrong labels is not promoted."""

import pytest

from benchmarks import _changing_homes as changing
from benchmarks import retraining as bench
from benchmarks._retraining_plot import write_plot


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COURIER", "SENSOR", "FIRMWARE"):
            patch.setattr(changing, name, 99)
        patch.setattr(changing, "POISON", 6)
        patch.setattr(bench, "EPOCHS", 10)
        patch.setattr(bench, "BUDGET", 8.0)
        homes = changing.ChangingHomes(40)
        return [*bench.half_year(homes, tmp_path_factory.mktemp("half_year"), 7)]


def test_wrong_labels_are_not_promoted(weeks):
    assert [week.number for week in weeks] == [5, 6, 7]
    poisoned, after = weeks[1].decision, weeks[2].decision
    assert (poisoned.decision, poisoned.reason) == ("kept", "labels changed")
    assert after.models[0].left_out == (poisoned.models[0].newest.monday,)
    # Blind training learnt it.
    assert weeks[2].blind.accuracy < weeks[2].retrained.accuracy


def test_weeks_without_a_change_are_within_their_range():
    n_out, n_weeks = bench.calm_weeks(40, 0, weeks=10)
    assert n_weeks == 7
    assert n_out <= 1


def test_rows_and_plot(weeks, tmp_path):
    rows = [bench.row_of(week) for week in weeks]
    assert [len(row) for row in rows] == [len(bench.HEADER)] * 3
    assert rows[1][7] == "labels changed"
    write_plot(weeks, bench.CHANGES, tmp_path / "plot.svg")
    assert (
        "novin-ml retrain" in (tmp_path / "plot.svg").read_text()
        or (tmp_path / "plot.svg").stat().st_size > 10_000
    )
