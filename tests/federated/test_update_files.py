"""The file in which a home sends its weights."""

import hashlib
import os
import socket
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.exceptions import UpdateError
from novin_ml.federated import (
    Update,
    read_update,
    update_from_bytes,
    update_to_bytes,
    write_update,
)
from novin_ml.federated.update_files import MAX_BYTES

OF = bytes(range(32))


def content(values=(1.0, -2.5), n_examples=7):
    """Build a file by the layout that the documentation states, without the library."""
    body = b"NOVINUPD" + struct.pack("<II", 1, 0) + OF + struct.pack("<QQ", n_examples, len(values))
    body += struct.pack(f"<{len(values)}f", *values)
    return body + hashlib.sha256(body).digest()


def test_bytes_are_those_of_the_documentation():
    update = Update(np.array([1.0, -2.5], dtype=np.float32), 7, OF)
    assert update_to_bytes(update) == content()


@given(
    st.lists(st.floats(width=32, allow_nan=True), max_size=9),
    st.integers(0, 2**64 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_what_is_written_is_read(values, n_examples, model):
    update = Update(np.array(values, dtype=np.float32), n_examples, model)
    read = update_from_bytes(update_to_bytes(update))
    np.testing.assert_array_equal(read.values, update.values)
    assert read.values.dtype == np.float32
    assert (read.n_examples, read.model_sha256) == (n_examples, model)


def test_every_changed_byte_is_found():
    right = content()
    for place in range(len(right)):
        wrong = bytearray(right)
        wrong[place] ^= 1
        with pytest.raises(UpdateError):
            update_from_bytes(bytes(wrong))


@pytest.mark.parametrize("length", [0, 5, 8, 63, 64, 71, 103])
def test_every_truncation_is_found(length):
    with pytest.raises(UpdateError, match=r"An update must .*\. Got .*\."):
        update_from_bytes(content()[:length])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"", "magic"),
        (b"PK\x03\x04 and more", "magic"),
        (b"NOVINUPD", "truncated"),
        (content()[:-1], "truncated"),
        (content() + b"\0", "too long"),
        (content()[:8] + struct.pack("<I", 2) + content()[12:], "format"),
        (content()[:56] + struct.pack("<Q", 2**62) + content()[64:], "truncated"),
        (content()[:-1] + bytes([content()[-1] ^ 1]), "altered"),
    ],
)
def test_reasons(wrong, reason):
    with pytest.raises(UpdateError) as caught:
        update_from_bytes(wrong)
    assert caught.value.reason == reason


def test_files_are_replaced_whole(tmp_path):
    update = Update(np.ones(3, dtype=np.float32), 4, OF)
    path = write_update(update, tmp_path / "one")
    assert path.read_bytes() == update_to_bytes(update)
    assert read_update(path).sha256 == path.read_bytes()[-32:]
    assert [each.name for each in tmp_path.iterdir()] == ["one"]


def test_only_regular_files_are_read(tmp_path):
    real = write_update(Update(np.ones(3, dtype=np.float32), 4, OF), tmp_path / "real")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", MAX_BYTES + 1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        for name, reason in [
            ("link", "not a file"),
            ("folder", "not a file"),
            ("pipe", "not a file"),
            ("socket", "not a file"),
            ("large", "too large"),
            ("nothing", "not readable"),
        ]:
            with pytest.raises(UpdateError) as caught:
                read_update(tmp_path / name)
            assert caught.value.reason == reason, name
