"""The specs of the features of a home's behavior."""

from __future__ import annotations

from novin_ml.features.spec import FeatureSpec

#: Unit of the columns that are logarithms.
_BITS = "bit"

#: Number of events in the mean of the recent rarity.
RECENT = 8

#: Added to every count of a rarity. An event never seen is 2 bits rarer than one seen once.
FLOOR = 0.25

#: Weight, in events, of the prior for a context without events.
PRIOR = 2.0

#: Lengths of the two windows in minutes, the event's own minute included.
HOUR_MINUTES, DAY_MINUTES = 60, 1440


def _bits(name: str, meaning: str) -> FeatureSpec:
    return FeatureSpec(name, _BITS, 0.0, float("inf"), meaning)


#: The 17 features, in the order of the columns. `BehaviorFeatures` defines N, n(...), m(...), D, p
#: and lg.
BEHAVIOR_FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("hour_sin", "1", -1.0, 1.0, "sin(2 pi d), d = local minute of the day / 1440"),
    FeatureSpec("hour_cos", "1", -1.0, 1.0, "cos(2 pi d), d = local minute of the day / 1440"),
    _bits("week_rarity", "lg((N + 1) / (n(zone, hour, whether at the weekend) + 1/4))"),
    _bits("place_rarity", "lg((N + 1) / (n(kind, zone) + 1/4))"),
    _bits("hour_rarity", "lg((N + 1) / (m(kind, zone, hour) + 1/4))"),
    _bits("hour_surprise", "lg((n(kind, zone) + 2) / (m(kind, zone, hour) + 1/12))"),
    _bits("mode_rarity", "lg((N + 1) / (n(kind, zone, mode) + 1/4))"),
    _bits("mode_hour_rarity", "lg((N + 1) / (m(kind, zone, mode, hour) + 1/4))"),
    _bits(
        "mode_hour_surprise",
        "lg((n(kind, zone, mode) + 2) / (m(kind, zone, mode, hour) + 1/12))",
    ),
    _bits("order_rarity", "lg((N + 1) / (n(previous kind and zone, kind, zone) + 1/4))"),
    _bits(
        "order_surprise",
        "lg((n(previous kind and zone) + 2) / (n(previous kind and zone, kind, zone) + 2 p))",
    ),
    _bits(
        "unseen",
        "lg(N + 1) times how many of (kind, zone), m(kind, zone, hour), (kind, zone, mode), "
        "(previous kind and zone, kind, zone) are 0",
    ),
    _bits(
        "recent_rarity",
        "sum of mode_hour_rarity, in whole 1/16 bits rounded down, of the home's 8 events before "
        "this one / 8; those that there were not count as 0",
    ),
    _bits("gap", "lg(1 + seconds since the home's last event); 0 if there was none"),
    _bits(
        "gap_kind",
        "lg(1 + seconds since the home's last event of the kind; since its first event if there "
        "was none; 0 for that)",
    ),
    _bits("hour_excess", "max(0, lg((events in the last 60 minutes + 1) / (usual then + 1)))"),
    _bits("day_excess", "max(0, lg((events in the last 1440 minutes + 1) / (N / D + 1)))"),
)
