"""Files that are made to take memory or time: refused, or read, within 1 GB and 20 seconds."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import shutil
import sqlite3
import zipfile
from contextlib import closing

import pytest

from tests.fuzz.mutation.archives import with_hashes
from tests.fuzz.mutation.specs import nested
from tests.fuzz.target import CORPUS
from tests.fuzz.test_fuzz import worker  # noqa: F401

pytestmark = pytest.mark.slow
LARGE = 1_200_000_000


@pytest.fixture
def reads(worker, tmp_path):  # noqa: F811
    """Give a file to a target's process; return what was said, empty if it was read."""

    def read(target, path):
        what, said, _ = worker(target=target, found=os.fspath(path))
        assert what in ("read", "refused"), said
        return said

    return read


@pytest.mark.parametrize(
    ("suffix", "head"),
    [(".jsonl", b""), (".json", b'{"events": ["'), (".csv", b"type,timestamp\n")],
)
def test_a_line_without_an_end(reads, tmp_path, suffix, head):
    path = tmp_path / f"long{suffix}"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(LARGE)
    reads("events", path)


def test_rows_before_and_behind_a_line_that_is_too_long_are_read(tmp_path):
    from novin_ml.events import read_events

    good = b'{"type": "motion", "timestamp": %d}\n'
    path = tmp_path / "long.jsonl"
    path.write_bytes(good % 1 + b'{"type": "' + b"x" * 17_000_000 + b'"}\n' + good % 2)
    events, report = read_events(path, return_report=True)
    assert events["timestamp"].tolist() == [1, 2]
    assert report.rejects[["line", "expected"]].to_numpy().tolist() == [
        [2, "a line of at most 16 MB"]
    ]


def test_a_list_that_is_too_long_says_so(reads, tmp_path):
    path = tmp_path / "long.json"
    with path.open("wb") as file:
        file.write(b'[{"type": "motion", "timestamp": 1},\n')
        file.truncate(200_000_000)
    from novin_ml.events import read_events

    _, report = read_events(path, return_report=True)
    assert report.rejects["expected"][0] == "a list of at most 100 MB, or one event a line"


def test_a_gzip_file_of_gigabytes(reads, tmp_path):
    path = tmp_path / "zeros.jsonl.gz"
    path.write_bytes(gzip.compress(bytes(50_000_000), 9, mtime=0) * 24)
    assert "unpacks to at most 200 times its size" in reads("events", path)


def test_a_gzip_file_of_events_that_are_alike_is_read(tmp_path):
    from novin_ml.events import read_events

    line = b'{"type": "motion", "timestamp": 1}\n'
    path = tmp_path / "alike.jsonl.gz"
    path.write_bytes(gzip.compress(line * 100_000, 9, mtime=0))
    assert path.stat().st_size * 200 < len(line) * 100_000
    assert len(read_events(path)) == 100_000


@pytest.mark.parametrize("part", ["manifest.json", "estimator.json", "booster.ubj", "training.npz"])
def test_a_saved_estimator_that_unpacks_to_gigabytes(reads, tmp_path, part):
    with zipfile.ZipFile(CORPUS / "saved/seeds/boosting.novin") as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    files[part] = bytes(300_000_000)
    path = tmp_path / "bomb.novin"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in with_hashes(files).items():
            archive.writestr(name, content)
    assert path.stat().st_size < 5_000_000
    assert reads("saved", path)


@pytest.mark.parametrize("length", [2**40, 2**62])
def test_an_array_that_claims_to_be_long(reads, tmp_path, length):
    """In a signal file; saved estimators and references have arrays of the same reader."""
    path = tmp_path / "signals.npz"
    content = io.BytesIO()
    seed = CORPUS / "signals/seeds/signals.npz"
    with zipfile.ZipFile(seed) as source, zipfile.ZipFile(content, "w") as archive:
        for entry in source.infolist():
            array = source.read(entry).replace(b"(40,)", b"(%d,)" % length, 1)
            archive.writestr(entry.filename, array)
    path.write_bytes(content.getvalue())
    assert "must be a table of signals" in reads("signals", path)


