"""Every command takes labels, ids, locations and paths as they are, in each encoding."""

import importlib.util
import io
import json
import re
import sys
import tomllib
import unicodedata

import pytest
from rich.cells import cell_len

from novin_ml.cli import main
from novin_ml.cli.app import COMMANDS
from novin_ml.estimators import get_weights, model_sha256
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.federated import Update, write_update
from novin_ml.lifecycle import load_estimator
from novin_ml.texts import in_shell, in_terminal, visible
from tests.events.doors.recordings import Recording, write_home
from tests.test_texts import ENCODINGS, JOINERS

LABELS = {"delivery": "delivery", "no_delivery": "_[red]=1+1 \u623f|$a$<b>`x`\u202e"}
HOME = "[/] \u623f @h\x1b[31m"
PLACE = "front_door [link=x]\u202e"
#: A folder whose name is no text, but a path.
FOLDER = "[red]\u623f `x` $a_b$ =1|<b>\udcff"


def call(encoding, *arguments):
    """Run the program on a pipe of an encoding, 80 columns wide; return what it prints."""
    streams = [io.BytesIO(), io.BytesIO()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        patch.setattr(sys, "argv", ["novin-ml", *map(str, arguments)])
        pipes = [io.TextIOWrapper(each, encoding, write_through=True) for each in streams]
        patch.setattr(sys, "stdout", pipes[0])
        patch.setattr(sys, "stderr", pipes[1])
        patch.setattr("signal.signal", lambda *given: None)
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        out, err = (each.getvalue().decode(encoding) for each in streams)
    for letter in (out + err).replace("\n", ""):
        kind = unicodedata.category(letter)
        assert letter in JOINERS or kind not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return code, out, err


COMMANDS_CALLED: set[str] = set()


def ok(encoding, *arguments):
    """Return what a command prints that must succeed."""
    code, out, err = call(encoding, *arguments)
    assert code == 0, err
    COMMANDS_CALLED.update({arguments[0], " ".join(map(str, arguments[:2]))})
    return out


def with_texts(plain, rows, labels=None):
    """Write events with ids, locations and labels of users."""
    events = [json.loads(line) for line in plain.read_text().splitlines()]
    for event in events:
        event["home_id"] = f"{HOME}{event['home_id']}"
        for each in (event, *event.get("events", [])):
            each.setdefault("metadata", {})["location"] = PLACE
        for name in ("label", "clean_label"):
            if event.get(name) is not None:
                event[name] = (labels or {}).get(event[name], event[name])
    rows.write_text("".join(json.dumps(event) + "\n" for event in events))


def shows_whole(out, text, encoding):
    """A text is not folded in a word, and stands where it is expected."""
    for word in in_terminal(text, encoding).split():
        assert word in out


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    return folder


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_path_of_a_classifier(encoding, work):
    plain, rows, model = work / "plain.jsonl", work / "events.jsonl", work / "model"
    page, card, exported = work / "r.html", work / "c.md", work / "delivery.mlmodel"
    out = ok(encoding, "generate", "delivery", "--samples", 600, "--out", plain)
    assert in_terminal(plain, encoding) in out
    with_texts(plain, rows, LABELS)

    parts = [work / name for name in ("train.jsonl", "test.jsonl")]
    out = ok(encoding, "split", rows, "--train", parts[0], "--test", parts[1])
    assert all(in_terminal(part, encoding) in out for part in parts)
    ok(encoding, "features", "delivery", rows, "--out", work / "f.csv")
    out = ok(encoding, "train", "delivery", rows, "--out", model, "--epochs", 3)
    assert f"saved to {in_terminal(model, encoding)}" in out
    shows_whole(ok(encoding, "evaluate", model, rows), rows, encoding)
    out = ok(encoding, "compare", model, model, rows, "--out", work / "d.csv")
    shows_whole(out, LABELS["no_delivery"], encoding)
    out = ok(encoding, "threshold", model, rows, "--error-rate", 0.2)
    shows_whole(out, LABELS["no_delivery"], encoding)
    ok(encoding, "report", model, "--data", rows, "--out", page, "--card", card)
    ok(encoding, "score", model, rows, "--out", work / "s.csv")
    name = LABELS["no_delivery"]
    shows_whole(ok(encoding, "explain", model, rows, "--label", name), name, encoding)
    ok(encoding, "export", model, "--out", exported, "--card-from", rows)
    ok(encoding, "verify", exported)
    for path in (page, card, work / "s.csv", exported.with_suffix(".card.md")):
        path.read_text(encoding="utf-8")
    package = work / "Swift $p"
    out = ok(encoding, "ios", exported, "--out", package)
    assert f"cd {in_terminal(in_shell(package), encoding)} && swift test" in out
    code, _, err = call(encoding, "evaluate", work / "nothing", rows)
    assert code == 2
    assert in_terminal(work / "nothing", encoding) in err


@pytest.mark.parametrize(
    ("encoding", "family", "kept"), [("ascii", "chains", "no_pattern"), ("cp1252", "motion", "pet")]
)
def test_labels_of_other_families(encoding, family, kept, work):
    plain, rows, model = work / "plain.jsonl", work / "rows.jsonl", work / "model"
    ok(encoding, "generate", family, "--samples", 300, "--out", plain)
    names = [label for label in FAMILIES[family].labels if label != kept]
    labels = {name: f"_[/red]{i}$\u623f|<b>{name}" for i, name in enumerate(names)}
    with_texts(plain, rows, labels)
    ok(encoding, "features", family, rows, "--out", work / "f.csv")
    out = ok(encoding, "train", family, rows, "--out", model, "--epochs", 2)
    out += ok(encoding, "evaluate", model, rows)
    shows_whole(out, " ".join(labels.values()), encoding)
    ok(encoding, "report", model, "--data", rows, "--out", work / "r.html")


def test_ids_of_homes_with_baselines(work):
    plain, rows, baselines = work / "plain.jsonl", work / "rows.jsonl", work / "baselines"
    arguments = ["--homes", 2, "--weeks", 4, "--out", plain]
    ok("ascii", "generate", "behavior", *arguments)
    with_texts(plain, rows)
    ok("ascii", "features", "behavior", rows, "--out", work / "f.csv")
    out = ok("ascii", "train", "behavior", rows, "--by", "home_id", "--out", baselines)
    out += ok("cp1252", "score", baselines, rows, "--out", work / "s.csv")
    assert in_terminal(baselines, "ascii") in out
    code, _, err = call("ascii", "explain", baselines, rows, "--home", "[/] nobody \u623f")
    assert code == 2
    assert "[/] nobody \\u623f" in err


def test_a_plan_of_odd_names(work):
    rows, prices, plot = work / "events.jsonl", work / "p.toml", work / "plan.svg"
    ok("ascii", "generate", "delivery", "--samples", 100, "--out", rows)
    entry = f'[hardware.x]\nname = {json.dumps(LABELS["no_delivery"])}\nper = "owned"\n'
    prices.write_text(f"date = 2026-11-01\n{entry}dollars = [0]\n", encoding="utf-8")
    given = ["--from", rows, "--prices", prices, "--hardware", "x", "--plot", plot]
    out = ok("ascii", "plan", *given, "--stage", "auto", "--what-if", "rows=2x")
    shows_whole(out, LABELS["no_delivery"], "ascii")
    assert f"wrote {in_terminal(plot, 'ascii')}" in out


def test_a_build_of_odd_names(work):
    plain, rows, file = work / "plain.jsonl", work / "events.jsonl", work / "novin.toml"
    ok("ascii", "generate", "delivery", "--samples", 600, "--out", plain)
    with_texts(plain, rows, LABELS)
    out = ok("ascii", "init", rows, "--out", file)
    assert f"novin-ml build {in_terminal(in_shell(file), 'ascii')}" in out
    text = file.read_text(encoding="utf-8")
    text = text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }")
    file.write_text(text.replace('# min_recall = { "delivery" = 0.8 }', "min_recall = { @ = 0 }"))
    file.write_text(file.read_text().replace("@", json.dumps(LABELS["no_delivery"])))
    file.write_text(file.read_text().replace("events.jsonl", "event*.jsonl"))
    out = ok("ascii", "build", file, "--out", work / "release")
    shows_whole(out, LABELS["no_delivery"], "ascii")
    assert f"released to {in_terminal(work / 'release', 'ascii')}" in out
    key, signed = work / "key [red] \u623f", work / "$signed [/]"
    COMMANDS_CALLED.update(("keygen", "sign"))
    if importlib.util.find_spec("cryptography") is None:
        code, _, err = call("ascii", "keygen", key)
        assert code == 2
        assert "novin-ml[signing]" in err
        return
    assert in_terminal(key, "ascii") in ok("ascii", "keygen", key)
    sign = ["sign", work / "release", "--key", key, "--version", 1, "--out", signed]
    assert in_terminal(signed, "cp1252") in ok("cp1252", *sign)
    public = key.with_name(f"{key.name}.pub")
    assert in_terminal(signed, "ascii") in ok("ascii", "verify", signed, "--public-key", public)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_doctor(encoding):
    assert "scikit-learn" in ok(encoding, "doctor")


