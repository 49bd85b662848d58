"""The specs of the rows of a home's activity: events, silences and activations."""

from __future__ import annotations

from novin_ml.features.spec import FeatureSpec

__all__ = ["EVENT_COLUMNS", "SILENCE_COLUMNS", "STILL_ON_COLUMNS"]

_BITS, _INF = "bit", float("inf")

#: Columns of the row of an event. `ActivityHistory` defines n, N, V, m, q, u and lg.
EVENT_COLUMNS: tuple[FeatureSpec, ...] = (
    FeatureSpec(
        "transition", _BITS, 0.0, _INF,
        "lg((n(p to any) + 2) / (n(p to s) + 2 u(s))), p the sensor before; 0 for the first event",
    ),
    FeatureSpec(
        "sensor_hour", _BITS, -_INF, _INF,
        "lg((n(s) + 2) / (24 (m(s, hour) + 2 q(hour))))",
    ),
    FeatureSpec(
        "transition_mean", _BITS, 0.0, _INF,
        ".8 of it before + .2 transition; starts at the mean of the past after 30 minutes without "
        "an event",
    ),
    FeatureSpec(
        "sensor_hour_mean", _BITS, -_INF, _INF,
        ".8 of it before + .2 sensor_hour; starts at the mean of the past after 30 minutes without "
        "an event",
    ),
)  # fmt: skip

#: Columns of a tick row during a silence.
SILENCE_COLUMNS: tuple[FeatureSpec, ...] = (
    FeatureSpec(
        "silence", _BITS, 0.0, _INF,
        "sum of -lg(1 - p(hour)) over the ticks since the last start or end; p(hour) = (ticks of "
        "the hour with a start or end + 1/2) / (ticks of the hour + 1)",
    ),
    FeatureSpec("silent_for", "s", 0.0, _INF, "seconds since the last start or end"),
)  # fmt: skip

#: Columns of a tick row during an activation.
STILL_ON_COLUMNS: tuple[FeatureSpec, ...] = (
    FeatureSpec("still_on", _BITS, -1.0, _INF, "on_rarity + on_excess"),
    FeatureSpec("on_for", "s", 0.0, _INF, "seconds since the sensor came on"),
    FeatureSpec(
        "on_rarity", _BITS, -1.0, _INF,
        "lg((activations of s + 1) / (those at least as long, in half octaves + 1/2))",
    ),
    FeatureSpec(
        "on_excess", _BITS, 0.0, _INF, "max(0, lg(on_for / the longest of s, at least 60 s))"
    ),
)  # fmt: skip

#: The columns of each kind of row.
COLUMNS: dict[str, tuple[FeatureSpec, ...]] = {
    "event": EVENT_COLUMNS,
    "silence": SILENCE_COLUMNS,
    "still on": STILL_ON_COLUMNS,
}
