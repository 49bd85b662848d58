"""A build: from data to a release behind gates; what it keeps, refuses and leaves behind."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from novin_ml.coreml import verify_coreml
from novin_ml.evaluation import rows_of_new_homes
from novin_ml.events import read_events, write_events
from novin_ml.exceptions import BuildError
from novin_ml.files import locked
from novin_ml.lifecycle import Registry, build, load_estimator, read_declaration
from novin_ml.lifecycle.building.declaration import Gates
from novin_ml.lifecycle.building.gates import model_gates, training_gates
from novin_ml.lifecycle.building.model_steps import ModelSteps, read_json
from novin_ml.lifecycle.building.rows import find_files, read_rows
from novin_ml.lifecycle.registry.release import LOG, NOT_RELEASED, RECORD, WORK, read_release
from novin_ml.simulation import simulate_deliveries

TOML = """
[data]
files = ["events.jsonl"]

[split]
test = 0.4

[models.door]
family = "delivery"
false_alarms_per_week = 20.0
coverage = 0.9
parameters = { epochs = 5 }

[models.door.gates]
min_accuracy = 0.6
min_recall = { delivery = 0.3 }
max_false_alarms_per_week = 200.0
max_bytes = 1_000_000
max_parity_error = 1e-5
rules = "not-worse"
released = "not-worse"

