"""The plot of the core-count harness: speed-up, efficiency and the spread of the runs."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np

from benchmarks._core_counts import Series


def write_plot(series: list[Series], path: Path) -> None:
    """Draw all series that have runs on one core."""
    shown = [each for each in series if each.at(1)]
    matplotlib.rcParams["svg.hashsalt"] = "scaling"
    figure, (speed, efficiency, spread) = plt.subplots(1, 3, figsize=(13, 4.2))
    most = max([2, *(n for each in shown for n in each.core_counts)])
    cores = np.linspace(1, most, 50)
    speed.plot(cores, cores, color="0.6", linestyle="--", label="ideal")
    efficiency.axhline(100, color="0.6", linestyle="--")
    for number, each in enumerate(shown):
        base, colour = each.seconds(1), f"C{number % 10}"
        place = np.array([run.cores for run in each.kept]) * 1.03 ** (number - len(shown) / 2)
        gain = base / np.array([run.seconds for run in each.kept])
        speed.plot(place, gain, ".", color=colour, label=each.name)
        law = each.law()
        if law is not None:
            predicted = [law.predict(n) for n in cores]
            speed.plot(cores, [base / p.seconds for p in predicted], color=colour, linewidth=1)
            speed.fill_between(
                cores,
                [base / p.high for p in predicted],
                [base / p.low for p in predicted],
                color=colour,
                alpha=0.1,
                linewidth=0,
            )
        counts = each.core_counts
        shares = [100 * base / each.seconds(n) / n for n in counts]
        efficiency.plot(counts, shares, "o-", color=colour)
        around = [100 * (run.seconds / each.seconds(run.cores) - 1) for run in each.kept]
        spread.plot(place, around, ".", color=colour)
    speed.set(title="speed-up, with Amdahl's law", xlabel="cores", ylabel="times one core")
    speed.set_ylim(0, 1.15 * most)
    speed.legend(fontsize=7)
    efficiency.set(title="efficiency", xlabel="cores", ylabel="% of the ideal", ylim=(0, None))
    spread.set(title="spread", xlabel="cores", ylabel="% from the median of the runs")
    for axes in (speed, efficiency, spread):
        axes.set_xticks(sorted({n for each in shown for n in each.core_counts}))
        axes.grid(alpha=0.3)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Date": None} if path.suffix == ".svg" else None
    figure.savefig(path, metadata=metadata, facecolor="white", dpi=120)
    plt.close(figure)