def test_a_retraining_of_odd_names(work):
    plain, rows, file = work / "plain.jsonl", work / "events.jsonl", work / "novin.toml"
    ok("ascii", "generate", "delivery", "--samples", 600, "--out", plain)
    with_texts(plain, rows, LABELS)
    ok("ascii", "init", rows, "--frozen", 3, "--out", file)
    text = file.read_text(encoding="utf-8")
    assert json.dumps(HOME)[1:-1].split("\\")[0] in text
    text = text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }")
    file.write_text(text, encoding="utf-8")
    out = ok("cp1252", "retrain", file, "--out", work / "challenger")
    assert "promoted: version 1: first version" in out
    motion = next(
        event for event in map(json.loads, rows.read_text().splitlines()) if event.get("label")
    )
    said = {"home_id": motion["home_id"], "timestamp": motion["timestamp"], "answer": "real"}
    (work / "said.jsonl").write_text(json.dumps(said | {"label": LABELS["no_delivery"]}))
    out = ok("ascii", "answers", work / "said.jsonl", "--build", file)
    assert in_terminal(work / "answers.csv", "ascii") in out
    out = ok("ascii", "forget", motion["home_id"], work, "--record", work / "r.json")
    assert in_terminal(rows, "ascii").split()[-1] in out
    code, _, err = call("ascii", "forget", motion["home_id"], work, "--record", work / "r.json")
    assert code == 0 or in_terminal(motion["home_id"], "ascii") in err


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_versions_in_a_registry(encoding, work):
    for number in (1, 2):
        (work / f"release{number}").mkdir()
        (work / f"release{number}/[b]\u623f.md").write_text(f"version {number}")
        ok(encoding, "registry", "add", work / "registry", "delivery", work / f"release{number}")
    folder, reason = work / "registry", "[red]\u623f \x1b[31m"
    shows_whole(ok(encoding, "registry", "show", folder, "delivery"), "[b]\u623f.md", encoding)
    shows_whole(
        ok(encoding, "registry", "diff", folder, "delivery", 1, 2), "[b]\u623f.md", encoding
    )
    for number in (1, 2):
        out = ok(encoding, "registry", "promote", folder, "delivery", number, "--reason", reason)
        assert in_terminal(reason, encoding) in out
    ok(encoding, "registry", "rollback", folder, "delivery", "--reason", reason)
    ok(encoding, "registry", "list", folder)
    ok(encoding, "registry", "verify", folder)
    ok(encoding, "registry", "gc", folder, "--keep", 1)
    if importlib.util.find_spec("mlflow") is None:
        store = work / "mlflow.db"
        code, _, err = call(encoding, "registry", "mlflow", folder, "delivery", "--store", store)
        assert code == 2
        assert "novin-ml[mlflow]" in err
    COMMANDS_CALLED.add("registry mlflow")
    assert call(encoding, "registry", "list", folder, "--name", "[/]\u623f")[0] == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_rollout_of_odd_names(encoding, work):
    plan, homes, variant = work / "plan.json", work / "homes.csv", "[red]\u623f \x1b[31m"
    homes.write_text(f'home_id\n"{HOME}1"\n"{HOME}2"\n', encoding="utf-8")
    ok(encoding, "rollout", "plan", plan, "7")
    shows_whole(ok(encoding, "rollout", "plan", plan, variant, "--share", 0.5), variant, encoding)
    out = ok(encoding, "rollout", "assign", plan, homes, "--out", work / "v.csv")
    shows_whole(out, variant, encoding)
    table = work / "o.csv"
    rows = [f'"{HOME}{home}",2026-03-01,{"7" if home % 2 else variant},1' for home in range(4)]
    table.write_text("\n".join(["home_id,date,variant,value", *rows]), encoding="utf-8")
    out = ok(encoding, "rollout", "look", table, "--control", "7", "--candidate", variant)
    shows_whole(out, variant, encoding)


