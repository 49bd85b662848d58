import json
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from novin_ml.events import (
    EVENT_KINDS,
    KIND_DTYPE,
    KINDS,
    ZONE_DTYPE,
    ZONES,
    Chains,
    Sensor,
    Vocabulary,
    chain_prefixes,
    chains_from_events,
    check_events,
    column_dtypes,
    event_kind,
    events_from_intervals,
    events_from_json,
    normalize_zone,
    read_chains,
    read_event,
    read_events,
    write_chains,
    write_events,
)
from novin_ml.events.vocabulary import vocabulary_of
from novin_ml.exceptions import InvalidEventError, VocabularyWarning

SDK, HOME = Vocabulary.sdk(), Vocabulary.home()

# The rule of novin_ml 0.1.0, frozen: what it saved and exported means this.
OLD_KINDS = (
    ("glass_break", "glass_break"), ("glassbreak", "glass_break"), ("glass-break", "glass_break"),
    ("glass break", "glass_break"), ("smoke", "smoke"), ("fire", "fire"), ("vehicle", "vehicle"),
    ("pet", "pet"), ("face", "face"), ("motion", "motion"), ("doorbell", "doorbell"),
    ("chime", "doorbell"), ("sound", "sound"), ("window", "window"), ("door", "door"),
)  # fmt: skip
OLD_ZONES = {
    "front_door": ("front", "frontdoor", "main_entrance"),
    "back_door": ("back", "backdoor", "rear_entrance"),
    "side_door": ("side", "sidedoor"),
    "backyard": ("back_yard", "rear_yard", "garden"),
    "side_yard": ("sideyard",),
    "front_yard": ("frontyard", "lawn"),
    "garage": ("carport", "parking"),
    "porch": ("front_porch", "patio"),
    "deck": ("back_porch", "balcony"),
    "driveway": ("drive",),
    "street": ("road", "sidewalk"),
    "living_room": ("livingroom", "lounge"),
    "bedroom": ("master_bedroom", "guest_room"),
    "kitchen": ("dining",),
    "hallway": ("corridor",),
    "unknown": (),
}


def old_kind(text):
    lowered = text.lower() if isinstance(text, str) else ""
    return next((kind for part, kind in OLD_KINDS if part in lowered), "other")


def old_zone(text):
    if not isinstance(text, str):
        return "unknown"
    name = text.lower().replace(" ", "_")
    for zone, aliases in OLD_ZONES.items():
        if name in (zone, *aliases):
            return zone
    return next((zone for zone in OLD_ZONES if zone in name), "unknown")


PIECES = [
    *(part for part, _ in OLD_KINDS), *OLD_ZONES, *(a for each in OLD_ZONES.values() for a in each),
    "car", "pet", "İ", "ß", "\u017f", "\u212a", " ", "_", "-", "2", "\u00a0", "Ü", "é",
    "\ud83d\ude00", "S", "s",
]  # fmt: skip
nasty = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=5).map(lambda parts: "".join(parts).upper()),
)


@given(nasty)
@example("carpet")
@example("GLASS BREAK")
@example("İglass-break")
@example("front door  camera")
def test_sdk_reads_every_text_as_0_1_0_did(text):
    assert SDK.kind_of(text) == old_kind(text) == event_kind([text]).iloc[0]
    assert SDK.zone_of(text) == old_zone(text) == normalize_zone(text)


