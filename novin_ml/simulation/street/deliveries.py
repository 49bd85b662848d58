"""Simulate homes with labelled deliveries."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from numbers import Real

import numpy as np
import pandas as pd

from novin_ml.simulation.event_log import Columns, SceneLog
from novin_ml.simulation.event_table import event_table
from novin_ml.simulation.homes import Homes, draw_homes
from novin_ml.simulation.labels import add_labels, annotate
from novin_ml.simulation.parameters import (
    RandomState,
    draw_name,
    generators,
    number_of_homes,
    size_constraints,
)
from novin_ml.simulation.scheduling import play, play_until
from novin_ml.simulation.street.everyday import EVERYDAY
from novin_ml.simulation.street.visits import (
    COURIERS,
    DELIVERIES_PER_COURIER,
    MOTIONS_PER_COURIER,
)
from novin_ml.validation import validate_params

#: Labels of a motion.
LABELS = ("no_delivery", "delivery")

_CONTEXT = 60.0  # seconds of unlabelled events that are kept after the last labelled one
_MOTIONS_PER_DAY = 13.0  # per home, about


@validate_params(
    lambda data: {
        **size_constraints(data, "n_events"),
        "prevalence": [data.Interval(Real, 0, 0.5, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def simulate_deliveries(
    n_events: int = 10_000,
    *,
    n_homes: int | None = None,
    prevalence: float = 0.25,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate homes with deliveries, and with much that resembles them.

    Every motion is labelled: ``"delivery"`` if a parcel is left during it. Look-alikes are the
    post, neighbours who ring, visitors who wait, residents who fetch a parcel, come or go, cats,
    branches, rain and sun, vans that stop next door, and couriers who take the parcel back
    because nobody opens. Couriers ring before or after they leave the parcel, or not at all. The
    classes overlap only because of these scenes, so that no model reaches 100 % on clean labels.

    Parameters
    ----------
    n_events : int, default=10_000
        Number of labelled events, at least 1. Events of doorbells, doors and vehicles are added
        without labels.
    n_homes : int, optional
        Number of homes, at least 1. By default one per 150 labelled events, at least 10. The
        number of days follows from both.
    prevalence : float, default=0.25
        Approximate share of deliveries among the labelled events, 0 to 0.5. Couriers come as
        often as this share needs, far more often than in reality.
    annotator_error : float, default=0.02
        Chance that `label` is not `clean_label`, 0 to 0.5. The best accuracy that can be measured
        against `label` is therefore 1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes only the
        labels. Homes of another random state are other homes, and have other names.

    Returns
    -------
    events : DataFrame of shape (n_rows, n_columns)
        Event table with the dtypes of `novin_ml.events.column_dtypes` and the columns `label` and
        `clean_label` (str, None if not labelled), sorted by time, homes interleaved. Raw signals
        (float32, 0 to 1) are sampled at 10 Hz. Some homes send no raw signal, no duration or no
        mode. About 3 % of the homes have not consented; their labelled events count, too. The last
        60 s are not labelled, so that every label has its context.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    novin_ml.events.training_events : Keep the events that may be trained on.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(500, random_state=0)
    >>> int(events["label"].notna().sum())
    500
    >>> sorted(events["kind"].unique())
    ['door', 'doorbell', 'motion', 'vehicle']
    """
    n_homes = number_of_homes(n_events, n_homes)
    world, sensors, annotator = generators(random_state, 3)

    homes = draw_homes(world, n_homes)
    days = math.ceil(1.1 * n_events / (_MOTIONS_PER_DAY * n_homes)) + 1
    play_days = partial(_play_days, world, homes, prevalence=prevalence)
    events, time, labelled = play_until(homes, play_days, days, n_events, _CONTEXT)
    table = event_table(sensors, homes, events, time, draw=draw_name(random_state, world))

    clean = events["delivery"].astype(int)
    label = annotate(annotator, clean, len(LABELS), annotator_error)
    add_labels(table, LABELS, label, clean, labelled)
    return table


def _play_days(rng: np.random.Generator, homes: Homes, days: int, prevalence: float) -> Columns:
    """Play days, with as many couriers as make this share of the motions deliveries."""
    log = SceneLog()
    play(rng, homes, EVERYDAY, days, log)
    others = log.n_motions()
    visits = prevalence * others / (DELIVERIES_PER_COURIER - prevalence * MOTIONS_PER_COURIER)
    couriers = replace(COURIERS, rate=visits / (days * len(homes)))
    play(rng, homes, [couriers], days, log)
    return log.collect()
