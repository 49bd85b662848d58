"""TOML and JSON that others wrote: parsed, or refused by one ValueError."""

import pytest

from novin_ml.documents import parse_json, parse_toml, read_toml


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"a." * 2_000 + b"b = 1", "a key of 1,000 parts in line 1"),
        (b"\n[" + b"a." * 2_000 + b"b]", "a key of 1,000 parts in line 2"),
        (b"a = " + b"9" * 5_000, "4300 digits"),
        (b"a = \xff", "utf-8"),
        (b"a = 1\na = 2", "overwrite"),
    ],
)
def test_toml_that_is_none(content, said):
    with pytest.raises(ValueError, match=said):
        parse_toml(content)


def test_toml_is_read(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b'a = 1\r\nb = """x\r\ny"""\r\n[c]\r\nd = [0.5]')
    assert read_toml(path) == {"a": 1, "b": "x\ny", "c": {"d": [0.5]}}
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ValueError, match="more than 1,000,000 bytes"):
        read_toml(path)


def test_json_that_is_nested_deeply():
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json("[" * 100_000)
    assert parse_json(b"[1]") == [1]
