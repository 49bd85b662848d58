import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from novin_ml.estimators.rules import ChainRules
from novin_ml.events import (
    CHAIN_PATTERNS,
    EVENT_KINDS,
    KIND_DTYPE,
    NO_PATTERN,
    EventKind,
    chains_from_events,
    event_kind,
    read_events,
    training_events,
    write_events,
)
from novin_ml.features import ChainFeatures
from novin_ml.simulation import simulate_chain_events, simulate_chains
from novin_ml.simulation.chains.equipped_homes import equip_homes
from novin_ml.simulation.chains.incidents import break_in, forced_entry, intrusion, prowler
from novin_ml.simulation.chains.residents import airing, children, dropped_glass
from novin_ml.simulation.chains.sensing import sense
from novin_ml.simulation.chains.timetable import INCIDENTS
from novin_ml.simulation.event_log import NO_CODE, SceneLog
from novin_ml.simulation.vendors import KIND_NAMES, ZONE_NAMES, spell_types, spellings_of
from tests.simulation.tables import assert_event_table

LABELS = {*CHAIN_PATTERNS, NO_PATTERN}


@pytest.fixture(scope="module")
def events():
    return simulate_chain_events(8000, random_state=0)


@pytest.fixture(scope="module")
def chains(events):
    return chains_from_events(events)


def play(scene, n=400, seed=0):
    """Play a scene once at each of `n` homes, at 2 in the night; homes and log."""
    rng = np.random.default_rng(seed)
    homes = equip_homes(rng, n)
    log = SceneLog()
    scene(rng, homes, np.full(n, 7200.0), log)
    return rng, homes, log.collect()


def n_of(column, where):
    return np.bincount(column["home"][where], minlength=400)


@pytest.mark.parametrize(("n_chains", "n_homes"), [(1, None), (9, 1), (700, 3), (30, 300)])
def test_exactly_so_many_chains(n_chains, n_homes):
    events = simulate_chain_events(n_chains, n_homes=n_homes, random_state=1)
    chains = chains_from_events(events)
    assert len(chains) == n_chains
    assert len(chains.timestamp) == len(events)
    if n_homes is not None:
        assert events["home_id"].nunique() <= n_homes


def test_chains_are_those_of_the_log(events, chains):
    simulated = simulate_chains(8000, random_state=0)
    pd.testing.assert_frame_equal(simulated.table, chains.table)
    for name in ("offsets", "timestamp", "kind", "zone", "confidence"):
        np.testing.assert_array_equal(getattr(simulated, name), getattr(chains, name))
    assert len(training_events(simulated)[0]) == simulated["consent"].sum()


def test_is_an_event_table(events):
    assert_event_table(events, ("label", "clean_label"))
    assert set(events["label"]) == set(events["clean_label"]) == LABELS
    assert not events["raw"].notna().any()


def test_kinds_zones_and_homes_vary(events):
    shares = events["kind"].value_counts(normalize=True)
    assert set(shares[shares > 0].index) == set(KIND_DTYPE.categories) - {"smoke", "fire"}
    assert events["zone"].nunique() == len(ZONE_NAMES)
    assert events["location"].isna().mean() == pytest.approx(0.01, abs=0.005)
    assert events["confidence"].isna().mean() == pytest.approx(0.02, abs=0.01)
    assert set(events["home_mode"].dropna()) == {"home", "away", "night", "vacation"}
    homes = simulate_chain_events(3000, n_homes=1000, random_state=0).groupby("home_id")
    assert 0.01 < 1 - homes["consent"].first().mean() < 0.06
    assert (homes["consent"].nunique() == 1).all()


@pytest.mark.parametrize("no_pattern", [0.5, 0.8, 0.9, 0.97, 1.0])
def test_prevalence_is_about_as_asked(no_pattern):
    chains = simulate_chains(8000, no_pattern=no_pattern, random_state=4)
    shares = chains["clean_label"].value_counts(normalize=True)
    assert shares[NO_PATTERN] == pytest.approx(no_pattern, abs=0.03)
    if no_pattern < 1:
        assert shares[list(CHAIN_PATTERNS)].min() > 0.06 * (1 - no_pattern)


