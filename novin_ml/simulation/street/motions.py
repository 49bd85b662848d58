"""Simulated homes with labelled motions of six activities."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from novin_ml.simulation.homes import Homes, draw_homes
from novin_ml.simulation.parameters import RandomState, check_share, check_size, generators
from novin_ml.simulation.signals.signals import NO_STYLE
from novin_ml.simulation.signals.styles import STYLE_NAMES
from novin_ml.simulation.street.log import Log
from novin_ml.simulation.street.schedule import Habit, Hours, play, timeline
from novin_ml.simulation.street.sensors import event_table

#: Chances that a home sends only duration and energy, that something else moves as well, and that
#: the mover crosses only the edge of the field of view.
NO_RAW, TWO_AT_ONCE, GLIMPSE = 0.05, 0.04, 0.01

#: Share of the homes by the sample rate of their sensors, in hertz.
SAMPLE_RATES = {5.0: 0.03, 10.0: 0.87, 20.0: 0.10}

_LIMITS = (0.3, 300.0)  # seconds; at 20 Hz the longest signal that an event may hold
_GAIN = 0.10  # deviation of the logarithm between homes, for the distance of the sensor
_MOTIONS_PER_DAY = 20.0  # of a home, about


@dataclass(frozen=True)
class Activity:
    """What a motion is, and how it comes about.

    Parameters
    ----------
    share : float
        Share of all motions, about.
    styles : dict of str to float
        In which styles it is done, and how often; sums to 1.
    zone : str
        Field of `Homes` that says where.
    hours : tuple of (float, float, float)
        As in `Habit`.
    scaled_by, around : str, optional
        As in `Habit`.
    """

    share: float
    styles: dict[str, float]
    zone: str
    hours: Hours
    scaled_by: str | None = None
    around: str | None = None


_DAYTIME = ((8.5, 1.5, 0.3), (13.5, 3.5, 0.4), (18.0, 2.0, 0.3))

#: The labels, and what they stand for.
ACTIVITIES = {
    "loitering": Activity(
        0.10, {"linger": 0.40, "pace": 0.35, "lurk": 0.25}, "entry_zone",
        ((22.5, 2.5, 0.6), (14.0, 4.0, 0.4)),
    ),
    "package_drop": Activity(
        0.10, {"hand_over": 0.55, "toss": 0.30, "haul": 0.15}, "entry_zone",
        ((0.0, 1.1, 0.7), (4.0, 1.0, 0.3)), around="courier_hour",
    ),
    "pet": Activity(
        0.20, {"prowl": 0.35, "trot": 0.30, "sniff": 0.20, "romp": 0.15}, "back_zone",
        ((6.0, 2.0, 0.35), (20.5, 2.5, 0.35), (13.0, 4.0, 0.3)), scaled_by="cats",
    ),
    "running": Activity(
        0.05, {"sprint": 0.30, "jog": 0.45, "chase": 0.25}, "approach_zone",
        ((7.0, 1.2, 0.5), (18.0, 1.8, 0.5)),
    ),
    "vehicle": Activity(
        0.20, {"drive_by": 0.36, "ride_by": 0.12, "park": 0.22, "far_road": 0.12, "idle": 0.18},
        "approach_zone", _DAYTIME,
    ),
    "walking": Activity(
        0.35, {"pass_by": 0.40, "stroll": 0.22, "errand": 0.26, "toddle": 0.12},
        "approach_zone", _DAYTIME,
    ),
}  # fmt: skip
LABELS = tuple(ACTIVITIES)


def simulate_motions(
    n_events: int = 10_000,
    *,
    n_homes: int | None = None,
    annotator_error: float = 0.02,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate motions of people, animals and vehicles, each labelled with one of six activities.

    Signals follow from what moves: the steps of a gait with their overtones, paws in bursts,
    engines that come and go behind their headlights, the thud of a parcel, swaying and shifting
    from foot to foot, sprints. Sensors differ in distance, noise and sample rate, saturate, and
    lose samples; at times something else moves as well, or a glimpse is all they see. What is
    hard to tell in life is hard here: pacing from strolling, a dog that sniffs around from a
    courier, a runner at 5 Hz, whose steps have the alias of a walk. The classes overlap because
    of these processes alone, so that no model reaches 100 % on clean labels.

    About 35 % of the motions are walking, 20 % pet, 20 % vehicle, 10 % package_drop, 10 %
    loitering and 5 % running; homes differ.

    Parameters
    ----------
    n_events : int, default=10_000
        Number of events; every one is labelled.
    n_homes : int, optional
        Number of homes; one per 150 events, at least 10, if not given. As many days are
        simulated as it takes.
    annotator_error : float, default=0.02
        Chance that `label` is not `clean_label` but any of the other five, all equally likely, as
        by a slip. The best accuracy that can be measured against `label` is therefore
        1 - `annotator_error`.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call. `annotator_error` changes nothing
        but the labels.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        Event table of motions with the columns `label` and `clean_label`, sorted by time, homes
        interleaved. Signals last 0.3 s to 5 minutes, mostly at 10 Hz. About 5 % of the homes send
        duration and energy, but no raw signal; about 3 % have not consented.

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
    check_share("annotator_error", annotator_error)
    n_homes = check_size(n_events, n_homes)
    world, sensors, annotator = generators(random_state, 3)

    homes = _equip(world, draw_homes(world, n_homes))
    days = math.ceil(1.1 * n_events / (_MOTIONS_PER_DAY * n_homes)) + 1
    events, time, kept = timeline(homes, partial(_play_days, world, homes), days, n_events)
    events = {name: column[kept] for name, column in events.items()}
    style = events["style"]
    accompanied = world.random(n_events) < TWO_AT_ONCE
    events["companion"] = np.where(accompanied, world.permutation(style), NO_STYLE)
    events["duration"] = _shorten(world, events["duration"], homes.sample_rate[events["home"]])
    table = event_table(sensors, homes, events, time[kept])

    clean = _LABEL_OF_STYLE[style]
    wrong = annotator.random(n_events) < annotator_error
    slip = annotator.integers(1, len(LABELS), size=n_events)
    names = np.array(LABELS, dtype=object)
    label = names[(clean + wrong * slip) % len(LABELS)]
    table["label"] = pd.Series(label, dtype=object)
    table["clean_label"] = pd.Series(names[clean], dtype=object)
    return table


_LABEL_OF_STYLE = np.array(
    [
        next((code for code, label in enumerate(LABELS) if name in ACTIVITIES[label].styles), -1)
        for name in STYLE_NAMES
    ]
)


def _equip(rng: np.random.Generator, homes: Homes) -> Homes:
    """Give homes sensors at other distances, of other rates, some of which send no signal."""
    n = len(homes)
    raw = _quantiles(rng, n) > NO_RAW
    rates, shares = np.array([*SAMPLE_RATES.items()]).T
    return replace(
        homes,
        gain=homes.gain * np.exp(_GAIN * rng.standard_normal(n)),
        sample_rate=rates[np.searchsorted(np.cumsum(shares)[:-1], _quantiles(rng, n))],
        sends_raw=raw,
        sends_duration=homes.sends_duration | ~raw,
    )


def _quantiles(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw the numbers of an even grid over 0..1, each once: shares of homes are kept exactly."""
    return (rng.permutation(n) + 0.5) / n


def _shorten(rng: np.random.Generator, durations: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Leave of a few motions only a glimpse, a whole number of samples each."""
    n = len(durations)
    seen = np.where(rng.random(n) < GLIMPSE, rng.uniform(0.03, 0.5, n), 1.0)
    return np.ceil(np.maximum(durations * seen, _LIMITS[0]) * rate - 1e-6) / rate


def _play_days(rng: np.random.Generator, homes: Homes, days: int) -> dict[str, np.ndarray]:
    """Play every activity in every style."""
    log = Log(limits=_LIMITS)
    for activity in ACTIVITIES.values():
        for style, share in activity.styles.items():
            habit = Habit(
                partial(_move, style=style, zone=activity.zone),
                _MOTIONS_PER_DAY * activity.share * share,
                activity.hours,
                scaled_by=activity.scaled_by,
                around=activity.around,
            )
            play(rng, homes, habit, days, log)
    return log.collect()


def _move(
    rng: np.random.Generator,
    homes: Homes,
    start: np.ndarray,
    log: Log,
    *,
    style: str,
    zone: str,
) -> None:
    log.move(rng, style, homes, start, getattr(homes, zone))
