"""What the tests of several simulations ask of a table of events."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import normalize_zones
from novin_ml.events.fields import column_dtypes
from novin_ml.events.kinds import event_kind


def assert_same(left, right):
    """Assert that two tables are equal, raw signals and missing values included."""
    pd.testing.assert_frame_equal(left.drop(columns="raw"), right.drop(columns="raw"))
    for a, b in zip(left["raw"], right["raw"], strict=True):
        assert (a is None) == (b is None)
        assert a is None or np.array_equal(a, b, equal_nan=True)


def assert_event_table(events, labels):
    """Assert that a table has the columns of events, sorted by time, and kinds and zones fit."""
    dtypes = column_dtypes(labels=labels)
    assert list(events.columns) == list(dtypes)
    assert {name: events[name].dtype for name in events} == {
        name: np.dtype(dtype) if isinstance(dtype, str) else dtype for name, dtype in dtypes.items()
    }
    assert events.index.equals(pd.RangeIndex(len(events)))
    assert events["home_id"].str.fullmatch(r"home_\d{4}").all()
    assert events["timestamp"].is_monotonic_increasing
    assert (events["timestamp"] == events["timestamp"].round(3)).all()
    assert (event_kind(events["type"]) == events["kind"]).all()
    assert (normalize_zones(events["location"]) == events["zone"]).all()


def accuracies(features, label, clean, homes, **params):
    """Return the accuracies of boosting and of a linear model on the homes kept apart."""
    xgboost = pytest.importorskip("xgboost")
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    test = homes.str[-1].isin(["0", "5"]).to_numpy(dtype=bool)
    boosting = xgboost.XGBClassifier(max_bin=64, n_jobs=1, **params)
    line = make_pipeline(
        SimpleImputer(), StandardScaler(), LogisticRegression(solver="newton-cholesky")
    )
    return [
        model.fit(features[~test], label[~test]).score(features[test], clean[test])
        for model in (boosting, line)
    ]
