"""The messages of requests that are refused as a whole, for Python and Swift."""

from __future__ import annotations

from novin_ml.events.fields import MAX_NESTING, MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS

__all__ = ["BY_ROWS", "EVENT", "EVENTS", "NO_JSON", "OBJECT", "REQUEST", "REQUEST_BYTES"]

EVENT = "an event: a JSON object, each key once"
#: Of a file that pandas wrote; the phone reads none.
BY_ROWS = 'an event a row: in pandas, to_json(orient="records", lines=True)'
OBJECT = "a JSON object, each key once"
EVENTS = f"a list of at most {MAX_REQUEST_EVENTS} events"
REQUEST = "a request, of events alone; novin_ml.events.read_chains reads chains"
NO_JSON = f"which is no JSON of at most {MAX_NESTING} levels"
REQUEST_BYTES = f"at most {MAX_REQUEST_BYTES:,} bytes in a request"
