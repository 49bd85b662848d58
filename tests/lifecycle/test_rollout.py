"""Rollouts: who gets what, and that looking every day keeps the promised error."""

import hmac
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.exceptions import AssignmentError, InvalidEventError, OutcomesError
from novin_ml.features import training_rows
from novin_ml.lifecycle import Assignment, look_at_rollout, shadow
from novin_ml.lifecycle.rollout.assignment import SPACE
from novin_ml.lifecycle.rollout.sequence import boundary
from novin_ml.lifecycle.rollout.spending import boundaries, spent
from novin_ml.simulation import simulate_deliveries

KEY = bytes(range(16))
HOMES = [f"home-{number}" for number in range(2000)]

# Assignment

changes = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", "Ü 4"]), st.integers(0, 100)), min_size=1, max_size=6
)


@given(changes)
def test_homes_move_only_to_what_grows_and_from_what_shrinks(steps):
    now = Assignment.start("A", key=KEY)
    for variant, percent in steps:
        before = now.shares()
        if before == {variant: 1.0} and percent < 100:
            with pytest.raises(AssignmentError, match="only variant"):
                now.with_share(variant, percent / 100)
            continue
        after = now.with_share(variant, percent / 100)
        sizes = dict.fromkeys({name for name, _ in after.parts}, 0)
        for (name, end), start in zip(after.parts, [0, *(e for _, e in after.parts)], strict=False):
            sizes[name] += end - start
        assert sum(sizes.values()) == SPACE
        # Exact in units of the hash space.
        assert sizes.get(variant, 0) == round(Fraction(percent, 100) * SPACE)
        old, new = now.variants_of(HOMES[:200]), after.variants_of(HOMES[:200])
        moved = old != new
        if percent / 100 >= before.get(variant, 0):
            assert set(new[moved]) <= {variant}
        else:
            assert set(old[moved]) <= {variant}
        grown = abs(percent / 100 - before.get(variant, 0))
        assert now.share_that_moves(after) == pytest.approx(grown, abs=1e-12)
        now = after


def test_what_a_shrinking_variant_gives_may_go_to_one():
    plan = Assignment.start("A", key=KEY).with_share("B", 0.3).with_share("C", 0.3)
    after = plan.with_share("C", 0.1, to="A")
    assert after.shares()["B"] == plan.shares()["B"] == pytest.approx(0.21)
    assert after.shares()["A"] == pytest.approx(0.69)
    with pytest.raises(AssignmentError, match=r"another one of \['A', 'B'\]"):
        plan.with_share("C", 0.1, to="C")


def test_a_home_keeps_its_variant_everywhere(tmp_path):
    plan = Assignment.start("7", key=KEY).with_share("8", 0.25)
    plan.save(tmp_path / "plan.json")
    assert Assignment.load(tmp_path / "plan.json") == plan
    # What another implementation must find: HMAC-SHA-256, its first 8 bytes as a big-endian number.
    places = [hmac.digest(KEY, home.encode(), "sha256")[:8] for home in HOMES]
    expected = ["8" if int.from_bytes(place, "big") >= 3 * SPACE // 4 else "7" for place in places]
    assert plan.variants_of(HOMES).tolist() == expected
    other = Assignment.start("7").with_share("8", 0.25)
    assert other.key != plan.key
    both = (plan.variants_of(HOMES) == "8") & (other.variants_of(HOMES) == "8")
    assert 0.03 < both.mean() < 0.1  # independent: a quarter of a quarter


def test_observed_shares_have_an_interval():
    plan = Assignment.start("A", key=KEY).with_share("B", 0.25)
    a, b = plan.observed_shares([*HOMES, *HOMES])
    assert a.n_homes + b.n_homes == len(HOMES)
    assert b.low < 0.25 < b.high
    assert b.is_as_planned
    only_a = [home for home in HOMES if plan.variant_of(home) == "A"]
    assert not plan.observed_shares(only_a)[1].is_as_planned


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda plan: plan.with_share("", 0.1), "must be a text. Got ''"),
        (lambda plan: plan.with_share("B", 1.5), "from 0 to 1. Got 1.5"),
        (lambda plan: plan.with_share("B", float("nan")), "from 0 to 1. Got nan"),
        (lambda plan: plan.variant_of(7), "must be a text to have a variant. Got 7"),
        (lambda plan: plan.variant_of(""), "must be a text to have a variant"),
        (lambda plan: Assignment.start("A", key=b"short"), "must be 16 bytes"),
    ],
)
def test_bad_parameters_of_plans_are_named(act, said):
    with pytest.raises(AssignmentError, match=said.replace("(", r"\(")):
        act(Assignment.start("A", key=KEY))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Got something else"),
        ("[]", "Got something else"),
        ('{"format": "novin_ml assignment", "protocol": 9}', "protocol 1 or older. Got protocol 9"),
        (
            '{"format": "novin_ml assignment", "protocol": 1, "key": "00", "parts": [["A", "5"]]}',
            "do not divide the hash space",
        ),
        (
            '{"format": "novin_ml assignment", "protocol": 1, "key": "00", '
            f'"parts": [["A", "{SPACE}"]]}}',
            "a key of 1 byte",
        ),
    ],
)
def test_other_files_are_no_plans(tmp_path, text, said):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(AssignmentError, match=said):
        Assignment.load(tmp_path / "plan.json")


