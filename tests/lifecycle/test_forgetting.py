"""A home is removed from every format, whole or not at all, with a record of it."""

import csv
import gzip
import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.evaluation import rows_of_new_homes
from novin_ml.events import (
    ChannelSignals,
    chains_from_events,
    read_chains,
    read_channel_signals,
    read_events,
    write_chains,
    write_channel_signals,
    write_events,
)
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.exceptions import ForgetError
from novin_ml.federated import Update, write_update
from novin_ml.federated.update_files import SUFFIX
from novin_ml.lifecycle import (
    Registry,
    build,
    fit_fleet,
    forget_home,
    load_estimator,
    load_fleet,
    removals,
    removed_homes,
    save_estimator,
    train,
)
from novin_ml.lifecycle.forgetting.places import UPDATE_SUFFIX
from novin_ml.simulation import simulate_deliveries
from tests.lifecycle.fleets import detector, feature_table

HOME = "home_0003"


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(240, n_homes=6, random_state=0)


def forget(folder, home=HOME, **options):
    return forget_home(home, [folder], record=folder / "record" / "forgotten.json", **options)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_each_format_of_events(events, tmp_path, suffix):
    path = tmp_path / f"events{suffix}"
    write_events(events, path)
    before = read_events(path)
    found = forget(tmp_path)
    assert found.n_rows == int((events["home_id"] == HOME).sum()) > 0
    expected = before[before["home_id"] != HOME].reset_index(drop=True)
    pd.testing.assert_frame_equal(read_events(path), expected)
    assert not forget(tmp_path)
    assert HOME.encode() not in path.read_bytes()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_each_format_of_chains(events, tmp_path, suffix):
    chains = chains_from_events(events)
    path = tmp_path / f"chains{suffix}"
    write_chains(chains, path)
    forget(tmp_path)
    kept = read_chains(path)
    assert kept["home_id"].tolist() == [each for each in chains["home_id"] if each != HOME]
    assert (
        kept.timestamp.tolist() == chains[(chains["home_id"] != HOME).to_numpy()].timestamp.tolist()
    )


def test_signals(tmp_path):
    rng = np.random.default_rng(0)
    homes = ["a", HOME, "b", HOME]
    signals = ChannelSignals.from_arrays(
        rng.normal(size=(4, 3, 20)).astype(np.float32), sample_rate=[20.0, 21.0, 22.0, 23.0],
        home_id=homes, label=["x", "y", "x", "y"], consent=[True] * 4,
    )  # fmt: skip
    write_channel_signals(signals, tmp_path / "watch.npz")
    assert forget(tmp_path).n_rows == 2
    kept = read_channel_signals(tmp_path / "watch.npz")
    assert kept["home_id"].tolist() == ["a", "b"]
    assert kept["label"].tolist() == ["x", "x"]
    assert np.array_equal(kept[1], signals[2])


def test_lines_that_stay_are_the_same_bytes(tmp_path):
    lines = [
        '{"home_id": "a",   "type": "motion", "timestamp": 1.50}\r\n',
        f'{{"user_id": "{HOME}", "type": "motion", "timestamp": 2}}\r\n',
        "\r\n",
        '{"home_id": "h\\u00e9", "type": "motion", "timestamp": 3}\r\n',
        "no json at all\n",
        json.dumps({"events": [{"home_id": HOME}, {"home_id": "a", "note": "é"}]}) + "\n",
        json.dumps({"home_id": HOME, "events": [{"type": "motion"}, {"type": "door"}]}),
    ]
    path = tmp_path / "events.jsonl"
    path.write_bytes("".join(lines).encode())
    assert forget(tmp_path).n_rows == 4
    kept = path.read_bytes().decode()
    assert kept == "".join([*lines[:1], *lines[2:5], '{"events":[{"home_id":"a","note":"é"}]}\n'])
    assert forget(tmp_path, "hé").n_rows == 1


def test_a_document_of_json_and_files_of_gzip(tmp_path):
    document = [{"home_id": HOME, "type": "motion"}, {"home_id": "a", "type": "motion"}]
    (tmp_path / "events.json").write_text(json.dumps(document))
    (tmp_path / "one.json").write_text(json.dumps(document[0]))
    (tmp_path / "other.json").write_text(json.dumps({"homes": [HOME]}))
    (tmp_path / "late.csv.gz").write_bytes(gzip.compress(f"home_id,x\n{HOME},1\na,2\n".encode()))
    assert forget(tmp_path).n_rows == 3
    assert json.loads((tmp_path / "events.json").read_text()) == document[1:]
    assert read_rows(tmp_path / "late.csv.gz") == [["home_id", "x"], ["a", "2"]]
    assert not (tmp_path / "one.json").read_text().strip()


