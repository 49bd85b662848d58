import numpy as np
import pytest

from novin_ml.estimators.rules import MotionRules
from novin_ml.events import MAX_RAW_SAMPLES, read_events, write_events
from novin_ml.events.labels import MOTION_LABELS
from novin_ml.features.motion.features import MotionFeatures
from novin_ml.features.signals import signal_statistics
from novin_ml.simulation import simulate_motions
from novin_ml.simulation.signals import synthesise
from novin_ml.simulation.signals.motion_styles import (
    NO_STYLE,
    STYLE_NAMES,
    STYLES,
    draw_durations,
)
from novin_ml.simulation.street.activities import ACTIVITIES
from novin_ml.simulation.street.motions import NO_RAW, SAMPLE_RATES
from tests.simulation.tables import accuracies, assert_event_table, assert_same


@pytest.fixture(scope="module")
def events():
    return simulate_motions(8000, n_homes=100, random_state=0)


def signals_of(style, n=300, rate=20.0, companion=None, seed=0):
    """Signals of motions of one style, half a minute each."""
    rng = np.random.default_rng(seed)
    other = NO_STYLE if companion is None else STYLE_NAMES.index(companion)
    signals, _ = synthesise(
        rng,
        np.full(n, STYLE_NAMES.index(style)),
        np.full(n, 30.0),
        np.full(n, 0.5),
        np.full(n, 0.01),
        np.zeros(n, dtype=bool),
        np.full(n, rate),
        np.full(n, other),
    )
    return np.array(signals)


