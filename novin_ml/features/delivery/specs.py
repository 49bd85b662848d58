"""The specs of the features of deliveries."""

from __future__ import annotations

from novin_ml.features._clock import clock_specs
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.features.spec import FeatureSpec

INFINITY = float("inf")


def delivery_specs(window: float, silence: float) -> tuple[FeatureSpec, ...]:
    """Describe the features of deliveries, in the order of the columns."""
    return (
        *clock_specs("of the event"),
        FeatureSpec(
            "duration",
            "s",
            0.0,
            INFINITY,
            "as reported, else samples / sample rate; missing without both",
        ),
        FeatureSpec(
            "energy",
            "1",
            0.0,
            1.0,
            "as reported, else min(1, sqrt(mean(raw^2))) without gaps; missing without both",
        ),
        FeatureSpec("peak", "1", 0.0, 1.0, "max(raw) without gaps; missing without raw"),
        FeatureSpec(
            "variance",
            "1",
            0.0,
            0.25,
            "mean((raw - mean(raw))^2) without gaps; missing without raw",
        ),
        FeatureSpec("zone_risk", "1", 0.0, 1.0, "risk of the zone; that of unknown if unmatched"),
        FeatureSpec(
            "zone_kind",
            "code",
            0.0,
            float(len(ZONE_KIND_ORDER) - 1),
            f"position of the zone's kind in ({', '.join(ZONE_KIND_ORDER)}); missing if unknown",
        ),
        FeatureSpec(
            "seconds_since_doorbell",
            "s",
            0.0,
            window,
            f"seconds since the home's last doorbell; {window:g} if none within {window:g} s",
        ),
        FeatureSpec(
            "silence_after",
            "s",
            0.0,
            silence,
            f"seconds to the next event of the home at the zone; {silence:g} if none by then",
        ),
        FeatureSpec(
            "events_in_window",
            "1",
            1.0,
            INFINITY,
            f"events of the home in the last {window:g} s, this one included",
        ),
        FeatureSpec(
            "seconds_since_vehicle",
            "s",
            0.0,
            window,
            f"seconds since the home's last vehicle; {window:g} if none within {window:g} s",
        ),
        FeatureSpec(
            "home_mode",
            "code",
            0.0,
            float(len(HOME_MODE_ORDER) - 1),
            f"position of the mode in ({', '.join(HOME_MODE_ORDER)}); missing if not reported",
        ),
        FeatureSpec(
            "confidence", "1", 0.0, 1.0, "the sensor's own confidence; missing if not reported"
        ),
    )
