"""All readers of files that others may have written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml import verify_coreml
from novin_ml.compute import read_hardware, read_times
from novin_ml.coreml import CoreMLRuntime, get_weights
from novin_ml.coreml.interface import CERTIFICATE_HASH, content_hash, set_metadata
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.events import (
    Vocabulary,
    events_from_json,
    read_chains,
    read_event,
    read_events,
    read_signals,
)
from novin_ml.events.doors import DoorMapping, find_door, read_home_assistant, recognise
from novin_ml.federated import read_update
from novin_ml.lifecycle import (
    Assignment,
    Registry,
    load_estimator,
    load_fleet,
    read_answers,
    read_declaration,
    verify_registry,
)
from novin_ml.store import folder_hash
from tests.fuzz.mutation.archives import MANIFEST, with_hashes
from tests.fuzz.target import CORPUS, Target

RELEASE = Path(__file__).parents[1] / "fixtures" / "v0_1"
PROTOCOL_1 = Path(__file__).parents[1] / "coreml" / "data" / "protocol_1"
_MOST_INPUTS = 100_000


class RowsLostError(Exception):
    """A valid row of a file is not in the table that was read of it."""


# Events.


@cache
def _known_lines(suffix: str) -> dict[bytes, tuple[str, float]]:
    """Return home and time of each line of the seeds, each of which is one event."""
    path = CORPUS / "events" / "seeds" / f"lines{suffix}"
    lines = path.read_bytes().splitlines()[suffix == ".csv" :]
    table = read_events(path)
    rows = zip(table["home_id"], table["timestamp"], strict=True)
    return dict(zip(lines, rows, strict=True))


def events(path: Path) -> None:
    """Read events; each line that nothing happened to must be a row."""
    table, report = read_events(path, return_report=True)
    assert len(table) == report.n_accepted
    assert report.n_read == report.n_accepted + report.n_rejected
    str(report)
    report.reasons()
    if path.suffix == ".jsonl" and len(table):
        content = path.read_bytes()
        known = _known_lines(".jsonl")
        expected = Counter(known[line] for line in content.split(b"\n") if line in known)
        read = Counter(zip(table["home_id"], table["timestamp"], strict=True))
        if lost := expected - read:
            raise RowsLostError(f"{lost} of {len(table)} rows")


def one_event(path: Path) -> None:
    """Read a request as an app sends it, as text and as a dict."""
    content = path.read_bytes()
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(content)
        if isinstance(document, dict):
            _named(read_event, document)
    events_from_json(content)


def _named(read: Any, *args: Any) -> None:
    from novin_ml.exceptions import NovinError

    with contextlib.suppress(NovinError):
        read(*args)


def doors(path: Path) -> None:
    """Read what a program kept, by its door."""
    door, _ = recognise(path)
    zone = "Europe/Berlin"
    _, report = door.read(path, home_id="h", timezone=zone)
    str(report)


#: Which door a file was of, before it was changed.
_DOOR_OF = {
    "casas": "casas", "frigate": "frigate", "history": "ha-history", "logbook": "ha-history",
    "nest": "nest", "recorder_25": "home-assistant", "recorder_50": "home-assistant",
    "ring": "ring", "zigbee": "zigbee2mqtt",
}  # fmt: skip


def named_doors(path: Path) -> None:
    """Read a file by the door that a user names, whatever it has become."""
    door = find_door(_DOOR_OF[path.stem.split("-")[0]])
    door.read(path, home_id="h", timezone="Europe/Berlin")


# Models.


def spec(path: Path) -> None:
    """Evaluate a model at zeros, and read its weights."""
    runtime = CoreMLRuntime(path)
    _ = runtime.metadata
    n_inputs = sum(_size(feature) for feature in runtime.spec.description.input)
    runtime.predict(np.zeros((2, min(n_inputs, _MOST_INPUTS))))
    _named(get_weights, path)


def _size(feature: Any) -> int:
    shape = feature.type.multiArrayType.shape
    return int(np.prod([max(0, min(n, _MOST_INPUTS)) for n in shape])) if len(shape) else 1


def seal_export(folder: Path) -> None:
    """Make all hashes of an export anew, from the reference to the model."""
    for reference in folder.glob("*.reference"):
        seal_store(reference)
        model = reference.with_suffix(".mlmodel")
        file = reference.with_suffix(".certificate.json")
        document = read_spec(model)
        certificate = json.loads(file.read_text(encoding="utf-8"))
        certificate["model_sha256"] = content_hash(document)
        certificate["reference_sha256"] = folder_hash(reference)
        text = json.dumps(certificate, indent=2) + "\n"
        file.write_text(text, encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        set_metadata(document, {CERTIFICATE_HASH: digest})
        model.write_bytes(document.SerializeToString(deterministic=True))


def seal_store(path: Path) -> None:
    """Make the hashes of a folder of ours anew."""
    if (path / MANIFEST).is_file():
        files = {each.name: each.read_bytes() for each in path.iterdir()}
        (path / MANIFEST).write_bytes(with_hashes(files)[MANIFEST])


def export(folder: Path) -> None:
    """Verify an export, as an app's build does."""
    for model in folder.glob("*.mlmodel"):
        verify_coreml(model)


