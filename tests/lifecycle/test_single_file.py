"""The form of one file: the same content as a folder, whole or not at all, and nothing foreign."""

import contextlib
import hashlib
import io
import json
import os
import pickle
import stat
import zipfile

import numpy as np
import pytest
import xgboost

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, store
from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle import load_estimator, save_estimator


def classifier():
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    return DeliveryClassifier(epochs=2, random_state=0).fit(X, X[:, 0] > 0)


def detector():
    X = np.random.default_rng(0).normal(size=(300, 3)).astype(np.float32)
    return BehaviorAnomalyDetector(n_estimators=5, random_state=0).fit(X)


@pytest.fixture(params=[classifier, detector])
def saved(request, tmp_path):
    return save_estimator(request.param(), tmp_path / "model.novin")


@pytest.fixture
def unreadable(monkeypatch):
    """Makes every parser of contents fail the test when it is reached."""

    def reached(*args, **kwargs):
        pytest.fail("content was parsed before it was checked")

    monkeypatch.setattr(xgboost.Booster, "load_model", reached)
    monkeypatch.setattr(np, "load", reached)


@pytest.mark.parametrize("make", [classifier, detector])
def test_both_forms_hold_the_same(make, tmp_path):
    model = make()
    folder = save_estimator(model, tmp_path / "model")
    file = save_estimator(model, str(tmp_path / "deep" / "model.novin"))
    assert file == tmp_path / "deep" / "model.novin"
    assert store.read_folder(folder, "estimator") == store.read_file(file, "estimator")
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist()[0] == "manifest.json"
        assert archive.read("manifest.json") == (folder / "manifest.json").read_bytes()
        assert archive.testzip() is None
    assert type(load_estimator(str(file))) is type(load_estimator(folder))
    assert [path.name for path in file.parent.iterdir()] == ["model.novin"]


def test_the_same_model_makes_the_same_bytes(saved):
    before = saved.read_bytes()
    save_estimator(load_estimator(saved), saved)
    assert saved.read_bytes() == before


def test_everybody_may_read_it_as_other_files(saved):
    other = saved.with_suffix(".txt")
    other.write_text("x")
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize("share", np.linspace(0, 0.9999, 40).round(4))
def test_flipped_bytes_are_refused_or_harmless(saved, share):
    """A byte of a zip file may mean nothing, such as that of a date: then the content is right."""
    files = store.read_file(saved, "estimator")
    content = bytearray(saved.read_bytes())
    content[int(share * len(content))] ^= 0x10
    saved.write_bytes(content)
    with contextlib.suppress(SavedModelError):
        assert store.read_file(saved, "estimator") == files


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files_are_refused(saved, keep):
    right = saved.read_bytes()
    saved.write_bytes(right[: int(keep * len(right))])
    with pytest.raises(SavedModelError, match=r"model\.novin"):
        load_estimator(saved)


def packed(path, files, *, manifest=None, compression=zipfile.ZIP_DEFLATED, listed=None):
    """Write a file as an attacker would, hashes and all."""
    entries = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    document = {
        "kind": "estimator",
        "protocol": 2,
        "novin_ml": "0",
        "files": entries | (listed or {}),
    }
    with zipfile.ZipFile(path, "w", compression) as archive:
        text = json.dumps(document).encode() if manifest is None else manifest
        archive.writestr("manifest.json", text)
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_other_compressions_are_read(saved):
    files = store.read_file(saved, "estimator")
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed(saved, files, compression=compression)
        assert store.read_file(saved, "estimator") == files


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + b"\0" * 18,
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x03\x04" + b"\0" * 60,
        pickle.dumps({"a": 1}),
        b"\0" * 5_000,
    ],
)
def test_what_is_no_saved_estimator_is_refused(content, tmp_path):
    path = tmp_path / "model.novin"
    path.write_bytes(content)
    with pytest.raises(SavedModelError, match=r"model\.novin"):
        load_estimator(path)
    with pytest.raises(SavedModelError, match="Got another file"):
        save_estimator(detector(), path)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["model.novin"]


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"manifest": b""}, "readable"),
        ({"manifest": b"[" * 50_000}, "readable"),
        ({"manifest": b"\xff"}, "readable"),
        ({"manifest": b" " * 100_001}, "at most 100,000 bytes"),
        ({"manifest": b'{"kind": "x", "protocol": 2, "files": {}}'}, "Got a saved x"),
        ({"manifest": b'{"kind": "estimator", "protocol": 9, "files": {}}'}, "protocol 2 or older"),
        ({"manifest": b'{"kind": "estimator", "protocol": 0, "files": {}}'}, "protocol 1 or 2"),
        ({"listed": {"a": {"bytes": 300_000_000, "sha256": ""}}}, "at most 256000000 bytes in all"),
        ({"listed": {"a": {"bytes": -1, "sha256": ""}}}, "hold the file 'a'"),
        ({"listed": {"../x": {"bytes": 1, "sha256": ""}}}, "hold the file"),
        ({"listed": {"x.npz": {"bytes": 3, "sha256": ""}}}, "another SHA-256"),
        ({"listed": {"x.npz": {"bytes": 2, "sha256": ""}}}, "2 bytes in x.npz"),
        ({"listed": {"x.npz": {"bytes": 4, "sha256": ""}}}, "4 bytes in x.npz"),
        ({"listed": {"x.npz": {"bytes": -5, "sha256": ""}}}, "-5 bytes in x.npz"),
    ],
)
def test_other_manifests_are_refused(options, message, tmp_path):
    path = packed(tmp_path / "model.novin", {"x.npz": b"abc"}, **options)
    with pytest.raises(SavedModelError, match=message):
        load_estimator(path)


