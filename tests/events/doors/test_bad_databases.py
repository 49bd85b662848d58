"""Databases that cannot be read, or only in part: one sentence, and the bytes stay as they are."""

import shutil
import sqlite3

import pytest

from novin_ml.events.doors import DoorMapping, read_home_assistant, recognise
from novin_ml.events.doors.sqlite import opened_sqlite
from novin_ml.exceptions import InvalidEventError
from tests.events.doors.recordings import Recording, write_home

START = 1_714_521_600.0


def read(path, **options):
    options = {"home_id": "mine", "timezone": "Europe/Berlin"} | options
    return read_home_assistant(path, **options)


@pytest.fixture
def database(tmp_path):
    return write_home(tmp_path) / "home-assistant_v2.db"


def refused(path, *words):
    """Check that a path is refused by one sentence with words; return it."""
    with pytest.raises(InvalidEventError) as error:
        read(path)
    sentence = str(error.value)
    assert "\n" not in sentence
    for word in (" must be ", "Got ", *words):
        assert word in sentence, sentence
    return sentence


def test_files_that_are_no_database(tmp_path):
    (tmp_path / "empty.db").touch()
    refused(tmp_path / "empty.db", "an empty file", "Copy it again")
    (tmp_path / "other.db").write_text("states: on, off")
    refused(tmp_path / "other.db", "another file")
    refused(tmp_path, "a configuration folder with home-assistant_v2.db", "db_url")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing.db")
    for path in tmp_path.iterdir():
        with pytest.raises(InvalidEventError):
            recognise(path)


