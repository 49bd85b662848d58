"""The gate: what passes, what does not, and what is said of it."""

import re

import pytest

from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import compare
from novin_ml.lifecycle import Gate, check_gate, fault_of, train
from novin_ml.simulation import simulate_deliveries


@pytest.fixture(scope="module")
def chains():
    family = FAMILIES["chains"]
    return train(family, family.simulate(2500, random_state=0), epochs=15)


@pytest.mark.parametrize(
    ("family", "least", "fault"),
    [
        ("chains", (1.0, 0.1), None),
        ("chains", (0.0, 0.9), "finds \\+[0-9.]+ points more than the rules .* fewer than \\+90"),
        ("delivery", (0.0, 0.9), None),
        ("delivery", (1.0, 0.0), "has an accuracy of [0-9.]+% on clean labels, below 100.00%"),
    ],
)
def test_a_model_is_judged_by_gain_where_a_label_is_quiet(chains, family, least, fault):
    found = fault_of(FAMILIES[family], chains.headline, *least)
    assert found is None if fault is None else re.match(fault, found)


def test_what_was_not_measured_does_not_pass():
    assert fault_of(FAMILIES["motion"], None) == "was not measured"


@pytest.fixture(scope="module")
def comparisons():
    """A model beside the rules, and the rules beside the model."""
    result = train("delivery", simulate_deliveries(3000, random_state=0), epochs=20)
    rows = simulate_deliveries(1500, random_state=1)
    rules = DeliveryRules()
    return (
        compare(result.pipeline, rules, rows, names=("new", "rules")),
        compare(rules, result.pipeline, rows, names=("rules", "new")),
    )


@pytest.mark.parametrize("gate", [*Gate, "better", "not-worse"])
def test_the_gate_opens_one_way_alone(comparisons, gate):
    better, worse = comparisons
    assert check_gate(better, gate) is None
    fault = check_gate(worse, gate, 0.02)
    assert fault.startswith(f"rules is not shown to be {gate}")
    assert fault.endswith(worse.sentence)
    assert ("by less than 2 points" in fault) is (gate == "not-worse")


def test_the_margin_is_what_may_be_lost(comparisons):
    _, worse = comparisons
    assert check_gate(worse, "not-worse", 0.01) is not None
    assert check_gate(worse, "not-worse", 0.9) is None
    assert check_gate(worse, "better", 0.9) is not None


def test_there_is_no_other_gate(comparisons):
    with pytest.raises(ValueError, match="'best'"):
        check_gate(comparisons[0], "best")
    with pytest.raises(ValueError, match="margin"):
        check_gate(comparisons[0], "not-worse", 2)
