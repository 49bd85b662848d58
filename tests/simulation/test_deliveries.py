import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from novin_ml.estimators.rules import DeliveryRules
from novin_ml.events import read_events, training_events, write_events
from novin_ml.features import DeliveryFeatures, attach_context
from novin_ml.features.signals import signal_statistics
from novin_ml.simulation import simulate_deliveries
from novin_ml.simulation.signals import synthesise
from novin_ml.simulation.signals.motion_styles import (
    NO_STYLE,
    SAMPLE_RATE,
    STYLE_NAMES,
    draw_durations,
)
from tests.simulation.tables import accuracies, assert_event_table, assert_same

LABELS = {"delivery", "no_delivery"}


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(6000, n_homes=60, random_state=0)


@pytest.mark.parametrize(("n_events", "n_homes"), [(1, None), (7, 1), (500, 3), (20, 400)])
def test_exactly_so_many_labelled_events(n_events, n_homes):
    events = simulate_deliveries(n_events, n_homes=n_homes, random_state=1)
    assert events["label"].notna().sum() == events["clean_label"].notna().sum() == n_events
    if n_homes is not None:
        assert events["home_id"].nunique() <= n_homes


def test_is_an_event_table(events):
    assert_event_table(events, ("label", "clean_label"))
    assert set(events["label"].dropna()) == set(events["clean_label"].dropna()) == LABELS


def test_only_motion_is_labelled_and_has_a_signal(events):
    motion = events["kind"] == "motion"
    assert not events.loc[~motion, "label"].notna().any()
    assert events.loc[~motion, ["energy", "duration"]].isna().all(axis=None)
    assert not events.loc[~motion, "raw"].notna().any()
    last = events.loc[events["label"].notna(), "timestamp"].max()
    assert events.loc[motion & (events["timestamp"] < last), "label"].notna().all()
    assert events["timestamp"].max() <= last + 60


def test_vendors_spell_kinds_and_zones_so_that_they_are_understood(events):
    assert set(events["kind"]) == {"motion", "doorbell", "door", "vehicle"}
    assert events["location"].nunique() > 2 * events["zone"].nunique()
    known = events["location"].notna()
    assert (events.loc[known, "zone"] != "unknown").all()


def test_one_random_state_reproduces_everything():
    first = simulate_deliveries(200, random_state=3)
    assert_same(first, simulate_deliveries(200, random_state=3))
    assert_same(
        simulate_deliveries(200, random_state=np.random.default_rng(5)),
        simulate_deliveries(200, random_state=np.random.default_rng(5)),
    )
    assert_same(
        simulate_deliveries(200, random_state=np.random.RandomState(5)),
        simulate_deliveries(200, random_state=np.random.RandomState(5)),
    )
    assert not first["timestamp"].equals(simulate_deliveries(200, random_state=4)["timestamp"])


def test_global_random_state_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate_deliveries(50)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_annotator_error_changes_labels_only(events):
    flipped = (events["label"] != events["clean_label"])[events["label"].notna()]
    assert flipped.mean() == pytest.approx(0.02, abs=0.006)
    for error in (0.0, 0.3):
        other = simulate_deliveries(300, annotator_error=error, random_state=2)
        labelled = other["label"].notna()
        wrong = (other["label"] != other["clean_label"])[labelled].mean()
        assert wrong == pytest.approx(error, abs=0.08 * (error > 0))
        assert_same(
            other.drop(columns="label"),
            simulate_deliveries(300, random_state=2).drop(columns="label"),
        )


@pytest.mark.parametrize("prevalence", [0.0, 0.1, 0.25, 0.5])
def test_prevalence_is_about_as_asked(prevalence):
    events = simulate_deliveries(4000, prevalence=prevalence, random_state=0)
    share = (events["clean_label"] == "delivery").sum() / 4000
    assert share == pytest.approx(prevalence, abs=0.04)


def test_some_homes_leave_something_out(events):
    motion = events[events["kind"] == "motion"]
    by_home = motion.groupby("home_id")
    for name in ("raw", "duration", "home_mode"):
        share = by_home[name].apply(lambda column: column.notna().mean())
        assert 0 < (share == 0).mean() < 0.4, name
    assert (motion["raw"].notna() | motion["energy"].notna()).all()
    assert 0.005 < motion["confidence"].isna().mean() < 0.05
    many = simulate_deliveries(2000, n_homes=400, random_state=0)
    consent = many.groupby("home_id")["consent"]
    assert (consent.nunique() == 1).all()
    assert 0.005 < 1 - consent.first().mean() < 0.07
    labelled, dropped = training_events(many)
    assert 0 < dropped < len(labelled)