def test_one_random_state_reproduces_everything():
    first = simulate_chain_events(400, random_state=3)
    pd.testing.assert_frame_equal(first, simulate_chain_events(400, random_state=3))
    for make in (np.random.default_rng, np.random.RandomState):
        pd.testing.assert_frame_equal(
            simulate_chain_events(60, random_state=make(5)),
            simulate_chain_events(60, random_state=make(5)),
        )
    other = simulate_chain_events(400, random_state=4)
    assert not first["timestamp"].equals(other["timestamp"])


def test_annotator_error_changes_labels_of_whole_chains_only():
    logs = [simulate_chain_events(4000, annotator_error=e, random_state=2) for e in (0, 0.3)]
    assert logs[0]["label"].equals(logs[0]["clean_label"])
    pd.testing.assert_frame_equal(*(log.drop(columns="label") for log in logs))
    chains = chains_from_events(logs[1])
    wrong = chains["label"] != chains["clean_label"]
    assert wrong.mean() == pytest.approx(0.3, abs=0.03)
    slips = chains["label"][wrong & (chains["clean_label"] == NO_PATTERN)]
    assert slips.value_counts(normalize=True).between(0.12, 0.28).all()
    assert slips.nunique() == 5


def test_one_event_alone_is_a_parcel_or_nothing(events, chains):
    for i in np.flatnonzero(chains["clean_label"].isin(CHAIN_PATTERNS[1:]))[:300]:
        part = slice(chains.offsets[i], chains.offsets[i + 1])
        assert part.stop - part.start >= 2
    told = events["clean_label"] != NO_PATTERN
    assert 0.02 < told.mean() < 0.15


def test_intruders_come_see_and_open():
    _, _, log = play(intrusion)
    told = log["pattern"] == CHAIN_PATTERNS.index("intrusion_sequence")
    kinds = np.array(KIND_NAMES)[log["kind"]]
    opening = np.isin(kinds, ["door", "window"]) & told
    motion = (kinds == "motion") & told
    assert (n_of(log, opening) == 1).all()
    assert (n_of(log, motion) == 2).all()
    times = {home: log["local"][opening & (log["home"] == home)][0] for home in range(400)}
    first = np.array([log["local"][motion & (log["home"] == home)].min() for home in range(400)])
    last = np.array([log["local"][motion & (log["home"] == home)].max() for home in range(400)])
    opened = np.array([*times.values()])
    assert (first < opened).all()
    assert (opened < last).all()
    assert 0.05 < np.mean((opened - first > 30) | (last - opened > 30)) < 0.3  # slow ones


def test_incidents_differ_in_what_they_leave():
    log = play(forced_entry)[2]
    told = log["pattern"] == CHAIN_PATTERNS.index("forced_entry")
    assert set(np.array(KIND_NAMES)[log["kind"][told]]) == {"door", "window"}
    assert np.quantile(n_of(log, told), [0.1, 0.9]).tolist() == pytest.approx([2, 7], abs=1.1)
    log = play(break_in)[2]
    glass = log["kind"] == KIND_NAMES.index("glass_break")
    assert 0.6 < np.mean(n_of(log, glass) > 0) < 0.85
    log = play(prowler)[2]
    told = log["pattern"] == CHAIN_PATTERNS.index("prowler_activity")
    zones = [len(set(log["zone"][told & (log["home"] == home)])) for home in range(400)]
    assert min(zones) >= 2
    assert np.mean(np.array(zones) >= 3) > 0.8


@pytest.mark.parametrize("scene", [children, airing, dropped_glass])
def test_innocent_scenes_have_no_pattern(scene):
    log = play(scene)[2]
    assert (log["pattern"] == NO_CODE).all()
    assert len(log["home"]) > 400


