"""The law of comparisons: exchanged models mirror the result, to the bit."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.evaluation import compare_answers
from tests.properties.fits import seeds

LABELS = np.array(["a", "b", "c"], dtype=object)
MIRRORED = {"better": "worse", "worse": "better", "undecided": "undecided"}


def without_signed_zeros(comparison):
    """Return all numbers of a comparison, in which NaN equals NaN."""
    return re.sub(r"-0\.0(?=[,)])", "0.0", repr(comparison))


def mirrored(difference):
    """Return a difference of the second and the first."""
    if difference is None:
        return None
    one = difference
    return type(one)(one.b, one.a, -one.difference, -one.high, -one.low)


@given(
    seeds,
    st.integers(2, 60),
    st.sampled_from((None, 1, 2, 9)),
    st.sampled_from((0.0, 0.5, 1.0)),
    st.booleans(),
)
@settings(max_examples=40)
def test_exchanged_models_mirror_the_comparison(seed, n_rows, n_groups, alike, probabilities):
    rng = np.random.default_rng(seed)
    truth, a, other = (rng.choice(LABELS, n_rows) for _ in range(3))
    b = np.where(rng.random(n_rows) < alike, a, other)
    groups = None if n_groups is None else rng.integers(0, n_groups, n_rows)
    p, q = rng.dirichlet(np.ones(3), (2, n_rows)) if probabilities else (None, None)
    classes = LABELS if probabilities else None
    options = {"groups": groups, "classes": classes, "n_resamples": 200, "random_state": 0}
    one = compare_answers(truth, a, b, probabilities_a=p, probabilities_b=q, **options)
    two = compare_answers(truth, b, a, probabilities_a=q, probabilities_b=p, **options)
    expected = replace(
        one,
        verdict=MIRRORED[one.verdict],
        accuracy=mirrored(one.accuracy),
        log_loss=mirrored(one.log_loss),
        mcnemar=replace(one.mcnemar, only_a=one.mcnemar.only_b, only_b=one.mcnemar.only_a),
        classes=tuple(
            replace(
                each,
                recall_a=each.recall_b,
                recall_b=each.recall_a,
                recall_difference=-each.recall_difference,
                won=each.lost,
                lost=each.won,
                precision_a=each.precision_b,
                precision_b=each.precision_a,
                precision_difference=-each.precision_difference,
                false_won=each.false_lost,
                false_lost=each.false_won,
            )
            for each in one.classes
        ),
    )
    assert without_signed_zeros(two) == without_signed_zeros(expected)
    exchanged = {"answer_a": "answer_b", "answer_b": "answer_a"}
    table = one.disagreements.rename(columns=exchanged)
    table["right"] = table["right"].replace({"a": "b", "b": "a"})
    pd.testing.assert_frame_equal(two.disagreements[list(table)], table)
