"""The page on drift: which feature, since when, and which homes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report.style import STYLE
from novin_ml.evaluation.report.svg import svg
from novin_ml.files import write_text
from novin_ml.lifecycle.drift import _figures as draw
from novin_ml.lifecycle.drift.report import DriftReport, FeatureDrift, date_of
from novin_ml.plain import plural
from novin_ml.texts import visible

_VERDICTS = {
    "drift": "Something drifted.",
    "none": "No drift is shown.",
    "too few homes": "Too few homes to tell.",
}


def write_drift_page(report: DriftReport, path: str | Path) -> None:
    """Write a page of HTML on what drifted, with plots.

    Parameters
    ----------
    report : DriftReport
        From `measure_drift`.
    path : str or Path
        The page; it needs no other file.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import measure_drift, write_drift_page
    >>> from novin_ml.simulation import simulate_motions
    >>> before = simulate_motions(600, n_homes=12, random_state=0)
    >>> page = Path(tempfile.mkdtemp()) / "drift.html"
    >>> write_drift_page(measure_drift(before, before.assign(sample_rate=20.0)), page)
    >>> "sample_" in page.read_text(encoding="utf-8")
    True
    """
    write_text(render_drift(report), Path(path))


def render_drift(report: DriftReport) -> str:
    """Return the page of a report.

    Parameters
    ----------
    report : DriftReport
        From `measure_drift`.

    Returns
    -------
    page : str
        The page as HTML.
    """
    title = "Drift: do the homes still do what they did?"
    pieces: list[Any] = [h.element("h1", title), *_headline(report)]
    for number, each in enumerate(report.drifted):
        pieces += _feature(each, number)
    pieces += _table(report)
    return h.page(title, STYLE, pieces)


def _headline(report: DriftReport) -> list[Any]:
    tiles: list[tuple[str, ...]] = []
    for name, homes, rows, without, period in zip(
        ("Reference", "Current"),
        report.n_homes,
        report.n_rows,
        report.n_without_consent,
        report.periods,
        strict=True,
    ):
        of = f"{plural(rows, 'row')}, {date_of(period[0])} to {date_of(period[1])}"
        tiles.append(
            (name, plural(homes, "home"), of, f"not looked at: {without:,} without consent")
        )
    tiles.append(("Features that drifted", f"{len(report.drifted)} of {len(report.features)}"))
    return [
        h.paragraph(_VERDICTS[report.verdict], "verdict"),
        h.paragraph(report.sentence),
        h.numbers(tiles),
        *(h.paragraph(note, "note") for note in report.notes),
    ]


def _feature(found: FeatureDrift, number: int) -> list[Any]:
    """Return one feature: the sentence, when, how, and in which homes."""
    pictures = []
    if found.series is not None:
        picture = partial(draw.series, of=found.series, since=found.since)
        alt = f"{visible(found.measure)} day by day"
        caption = "Mean over homes, day by day. The line is the day from which on it is another "
        caption += "one, the shade its range."
        pictures.append(h.figure(svg(picture, alt, f"series{number}"), caption))
    if found.bins:
        picture = partial(draw.distribution, of=found)
        alt = f"Shares of {visible(found.name)} before and after"
        drawn = svg(picture, alt, f"bins{number}", height=3.4)
        pictures.append(h.figure(drawn, "Shares of its values; homes have equal weights."))
    homes = h.table(
        f"Homes that moved most, of {found.n_moved:,} that moved to this side",
        ["home", "reference", "current"],
        [
            [h.name(home.home_id), f"{home.reference:.4g}", f"{home.current:.4g}"]
            for home in found.homes
        ],
        numeric=(1, 2),
    )
    own = all(home.in_reference for home in found.homes)
    return [
        h.element("h2", h.joined([h.name(found.name), h.text(f": {visible(found.measure)}")])),
        h.paragraph(visible(found.sentence, 300) + "."),
        h.figures(pictures),
        homes,
        *([] if own else [h.paragraph("The reference is the mean of its homes.", "note")]),
    ]


def _table(report: DriftReport) -> list[Any]:
    def size(value: float | None) -> str:
        return "-" if value is None else f"{value:.3f}"

    return [
        h.element("h2", "All features"),
        h.table(
            "What of each feature differs most",
            [
                "feature",
                "differs most in",
                "reference",
                "current",
                "effect",
                "p",
                "PSI",
                "KS",
                "JS",
            ],
            [
                [
                    h.stacked(h.name(each.name), each.verdict.replace("none", "no drift")),
                    h.name(each.measure),
                    f"{each.reference:.4g}",
                    f"{each.current:.4g}",
                    f"{each.effect:+.2f}",
                    f"{each.p_value:.3f}",
                    *map(size, (each.psi, each.ks, each.js)),
                ]
                for each in report.features
            ],
            numeric=range(2, 9),
            few=[each.verdict == "too few homes" for each in report.features],
        ),
        h.paragraph(
            "effect: the difference in standard deviations between homes. p: the chance of such a "
            "difference where nothing drifted, corrected for all measures of all features. PSI, KS "
            "and JS (population stability index, Kolmogorov-Smirnov, Jensen-Shannon) weigh homes "
            "equally and decide nothing: with few homes they are large where nothing drifted.",
            "note",
        ),
    ]
