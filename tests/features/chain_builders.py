"""Chains written by hand, and random ones."""

import numpy as np
import pandas as pd

from novin_ml.events import HOME_MODES, Chains
from novin_ml.events.vocabulary import DEFAULT_VOCABULARY

KIND_CODES = {name: code for code, name in enumerate(DEFAULT_VOCABULARY.kind_dtype.categories)}
ZONE_CODES = {name: code for code, name in enumerate(DEFAULT_VOCABULARY.zone_dtype.categories)}


def chain(*events, confidence=None, **columns):
    """Return a table of one chain of events ``(time, kind, zone)``."""
    times, kinds, zones = zip(*events, strict=True)
    table = {"home_id": "home_1", "start": min(times), "utc_offset": 0.0, "consent": True}
    return Chains(
        pd.DataFrame({name: [value] for name, value in (table | columns).items()}),
        [0, len(events)],
        times,
        [KIND_CODES[kind] for kind in kinds],
        [ZONE_CODES[zone] for zone in zones],
        np.full(len(events), np.nan) if confidence is None else confidence,
        vocabulary=DEFAULT_VOCABULARY,
    )


def random_chains(n_chains, seed=0, *, longest=100, resolution=0.001, window=60.0):
    """Return chains of all lengths; with a coarse resolution many events are simultaneous."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(1 / 8, n_chains), longest)
    lengths[: n_chains // 20] = longest
    offsets = np.append(0, np.cumsum(lengths))
    owner = np.repeat(np.arange(n_chains), lengths)
    n_events = len(owner)
    time = np.round(rng.uniform(0, window, n_events) / resolution) * resolution
    time += (1.7e9 + 1000 * np.arange(n_chains))[owner]
    time = time[np.lexsort((time, owner))]
    # Most events are of the kinds and zones that patterns are made of.
    kind = np.minimum(rng.geometric(0.35, n_events) - 1, len(KIND_CODES) - 1)
    zone = rng.integers(0, rng.integers(1, len(ZONE_CODES) + 1, n_chains)[owner])
    confidence = rng.random(n_events, dtype=np.float32)
    confidence[rng.random(n_events) < 0.1] = np.nan
    mode = pd.Categorical.from_codes(rng.integers(-1, 4, n_chains), categories=HOME_MODES)
    offset = rng.choice([np.nan, 0.0, 7200.0, -34_200.0], n_chains)
    table = pd.DataFrame(
        {
            "home_id": rng.choice(["home_1", "home_2", "home_3"], n_chains),
            "start": time[offsets[:-1]],
            "observed_until": time[offsets[1:] - 1] + rng.choice([0.0, 3.25, 20.0, 1e6], n_chains),
            "utc_offset": offset,
            "home_mode": mode,
            "consent": True,
        }
    )
    return Chains(table, offsets, time, kind, zone, confidence, vocabulary=DEFAULT_VOCABULARY)
