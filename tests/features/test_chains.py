from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from novin_ml.estimators.rules import ChainRules
from novin_ml.events import KIND_GROUPS, Chains, EventKind, Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import CHAIN_FEATURES, ChainFeatures
from novin_ml.features.chains import block as chain_block_module
from novin_ml.features.chains.features import chain_features
from novin_ml.features.chains.specs import chain_specs
from tests.features.chain_builders import KIND_CODES, chain, random_chains
from tests.features.chain_reference import CLOCK, KINDS, reference_table

NAMES = [spec.name for spec in CHAIN_FEATURES]
SDK, HOME = Vocabulary.sdk(), Vocabulary.home()
NAN = np.nan


def features_of(chains):
    return ChainFeatures().set_output(transform="pandas").fit_transform(chains)


def one(*events, **columns):
    return features_of(chain(*events, **columns)).iloc[0]


def assert_is_reference(got, chains, kinds=KINDS):
    names = [spec.name for spec in chain_specs(kinds)]
    expected = reference_table(chains, names, kinds)
    for column, name in enumerate(names):
        if name in CLOCK:
            np.testing.assert_allclose(got[:, column], expected[:, column], atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(got[:, column], expected[:, column], err_msg=name)


def test_specs_are_described_columns():
    assert 75 <= len(chain_specs(SDK.kinds, SDK.zones)) <= 90
    assert 100 <= len(chain_specs(HOME.kinds, HOME.zones)) <= 115
    assert len(set(NAMES)) == len(NAMES)
    assert all(spec.meaning and spec.unit and "\n" not in spec.meaning for spec in CHAIN_FEATURES)
    assert ChainFeatures().feature_specs == CHAIN_FEATURES


@pytest.mark.parametrize("resolution", [0.001, 1.0, 15.0, 60.0])
def test_every_formula_equals_its_plain_loop(resolution):
    chains = random_chains(120, resolution=resolution)
    got = ChainFeatures().fit_transform(chains)
    assert got.dtype == np.float32
    assert_is_reference(got, chains)


def test_long_chains_equal_their_plain_loops():
    chains = random_chains(40, window=86_000.0, seed=1)
    assert_is_reference(ChainFeatures().fit_transform(chains), chains)


def test_values_are_in_the_ranges_of_the_specs():
    features = ChainFeatures().fit_transform(random_chains(2_000, seed=2))
    for spec, column in zip(CHAIN_FEATURES, features.T, strict=True):
        known = column[~np.isnan(column)]
        assert known.min() >= spec.low, spec.name
        assert known.max() <= spec.high, spec.name


def test_a_delivery():
    row = one(
        (100.0, "vehicle", "driveway"),
        (110.5, "doorbell", "front_door"),
        (118.0, "motion", "front_door"),
        (140.25, "motion", "porch"),
        observed_until=155.0,
        confidence=[0.5, NAN, 1.0, 0.75],
        home_mode="away",
        utc_offset=3600.0,
    )
    expected = {
        "events": 4, "n_motion": 2, "n_doorbell": 1, "n_door": 0, "n_at_entry": 2,
        "n_at_outdoor": 2, "zones": 3, "other_to_doorbell": 1, "doorbell_to_motion": 1,
        "motion_to_motion": 1, "motion_to_doorbell": 0, "gap_min": 7.5, "gap_max": 22.25,
        "gap_last": 22.25, "duration": 40.25, "first_kind": 6, "last_kind": 0, "since_motion": 0,
        "since_doorbell": 29.75, "since_door": NAN, "openings_in_15s": 0,
        "doorbell_motion_gap": 7.5, "doorbell_motion_quiet": 60, "motion_zones": 2,
        "glass_break_motion_gap": NAN, "motion_opening_motion_gap": NAN, "silence_after": 14.75,
        "zone_changes": 2, "zone_revisits": 0, "confidence_min": 0.5, "confidence_mean": 0.75,
        "confidence_max": 1, "confidence_last": 0.75, "home_mode": 2,
    }  # fmt: skip
    assert row[list(expected)].to_numpy() == pytest.approx([*expected.values()], nan_ok=True)
    assert row["gap_mean"] == np.float32(40.25 / 3)
    assert row["gap_std"] == pytest.approx(np.std([10.5, 7.5, 22.25]))
    assert row[["risk_max", "risk_last"]].tolist() == pytest.approx([0.70, 0.55])
    local = (3600 + 140.25) / 86_400
    assert row["hour_sin"] == pytest.approx(np.sin(2 * np.pi * local))
    assert row["weekday_cos"] == pytest.approx(np.cos(2 * np.pi * (3 + local) / 7))


def test_an_event_alone_has_no_gaps():
    row = one((5.0, "door", "garage"))
    gaps = [name for name in NAMES if name.startswith("gap_")]
    assert row[gaps].isna().all()
    assert row[[name for name in NAMES if "_to_" in name]].eq(0).all()
    assert row[["events", "zones", "openings_in_15s", "openings_last_15s"]].eq(1).all()
    none = ["duration", "since_door", "silence_after", "zone_changes", "zone_revisits"]
    assert row[none].eq(0).all()
    assert np.isnan(row["confidence_mean"])


@pytest.mark.parametrize(("last", "expected"), [(15.0, 4), (15.0004, 4), (15.001, 3)])
def test_openings_count_up_to_15_seconds_apart(last, expected):
    times = [(0.0, "door"), (5.0, "motion"), (6.0, "window"), (7.0, "door"), (last, "window")]
    row = one(*((time, kind, "kitchen") for time, kind in times), (40.0, "door", "garage"))
    assert row["openings_in_15s"] == expected
    assert row["openings_last_15s"] == 1


@pytest.mark.parametrize(
    ("kind", "zone", "expected"),
    [("motion", "porch", 60), ("motion", "front_door", 12), ("sound", "front_door", 12)],
)
def test_quiet_after_a_delivery_ends_with_the_next_event_there(kind, zone, expected):
    row = one((0.0, "doorbell", "front_door"), (4.0, "motion", "front_door"), (16.0, kind, zone))
    assert row["doorbell_motion_gap"] == 4
    assert row["doorbell_motion_quiet"] == expected


def test_an_intrusion_and_broken_glass():
    row = one(
        (0.0, "motion", "backyard"),
        (4.0, "window", "kitchen"),
        (5.0, "motion", "kitchen"),
        (8.0, "glass_break", "kitchen"),
        (10.5, "motion", "hallway"),
        (20.0, "door", "hallway"),
        (45.0, "motion", "kitchen"),
    )
    assert row["motion_opening_motion_gap"] == 4
    assert row["glass_break_motion_gap"] == 2.5
    assert row[["motion_zones", "zones", "zone_changes", "zone_revisits"]].tolist() == [3, 3, 3, 1]


def read_rules_off(features):
    """Return what DOMAIN's rules say, from the features alone."""
    quiet = features["doorbell_motion_quiet"] > 20
    answers = [
        ("package_delivery", quiet),
        ("intrusion_sequence", features["motion_opening_motion_gap"] <= 30),
        ("forced_entry", features["openings_last_15s"] >= 3),
        ("active_break_in", features["glass_break_motion_gap"] <= 20),
        ("prowler_activity", features["motion_zones"] >= 3),
    ]
    return np.select([mask for _, mask in answers], [name for name, _ in answers], "no_pattern")


@pytest.mark.parametrize("resolution", [0.001, 1.0, 10.0])
def test_the_hand_written_rules_can_be_read_off(resolution):
    chains = random_chains(3_000, seed=3, resolution=resolution, longest=9)
    answers = read_rules_off(features_of(chains))
    assert len(set(answers)) == 6
    np.testing.assert_array_equal(answers, ChainRules().fit(chains).predict(chains))


def test_no_column_of_a_chain_knows_its_neighbours(monkeypatch):
    chains = random_chains(400, seed=4)
    together = ChainFeatures().fit_transform(chains)
    order = np.random.default_rng(0).permutation(len(chains))
    np.testing.assert_array_equal(ChainFeatures().fit_transform(chains[order]), together[order])
    for row in range(0, len(chains), 7):
        alone = ChainFeatures().fit_transform(chains[[row]])
        np.testing.assert_array_equal(alone, together[[row]])
    monkeypatch.setattr(chain_block_module, "_BLOCK_EVENTS", 100)
    np.testing.assert_array_equal(ChainFeatures().fit_transform(chains), together)


def test_a_kind_more_in_the_table_makes_its_columns():
    kinds = (*KINDS[:-1], EventKind("beacon", ("beacon",), 15, "beacon"), KINDS[-1])
    chains = random_chains(60, seed=5)
    # The codes of this table: "beacon" stands where "other" stood, of which some are drawn.
    kind = chains.kind.copy()
    kind[::7] = KIND_CODES["other"]
    chains = replace(chains, kind=kind)
    names = [spec.name for spec in chain_specs(kinds)]
    new = set(names) - set(NAMES)
    assert {
        "n_beacon",
        "since_beacon",
        "beacon_to_motion",
        "motion_to_beacon",
        "beacon_to_beacon",
    } <= new
    # Its count and its time; its group, from and to each group and itself.
    assert len(names) == len(NAMES) + 2 + 2 * len(KIND_GROUPS) + 1
    got = chain_features(chains, kinds)
    assert_is_reference(got, chains, kinds)
    assert got[:, names.index("n_beacon")].sum() == (chains.kind == KIND_CODES["other"]).sum() > 0
    same = [name for name in NAMES if "_kind" not in name and "other" not in name]
    np.testing.assert_array_equal(
        got[:, [names.index(name) for name in same]],
        chain_features(chains)[:, [NAMES.index(name) for name in same]],
    )


def test_a_kind_of_the_opening_group_is_an_opening():
    kinds = tuple(
        replace(kind, group="opening") if kind.name == "sound" else kind for kind in KINDS
    )
    chains = chain((0.0, "sound", "garage"), (3.0, "door", "garage"))
    column = [spec.name for spec in chain_specs(kinds)].index("openings_in_15s")
    assert chain_features(chains, kinds)[0, column] == 2
    assert chain_features(chains)[0, NAMES.index("openings_in_15s")] == 1


def test_no_chains_have_no_rows():
    assert ChainFeatures().fit_transform(random_chains(5)[:0]).shape == (0, len(NAMES))


def test_output_can_be_a_data_frame():
    features = features_of(random_chains(7))
    assert list(features.columns) == NAMES
    assert (features.dtypes == np.float32).all()
    assert features.index.tolist() == list(range(7))


def test_follows_the_conventions_of_transformers():
    chains = random_chains(10)
    transformer = ChainFeatures()
    assert clone(transformer).get_params() == {"sensors": None, "zones": None, "memory": None}
    before = chains.table.copy()
    assert transformer.fit(chains) is transformer
    state = dict(vars(transformer))
    transformer.transform(chains)
    assert vars(transformer).keys() == state.keys()
    pd.testing.assert_frame_equal(chains.table, before)
    assert list(transformer.get_feature_names_out()) == NAMES
    assert transformer.n_features_in_ == len(transformer.feature_names_in_) == 7


def test_works_in_a_pipeline_under_cross_validation():
    chains = random_chains(200, seed=6)
    y = np.bincount(np.repeat(np.arange(200), chains.lengths), chains.kind == 0) > 2
    model = make_pipeline(ChainFeatures(), RandomForestClassifier(20, random_state=0))
    assert cross_val_score(model, chains, y, cv=4).min() > 0.8


def test_labels_need_consent():
    chains = random_chains(8)
    some = chains.assign(consent=[True] * 6 + [False] * 2)
    ChainFeatures().fit(some)
    ChainFeatures().fit(chains, np.zeros(8))
    with pytest.raises(InvalidEventError, match=r"'consent'.*2 of 8 .*training_events"):
        ChainFeatures().fit(some, np.zeros(8))


def test_what_is_no_chain_is_refused():
    with pytest.raises(InvalidEventError, match=r"Got DataFrame instead.*chains_from_events"):
        ChainFeatures().fit(pd.DataFrame())
    days = chain((0.0, "motion", "porch"), (86_400.001, "motion", "porch"))
    with pytest.raises(InvalidEventError, match=r"a day at most\. Got one of 86,400 s"):
        ChainFeatures().transform(days)
    assert isinstance(days, Chains)
    assert one((0.0, "motion", "porch"), (86_400.0, "motion", "porch"))["duration"] == 86_400
