"""Simulate homes with labelled motions of six activities."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import Columns, SceneLog, take
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
from novin_ml.simulation.signals.motion_styles import NO_STYLE
from novin_ml.simulation.street.activities import LABEL_OF_STYLE, LABELS, scenes_of_activities
from novin_ml.validation import validate_params

#: Chances that a home sends only duration and energy, that something else moves as well, and that
#: the mover crosses only the edge of the field of view.
NO_RAW, TWO_AT_ONCE, GLIMPSE = 0.05, 0.04, 0.01

#: Share of the homes by the sample rate of their sensors, in hertz.
SAMPLE_RATES = {5.0: 0.03, 10.0: 0.87, 20.0: 0.10}

_LIMITS = (0.3, 300.0)  # seconds; at 20 Hz the longest signal that an event may hold
_GAIN = 0.10  # standard deviation of the logarithm between homes, as distances differ
_MOTIONS_PER_DAY = 20.0  # per home, about


@validate_params(
    lambda data: size_constraints(data, "n_events"), prefer_skip_nested_validation=True
)
def simulate_motions(
    n_events: int = 10_000,
    *,
    n_homes: int | None = None,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate motions of people, animals and vehicles, each labelled with one of six activities.

    A signal depends on what moves: steps have overtones, paws come in bursts, engines follow their
    headlights, a parcel thuds, loiterers sway and shift from foot to foot, runners sprint. Sensors
    differ in distance, noise and sample rate; they saturate and lose samples. At times something
    else moves as well, or the sensor sees only a glimpse. Some activities are hard to tell apart,
    as in reality: pacing and strolling, a dog that sniffs around and a courier, a runner at 5 Hz
    (whose steps alias to those of a walk) and a walker. The classes overlap only because of these
    effects, so that no model reaches 100 % on clean labels.

    About 35 % of the motions are walking, 20 % pet, 20 % vehicle, 10 % package_drop, 10 %
    loitering and 5 % running; homes differ.

    Parameters
    ----------
    n_events : int, default=10_000
        Number of events, at least 1. Every one is labelled.
    n_homes : int, optional
        Number of homes, at least 1. By default one per 150 events, at least 10. The number of
        days follows from both.
    annotator_error : float, default=0.02
        Chance that `label` is not `clean_label` but one of the other five, all equally likely; 0
        to 0.5. The best accuracy that can be measured against `label` is therefore
        1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes only the
        labels. Homes of another random state are other homes, and have other names.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        Event table with the dtypes of `novin_ml.events.column_dtypes` and the columns `label` and
        `clean_label` (str), sorted by time, homes interleaved. Raw signals (float32, 0 to 1) last
        0.3 s to 5 minutes, mostly at 10 Hz. About 5 % of the homes send duration and energy, but
        no raw signal; about 3 % have not consented.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    simulate_deliveries : Motions in the context of doorbells, doors and vehicles.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_motions
    >>> events = simulate_motions(500, random_state=0)
    >>> sorted(events["clean_label"].unique())
    ['loitering', 'package_drop', 'pet', 'running', 'vehicle', 'walking']
    """
    n_homes = number_of_homes(n_events, n_homes)
    world, sensors, annotator = generators(random_state, 3)

    homes = _equip(world, draw_homes(world, n_homes))
    days = math.ceil(1.1 * n_events / (_MOTIONS_PER_DAY * n_homes)) + 1
    events, time, kept = play_until(homes, partial(_play_days, world, homes), days, n_events)
    events = take(events, kept)
    style = events["style"]
    accompanied = chance(world, n_events, TWO_AT_ONCE)
    events["companion"] = np.where(accompanied, world.permutation(style), NO_STYLE)
    events["duration"] = _shorten(world, events["duration"], homes.sample_rate[events["home"]])
    table = event_table(sensors, homes, events, time[kept], draw=draw_name(random_state, world))

    clean = LABEL_OF_STYLE[style]
    add_labels(table, LABELS, annotate(annotator, clean, len(LABELS), annotator_error), clean)
    return table


def _equip(rng: np.random.Generator, homes: Homes) -> Homes:
    """Vary the distances and sample rates of the sensors; let some homes send no signal."""
    n = len(homes)
    raw = _quantiles(rng, n) > NO_RAW
    rates, shares = np.array([*SAMPLE_RATES.items()]).T
    return replace(
        homes,
        gain=lognormal(rng, n, homes.gain, _GAIN),
        sample_rate=rates[np.searchsorted(np.cumsum(shares)[:-1], _quantiles(rng, n))],
        sends_raw=raw,
        sends_duration=homes.sends_duration | ~raw,
    )


def _quantiles(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw the numbers of an even grid over 0..1, each once: shares of homes are exact."""
    return (rng.permutation(n) + 0.5) / n


def _shorten(rng: np.random.Generator, durations: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Cut a few motions to a glimpse; all last a whole number of samples."""
    n = len(durations)
    seen = np.where(chance(rng, n, GLIMPSE), rng.uniform(0.03, 0.5, n), 1.0)
    return np.ceil(np.maximum(durations * seen, _LIMITS[0]) * rate - 1e-6) / rate


def _play_days(rng: np.random.Generator, homes: Homes, days: int) -> Columns:
    """Play every activity in every style."""
    log = SceneLog(limits=_LIMITS)
    play(rng, homes, scenes_of_activities(_MOTIONS_PER_DAY), days, log)
    return log.collect()
