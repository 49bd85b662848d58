from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import (
    EVENT_KINDS,
    KIND_DTYPE,
    KIND_GROUPS,
    KINDS,
    ZONE_DTYPE,
    ZONES,
    event_kind,
    normalize_zones,
)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        *((kind, kind) for kind in KINDS),
        ("front_motion", "motion"),
        ("CHIME", "doorbell"),
        ("front_doorbell_pressed", "doorbell"),
        ("doorbell_motion", "motion"),
        ("GlassBreak", "glass_break"),
        ("window_glass_break", "glass_break"),
        ("glass-break sound", "glass_break"),
        ("backdoor_window", "window"),
        ("garage_door_opened", "door"),
        ("outdoor_sound", "sound"),
        ("pet_motion", "pet"),
        ("fire_door", "fire"),
        ("leak", "other"),
        ("", "other"),
        (None, "other"),
        (np.nan, "other"),
    ],
)
def test_kind(sent, kind):
    assert event_kind([sent]).tolist() == [kind]


def test_names_and_codes_of_kinds_stay_what_they_are():
    assert KINDS == (
        "motion", "doorbell", "door", "window", "glass_break", "sound", "vehicle", "pet", "face",
        "smoke", "fire",
    )  # fmt: skip
    assert KIND_DTYPE.categories.tolist() == [*KINDS, "other"]
    assert [kind.name for kind in EVENT_KINDS] == [*KINDS, "other"]
    assert KIND_GROUPS == ("motion", "doorbell", "opening", "alarm", "other")


def test_a_type_that_tells_two_kinds_is_the_one_of_higher_precedence():
    for kind in EVENT_KINDS:
        for other in EVENT_KINDS:
            texts = [f"{one}_{two}" for one in kind.texts for two in other.texts]
            if kind.precedence > other.precedence:
                assert set(event_kind(texts)) <= {kind.name}


def test_of_equal_precedence_the_first_in_the_table_counts():
    assert event_kind(["face_pet_vehicle", "face_pet", "fire_smoke"]).tolist() == [
        "vehicle", "pet", "smoke",
    ]  # fmt: skip


def test_texts_are_lower_cased_and_tell_one_kind():
    texts = [text for kind in EVENT_KINDS for text in kind.texts]
    assert len(set(texts)) == len(texts)
    assert all(text and text == text.lower() for text in texts)


@pytest.mark.parametrize(
    ("sent", "zone"),
    [
        *((name, name) for name in ZONES),
        *((alias, zone.name) for zone in ZONES.values() for alias in zone.aliases),
        ("Front Door", "front_door"),
        ("front_door_camera", "front_door"),
        ("my_garage_and_driveway", "garage"),
        ("front", "front_door"),
        ("front_window", "unknown"),
        ("attic", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (3, "unknown"),
    ],
)
def test_zone(sent, zone):
    assert normalize_zones([sent]).tolist() == [zone]


@pytest.mark.parametrize(
    ("function", "dtype"), [(event_kind, KIND_DTYPE), (normalize_zones, ZONE_DTYPE)]
)
def test_a_series_keeps_its_index_and_gets_all_categories(function, dtype):
    for series in (
        pd.Series(["porch", None], index=[7, 3], name="x"),
        pd.Series(["porch", None], index=[7, 3], dtype="category"),
        pd.Series([], dtype=object),
    ):
        result = function(series)
        assert result.index.equals(series.index)
        assert result.dtype == dtype


def test_risks_are_those_of_the_sdk():
    assert {name: zone.risk for name, zone in ZONES.items()} == {
        "front_door": 0.70, "back_door": 0.75, "side_door": 0.72, "backyard": 0.65,
        "side_yard": 0.68, "front_yard": 0.50, "garage": 0.62, "porch": 0.55, "deck": 0.58,
        "driveway": 0.45, "street": 0.30, "living_room": 0.35, "bedroom": 0.40, "kitchen": 0.33,
        "hallway": 0.30, "unknown": 0.50,
    }  # fmt: skip
