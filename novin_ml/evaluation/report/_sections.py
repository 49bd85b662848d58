"""Sections and cells that several pages share."""

from __future__ import annotations

from typing import Any

from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.evaluation.report._words import (
    between,
    certificate_words,
    day,
    held_back,
    number,
    percent,
)
from novin_ml.evaluation.report.shares import CONFIDENCE
from novin_ml.evaluation.truth import words_for_labels


def share_cell(n_right: int, n: int) -> h.Safe:
    """Return a share with its interval, or a dash if there are no rows."""
    if not n:
        return h.text("-")
    return h.stacked(percent(n_right / n), between(*exact_interval(n_right, n, CONFIDENCE)))


def held_back_warning(report: Report | BaselineReport) -> list[Any]:
    """Return a warning if the rows are, or may include, training rows."""
    said = held_back(report.data)
    flatters = report.data["is_training"] or report.data["seen"]["flatters"]
    return [h.paragraph(said, "warning" if flatters else "note")]


def certificate_section(certificate: dict[str, Any] | None, absent: dict[str, str]) -> list[Any]:
    """Return the section on the certificate of the exported model."""
    heading = h.element("h2", "Is the model on the phone this model?")
    if certificate is None:
        return [heading, h.paragraph(absent["certificate"], "absent")]
    rows = [
        [kind.replace("_", " "), f"{check['rows']:,}", number(check["max_error"])]
        for kind, check in certificate["checks"].items()
    ]
    proven, core_ml = certificate_words(certificate)
    return [
        heading,
        h.paragraph(proven),
        h.paragraph(core_ml),
        h.table(
            "Rows on which the exported model was compared with the trained one",
            ["kind", "rows", "largest error"],
            rows,
            numeric=(1, 2),
        ),
        h.paragraph(
            h.Safe(f"SHA-256 of the model: <code>{h.text(certificate['model_sha256'])}</code>"),
            "note",
        ),
    ]


def data_section(report: Report | BaselineReport, rows_name: str) -> list[Any]:
    """Return the section on the data and the versions."""
    training = report.training
    truth = (
        [] if isinstance(report, BaselineReport) else [["labels", words_for_labels(report.truth)]]
    )
    rows: list[list[Any]] = [
        [f"{rows_name} tested on", f"{report.n_rows:,}"],
        ["of these without consent (tested on, never trained on)", f"{report.n_without_consent:,}"],
        ["homes", f"{report.n_homes:,}"],
        ["from", f"{day(report.first_time)} to {day(report.last_time)} (UTC)"],
        *truth,
        ["SHA-256 of what was tested on", _code(report.data["sha256"])],
        ["rows trained on, all with consent", f"{training['n_samples']:,}"],
        ["homes trained on", "not known" if (n := training["n_homes"]) is None else f"{n:,}"],
        ["SHA-256 of the training rows", _code(training["sha256"])],
        ["estimator", f"{report.estimator}"],
        ["versions", ", ".join(f"{name} {of}" for name, of in report.versions.items())],
    ]
    return [
        h.element("h2", "Data and versions"),
        h.table("What the numbers are made of", ["", ""], rows, wide=(1,)),
    ]


def _code(value: str) -> h.Safe:
    return h.element("code", value)