def test_drift_and_shadow_of_odd_names(work):
    plain, rows = work / "plain.jsonl", work / "events.jsonl"
    ok("ascii", "generate", "delivery", "--samples", 600, "--out", plain)
    with_texts(plain, rows, LABELS)
    for epochs in (2, 3):
        model = work / f"model{epochs}"
        ok("ascii", "train", "delivery", rows, "--out", model, "--epochs", epochs)
    versions = ["--version", work / "model2", "--version", work / "model3"]
    out = ok("ascii", "rollout", "shadow", rows, *versions, "--out", work / "s.csv")
    shows_whole(out, LABELS["no_delivery"], "ascii")
    page = work / "drift.html"
    out = ok("cp1252", "drift", rows, rows, "--model", work / "model2", "--out", page)
    assert in_terminal(page, "cp1252") in out
    page.read_text(encoding="utf-8")


def test_a_federation_of_odd_names(work):
    plain, rows, inbox = work / "plain.jsonl", work / "motions.jsonl", work / "inbox"
    ok("ascii", "generate", "motion", "--samples", 400, "--homes", 8, "--out", plain)
    with_texts(plain, rows)
    simulate = ["federated", "simulate", rows, "--out", work / "model", "--plot", work / "c.svg"]
    out = ok("ascii", *simulate, "--rounds", 1)
    assert in_terminal(work / "c.svg", "ascii") in out
    model = load_estimator(work / "model")
    values = get_weights(model)
    of = bytes.fromhex(model_sha256(model))
    write_update(Update(values, 7, of), inbox / "[red]\u623f $a$")
    (inbox / "_[link=x]\u202e\udcff").write_bytes(b"no update")
    aggregate = ["federated", "aggregate", inbox, "--model", work / "model", "--min-updates", 1]
    out = ok("cp1252", *aggregate, "--out", work / "new", "--report", work / "report.json")
    shows_whole(out, "_[link=x]\u202e\udcff", "cp1252")
    assert in_terminal(work / "report.json", "cp1252") in out


