"""The columns of the chain features as one writes them with pandas, and with polars.

Both take a frame of events, sorted by chain and time, and one of chains, and return a float32
array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from novin_ml.events import EVENT_KINDS, KIND_GROUPS, ZONE_KINDS, ZONES, Chains

if TYPE_CHECKING:
    import polars as pl

KIND = {kind.name: code for code, kind in enumerate(EVENT_KINDS)}
N_KINDS, N_GROUPS = len(EVENT_KINDS), len(KIND_GROUPS)
GROUP = np.array([KIND_GROUPS.index(kind.group) for kind in EVENT_KINDS], dtype=np.int8)
OPENING = KIND_GROUPS.index("opening")
RISK = np.array([zone.risk for zone in ZONES.values()])
ZONE_KIND = np.array([ZONE_KINDS.index(zone.kind) for zone in ZONES.values()], dtype=np.int8)
MODE = {"home": 0, "night": 1, "away": 2, "vacation": 3}
DAY, WEEK, SINCE_MONDAY = 86_400, 604_800, 259_200


def event_frame(chains: Chains) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row per event, and a row per chain."""
    events = pd.DataFrame(
        {
            "chain": np.repeat(np.arange(len(chains)), chains.lengths),
            "timestamp": chains.timestamp,
            "kind": chains.kind,
            "zone": chains.zone,
            "confidence": chains.confidence,
        }
    )
    table = chains.table[["observed_until", "utc_offset"]].copy()
    table["home_mode"] = chains.table["home_mode"].astype(object).map(MODE).astype(np.float64)
    return events, table


def pandas_features(
    events: pd.DataFrame, table: pd.DataFrame, *, by_hand: bool = False
) -> np.ndarray:
    """Compute the columns by groupby, or where that is faster by shifts of whole columns."""

    def shifted(column: pd.Series, steps: int) -> pd.Series:
        if by_hand:
            return column.shift(steps).where(chain == chain.shift(steps))
        return column.groupby(chain).shift(steps)

    chain, kind, zone = events["chain"], events["kind"], events["zone"]
    first_time = events.groupby("chain")["timestamp"].transform("first")
    ms = ((events["timestamp"] - first_time) * 1000).round().astype(np.int64)
    group = pd.Series(GROUP[kind], events.index)
    before, after = shifted(kind, 1), shifted(kind, -1)
    goes_on = before.notna()
    gap = ms - shifted(ms, 1)
    is_motion, is_opening = kind == KIND["motion"], group == OPENING
    moved = (zone != shifted(zone, 1)) & goes_on
    quiet = (ms.groupby([chain, zone]).shift(-1) - ms).clip(upper=60_000).fillna(60_000)
    rung = (before == KIND["doorbell"]) & is_motion & ~moved
    broken_in = is_opening & (before == KIND["motion"]) & (after == KIND["motion"])
    smashed = (before == KIND["glass_break"]) & is_motion
    derived = pd.DataFrame(
        {
            "chain": chain,
            "ms": ms,
            "kind": kind,
            "zone": zone,
            "gap": gap,
            "rung": gap.where(rung),
            "quiet": quiet.where(rung & gap.between(2_000, 30_000)),
            "broken_in": np.maximum(gap, shifted(gap, -1)).where(broken_in),
            "smashed": gap.where(smashed),
            "motion_zone": zone.where(is_motion),
            "moved": moved,
            "risk": RISK[zone],
            "confidence": events["confidence"].astype(np.float64),
            "timestamp": events["timestamp"],
        }
    )
    found = derived.groupby("chain").agg(
        events=("ms", "size"),
        zones=("zone", "nunique"),
        gap_min=("gap", "min"),
        gap_mean=("gap", "mean"),
        gap_max=("gap", "max"),
        duration=("ms", "last"),
        first_kind=("kind", "first"),
        last_kind=("kind", "last"),
        rung=("rung", "min"),
        quiet=("quiet", "max"),
        broken_in=("broken_in", "min"),
        smashed=("smashed", "min"),
        motion_zones=("motion_zone", "nunique"),
        moves=("moved", "sum"),
        risk_max=("risk", "max"),
        risk_last=("risk", "last"),
        confidence_min=("confidence", "min"),
        confidence_mean=("confidence", "mean"),
        confidence_max=("confidence", "max"),
        last_time=("timestamp", "last"),
    )
    is_last = after.isna()
    gap_std = derived.groupby("chain")["gap"].std(ddof=0)
    by_kind = _counts(chain, kind, N_KINDS)
    by_zone_kind = _counts(chain, pd.Series(ZONE_KIND[zone], events.index), len(ZONE_KINDS))
    pairs = (shifted(group, 1) * N_GROUPS + group)[goes_on].astype(np.int64)
    pairs = _counts(chain[goes_on], pairs, N_GROUPS**2).reindex(found.index, fill_value=0)
    latest = ms.groupby([chain, kind]).last().unstack().reindex(columns=range(N_KINDS))
    opened = pd.DataFrame({"chain": chain[is_opening], "ms": ms[is_opening]})
    if by_hand:
        axis = (opened["chain"] * 10**9 + opened["ms"]).to_numpy()
        near = np.searchsorted(axis, axis + 15_000, side="right") - np.arange(len(axis))
        most = pd.Series(near).groupby(opened["chain"].to_numpy()).max()
    else:
        opened["time"] = pd.to_timedelta(opened["ms"], unit="ms")
        near = opened.groupby("chain").rolling("15001ms", on="time")["ms"].count()
        most = near.groupby(level=0).max()
    most = most.reindex(found.index, fill_value=0)
    late = opened["ms"] >= opened["chain"].map(found["duration"]) - 15_000
    late = opened[late].groupby("chain").size().reindex(found.index, fill_value=0)
    local = found["last_time"] + table["utc_offset"]
    hour = 2 * np.pi * (local % DAY / DAY)
    week = 2 * np.pi * ((local + SINCE_MONDAY) % WEEK / WEEK)
    columns = [
        found["events"], by_kind, by_zone_kind, found["zones"], pairs,
        found[["gap_min", "gap_mean", "gap_max"]] / 1000, gap_std / 1000,
        gap[is_last].to_numpy() / 1000, found["duration"] / 1000,
        found["first_kind"], found["last_kind"],
        (found["duration"].to_numpy()[:, np.newaxis] - latest.to_numpy()) / 1000,
        most, late, found[["rung", "quiet", "broken_in", "smashed"]] / 1000,
        found["motion_zones"], found["moves"], found["moves"] + 1 - found["zones"],
        found["risk_max"], found["risk_last"],
        found[["confidence_min", "confidence_mean", "confidence_max"]],
        events["confidence"][is_last].to_numpy(),
        ((table["observed_until"] - found["last_time"]) * 1000).round().clip(upper=DAY * 1000)
        / 1000,
        np.sin(hour), np.cos(hour), np.sin(week), np.cos(week), table["home_mode"],
    ]  # fmt: skip
    return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


