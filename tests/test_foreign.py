"""Tables of other libraries, rows of JSON and texts, at every door that takes a table."""

import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.rules import ChainRules, DeliveryRules
from novin_ml.evaluation import (
    alarms_per_week,
    build_report,
    compare,
    conformalize,
    detection_delay,
    evaluate,
    explain,
    split_by_home,
    tune_threshold,
    write_report,
)
from novin_ml.events import chain_prefixes, chains_from_events, training_events, write_events
from novin_ml.features import (
    BehaviorFeatures,
    BehaviorHistory,
    ChainFeatures,
    DeliveryFeatures,
    MotionFeatures,
    attach_context,
    training_rows,
)
from novin_ml.foreign import conversion_of, kind_of
from novin_ml.lifecycle import fit_fleet, score_fleet, train, train_baseline
from novin_ml.simulation import simulate_deliveries

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

EVENTS = simulate_deliveries(200, random_state=0)
COLUMNS = ["home_id", "timestamp", "type", "kind", "zone", "label", "consent"]
PLAIN = EVENTS[COLUMNS].astype({"kind": str, "zone": str, "label": str})


def of_arrow():
    return pytest.importorskip("pyarrow").Table.from_pandas(PLAIN)


def of_polars():
    return pytest.importorskip("polars").from_pandas(PLAIN)


def lazy():
    return of_polars().lazy()


def of_dask():
    return pytest.importorskip("dask.dataframe").from_pandas(PLAIN, npartitions=2)


#: What is given, how it is named, and the remedy where there is one.
FORMS = {
    "arrow": (of_arrow, "pyarrow.Table", "Convert it by its to_pandas()."),
    "polars": (of_polars, "polars.DataFrame", "Convert it by its to_pandas()."),
    "lazy": (lazy, "polars.LazyFrame", "Convert it by its collect().to_pandas()."),
    "dask": (of_dask, "DataFrame", "Convert it by its compute()."),
    "dicts": (lambda: PLAIN.head(3).to_dict("records"), "list of dicts", ""),
    "dict": (lambda: PLAIN.to_dict("list"), "dict", ""),
    "path": (lambda: "events.jsonl", "str", ""),
    "array": (lambda: np.zeros((3, 4)), "ndarray", ""),
    "none": (lambda: None, "NoneType", ""),
}


@pytest.fixture(scope="module", name="model")
def fitted():
    rows, _ = training_rows(EVENTS)
    return make_delivery_pipeline(epochs=1, random_state=0).fit(rows, rows["label"])


#: Doors for events, or for chains.
DOORS = {
    "DeliveryFeatures": lambda _, rows: DeliveryFeatures().fit(rows),
    "BehaviorFeatures": lambda _, rows: BehaviorFeatures().fit(rows),
    "BehaviorHistory": lambda _, rows: BehaviorHistory.from_events(rows),
    "ChainFeatures": lambda _, rows: ChainFeatures().fit(rows),
    "DeliveryRules": lambda _, rows: DeliveryRules().fit(rows),
    "ChainRules": lambda _, rows: ChainRules().fit(rows),
    "attach_context": lambda _, rows: attach_context(rows),
    "training_rows": lambda _, rows: training_rows(rows),
    "training_events": lambda _, rows: training_events(rows),
    "chains_from_events": lambda _, rows: chains_from_events(rows),
    "chain_prefixes": lambda _, rows: chain_prefixes(rows),
    "write_events": lambda _, rows: write_events(rows, "unused.jsonl"),
    "split_by_home": lambda _, rows: split_by_home(rows, 0.3),
    "predict": lambda model, rows: model.predict(rows),
    "evaluate": lambda model, rows: evaluate(model, DeliveryRules(), rows),
    "tune_threshold": lambda model, rows: tune_threshold(model, rows, false_alarms_per_week=1.0),
    "conformalize": lambda model, rows: conformalize(model, rows, error_rate=0.1),
    "explain": lambda model, rows: explain(model, rows),
    "write_report": lambda model, rows: write_report(model, rows, "unused.html"),
    "train": lambda _, rows: train("delivery", rows),
    "train_baseline": lambda _, rows: train_baseline(rows),
    "alarms_per_week": lambda _, rows: alarms_per_week(rows, [True]),
    "detection_delay": lambda _, rows: detection_delay(rows, [True]),
    "build_report": lambda model, rows: build_report(model, rows),
    "score_fleet": lambda _, rows: score_fleet({}, rows),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_table_of_pandas_is_named_with_its_remedy(model, door, form, tmp_path):
    make, name, remedy = FORMS[form]
    rows = make()
    with pytest.raises(ValueError, match=re.escape(name)) as error:
        DOORS[door](model, rows)
    message = str(error.value)
    if "Chain" not in door and "prefixes" not in door:
        assert remedy in message
        doors = ("read_events", "events_from_records", "events_from_json")
        assert remedy or any(f"novin_ml.events.{door}" in message for door in doors)
    assert "\n" not in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["arrow", "polars", "dask", "dicts"])