# Boundaries


def test_boundaries_are_the_published_ones():
    """Of ldbounds and of Jennison and Turnbull: five equal looks, two-sided error of 5 %."""
    found = boundaries([0.2, 0.4, 0.6, 0.8, 1.0], 0.05)
    np.testing.assert_allclose(found, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], atol=2e-4)
    assert boundaries([1.0], 0.05)[0] == pytest.approx(1.95996, abs=1e-4)
    assert spent(1.0, 0.05) == pytest.approx(0.05)


def test_boundaries_keep_the_error_of_a_random_walk():
    rng = np.random.default_rng(0)
    n_looks, n_walks = 30, 20_000
    limit = boundaries((np.arange(n_looks) + 1) / n_looks, 0.05)
    walk = rng.normal(size=(n_walks, n_looks)).cumsum(axis=1) / np.sqrt(np.arange(n_looks) + 1)
    assert 0.045 < (np.abs(walk) > limit).any(axis=1).mean() < 0.055


def test_the_sequence_holds_at_all_times_together():
    """A random walk is rarely outside in 3,000 steps, and sometimes."""
    rng = np.random.default_rng(0)
    steps = np.arange(1, 3001)
    limit = np.array([boundary(step, 0.05, 25) for step in steps])
    walk = rng.normal(size=(2000, len(steps))).cumsum(axis=1) / np.sqrt(steps)
    outside = (np.abs(walk) > limit).any(axis=1).mean()
    assert 0.01 < outside < 0.05
    assert limit[24] < 3.1


# Looks


def outcomes(n_homes=60, n_days=20, effect=0.3, seed=0, rate=2.0):
    """Return alarms a day of homes that differ; B has `effect` times those of A."""
    rng = np.random.default_rng(seed)
    rates = rate * rng.gamma(2.0, 0.5, n_homes)
    rows = [
        (
            f"home-{home}",
            str((pd.Timestamp("2026-03-01") + pd.Timedelta(days=day)).date()),
            "AB"[home % 2],
            int(rng.poisson(rates[home] * (effect if home % 2 else 1))),
        )
        for home in range(n_homes)
        for day in range(n_days)
    ]
    return pd.DataFrame(rows, columns=["home_id", "date", "variant", "value"])


@pytest.mark.parametrize("options", [{"days": 20}, {"rule": "sequence"}])
def test_a_difference_is_found_and_stops_the_rollout(options):
    table = outcomes(n_homes=150, effect=0.2)
    found = look_at_rollout(table, "A", "B", **options)
    assert found.decision == "better"
    assert found.last.high < 0
    assert "Stop: B is better than A" in found.sentence
    assert look_at_rollout(table, "B", "A", **options).decision == "worse"
    turned = look_at_rollout(table, "A", "B", larger_is_better=True, **options)
    assert turned.decision == "worse"
    # What is decided does not change with what comes later.
    until = table[table["date"] <= found.last.date]
    assert look_at_rollout(until, "A", "B", **options).to_dict() == found.to_dict()


def test_no_difference_goes_on_until_the_end():
    table = outcomes(effect=1.0)
    assert look_at_rollout(table, "A", "B", days=30).decision == "go on"
    last = look_at_rollout(table, "A", "B", days=20)
    assert last.decision == "no difference shown"
    assert len(last.looks) == 20
    with pytest.raises(OutcomesError, match=r"after 19 days\. Got 20 days"):
        look_at_rollout(table, "A", "B", days=19)


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([{"days": 25}, {"rule": "sequence"}]),
)
def test_the_order_of_rows_and_the_names_of_homes_do_not_matter(random, options):
    table = outcomes(n_homes=24, n_days=9, effect=0.5)
    order = list(range(len(table)))
    random.shuffle(order)
    mixed = table.iloc[order]
    found = look_at_rollout(table, "A", "B", **options)
    assert look_at_rollout(mixed, "A", "B", **options).to_dict() == found.to_dict()
    split = table.assign(value=table["value"] - 0.5)
    halves = pd.concat([split.assign(exposure=0.5), table.assign(value=0.5, exposure=0.5)])
    again = look_at_rollout(halves, "A", "B", **options)
    assert again.last.difference == pytest.approx(found.last.difference)


