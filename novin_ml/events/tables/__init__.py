"""Event tables that did not come from a reader: checked and converted by the table of fields."""

from novin_ml.events.tables.check import check_events

__all__ = ["check_events"]
