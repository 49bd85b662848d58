"""What the tests of several simulations ask of a table of events."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import Vocabulary
from novin_ml.events.fields import column_dtypes
from novin_ml.events.vocabulary import DEFAULT_VOCABULARY


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
    found = DEFAULT_VOCABULARY.columns_of(events["type"], events["location"])
    assert (found["kind"] == events["kind"]).all()
    assert (found["zone"] == events["zone"]).all()
    # Both built-in vocabularies find the same, but for leaks, which that of the SDK does not know.
    sdk, home = (
        each.columns_of(events["type"], events["location"]).values()
        for each in (Vocabulary.sdk(), Vocabulary.home())
    )
    of_sdk, of_home = ([column.astype(object) for column in each] for each in (sdk, home))
    assert ((of_sdk[0] == of_home[0]) | (of_home[0] == "leak")).all()
    assert (of_sdk[1] == of_home[1]).all()


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
