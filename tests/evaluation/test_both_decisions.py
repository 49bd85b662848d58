"""Thresholds and "don't know", chosen or measured by one call."""

import pytest

from novin_ml.evaluation import (
    conformalize,
    measure_coverage,
    measure_thresholds,
    split_by_home,
    tune_threshold,
)
from novin_ml.evaluation.decisions import choose_decisions, measure_decisions
from novin_ml.lifecycle import train
from novin_ml.simulation import simulate_deliveries


@pytest.fixture(scope="module")
def trained():
    return train("delivery", simulate_deliveries(3000, random_state=0), epochs=10)


@pytest.fixture(scope="module")
def rows():
    return split_by_home(simulate_deliveries(2000, random_state=1), 0.5, 0)


@pytest.fixture
def model(trained):
    trained.pipeline[-1].set_thresholds({}).set_abstention(None)
    return trained.pipeline


@pytest.mark.parametrize(("budget", "error_rate"), [(2.0, None), (None, 0.1), (2.0, 0.1)])
def test_what_is_asked_for_is_chosen_and_nothing_else(model, rows, budget, error_rate):
    first, _ = rows
    reports = choose_decisions(model, first, false_alarms_per_week=budget, error_rate=error_rate)
    decisions = model[-1].decisions_
    assert bool(decisions.thresholds) is (budget is not None) is (reports.thresholds is not None)
    assert (decisions.abstention is None) is (error_rate is None) is (reports.coverage is None)
    model[-1].set_thresholds({}).set_abstention(None)
    if budget is not None:
        alone = tune_threshold(model, first, budget)
        assert reports.thresholds.to_document() == alone.to_document()
    if error_rate is not None:
        alone = conformalize(model, first, error_rate=error_rate)
        assert reports.coverage.to_document() == alone.to_document()
    assert model[-1].decisions_ == decisions


def test_what_was_chosen_is_measured_and_stays(model, rows):
    first, second = rows
    assert measure_decisions(model, second) == (None, None)
    choose_decisions(model, first, false_alarms_per_week=2.0, error_rate=0.1)
    before = model[-1].decisions_
    reports = measure_decisions(model, second, confidence=0.9)
    thresholds = measure_thresholds(model, second, confidence=0.9)
    assert reports.thresholds.to_document() == thresholds.to_document()
    assert reports.coverage.to_document() == measure_coverage(model, second).to_document()
    assert model[-1].decisions_ == before


def test_no_budget_and_no_error_rate_choose_nothing(model, rows):
    assert choose_decisions(model, rows[0]) == (None, None)
    assert not model[-1].decisions_
