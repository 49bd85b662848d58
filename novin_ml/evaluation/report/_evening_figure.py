"""The week of a home: when which sensor fired, with the unusual events marked."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.evaluation.report.svg import GRID, MUTED, SERIES
from novin_ml.texts import in_plot

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONGEST_NAME = 30


def height_of(n_sensors: int) -> float:
    """Return the height in inches of a grid with so many rows."""
    return 0.7 + 0.2 * max(n_sensors, 3)


def week_grid(axes: Any, sensors: list[str], marks: list[tuple[int, float, bool]]) -> None:
    """Draw each event as a stroke at its hour of the week, and a ring around the unusual ones."""
    found = np.array([(row, hour, is_unusual) for row, hour, is_unusual in marks]).reshape(-1, 3)
    row, hour, is_unusual = found[:, 0], found[:, 1], found[:, 2] > 0
    axes.scatter(hour, row, marker="|", s=34, color=SERIES[0], alpha=0.45, linewidths=0.8)
    axes.scatter(
        hour[is_unusual], row[is_unusual], s=58, facecolors="none", edgecolors=SERIES[1],
        linewidths=1.8, zorder=3,
    )  # fmt: skip
    for place in range(1, 7):
        axes.axvline(24 * place, color=MUTED, linewidth=0.6)
    names = [in_plot(name, _LONGEST_NAME) for name in sensors]
    axes.set_yticks(range(len(sensors)), names)
    axes.set_xticks([24 * place + 12 for place in range(7)], _DAYS)
    axes.set_xticks([24 * place + hour for place in range(7) for hour in (0, 6, 18)], minor=True)
    axes.tick_params(axis="x", length=0, which="major")
    axes.set(xlim=(0, 168), ylim=(len(sensors) - 0.4, -0.6))
    axes.grid(True, axis="y", color=GRID)
    axes.set_axisbelow(True)