[package]
"""


@pytest.fixture(scope="session")
def events():
    return simulate_deliveries(1500, n_homes=50, random_state=0)


@pytest.fixture(scope="session")
def built(events, tmp_path_factory):
    """A release that is built once, beside its novin.toml."""
    folder = tmp_path_factory.mktemp("built")
    write_events(events, folder / "events.jsonl")
    (folder / "novin.toml").write_text(TOML)
    result = build(folder / "novin.toml", folder / "release")
    return SimpleNamespace(folder=folder, result=result)


@pytest.fixture
def copy(built, tmp_path):
    """A copy of the release and of what it was built from."""
    shutil.copytree(built.folder, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def source(events, tmp_path):
    """A novin.toml and its data, not built yet."""
    write_events(events, tmp_path / "events.jsonl")
    (tmp_path / "novin.toml").write_text(TOML)
    return tmp_path


def states(result):
    return {step.name: step.state for step in result.steps}


def change(folder, old, new):
    file = folder / "novin.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return file


def test_a_release_has_all_that_an_app_needs(built):
    folder = built.result.folder
    assert built.result.released
    assert verify_coreml(folder / "door.mlmodel").passed
    decisions = load_estimator(folder / "door")[-1].decisions_
    assert [*decisions.thresholds] == ["delivery"]
    assert decisions.abstention.error_rate == 0.1  # the coverage of 0.9
    assert "home and week" in (folder / "door.card.md").read_text()
    assert (folder / "NovinModels" / "Package.swift").is_file()
    assert not (folder / NOT_RELEASED).exists()
    document = read_release(folder)
    facts = document["models"]["door"]
    accuracy = facts["metrics"]["accuracy"]
    assert accuracy["low"] < accuracy["share"] < accuracy["high"]
    assert facts["metrics"]["released"] == {"absent": "No version is released yet."}
    assert facts["data"]["parts"]["test"]["homes"] == 20
    assert document["novin_toml"] == TOML
    assert {gate["model"] for gate in document["gates"]} == {"door"}
    assert len(document["gates"]) == 10
    assert LOG not in document["files"]


def test_what_did_not_change_is_kept(built):
    folder = built.folder
    before = {path: path.stat().st_mtime_ns for path in (folder / "release").rglob("*.ml*")}
    again = build(folder / "novin.toml", folder / "release")
    assert set(states(again).values()) == {"kept"}
    assert again.sha256 == built.result.sha256
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_the_same_inputs_give_the_same_bytes(built, tmp_path):
    other = build(built.folder / "novin.toml", tmp_path / "other")
    assert set(states(other).values()) == {"ran"}
    assert other.sha256 == built.result.sha256
    assert (tmp_path / "other" / RECORD).read_bytes() == (built.result.folder / RECORD).read_bytes()


def test_the_record_has_the_time_that_source_date_epoch_sets(copy, built, monkeypatch):
    assert "created" not in read_release(copy / "release")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    again = build(copy / "novin.toml", copy / "release")
    assert again.sha256 == built.result.sha256
    assert read_release(copy / "release")["created"] == "2023-11-14T22:13:20Z"
    assert json.loads((copy / "release" / LOG).read_text())["ended"] == "2023-11-14T22:13:20Z"


def test_only_what_depends_on_a_change_runs(copy):
    again = build(change(copy, "coverage = 0.9", "coverage = 0.8"), copy / "release")
    assert states(again) == {
        "door: read": "kept",
        "door: train": "kept",
        "door: decide": "ran",
        "door: publish": "ran",
        "door: judge": "ran",
        "door: compare": "ran",
        "package": "ran",
    }


def test_a_damaged_file_is_made_again(copy):
    (copy / "release" / "door.data.json").write_text("{}")
    again = build(copy / "novin.toml", copy / "release")
    assert [name for name, state in states(again).items() if state == "ran"] == ["door: read"]


def test_a_gate_that_fails_leaves_everything_but_a_release(copy):
    again = build(change(copy, "min_accuracy = 0.6", "min_accuracy = 0.999"), copy / "release")
    assert not again.released
    (failed,) = again.failed
    assert (failed.model, failed.gate, failed.wanted) == ("door", "accuracy", "99.90% or more")
    assert failed.short.endswith("points too low")
    assert failed.gate in (copy / "release" / NOT_RELEASED).read_text()
    assert (copy / "release" / "door.mlmodel").is_file()
    assert not (copy / "release" / RECORD).exists()
    with pytest.raises(BuildError, match=r"Gates failed\. door: accuracy: wanted 99\.90%"):
        read_release(copy / "release")


@pytest.mark.parametrize(
    ("old", "new", "gate"),
    [
        ("{ delivery = 0.3 }", "{ delivery = 1.0 }", "recall of delivery"),
        ("{ delivery = 0.3 }", "{ parcel = 0.3 }", "recall of parcel"),
        ("max_false_alarms_per_week = 200.0", "max_false_alarms_per_week = 0", "false alarms"),
        ("max_bytes = 1_000_000", "max_bytes = 1_000", "bytes"),
        ("max_parity_error = 1e-5", "max_parity_error = 0", "parity"),
    ],
)
def test_each_gate_can_fail(copy, old, new, gate):
    again = build(change(copy, old, new), copy / "release")
    (failed,) = again.failed
    assert failed.gate.startswith(gate)
    assert failed.short


def test_gates_hold_the_bounds_and_not_the_measured_values(built):
    metrics = read_release(built.result.folder)["models"]["door"]["metrics"]

    def fails(metrics, gate, **wanted):
        return gate in [
            each.gate for each in model_gates(metrics, Gates(**wanted), "door") if each.short
        ]

    for share, gate, declare in [
        (metrics["accuracy"], "accuracy", lambda value: {"min_accuracy": value}),
        (
            metrics["recall"]["delivery"],
            "recall of delivery",
            lambda value: {"min_recall": {"delivery": value}},
        ),
    ]:
        assert share["low"] < share["share"]
        assert fails(metrics, gate, **declare((share["low"] + share["share"]) / 2))
        assert not fails(metrics, gate, **declare(share["low"]))
    found, rate = metrics["thresholds"], metrics["alarming"]["false_alarms"]
    for tested, mean, upper in [
        (metrics, found["false_per_home_week"], found["false_per_home_week_upper"]),
        (metrics | {"thresholds": None}, rate["per_week"], rate["high"]),
    ]:
        gate = "false alarms per home and week"
        assert mean < upper
        assert fails(tested, gate, max_false_alarms_per_week=(mean + upper) / 2)
        assert not fails(tested, gate, max_false_alarms_per_week=upper)
    few = metrics | {"thresholds": found | {"bound": "none", "refused": "10 homes are too few"}}
    assert fails(few, gate, max_false_alarms_per_week=1e9)


def test_too_many_rejected_events_stop_before_training(copy):
    with (copy / "events.jsonl").open("a") as stream:
        stream.write('{"type": "motion"}\n' * 100)
    again = build(copy / "novin.toml", copy / "release")
    assert states(again) == {"door: read": "ran"}
    (failed,) = again.failed
    assert failed.gate == "rejected events"
    assert "100 of " in failed.got
    assert any("timestamp must be" in note for note in again.notes)


def test_homes_on_both_sides_and_rows_without_consent_fail():
    found = {"homes_on_both_sides": 2, "rows_without_consent": 0}
    both, consent = training_gates(found, "door")
    assert (both.passed, consent.passed) == (False, True)
    assert both.short == "2 too many"
    _, consent = training_gates({"homes_on_both_sides": 0, "rows_without_consent": 3}, "door")
    assert not consent.passed


def test_homes_on_both_sides_and_rows_without_consent_are_counted_in_the_model(source):
    declaration = read_declaration(source / "novin.toml")
    model = declaration.models["door"]
    rows = read_rows(declaration, model, find_files(declaration, model))
    trained = rows.parts["train"][rows.parts["train"]["consent"]]
    late = sorted(set(trained["home_id"]))[:3]
    # Three homes come back in the test, and a fourth takes back what it was trained on.
    parts = rows.parts | {"test": rows.whole[rows.whole["home_id"].isin(late)]}
    gone = trained["home_id"] == sorted(set(trained["home_id"]))[3]
    whole = rows.whole.assign(consent=True)
    whole.loc[trained.index[gone], "consent"] = False
    mixed = replace(rows, parts=parts, whole=whole)
    ModelSteps("door", model, declaration, source, lambda: mixed, "door: read", None).train()
    facts = read_json(source / "door.training.json")
    assert facts["homes_on_both_sides"] == 3
    assert facts["rows_without_consent"] == int(trained["label"][gone].notna().sum())
    assert facts["rows_without_consent"] > 0
    assert not any(gate.passed for gate in training_gates(facts, "door"))


def test_homes_that_are_frozen_or_without_consent_are_not_trained_on(events, tmp_path):
    homes = sorted(set(events["home_id"]))
    withdrawn = events["home_id"].isin(homes[::2])
    write_events(events.assign(consent=~withdrawn), tmp_path / "events.jsonl")
    (tmp_path / "novin.toml").write_text(f'{TOML}\n[data.frozen]\nhomes = ["{homes[1]}"]\n')
    build(tmp_path / "novin.toml", tmp_path / "release")
    facts = json.loads((tmp_path / "release" / "door.training.json").read_text())
    assert facts["rows_without_consent"] == facts["homes_on_both_sides"] == 0
    assert facts["left_out_without_consent"] > 0
    assert 0 < facts["homes"] < 20
    model = load_estimator(tmp_path / "release" / "door")
    trained = set(events["home_id"][~rows_of_new_homes(model, events)])
    assert len(trained) == facts["homes"]
    assert not trained & {homes[1], *homes[::2]}
    metrics = json.loads((tmp_path / "release" / "door.metrics.json").read_text())
    assert metrics["frozen"]["n_homes"] == 1


def test_a_dry_run_makes_nothing(built, tmp_path):
    planned = build(built.folder / "novin.toml", tmp_path / "new", dry_run=True)
    assert set(states(planned).values()) == {"would run"}
    assert not (tmp_path / "new").exists()
    planned = build(built.folder / "novin.toml", built.folder / "release", dry_run=True)
    assert set(states(planned).values()) == {"kept"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("coverage", "covarage", r"\[models.door\] must have keys of .* Did you mean 'coverage'\?"),
        ("[models.door.gates]", "[models.door.gate]", r"Got 'gate'. Did you mean 'gates'\?"),
        ("[package]", "[packages]", r"the file must have keys of .* Did you mean 'package'\?"),
        ("epochs = 5", "epoch = 5", r"door.parameters: .* Got 'epoch'. Did you mean 'epochs'\?"),
        ("epochs = 5", "epochs = 'x'", "door.parameters: .*'epochs' parameter .* must be an int"),
        ("epochs = 5", "random_state = 5", "Got 'random_state'. Set split.random_state."),
        ("coverage = 0.9", "coverage = 9", "door.coverage must be a number above 0 and .* 9"),
        ('"delivery"', '"parcels"', "models.door.family must be one of delivery, motion, chains."),
        ('rules = "not-worse"', 'rules = "best"', "gates.rules must be one of better, not-worse."),
        ("events.jsonl", "absent.jsonl", "data.files must name files that are there. Got 'absent."),
        ("events.jsonl", "absent/*.csv", "Got 'absent/.*.csv', which has none"),
        ('files = ["events.jsonl"]', "", r"\[data\] must have files, or \[models.door\] its own"),
        ("false_alarms_per_week = 20.0\n", "", "gates.max_false_alarms_per_week must come with"),
        ("test = 0.4", "test = 0.4\ntune = 0.6", "split.test must be below 1 together"),
        ("[data]", '[data]\ntimezone = "Mars"', "data.timezone: .* Got 'Mars'"),
        ("[data]", '[data]\nvocabulary = "x.toml"', "data.vocabulary must be sdk, home or a .toml"),
        ("[data]", "[data.frozen]\nhomes = ['x']\n[data]", "frozen.homes must be homes of the"),
        ("[data]", "[data", "must be a TOML file in UTF-8"),
        ('family = "delivery"', "", r"\[models.door\] must have the key 'family', one of"),
        ("models.door", '"models"."2 doors"', "models must have names of Swift"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_sentence(source, old, new, said):
    file = change(source, old, new)
    with pytest.raises(BuildError, match=said) as error:
        build(file, source / "new")
    assert str(error.value).startswith(str(file))
    assert not (source / "new" / RECORD).exists()


def test_an_absent_file_and_a_foreign_folder_are_refused(source):
    with pytest.raises(BuildError, match="Write one with novin-ml init"):
        read_declaration(source / "absent.toml")
    (source / "mine").mkdir()
    (source / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(BuildError, match="Got a folder with other files"):
        build(source / "novin.toml", source / "mine")
    with pytest.raises(BuildError, match=r"must be a model of .*: door\. Got 'gate'"):
        build(source / "novin.toml", source / "release", only="gate")


def test_the_registry_takes_a_release_and_the_next_build_is_compared_with_it(copy):
    registry = Registry(copy / "registry")
    version = registry.add("novin", copy / "release", facts={"ticket": "A-1"})
    assert version.facts["ticket"] == "A-1"
    assert version.facts["novin_toml"] == TOML
    assert version.facts["models"]["door"]["metrics"]["accuracy"]["low"] > 0
    assert RECORD in version.files
    assert not {name for name in version.files if name.startswith(WORK) or name == LOG}
    build(copy / "novin.toml", copy / "release")  # other times in the log
    assert registry.add("novin", copy / "release").number == 1
    registry.promote("novin", 1)
    text = '[registry]\nfolder = "registry"\nname = "novin"\n[data]'
    file = change(copy, "[data]", text)
    first = build(file, copy / "release")
    assert [name for name, state in states(first).items() if state == "ran"] == ["door: compare"]
    document = read_release(copy / "release")
    found = document["models"]["door"]["metrics"]["released"]
    assert found == {"absent": "It is the model of the released version 1."}
    assert document["compared_with"] == 1
    file = change(copy, "epochs = 5", "epochs = 1")
    file = change(copy, 'released = "not-worse"', 'released = "better"')
    failed = {gate.gate: gate for gate in build(file, copy / "release").failed}
    assert failed["against the released version"].got.endswith(", 20 homes")
    with pytest.raises(BuildError, match=r"Gates failed\."):
        registry.add("novin", copy / "release")


def test_the_registry_takes_what_the_record_names_and_nothing_else(copy):
    """Such as what ``swift test`` has built in the package, with its links."""
    record = read_release(copy / "release")
    products = copy / "release" / ".build" / "debug"
    (copy / "release" / ".swift").mkdir()
    (copy / "release" / ".swift" / "debug").symlink_to(products, target_is_directory=True)
    version = Registry(copy / "registry").add("novin", copy / "release")
    assert {*version.files} == {*record["files"], RECORD}


@pytest.mark.parametrize("name", ["../outside", "/outside", "door/../../outside", "", "a\\b"])
def test_a_record_names_no_file_outside_its_folder(copy, name):
    place = copy / "release" / RECORD
    document = json.loads(place.read_text())
    (copy / "outside").write_text("")
    document["files"][name] = [0, hashlib.sha256().hexdigest()]
    place.write_text(json.dumps(document))
    with pytest.raises(BuildError, match="must be the record of a release"):
        Registry(copy / "registry").add("novin", copy / "release")
    assert not (copy / "registry").exists()


@pytest.mark.parametrize(
    "change", [{"protocol": "1"}, {"files": {"a": 1}}, {"files": {"a": ["1", "x"]}}]
)
def test_a_damaged_record_is_named(copy, change):
    place = copy / "release" / RECORD
    place.write_text(json.dumps(json.loads(place.read_text()) | change))
    with pytest.raises(BuildError, match="must be the record of a release"):
        read_release(copy / "release")


def test_a_released_version_that_knows_all_homes_is_not_compared(copy):
    registry = Registry(copy / "registry")
    registry.add("novin", copy / "release")
    registry.promote("novin", 1)
    text = '[registry]\nfolder = "registry"\nname = "novin"\n[data]'
    # Only homes that it was trained on are left to test on.
    model = load_estimator(copy / "release" / "door")
    events = read_events(copy / "events.jsonl")
    write_events(events[~rows_of_new_homes(model, events)], copy / "events.jsonl")
    change(copy, "epochs = 5", "epochs = 1")
    result = build(change(copy, "[data]", text), copy / "new")
    (failed,) = [each for each in result.failed if each.gate == "against the released version"]
    assert "Name some under [data.frozen]" in failed.got


#: Kills the process before it moves a file of this name to its place.
KILLED = """
import os, signal, sys
from novin_ml.lifecycle import build
replace = os.replace
def killed(source, target, **options):
    if os.fspath(target).endswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(source, target, **options)
