"""Write the files that mutations begin with: ``python -m tests.fuzz.seeds``.

They are kept, so that a run with one seed is the same on every machine. What is made anew is kept
beside what was, if it is of another format.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, export_coreml
from novin_ml.compute import read_times
from novin_ml.estimators import HomeMonitor, make_behavior_pipeline, make_delivery_pipeline
from novin_ml.events import (
    Signals,
    Vocabulary,
    chains_from_events,
    write_chains,
    write_events,
    write_signals,
)
from novin_ml.features import training_rows
from novin_ml.federated import Update, write_update
from novin_ml.lifecycle import (
    Assignment,
    Registry,
    draft_declaration,
    fit_fleet,
    save_baseline,
    save_estimator,
)
from novin_ml.simulation import simulate_behavior, simulate_deliveries
from tests.estimators.tables import table
from tests.events.doors.recordings import Recording, write_registries
from tests.fuzz.target import CORPUS


def place(target: str, name: str) -> Path:
    """Return where a seed goes; nothing is there."""
    path = CORPUS / target / "seeds" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return path


def lines(*documents: object) -> str:
    """Return JSON lines."""
    return "".join(json.dumps(each) + "\n" for each in documents)


def of_events() -> None:
    """Write events, signals and chains."""
    events = simulate_deliveries(40, n_homes=2, random_state=0).reset_index(drop=True)
    # Each row tells which one it is.
    events["home_id"] = [f"home_{row}" for row in range(len(events))]
    if "raw" in events:
        events["raw"] = [None if raw is None else raw[:12] for raw in events["raw"]]
    for suffix in ("jsonl", "csv", "parquet"):
        write_events(events.head(24), place("events", f"lines.{suffix}"))
    written = place("events", "lines.jsonl")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        write_events(events.head(24), path)
        rows = path.read_text().splitlines()
    written.write_text("\n".join(rows) + "\n")
    place("events", "packed.jsonl.gz").write_bytes(gzip.compress(written.read_bytes(), mtime=0))
    listed = [json.loads(row) for row in rows[:6]]
    place("events", "list.json").write_text(json.dumps(listed))
    place("events", "request.json").write_text(json.dumps({"events": listed}))
    place("one_event", "one.json").write_text(rows[0])
    place("one_event", "request.json").write_text(json.dumps({"events": listed[:2]}))
    chains = chains_from_events(events)
    write_chains(chains, place("chains", "chains.jsonl"))
    write_chains(chains, place("chains", "chains.parquet"))
    rng = np.random.default_rng(0)
    signals = Signals(rng.random(40, np.float32), np.array([0, 10, 10, 40]), np.full(3, 10.0))
    write_signals(signals, place("signals", "signals.npz"))
    write_signals(signals, place("signals", "signals.parquet"))


def of_doors() -> None:
    """Write what other programs keep."""
    start = 1_714_521_600.0
    for version in (25, 50):
        recording = Recording(version, start - 1000)
        for n in range(20):
            for name, kind in (("hall", "motion"), ("front_door", "door")):
                state = "on" if n % 2 else "off"
                recording.add(f"binary_sensor.{name}", state, start + 60 * n, device_class=kind)
        recording.add("alarm_control_panel.home", "armed_away", start)
        recording.write(place("doors", f"recorder_{version}.db"))
    folder = place("home_assistant", "config")
    write_registries(
        folder,
        entities=[
            {"entity_id": "binary_sensor.hall", "device_id": "d", "area_id": None, "id": "1"}
        ],
        devices=[{"id": "d", "area_id": "a", "name": "Hall sensor"}],
        areas=[{"area_id": "a", "id": "a", "name": "Hall"}],
    )
    shutil.copy(CORPUS / "doors/seeds/recorder_50.db", folder / "home-assistant_v2.db")
    states = [
        {"entity_id": "binary_sensor.hall", "state": s, "last_changed": f"2024-05-01T10:0{n}:00Z",
         "attributes": {"device_class": "motion"}}
        for n, s in enumerate(("off", "on", "off", "on"))
    ]  # fmt: skip
    place("doors", "history.json").write_text(json.dumps([states]))
    place("doors", "history.csv").write_text(
        "entity_id,state,last_changed\n"
        + "".join(f"{s['entity_id']},{s['state']},{s['last_changed']}\n" for s in states)
    )
    place("doors", "logbook.json").write_text(
        json.dumps(
            [
                {
                    "when": s["last_changed"],
                    "entity_id": s["entity_id"],
                    "state": s["state"],
                    "name": "Hall",
                }
                for s in states
            ]
        )
    )
    place("doors", "casas.txt").write_text(
        "".join(
            f"2010-11-04 00:0{n}:50.209589 M00{n} {'ON' if n % 2 else 'OFF'}\n" for n in range(9)
        )
    )
    place("doors", "ring.json").write_text(
        json.dumps(
            [
                {
                    "id": n,
                    "kind": ("ding", "motion")[n % 2],
                    "created_at": f"2024-05-01T10:0{n}:00Z",
                    "answered": False,
                    "duration": 12.5,
                    "doorbot": {"id": 3, "description": "Front Door"},
                }
                for n in range(6)
            ]
        )
    )
    place("doors", "nest.jsonl").write_text(
        lines(
            *(
                {
                    "eventId": str(n),
                    "timestamp": f"2024-05-01T10:0{n}:00.5Z",
                    "resourceUpdate": {
                        "name": "enterprises/p/devices/d",
                        "events": {
                            "sdm.devices.events.DoorbellChime.Chime": {
                                "eventSessionId": "s",
                                "eventId": "e",
                            }
                        },
                    },
                }
                for n in range(6)
            )
        )
    )
    place("doors", "zigbee.txt").write_text(
        "".join(
            f"2024-05-01T10:0{n}:00Z zigbee2mqtt/hall {json.dumps({'occupancy': n % 2 == 0})}\n"
            for n in range(8)
        )
    )
    place("doors", "frigate.json").write_text(
        json.dumps(
            [
                {
                    "id": f"{start + n}-a",
                    "camera": "porch",
                    "label": "person",
                    "start_time": start + n,
                    "end_time": start + n + 5.0,
                    "zones": ["door"],
                    "score": 0.8,
                    "sub_label": None,
                    "data": {"score": 0.8, "top_score": 0.9},
                }
                for n in range(5)
            ]
        )
    )


def of_settings() -> None:
    """Write what people write by hand, and what tools write for tools."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.jsonl")
        write_events(simulate_deliveries(2_000, random_state=0), data)
        draft_declaration(data, Path(folder, "novin.toml"))
        text = Path(folder, "novin.toml").read_text(encoding="utf-8")
    place("declaration", "novin.toml").write_text(text.replace(folder, "."))
    place("vocabulary", "own.toml").write_text(
        'name = "ours"\nextends = "home"\nmatching = "words"\n\n[[kinds]]\nname = "meow"\n'
        'texts = ["yowl"]\n\n[[zones]]\nname = "attic"\naliases = ["loft"]\n'
    )
    place("vocabulary", "home.toml").write_text(_toml_of(Vocabulary.home()))
    place("mapping", "mapping.toml").write_text(
        '[entities."binary_sensor.hall"]\nkind = "motion"\nzone = "hallway"\nhold = 30.0\n\n'
        '[areas."Flur"]\nzone = "hallway"\n\n[home_mode]\nentity = "alarm_control_panel.home"\n'
        'states = { armed_away = "away", disarmed = "home" }\n'
    )
    place("hardware", "hardware.toml").write_text(
        'date = 2025-10-01\nsource = "x"\n\n[hardware.box]\nname = "Box"\nkind = "desktop"\n'
        'per = "once"\ndollars = [100, 200]\ncores = 4\nspeed = 1.5\n\n[prices]\n'
        "storage_gb_month = 0.02\n"
    )
    place("times", "times.json").write_text(_times())
    Assignment.start("a", key=bytes(16)).with_share("b", 0.2).save(
        place("assignment", "assignment.json")
    )
    place("answers", "answers.csv").write_text(
        "home_id,timestamp,label,answer,answered\n"
        "h1,1714521600,delivery,nothing,1714521700\nh2,2024-05-01T00:00:00Z,theft,real,\n"
    )
    place("answers", "answers.jsonl").write_text(
        lines({"home_id": "h1", "timestamp": 1714521600, "label": "delivery", "answer": "real"})
    )
    write_update(
        Update(np.linspace(0, 1, 40, dtype=np.float32), 20, bytes(32)),
        place("update", "one.novinupdate"),
    )