def spectrum(signals, rate=20.0):
    """Mean power of the second third, where movers are near, as shares; and the frequencies."""
    n = signals.shape[1]
    middle = signals[:, n // 3 : 2 * n // 3]
    middle = middle - middle.mean(axis=1, keepdims=True)
    power = np.square(np.abs(np.fft.rfft(middle * np.hanning(middle.shape[1]))))
    power = power / power.sum(axis=1, keepdims=True)
    return power.mean(axis=0), np.fft.rfftfreq(middle.shape[1], 1 / rate)


@pytest.mark.parametrize(("n_events", "n_homes"), [(1, None), (7, 1), (500, 3), (20, 400)])
def test_every_one_of_so_many_events_is_labelled(n_events, n_homes):
    events = simulate_motions(n_events, n_homes=n_homes, random_state=1)
    assert len(events) == n_events
    assert events[["label", "clean_label"]].notna().all(axis=None)
    if n_homes is not None:
        assert events["home_id"].nunique() <= n_homes


def test_is_an_event_table(events):
    assert_event_table(events, ("label", "clean_label"))
    assert (events["kind"] == "motion").all()
    assert set(events["label"]) == set(events["clean_label"]) == set(ACTIVITIES)


def test_one_random_state_reproduces_everything():
    first = simulate_motions(200, random_state=3)
    assert_same(first, simulate_motions(200, random_state=3))
    for make in (np.random.default_rng, np.random.RandomState):
        assert_same(
            simulate_motions(50, random_state=make(5)), simulate_motions(50, random_state=make(5))
        )
    assert not first["timestamp"].equals(simulate_motions(200, random_state=4)["timestamp"])


def test_annotator_error_changes_labels_only():
    tables = [simulate_motions(3000, annotator_error=error, random_state=2) for error in (0, 0.3)]
    assert tables[0]["label"].equals(tables[0]["clean_label"])
    assert_same(*(table.drop(columns="label") for table in tables))
    wrong = tables[1][tables[1]["label"] != tables[1]["clean_label"]]
    assert len(wrong) / 3000 == pytest.approx(0.3, abs=0.03)
    walking = wrong.loc[wrong["clean_label"] == "walking", "label"]
    shares = walking.value_counts(normalize=True)
    assert len(shares) == 5
    assert shares.between(0.12, 0.28).all()


def test_shares_are_about_as_stated(events):
    shares = events["clean_label"].value_counts(normalize=True)
    for label, activity in ACTIVITIES.items():
        assert shares[label] == pytest.approx(activity.share, abs=0.03)
        assert sum(activity.styles.values()) == pytest.approx(1)
        assert set(activity.styles) <= set(STYLES)
    assert sum(activity.share for activity in ACTIVITIES.values()) == pytest.approx(1)
    assert tuple(ACTIVITIES) == MOTION_LABELS
    assert sum(SAMPLE_RATES.values()) == pytest.approx(1)


def test_homes_differ_in_what_they_send(events):
    homes = events.groupby("home_id")
    raw = homes["raw"].apply(lambda column: column.notna().mean())
    assert set(raw) == {0.0, 1.0}
    assert (raw == 0).mean() == pytest.approx(NO_RAW)
    without = events[events["raw"].isna()]
    assert without[["duration", "energy"]].notna().all(axis=None)
    assert (homes["sample_rate"].nunique() == 1).all()
    rates = homes["sample_rate"].first().value_counts(normalize=True)
    assert rates.to_dict() == pytest.approx(SAMPLE_RATES)
    assert 0.02 < homes["duration"].apply(lambda column: column.isna().all()).mean() < 0.3


def test_signals_are_what_sensors_record(events):
    rows = events["raw"].notna()
    signals, rates = events.loc[rows, "raw"], events.loc[rows, "sample_rate"]
    values = np.concatenate(list(signals))
    assert values.dtype == np.float32
    known = values[~np.isnan(values)]
    assert known.min() >= 0
    assert known.max() == 1
    assert 0.02 < signals.map(lambda signal: np.isnan(signal).any()).mean() < 0.06
    seconds = signals.map(len) / rates
    assert seconds.between(0.3, 300).all()
    assert 12 < seconds.median() < 20
    assert signals.map(len).max() <= MAX_RAW_SAMPLES
    assert signals.map(lambda signal: signal.base is not None).all()
    statistics = signal_statistics(signals.to_numpy(), rates)
    np.testing.assert_allclose(statistics.energy, events.loc[rows, "energy"], atol=6e-5)
    reported = events.loc[rows, "duration"].to_numpy()
    told = ~np.isnan(reported)
    np.testing.assert_allclose(statistics.duration[told], reported[told], rtol=1e-6)


@pytest.mark.parametrize("rate", [5.0, 10.0, 20.0])
def test_durations_are_whole_samples_within_the_limits(rate):
    rng = np.random.default_rng(0)
    styles = np.resize(np.arange(len(STYLES)), 20_000)
    durations = draw_durations(rng, styles, np.full(20_000, rate), (0.3, 300.0))
    samples = durations * rate
    np.testing.assert_allclose(samples, np.round(samples), atol=1e-9)
    assert samples.min() >= 1
    assert samples.max() <= MAX_RAW_SAMPLES


@pytest.mark.parametrize("style", ["pass_by", "jog", "sprint", "trot", "romp"])
def test_gaits_beat_at_their_rhythm(style):
    power, frequency = spectrum(signals_of(style))
    gait = frequency > 1.2
    peak = frequency[gait][np.argmax(power[gait])]
    assert peak == pytest.approx(STYLES[style].rhythm, rel=0.12)


def test_steps_have_an_overtone_that_paws_have_not():
    power, frequency = spectrum(signals_of("pass_by"))
    overtone = power[(frequency > 3.3) & (frequency < 4.1)].mean()
    assert overtone > 2 * power[(frequency > 4.8) & (frequency < 5.4)].mean()


def test_a_slow_sensor_takes_a_sprint_for_something_slower():
    power, frequency = spectrum(signals_of("sprint", rate=5.0), rate=5.0)
    gait = frequency > 1.0
    alias = 5.0 - STYLES["sprint"].rhythm
    assert frequency[gait][np.argmax(power[gait])] == pytest.approx(alias, abs=0.25)


def test_vehicles_are_smooth_beside_steps_and_paws():
    def jerk(style):
        signals = signals_of(style)
        return np.median(np.abs(np.diff(signals)).mean(axis=1) / signals.mean(axis=1))

    assert 1.2 * jerk("drive_by") < jerk("pass_by") < jerk("romp") / 1.2


def test_loiterers_sway_slowly():
    slow = {}
    for style in ("linger", "lurk", "pass_by", "prowl"):
        power, frequency = spectrum(signals_of(style))
        slow[style] = power[frequency < 0.7].sum()
    assert min(slow["linger"], slow["lurk"]) > 1.3 * max(slow["pass_by"], slow["prowl"])


def test_a_parcel_lands_in_the_middle_of_its_motion():
    signals = signals_of("hand_over")
    at = np.argmax(signals, axis=1) / signals.shape[1]
    assert np.mean((at > 0.33) & (at < 0.67)) > 0.9
    assert np.median(signals.max(axis=1) / np.median(signals, axis=1)) > 4


def test_headlights_flash_in_the_dark_before_the_vehicle_is_near():
    signals = signals_of("idle")
    early = signals[:, : signals.shape[1] // 2].max(axis=1) / signals.max(axis=1)
    late = signals[:, signals.shape[1] // 2 :].max(axis=1) / signals.max(axis=1)
    assert 0.2 < np.mean(late < 0.9) < 0.7
    assert np.median(early) > 0.99


def test_a_companion_adds_to_the_signal():
    alone, both = (signals_of("far_road", companion=other) for other in (None, "sprint"))
    assert 1.02 < np.sqrt(np.mean(both**2) / np.mean(alone**2)) < 2.5


def test_rules_stay_far_below():
    events = simulate_motions(4000, random_state=0)
    assert 0.1 < MotionRules().fit(events).score(events, events["clean_label"]) < 0.5


def test_boosting_learns_it_and_a_line_does_not():
    events = simulate_motions(20_000, random_state=0)
    features = MotionFeatures().fit_transform(events)
    label, clean = (
        np.searchsorted(list(ACTIVITIES), events[name].to_numpy(dtype=object))
        for name in ("label", "clean_label")
    )
    boosting, line = accuracies(
        features, label, clean, events["home_id"], max_depth=6, learning_rate=0.3, n_estimators=50
    )
    assert 0.93 < boosting < 0.98
    assert boosting - line > 0.02


def test_survives_a_file(tmp_path):
    events = simulate_motions(120, random_state=0)
    write_events(events, tmp_path / "events.jsonl")
    back = read_events(tmp_path / "events.jsonl", strict=True)
    np.testing.assert_array_equal(
        MotionFeatures().fit_transform(back), MotionFeatures().fit_transform(events)
    )
    assert back["clean_label"].tolist() == events["clean_label"].tolist()


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("n_events", 0), ("n_events", 2.5), ("n_homes", 0), ("annotator_error", -0.1)],
)
def test_parameters_are_checked(parameter, value):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter .* must be"):
        simulate_motions(**{parameter: value})
