"""Ground truth: in which chain each event is, and which pattern each chain really has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.chains.windows import chains_from_events
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.simulation.event_log import NO_CODE, Columns
from novin_ml.simulation.homes import Homes, home_names

#: Labels of chains. `NO_CODE` is the position of the last one.
LABELS = (*CHAIN_PATTERNS, NO_PATTERN)
#: Position of parcels that are left.
DELIVERY = LABELS.index("package_delivery")

_NAMES = np.array(LABELS, dtype=object)


def chains_of(homes: Homes, events: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the chains that `chains_from_events` makes of events.

    Parameters
    ----------
    homes : Homes
        The homes, each once.
    events : dict of ndarray
        Columns of `SceneLog`, in any order.

    Returns
    -------
    time : ndarray of shape (n_events,)
        Seconds since 1970.
    chain : ndarray of shape (n_events,), int64
        Number of the chain of each event.
    clean : ndarray of shape (n_chains,), int
        Position of the pattern of each chain in `LABELS`.
    """
    home = events["home"]
    time = homes.to_utc(home, events["local"])
    n, names = len(home), home_names(len(homes))
    chains = chains_from_events(
        pd.DataFrame(
            {
                "home_id": names[home],
                "timestamp": time,
                "kind": _first(n, DEFAULT_VOCABULARY.kind_dtype),
                "zone": _first(n, DEFAULT_VOCABULARY.zone_dtype),
                "clean_label": _NAMES[events["pattern"]],
            }
        )
    )
    # A chain owns the events of its home from its start until the next one starts.
    chain_home = pd.Index(names).get_indexer(chains["home_id"])
    n_chains = len(chains)
    order = np.lexsort(
        (
            np.arange(n_chains + n) >= n_chains,
            np.concatenate([chains["start"], time]),
            np.concatenate([chain_home, home]),
        )
    )
    starts = order < n_chains
    owner = order[starts][np.cumsum(starts) - 1]
    chain = np.empty(n, dtype=np.int64)
    chain[order[~starts] - n_chains] = owner[~starts]
    return time, chain, pd.Index(_NAMES).get_indexer(chains["clean_label"])


def _first(n: int, dtype: pd.CategoricalDtype) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(n, dtype=int), dtype=dtype)


def forget_lone_events(events: Columns, chain: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Take the pattern from events that are the only ones of their incident in a chain, in place.

    Nobody can tell a burglar from a cat by one motion, and no annotator can. A parcel is an
    exception: one motion shows it.

    Parameters
    ----------
    events : dict of ndarray
        Columns of `SceneLog`; ``pattern`` is replaced.
    chain, clean : ndarray
        From `chains_of`.

    Returns
    -------
    clean : ndarray of shape (n_chains,), int
        Position of the pattern of each chain, now.
    """
    told = events["pattern"] > DELIVERY
    lone = np.bincount(chain[told], minlength=len(clean)) == 1
    forgotten = told & lone[chain]
    events["pattern"] = np.where(forgotten, NO_CODE, events["pattern"])
    has_parcel = np.zeros(len(clean), dtype=bool)
    has_parcel[chain[events["pattern"] == DELIVERY]] = True
    return np.where(lone, np.where(has_parcel, DELIVERY, len(CHAIN_PATTERNS)), clean)