os.replace = killed
build(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize(
    ("file", "kept"),
    [("door.thresholds.json", ["read", "train"]), ("door.card.md", ["read", "train", "decide"])],
)
def test_a_build_that_is_killed_goes_on_where_it_stopped(built, tmp_path, file, kept):
    out = tmp_path / "release"
    command = [sys.executable, "-c", KILLED, str(built.folder / "novin.toml"), str(out), file]
    done = subprocess.run(command, check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL
    assert (out / NOT_RELEASED).read_text() == "The build is not done.\n"
    with pytest.raises(BuildError, match="The build is not done"):
        read_release(out)
    again = build(built.folder / "novin.toml", out)
    assert [name for name, state in states(again).items() if state == "kept"] == [
        f"door: {step}" for step in kept
    ]
    assert again.sha256 == built.result.sha256


#: No file of the process may pass so many bytes, as on a disk that is full.
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, -1))
from novin_ml.cli._program import main
main()
"""


def test_a_full_disk_is_named_and_what_was_made_stays(built, tmp_path):
    out = tmp_path / "release"
    arguments = ["build", str(built.folder / "novin.toml"), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *arguments],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == f"Error: {out / 'door.html'}: File too large. Free some space."
    assert "door: decide: done" in done.stdout
    assert (out / NOT_RELEASED).is_file()
    assert json.loads((out / LOG).read_text())["state"] == "failed"
    again = build(built.folder / "novin.toml", out)
    assert states(again)["door: decide"] == "kept"
    assert again.sha256 == built.result.sha256


def test_two_builds_do_not_write_into_one_folder(copy):
    with (
        locked(copy / "release" / WORK),
        pytest.raises(BuildError, match="Got one that another build writes into"),
    ):
        build(copy / "novin.toml", copy / "release")
    assert read_release(copy / "release")


def test_models_that_are_no_longer_declared_are_removed(copy):
    file = change(copy, "[models.door", "[models.porch")
    (copy / "release" / "notes.txt").write_text("mine")
    again = build(file.rename(copy / "new.toml"), copy / "release")
    assert again.released
    assert not [*(copy / "release").glob("door*")]
    assert (copy / "release" / "notes.txt").read_text() == "mine"
    assert "notes.txt" not in read_release(copy / "release")["files"]
