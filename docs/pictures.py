"""The look of the gallery's pictures, and the order of its sections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from sphinx_gallery.sorting import ExplicitOrder

SECTIONS = ExplicitOrder(
    [f"gallery/{name}" for name in ("start", "families", "decisions", "proof", "lifecycle")]
)
#: Of Okabe and Ito: told apart by people who see few colours.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK, MUTED, GRID = "#1f2933", "#52606d", "#dde3ea"

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.figsize": (8, 4.4),
    "figure.titlesize": 13,
    "figure.titleweight": "bold",
    "font.size": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


def start_first(path: str) -> tuple[bool, str]:
    """Return the key by which the pages of a small gallery are ordered."""
    return "start" not in Path(path).parts, path


def apply_style(settings: dict[str, Any], name: str) -> None:
    """Give the next script of the gallery the look of all."""
    matplotlib.rcParams.update(STYLE)
