"""Simulated homes with labelled deliveries."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from novin_ml.simulation.homes import draw_homes
from novin_ml.simulation.parameters import RandomState, check_share, check_size, generators
from novin_ml.simulation.street.schedule import play_days, timeline
from novin_ml.simulation.street.sensors import event_table

#: Labels of a motion.
DELIVERY, NO_DELIVERY = "delivery", "no_delivery"

_CONTEXT = 60.0  # seconds of unlabelled events that are kept after the last labelled one
_MOTIONS_PER_DAY = 13.0  # of a home, about


def simulate_deliveries(
    n_events: int = 10_000,
    *,
    n_homes: int | None = None,
    prevalence: float = 0.25,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate the events of homes to which couriers come, and much that resembles them.

    Every motion is labelled: ``"delivery"`` if a parcel is left during it. Look-alikes are the
    post, neighbours who ring, visitors who wait, residents who fetch a parcel, come or go, cats,
    branches, rain and sun, vans that stop next door, and couriers who take the parcel back
    because nobody opens. Parcels come with the doorbell before, after or without it. The classes
    overlap because of these processes alone, so that no model reaches 100 % on clean labels.

    Parameters
    ----------
    n_events : int, default=10_000
        Number of labelled events. Doorbells, doors and vehicles come in addition, unlabelled.
    n_homes : int, optional
        Number of homes; one per 150 labelled events, at least 10, if not given. As many days are
        simulated as it takes.
    prevalence : float, default=0.25
        Share of deliveries among the labelled events, about; 0 to 0.5. Couriers come as often as
        that takes, far more often than in life.
    annotator_error : float, default=0.02
        Chance that `label` is not `clean_label`. The best accuracy that can be measured against
        `label` is therefore 1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes nothing
        but the labels.

    Returns
    -------
    events : DataFrame
        Event table with the columns `label` and `clean_label` (None if not labelled), sorted by
        time, homes interleaved. Some homes send no raw signal, no duration or no mode; about
        3 % of homes have not consented, and their labelled events count too. The last 60 s are
        not labelled, so that every label has its context.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    novin_ml.events.training_events : Keeps what may be trained on.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(500, random_state=0)
    >>> int(events["label"].notna().sum())
    500
    >>> sorted(events["kind"].unique())
    ['door', 'doorbell', 'motion', 'vehicle']
    """
    check_share("prevalence", prevalence)
    check_share("annotator_error", annotator_error)
    n_homes = check_size(n_events, n_homes)
    world, sensors, annotator = generators(random_state, 3)

    homes = draw_homes(world, n_homes)
    days = math.ceil(1.1 * n_events / (_MOTIONS_PER_DAY * n_homes)) + 1
    play = partial(play_days, world, homes, prevalence=prevalence)
    events, time, labelled = timeline(homes, play, days, n_events, _CONTEXT)
    table = event_table(sensors, homes, events, time)

    wrong = annotator.random(len(time)) < annotator_error
    names = np.array([NO_DELIVERY, DELIVERY], dtype=object)
    for column, delivery in (
        ("label", events["delivery"] ^ wrong),
        ("clean_label", events["delivery"]),
    ):
        label = np.where(labelled, names[delivery.astype(int)], None)
        table[column] = pd.Series(label, dtype=object)
    return table
