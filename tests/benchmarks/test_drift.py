"""The benchmark of drift: its worlds have no drift, and its changes are what they are called."""

import numpy as np
import pytest

from benchmarks import drift as bench


@pytest.fixture(scope="module")
def pairs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "N_HOMES", 4)
        return bench.worlds(bench.simulate(0))


def test_worlds_are_of_the_same_or_of_other_homes(pairs):
    for world, (before, after) in pairs.items():
        first, second = {*before["home_id"]}, {*after["home_id"]}
        assert first == second if world.startswith("same") else not first & second
        assert len(first) == len(second) == 4
        assert before["timestamp"].max() < after["timestamp"].min()
        assert set(before["day"]) | set(after["day"]) == set(range(28))
        weekday = (before["timestamp"] + 3 * bench.DAY) // bench.DAY % 7
        assert np.array_equal(weekday, before["day"] % 7)  # day 0 is a Monday


@pytest.mark.parametrize("change", bench.PLANTED)
def test_changes_begin_on_their_day(pairs, change):
    plant, _ = bench.PLANTED[change]
    before, after = next(iter(pairs.values()))
    same, changed = bench.planted((before, after), np.random.default_rng(0), plant)
    assert same is before
    early = after[after["day"] < bench.CHANGE_DAY].reset_index(drop=True)
    left = changed[changed["timestamp"] < early["timestamp"].max() + 1e-3]
    assert early.equals(left.reset_index(drop=True)[list(early)])
    late = [each[each["timestamp"] > early["timestamp"].max()] for each in (after, changed)]
    rates = late[1].groupby("home_id")["sample_rate"].mean()
    if "firmware" in change:
        assert sorted(rates) == [10.0, 10.0, 20.0, 20.0]
    bells, doors = ([(each["kind"] == k).sum() for each in late] for k in ("doorbell", "door"))
    assert (bells[1] > bells[0]) == ("courier" in change)
    assert (doors[1] < doors[0]) == ("door sensors" in change)
    assert len(late[1]) == len(late[0]) or "firmware" not in change


def test_methods_answer(pairs):
    same = next(iter(pairs.values()))
    for method in bench.METHODS.values():
        assert method((same[0], same[0])) is False or method((same[0], same[0])) == np.False_


def test_shares_have_exact_intervals():
    assert bench.share([True] + [False] * 99) == "1.0 (0.0 to 5.4)"