def _toml_of(vocabulary: Vocabulary) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "v.toml")
        vocabulary.to_toml(path)
        return path.read_text(encoding="utf-8")


def _times() -> str:
    times = read_times()
    runs = [
        {"task": task, "rows": rows, "cores": cores, "seconds": seconds}
        for task, rows, cores, seconds in times.runs[:12]
    ]
    return json.dumps({"format": 1, "machine": "m", "day": "2025-11-01", "facts": {}, "runs": runs})


def of_models() -> None:
    """Write saved estimators, a fleet, exports and a registry."""
    X, y = table(300, n_classes=3, missing=0.1)
    for learner in ("boosting", "mlp", "blend", "forest"):
        model = DeliveryClassifier(learner, epochs=2, random_state=0).fit(X, y)
        save_estimator(model, place("saved", f"{learner}.novin"))
    small = DeliveryClassifier("boosting", epochs=2, random_state=0).fit(X, y)
    save_estimator(small, place("saved", "folder"))
    export_coreml(small, place("export", "boosting") / "model.mlmodel")
    network = DeliveryClassifier(
        "mlp", epochs=2, random_state=0, learner_params={"hidden_layer_sizes": (4,)}
    ).fit(X, y)
    made = export_coreml(network, place("export", "updatable") / "model.mlmodel", updatable=True)
    shutil.copy(made.model, place("spec", "updatable.mlmodel"))
    with tempfile.TemporaryDirectory() as folder:
        for name, model in _of_others():
            made = export_coreml(model, Path(folder, f"{name}.mlmodel"))
            shutil.copy(made.model, place("spec", f"{name}.mlmodel"))
            if name in ("forest", "pipeline"):
                target = place("export", name)
                target.mkdir(parents=True)
                for path in Path(folder).glob(f"{name}.*"):
                    copy = shutil.copytree if path.is_dir() else shutil.copy
                    copy(path, target / path.name)
    events = simulate_behavior(2, weeks=1, random_state=1).assign(consent=True)
    log = events[events["home_id"] == events["home_id"].iloc[0]]
    fit_fleet(
        events, out=place("fleet", "fleet"), random_state=0,
        estimator=make_behavior_pipeline(n_estimators=3, max_samples=32),
    )  # fmt: skip
    monitor = HomeMonitor(n_estimators=3, random_state=0).fit(log)
    save_baseline(monitor, place("saved", "monitor.novin"))
    pipeline = make_delivery_pipeline(epochs=2, random_state=0)
    rows, _ = training_rows(simulate_deliveries(200, random_state=0))
    save_estimator(pipeline.fit(rows, rows["label"]), place("saved", "pipeline.novin"))
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(place("registry", "registry"))
        for accuracy in (0.9, 0.95):
            Path(folder, "thresholds.json").write_text(json.dumps({"delivery": accuracy}))
            version = registry.add("delivery", folder, facts={"accuracy": accuracy})
            registry.promote("delivery", version.number, reason="better")


