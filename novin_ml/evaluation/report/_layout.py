"""The order of a page: the advice, the main numbers, the contents, figures, and folded details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._parts import Recommendation
from novin_ml.evaluation.report._sections import advice_section
from novin_ml.evaluation.report.style import STYLE


class Section(NamedTuple):
    """A section of a page.

    Attributes
    ----------
    anchor : str
        Its name in links.
    title : str
    pieces : list
        What it shows.
    """

    anchor: str
    title: str
    pieces: list[Any]


def laid_out(
    title: str,
    advice: Recommendation | None,
    headline: list[Any],
    figures: Sequence[Section],
    details: Sequence[Section],
) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    title : str
        Its heading.
    advice : Recommendation or None
        What to do: it comes first.
    headline : list
        The main numbers.
    figures, details : sequence of Section
        What is shown, and what is folded; a section without pieces is left out.
    """
    shown = [each for each in figures if each.pieces]
    folded = [each for each in details if each.pieces]
    links = [(each.anchor, each.title) for each in (*shown, *folded)]
    pieces = [
        h.element("h1", title),
        *advice_section(advice),
        *headline,
        h.contents(links),
        *(h.section(*each) for each in shown),
        *(h.folded_section(*each) for each in folded),
    ]
    return h.page(title, STYLE, pieces)