@pytest.mark.usefixtures("unreadable")
def test_a_bomb_is_read_no_further_than_it_may_be(tmp_path, monkeypatch):
    bomb = b"\0" * 30_000_000
    small = {"bytes": 10, "sha256": hashlib.sha256(bomb[:10]).hexdigest()}
    path = packed(tmp_path / "model.novin", {"x.npz": bomb}, listed={"x.npz": small})
    assert path.stat().st_size < 50_000
    with pytest.raises(SavedModelError, match=r"10 bytes in x\.npz"):
        load_estimator(path)
    monkeypatch.setattr(store, "MAX_FILE_BYTES", 1_000)
    with pytest.raises(SavedModelError, match="at most 1000 bytes"):
        load_estimator(path)


def encrypted(path):
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag of the first entry, and of the central directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def unknown_compression(path):
    content = bytearray(path.read_bytes())
    content[8] = 99
    content[content.index(b"PK\x01\x02") + 10] = 99
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [encrypted, unknown_compression])
def test_zip_features_that_nobody_needs_are_refused(damage, saved):
    damage(saved)
    with pytest.raises(SavedModelError, match="zip file"):
        load_estimator(saved)


def test_no_file_and_a_folder_in_its_place(tmp_path):
    with pytest.raises(SavedModelError, match="must be a saved estimator"):
        load_estimator(tmp_path / "nowhere.novin")
    (tmp_path / "model.novin").mkdir()
    with pytest.raises(SavedModelError, match="must be a saved estimator"):
        load_estimator(tmp_path / "model.novin")
    with pytest.raises(SavedModelError, match="Got another file"):
        save_estimator(detector(), tmp_path / "model.novin")
    assert (tmp_path / "model.novin").is_dir()


def test_a_failed_write_leaves_the_earlier_file(saved, monkeypatch):
    before = saved.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_estimator(detector(), saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.novin"]


def test_a_saved_file_is_replaced(saved):
    save_estimator(classifier(), saved)
    assert type(load_estimator(saved)) is DeliveryClassifier


def test_a_zip_file_of_ones_own_is_refused(tmp_path):
    path = tmp_path / "model.novin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "mine")
    before = path.read_bytes()
    with pytest.raises(SavedModelError, match="Got another file"):
        save_estimator(detector(), path)
    assert path.read_bytes() == before


def test_no_entry_is_a_pickle(saved):
    for name, content in store.read_file(saved, "estimator").items():
        assert name.rpartition(".")[2] in ("json", "npz", "ubj")
        if name.endswith(".npz"):
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                assert not any(arrays[each].dtype.hasobject for each in arrays.files)


def test_arrays_are_written_without_pickles():
    arrays = {"a": np.arange(3), "allow_pickle": np.zeros((2, 2), np.float32)}
    read = read_arrays(write_arrays(arrays))
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype
    with pytest.raises(ValueError, match="Object arrays"):
        write_arrays({"a": np.array([{}], dtype=object)})
