"""The plot of a plan: time and cost over the size of the data, one line a machine."""

from __future__ import annotations

import os
import textwrap
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.compute.changes import what_if
from novin_ml.compute.durations import in_words
from novin_ml.compute.records import HardwarePlan, Plan
from novin_ml.exceptions import InvalidParametersError
from novin_ml.files import replace_whole
from novin_ml.optional import import_optional
from novin_ml.plain import plural
from novin_ml.texts import in_plot

#: Sizes as multiples of the plan's rows.
_FACTORS = np.geomspace(0.1, 10, 9)
_STYLES = ("-", "--", "-.", ":")
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "h", "p")
_COLORS = (
    *("#1b4f8f", "#c2571a", "#3a7d34", "#7b3f96", "#8c6d1f"),
    *("#3f3f3f", "#b3243d", "#1a8a8a", "#d48bb5", "#6b7fd7"),
)
_WIDEST = 105


def write_plan_plot(made: Plan, path: str | os.PathLike[str]) -> Path:
    """Draw time and cost of a plan over the size of its data.

    Parameters
    ----------
    made : Plan
        From `plan`.
    path : str or path-like
        File to write: ``.svg`` or ``.png``.

    Returns
    -------
    path : Path
        The file. Machines with the same times, or costs, share a line; bands are intervals.

    Raises
    ------
    InvalidParametersError
        If the path ends in something else.
    ExtraNotInstalledError
        If matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix not in (".svg", ".png"):
        raise InvalidParametersError(
            f"The plot must be an .svg or .png file. Got {path}. Name one."
        )
    matplotlib = import_optional("matplotlib", extra="plots", purpose="A plot of a plan")
    from matplotlib.figure import Figure

    plans = [what_if(made, {"rows": f"{factor:.4f}x"}) for factor in _FACTORS]
    rows = np.array([sum(each.rows * each.models for each in one.tasks) for one in plans])
    settings = {"svg.hashsalt": "plan", "text.parse_math": False, "font.size": 8}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure = Figure(figsize=(7.6, 8.8), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        _draw_times(above, rows, plans, made)
        _draw_costs(below, rows, plans)
        legend = {"fontsize": 7.5, "frameon": False}
        above.set(ylabel="one training", title=_title(made))
        below.set(
            xlabel="rows of all models together",
            ylabel=f"dollars in {plural(made.months, 'month')} (extrapolated; bars: least to most)",
        )
        for axes in (above, below):
            axes.set_xscale("log")
            marks = [m * 10**e for e in range(1, 16) for m in (1, 3)]
            marks = [each for each in marks if rows[0] <= each <= rows[-1]]
            axes.set_xticks(marks, [f"{each:,}" for each in marks])
            axes.minorticks_off()
            axes.tick_params(labelbottom=True)
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
        above.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), **legend)
        below.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, **legend)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        with replace_whole(path) as new:
            figure.savefig(new, metadata=metadata, facecolor="white", dpi=150)
    return path


def _title(made: Plan) -> str:
    tasks = ", ".join(each.task for each in made.tasks)
    return in_plot(f"{tasks}; {plural(made.homes, 'home')}; prices of {made.table.date}", 90)


def _draw_times(axes: Any, rows: np.ndarray, plans: list[Plan], made: Plan) -> None:
    lines = _grouped(plans, lambda each: (each.time.seconds, each.time.low, each.time.high))
    for number, (values, group) in enumerate(lines):
        middle, low, high = np.array(values).T
        basis = group[0].time.basis
        axes.fill_between(rows, low, high, color=_COLORS[number % 10], alpha=0.12, linewidth=0)
        label = _label(f"{_names(group)} ({basis}, band: 95 % interval)")
        axes.plot(rows, middle, label=label, **_look(number))
    if made.deadline is not None:
        axes.axhline(made.deadline, color="black", linewidth=1.2)
        axes.annotate(
            f"deadline {in_words(made.deadline)}",
            (rows[0], made.deadline),
            textcoords="offset points",
            xytext=(0, 3),
        )
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    marks = [0.1, 1, 10, 60, 600, 3_600, 36_000, 4 * 86_400, 40 * 86_400, 400 * 86_400]
    marks = [each for each in marks if low <= each <= high]
    axes.set_yticks(marks, [in_words(each) for each in marks])


def _draw_costs(axes: Any, rows: np.ndarray, plans: list[Plan]) -> None:
    for number, (values, group) in enumerate(_grouped(plans, lambda each: each.total)):
        low, high = np.array(values).T
        middle = np.sqrt(low * high) if group[0].hardware.per == "hour" else (low + high) / 2
        axes.plot(rows, middle, label=_label(_names(group)), **_look(number))
        # One bar a line: bands of so many lines hide each other.
        place = number % len(rows)
        bar = np.array([[middle[place] - low[place]], [high[place] - middle[place]]])
        axes.errorbar(
            rows[place], middle[place], bar, color=_COLORS[number % 10], capsize=2.5, linewidth=1
        )
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_ylim(bottom=-0.02)
    marks = [0, 0.1, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
    marks = [each for each in marks if each <= axes.get_ylim()[1]]
    axes.set_yticks(marks, [f"${each:,.10g}" for each in marks])


def _look(number: int) -> dict[str, Any]:
    return {
        "color": _COLORS[number % len(_COLORS)],
        "linestyle": _STYLES[number % len(_STYLES)],
        "marker": _MARKS[number % len(_MARKS)],
        "markersize": 4,
    }


def _label(text: str) -> str:
    return "\n".join(textwrap.wrap(in_plot(text, 400), _WIDEST))


def _names(group: list[HardwarePlan]) -> str:
    return ", ".join(each.hardware.name for each in group)


def _grouped(plans: list[Plan], values: Any) -> list[tuple[list[Any], list[HardwarePlan]]]:
    """Return the lines, each with the machines that share it."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for place in range(len(plans[0].hardware)):
        groups[tuple(values(one.hardware[place]) for one in plans)].append(place)
    middle = plans[len(plans) // 2]
    return [
        ([*line], [middle.hardware[place] for place in places]) for line, places in groups.items()
    ]
