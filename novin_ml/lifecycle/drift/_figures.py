"""The figures of a page on drift, each drawn into given axes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from novin_ml.evaluation.report.svg import MUTED, SERIES
from novin_ml.lifecycle.drift.report import FeatureDrift, Series, Since
from novin_ml.texts import in_plot

_MOST_BINS = 12
_DAY = 86_400.0


def series(axes: Any, of: Series, since: Since | None) -> None:
    """Draw a measure day by day, and the day from which on it is another one, with its range."""
    days, values = np.array(of.days) / _DAY, np.array(of.values)
    cut = of.n_reference
    axes.plot(days[:cut], values[:cut], color=SERIES[0], label="reference")
    axes.plot(days[cut:], values[cut:], color=SERIES[1], linestyle="--", label="current")
    if since is not None:
        axes.axvline(since.day / _DAY, color=MUTED, linewidth=1.2)
        axes.axvspan(since.low / _DAY, since.high / _DAY + 1, color=MUTED, alpha=0.25, linewidth=0)
    low, high = float(days.min()), float(days.max())
    ticks = np.unique(np.round(np.linspace(low, high, 4)))
    axes.set_xticks(ticks, [datetime.fromtimestamp(t * _DAY, UTC).strftime("%d %b") for t in ticks])
    axes.set(xlabel="day, UTC", ylabel="mean over homes")
    axes.legend(loc="best")
    axes.grid(True)


def distribution(axes: Any, of: FeatureDrift) -> None:
    """Draw the shares of the bins that differ most, before and after."""
    shares = np.array([of.reference_shares, of.current_shares])
    shown = np.argsort(-np.abs(shares[1] - shares[0]), kind="stable")[:_MOST_BINS]
    shown = np.sort(shown)[::-1]
    place = np.arange(len(shown))
    axes.barh(place + 0.2, shares[0, shown], 0.38, color=SERIES[0], label="reference")
    axes.barh(place - 0.2, shares[1, shown], 0.38, color=SERIES[1], alpha=0.8, label="current")
    axes.set_yticks(place, [in_plot(of.bins[each], 22) for each in shown])
    axes.set(xlabel="share, homes with equal weight")
    axes.legend(loc="best")
    axes.grid(True, axis="x")
    axes.set_axisbelow(True)