@pytest.mark.parametrize("depth", [3, 30, 48, 60, 500, 20_000])
def test_pipelines_in_pipelines(reads, tmp_path, depth):
    from coremltools.proto.Model_pb2 import Model

    spec = Model.FromString((CORPUS / "spec/seeds/forest.mlmodel").read_bytes())
    path = tmp_path / "deep.mlmodel"
    path.write_bytes(nested(spec, depth))
    said = reads("spec", path)
    assert bool(said) == (depth >= 48)


@pytest.mark.parametrize("child", ["itself", "its parent", "none"])
def test_a_tree_with_a_cycle(reads, tmp_path, child):
    from coremltools.proto.Model_pb2 import Model

    spec = Model.FromString((CORPUS / "spec/seeds/forest.mlmodel").read_bytes())
    trees = next(
        each
        for each in (spec, *spec.pipelineClassifier.pipeline.models)
        if each.WhichOneof("Type").startswith("treeEnsemble")
    )
    nodes = getattr(trees, trees.WhichOneof("Type")).treeEnsemble.nodes
    inner = [node for node in nodes if node.trueChildNodeId or node.falseChildNodeId]
    parent = inner[0]
    below = next(
        node
        for node in inner
        if node.treeId == parent.treeId
        and node.nodeId in (parent.trueChildNodeId, parent.falseChildNodeId)
    )
    below.trueChildNodeId = {
        "itself": below.nodeId, "its parent": parent.nodeId, "none": 2**40,
    }[child]  # fmt: skip
    path = tmp_path / "cycle.mlmodel"
    path.write_bytes(spec.SerializeToString())
    assert reads("spec", path)


@pytest.mark.parametrize("shape", [[2**40], [2**31, 2**31], [-1]])
def test_an_input_of_a_trillion_numbers(reads, tmp_path, shape):
    from coremltools.proto.Model_pb2 import Model

    spec = Model.FromString((CORPUS / "spec/seeds/updatable.mlmodel").read_bytes())
    description = spec.description.input[0].type
    description.multiArrayType.dataType = 65568
    description.multiArrayType.shape.extend(shape)
    path = tmp_path / "wide.mlmodel"
    path.write_bytes(spec.SerializeToString())
    assert reads("spec", path)


@pytest.mark.parametrize(
    "view",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS state_id, "
        "'on' AS state, i AS metadata_id, 1e9 + i AS last_updated_ts FROM n",
        "SELECT a.state_id, a.state, a.metadata_id, a.last_updated_ts FROM s a, s b, s c, s d, s e",
    ],
)
def test_a_database_whose_rows_have_no_end(reads, tmp_path, view):
    path = tmp_path / "recorder_50.db"
    shutil.copy(CORPUS / "doors/seeds/recorder_50.db", path)
    with closing(sqlite3.connect(path)) as base:
        base.execute("ALTER TABLE states RENAME TO s")
        base.execute(f"CREATE VIEW states AS {view}")
        base.commit()
    assert "goes on and on" in reads("named_doors", path)


@pytest.mark.parametrize("target", ["mapping", "vocabulary", "declaration", "hardware"])
@pytest.mark.parametrize(
    "content",
    [
        "a." * 300_000 + "b = 1",
        "[" + "a." * 300_000 + "b]",
        "a = " + "[" * 300_000,
        "a = " + "{a=" * 200_000,
        "a = " + "9" * 500_000,
        "x" * 2_000_000,
        "a = '" + "." * 900_000 + "'",
    ],
    ids=["key", "table", "lists", "tables", "digits", "large", "dots"],
)
def test_toml_that_takes_long(reads, tmp_path, target, content):
    path = tmp_path / "novin.toml"
    path.write_text(content)
    assert reads(target, path)


def test_a_key_that_stands_twice_among_many(reads, tmp_path):
    keys = [str(number) for number in random.Random(0).sample(range(10**7), 200_000)]
    text = "{" + ", ".join(f'"{key}": 1' for key in [*keys, keys[-1]]) + "}\n"
    path = tmp_path / "keys.jsonl"
    path.write_text(text + json.dumps({"type": "motion", "timestamp": 1}) + "\n")
    reads("events", path)
