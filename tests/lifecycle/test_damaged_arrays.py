"""Saved arrays and numbers that were changed, checksums and hashes and all: no crash.

See ``test_damaged.py``; here are forests, networks, blends and calibrations.
"""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given

from novin_ml.arrays import read_array, read_arrays, write_arrays
from novin_ml.estimators.learners import IsolationLearner, NetworkLearner
from novin_ml.exceptions import SavedModelError
from tests.lifecycle.damage import EDITS, edited


def as_file(array):
    return next(iter(zip_members(write_arrays({"a": array})).values()))


def zip_members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("detector", "isolation.npz"),
        ("detector", "arrays.npz"),
        ("blend", "network.npz"),
        ("blend", "arrays.npz"),
        ("blend", "answers.npz"),
        ("forest", "forest.npz"),
    ],
)
def test_flipped_bits_of_arrays(loads, name, file):
    """Bits of the arrays in the file, whose checksums are right again."""
    load = loads(name)
    arrays = {key: as_file(array) for key, array in read_arrays(load.files[file]).items()}
    rng = np.random.default_rng(0)
    outcomes = []
    for _ in range(100):
        key = list(arrays)[rng.integers(len(arrays))]
        changed = bytearray(arrays[key])
        changed[rng.integers(len(changed))] ^= 1 << rng.integers(8)
        content = zipped(arrays | {key: bytes(changed)})
        outcome, message = load(**{file.replace(".", "__"): content})
        outcomes.append(outcome)
        assert outcome != "raised", message
    assert outcomes.count("refused") > 15


@given(edits=EDITS)
@pytest.mark.parametrize(
    ("name", "file"),
    [("detector", "isolation.npz"), ("blend", "network.npz"), ("forest", "forest.npz")],
)
def test_no_mutation_of_arrays_ends_the_process(loads, name, file, edits):
    load = loads(name)
    members = {key: as_file(array) for key, array in read_arrays(load.files[file]).items()}
    key = sorted(members)[len(edits) % len(members)]
    for content in (
        edited(load.files[file], edits),
        zipped(members | {key: edited(members[key], edits)}),
    ):
        outcome, message = load(**{file.replace(".", "__"): content})
        assert outcome != "raised", message


def npy(header, data=b""):
    header = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000000,), }",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (400000000,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -1), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 2), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 999999999999999999), }",
        "{'descr': [('a', '<f4'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (2,), }",
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f4', }",
        "(" * 100,
        "-" * 100,
        "",
    ],
)
def test_headers_that_numpy_does_not_write_are_refused(header):
    with pytest.raises(ValueError, match="array"):
        read_array(npy(header, bytes(8)))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24).reshape(2, 3, 4),
        np.array("relu"),
        np.array(["a", "bcd"]),
        np.array(7),
        np.zeros(0, dtype=np.uint8),
        np.zeros((0, 3), dtype=np.float32),
        np.array([True, False]),
        np.array(["2026-01-01"], dtype="datetime64[ns]"),
        np.array([1, 2], dtype=">i4"),
    ],
)
def test_arrays_are_read_as_they_were_written(array):
    read = read_arrays(write_arrays({"a": array}))["a"]
    assert read.dtype == array.dtype
    assert read.flags.f_contiguous == array.flags.f_contiguous
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


def test_compressed_and_doubled_arrays_are_refused():
    packed = io.BytesIO()
    np.savez_compressed(packed, a=np.random.default_rng(0).random(9))
    with pytest.raises(ValueError, match="compressed"):
        read_arrays(packed.getvalue())
    twice = io.BytesIO()
    content = zip_members(write_arrays({"a": np.zeros(3)}))["a.npy"]
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a.npy", content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.npy", content)
    with pytest.raises(ValueError, match="two arrays"):
        read_arrays(twice.getvalue())


# Networks.


def without_layers(arrays):
    for key in [key for key in arrays if key[-1].isdigit()]:
        arrays.pop(key)


