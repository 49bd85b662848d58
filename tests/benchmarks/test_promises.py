"""How often promises break: drawn by hand, and in a small run of the command."""

import json
import sys

import numpy as np
import pytest

from benchmarks import promises
from benchmarks._promise_homes import MADE_UP, Pool
from benchmarks.promises import broken_budgets, broken_ranges
from novin_ml.evaluation.decisions._home_bounds import fewest_homes_to_bet


@pytest.fixture(scope="module")
def pool():
    """Sixty homes of two labels whose false alarms come from a third of them."""
    rng = np.random.default_rng(0)
    home = np.repeat(np.arange(60), 100)
    truth = rng.integers(0, 2, len(home))
    loud = home % 3 == 0
    right = np.clip(rng.beta(6, 2, len(home)) - 0.3 * loud, 0.01, 0.99).astype(np.float32)
    other = (1 - right).astype(np.float32)
    probabilities = np.where(truth == 0, [right, other], [other, right]).T
    return Pool(["a", "b"], probabilities, truth, home, np.full(60, 4.0), [0, 1])


def test_a_draw_is_of_whole_homes_with_names_of_their_own(pool):
    rows, home, weeks = pool.drawn(150, np.random.default_rng(1))
    assert len(weeks) == 150
    np.testing.assert_array_equal(np.bincount(home), 100)
    assert all(len(set(pool.home[rows[home == each]])) == 1 for each in range(150))


def test_homes_that_differ_break_the_bound_of_rows_most(pool):
    found = broken_budgets(pool, 40, 40)
    rows, approximate, betting = (
        sum(each.n_over for each in found[name].values())
        for name in ("Poisson over rows", "quasi-Poisson", "betting")
    )
    assert rows > approximate >= betting
    assert rows >= 10
    recall = [np.mean([each.found for each in found[m].values()]) for m in list(found)[:3]]
    assert recall[0] > recall[1] > recall[2] > 0


def test_few_homes_cannot_bet(pool):
    found = broken_budgets(pool, fewest_homes_to_bet(0.95) - 1, 2)
    assert found["betting"] == found["both"] == found[promises.CLIPPED] == {}
    assert set(found["quasi-Poisson"]) == {0, 1}


def test_a_clipped_rate_is_never_above_the_rate():
    for population in MADE_UP.values():
        rate, clipped = population.true_rates(0, 0.6, 10.0)
        assert rate == pytest.approx(1.2)
        assert clipped <= rate * 1.02


def test_ranges_of_rows_break_and_those_of_homes_hardly(pool):
    found = broken_ranges(pool, 30, 60)
    assert found["rows"].n_over > 2 * found["homes"].n_over
    assert found["homes"].n_over <= 9
    assert np.mean(found["home"]) >= 0.895
    assert "homes" not in broken_ranges(pool, 9, 2)
    assert broken_ranges(pool, 8, 2)["home"] == []


def test_a_small_run_prints_both_tables(tmp_path, monkeypatch, capsys):
    files = ["--markdown", str(tmp_path / "p.md"), "--json", str(tmp_path / "p.json")]
    arguments = ["promises", "--small", "--data", str(tmp_path / "none"), *files]
    monkeypatch.setattr(sys, "argv", arguments)
    promises.main()
    text = (tmp_path / "p.md").read_text(encoding="utf-8")
    for word in ("simulated homes", "gamma, CV 2", "quasi-Poisson", "t range over homes"):
        assert word in text
    assert "its people are left out" in text
    figures = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert figures["budgets"]["gamma, CV 1"]["10"]["quasi-Poisson"]["0"]["n_draws"] == 10
    assert figures["budgets"]["gamma, CV 1"]["10"]["betting"] == {}
    assert "worst label" in capsys.readouterr().out
