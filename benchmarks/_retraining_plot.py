"""The plot of half a year with retraining and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt

_LINES = {
    "without": ("first version", "0.55", "-"),
    "blind": ("trained each week, no rule", "C1", ":"),
    "retrained": ("novin-ml retrain", "C0", "-"),
}


def write_plot(weeks: Sequence[Any], changes: Mapping[int, str], path: Path) -> None:
    """Draw accuracy and false alarms over weeks, the changes, and when a version was promoted."""
    matplotlib.rcParams["svg.hashsalt"] = "retraining"
    figure, (above, below) = plt.subplots(2, 1, figsize=(9, 6), sharex=True)
    numbers = [week.number for week in weeks]
    for name, (label, colour, line) in _LINES.items():
        found = [getattr(week, name) for week in weeks]
        style = {"color": colour, "linestyle": line, "linewidth": 1.6}
        above.plot(numbers, [100 * each.accuracy for each in found], label=label, **style)
        below.plot(numbers, [each.false_alarms for each in found], **style)
    promoted = [week.number + 0.5 for week in weeks if week.decision.promoted]
    for axes in (above, below):
        for number, change in changes.items():
            axes.axvline(number - 0.5, color="0.7", linewidth=0.8)
            if axes is above:
                place = (number - 0.4, axes.get_ylim()[0])
                axes.annotate(change, place, rotation=90, fontsize=7, va="bottom", color="0.3")
        axes.grid(alpha=0.3)
    bottom = above.get_ylim()[0]
    above.plot(promoted, [bottom] * len(promoted), "^", color="C0", label="promoted", clip_on=False)
    above.set_ylabel("accuracy, %")
    above.legend(fontsize=8, loc="center right")
    below.set(ylabel="false alarms per home and week", xlabel="week", ylim=(0, None))
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    plt.close(figure)