def test_a_prior_of_homes_of_odd_names(work):
    plain, rows, prior = (
        work / "homes.jsonl",
        work / "habits.jsonl",
        work / "prior [red] \u623f.json",
    )
    ok("ascii", "generate", "behavior", "--homes", 2, "--weeks", 1, "--out", plain)
    with_texts(plain, rows)
    out = ok("ascii", "federated", "prior", rows, "--min-homes", 1, "--out", prior)
    assert in_terminal(prior, "ascii") in out
    train = ["train", "behavior", rows, "--monitor", "--prior", prior, "--out", work / "first"]
    assert call("cp1252", *train)[0] in (0, 2)  # of several homes it asks which one


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_sensors_of_odd_names(encoding, work):
    """Names of entities and areas, and a path, as another program lets users write them."""
    name = "binary_sensor.a'\"; DROP TABLE states; [red]\u623f\u202e"
    recording = Recording(99, start=1.7e9)
    for state, time in (("off", 1_700_001_000.0), ("on", 1_700_001_005.0)):
        recording.add(name, state, time, device_class="motion", friendly_name=f"{PLACE} x")
        recording.add("binary_sensor.[b]", state, time, device_class="tamper")
    recording.write(work / "home-assistant_v2.db")
    out = ok(
        encoding, "import", "home-assistant", work, "--home", HOME, "--out", work / "events.jsonl",
        "--timezone", "Europe/Berlin", "--write-mapping", work / "mapping.toml",
    )  # fmt: skip
    assert in_terminal(work / "mapping.toml", encoding) in out
    _, _, err = call(
        encoding, "import", "home-assistant", work, "--home", HOME, "--out", work / "again.csv",
        "--timezone", "Europe/Berlin",
    )  # fmt: skip
    assert err.count("has the schema 99; 50 is the newest that is tested") == 1
    assert err.startswith("Warning: ")
    shows_whole(out, "binary_sensor.[b]", encoding)
    mapping = tomllib.loads((work / "mapping.toml").read_text(encoding="utf-8"))
    assert mapping["entities"][name] == {"kind": "motion", "zone": "front_door"}
    page, plot = work / "page.html", work / "week.svg"
    write_home(work / "home")
    out = ok(encoding, "home", work / "home", "--home", HOME, "--out", page, "--plot", plot)
    assert in_terminal(page, encoding) in out
    assert visible(HOME).replace("_", "_<wbr>") in page.read_text(encoding="utf-8")
    (event,) = map(json.loads, (work / "events.jsonl").read_text().splitlines())
    assert (event["home_id"], event["metadata"]["location"]) == (HOME, f"{PLACE} x")


