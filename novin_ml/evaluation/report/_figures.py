"""The figures of a report, each drawn into given axes from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from novin_ml.evaluation.report._parts import AlarmCurve, Curve, Reliability
from novin_ml.evaluation.report.svg import DASHES, GRID, INK, MUTED, SERIES
from novin_ml.texts import in_plot


def confusion(
    axes: Any, labels: list[str], counts: list[list[int]], who: str = "the model"
) -> None:
    """Draw counts by right label and answer; a darker square has more of its row."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle
    from sklearn.metrics import ConfusionMatrixDisplay

    matrix = np.array(counts)
    names = [in_plot(label, 18) for label in labels]
    clear = LinearSegmentedColormap.from_list("clear", [(0, 0, 0, 0), (0, 0, 0, 0)])
    size = 8.5 if len(labels) < 4 else 7
    ConfusionMatrixDisplay(matrix, display_labels=names).plot(
        ax=axes,
        cmap=clear,
        colorbar=False,
        values_format=",d",
        text_kw={"color": INK, "fontsize": size, "zorder": 3},
        xticks_rotation="horizontal" if len(labels) < 4 else 40,
    )
    for image in list(axes.images):
        image.remove()  # an image has fixed colours; squares have the page's
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    for (row, column), part in np.ndenumerate(share):
        square = Rectangle((column - 0.5, row - 0.5), 1, 1, color=SERIES[0], alpha=0.6 * part, lw=0)
        axes.add_patch(square)
    if len(labels) >= 4:
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
    axes.set(xlabel=f"the answer of {who}", ylabel="it was")


def roc(axes: Any, curves: list[Curve]) -> None:
    """Draw ROC curves by scikit-learn's display."""
    from sklearn.metrics import RocCurveDisplay

    _cycle(axes)
    for curve in curves:
        name = f"{in_plot(curve.label, 20)}: {curve.area:.3f}"
        RocCurveDisplay(fpr=np.array(curve.x), tpr=np.array(curve.y)).plot(ax=axes, name=name)
    _points_of_rules(axes, curves)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1)
    _legend(axes, "area under the curve")
    axes.set(xlabel="share of other rows taken for it (false positive rate)", aspect="auto")
    axes.set(ylabel="share found (recall)")
    axes.grid(True)


def precision_recall(axes: Any, curves: list[Curve]) -> None:
    """Draw precision over recall by scikit-learn's display."""
    from sklearn.metrics import PrecisionRecallDisplay

    _cycle(axes)
    for curve in curves:
        display = PrecisionRecallDisplay(precision=np.array(curve.y), recall=np.array(curve.x))
        display.plot(ax=axes, name=f"{in_plot(curve.label, 20)}: {curve.area:.3f}")
    _points_of_rules(axes, curves)
    _legend(axes, "average precision")
    axes.set(xlabel="share found (recall)", aspect="auto")
    axes.set(ylabel="right when said (precision)")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.03))
    axes.grid(True)


def calibration(axes: Any, reliability: Reliability, rules_right: float | None = None) -> None:
    """Draw the reliability diagram by scikit-learn's display."""
    from sklearn.calibration import CalibrationDisplay

    sure, right = np.array(reliability.mean_probability), np.array(reliability.share_right)
    display = CalibrationDisplay(right, sure, sure)
    display.plot(ax=axes, name="the model", ref_line=False, color=SERIES[0])
    axes.vlines(
        sure, reliability.low, reliability.high, color=SERIES[0], linewidth=1, label="95 % interval"
    )
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1, label="as sure as right")
    share = np.array(reliability.n_rows) / sum(reliability.n_rows)
    if rules_right is not None:
        axes.plot(
            [1], [rules_right], "D", color=SERIES[1], markersize=5, label="the rules, always sure"
        )
    axes.bar(sure, share, width=0.03, color=SERIES[0], alpha=0.25, label="share of answers")
    _legend(axes)
    axes.set(xlabel="how sure the model is", ylabel="how often it is right", aspect="auto")
    axes.set(xlim=(min(0.95 * sure.min(), 0.45), 1.02), ylim=(0, 1.03))
    axes.grid(True)