def test_columns_of_sdk_are_bit_for_bit_those_of_0_1_0():
    assert [kind.name for kind in SDK.kinds] == [*KINDS, "other"]
    assert [zone.name for zone in SDK.zones] == list(OLD_ZONES) == list(ZONES)
    assert SDK.kinds == EVENT_KINDS
    assert SDK.zones == tuple(ZONES.values())
    for dtype, old in ((SDK.kind_dtype, KIND_DTYPE), (SDK.zone_dtype, ZONE_DTYPE)):
        assert dtype == old
        assert dtype.categories.tolist() == old.categories.tolist()
        assert dtype.categories.dtype == old.categories.dtype
        assert dtype.categories.name is None
    assert list(column_dtypes()) == list(column_dtypes(vocabulary=SDK))
    assert "sensor" not in column_dtypes()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((kind.name, kind.name) for kind in HOME.kinds),
        *((text, kind.name) for kind in HOME.kinds for text in kind.texts),
        ("carpet", "other"), ("surface", "other"), ("outdoor camera", "other"),
        ("PIRSensor", "motion"), ("motion2", "motion"), ("Windows", "window"),
        ("doorbell_motion", "motion"), ("backdoor_window", "window"), ("door-lock", "lock"),
        ("front door contact", "door"), ("CO2 sensor", "other"), ("clock", "other"),
        ("", "other"), (None, "other"), (np.nan, "other"), (3, "other"),
    ],
)  # fmt: skip
def test_home_finds_kinds_by_whole_words(text, kind):
    assert HOME.kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        *((zone.name, zone.name) for zone in HOME.zones),
        *((alias, zone.name) for zone in HOME.zones for alias in zone.aliases),
        ("Inside Door", "unknown"), ("Lounge PIR", "living_room"), ("livingRoom2", "living_room"),
        ("Garage Hallway", "hallway"), ("back bedroom", "bedroom"), ("front window", "unknown"),
        ("frontDoorCamera", "front_door"), ("Bathroom-1", "bathroom"), ("shallow", "unknown"),
        ("", "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_home_finds_zones_by_whole_words(text, zone):
    assert HOME.zone_of(text) == zone


@given(nasty, st.booleans())
def test_case_of_all_capitals_and_separators_do_not_matter_to_words(text, upper):
    if text is None or not text.isascii():
        return
    spaced = " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    changed = spaced.upper() if upper else spaced.replace(" ", "-")
    assert HOME.kind_of(changed) == HOME.kind_of(spaced)
    assert HOME.zone_of(changed) == HOME.zone_of(spaced)


OWN = {
    "name": "flat",
    "kinds": [
        {"name": "door", "texts": ["Türe"]},
        {"name": "curtain", "texts": ["blind", 'q"\\\u007f'], "precedence": 7, "group": "opening"},
    ],
    "zones": [
        {"name": "greenhouse", "kind": "outdoor", "risk": 0.5, "aliases": ["Gewächshaus"]},
        {"name": "unknown", "risk": 0.25},
    ],
    "sensors": [
        {"name": "mat", "type": "Pressure", "location": "Bed"},
        {"name": "bed", "location": "bed"},
        {"name": "flush", "type": "FLUSH"},
    ],
}


@pytest.fixture(scope="module")
def own():
    return Vocabulary.from_dict(OWN)


@pytest.mark.parametrize("name", ["sdk", "home", "own"])
def test_files_and_copies_of_a_vocabulary_are_equal(name, own, tmp_path):
    vocabulary = own if name == "own" else getattr(Vocabulary, name)()
    vocabulary.to_toml(tmp_path / "vocabulary.toml")
    for again in (
        Vocabulary.from_toml(tmp_path / "vocabulary.toml"),
        Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))),
        pickle.loads(pickle.dumps(vocabulary)),
    ):
        assert again == vocabulary
        assert hash(again) == hash(vocabulary)
        assert again.fingerprint == vocabulary.fingerprint
        assert again.kinds == vocabulary.kinds
        assert again.sensors == vocabulary.sensors
    assert vocabulary.is_built_in is (name != "own")


