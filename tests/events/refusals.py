"""Texts that readers refuse, and the words for it: one table for Python and for Swift."""

from __future__ import annotations

import json

from novin_ml.events.fields import EVENT_FIELDS, MAX_NESTING
from novin_ml.events.refusals import EVENT, EVENTS, NO_JSON, OBJECT, REQUEST, REQUEST_BYTES

EXPECTED = {field.path: field.expected for field in EVENT_FIELDS}
GOOD = '{"type": "motion", "timestamp": 1}'


def _event(**fields: str) -> str:
    """Return an event's JSON, its values as they are written."""
    fields = {"type": '"motion"', "timestamp": "1"} | fields
    return "{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}"


def _field(path: str, value: str, got: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return an event in which one value breaks its rule."""
    outer, _, key = path.rpartition(".")
    text = _event(metadata=f'{{"{key}": {value}}}') if outer else _event(**{key: value})
    return text, [(path, EXPECTED[path], got)]


def _no_json(text: str, got: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return a text that cannot be read."""
    return text, [("line", EVENT, f"{got}, {NO_JSON}")]


def _nested(levels: int, inner: str = "1") -> str:
    """Return a value within so many lists."""
    return "[" * levels + inner + "]" * levels


_WIDE = "9" * 70
_LONG = "x" * 201

#: Texts of one line, with field, what was expected and what was got of each refusal. An empty list
#: is a text that is not refused.
REFUSALS: list[tuple[str | bytes, list[tuple[str, str, str]]]] = [
    (GOOD, []),
    (_event(label="null", consent='"yes"', other="[NaN]"), []),
    (_event(consent='"true"'), [("consent", "true or false", '"true"')]),
    (_event(consent='"\\u00a0TRUE\\n"'), [("consent", "true or false", '"\u00a0TRUE\\n"')]),
    # What is no event at all.
    _no_json("{", '"{"'),
    _no_json(GOOD[:-1], json.dumps(GOOD[:-1])),
    _no_json(GOOD + ",", json.dumps(GOOD + ",")),
    _no_json('{"timestamp": 01}', '"{\\"timestamp\\": 01}"'),
    _no_json("'motion'", "\"'motion'\""),
    _no_json('{"type": "a\tb"}', '"{\\"type\\": \\"a\\tb\\"}"'),
    _no_json('{"a": "\\x"}', '"{\\"a\\": \\"\\\\x\\"}"'),
    _no_json('{"a": "\\u12g4"}', '"{\\"a\\": \\"\\\\u12g4\\"}"'),
    _no_json("9" * 4301, f'"{"9" * 27}...{"9" * 28}"'),
    # As deep as it may be, and a level more; brackets in strings are none.
    (_event(other=_nested(MAX_NESTING - 1)), []),
    (_event(other=_nested(MAX_NESTING - 1, '"[[{\\"[["')), []),
    _no_json(
        _event(other=_nested(MAX_NESTING)),
        f'"{{\\"type\\": \\"motion\\", \\"ti...{"]" * 27}}}"',
    ),
    _no_json("[" * 100_000, f'"{"[" * 27}...{"[" * 28}"'),
    (b'{"type": "mot\xff\xe2\x82ion"}',
     [("line", "text in UTF-8", '"{\\"type\\": \\"mot\\\\xff\\\\xe2\\\\x82ion\\"}"')]),
    ("7", [("line", EVENT, "7")]),
    ("-0", [("line", EVENT, "0")]),
    ("-0.0", [("line", EVENT, "-0.0")]),
    ("1e22", [("line", EVENT, "1e+22")]),
    ("123456789012345678901.5", [("line", EVENT, "1.2345678901234568e+20")]),
    ("0.00001", [("line", EVENT, "1e-05")]),
    ("0.00012340", [("line", EVENT, "0.0001234")]),
    ("9007199254740993.0", [("line", EVENT, "9007199254740992.0")]),
    ("1e400", [("line", EVENT, "Infinity")]),
    ("true", [("line", EVENT, "true")]),
    ("null", [("line", EVENT, "nothing")]),
    ('"motion"', [("line", EVENT, '"motion"')]),
    ('"é\\u00e9\\ud83d\\ude00\\ud83d\\n\\u007f"', [("line", EVENT, '"éé😀\\ud83d\\n\x7f"')]),
    ('{"type": "motion", "timestamp": 1, "type": "pet"}',
     [("type", OBJECT, 'the key "type" twice')]),
    ('{"\\ud800": 1, "\\ud800": 2}', [("\\ud800", OBJECT, 'the key "\\ud800" twice')]),
    ('{"type": "motion", "timestamp": 1, "é": 1, "e\u0301": 2}', []),
    # Fields.
    ("{}", [(name, EXPECTED[name], "nothing") for name in ("type", "timestamp")]),
    _field("type", '""', '""'),
    _field("type", "null", "nothing"),
    _field("type", "[1, {}, {\"a\": null}]", '[1, {}, {"a": null}]'),
    _field("type", f'"{_LONG}"', f'"{"x" * 27}...{"x" * 28}"'),
    (_event(type='"' + "é" * 100 + '"'), []),
    _field("type", '"\\ud800"', '"\\ud800"'),
    _field("type", '"\\udc00\\ud800x"', '"\\udc00\\ud800x"'),
    _field("timestamp", "true", "true"),
    _field("timestamp", "-1", "-1"),
    _field("timestamp", "-1e-300", "-1e-300"),
    _field("timestamp", "7258118400.5", "7258118400.5"),
    _field("timestamp", _WIDE, f"{'9' * 28}...{'9' * 29}"),
    _field("timestamp", "NaN", "NaN"),
    _field("timestamp", "-Infinity", "-Infinity"),
    _field("timestamp", '"1700000000"', '"1700000000"'),
    _field("timestamp", '"2024-02-30T12:00:00Z"', '"2024-02-30T12:00:00Z"'),
    _field("timestamp", '"2023-02-29T12:00:00Z"', '"2023-02-29T12:00:00Z"'),
    _field("timestamp", '"2024-05-01T24:00:00Z"', '"2024-05-01T24:00:00Z"'),
    _field("timestamp", '"2024-05-01T12:60Z"', '"2024-05-01T12:60Z"'),
    _field("timestamp", '"2024-05-01T12:00:00+24:00"', '"2024-05-01T12:00:00+24:00"'),
    _field("timestamp", '"2024-05-01T12:00:00+10:60"', '"2024-05-01T12:00:00+10:60"'),
    _field("timestamp", '"2024-05-01T12:00:00."', '"2024-05-01T12:00:00."'),
    _field("timestamp", '"2024-05-01T12:00:00Z "', '"2024-05-01T12:00:00Z "'),
    _field("timestamp", '"٢٠٢٤-05-01T12:00"', '"٢٠٢٤-05-01T12:00"'),
    _field("timestamp", '"0000-05-01T12:00:00Z"', '"0000-05-01T12:00:00Z"'),
    _field("timestamp", '"2300-05-01T12:00:00"', '"2300-05-01T12:00:00"'),
    _field("timestamp", '"1970-01-01T00:30:00+01:00"', '"1970-01-01T00:30:00+01:00"'),
    (_event(timestamp='"1970-01-01T00:30:00"', utc_offset="3600"),
     [("timestamp", EXPECTED["timestamp"], '"1970-01-01T00:30:00"')]),
    (_event(timestamp='"2024-02-29t12:00"'),
     [("timestamp", EXPECTED["timestamp"], '"2024-02-29t12:00"')]),
    _field("utc_offset", "86401", "86401"),
    _field("utc_offset", '"3600"', '"3600"'),
    _field("confidence", "1.0000001", "1.0000001"),
    _field("confidence", "true", "true"),
    _field("confidence", "NaN", "NaN"),
    _field("confidence", "1" + "0" * 400, "1" + "0" * 27 + "..." + "0" * 29),
    _field("metadata.location", f'"{_LONG}"', f'"{"x" * 27}...{"x" * 28}"'),
    _field("metadata.home_mode", '"party"', '"party"'),
    _field("metadata.state", '"ON"', '"ON"'),
    _field("metadata.state", "true", "true"),
    _field("metadata.end", "0.5", "0.5"),
    _field("metadata.end", '"1970-01-01T00:00:00Z"', '"1970-01-01T00:00:00Z"'),
    _field("metadata.end", '""', '""'),
    _field("metadata.end", '"later"', '"later"'),
    _field("metadata.end", "NaN", "NaN"),
    _field("metadata.end", "8e9", "8000000000.0"),
    (_event(metadata='{"state": null, "end": null}'), []),
    (_event(metadata='{"state": "closed", "end": 1}'), []),
    _field("metadata.duration", "-0.5", "-0.5"),
    _field("metadata.duration", "3.5e38", "3.5e+38"),
    _field("metadata.energy", "[]", "[]"),
    _field("metadata.raw", '"0.1"', '"0.1"'),
    _field("metadata.raw", "{}", "{}"),
    _field("metadata.raw", "[0.1, null, 1.5]", "1.5 as sample 2"),
    _field("metadata.raw", "[0.1, false]", "false as sample 1"),
    _field("metadata.raw", "[NaN]", "NaN as sample 0"),
    _field("metadata.raw", f"[{', '.join(['0'] * 6001)}]", "6,001 samples"),
    _field("metadata.sample_rate", "0", "0"),
    _field("label", "1", "1"),
    _field("home_id", "7", "7"),
    (_event(user_id="7"), [("home_id", EXPECTED["home_id"], "7")]),
    (_event(metadata="[1]"), [("metadata", OBJECT, "[1]")]),
    (_event(metadata='{"energy": 0, "energy": 1}'),
     [("metadata.energy", OBJECT, 'the key "energy" twice')]),
    (_event(metadata="3", confidence="2", type="4"),
     [("metadata", OBJECT, "3"), ("type", EXPECTED["type"], "4"),
      ("confidence", EXPECTED["confidence"], "2")]),
    # Beside the metadata.
    (_event(location="5"), [("metadata.location", EXPECTED["metadata.location"], "5")]),
    (_event(**{"metadata.energy": "2"}), [("metadata.energy", EXPECTED["metadata.energy"], "2")]),
    (_event(metadata='{"duration": 1}', duration='"long"'), []),
    (_event(metadata='{"location": ""}', location='"porch"', home_id='"NA"', user_id='"u"'), []),
    # Requests.
    ('{"events": []}', []),
    ('{"events": "none"}', [("events", EVENTS, '"none"')]),
    ('{"events": null}', [("events", EVENTS, "nothing")]),
    (f'{{"events": [{", ".join([GOOD] * 101)}]}}', [("events", EVENTS, "101 events")]),
    (f'{{"events": [{GOOD}], "padding": "{"x" * 100_000}"}}',
     [("events", REQUEST_BYTES, "100,063 bytes")]),
    (f'{{"home_id": "a", "events": [{GOOD}]}}', [("line", REQUEST, "one with a home_id")]),
    (f'{{"events": [{GOOD}, 3, {_event(confidence="2")}, {{"events": []}}, {GOOD}]}}',
     [("events[1]", EVENT, "3"), ("events[3]", EVENT, "a request within a request"),
      ("events[2].confidence", EXPECTED["confidence"], "2")]),
    ('{"events": [{"type": "a", "type": "b"}]}',
     [("events[0].type", OBJECT, 'the key "type" twice')]),
    ('{"events": [[{"a": 1, "a": 2}]]}',
     [("events[0]", EVENT, '["the key \\"a\\" twice"]')]),
]  # fmt: skip