def of_releases() -> None:
    """Write a manifest of a release, whose signature is made at each run, and files of others."""
    import lightgbm
    import skops.io
    import xgboost
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    folder = place("release", "release")
    folder.mkdir(parents=True)
    content = b"a model"
    (folder / "delivery.mlmodel").write_bytes(content)
    manifest = {
        "kind": "novin_ml signed release", "protocol": 1, "name": "delivery", "version": 3,
        "min_app_version": "2.1", "expires": "2999-01-01T00:00:00+00:00",
        "files": {"delivery.mlmodel": [len(content), hashlib.sha256(content).hexdigest()]},
        "golden": {"delivery": {"inputs": ["a"], "rows": [[0.5]], "answers": [[0.25, 0.75]]}},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    X, y = table(100, n_classes=3)
    X = np.nan_to_num(X)[:, :3]
    for name, model in (
        ("tree", DecisionTreeClassifier(max_depth=2)),
        ("lr", LogisticRegression()),
    ):
        skops.io.dump(model.fit(X, y), place("model_file", f"{name}.skops"))
    booster = xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(X, y)
    for suffix in ("json", "ubj"):
        booster.save_model(place("model_file", f"booster.{suffix}"))
    trained = lightgbm.LGBMClassifier(n_estimators=2, num_leaves=3, verbose=-1).fit(X, y)
    trained.booster_.save_model(place("model_file", "booster.txt"))


def _of_others():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = table(200, n_classes=3)
    X = np.nan_to_num(X)[:, :4]
    yield "forest", RandomForestClassifier(3, max_depth=4, random_state=0).fit(X, y)
    yield "pipeline", make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    yield "isolation", BehaviorAnomalyDetector(n_estimators=3, random_state=0).fit(X)


if __name__ == "__main__":
    of_events()
    of_doors()
    of_settings()
    of_models()
    of_releases()
