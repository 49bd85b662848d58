"""The law of reports: neither the order of rows and columns nor that of thresholds matters."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from novin_ml.estimators import make_behavior_pipeline, make_chain_pipeline, make_delivery_pipeline
from novin_ml.evaluation import (
    build_report,
    compare,
    model_card,
    permutation_importances,
    render_report,
)
from novin_ml.evaluation._row_order import canonical_order
from novin_ml.events import Chains, training_events
from novin_ml.features import attach_context, training_rows
from novin_ml.simulation import simulate_behavior, simulate_chains, simulate_deliveries
from tests.properties.fits import seeds

SMALL = {"epochs": 3, "random_state": 0}


@cache
def deliveries():
    """Return a network, whose last bits depend on a row's place, and events at the same times."""
    rows, _ = training_rows(simulate_deliveries(400, random_state=0))
    model = make_delivery_pipeline(algorithm="blend", **SMALL).fit(rows, rows["label"])
    events = simulate_deliveries(300, random_state=1)
    events["timestamp"] = events["timestamp"] // 600 * 600
    twins = events.iloc[:40].assign(energy=0.5, label=events["label"].iloc[40:80].to_numpy())
    table = pd.concat([events, twins], ignore_index=True)
    assert table.duplicated(["home_id", "timestamp"]).sum() > 40
    return model, table


@cache
def chains():
    """Return a model of several alarms, and chains of which some only differ in events or label."""
    trained, tested = (simulate_chains(n, random_state=n) for n in (120, 80))
    trained, _ = training_events(trained)
    model = make_chain_pipeline(**SMALL).fit(trained, trained["label"])
    others = replace(tested[:20], zone=tested[:20].zone[::-1].copy())
    relabelled = tested[:20].assign(label=tested["label"].to_numpy()[40:60])
    table = Chains.concatenate([tested, others, relabelled])
    assert table.table.duplicated(["home_id", "start"]).sum() >= 40
    return model, table


@cache
def home():
    """Return a baseline and the later events of its home, several a minute."""
    events = simulate_behavior(weeks=6, usual_weeks=4, random_state=0).assign(consent=True)
    before = events["timestamp"] < events["timestamp"].min() + 4 * 604_800
    model = make_behavior_pipeline(n_estimators=10, random_state=0)
    model.fit(events[before], detector__timestamps=events.loc[before, "timestamp"])
    later = events[~before]
    return model, later.assign(timestamp=later["timestamp"] // 600 * 600)


@cache
def rival():
    """Return another model of the same features, so that the log loss is compared too."""
    rows, _ = training_rows(simulate_deliveries(400, random_state=2))
    return make_delivery_pipeline(algorithm="mlp", **SMALL).fit(rows, rows["label"])


MADE = {"delivery": deliveries, "chains": chains, "home": home}


@cache
def report(kind, seed=None):
    """Return the report on rows, columns and thresholds as they are, or shuffled."""
    model, rows = MADE[kind]()
    labels = [] if kind == "home" else model.classes_[1:].tolist()
    if seed is not None:
        rng = np.random.default_rng(seed)
        rows = rows.iloc[rng.permutation(len(rows))]
        rows = rows if kind == "chains" else rows[[*rng.permutation(rows.columns)]]
        labels = [labels[place] for place in rng.permutation(len(labels))]
    if labels:
        model[-1].set_thresholds(dict.fromkeys(labels, 0.3))
    return build_report(model, rows)


@pytest.mark.parametrize("kind", MADE)
@given(seed=seeds)
@settings(max_examples=2)
def test_reports_do_not_depend_on_the_order(kind, seed):
    shuffled, expected = (json.dumps(report(kind, each).to_document()) for each in (seed, None))
    assert shuffled == expected


@pytest.mark.parametrize("kind", ["delivery", "home"])
def test_pages_and_cards_do_not_depend_on_the_order(kind):
    shuffled, expected = report(kind, 0), report(kind)
    assert render_report(shuffled) == render_report(expected)
    assert model_card(shuffled) == model_card(expected)


@given(seed=seeds)
@settings(max_examples=3)
def test_importances_and_comparisons_do_not_depend_on_the_order(seed):
    rng = np.random.default_rng(seed)
    model, events = deliveries()
    events = attach_context(events)
    events = events[events["label"].notna()]
    order = rng.permutation(len(events))

    def measured(rows, groups=False):
        features = model[:-1].transform(rows)
        options = {"groups": rows["home_id"]} if groups else {}
        return permutation_importances(
            model[-1],
            features,
            rows["label"],
            max_rows=len(rows) // 2 if groups else 2_000,
            n_repeats=1,
            **options,
        )

    shuffled = events.iloc[order][[*rng.permutation(events.columns)]]
    assert measured(shuffled) == measured(events)
    assert measured(shuffled, groups=True) == measured(events, groups=True)
    one, other = (compare(model, rival(), rows) for rows in (events, shuffled))
    assert replace(other, disagreements=None) == replace(one, disagreements=None)
    table = other.disagreements.assign(row=order[other.disagreements["row"]])
    expected = one.disagreements
    pd.testing.assert_frame_equal(table.sort_values("row", ignore_index=True), expected)


@pytest.mark.parametrize("kind", MADE)
@given(seed=seeds)
@settings(max_examples=3)
def test_the_canonical_order_is_of_the_content(kind, seed):
    rng = np.random.default_rng(seed)
    _, rows = MADE[kind]()
    shuffled = rows.iloc[rng.permutation(len(rows))]

    def texts(table):
        table = table.iloc[canonical_order(table)]
        found = table.table if kind == "chains" else table
        lines = [repr(row) for row in found.to_dict("records")]
        if kind == "chains":
            lines = [line + repr(table[i].to_dict("list")) for i, line in enumerate(lines)]
        return lines

    assert texts(shuffled) == texts(rows)
