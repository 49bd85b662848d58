"""The six activities whose motions are simulated, and the scenes that play them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from novin_ml.simulation.event_log import SceneLog
from novin_ml.simulation.homes import Homes
from novin_ml.simulation.scheduling import Hours, ScheduledScene
from novin_ml.simulation.signals.motion_styles import STYLE_NAMES


@dataclass(frozen=True)
class Activity:
    """An activity: who moves in which styles, where, how often and when.

    Parameters
    ----------
    share : float
        Approximate share of all motions.
    styles : dict of str to float
        Shares of the styles in which it is done; they sum to 1.
    zone : str
        Field of `Homes` that holds the zone.
    hours : tuple of tuples of (float, float, float)
        As in `ScheduledScene`.
    scaled_by, around : str, optional
        As in `ScheduledScene`.
    """

    share: float
    styles: dict[str, float]
    zone: str
    hours: Hours
    scaled_by: str | None = None
    around: str | None = None


_DAYTIME = ((8.5, 1.5, 0.3), (13.5, 3.5, 0.4), (18.0, 2.0, 0.3))

#: The activities by their labels.
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

#: Position of the label of each style in `LABELS`, -1 for styles of other simulations.
LABEL_OF_STYLE = np.array(
    [
        next((code for code, label in enumerate(LABELS) if name in ACTIVITIES[label].styles), -1)
        for name in STYLE_NAMES
    ]
)


def scenes_of_activities(motions_per_day: float) -> Iterator[ScheduledScene]:
    """Yield a scene for each style of each activity, for a number of motions per home and day."""
    for activity in ACTIVITIES.values():
        for style, share in activity.styles.items():
            yield ScheduledScene(
                partial(_move, style=style, zone=activity.zone),
                motions_per_day * activity.share * share,
                activity.hours,
                scaled_by=activity.scaled_by,
                around=activity.around,
            )


def _move(
    rng: np.random.Generator,
    homes: Homes,
    start: np.ndarray,
    log: SceneLog,
    *,
    style: str,
    zone: str,
) -> None:
    log.move(rng, style, homes, start, getattr(homes, zone))