def test_a_wal_file_alone(tmp_path):
    (tmp_path / "x.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(60))
    refused(tmp_path / "x.db", "a -wal file alone", "Copy the .db and the -wal file together")
    refused(tmp_path / "x.db-wal", "the -wal file of one")


def test_another_program_and_missing_columns(tmp_path):
    for name, columns in (
        ("photos", "id INTEGER, state TEXT"),
        ("states", "id INTEGER"),
        ("states", "state_id INTEGER, state TEXT, last_updated_ts REAL"),
        ("states", "state_id INTEGER, state TEXT, entity_id TEXT"),
    ):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.commit()
        connection.close()
    refused(tmp_path / "0.db", "one without a table 'states'")
    refused(tmp_path / "1.db", "state_id, state, entity_id or metadata_id, last_updated_ts")
    refused(tmp_path / "2.db", "lacks entity_id or metadata_id.")
    refused(tmp_path / "3.db", "lacks last_updated_ts or last_updated.")


def test_a_locked_database(database, monkeypatch):
    monkeypatch.setattr("novin_ml.events.doors.sqlite.TIMEOUT_S", 0.1)
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        refused(database, "free to read", "kept locked for 0.1 seconds")
    finally:
        other.close()
    assert len(read(database)[0]) > 100
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert recognise(database)[1] == "the name home-assistant_v2.db"
    other.close()


def test_a_running_instance_is_read_and_not_disturbed(database):
    """Its last states are in the -wal file alone; it goes on writing meanwhile."""
    n_before = len(read(database)[0])
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    bare = database.read_bytes()
    for n, state in enumerate(["off", "on", "off"]):
        writer.execute(
            "INSERT INTO states (state, last_updated_ts, metadata_id, attributes_id) "
            "SELECT ?, ?, metadata_id, max(attributes_id) FROM states WHERE metadata_id = "
            "(SELECT metadata_id FROM states_meta WHERE entity_id = 'binary_sensor.hall')",
            [state, START + 9 * 86_400 + n],
        )
    writer.execute("BEGIN IMMEDIATE")  # in the middle of the next
    assert len(read(database)[0]) == n_before + 1
    assert database.read_bytes() == bare
    writer.execute("COMMIT")
    # A copy of both files is read as well, also where it cannot be written.
    copy = database.parent / "copy"
    copy.mkdir()
    for path in (database, database.with_name(database.name + "-wal")):
        shutil.copyfile(path, copy / path.name)
    assert len(read(copy / database.name)[0]) == n_before + 1
    writer.close()


def test_an_instance_that_starts_meanwhile(database):
    """What is read of a database at rest is whole, or refused."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert {path.name for path in database.parent.iterdir()} == {".storage", database.name}
    opened = opened_sqlite(database)
    found = opened.__enter__()
    assert "state" in found.columns("states")
    writer = sqlite3.connect(database)
    writer.execute("DELETE FROM states")
    writer.commit()
    with pytest.raises(InvalidEventError, match=r"began to write meanwhile\. Read it again"):
        opened.__exit__(None, None, None)
    writer.close()
    assert len(read(database)[0]) == 0


def test_a_folder_that_cannot_be_written(database, monkeypatch):
    """SQLite cannot open a database of WAL there: without a -wal file it is read as it lies."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    n_events = len(read(database)[0])
    for path in database.parent.glob("*-*m*"):
        path.unlink(missing_ok=True)
    (database.parent / f"{database.name}-wal").unlink(missing_ok=True)
    opened = []
    real = sqlite3.connect

    def connect(name, **options):
        opened.append(name)
        if "mode=ro" in name and str(database.parent) in name:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return real(name, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert len(read(database)[0]) == n_events
    assert opened[-1].endswith("?immutable=1")
    # With states in a -wal file it is never read as it lies, but copied with the file.
    writer = real(database, isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("INSERT INTO states (state) VALUES ('on')")
    opened.clear()
    assert len(read(database)[0]) == n_events
    assert not any("immutable" in uri for uri in opened)
    writer.close()


@pytest.mark.parametrize("place", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_damaged_database_is_read_as_far_as_it_goes(tmp_path, place):
    """Broken pages cost the rows on them, and the report counts the places."""
    database = write_home(tmp_path, days=40) / "home-assistant_v2.db"
    n_whole = len(read(database)[0])
    damaged = bytearray(database.read_bytes())
    begin = int(len(damaged) * place) // 4096 * 4096
    damaged[begin : begin + 8192] = b"\xff" * 8192
    database.write_bytes(damaged)
    events, report = read(database)
    n_unmapped = sum(left.n_active for left in report.not_read)  # whose attributes are lost
    assert 0.4 * n_whole < len(events) + n_unmapped <= n_whole
    is_told = any("could not be read" in note for note in report.notes)
    assert is_told or len(events) == n_whole  # what was broken is an index
    assert database.read_bytes() == damaged


def test_a_database_whose_first_page_is_broken(database):
    damaged = bytearray(database.read_bytes())
    damaged[100:4096] = b"\xff" * 3996
    database.write_bytes(damaged)
    refused(database, "a damaged one", ".recover")


def test_odd_names_and_large_texts(tmp_path):
    """Quotes, semicolons, texts of 4 MB and impossible times are read, or left out and counted."""
    recording = Recording(50, START - 86_400)
    names = ["binary_sensor.o'hara", 'binary_sensor."; DROP TABLE states; --', "binary_sensor.%"]
    for name in names:
        recording.add(name, "off", START, device_class="motion")
        recording.add(name, "on", START + 1, device_class="motion", friendly_name="x" * 4_000_000)
    recording.add("binary_sensor.late", "off", 9e11 - 1, device_class="door")
    recording.add("binary_sensor.late", "on", 9e11, device_class="door")
    recording.add("binary_sensor.long", "off", START, device_class="motion")
    recording.add("binary_sensor.long", "on", START + 1, device_class="motion")
    recording.add("binary_sensor.long", "off", 9e11, device_class="motion")
    recording.add("binary_sensor.none", "off", None, device_class="motion")
    recording.add("binary_sensorXfake", "on", START, device_class="motion")
    path = recording.write(tmp_path / "x.db")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE state_attributes SET shared_attrs = '{' WHERE attributes_id = 2")
    connection.execute("UPDATE states SET state = CAST(X'FFFE' AS TEXT) WHERE state_id = 1")
    connection.commit()
    connection.close()
    events, report = read(path)
    assert report.read.n_rejected == 1
    assert report.read.rejects["field"].tolist() == ["timestamp"]
    assert "1 state without a time left out." in report.notes
    assert events["location"].str.len().max() <= 200
    long = events[events["location"] == "binary_sensor.long"]
    assert long[["end", "duration"]].isna().all(axis=None)
    DoorMapping.write_guessed(report, events["kind"].cat.categories.name, tmp_path / "m.toml")
    assert set(DoorMapping.from_toml(tmp_path / "m.toml").entities) >= set(names[1:2])


def test_a_hundred_thousand_entities(tmp_path):
    path = Recording(50, START - 86_400).add("sun.sun", "x", START).write(tmp_path / "x.db")
    connection = sqlite3.connect(path)
    n_entities = 100_000
    connection.executemany(
        "INSERT INTO states_meta VALUES (?, ?)",
        ((n + 10, f"binary_sensor.n{n}") for n in range(n_entities)),
    )
    connection.execute('INSERT INTO state_attributes VALUES (99, \'{"device_class": "door"}\')')
    connection.executemany(
        "INSERT INTO states (state, last_updated_ts, metadata_id, attributes_id) "
        "VALUES (?, ?, ?, 99)",
        (
            (state, START + place, n + 10)
            for n in range(n_entities)
            for place, state in enumerate(("off", "on"))
        ),
    )
    connection.commit()
    connection.close()
    events, report = read(path)
    assert len(events) == len(report.sensors) == n_entities


def test_options_that_are_wrong(database, tmp_path):
    for options, words in (
        ({"home_id": ""}, "The 'home_id' parameter must be a text"),
        ({"home_id": None}, "Got nothing instead"),
        ({"timezone": "Mars/Olympus"}, "The 'timezone' parameter"),
        ({"max_duration": -1}, "The 'max_duration' parameter"),
        ({"mapping": {}}, "The 'mapping' parameter"),
    ):
        with pytest.raises(ValueError, match=words):
            read(database, **options)
    shutil.rmtree(database.parent / ".storage")
    with pytest.raises(InvalidEventError, match=r"no .storage/core.config beside it. Got None"):
        read(database, timezone=None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[entities", "must be a TOML file"),
        ("[things]", 'must be of entities, areas, home_mode. Got "things"'),
        ('[entities.a]\nknd = "door"', 'must be of kind, zone, hold. Got "knd" instead. Did you'),
        ("[entities.a]\nkind = 3", 'The kind of "a" of a mapping must be a text'),
        ("[entities.a]\nhold = -1", "must be a number of seconds, at least 0. Got -1"),
        ("[areas]\na = 3", "must be a table"),
        ("[home_mode]\nentity = 3", "must be the id of an entity"),
        ('[home_mode]\nentity = "a"\nstates = {a = "awya"}', "Did you mean 'away'"),
        ('[entities.a]\nkind = "dor"', "Got \"dor\" instead. Did you mean 'door'"),
        ('[areas.a]\nzone = "kitchn"', "Got \"kitchn\" instead. Did you mean 'kitchen'"),
    ],
)
def test_mappings_that_are_wrong(database, tmp_path, text, words):
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    with pytest.raises(InvalidEventError) as error:
        read(database, mapping=DoorMapping.from_toml(path))
    assert words in str(error.value)
