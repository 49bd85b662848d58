"""Laws of drift: what must not matter, does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.lifecycle import measure_drift
from novin_ml.simulation import simulate_motions
from tests.properties.fits import seeds

BEFORE, OTHERS = (simulate_motions(500, n_homes=12, random_state=seed) for seed in (0, 1))
AFTER = BEFORE.assign(timestamp=BEFORE["timestamp"] + 30 * 86_400.0, sample_rate=20.0)[::2]
PAIRS = {"same homes": (BEFORE, AFTER), "other homes": (BEFORE, OTHERS)}
designs = st.sampled_from([*PAIRS])


def figures(report, homes=True):
    document = report.as_dict()
    if not homes:
        for each in document["features"]:
            del each["homes"]
    return document


def close(found, expected):
    """Compare documents; sums in another order may differ in the last bits."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            close(found[key], expected[key])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            close(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    else:
        assert found == expected


@settings(max_examples=8)
@given(designs, seeds)
def test_the_order_of_rows_does_not_matter(design, seed):
    before, after = PAIRS[design]
    rng = np.random.default_rng(seed)
    shuffled = [table.iloc[rng.permutation(len(table))] for table in (before, after)]
    report = measure_drift(*shuffled, n_permutations=99)
    assert report.design == design
    close(figures(report), figures(measure_drift(before, after, n_permutations=99)))


@settings(max_examples=8)
@given(designs, seeds)
def test_names_of_homes_do_not_matter(design, seed):
    before, after = PAIRS[design]
    rng = np.random.default_rng(seed)
    homes = sorted({*before["home_id"], *after["home_id"]})
    new = dict(zip(homes, rng.permutation([f"h{n}" for n in range(len(homes))]), strict=True))
    renamed = [table.assign(home_id=table["home_id"].map(new)) for table in (before, after)]
    report = measure_drift(*renamed, n_permutations=99)
    expected = measure_drift(before, after, n_permutations=99)
    close(figures(report, homes=False), figures(expected, homes=False))


@settings(max_examples=8)
@given(designs, seeds)
def test_rows_without_consent_change_nothing(design, seed):
    before, after = PAIRS[design]
    rng = np.random.default_rng(seed)
    homes = rng.choice([*{*after["home_id"]}, "a new home"], 40)
    refused = simulate_motions(40, n_homes=2, random_state=5).assign(
        consent=False, home_id=homes, sample_rate=7.0, timestamp=rng.uniform(1e9, 2e9, 40)
    )
    report = measure_drift(before, pd.concat([refused, after]), n_permutations=99)
    n_without = int((~after["consent"]).sum())
    assert report.n_without_consent[1] == n_without + 40
    found, expected = report.as_dict(), measure_drift(before, after, n_permutations=99).as_dict()
    for document in (found, expected):
        del document["n_without_consent"]
    close(found, expected)


@settings(max_examples=8)
@given(st.integers(1, 12), seeds)
def test_identical_tables_never_cry(n_homes, seed):
    table = simulate_motions(120, n_homes=n_homes, random_state=seed).assign(consent=True)
    report = measure_drift(table, table, n_permutations=99, random_state=seed % 2**31)
    assert report.verdict != "drift"
    for each in report.features:
        assert (each.p_value, each.effect, each.psi or 0, each.ks or 0, each.js or 0) == (
            1,
            0,
            0,
            0,
            0,
        )