def test_signals_are_what_sensors_record(events):
    rows = events["raw"].notna()
    signals = events.loc[rows, "raw"]
    values = np.concatenate(list(signals))
    assert values.dtype == np.float32
    known = values[~np.isnan(values)]
    assert known.min() >= 0
    assert known.max() == 1
    gappy = signals.map(lambda signal: np.isnan(signal).any()).mean()
    assert 0.01 < gappy < 0.06
    statistics = signal_statistics(signals.to_numpy(), events.loc[rows, "sample_rate"])
    np.testing.assert_allclose(statistics.energy, events.loc[rows, "energy"], atol=6e-5)
    reported = events.loc[rows, "duration"].to_numpy()
    told = ~np.isnan(reported)
    np.testing.assert_allclose(statistics.duration[told], reported[told], rtol=1e-6)


def test_styles_differ_as_their_movers_do():
    rng = np.random.default_rng(0)
    medians = {}
    for code, name in enumerate(STYLE_NAMES):
        styles = np.full(300, code)
        durations = draw_durations(rng, styles)
        signals, energy = synthesise(
            rng,
            styles,
            durations,
            np.ones(300),
            np.full(300, 0.01),
            np.zeros(300, bool),
            np.full(300, SAMPLE_RATE),
            np.full(300, NO_STYLE),
        )
        assert [len(signal) for signal in signals] == (durations * SAMPLE_RATE).round().tolist()
        medians[name] = np.median(durations), np.median(energy)
    assert medians["wait"][0] > 2 * medians["drop"][0]
    assert medians["cat"][1] < medians["drop"][1] < medians["resident"][1]


def test_couriers_and_look_alikes_come_in_all_their_ways():
    events = attach_context(simulate_deliveries(6000, annotator_error=0.0, random_state=1))
    delivery = events["label"] == "delivery"
    rung = events["seconds_since_doorbell"].notna()
    assert 0.1 < rung[delivery].mean() < 0.7
    assert (rung & ~delivery & events["label"].notna()).sum() > 100
    doorbells = events[events["kind"] == "doorbell"]
    after = 0
    for home, time in zip(
        events.loc[delivery & ~rung, "home_id"],
        events.loc[delivery & ~rung, "timestamp"],
        strict=True,
    ):
        since = doorbells.loc[doorbells["home_id"] == home, "timestamp"] - time
        after += bool(((since > 0) & (since < 20)).any())
    assert 0.1 < after / delivery.sum() < 0.5


def test_rules_stay_clearly_below_what_can_be_reached():
    events = attach_context(simulate_deliveries(4000, random_state=0))
    events = events[events["label"].notna()]
    predicted = DeliveryRules().fit(events).predict(events)
    assert 0.6 < accuracy_score(events["clean_label"], predicted) < 0.88
    assert accuracy_score(events["label"], events["clean_label"]) == pytest.approx(0.98, abs=0.01)


def test_boosting_learns_it_and_a_line_does_not():
    events = attach_context(simulate_deliveries(20_000, random_state=0))
    events = events[events["label"].notna()]
    features = DeliveryFeatures().fit_transform(events)
    label, clean = (
        (events[name] == "delivery").to_numpy(dtype=int) for name in ("label", "clean_label")
    )
    boosting, line = accuracies(
        features, label, clean, events["home_id"], max_depth=6, learning_rate=0.2, n_estimators=80
    )
    assert 0.945 < boosting < 0.985
    assert boosting - line > 0.03


def test_survives_a_file(tmp_path):
    events = simulate_deliveries(120, random_state=0)
    write_events(events, tmp_path / "events.jsonl")
    back = read_events(tmp_path / "events.jsonl", strict=True)
    np.testing.assert_array_equal(
        DeliveryFeatures().fit_transform(back), DeliveryFeatures().fit_transform(events)
    )
    assert back["clean_label"].tolist() == events["clean_label"].tolist()


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("n_events", 0),
        ("n_events", 2.5),
        ("n_homes", 0),
        ("prevalence", 0.7),
        ("prevalence", float("nan")),
        ("annotator_error", -0.1),
    ],
)
def test_parameters_are_checked(parameter, value):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter .* must be"):
        simulate_deliveries(**{parameter: value})
