"""What must be there instead of what is refused as a whole: the words of Python and of Swift."""

from __future__ import annotations

from novin_ml.events.fields import MAX_NESTING, MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS

__all__ = ["EVENT", "EVENTS", "NO_JSON", "OBJECT", "REQUEST", "REQUEST_BYTES"]

EVENT = "an event: a JSON object, each key once"
OBJECT = "a JSON object, each key once"
EVENTS = f"a list of at most {MAX_REQUEST_EVENTS} events"
REQUEST = "a request, of events alone; novin_ml.events.read_chains reads chains"
NO_JSON = f"which is no JSON of at most {MAX_NESTING} levels"
REQUEST_BYTES = f"at most {MAX_REQUEST_BYTES:,} bytes in a request"