def test_a_document_adds_to_home(own):
    assert [kind.name for kind in own.kinds[-2:]] == ["curtain", "other"]
    assert own.kind_of("Türe 2") == own.kind_of("door") == "door"
    assert own.zone_of("Gewächshaus links") == "greenhouse"
    assert own.zones[-1].risk == 0.25
    assert own != HOME
    assert own.fingerprint != HOME.fingerprint
    assert [own.sensor_of(*pair) for pair in (
        ("pressure", "bed"), ("PIR", "Bed"), ("flush", None), ("flush", "x"), (None, None),
    )] == ["mat", "bed", "flush", "flush", "unseen"]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"kind": []}, "The key of a vocabulary must be one of .* The nearest is 'kinds'"),
        ({"kinds": [{"nme": "x"}]}, "one of the kinds .* Got .nme. instead. The nearest is 'name'"),
        ({"extends": "hoem"}, "'extends' .* Got \"hoem\" instead. The nearest is 'home'"),
        ({"kinds": [{"name": "gong"}, {"name": "gong"}]}, "kinds .* named differently. Got .gong"),
        ({"zones": [{"name": "shed"}, {"name": "shed"}]}, "zones .* named differently. Got .shed"),
        ({"zones": [{"name": "back_yard"}]}, "from underscores. Got .backyard and back_yard"),
        ({"zones": [{"name": "shed", "aliases": ["porch"]}]}, "'porch' of both porch and shed"),
        ({"kinds": [{"name": "gong", "texts": ["PET"]}]}, "'PET' of both pet and gong"),
        ({"kinds": [{"name": "Gong!"}]}, "The name of one of the kinds"),
        ({"kinds": [{"name": "gong", "group": "bells"}]}, "group of the kind 'gong' .* opening"),
        ({"kinds": [{"name": "gong", "texts": "gong"}]}, "texts of the kind 'gong' .* a tuple"),
        ({"kinds": ["gong"]}, r"a list of tables, such as \[\[kinds\]\]"),
        ({"zones": [{"name": "shed", "risk": 2}]}, "risk of the zone 'shed' .* from 0 to 1. Got 2"),
        ({"zones": [{"name": "shed", "kind": "inside"}]}, "kind of the zone 'shed' .* interior"),
        ({"matching": "regex"}, "matching .* 'words' or 'substring'"),
        ({"extends": "sdk", "kinds": [{"name": "surface"}]}, "by its own name. Got .face"),
        ({"extends": "none"}, "The last kind of a vocabulary must be 'other'"),
        ({"name": "home", "kinds": [{"name": "gong"}]}, "another than 'home', which is built in"),
        ({"sensors": [{"name": "a"}]}, "type or location of the sensor 'a'"),
        ({"sensors": [{"name": "unseen", "type": "x"}]}, "named otherwise than 'unseen'"),
        (
            {"sensors": [{"name": n, "type": "X", "location": "Y"} for n in "ab"]},
            "told apart by type and location. Got \"a and b\"",
        ),
        (
            {"sensors": [{"name": f"s{i}", "type": str(i)} for i in range(100_000)]},
            "The number of sensors of a vocabulary must be at most 1,000. Got 100000 instead",
        ),
        ([], "A vocabulary must be a document"),
    ],
)  # fmt: skip
def test_what_is_no_vocabulary_is_refused_in_one_sentence(document, sentence):
    with pytest.raises(InvalidEventError, match=sentence):
        Vocabulary.from_dict(document)


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    (tmp_path / "v.toml").write_text("kinds = [")
    with pytest.raises(InvalidEventError, match=r"v\.toml must be a TOML file"):
        Vocabulary.from_toml(tmp_path / "v.toml")


LINES = [
    {"type": "carpet", "timestamp": 1.7e9, "metadata": {"location": "Bathroom"}},
    {"type": "Pressure", "timestamp": 1.7e9 + 1, "metadata": {"location": "Bed"}},
    {"type": "flush", "timestamp": 1.7e9 + 2},
    {"type": "doorbell", "timestamp": 1.7e9 + 3, "metadata": {"location": "front door"}},
]
READ_AS = {
    "sdk": (["pet", "other", "other", "doorbell"], ["unknown", "unknown", "unknown", "front_door"]),
    "home": (
        ["other", "presence", "appliance", "doorbell"],
        ["bathroom", "unknown", "unknown", "front_door"],
    ),
}
READ_AS["flat"] = READ_AS["home"]
SENSORS = ["unseen", "mat", "flush", "unseen"]