def test_compare_names_another_librarys_table(model, form):
    make, name, remedy = FORMS[form]
    with pytest.raises(ValueError, match=re.escape(name)) as error:
        compare(model, model, make())
    assert remedy in str(error.value)


@pytest.mark.parametrize("form", ["arrow", "polars", "dask", "path"])
def test_a_fleet_names_another_librarys_table(form, tmp_path):
    make, name, remedy = FORMS[form]
    with pytest.raises(ValueError, match=re.escape(name)) as error:
        fit_fleet(make(), out=tmp_path / "fleet")
    assert remedy in str(error.value)


def test_signals_may_be_lists_but_no_foreign_table():
    with pytest.raises(ValueError, match=r"pyarrow\.Table.*to_pandas"):
        MotionFeatures().fit_transform(of_arrow())


X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"], dtype="float32")
Y = X["a"] > 0
MASKED = np.ma.masked_array(X.to_numpy(), mask=X.to_numpy() > 1)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (lambda: pytest.importorskip("pyarrow").Table.from_pandas(X), r"pyarrow.Table.*to_pandas"),
        (lambda: pytest.importorskip("polars").from_pandas(X).lazy(), r"LazyFrame.*collect\(\)"),
        (lambda: X.to_dict("records"), "list of dicts.*Make a pandas.DataFrame"),
        (lambda: X.to_dict("list"), "Got dict.*Make a pandas.DataFrame"),
        (lambda: X.to_records(), "recarray.*Make a pandas.DataFrame"),
        (lambda: "rows.csv", "Got str.*Make a pandas.DataFrame"),
        (lambda: None, "Got NoneType.*Make a pandas.DataFrame"),
        (lambda: MASKED, r"masked array.*numpy.ma.filled\(X, numpy.nan\)"),
        (lambda: X.map(lambda _: "x"), "'X'.*numbers. Got 'x'"),
        (
            lambda: X.astype(object).where(X < 1, pd.NA),
            r"'X' .*NaN for missing values. Got pandas.NA among objects.*astype\('Float32'\)",
        ),
    ],
)
def test_features_that_are_no_table_of_numbers_are_refused_by_a_sentence(rows, sentence):
    trees = DeliveryClassifier(epochs=1).fit(X, Y)
    detector = BehaviorAnomalyDetector(n_estimators=2)
    for call in (
        lambda: DeliveryClassifier(epochs=1).fit(rows(), Y),
        lambda: trees.predict(rows()),
        lambda: detector.fit(rows()),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()


def test_what_is_a_table_of_numbers_is_taken():
    rows = X.to_numpy()
    expected = DeliveryClassifier(epochs=1, random_state=0).fit(rows, Y).predict_proba(rows)
    whole = np.ma.masked_array(X.to_numpy())
    got = DeliveryClassifier(epochs=1, random_state=0).fit(whole, Y).predict_proba(X.to_numpy())
    np.testing.assert_array_equal(got, expected)
    with pytest.raises(TypeError, match="Sparse data"):
        DeliveryClassifier().fit(scipy.sparse.dok_array(X.to_numpy()), Y)


@pytest.mark.parametrize("make", [list, lambda y: np.array(y, dtype=object), pd.Series])
def test_a_number_and_its_text_are_never_one_label(make):
    """numpy makes texts of all labels of a list if one of them is a text."""
    labels = [1, "1", "a", 1] * 10
    with pytest.raises(ValueError, match=r"of one kind: .* of type int and str"):
        DeliveryClassifier(epochs=1).fit(X, make(labels))


def test_names_of_types():
    assert kind_of(X) == "DataFrame"
    assert kind_of(DeliveryClassifier()) == "DeliveryClassifier"
    assert conversion_of(X, "otherwise") == "otherwise"
    assert conversion_of([1], "otherwise") == "otherwise"
