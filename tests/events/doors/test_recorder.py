"""What the recorder's rows mean: in all versions of the schema, and where rows are missing."""

import json
import sqlite3
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import Vocabulary
from novin_ml.events.doors import DoorMapping, Mapped, read_home_assistant, recognise
from novin_ml.exceptions import DoorWarning, InvalidEventError
from tests.events.doors.recordings import VERSIONS, Recording, write_home, write_registries

START = 1_714_521_600.0  # 1 May 2024
HALL = "binary_sensor.hall"


def read(path, **options):
    options = {"home_id": "mine", "timezone": "Europe/Berlin"} | options
    return read_home_assistant(path, **options)


def sensor(*states, entity=HALL, version=50, start=START - 86_400, **attributes):
    """Record states of a sensor, each a state and the seconds since START."""
    recording = Recording(version, start)
    attributes = {"device_class": "motion", "friendly_name": "Hallway"} | attributes
    for state, time in states:
        recording.add(entity, state, START + time, **attributes)
    return recording


def times(events):
    return (events["timestamp"] - START).round(3).tolist()


def lengths(events):
    return [None if x != x else round(x, 3) for x in (events["end"] - events["timestamp"])]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_the_schema(tmp_path, version):
    path = sensor(("off", 0), ("on", 5.25), ("off", 9.5), ("on", 20)).write(tmp_path / "x.db")
    events, report = read(path)
    assert times(events) == [5.25, 20]
    assert lengths(events) == [4.25, None]
    assert events["zone"].tolist() == ["hallway", "hallway"]
    assert report.sensors[0].kind_from == "device class motion"
    assert recognise(path)[0].name == "home-assistant"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["on", "off", "unavailable", "unknown", None]),
        st.integers(1, 4_000),
        st.booleans(),
    ),
    max_size=30,
)


def expected_phases(steps, restarts):
    """Find the phases of a sensor by the rules, from its states as (state, seconds)."""
    found, before, run, is_first = [], None, 0, True
    for state, time in steps:
        own = sum(time >= restart for restart in restarts)
        if own != run:
            before, run = None, own
        if state == "on" and (
            before == "off" or (is_first and time - [-86_400.0, *restarts][own] > 300)
        ):
            found.append([time, None])
        elif state == "off" and before == "on" and found and found[-1][1] is None:
            found[-1][1] = time
        before, is_first = state, False
    return found


def is_unbroken(steps, restarts, phase):
    """Whether nothing but "on" is between the start and the end of a phase."""
    begin, end = phase
    between = [state for state, time in steps if begin <= time < end]
    return set(between) == {"on"} and not any(begin < restart <= end for restart in restarts)


@settings(max_examples=150)
@given(
    steps=STEPS,
    restart=st.none() | st.integers(100, 60_000),
    version=st.sampled_from(VERSIONS),
    half=st.sets(st.integers(0, 4), max_size=3),
)
def test_known_events_come_back(tmp_path_factory, steps, restart, version, half):
    """Whatever a sensor did, in every version of the schema, also while it is migrated."""
    recording = Recording(version, START - 86_400)
    recording.is_half = lambda number: number % 5 in half
    now, known = 0.0, []
    for state, wait, is_repeated in steps:
        now += wait / 2
        known.append((state, now))
        attributes = {"device_class": "motion", "friendly_name": 'O\'Hall "1"', "n": now}
        recording.add(HALL, state, START + now, **attributes)
        if is_repeated and state == "on":  # an attribute changed: the state began before
            changed, now = now, now + 0.25
            recording.add(HALL, state, START + now, changed=START + changed, **attributes)
            known.append((state, now))
    restarts = [] if restart is None else [restart / 2]
    recording.runs = [START - 86_400, *(START + each for each in restarts)]
    recording.start = None
    folder = tmp_path_factory.mktemp("recorder")
    if not known:
        recording.add("sun.sun", "above_horizon", START)
    events, report = read(recording.write(folder / "x.db"))
    phases = expected_phases(known, restarts)
    assert times(events) == [round(begin, 3) for begin, _ in phases]
    ends = [
        None if end is None or not is_unbroken(known, restarts, (begin, end)) else end - begin
        for begin, end in phases
    ]
    if len(events):
        assert lengths(events) == [None if each is None else round(each, 3) for each in ends]
    n_on = sum(state == "on" for state, _ in known)
    assert len(events) + sum(report.not_events.values()) == n_on