def events_of(vocabulary):
    return events_from_json(json.dumps(LINES), vocabulary=vocabulary)


@pytest.mark.parametrize("vocabulary", [SDK, HOME, Vocabulary.from_dict(OWN)], ids=lambda v: v.name)
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_all_readers_read_by_the_vocabulary(vocabulary, suffix, tmp_path):
    kinds, zones = READ_AS[vocabulary.name]
    events = events_of(vocabulary)
    write_events(events, tmp_path / f"events{suffix}")
    again = read_events(tmp_path / f"events{suffix}", vocabulary=vocabulary)
    pd.testing.assert_frame_equal(events, again)
    assert events["kind"].tolist() == kinds
    assert events["zone"].tolist() == zones
    assert events.dtypes.to_dict() == column_dtypes(vocabulary=vocabulary)
    assert ("sensor" in events) is bool(vocabulary.sensors)
    names = [name for name in ("kind", "zone", "sensor") if name in events]
    rows = [read_event(line, vocabulary=vocabulary) for line in LINES]
    assert [list(row) for row in rows] == [list(column_dtypes(vocabulary=vocabulary))] * len(rows)
    for row, event in zip(rows, events[names].to_dict("records"), strict=True):
        assert {name: row[name] for name in names} == event
        assert {name: read_event(row, vocabulary=vocabulary)[name] for name in names} == event
    if vocabulary.sensors:
        assert events["sensor"].tolist() == SENSORS
    log = pd.DataFrame({"what": [line["type"] for line in LINES], "from": 1.7e9, "to": 1.7e9 + 1})
    table, report = events_from_intervals(
        log, start="from", end="to", type="what", vocabulary=vocabulary
    )
    assert table["kind"].tolist() == kinds
    assert report.recognition.vocabulary == vocabulary.name


def test_a_table_keeps_its_vocabulary(own):
    events = events_of(own)
    for table in (
        events, events[events["kind"] != "other"], events.iloc[[1]], events.copy(),
        pd.concat([events, events], ignore_index=True), events.sort_values("kind"),
        events.assign(label="x"), events.reset_index(), pickle.loads(pickle.dumps(events)),
        events.assign(zone=events["zone"].cat.remove_unused_categories()),
        events.drop(columns="kind"), events.merge(pd.DataFrame({"timestamp": [1.7e9]})),
    ):  # fmt: skip
        assert vocabulary_of(table) == own
        assert vocabulary_of(check_events(table)) == own
    plain = events.assign(
        **{name: events[name].astype(object) for name in ("kind", "zone", "sensor")}
    )
    assert vocabulary_of(plain) is None
    checked = check_events(plain, vocabulary=own)
    pd.testing.assert_frame_equal(checked, events)
    assert vocabulary_of(checked) == own
    assert vocabulary_of(events_of(SDK)) == SDK
    assert vocabulary_of(events_of(HOME)) == HOME


def test_built_in_vocabularies_are_found_again_by_the_texts_and_others_refused(own):
    for one, other in ((SDK, HOME), (HOME, SDK)):
        again = check_events(events_of(one), vocabulary=other)
        pd.testing.assert_frame_equal(again, events_of(other))
        rows = [read_event(row, vocabulary=other) for row in events_of(one).to_dict("records")]
        assert all(other.knows(row["kind"], row["zone"]) for row in rows)
    for table, vocabulary in (
        (events_of(HOME), own), (events_of(own), HOME), (events_of(own), SDK),
        (events_of(HOME).drop(columns="type"), SDK),
    ):  # fmt: skip
        with pytest.raises(InvalidEventError, match=r"one vocabulary, .*vocabulary_\.apply"):
            check_events(table, vocabulary=vocabulary)
    with pytest.raises(InvalidEventError, match="'vocabulary' parameter must be"):
        check_events(events_of(SDK), vocabulary="home")


