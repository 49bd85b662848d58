"""Simulated homes with incidents, as events and as chains."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.chains.table import Chains
from novin_ml.events.chains.windows import chains_from_events
from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.zones import ZONE_DTYPE
from novin_ml.simulation.chains.equipment import EquippedHomes, equip_homes
from novin_ml.simulation.chains.gaits import draw_gaits
from novin_ml.simulation.chains.perception import Events, perceive
from novin_ml.simulation.chains.routine import HOUSEHOLD, INCIDENTS
from novin_ml.simulation.homes import home_names
from novin_ml.simulation.parameters import RandomState, check_share, check_size, generators
from novin_ml.simulation.street.log import NO_CODE, Log
from novin_ml.simulation.street.schedule import EPOCH, Habit, play
from novin_ml.simulation.street.sensors import event_table

#: Chains of a home and day without incidents, about.
CHAINS_PER_DAY = 17.0
#: Chains with and without a pattern that an incident makes on average, for setting their share.
TOLD_PER_INCIDENT, QUIET_PER_INCIDENT = 0.77, 0.26

_DELIVERY = CHAIN_PATTERNS.index("package_delivery")
_NAMES = np.array([*CHAIN_PATTERNS, NO_PATTERN], dtype=object)


def simulate_chain_events(
    n_chains: int = 10_000,
    *,
    n_homes: int | None = None,
    no_pattern: float = 0.9,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate the event log of homes in whose days incidents are planted.

    Couriers leave parcels, ring before, after or not at all. Intruders come through doors and
    windows that were not locked, some slowly, some after ringing; others force a door or a window,
    break a pane and wait whether anybody heard it, or walk around the house. Innocent scenes look
    alike: children run around the house, a resident airs the rooms, tries the locks at night,
    carries the shopping in, comes home late and quietly; a glass falls, a draft works on a door,
    a window cleaner or a fox makes the round of the house; and anything of this may go on beside
    an incident. People walk, hurry or creep alike, whatever they are up to, so that sensors are as
    sure of burglars as of residents. Sensors are missing in some zones, miss events, repeat them,
    are blind for a while, report late, without a place or a known type. The classes overlap because
    of these processes alone, so that no model reaches 100 % on clean labels.


    Parameters
    ----------
    n_chains : int, default=10_000
        Number of chains that `chains_from_events` makes of the events.
    n_homes : int, optional
        Number of homes; one per 150 chains, at least 10, if not given. As many days are simulated
        as it takes.
    no_pattern : float, default=0.9
        Share of chains without a pattern, about; 0.5 to 1. Incidents happen as often as that takes,
        far more often than in life.
    annotator_error : float, default=0.02
        Chance that an annotator, who looks at a window of 60 s at a time, slips and gives all of
        its events any other of the six labels, all equally likely. The best accuracy that can be
        measured against the labels of chains is therefore 1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes nothing
        but the labels.

    Returns
    -------
    events : DataFrame
        Event table with the columns `label` and `clean_label`, sorted by time, homes interleaved.
        Events by which an incident could be known have its pattern as their label, all others
        ``"no_pattern"``; so has what sensors report of an incident if, within a window, it is one
        event alone, a parcel that is left excepted. Motions have no raw signal. About 3 % of homes
        have not consented.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    simulate_chains : The same as chains.

    Examples
    --------
    >>> from novin_ml.events import chains_from_events
    >>> from novin_ml.simulation import simulate_chain_events
    >>> events = simulate_chain_events(500, random_state=0)
    >>> len(chains_from_events(events))
    500
    """
    check_share("no_pattern", no_pattern, 0.5, 1)
    check_share("annotator_error", annotator_error)
    n_homes = check_size(n_chains, n_homes, "n_chains")
    world, sensors, annotator = generators(random_state, 3)

    homes = equip_homes(world, n_homes)
    days = math.ceil(1.1 * no_pattern * n_chains / (CHAINS_PER_DAY * n_homes)) + 1
    while True:
        events = _play_days(world, homes, days, no_pattern)
        time, chain, clean = _chains_of(homes, events)
        clean = _forget_lone_events(events, chain, clean)
        if len(clean) >= n_chains:
            break
        days *= 2
    kept = np.flatnonzero(chain < n_chains)
    kept = kept[np.lexsort((events["home"][kept], time[kept]))]
    events = {name: column[kept] for name, column in events.items()}
    time, chain, clean = time[kept], chain[kept], clean[:n_chains]
    table = event_table(sensors, homes, events, time, signals=False)

    wrong = annotator.random(n_chains) < annotator_error
    slip = (clean + annotator.integers(1, len(_NAMES), size=n_chains)) % len(_NAMES)
    label = np.where(wrong[chain], slip[chain], events["pattern"])
    table["label"] = pd.Series(_NAMES[label], dtype=object)
    table["clean_label"] = pd.Series(_NAMES[events["pattern"]], dtype=object)
    return table