def test_a_newer_schema_is_read_with_one_warning(tmp_path):
    recording = sensor(("off", 0), ("on", 5), ("off", 9), version=99)
    path = recording.write(tmp_path / "x.db")
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        events, _ = read(path)
    assert [each.category for each in found] == [DoorWarning]
    assert "has the schema 99; 50 is the newest" in str(found[0].message)
    assert len(events) == 1


def test_a_purged_start_is_an_event_and_a_fresh_one_is_not(tmp_path):
    later = sensor(("on", 0), ("off", 40), start=START - 301).write(tmp_path / "later.db")
    soon = sensor(("on", 0), ("off", 40), start=START - 300).write(tmp_path / "soon.db")
    assert len(read(later)[0]) == 1
    events, report = read(soon)
    assert len(events) == 0
    assert report.not_events == {"on in the first row of the entity": 1}


def test_the_clock_change_does_not_change_a_duration(tmp_path):
    """Clocks went forward in Berlin at 01:00 UTC on 31 March 2024."""
    begin = 1_711_846_790.0 - START
    path = sensor(("off", begin - 900), ("on", begin), ("off", begin + 20)).write(tmp_path / "x.db")
    recording = sqlite3.connect(path)
    recording.execute("UPDATE recorder_runs SET start = '2024-03-30 00:00:00'")
    recording.commit()
    recording.close()
    events, _ = read(path)
    assert events["duration"].tolist() == [20.0]
    assert events["utc_offset"].tolist() == [3600.0]


def test_durations_are_cut_if_asked(tmp_path):
    path = sensor(("off", 0), ("on", 5), ("off", 5_005), ("on", 6_000), ("off", 6_010)).write(
        tmp_path / "x.db"
    )
    events, report = read(path, max_duration=600.0)
    assert events["duration"].tolist() == [600.0, 10.0]
    assert lengths(events) == [5_000.0, 10.0]
    assert report.notes[-1] == "1 duration cut to the longest allowed."


@pytest.mark.parametrize(
    ("attributes", "own_name", "kind"),
    [
        ({"device_class": "moving"}, None, "motion"),
        ({"device_class": "garage_door"}, None, "door"),
        ({"device_class": "opening", "friendly_name": "Kitchen Window"}, None, "window"),
        ({"device_class": "opening", "friendly_name": "Shed"}, None, "door"),
        ({"device_class": "sound"}, None, "sound"),
        ({"device_class": "vibration"}, None, None),
        ({"device_class": None}, "Glass Break", "glass_break"),
        ({"device_class": None}, "Carpet", None),
        ({"device_class": None}, None, None),
    ],
)
def test_kinds(tmp_path, attributes, own_name, kind):
    recording = sensor(("off", 0), ("on", 5), ("off", 9), **attributes)
    entry = {"entity_id": HALL, "original_name": own_name}
    write_registries(tmp_path, [] if own_name is None else [entry])
    recording.write(tmp_path / "home-assistant_v2.db")
    events, report = read(tmp_path)
    assert events["kind"].tolist() == ([] if kind is None else [kind])
    if kind is None:
        (left,) = report.not_read
        assert (left.name, left.n_active) == (HALL, 1)
        assert left.remedy == '[entities."binary_sensor.hall"] kind = "..."'


def test_a_group_is_not_read(tmp_path):
    write_registries(tmp_path, [{"entity_id": HALL, "platform": "group"}])
    sensor(("off", 0), ("on", 5)).write(tmp_path / "home-assistant_v2.db")
    events, report = read(tmp_path)
    assert len(events) == 0
    assert report.not_read[0].reason == "a group, which repeats its members"


