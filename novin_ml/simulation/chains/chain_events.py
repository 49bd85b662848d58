"""Simulate homes with incidents, as events and as chains of events."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.chains.table import Chains
from novin_ml.events.chains.windows import chains_from_events
from novin_ml.simulation.chains.equipped_homes import EquippedHomes, equip_homes
from novin_ml.simulation.chains.gaits import draw_gaits
from novin_ml.simulation.chains.ground_truth import (
    DELIVERY,
    LABELS,
    chains_of,
    forget_lone_events,
)
from novin_ml.simulation.chains.sensing import sense
from novin_ml.simulation.chains.timetable import HOUSEHOLD, INCIDENTS
from novin_ml.simulation.event_log import Columns, SceneLog, join, take
from novin_ml.simulation.event_table import event_table
from novin_ml.simulation.labels import add_labels, annotate
from novin_ml.simulation.parameters import (
    RandomState,
    draw_name,
    generators,
    number_of_homes,
    size_constraints,
)
from novin_ml.simulation.scheduling import ScheduledScene, play
from novin_ml.validation import Constraints, validate_params

#: Chains per home and day without incidents, about.
CHAINS_PER_DAY = 17.0
#: Chains with and without a pattern that an incident makes on average, to set their share.
TOLD_PER_INCIDENT, QUIET_PER_INCIDENT = 0.77, 0.26


def _constraints(data: Any) -> Constraints:
    return {
        **size_constraints(data, "n_chains"),
        "no_pattern": [data.Interval(Real, 0.5, 1, closed="both")],
    }


@validate_params(_constraints, prefer_skip_nested_validation=True)
def simulate_chain_events(
    n_chains: int = 10_000,
    *,
    n_homes: int | None = None,
    no_pattern: float = 0.9,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate the event log of homes in whose days incidents are planted.

    Couriers leave parcels; they ring before, after or not at all. Intruders come through doors and
    windows that were not locked, some slowly, some after ringing. Others force a door or a window,
    break a pane and wait to see whether anybody heard it, or walk around the house. Innocent scenes
    resemble incidents: children run around the house, a resident airs the rooms, tries the locks at
    night, carries the shopping in or comes home late and quietly, a glass falls, a draft moves a
    door, a window cleaner or a fox walks around the house. Any of these may happen beside an
    incident. Burglars and residents walk, hurry and creep alike, so that sensors have the same
    confidence in both. Some zones have no sensor. Sensors miss events, repeat them, are blind for a
    while, and report late, without a place or with an unknown type. The classes overlap only
    because of these effects, so that no model reaches 100 % on clean labels.

    Parameters
    ----------
    n_chains : int, default=10_000
        Number of chains that `novin_ml.events.chains_from_events` makes of the events, at least 1.
    n_homes : int, optional
        Number of homes, at least 1. By default one per 150 chains, at least 10. The number of days
        follows from both.
    no_pattern : float, default=0.9
        Approximate share of chains without a pattern, 0.5 to 1. Incidents happen as often as this
        share needs, far more often than in reality.
    annotator_error : float, default=0.02
        Chance that an annotator, who labels windows of 60 s, slips and gives all events of a window
        another of the six labels, all equally likely; 0 to 0.5. The best accuracy that can be
        measured against the labels of chains is therefore 1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes only the
        labels. Homes of another random state are other homes, and have other names.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        Event table with the dtypes of `novin_ml.events.column_dtypes` and the columns `label` and
        `clean_label` (str), sorted by time, homes interleaved. Events by which an incident can be
        recognised have its pattern as their label, all others ``"no_pattern"``. An event that is
        the only one of its incident within a window is ``"no_pattern"``, too, unless a parcel is
        left. Motions have no raw signal. About 3 % of the homes have not consented.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    simulate_chains : The same homes, as chains.

    Examples
    --------
    >>> from novin_ml.events import chains_from_events
    >>> from novin_ml.simulation import simulate_chain_events
    >>> events = simulate_chain_events(500, random_state=0)
    >>> len(chains_from_events(events))
    500
    """
    n_homes = number_of_homes(n_chains, n_homes)
    world, sensors, annotator = generators(random_state, 3)

    homes = equip_homes(world, n_homes)
    days = math.ceil(1.1 * no_pattern * n_chains / (CHAINS_PER_DAY * n_homes)) + 1
    while True:
        events = _play_days(world, homes, days, no_pattern)
        time, chain, clean = chains_of(homes, events)
        clean = forget_lone_events(events, chain, clean)
        if len(clean) >= n_chains:
            break
        days *= 2
    kept = np.flatnonzero(chain < n_chains)
    kept = kept[np.lexsort((events["home"][kept], time[kept]))]
    events = take(events, kept)
    time, chain, clean = time[kept], chain[kept], clean[:n_chains]
    table = event_table(
        sensors, homes, events, time, draw=draw_name(random_state, world), signals=False
    )

    given = annotate(annotator, clean, len(LABELS), annotator_error)
    label = np.where((given != clean)[chain], given[chain], events["pattern"])
    add_labels(table, LABELS, label, events["pattern"])
    return table


@validate_params(_constraints, prefer_skip_nested_validation=True)
def simulate_chains(
    n_chains: int = 10_000,
    *,
    n_homes: int | None = None,
    no_pattern: float = 0.9,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> Chains:
    """Simulate chains of homes in whose days incidents are planted.

    The homes are those of `simulate_chain_events`, which describes what happens there.

    Parameters
    ----------
    n_chains : int, default=10_000
        Number of chains, at least 1. Every one is labelled.
    n_homes : int, optional
        Number of homes, as for `simulate_chain_events`.
    no_pattern : float, default=0.9
        Approximate share of chains without a pattern, 0.5 to 1.
    annotator_error : float, default=0.02
        Chance that `label` is not `clean_label`, 0 to 0.5.
    random_state : int, Generator or RandomState, optional
        An int gives the same chains, bit for bit, at each call. `annotator_error` changes only the
        labels. Homes of another random state are other homes, and have other names.

    Returns
    -------
    chains : Chains of shape (n_chains,)
        What `novin_ml.events.chains_from_events` makes of the simulated events, with the columns
        `label` and `clean_label` (str).

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    simulate_chain_events : The same homes, as events.

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
) -> Columns:
    """Play days, with as many incidents as leave this share of the chains without a pattern."""
    events = _sensed(rng, homes, HOUSEHOLD, days)
    quiet = len(chains_of(homes, events)[2])
    share = 1 - no_pattern
    n_incidents = share * quiet / (no_pattern * TOLD_PER_INCIDENT - share * QUIET_PER_INCIDENT)
    per_day = n_incidents / (days * len(homes))
    incidents = tuple(replace(scene, rate=scene.rate * per_day) for scene in INCIDENTS)
    return join((events, _sensed(rng, homes, incidents, days)))


def _sensed(
    rng: np.random.Generator, homes: EquippedHomes, scenes: tuple[ScheduledScene, ...], days: int
) -> Columns:
    """Play scenes, and return what the sensors report of them."""
    log = SceneLog()
    play(rng, homes, scenes, days, log)
    events = log.collect()
    events["pattern"] = np.where(events["delivery"], DELIVERY, events["pattern"])
    return sense(rng, homes, draw_gaits(rng, homes, events))