def test_days_of_a_home_are_no_units():
    """A hundred days of three homes tell nothing of how homes differ."""
    table = outcomes(n_homes=6, n_days=60, effect=0.05)
    found = look_at_rollout(table, "A", "B", days=60)
    assert found.decision == "no difference shown"
    assert found.last.low == -np.inf


def test_few_homes_that_agree_by_chance_are_taken_to_differ_as_all_do():
    """Five homes without an alarm beside fifty that differ: no variance of their own says much."""
    table = outcomes(n_homes=55, n_days=1, effect=1.0, rate=30.0)
    few = table["home_id"].isin([f"home-{home}" for home in range(5)])
    table = table.assign(variant=np.where(few, "B", "A"), value=table["value"].astype(float))
    table.loc[few, "value"] = table["value"][~few].mean() / 2
    (look,) = look_at_rollout(table, "A", "B", days=1).looks
    control = table["value"][~few]
    pooled = 49 * control.var() / 53
    error = np.sqrt(control.var() / 50 + pooled / 5)
    # A t of some six degrees of freedom, where the variance of B alone would leave 49.
    assert 2.0 < (look.high - look.low) / 2 / error < 3.5
    assert look.decision == "no difference shown"


def test_homes_all_alike_tell_nothing():
    table = outcomes(n_homes=20, n_days=5).assign(value=1.0)
    assert look_at_rollout(table, "A", "B", days=5).decision == "no difference shown"


def test_a_home_that_moves_begins_anew():
    table = outcomes(n_homes=40, n_days=10, effect=1.0)
    moves = (table["home_id"] == "home-0") & (table["date"] >= "2026-03-06")
    table.loc[moves, "variant"] = "B"
    table.loc[table["home_id"] == "home-0", "value"] = np.where(
        moves[table["home_id"] == "home-0"], 0, 1000
    )
    found = look_at_rollout(table, "A", "B", days=10)
    assert [look.n_control for look in found.looks] == [20] * 5 + [19] * 5
    assert found.looks[4].control > 40
    assert found.last.control < 5
    assert found.last.candidate < 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="value"), "column 'value'. Got"),
        (lambda t: t.iloc[:0], "must have rows"),
        (
            lambda t: t.assign(value="many"),
            "'value' of outcomes must be a number. Got 'many' in row 0",
        ),
        (lambda t: t.assign(value=np.inf), "'value' of outcomes must be a number. Got inf"),
        (lambda t: t.assign(exposure=-1.0), "'exposure' of outcomes must be a number from 0"),
        (lambda t: t.assign(date="soon"), "'date' of outcomes must be a date"),
        (lambda t: t.assign(home_id=None), "'home_id' of outcomes must be a text"),
        (lambda t: t.assign(variant="C"), "must name 'A'. Got .'C'."),
        (lambda t: pd.concat([t, t.assign(variant="B")]), "must be one a home and day"),
    ],
)
def test_bad_outcomes_are_named(change, said):
    with pytest.raises(OutcomesError, match=said):
        look_at_rollout(change(outcomes(n_homes=4, n_days=3)), "A", "B", days=9)


def test_parameters_that_a_rule_needs_are_named():
    table = outcomes(n_homes=4, n_days=3)
    with pytest.raises(ValueError, match="'days' parameter must be the length"):
        look_at_rollout(table, "A", "B")
    with pytest.raises(OutcomesError, match="two variants"):
        look_at_rollout(table, "A", "A", days=9)


# Shadow


@pytest.fixture(scope="module")
def versions():
    events = simulate_deliveries(900, random_state=0)
    rows, _ = training_rows(events)
    return events, {
        name: make_delivery_pipeline(epochs=epochs, random_state=0).fit(rows, rows["label"])
        for name, epochs in {"7": 2, "8": 30}.items()
    }


def test_versions_answer_side_by_side(versions):
    events, models = versions
    models["8"][-1].set_thresholds({"delivery": 0.5})
    found = shadow(models, events)
    first, second = found.versions
    assert (first.n_other, first.n_alarms, first.homes_other) == (0, None, {})
    other = found.rows["7"] != found.rows["8"]
    assert second.n_other == other.sum() > 0
    worst = max(second.homes_other, key=second.homes_other.get)
    in_worst = found.rows["home_id"] == worst
    assert second.homes_other[worst] == pytest.approx(other[in_worst].mean())
    assert (
        second.n_alarms
        == ((found.rows["8"] == "delivery") & (found.rows["8 probability"] >= 0.5)).sum()
    )
    assert second.alarms_per_home_week == pytest.approx(second.n_alarms / found.home_weeks)
    assert sum(first.answers.values()) == found.n_rows == len(events)


def test_what_cannot_be_seen_side_by_side_is_refused(versions):
    events, models = versions
    with pytest.raises(ValueError, match="two or more versions"):
        shadow({"7": models["7"]}, events)
    with pytest.raises(InvalidEventError, match="home_id"):
        shadow(models, events.drop(columns="home_id"))
