"""Matplotlib figures as inline SVG in the colours of the page, light or dark.

A figure is drawn in placeholder colours, which then become CSS variables, so that one picture
serves both modes. Figures do not enter pyplot's list of open figures. scikit-learn's displays
import pyplot, but they draw into given axes: no window opens, and no backend is chosen.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

from novin_ml.evaluation.report.html import text as text_of
from novin_ml.evaluation.report.style import palettes
from novin_ml.optional import import_optional

#: Placeholder colours: no other part of a figure has them.
INK, MUTED, GRID, PAPER = "#b10001", "#b10002", "#b10003", "#b10004"
SERIES = tuple(f"#a1000{i}" for i in range(1, 7))
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
_STAND_IN = re.compile(r"#([ab])1000([1-9])")
_SETTINGS = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 3.5,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "novin_ml",
    "text.color": INK,
    "text.parse_math": False,  # a label may have dollar signs
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
}


def svg(
    draw: Callable[[Any], None], alt: str, name: str, *, height: float = 3.0, width: float = 3.7
) -> str:
    """Return a figure that `draw` draws, as an SVG element with a description.

    Parameters
    ----------
    draw : callable
        ``draw(axes)``.
    alt : str
        Description for readers who cannot see the figure.
    name : str
        Name of the figure in the page: the prefix of its identifiers.
    height, width : float
        Size in inches; the figure is shown at no more than 96 pixels per inch.
    """
    matplotlib = import_optional("matplotlib", extra="plots", purpose="A report")
    from matplotlib.figure import Figure

    buffer = io.StringIO()
    with matplotlib.rc_context(), warnings.catch_warnings():
        # Ignore letters that the font lacks: the fonts of the page have them.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure.subplots())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="(figure|axes|patch|matplotlib|xtick|ytick|line2d|text)[^"]*"', "", text)
    text = re.sub(r' id="', f' id="{name}-', text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    text = _STAND_IN.sub(lambda found: f"var(--{found[1]}{found[2]})", text)
    text = text.replace("'DejaVu Sans', ", "").replace("'DejaVu Sans'", "sans-serif")
    opening = f'<svg role="img" aria-label="{text_of(alt)}" style="max-width:{width * 96:.0f}px" '
    return re.sub(r'^<svg (?:width="[^"]*"|height="[^"]*"|\s)*', opening, _bare(text), count=1)


def _bare(text: str) -> str:
    """Return an SVG whose opening tag has no size of its own."""
    end = text.index(">")
    opening = re.sub(r'\s(width|height)="[^"]*"', "", text[:end])
    return opening + text[end:]


def standalone(drawn: str) -> str:
    """Return a figure as a file of its own, which has the colours of the page in itself."""
    names = {"paper", *re.findall(r"var\(--([ab][1-9])\)", drawn)}
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in found if name in names)
        for found in palettes()
    )
    style = f"svg{{{light}background:var(--paper)}}"
    style = f"<style>{style}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    shape = f' width="{size[1]}" height="{size[2]}"' if size else ""
    end = drawn.index(">")
    return f"{drawn[:end]}{shape}>{style}{drawn[end + 1 :]}\n"