def test_areas_of_entities_come_before_those_of_devices(tmp_path):
    areas = [{"id": "flur", "name": "Flur"}, {"id": "bad", "name": "Bathroom"}]
    devices = [{"id": "d", "area_id": "bad", "name": "X"}]
    for own, zone in ((None, "bathroom"), ("flur", "hallway")):
        entry = {"entity_id": HALL, "device_id": "d", "area_id": own, "device_class": "motion"}
        write_registries(tmp_path, [entry], devices, areas)
        sensor(("off", 0), ("on", 5), friendly_name="Bewegung").write(
            tmp_path / "home-assistant_v2.db"
        )
        mapping = DoorMapping(areas={"Flur": Mapped(zone="hallway")})
        events, report = read(tmp_path, mapping=mapping, timezone=None)
        assert events["zone"].tolist() == [zone]
        assert report.timezone == "Europe/Berlin"
        (tmp_path / "home-assistant_v2.db").unlink()


def test_a_german_home_needs_its_map(tmp_path):
    """Rooms are listed by area in the written mapping, and one word each has them read."""
    areas = [{"id": "flur", "name": "Flur"}]
    entry = {"entity_id": HALL, "area_id": "flur", "device_class": "motion"}
    write_registries(tmp_path, [entry], areas=areas)
    sensor(("off", 0), ("on", 5), friendly_name="Bewegung").write(tmp_path / "home-assistant_v2.db")
    _, report = read(tmp_path)
    assert report.unknown_locations == {"Flur": 1}
    path = tmp_path / "mapping.toml"
    DoorMapping.write_guessed(report, Vocabulary.home(), path)
    text = path.read_text()
    assert '[areas."Flur"]\n# zone = ""  # not known; 1 event\n' in text
    path.write_text(text.replace('# zone = ""  # not known; 1', 'zone = "hallway" # 1'))
    events, report = read(tmp_path, mapping=DoorMapping.from_toml(path))
    assert events[["zone", "location"]].to_numpy().tolist() == [["hallway", "Bewegung (hallway)"]]
    assert report.unknown_locations == {}


ALARM = "alarm_control_panel.home"


def modes_of(tmp_path, states, entity=ALARM, **options):
    """Return the mode at an event after each state."""
    recording = Recording(50, START - 86_400)
    recording.add(HALL, "off", START - 5_000, device_class="motion")
    for place, state in enumerate(states):
        names = [entity] if isinstance(entity, str) else entity
        said = [state] if isinstance(state, str | None) else state
        for name, each in zip(names, said, strict=True):
            recording.add(name, each, START + 100 * place)
        recording.add(HALL, "on", START + 100 * place + 10, device_class="motion")
        recording.add(HALL, "off", START + 100 * place + 20, device_class="motion")
    path = tmp_path / "x.db"
    path.unlink(missing_ok=True)
    events, _ = read(recording.write(path), **options)
    return events["home_mode"].astype(object).where(events["home_mode"].notna(), None).tolist()


def test_modes_of_a_panel(tmp_path):
    states = ["disarmed", "arming", "armed_away", "pending", "triggered", "disarming", "disarmed"]
    assert modes_of(tmp_path, states) == ["home", "home", "away", "away", "away", "away", "home"]
    states = ["armed_night", "armed_vacation", "armed_home", "armed_custom_bypass", "unknown"]
    assert modes_of(tmp_path, states) == ["night", "vacation", "home", None, None]
    assert modes_of(tmp_path, ["triggered", "unavailable", None]) == [None, None, None]


def test_modes_of_persons(tmp_path):
    persons = ["person.a", "person.b"]
    states = [("home", "unknown"), ("not_home", "unknown"), ("Work", "not_home"), ("home", "home")]
    assert modes_of(tmp_path, states, persons) == ["home", None, "away", "home"]


def test_modes_of_an_entity_that_the_mapping_names(tmp_path):
    mapping = DoorMapping.from_dict(
        {"home_mode": {"entity": "input_select.m", "states": {"Zu Hause": "home", "Weg": "away"}}}
    )
    states = ["Zu Hause", "Weg", "Party"]
    assert modes_of(tmp_path, states, "input_select.m", mapping=mapping) == ["home", "away", None]