def read_rows(path):
    return [*csv.reader(gzip.decompress(path.read_bytes()).decode().splitlines())]


def test_tables_with_other_separators_and_lines_in_cells(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        f'x;home_id\r\n"two\r\nlines";a\r\n"{HOME}\nhere";b\r\n"1\n2";"{HOME}"\r\n'.encode()
    )
    (tmp_path / "answers.csv").write_text(
        f"home_id,timestamp,label,answer\n{HOME},1,delivery,real\nhome_00031,1,delivery,real\n"
    )
    (tmp_path / "no_homes.csv").write_text(f"note\n{HOME}\n")
    assert forget(tmp_path).n_rows == 2
    assert (tmp_path / "a.csv").read_bytes() == (
        f'x;home_id\r\n"two\r\nlines";a\r\n"{HOME}\nhere";b\r\n'.encode()
    )
    assert "home_00031" in (tmp_path / "answers.csv").read_text()
    assert (tmp_path / "no_homes.csv").read_text() == f"note\n{HOME}\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.jsonl", f'{{"home_id": "{HOME}", \n'.encode(), "line 1, which is no JSON and holds"),
        ("bad.csv", b'home_id,x\na,"open\n', "a table whose rows can be told apart"),
        ("bad.jsonl", "{}".encode("utf-16"), "text in UTF-8"),
        ("bad.csv.gz", b"no gzip", "text in UTF-8, or that compressed by gzip"),
        ("bad.parquet", b"PAR1 no", "a Parquet file"),
        ("bad.npz", b"PK no", "an npz file of arrays"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(events, tmp_path, name, content, said):
    write_events(events, tmp_path / "a.jsonl")
    (tmp_path / name).write_bytes(content)
    before = files_of(tmp_path)
    with pytest.raises(ForgetError, match=said) as error:
        forget(tmp_path)
    assert name in str(error.value)
    assert "nothing was changed" in str(error.value)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("home", ["", " ", UNKNOWN_HOME, None])
def test_a_home_must_be_named(tmp_path, home):
    with pytest.raises(ForgetError, match="must be the name of a home"):
        forget_home(home, [tmp_path])
    with pytest.raises(ForgetError, match="must be a folder with logs"):
        forget_home("a", [tmp_path / "absent"])


def test_the_file_of_a_fleet_and_the_baseline_of_the_home(events, tmp_path):
    fit_fleet(
        feature_table().assign(consent=True),
        out=tmp_path / "fleet",
        estimator=detector(),
        random_state=0,
    )
    log = events[events["home_id"] == HOME]
    baseline = make_behavior_pipeline(n_estimators=5, random_state=0)
    baseline.fit(log, detector__timestamps=log["timestamp"])
    save_estimator(baseline, tmp_path / "baseline")
    found = forget(tmp_path, "birch")
    assert [each.kind for each in found.removed] == ["fleet"]
    assert set(load_fleet(tmp_path / "fleet")) == {"ash", "cedar"}
    assert [each.kind for each in forget(tmp_path).removed] == ["baseline"]
    assert not (tmp_path / "baseline").exists()


def test_updates_that_are_named_after_the_home(tmp_path):
    assert UPDATE_SUFFIX == SUFFIX
    values = np.ones(3, dtype=np.float32)
    for name in (HOME, "home_00031", f"{HOME}/round_1", "other/round_1"):
        path = tmp_path / "updates" / f"{name}{SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_update(Update(values, 20, bytes(32)), path)
    found = forget(tmp_path)
    assert [each.kind for each in found.removed] == ["update", "update"]
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(f"*{SUFFIX}")}
    assert left == {f"updates/home_00031{SUFFIX}", f"updates/other/round_1{SUFFIX}"}