#: A line or two of each format, with names that users chose; the home is in Chicago.
LOGS = {
    "frigate": [{"id": "1700000000-a", "camera": PLACE, "label": "person", "zones": [],
                 "start_time": 1.7e9, "sub_label": "ups", "data": {}},
                {"id": "1700000001-a", "camera": PLACE, "label": "[red]\u623f", "zones": [],
                 "start_time": 1.7e9}],
    "ha-history": [[{"entity_id": "binary_sensor.[red]\u623f door", "last_changed": f"{time}Z",
                     "state": state, "attributes": {"friendly_name": PLACE}}
                    for state, time in (("off", "2024-01-01T10:00:00"),
                                        ("on", "2024-01-01T10:00:05"))]],
    "casas": "2024-01-01 10:00:00 [red]\u623f ON\n2024-01-01 10:00:00 [red]\u623f [b]\n",
    "ring": [{"id": 2, "kind": "ding", "created_at": "2024-01-01T10:00:00Z",
              "doorbot": {"description": PLACE}}],
    "nest": {"timestamp": "2024-01-01T10:00:00Z", "resourceUpdate": {
        "name": PLACE, "events": {"sdm.devices.events.DoorbellChime.Chime": {}}}},
    "zigbee2mqtt": '2024-01-01T10:00:00Z zigbee2mqtt/[red]\u623f {"occupancy": true}\n',
}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_logs_of_odd_names(encoding, work):
    for door, content in LOGS.items():
        path, out = work / f"{door} [red]\u623f", work / "out.jsonl"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        options = ["--home", HOME, "--out", out, "--timezone", "America/Chicago"]
        by_name = ok(encoding, "import", door, path, *options)
        assert in_terminal(out, encoding) in by_name
        written = out.read_bytes()
        by_content = ok(encoding, "import", "auto", path, *options)
        assert by_content.startswith(f"recognised {door} by its ")
        assert out.read_bytes() == written
        assert json.loads(written)["home_id"] == HOME


def test_a_federation_over_a_network_of_odd_names(work):
    """Without flwr each command says what it needs; with it, what is wrong with its files."""
    here, missing = [work / "rows", "--home", HOME], work / "no [red] \u623f"
    client = ["client", *here, "--superlink", "localhost:1", "--ca", missing, "--key", missing]
    server = ["server", missing, "--state", work / "s", "--out", work / "o", "--ca", missing]
    server += ["--certificate", missing, "--key", missing]
    for arguments in (client, server):
        code, _, err = call("ascii", "federated", *arguments)
        assert code == 2
        assert "novin-ml[federated]" in err or "parameter must name" in err
        COMMANDS_CALLED.add(f"federated {arguments[0]}")


def test_the_demo_and_its_gate(work):
    """Labels of all families at 80 columns, and the gate that a bad model does not pass."""
    arguments = ["--samples", 400, "--algorithm", "boosting", "--out", work / "demo"]
    code, out, err = call("ascii", "demo", *arguments, "--min-accuracy", 1.0, "--min-gain", 1)
    assert code == 1
    assert "delivery_boosting has an accuracy of" in err
    assert "chains_boosting finds" in err
    COMMANDS_CALLED.add("demo")
    path = work / "demo" / "motion_boosting.mlmodel"
    assert f"novin-ml verify {in_terminal(in_shell(path), 'ascii')}" in out
    cells = {cell.strip() for line in out.splitlines() for cell in re.split("[|\u2502]", line)}
    for family in classifier_families().values():
        if len(family.labels) > 2:
            assert cells >= {*family.labels}
    assert all(cell_len(line) <= 80 for line in out.splitlines() if line[:1] in "|+")


def test_every_command_was_called():
    """A new command is called by one of the tests above, which run before this one."""
    known = {
        name if callable(found) else f"{name} {kind}"
        for name, found in COMMANDS.items()
        for kind in ([""] if callable(found) else found)
    }
    if "demo" not in COMMANDS_CALLED or "split" not in COMMANDS_CALLED:
        pytest.skip("Only a part of this module runs.")
    assert known <= COMMANDS_CALLED