@pytest.mark.parametrize(
    "change",
    [
        without_layers,
        lambda a: a.pop("bias_1"),
        lambda a: a.pop("weight_1"),
        lambda a: a.pop("activation"),
        lambda a: a.update(activation=np.array("softmax")),
        lambda a: a.update(activation=np.array(["relu"])),
        lambda a: a.update(activation=np.array(1)),
        lambda a: a.update(weight_0=a["weight_0"].T),
        lambda a: a.update(weight_0=a["weight_0"].astype(np.float64)),
        lambda a: a.update(weight_0=a["weight_0"][:, :0], bias_0=a["bias_0"][:0]),
        lambda a: a.update(bias_0=a["bias_0"][:, np.newaxis]),
        lambda a: a.update(bias_2=a["bias_2"] * np.float32(np.nan)),
        lambda a: a.update(mean=a["mean"] + np.float32(np.inf)),
        lambda a: a.update(scale=a["scale"][:3]),
        lambda a: a.update(medians=np.float32(0)),
    ],
)
def test_networks_that_are_none_are_refused(loads, change):
    load = loads("blend")
    arrays = read_arrays(load.files["network.npz"])
    change(arrays)
    outcome, message = load(network__npz=write_arrays(arrays))
    assert outcome == "refused", message
    assert message.startswith("network.npz must hold")


def test_a_network_without_layers_of_as_many_features_as_classes_is_refused(loads):
    """Its shapes fit each other: there are none."""
    load = loads("blend")
    arrays = read_arrays(load.files["network.npz"])
    without_layers(arrays)
    files = {"network.npz": write_arrays(arrays)}
    with pytest.raises(SavedModelError, match="no layers"):
        NetworkLearner.from_files(files, n_features=5, n_classes=5)


# Forests.


def chain(n_inner, max_samples):
    """Return one tree of a forest as deep as it has inner nodes."""
    n_nodes = 2 * n_inner + 1
    inner = np.arange(n_nodes) % 2 == 0
    inner[-1] = False
    own = np.arange(n_nodes, dtype=np.int32)
    count = np.ones(n_nodes, dtype=np.int32)
    count[::2] = np.arange(n_inner + 1, 0, -1)
    return IsolationLearner(
        feature=np.where(inner, 0, -1).astype(np.int32),
        threshold=np.zeros(n_nodes, dtype=np.float32),
        left=np.where(inner, own + 1, -1).astype(np.int32),
        right=np.where(inner, own + 2, -1).astype(np.int32),
        count=count,
        tree_offsets=np.array([0, n_nodes]),
        max_samples=max_samples,
        n_features=5,
    )


def test_a_tree_deeper_than_its_rows_can_make_it_is_refused(loads):
    load = loads("detector")
    assert load(**{"isolation__npz": chain(8, 256).to_files()["isolation.npz"]})[0] == "other"
    for n_inner in (9, 200):
        content = chain(n_inner, 256).to_files()["isolation.npz"]
        outcome, message = load(isolation__npz=content)
        assert outcome == "refused", message
        assert "levels" in message


# Numbers in JSON.


@pytest.mark.parametrize("file", ["blend.json", "calibration.json"])
@pytest.mark.parametrize(
    "number",
    ["1e999", "-1e999", "1e300", "NaN", "9" * 400, "9" * 5_000, "null", "[]", "{}", '"1"', "-1"],
)
def test_numbers_that_are_none_are_refused(loads, file, number):
    load = loads("blend")
    text = '{"weight": %s}' if file == "blend.json" else '{"scale": %s, "shift": 0}'
    outcome, message = load(**{file.replace(".", "__"): (text % number).encode()})
    assert outcome == "refused", message


def test_labels_that_would_fill_the_memory_are_refused(loads):
    load = loads("boosting of 2")
    document = json.loads(load.files["estimator.json"])
    document |= {"labels": ["a", "b"], "labels_dtype": "<U500000000"}
    outcome, message = load(estimator__json=json.dumps(document).encode())
    assert outcome == "refused", message
    assert "labels_dtype" in message