def test_sensors_miss_repeat_and_report_late():
    rng, homes, log = play(prowler)
    seen = sense(rng, homes, log)
    moved = log["kind"] == KIND_NAMES.index("motion")
    motion = seen["kind"] == KIND_NAMES.index("motion")
    assert homes.watched[seen["home"][motion], seen["zone"][motion]].all()
    watched = homes.watched[log["home"], log["zone"]] & moved
    assert n_of(seen, motion).sum() != watched.sum()
    missed = np.mean(n_of(seen, motion) < n_of(log, watched))
    repeated = np.mean(n_of(seen, motion) > n_of(log, watched))
    assert 0.05 < missed < 0.7
    assert 0.05 < repeated < 0.7
    assert seen["local"].max() > log["local"].max()
    assert not homes.contacts[:, ZONE_NAMES.index("street")].any()


def test_every_vendor_spells_every_kind_so_that_it_is_recognised():
    homes = equip_homes(np.random.default_rng(0), 200)
    for code, kind in enumerate(KIND_NAMES):
        types = spell_types(np.full(200, code), homes.vendor)
        assert set(event_kind(types)) == {kind}
        assert len(set(types)) >= 4


def test_a_new_kind_needs_no_spelling():
    assert tuple(kind.name for kind in EVENT_KINDS) == KIND_NAMES
    leak = EventKind("water_leak", ("leak", "flood"), 70)
    types = spellings_of(leak)
    assert types == ("leak", "leak_detected", "cam_leak", "Leak", "flood")
    assert len(types) == len(spellings_of(EVENT_KINDS[0]))


def test_confidence_does_not_tell_incidents_from_what_looks_alike():
    chains = simulate_chains(20_000, random_state=3)
    features = ChainFeatures().set_output(transform="pandas").fit_transform(chains)
    truth = chains["clean_label"].to_numpy(dtype=object)
    owner = np.repeat(np.arange(len(chains)), chains.lengths)
    sure = (chains.kind == KIND_NAMES.index("motion")) & ~np.isnan(chains.confidence)
    n_motions = np.bincount(owner[sure], minlength=len(chains))
    mean = np.bincount(owner[sure], chains.confidence[sure], len(chains)) / n_motions.clip(1)
    openings = features["n_door"] + features["n_window"]
    alike = {
        "package_delivery": features["n_doorbell"] >= 1,
        "intrusion_sequence": (openings >= 1) & (n_motions >= 2),
        "forced_entry": openings >= 2,
        "active_break_in": features["n_glass_break"] + features["n_sound"] >= 1,
        "prowler_activity": (features["motion_zones"] >= 3)
        & (features[["n_at_interior", "n_doorbell", "n_pet"]].sum(axis=1) == 0),
    }
    for label, seems in alike.items():
        rows = seems & np.isin(truth, [label, NO_PATTERN]) & (n_motions > 0)
        area = roc_auc_score(truth[rows] == label, mean[rows])
        assert 0.4 < area < 0.6, label


def test_rules_raise_false_alarms_and_miss_incidents(chains):
    answers = ChainRules().fit(chains).predict(chains)
    truth = chains["clean_label"].to_numpy(dtype=object)
    quiet = truth == NO_PATTERN
    for label in CHAIN_PATTERNS:
        assert np.sum(quiet & (answers == label)) > 10
        assert 0.1 < np.mean(answers[truth == label] == label) < 0.9
    assert np.mean(answers == truth) < 0.85


def test_shares_of_incidents_are_shares():
    assert sum(scene.rate for scene in INCIDENTS) == pytest.approx(1)


def test_written_logs_are_read_again(events, tmp_path):
    part = events.iloc[:500]
    write_events(part, tmp_path / "events.jsonl")
    read, report = read_events(tmp_path / "events.jsonl", return_report=True)
    assert (report.n_accepted, report.n_rejected) == (500, 0)
    for column in ("kind", "zone", "label", "clean_label", "timestamp"):
        assert read[column].tolist() == part[column].tolist()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_chains": 0}, "'n_chains' parameter of simulate_chains must be an int"),
        ({"n_homes": 1.5}, "'n_homes' parameter of simulate_chains must be an int"),
        ({"no_pattern": 0.4}, r"'no_pattern' .* must be a float in the range \[0.5, 1.0\]"),
        (
            {"annotator_error": 0.6},
            r"'annotator_error' .* must be a float in the range \[0.0, 0.5\]",
        ),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        simulate_chains(**params)