def test_several_panels(tmp_path):
    """The busiest tells the mode, and the report says so; a mapping may name another."""
    other = "alarm_control_panel.shed"
    recording = Recording(50, START - 86_400)
    for place, state in enumerate(["disarmed", "armed_away", "disarmed"]):
        recording.add(ALARM, state, START + place)
    recording.add(other, "armed_night", START)
    recording.add(HALL, "off", START + 5, device_class="motion")
    recording.add(HALL, "on", START + 10, device_class="motion")
    path = recording.write(tmp_path / "x.db")
    events, report = read(path)
    assert events["home_mode"].tolist() == ["home"]
    assert any("Other panels are alarm_control_panel.shed" in note for note in report.notes)
    events, report = read(path, mapping=DoorMapping(mode_entity=other))
    assert events["home_mode"].tolist() == ["night"]
    assert report.mode_from == other


def test_words_of_a_vocabulary_of_ones_own(tmp_path):
    """A cat flap and a German room, which no built-in vocabulary has."""
    vocabulary = Vocabulary.from_dict(
        {
            "kinds": [{"name": "cat_flap", "texts": ["Katzenklappe"]}],
            "zones": [{"name": "diele", "kind": "transition", "risk": 0.3}],
        }
    )
    recording = sensor(("off", 0), ("on", 5), ("off", 8), device_class=None, friendly_name="Diele")
    path = recording.write(tmp_path / "x.db")
    mapping = DoorMapping({HALL: Mapped("cat_flap")})
    events, _ = read(path, vocabulary=vocabulary, mapping=mapping)
    assert events[["kind", "zone"]].to_numpy().tolist() == [["cat_flap", "diele"]]
    assert events["duration"].isna().all()
    with pytest.raises(InvalidEventError, match=r"Add it to a vocabulary|Did you mean"):
        read(path, mapping=mapping)


def test_presses_of_doorbells(tmp_path):
    recording = Recording(50, START - 86_400)
    name = "event.front_door"

    def press(time, row_time, kind, device_class="doorbell", entity=name):
        text = pd.Timestamp(START + time, unit="s", tz="UTC").isoformat(timespec="milliseconds")
        recording.add(
            entity, text, START + row_time, event_type=kind, device_class=device_class,
            friendly_name="Front Door",
        )  # fmt: skip

    press(0, 0.004, "ding")
    press(60, 60, "motion_detected")
    recording.add(name, "unavailable", START + 90)
    press(60, 120, "motion_detected")
    press(60, 121, "motion_detected")
    press(200.125, 200.125, "ring")
    press(300, 300, "pressed", "button", "event.remote")
    events, report = read(recording.write(tmp_path / "x.db"))
    assert events["kind"].tolist() == ["doorbell", "motion", "doorbell"]
    assert times(events) == [0, 60, 200.125]
    assert report.not_events == {"doorbell row that repeats an old press": 2}
    assert [each.name for each in report.not_read] == ["event.remote"]


def test_ends_are_of_all_kinds_and_durations_of_motion_alone(tmp_path):
    events, _ = read(write_home(tmp_path), timezone=None)
    assert events["end"].notna().all()
    has_duration = events["duration"].notna()
    assert has_duration.equals(events["kind"] == "motion")


def test_secrets_stay_where_they_are(tmp_path, capsys):
    """Neither the place of the home nor its persons are in anything that comes out."""
    secrets = ["48.1372", "11.5756", "Erika Musterfrau", "geheim"]
    write_registries(
        tmp_path,
        [{"entity_id": "person.erika", "original_name": secrets[2], "platform": "person"}],
        latitude=48.1372,
        longitude=11.5756,
        location_name=secrets[3],
    )
    recording = sensor(("off", 0), ("on", 5), ("off", 9))
    recording.add("person.erika", "home", START, latitude=48.1372, friendly_name=secrets[2])
    recording.add("device_tracker.phone", "home", START, longitude=11.5756)
    recording.write(tmp_path / "home-assistant_v2.db")
    events, report = read(tmp_path)
    DoorMapping.write_guessed(report, Vocabulary.home(), tmp_path / "mapping.toml")
    told = repr(report) + events.to_json() + (tmp_path / "mapping.toml").read_text()
    told += "".join(capsys.readouterr())
    (tmp_path / ".storage" / "core.config").write_text("{" + json.dumps(secrets))
    with pytest.raises(InvalidEventError) as refused:
        read(tmp_path, timezone=None)
    told += str(refused.value)
    assert not [secret for secret in [*secrets, "erika"] if secret in told]