def test_a_run_that_is_killed_leaves_whole_files_and_another_one_finishes(tmp_path):
    program = [sys.executable, "-m", "tests.lifecycle.killed_forgetting", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=True)
    steps = json.loads(done.stdout)
    assert len(steps) > 5
    assert all(step["killed"] and step["is_done"] for step in steps)
    states = {state for step in steps for state in step["states"].values()}
    assert states == {"old", "new"}
    # What was removed is on record, also by a run that was killed.
    for step in steps:
        assert step["on_record"] or "new" not in step["states"].values()


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A registry with a served version, beside the log that it was trained on."""
    folder = tmp_path_factory.mktemp("released")
    rows = simulate_deliveries(700, n_homes=12, random_state=0)
    write_events(rows, folder / "events.jsonl")
    (folder / "novin.toml").write_text(
        '[data]\nfiles = ["events.jsonl"]\n[data.frozen]\nhomes = ["home_0001"]\n'
        '[models.door]\nfamily = "delivery"\nparameters = { epochs = 2 }\n'
    )
    build(folder / "novin.toml", folder / "release")
    registry = Registry(folder / "registry")
    registry.add("novin", folder / "release")
    registry.promote("novin", 1)
    model = train("delivery", rows, test_fraction=0, epochs=2).pipeline
    save_estimator(model, folder / "own.novin")
    return folder


def test_the_registry_says_what_was_trained_with_it_and_does_not_change(released, tmp_path):
    shutil.copytree(released, tmp_path / "copy")
    folder = tmp_path / "copy"
    version = Registry(folder / "registry").version("novin")
    rows = read_events(folder / "events.jsonl")
    seen = ~rows_of_new_homes(load_estimator(version.path("door")), rows)
    home = sorted(set(rows["home_id"][seen]))[0]
    before = files_of(folder / "registry" / "models" / "novin" / "versions")
    found = forget(folder, home)
    (of_version,) = [each for each in found.still_in if each.version == 1]
    assert (of_version.trained, of_version.served) == (True, True)
    assert of_version.sentence.startswith(f"Version 1 of novin in {folder / 'registry'}, which is")
    assert "Build and promote another one" in of_version.sentence
    assert {each.place.name for each in found.still_in} == {"registry", "own.novin", "door"}
    assert found.left == ()  # references of certificates are no estimators of their own
    assert files_of(folder / "registry" / "models" / "novin" / "versions") == before
    registry = Registry(folder / "registry")
    assert removed_homes(registry, "novin") == {1: 1}
    assert [each.kind for each in removals(registry, "novin")] == ["forgotten"]
    assert registry.faults("novin", 1) == []
    document = json.loads(found.record.read_text())
    (entry,) = document["homes"]
    assert home not in found.record.read_text()
    digest = hashlib.blake2b(home.encode(), digest_size=16, key=bytes.fromhex(entry["salt"]))
    assert entry["home"] == digest.hexdigest()
    assert entry["removed"][0]["rows"] == found.n_rows == int((rows["home_id"] == home).sum())
    assert any(each["version"] == 1 and each["served"] for each in entry["still_in"])
    # Another home is added to the same record.
    forget(folder, sorted(set(rows["home_id"][seen]))[1])
    assert len(json.loads(found.record.read_text())["homes"]) == 2


def test_reports_that_name_the_home_and_declarations_are_told(released):
    names = (released / "release" / "door.html").read_text()
    rows = read_events(released / "events.jsonl")
    home = next(each for each in sorted(set(rows["home_id"])) if each in names)
    found = forget_home(home, [released], dry_run=True)
    (of_release,) = [each for each in found.still_in if each.place.name == "release"]
    assert "door.html" in of_release.named_in
    assert " names it in " in of_release.sentence
    found = forget_home("home_0001", [released], dry_run=True)
    assert any("The home is named in" in each and "novin.toml" in each for each in found.left)


def test_a_dry_run_and_a_wrong_record_change_nothing(released, tmp_path):
    before = files_of(released)
    found = forget_home(HOME, [released], record=tmp_path / "r.json", dry_run=True)
    assert found.removed
    assert found.record is None
    assert files_of(released) == before
    assert not (tmp_path / "r.json").exists()
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(ForgetError, match="must be a record of forgotten homes, or a new file"):
        forget_home(HOME, [released], record=tmp_path / "r.json")
    assert files_of(released) == before


def test_links_are_not_followed(events, tmp_path):
    (tmp_path / "outside").mkdir()
    write_events(events, tmp_path / "outside" / "a.jsonl")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "link.jsonl").symlink_to(tmp_path / "outside" / "a.jsonl")
    before = files_of(tmp_path)
    found = forget_home(HOME, [tmp_path / "logs"], record=tmp_path / "r.json")
    assert not found
    assert found.left == (f"{tmp_path / 'logs' / 'link.jsonl'} is a link, and was not followed.",)
    assert files_of(tmp_path) == before
