"""The worked example of two variants: no model has seen its people, and each person has one."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import synthetic_real as bench
from benchmarks._datasets import Dataset
from novin_ml.lifecycle import Assignment


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = np.tile(np.array(["sit", "walk"], dtype=object), 240)
    X = pd.DataFrame(rng.normal(size=(480, 3)) + (y == "walk")[:, np.newaxis], columns=list("abc"))
    return Dataset(X.astype(np.float32), y, np.repeat([str(n) for n in range(8)], 60))


def test_synthetic_rows_have_the_means_and_deviations_of_each_label(data):
    rows, labels = bench.synthetic_rows(data.X, data.y, np.random.default_rng(0))
    assert (labels == data.y).all()
    for label in ("sit", "walk"):
        real, drawn = data.X[data.y == label], rows[data.y == label]
        assert not (drawn == real).all(axis=1).any()
        assert np.allclose(real.mean(), drawn.mean(), atol=0.3)
        assert np.allclose(real.std(), drawn.std(), atol=0.3)


def test_each_person_has_one_variant_and_all_of_its_errors(data):
    found = bench.answers(data, epochs=2)
    assert set(found["real"]) | set(found["synthetic"]) == {"sit", "walk"}
    plan = Assignment.start("real", key=bytes(16)).with_share("synthetic", 0.5)
    table = bench.outcomes(found, plan)
    assert table.groupby("home_id")["variant"].nunique().eq(1).all()
    assert set(table["variant"]) == {"real", "synthetic"}
    assert table["exposure"].tolist() == [20] * 24
    for (home, variant), rows in table.groupby(["home_id", "variant"]):
        own = found[found["person"] == home.removeprefix("person-")]
        assert rows["value"].sum() == (own[variant] != own["truth"]).sum()
        assert plan.variant_of(home) == variant