def test_apply_reads_the_texts_of_a_table_again(own):
    for one in (SDK, HOME, own):
        for other in (SDK, HOME, own):
            pd.testing.assert_frame_equal(other.apply(events_of(one)), events_of(other))


def test_sensors_of_a_table_are_named_and_found(own):
    events = events_of(HOME)
    named = HOME.with_sensors_of(pd.concat([events, events]).iloc[::-1])
    assert named == HOME.with_sensors_of(events)
    assert [sensor.name for sensor in named.sensors] == [
        "bathroom_carpet", "bed_pressure", "flush", "front_door_doorbell",
    ]  # fmt: skip
    found = named.apply(events)["sensor"].tolist()
    assert found == ["bathroom_carpet", "bed_pressure", "flush", "front_door_doorbell"]
    assert check_events(named.apply(events))["sensor"].dtype == named.sensor_dtype
    twins = pd.DataFrame({"type": ["a-b", "a b", "A_B", None, "ab", "Ü 1"], "location": None})
    assert [each.name for each in SDK.with_sensors_of(twins).sensors] == [
        "a_b", "a_b_2", "a_b_3", "ab_4", "u_1",
    ]  # fmt: skip
    many = pd.DataFrame({"type": [f"t{i}" for i in range(1001)], "location": "x"})
    with pytest.raises(InvalidEventError, match=r"at most 1,000\. Got 1001"):
        HOME.with_sensors_of(many)
    with pytest.raises(InvalidEventError, match="without location"):
        HOME.with_sensors_of(many[["type"]])


@pytest.mark.parametrize("vocabulary", [SDK, HOME, Vocabulary.from_dict(OWN)], ids=lambda v: v.name)
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_chains_have_the_vocabulary_of_their_events(vocabulary, suffix, tmp_path):
    events = events_of(vocabulary).assign(consent=True, label="x")
    chains = chains_from_events(events)
    assert chains.vocabulary == vocabulary
    assert len(chains) == 1
    parts = [chains, chains[:1], chains.take([0]), chains.assign(label=["y"])]
    for each in [*parts, Chains.concatenate([chains, chains]), chain_prefixes(chains)[-1:]]:
        assert each.vocabulary == vocabulary
        for name in ("kind", "zone", "sensor"):
            if name in events:
                assert each[0][name].tolist() == events[name].tolist()
    path = tmp_path / f"chains{suffix}"
    write_chains(chains, path)
    again = read_chains(path, vocabulary=vocabulary)
    assert again.vocabulary == vocabulary
    pd.testing.assert_frame_equal(again[0], chains[0])
    pd.testing.assert_frame_equal(again.table, chains.table)
    if vocabulary != SDK:
        with pytest.raises(InvalidEventError, match="one vocabulary"):
            Chains.concatenate([chains_from_events(events_of(SDK)), chains])


def test_an_event_of_a_chain_that_its_sensor_does_not_send_is_not_written(own, tmp_path):
    events = events_of(own).assign(kind="motion")
    chains = chains_from_events(check_events(events, vocabulary=own))
    with pytest.raises(InvalidEventError, match="the kind and zone that its sensor sends"):
        write_chains(chains, tmp_path / "chains.jsonl")
    assert not (tmp_path / "chains.jsonl").exists()


