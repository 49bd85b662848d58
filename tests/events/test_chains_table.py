import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from novin_ml.events import CHAIN_COLUMNS, EVENT_KINDS, Chains, training_events
from novin_ml.exceptions import InvalidEventError

NAN = np.nan


class Lengths(TransformerMixin, BaseEstimator):
    """Number of events of each chain, to a power."""

    def __init__(self, power=1.0):
        self.power = power

    def fit(self, chains, y=None):
        self.n_seen_ = len(chains)
        return self

    def transform(self, chains):
        return chains.lengths.reshape(-1, 1) ** self.power


@pytest.fixture
def chains():
    """Give 12 chains of 4 homes; the odd ones have three events, the others one."""
    lengths = np.tile([1, 3], 6)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return Chains(
        pd.DataFrame(
            {
                "home_id": np.repeat(["a", "b", "c", "d"], 3),
                "start": np.arange(12) * 100.0,
                "consent": True,
                "label": np.tile(["no_pattern", "forced_entry"], 6),
            }
        ),
        offsets,
        np.concatenate([row * 100.0 + np.arange(n) for row, n in enumerate(lengths)]),
        np.zeros(24), np.zeros(24), np.full(24, NAN),
    )  # fmt: skip


def one_chain(**parts):
    """Return a chain of two events, with other parts."""
    table = pd.DataFrame({"home_id": ["a"], "start": [1.0]})
    parts = {
        "table": table, "offsets": [0, 2], "timestamp": [1.0, 2.0],
        "kind": [0, 1], "zone": [0, 1], "confidence": [0.5, NAN],
    } | parts  # fmt: skip
    return Chains(**parts)


def test_columns_have_their_dtypes_whatever_is_left_out():
    chains = one_chain()
    assert dict(chains.table.dtypes) == CHAIN_COLUMNS
    assert chains.table.iloc[0].to_dict() == {
        "home_id": "a", "start": 1.0, "observed_until": 2.0,
        "utc_offset": pytest.approx(NAN, nan_ok=True), "home_mode": pytest.approx(NAN, nan_ok=True),
        "consent": False, "n_left_out": 0,
    }  # fmt: skip
    assert list(chains.columns) == list(CHAIN_COLUMNS)
    assert [getattr(chains, name).dtype for name in ("kind", "zone", "confidence")] == [
        np.int8, np.int8, np.float32,
    ]  # fmt: skip


def test_what_was_given_is_not_changed():
    table = pd.DataFrame({"home_id": ["a"], "start": [1.0], "label": [None]}, index=[7])
    time = np.array([2.0, 1.0])
    chains = one_chain(table=table, timestamp=time)
    assert chains.timestamp.tolist() == [1.0, 2.0]
    assert time.tolist() == [2.0, 1.0]
    assert list(table.columns) == ["home_id", "start", "label"]
    table.loc[7, "start"] = -1.0
    assert chains["start"].tolist() == [1.0]


def test_events_are_in_order_of_time_kind_zone_and_confidence():
    chains = Chains(
        pd.DataFrame({"home_id": ["a", "b"], "start": [1.0, 0.0]}),
        [0, 6, 8],
        [3, 1, 1, 1, 1, 1, 9, 0],
        [0, 2, 1, 1, 1, 1, 5, 6],
        [0, 0, 3, 2, 2, 2, 0, 0],
        [1, 1, 1, NAN, 0.5, 0.25, 1, 1],
    )
    assert chains.timestamp.tolist() == [1, 1, 1, 1, 1, 3, 0, 9]
    assert chains.kind.tolist() == [1, 1, 1, 1, 2, 0, 6, 5]
    assert chains.zone.tolist() == [2, 2, 2, 3, 0, 0, 0, 0]
    np.testing.assert_array_equal(chains.confidence[:4], np.float32([0.25, 0.5, NAN, 1]))