def saved(path: Path) -> None:
    """Load an estimator, and let it answer."""
    model = load_estimator(path)
    learner = getattr(model, "learner_", None)
    if learner is not None:
        X = np.zeros((2, learner.n_features), dtype=np.float32)
        with np.errstate(all="ignore"):
            getattr(learner, "score_samples", getattr(learner, "predict_proba", None))(X)


def fleet(path: Path) -> None:
    """Open every home of a fleet."""
    homes = load_fleet(path)
    for home in homes:
        _ = homes[home]


def registry(path: Path) -> None:
    """List a registry, and look for its faults."""
    from novin_ml.exceptions import NovinError

    kept = Registry(path)
    verify_registry(kept)
    for name in kept.names():
        for read in (kept.versions, kept.promotions, kept.served):
            with contextlib.suppress(NovinError):
                read(name)
    for name in kept.names():
        kept.served(name)


def seal_registry(path: Path) -> None:
    """Make the seals of all records anew."""
    for file in (*path.rglob("version.json"), *path.rglob("promotion.json")):
        document = json.loads(file.read_bytes())
        document.pop("record_sha256", None)
        digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        file.write_text(json.dumps(document | {"record_sha256": digest}))


@cache
def _keys() -> tuple[Any, Path]:
    from novin_ml.lifecycle import generate_key
    from novin_ml.lifecycle.signing.keys import read_private

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    generate_key(folder / "key")
    return read_private(folder / "key"), folder / "key.pub"


def release(path: Path) -> None:
    """Check a release that somebody signed, whatever is in it."""
    import base64

    from novin_ml.lifecycle import verify_release

    private, public = _keys()
    if (path / MANIFEST).is_file():
        signature = private.sign((path / MANIFEST).read_bytes())
        (path / "manifest.sig").write_bytes(base64.b64encode(signature))
    verify_release(path, public, app_version="9", installed_version=0)


def update(path: Path) -> None:
    """Read the update of a home."""
    read_update(path)


def seal_update(path: Path) -> None:
    """Make the hash at the end of an update anew."""
    body = path.read_bytes()[:-32]
    path.write_bytes(body + hashlib.sha256(body).digest())


def model_file(path: Path) -> None:
    """Open the model of another library."""
    from novin_ml.coreml.model_files import open_model_file

    open_model_file(path)


_EXPORTS = (PROTOCOL_1, *(RELEASE / name for name in ("delivery", "behavior")))
_SPECS = tuple(sorted((RELEASE / "NovinModels/Sources/NovinModels/Models").glob("*.mlmodel")))
_SAVED = (
    *(RELEASE / f"{name}/model" for name in ("delivery", "chains", "behavior")),
    *(RELEASE / name for name in ("motion/model.novin", "motion/trees.novin")),
    RELEASE / "behavior/learning.novin",
)

TARGETS = {
    target.name: target
    for target in (
        Target("events", events, 10_000, 120),
        Target("one_event", one_event, 4_000, 80),
        Target("chains", read_chains, 2_000),
        Target("signals", read_signals, 2_000),
        Target("doors", doors, 3_000, 60),
        Target("named_doors", named_doors, 3_000, 60, like="doors"),
        Target(
            "home_assistant",
            lambda path: read_home_assistant(path, home_id="h"),
            1_500,
        ),
        Target("mapping", DoorMapping.from_toml, 1_000),
        Target("vocabulary", Vocabulary.from_toml, 1_000),
        Target("declaration", read_declaration, 1_500, 60),
        Target("hardware", read_hardware, 600),
        Target("times", read_times, 600),
        Target("answers", read_answers, 1_000),
        Target("assignment", Assignment.load, 600),
        Target("update", update, 1_000, seal=seal_update),
        Target(
            "spec", spec, 5_000, 120,
            others=_SPECS,
        ),
        Target("export", export, 2_000, 24, seal=seal_export, others=_EXPORTS),
        Target("saved", saved, 5_000, 80, seal=seal_store, others=_SAVED),
        Target("fleet", fleet, 2_000),
        Target("registry", registry, 1_500, seal=seal_registry),
        Target("release", release, 600, 24),
        Target("model_file", model_file, 120, 4),
    )
}  # fmt: skip