def test_the_report_counts_what_was_not_recognised_and_readers_warn(tmp_path):
    lines = [{"type": "motion", "timestamp": 1.7e9, "metadata": {"location": "porch"}}] * 90
    lines += [{"type": f"x{i}", "timestamp": 1.7e9} for i in range(3) for _ in range(3 - i)]
    lines += [{"type": "other", "timestamp": 1.7e9, "metadata": {"location": "Unknown"}}] * 3
    lines += [{"type": "motion", "timestamp": 1.7e9, "metadata": {"location": "x0"}}]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    with pytest.warns(VocabularyWarning, match="type of 6% and the location of 1%") as warned:
        _, report = read_events(path, return_report=True)
    assert warned[0].filename == __file__
    found = report.recognition
    assert (found.n_events, found.n_other_kinds, found.n_unknown_zones) == (100, 6, 1)
    assert found.names.to_numpy().tolist() == [
        ["type", "x0", 3], ["type", "x1", 2], ["location", "x0", 1], ["type", "x2", 1],
    ]  # fmt: skip
    assert str(report).endswith('most often "x0" (3), "x1" (2), "x0" (1), "x2" (1)')
    known = Vocabulary.from_dict({"kinds": [{"name": "x", "texts": ["x 0", "x 1", "x 2"]}]})
    _, report = read_events(path, vocabulary=known, return_report=True)
    assert not report.recognition.is_notable
    assert report.recognition.n_other_kinds == 0
    assert "recognise" not in str(report)
    with pytest.warns(VocabularyWarning):
        events_from_json(path.read_bytes())
    chain = json.dumps({"home_id": "a", "events": lines[88:]})
    (tmp_path / "chains.jsonl").write_text(chain)
    with pytest.warns(VocabularyWarning):
        _, report = read_chains(tmp_path / "chains.jsonl", return_report=True)
    assert report.recognition.n_other_kinds == 6


def test_a_vocabulary_is_made_of_checked_parts():
    with pytest.raises(InvalidEventError, match="all of the class Sensor"):
        Vocabulary("x", HOME.kinds, HOME.zones, sensors=("bed",))
    with pytest.raises(InvalidEventError, match="among others motion, doorbell, glass_break"):
        Vocabulary("x", HOME.kinds[1:], HOME.zones)
    assert Vocabulary("x", HOME.kinds, HOME.zones, (Sensor("bed", location="Bed"),)).sensors


@pytest.mark.parametrize(
    ("home", "column", "of_sdk"), [("A", 4, 257), ("B", 4, 1235), ("A", 2, 409), ("B", 2, 2334)]
)
def test_what_real_homes_send_is_recognised_by_home(shared_data, home, column, of_sdk):
    """Types as they are in the logs of Ordonez (2013); locations are rooms, or furniture."""
    path = shared_data / "ordonez" / f"Ordonez{home}_Sensors.txt"
    rows = [re.split(r"\s*\t\s*", line.strip()) for line in path.read_text().splitlines()[2:]]
    log = pd.DataFrame([row for row in rows if len(row) == 5])
    log.columns = ["start", "end", "furniture", "type", "room"]
    found = {}
    for vocabulary in (SDK, HOME):
        events, report = events_from_intervals(
            log, start="start", end="end", type="type", location=log.columns[column],
            vocabulary=vocabulary,
        )  # fmt: skip
        found[vocabulary.name] = report.recognition
        assert len(events) == report.recognition.n_events == len(log)
        expected = [vocabulary.kind_of(text) for text in log["type"]]
        assert events["kind"].tolist() == expected
    assert found["sdk"].n_other_kinds == len(log)
    assert found["home"].n_other_kinds == 0
    assert found["sdk"].n_unknown_zones == of_sdk
    if column == 4:
        assert found["home"].n_unknown_zones == 0
    names = HOME.with_sensors_of(events)
    named = names.apply(events)["sensor"]
    assert (named != "unseen").all()
    assert named.nunique() == len(names.sensors) == len(log.iloc[:, [column, 3]].drop_duplicates())


def test_no_events_have_columns_too():
    event = {
        "type": "motion",
        "timestamp": 1.0,
        "home_id": "a",
        "metadata": {"location": "kitchen"},
    }
    named = HOME.with_sensors_of(events_from_json(json.dumps([event])))
    none = pd.Series([], dtype=object)
    found = named.columns_of(none, none)
    assert [*found] == ["kind", "zone", "sensor"]
    assert found["sensor"].dtype == named.sensor_dtype
    assert all(len(column) == 0 for column in found.values())