@pytest.mark.parametrize(
    ("consent", "expected"), [("true", False), (1, False), (None, False), (True, True)]
)
def test_only_true_is_consent(consent, expected):
    table = pd.DataFrame({"home_id": ["a"], "start": [1.0]})
    table["consent"] = pd.Series([consent], dtype=object)
    assert one_chain(table=table)["consent"].tolist() == [expected]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"table": pd.DataFrame({"home_id": ["a"]})}, "columns home_id, start"),
        ({"table": [1]}, "columns home_id, start"),
        ({"offsets": [0, 3]}, "do not fit together"),
        ({"offsets": [0, 1, 2]}, "do not fit together"),
        ({"offsets": [[0, 2]]}, "must be a 1-d array"),
        ({"kind": [0, len(EVENT_KINDS)]}, "kind of an event must be a position"),
        ({"zone": [0, -1]}, "zone of an event must be a position"),
        ({"timestamp": [1.0, np.inf]}, "finite number of seconds"),
        ({"confidence": [0.5, 1.5]}, "number from 0 to 1"),
        ({"timestamp": [0.5, 1.0]}, "between its start and its observed_until"),
    ],
)
def test_what_is_no_chain_is_refused(parts, message):
    with pytest.raises(InvalidEventError, match=message):
        one_chain(**parts)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("home_mode", "party", "home, away, night, vacation. Got 'party'"),
        ("n_left_out", -1, "at least 0. Got -1"),
        ("observed_until", 1.5, "between its start and its observed_until"),
        ("start", NAN, "between its start and its observed_until"),
    ],
)
def test_columns_out_of_their_range_are_refused(column, value, message):
    with pytest.raises(InvalidEventError, match=message):
        one_chain().assign(**{column: [value]})


@pytest.mark.parametrize("n_events", [0, 101])
def test_a_chain_has_1_to_100_events(n_events):
    with pytest.raises(InvalidEventError, match=f"1 to 100 events. Got one of {n_events}"):
        one_chain(
            offsets=[0, n_events], timestamp=np.ones(n_events), kind=np.zeros(n_events),
            zone=np.zeros(n_events), confidence=np.zeros(n_events),
        )  # fmt: skip


def test_tables_are_joined(chains):
    both = Chains.concatenate([chains[:5], chains[5:]])
    pd.testing.assert_frame_equal(both.table, chains.table)
    np.testing.assert_array_equal(both.timestamp, chains.timestamp)
    mixed = Chains.concatenate([one_chain(), chains])
    assert mixed["label"].tolist() == [None, *chains["label"]]


def test_training_chains_have_consent_and_a_label(chains):
    some = chains.assign(consent=np.arange(12) < 9, label=[None, *chains["label"][1:]])
    labelled, n_dropped = training_events(some)
    assert isinstance(labelled, Chains)
    assert (len(labelled), n_dropped) == (8, 3)
    assert labelled["start"].tolist() == [100.0 * row for row in range(1, 9)]
    with pytest.raises(InvalidEventError, match="must have a column 'label'"):
        training_events(one_chain())


def test_splitters_of_scikit_learn_take_it(chains):
    assert sum(len(chains[test]) for _, test in KFold(5).split(chains)) == 12
    y = chains["label"]
    for splitter in (GroupKFold(2), StratifiedGroupKFold(2)):
        for train, test in splitter.split(chains, y, groups=chains["home_id"]):
            assert {*chains[train]["home_id"]}.isdisjoint(chains[test]["home_id"])
    train, test, y_train, _ = train_test_split(chains, y, stratify=y, random_state=0)
    assert isinstance(test, Chains)
    assert train["label"].tolist() == y_train.tolist()


def test_pipelines_and_cross_validation_of_scikit_learn_take_it(chains):
    model = make_pipeline(Lengths(), DecisionTreeClassifier(random_state=0))
    y = chains["label"]
    assert cross_val_score(model, chains, y, cv=3).tolist() == [1, 1, 1]
    groups = chains["home_id"]
    assert cross_val_score(model, chains, y, groups=groups, cv=GroupKFold(2)).tolist() == [1, 1]
    assert cross_val_predict(model, chains, y, cv=3).tolist() == y.tolist()
    search = GridSearchCV(clone(model), {"lengths__power": [1.0, 2.0]}, cv=3).fit(chains, y)
    assert search.best_estimator_["lengths"].n_seen_ == 12
    assert search.predict(chains[[1, 0]]).tolist() == ["forced_entry", "no_pattern"]