def simulate_chains(
    n_chains: int = 10_000,
    *,
    n_homes: int | None = None,
    no_pattern: float = 0.9,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> Chains:
    """Simulate chains of homes in whose days incidents are planted.

    Parameters
    ----------
    n_chains : int, default=10_000
        Number of chains; every one is labelled.
    n_homes, no_pattern, annotator_error, random_state
        As for `simulate_chain_events`.

    Returns
    -------
    chains : Chains of shape (n_chains,)
        `chains_from_events` of the simulated events, with the columns `label` and `clean_label`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    simulate_chain_events : What happens in these homes.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_chains
    >>> chains = simulate_chains(500, random_state=0)
    >>> len(chains), bool(0.8 < (chains["clean_label"] == "no_pattern").mean() < 0.97)
    (500, True)
    """
    return chains_from_events(
        simulate_chain_events(
            n_chains,
            n_homes=n_homes,
            no_pattern=no_pattern,
            annotator_error=annotator_error,
            random_state=random_state,
        )
    )


def _play_days(
    rng: np.random.Generator, homes: EquippedHomes, days: int, no_pattern: float
) -> Events:
    """Play every habit, and incidents as often as makes about this share of chains quiet."""
    events = _perceived(rng, homes, HOUSEHOLD, days)
    quiet = len(_chains_of(homes, events)[2])
    share = 1 - no_pattern
    n_incidents = share * quiet / (no_pattern * TOLD_PER_INCIDENT - share * QUIET_PER_INCIDENT)
    per_day = n_incidents / (days * len(homes))
    habits = tuple(replace(habit, rate=habit.rate * per_day) for habit in INCIDENTS)
    planted = _perceived(rng, homes, habits, days)
    return {name: np.concatenate([events[name], planted[name]]) for name in events}


def _perceived(
    rng: np.random.Generator, homes: EquippedHomes, habits: tuple[Habit, ...], days: int
) -> Events:
    log = Log()
    for habit in habits:
        play(rng, homes, habit, days, log)
    events = log.collect()
    events["pattern"] = np.where(events["delivery"], _DELIVERY, events["pattern"])
    return perceive(rng, homes, draw_gaits(rng, homes, events))


def _chains_of(homes: EquippedHomes, events: Events) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the time and the chain of each event, and the pattern of each chain."""
    home = events["home"]
    time = np.round(EPOCH + events["local"] - homes.utc_offset[home], 3)
    n, names = len(home), home_names(len(homes))
    chains = chains_from_events(
        pd.DataFrame(
            {
                "home_id": names[home],
                "timestamp": time,
                "kind": pd.Categorical.from_codes(np.zeros(n, dtype=int), dtype=KIND_DTYPE),
                "zone": pd.Categorical.from_codes(np.zeros(n, dtype=int), dtype=ZONE_DTYPE),
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


def _forget_lone_events(events: Events, chain: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Take the pattern of events that are all that a window has of it; return the chains' patterns.

    Nobody could tell a burglar from a cat by one motion, nor could an annotator.
    """
    told = events["pattern"] > _DELIVERY
    lone = np.bincount(chain[told], minlength=len(clean)) == 1
    forgotten = told & lone[chain]
    events["pattern"] = np.where(forgotten, NO_CODE, events["pattern"])
    has_parcel = np.zeros(len(clean), dtype=bool)
    has_parcel[chain[events["pattern"] == _DELIVERY]] = True
    return np.where(lone, np.where(has_parcel, _DELIVERY, len(CHAIN_PATTERNS)), clean)