def false_alarms(axes: Any, curves: list[AlarmCurve]) -> None:
    """Draw the share found over false alarms per home and week; a dot is the chosen threshold."""
    _cycle(axes)
    least = min(
        (rate for curve in curves for rate in _rates(curve) if rate > 0),
        default=0.1,
    )
    for curve in curves:
        rate, found = np.array(curve.false_per_home_week), np.array(curve.recall)
        # A logarithmic axis has no 0: a threshold without false alarms is at its left end.
        (line,) = axes.plot(np.maximum(rate, least / 2), found, label=in_plot(curve.label, 20))
        if curve.chosen is not None and 0 < curve.chosen <= 1:
            at = [float(np.interp(curve.chosen, curve.thresholds, each)) for each in (rate, found)]
            axes.plot([max(at[0], least / 2)], [at[1]], "o", color=line.get_color(), markersize=6)
    _points_of_rules(axes, curves, least=least / 2)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.axvline(1, color=MUTED, linestyle=":", linewidth=1)
    _legend(axes)
    axes.set(xlabel="false alarms per home and week", ylabel="share found", ylim=(-0.03, 1.03))
    axes.grid(True)


def _rates(curve: AlarmCurve) -> list[float]:
    return [*curve.false_per_home_week, *([] if curve.rules is None else [curve.rules[0]])]


def _points_of_rules(
    axes: Any, curves: Sequence[Curve | AlarmCurve], least: float | None = None
) -> None:
    """Mark where the rules are: a diamond for each curve, in its colour."""
    name: str | None = "the rules"
    lines = [line for line in axes.lines if len(line.get_xdata()) > 1]
    for line, curve in zip(lines, curves, strict=True):
        if curve.rules is None:
            continue
        x, y = curve.rules
        x = x if least is None else max(x, least)
        axes.plot([x], [y], "D", color=line.get_color(), markersize=6, label=name)
        name = None


def training(axes: Any, losses: list[float], kept: int) -> None:
    """Draw the loss on rows that were held back in training."""
    axes.plot(np.arange(1, len(losses) + 1), losses, color=SERIES[0])
    if 0 < kept < len(losses):
        axes.axvline(kept, color=MUTED, linestyle=":", linewidth=1)
        axes.annotate("kept", (kept, max(losses)), textcoords="offset points", xytext=(-3, -4))
        axes.texts[-1].set(color=INK, fontsize=7.5, horizontalalignment="right")
    axes.set(xlabel="epoch", ylabel="log loss, lower is better")
    axes.grid(True)


def scores(
    axes: Any, edges: list[float], counts: list[int], threshold: float | None, measure: str
) -> None:
    """Draw a histogram of the scores, and the threshold."""
    axes.stairs(np.maximum(counts, 0.5), edges, fill=True, color=SERIES[0], alpha=0.7, baseline=0.5)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    if threshold is not None:
        axes.axvline(threshold, color=SERIES[1], linewidth=1.4)
    axes.locator_params(axis="x", nbins=6)
    axes.set(xlabel=f"{measure}: the higher, the more unusual", ylabel="events")
    axes.grid(True, axis="y")


def alarm_hours(axes: Any, hours: list[list[int]]) -> None:
    """Draw the hours with an alarm, by weekday and hour."""
    table = np.array(hours)
    day, hour = np.nonzero(table)
    most = max(int(table.max()), 1)
    axes.scatter(
        hour, day, s=14 + 90 * table[day, hour] / most, color=SERIES[0], alpha=0.75, linewidths=0
    )
    axes.set_yticks(range(7), ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    axes.set_xticks(range(0, 24, 3))
    axes.set(xlim=(-0.7, 23.7), ylim=(6.6, -0.6), xlabel="hour of the home's day")
    axes.grid(True, color=GRID)
    axes.set_axisbelow(True)


def height_for(n_curves: int) -> float:
    """Return the height in inches of a figure with `n_curves` entries in the legend below it."""
    return 3.0 + 0.17 * ((n_curves + 1) // 2)


def _legend(axes: Any, title: str | None = None) -> None:
    """Put the legend below the axes, where it hides no curve."""
    handles, labels = axes.get_legend_handles_labels()
    if axes.get_legend() is not None:  # of scikit-learn's displays
        axes.get_legend().remove()
    axes.figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=2,
        title=title,
        title_fontsize=7.5,
    )


def _cycle(axes: Any) -> None:
    n = len(SERIES)
    dashes = [DASHES[(i + i // n) % n] for i in range(n * n)]
    axes.set_prop_cycle(color=SERIES * n, linestyle=dashes)
