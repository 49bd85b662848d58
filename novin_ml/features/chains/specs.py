"""The specs of the features of chains, from the tables of kinds and of zones."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from novin_ml.events.chains.table import MAX_CHAIN_EVENTS
from novin_ml.events.kinds import EventKind, groups_of
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.events.zones import ZONE_KINDS, Zone
from novin_ml.features._clock import clock_specs
from novin_ml.features.orders import HOME_MODE_ORDER
from novin_ml.features.spec import FeatureSpec

#: The longest chain, in milliseconds: a day. Its sums of squares are exact in float64.
LONGEST = 86_400_000

#: Longest time in which openings count together, in milliseconds.
OPENING_WINDOW = 15_000

#: Time after a doorbell at which motion at its zone is a courier's, in milliseconds, inclusive.
COURIER = (2_000, 30_000)

#: Longest quiet that is counted, in milliseconds; a longer one counts as this long.
LONGEST_QUIET = 60_000

_DAY = LONGEST / 1000
_MOST = float(MAX_CHAIN_EVENTS)
_ALONE = "missing of one event"


def chain_specs(
    kinds: Sequence[EventKind] = DEFAULT_VOCABULARY.kinds,
    zones: Collection[Zone] = DEFAULT_VOCABULARY.zones,
) -> tuple[FeatureSpec, ...]:
    """Describe the features of chains, in the order of the columns.

    Parameters
    ----------
    kinds : sequence of EventKind
        The table of kinds; by default that of `Vocabulary.sdk`.
    zones : collection of Zone
        The table of zones; by default that of `Vocabulary.sdk`.

    Returns
    -------
    specs : tuple of FeatureSpec
        One spec for each column. `ChainFeatures` defines t, z, n and the other symbols.
    """
    names = [kind.name for kind in kinds]
    openings = ", ".join(kind.name for kind in kinds if kind.group == "opening")
    low, high = (limit / 1000 for limit in COURIER)
    return (
        _count("events", "n", low=1.0),
        *(_count(f"n_{name}", f"events of kind {name}") for name in names),
        *(_count(f"n_at_{kind}", f"events at zones of kind {kind}") for kind in ZONE_KINDS),
        _count("zones", "distinct zones", low=1.0, high=len(zones)),
        *_transitions(kinds),
        _time("gap_min", f"min(g); {_ALONE}"),
        _time("gap_mean", f"t[n-1] / (n - 1); {_ALONE}"),
        _time("gap_max", f"max(g); {_ALONE}"),
        _time("gap_std", f"sqrt((n - 1) sum(g^2) - t[n-1]^2) / (n - 1); {_ALONE}"),
        _time("gap_last", f"g[n-1]; {_ALONE}"),
        _time("duration", "t[n-1]"),
        *(
            FeatureSpec(
                f"{place}_kind", "code", 0.0, float(len(names) - 1),
                f"position of the {place} event's kind in ({', '.join(names)})",
            )
            for place in ("first", "last")
        ),
        *(
            _time(f"since_{name}", f"t[n-1] - t of the last event of kind {name}; missing if none")
            for name in names
        ),
        _count(
            "openings_in_15s", f"most of the events of kinds {openings} within 15 s, ends included"
        ),
        _count("openings_last_15s", f"those of {openings} with t >= t[n-1] - 15 s"),
        _time(
            "doorbell_motion_gap",
            "min(g[i]) of motions next after a doorbell at their zone; missing if none",
        ),
        FeatureSpec(
            "doorbell_motion_quiet", "s", 0.0, LONGEST_QUIET / 1000,
            f"of such motions with {low:g} <= g[i] <= {high:g}: max time to the next event at the "
            f"zone, {LONGEST_QUIET / 1000:g} if later or none; missing without such a motion",
        ),
        _time(
            "motion_opening_motion_gap",
            "min(max(g[i], g[i+1])) of openings i next after a motion and next before one; missing "
            "if none",
        ),
        _time(
            "glass_break_motion_gap", "min(g[i]) of motions next after a glass break; missing if "
            "none",
        ),
        _count("motion_zones", "distinct zones of motions", high=len(zones)),
        _count("zone_changes", "events i > 0 with z[i] != z[i-1]", high=_MOST - 1),
        _count("zone_revisits", "zone_changes + 1 - zones", high=_MOST - 2),
        FeatureSpec("risk_max", "1", 0.0, 1.0, "max(risk of z)"),
        FeatureSpec("risk_last", "1", 0.0, 1.0, "risk of z[n-1]"),
        _share("confidence_min", "min(c)"),
        _share("confidence_mean", "sum(c) / number of c, from the first to the last"),
        _share("confidence_max", "max(c)"),
        _share("confidence_last", "c[n-1]", missing="missing if not reported"),
        _time("silence_after", "min(observed_until - time of the last event, a day)"),
        *clock_specs("of the last event"),
        FeatureSpec(
            "home_mode", "code", 0.0, float(len(HOME_MODE_ORDER) - 1),
            f"position of the mode in ({', '.join(HOME_MODE_ORDER)}); missing if not reported",
        ),
    )  # fmt: skip


def _transitions(kinds: Sequence[EventKind]) -> list[FeatureSpec]:
    members = {
        group: ", ".join(kind.name for kind in kinds if kind.group == group)
        for group in groups_of(kinds)
    }
    return [
        _count(
            f"{before}_to_{after}",
            f"events i > 0 of {members[after]} next after one of {members[before]}",
            high=_MOST - 1,
        )
        for before in members
        for after in members
    ]


def _count(name: str, meaning: str, low: float = 0.0, high: float = _MOST) -> FeatureSpec:
    return FeatureSpec(name, "1", low, float(high), meaning)


def _time(name: str, meaning: str) -> FeatureSpec:
    return FeatureSpec(name, "s", 0.0, _DAY, meaning)


def _share(name: str, meaning: str, missing: str = "missing if none is reported") -> FeatureSpec:
    return FeatureSpec(name, "1", 0.0, 1.0, f"{meaning}; {missing}")


#: The features of chains of `Vocabulary.sdk`, in the order of the columns.
CHAIN_FEATURES: tuple[FeatureSpec, ...] = chain_specs()