def _counts(chain: pd.Series, code: pd.Series, n_codes: int) -> pd.DataFrame:
    counts = code.groupby([chain, code]).size().unstack(fill_value=0)
    return counts.reindex(columns=range(n_codes), fill_value=0)


def polars_features(events: pl.DataFrame, table: pl.DataFrame) -> np.ndarray:
    import polars as pl

    col = pl.col
    goes_on = (col("chain") == col("chain").shift(1)).fill_null(False)
    is_last = (col("chain") != col("chain").shift(-1)).fill_null(True)
    is_motion = col("kind") == KIND["motion"]
    lookups = (
        pl.DataFrame({"kind": np.arange(N_KINDS, dtype=np.int8), "group": GROUP.astype(np.int16)}),
        pl.DataFrame(
            {"zone": np.arange(len(ZONES), dtype=np.int8), "zone_kind": ZONE_KIND, "risk": RISK}
        ),
    )
    firsts = (
        events.lazy()
        .group_by("chain", maintain_order=True)
        .agg(first_time=col("timestamp").first(), final_time=col("timestamp").last())
    )

    def distinct_zones(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
        return frame.select("chain", "zone").unique().group_by("chain").agg(pl.len().alias(name))

    def only(condition: pl.Expr, name: str) -> pl.Expr:
        return pl.when(condition).then(col(name))

    derived = (
        events.lazy()
        .with_columns(col("confidence").cast(pl.Float64).fill_nan(None))
        .join(firsts, on="chain", how="left", maintain_order="left")
        .join(distinct_zones(events.lazy(), "zones"), on="chain", how="left", maintain_order="left")
        .join(
            distinct_zones(events.lazy().filter(is_motion), "motion_zones"),
            on="chain",
            how="left",
            maintain_order="left",
        )
        .join(lookups[0].lazy(), on="kind", how="left", maintain_order="left")
        .join(lookups[1].lazy(), on="zone", how="left", maintain_order="left")
        .with_columns(
            last_ms=((col("final_time") - col("first_time")) * 1000).round().cast(pl.Int64),
            ms=((col("timestamp") - col("first_time")) * 1000).round().cast(pl.Int64),
            before=pl.when(goes_on).then(col("kind").shift(1)),
            after=pl.when(~is_last).then(col("kind").shift(-1)),
            moved=(col("zone") != col("zone").shift(1)) & goes_on,
            pair=pl.when(goes_on).then(col("group").shift(1) * N_GROUPS + col("group")),
        )
        .with_columns(gap=pl.when(goes_on).then(col("ms").diff()))
        .with_row_index("row")
        .sort("chain", "zone", "row")  # much faster than a shift over chain and zone
        .with_columns(
            following=pl.when(~is_last & (col("zone") == col("zone").shift(-1))).then(
                col("ms").shift(-1)
            )
        )
        .sort("row")
        .with_columns(
            rung=(col("before") == KIND["doorbell"]) & is_motion & ~col("moved"),
            quiet=pl.min_horizontal((col("following") - col("ms")).fill_null(60_000), 60_000),
            longer=pl.max_horizontal("gap", col("gap").shift(-1)),
        )
        .collect()
    )
    duration, gap = col("ms").last(), col("gap")
    opening = col("group") == OPENING
    broken_in = opening & (col("before") == KIND["motion"]) & (col("after") == KIND["motion"])
    smashed = (col("before") == KIND["glass_break"]) & is_motion
    answered = col("rung") & gap.is_between(2_000, 30_000)
    near = (
        derived.filter(opening)
        .rolling("ms", period="15001i", group_by="chain")
        .agg(near=pl.len())
        .group_by("chain")
        .agg(most=col("near").max())
    )
    found = (
        derived.lazy()
        .group_by("chain", maintain_order=True)
        .agg(
            pl.len().alias("events"),
            *((col("kind") == code).sum().alias(f"n_{code}") for code in range(N_KINDS)),
            *(
                (col("zone_kind") == code).sum().alias(f"at_{code}")
                for code in range(len(ZONE_KINDS))
            ),
            col("zones").first(),
            *((col("pair") == code).sum().alias(f"p_{code}") for code in range(N_GROUPS**2)),
            (gap.min() / 1000).alias("gap_min"),
            (gap.mean() / 1000).alias("gap_mean"),
            (gap.max() / 1000).alias("gap_max"),
            (gap.std(ddof=0) / 1000).alias("gap_std"),
            (gap.last() / 1000).alias("gap_last"),
            (duration / 1000).alias("duration"),
            col("kind").first().alias("first_kind"),
            col("kind").last().alias("last_kind"),
            *(
                ((duration - only(col("kind") == code, "ms").max()) / 1000).alias(f"s_{code}")
                for code in range(N_KINDS)
            ),
            (opening & (col("ms") >= col("last_ms") - 15_000)).sum().alias("late"),
            (only(col("rung"), "gap").min() / 1000).alias("rung"),
            (only(answered, "quiet").max() / 1000).alias("quiet"),
            (only(broken_in, "longer").min() / 1000).alias("broken_in"),
            (only(smashed, "gap").min() / 1000).alias("smashed"),
            col("motion_zones").first().fill_null(0),
            col("moved").sum().alias("moves"),
            (col("moved").sum() + 1 - col("zones").first().cast(pl.Int64)).alias("revisits"),
            col("risk").max().alias("risk_max"),
            col("risk").last().alias("risk_last"),
            col("confidence").min().alias("confidence_min"),
            col("confidence").mean().alias("confidence_mean"),
            col("confidence").max().alias("confidence_max"),
            col("confidence").last().alias("confidence_last"),
            col("timestamp").last().alias("last_time"),
        )
        .join(near.lazy(), on="chain", how="left", maintain_order="left")
        .collect()
    )
    local = found["last_time"] + table["utc_offset"]
    hour, week = (
        (local % DAY) / DAY * (2 * np.pi),
        ((local + SINCE_MONDAY) % WEEK) / WEEK * (2 * np.pi),
    )
    silence = ((table["observed_until"] - found["last_time"]) * 1000).round() / 1000
    names = found.columns
    ours = names[1 : names.index("late")]
    rest = names[names.index("late") : names.index("last_time")]
    columns = [
        *(found[name] for name in ours),
        found["most"].fill_null(0),
        *(found[name] for name in rest),
        silence.clip(upper_bound=DAY),
        hour.sin(), hour.cos(), week.sin(), week.cos(), table["home_mode"],
    ]  # fmt: skip
    return pl.DataFrame(
        [column.cast(pl.Float32).alias(str(place)) for place, column in enumerate(columns)]
    ).to_numpy()
