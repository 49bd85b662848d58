"""Alarms on cases that are counted by hand."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators.rules import ChainRules
from novin_ml.evaluation import (
    alarm_report,
    count_alarms,
    mean_gain,
    observed_weeks,
    recall_at_alarms,
    stream_alarm_report,
)
from novin_ml.events import Chains, chain_prefixes
from novin_ml.simulation import simulate_chains

DAY = 86_400.0
QUIET = "no_pattern"
TRUTH = ["a", "a", "b", QUIET, QUIET, QUIET, "a", "b"]
MODEL = ["a", "b", "b", QUIET, "a", QUIET, QUIET, "b"]
RULES = ["a", "a", QUIET, "c", "a", "b", "b", QUIET]


def alarms_of(alarms):
    return {each.label: (each.n_rows, each.recall, each.n_false) for each in alarms.by_label}


def test_observation_runs_from_first_to_last_row_and_a_day_at_least():
    homes, days = ["a", "b", "a", "a", "c"], np.array([2.0, 5.0, 8.5, 4.0, 9.0])
    assert observed_weeks(homes, days * DAY) == pytest.approx((6.5 + 1 + 1) / 7)
    assert observed_weeks(["a"], [0.0]) == pytest.approx(1 / 7)
    assert observed_weeks(["a", "a"], [0.0, 0.9 * DAY]) == pytest.approx(1 / 7)
    assert observed_weeks(["a", "a"], [2 * DAY, 0.0]) == pytest.approx(2 / 7)
    assert observed_weeks([], []) == 0


def test_hits_and_false_alarms_of_each_label():
    model = count_alarms(TRUTH, MODEL, 2.0)
    assert alarms_of(model) == {"a": (3, 1 / 3, 1), "b": (2, 1.0, 1)}
    assert (model.n_false, model.false_per_home_week) == (1, 0.5)
    rules = count_alarms(TRUTH, RULES, 2.0)
    assert alarms_of(rules)["a"] == (3, 2 / 3, 1)
    assert alarms_of(rules)["b"] == (2, 0.0, 2)
    c = rules.by_label[-1]
    assert (c.label, c.n_rows, c.n_false, c.false_per_home_week) == ("c", 0, 1, 0.5)
    assert np.isnan(c.recall)
    assert rules.n_false == 3


def test_report_has_both_on_the_same_rows():
    homes = ["h1"] * 4 + ["h2"] * 4
    times = np.array([0, 1, 2, 7, 1, 2, 3, 8]) * DAY
    report = alarm_report(TRUTH, MODEL, RULES, homes, times)
    assert (report.n_rows, report.n_homes, report.home_weeks) == (8, 2, 2.0)
    assert report.model == count_alarms(TRUTH, MODEL, 2.0)
    assert report.rules.n_false == 3
    assert report.rules.false_per_home_week == 1.5


def test_the_model_gets_as_many_false_alarms_as_the_rules():
    truth = np.array(["a", "a", "a", QUIET, QUIET, QUIET, "b"])
    score = np.array([0.9, 0.5, 0.2, 0.6, 0.4, 0.1, 0.7])  # others, descending: .7 .6 .4 .1

    def at(n_false):
        rules = np.full(7, QUIET, dtype=object)
        rules[0] = "a"
        rules[[6, 3, 4, 5][:n_false]] = "a"
        return recall_at_alarms(truth, np.column_stack([score, 1 - score]), ["a", QUIET], rules)[0]

    results = [at(n_false) for n_false in range(5)]
    assert [each.n_false for each in results] == [0, 1, 2, 3, 4]
    assert [each.model_recall for each in results] == [1 / 3, 1 / 3, 2 / 3, 1.0, 1.0]
    assert {each.rules_recall for each in results} == {1 / 3}
    for each in results:
        assert np.sum(score[truth != "a"] >= each.threshold) <= each.n_false
    assert results[1].threshold > 0.6
    assert results[4].threshold == -np.inf


def test_equal_probabilities_are_found_together_or_not_at_all():
    truth, score = ["a", "a", QUIET, QUIET], np.full(4, 0.5)
    proba = np.column_stack([score, score])
    one_false = recall_at_alarms(truth, proba, ["a", QUIET], [QUIET, QUIET, "a", QUIET])[0]
    assert one_false.model_recall == 0
    all_false = recall_at_alarms(truth, proba, ["a", QUIET], [QUIET, QUIET, "a", "a"])[0]
    assert all_false.model_recall == 1


def test_mean_gain_leaves_out_labels_without_rows():
    truth = ["a", "a", "b", QUIET]
    proba = np.array([[0.9, 0, 0, 0.1], [0.8, 0, 0, 0.2], [0, 0.3, 0, 0.7], [0, 0.4, 0, 0.6]])
    comparison = recall_at_alarms(truth, proba, ["a", "b", "c", QUIET], ["a", QUIET, "b", "c"])
    assert [each.label for each in comparison] == ["a", "b", "c"]
    assert [each.model_recall for each in comparison[:2]] == [1.0, 0.0]
    assert [each.rules_recall for each in comparison[:2]] == [0.5, 1.0]
    assert mean_gain(comparison) == pytest.approx((0.5 - 1.0) / 2)
    assert np.isnan(comparison[2].model_recall)
    assert np.isnan(mean_gain(comparison[2:]))


@pytest.mark.parametrize("seed", range(5))
def test_threshold_is_the_lowest_that_keeps_the_number(seed):
    rng = np.random.default_rng(seed)
    truth = rng.choice(["a", QUIET], 60)
    rules = rng.choice(["a", QUIET], 60)
    score = rng.integers(0, 12, 60) / 12
    found = recall_at_alarms(truth, np.column_stack([score, 1 - score]), ["a", QUIET], rules)[0]
    best = max(
        np.mean(score[truth == "a"] >= threshold)
        for threshold in [*score, 2.0]
        if np.sum(score[truth != "a"] >= threshold) <= found.n_false
    )
    assert found.model_recall == best


def test_errors_say_what_does_not_fit():
    with pytest.raises(ValueError, match=r"as many rows as each other. Got 2, 1\."):
        count_alarms(["a", "b"], ["a"], 1.0)
    with pytest.raises(ValueError, match="'home_weeks' parameter of count_alarms must be a float"):
        count_alarms(["a"], ["a"], 0.0)
    with pytest.raises(ValueError, match=r"must have rows\. Got none"):
        alarm_report([], [], [], [], [])
    with pytest.raises(ValueError, match="a column for each of the 2 classes"):
        recall_at_alarms(["a"], [[1.0]], ["a", QUIET], ["a"])


class Scripted:
    """Answers by how many events a chain has so far."""

    def __init__(self, *answers):
        self.answers = np.array(answers, dtype=object)

    def predict(self, chains):
        return self.answers[chains.lengths - 1]


def test_any_answer_of_a_stream_counts():
    chains = Chains(
        pd.DataFrame({"home_id": ["a", "a", "b"], "start": [0.0, 604_800.0, 50.0]}),
        offsets=[0, 3, 5, 6],
        timestamp=[0.0, 1.0, 2.0, 604_800.0, 604_801.0, 50.0],
        kind=np.zeros(6),
        zone=np.zeros(6),
        confidence=np.full(6, 0.5),
    )
    truth = ["prowler_activity", "no_pattern", "no_pattern"]
    model = Scripted("no_pattern", "forced_entry", "prowler_activity")
    rules = Scripted("forced_entry", "no_pattern", "no_pattern")
    report = stream_alarm_report(truth, model, rules, chains)
    assert (report.n_rows, report.n_homes) == (3, 2)
    assert report.home_weeks == pytest.approx(1 + 1 / 7)
    forced, prowler = report.model.by_label
    assert (prowler.recall, prowler.n_false) == (1.0, 0)
    assert (forced.n_rows, forced.n_false) == (0, 2)  # the prowler's, and a quiet one
    assert (report.model.n_false, report.rules.n_false) == (1, 2)
    assert report.rules.false_per_home_week == 2 / report.home_weeks


def test_many_chains_are_counted_in_parts(monkeypatch):
    chains = simulate_chains(300, random_state=0)
    rules = ChainRules().fit(chains)
    whole = stream_alarm_report(chains["clean_label"], rules, rules, chains)
    monkeypatch.setattr("novin_ml.evaluation.alarms._stream._CHAINS_AT_A_TIME", 7)
    assert stream_alarm_report(chains["clean_label"], rules, rules, chains) == whole
    said = rules.predict(chain_prefixes(chains))
    owner = np.repeat(np.arange(300), chains.lengths)
    alarmed = np.unique(owner[said != "no_pattern"])
    quiet = np.flatnonzero(chains["clean_label"] == "no_pattern")
    assert whole.rules.n_false == len(np.intersect1d(alarmed, quiet)) > 0


def test_a_stream_report_needs_chains_and_their_labels():
    chains = simulate_chains(5, random_state=0)
    rules = ChainRules().fit(chains)
    with pytest.raises(ValueError, match="must have rows"):
        stream_alarm_report([], rules, rules, chains[:0])
    with pytest.raises(ValueError, match="as many rows as each other"):
        stream_alarm_report(["no_pattern"], rules, rules, chains)
