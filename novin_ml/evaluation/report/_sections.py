"""What the pages of classifiers and of baselines share."""

from __future__ import annotations

from typing import Any

from novin_ml.evaluation.report import _html as h
from novin_ml.evaluation.report._parts import BaselineReport, Report
from novin_ml.evaluation.report._words import day, number


def certificate_section(certificate: dict[str, Any] | None, absent: dict[str, str]) -> list[Any]:
    """Say what is proven of the model on the phone."""
    heading = h.element("h2", "Is the model on the phone this model?")
    if certificate is None:
        return [heading, h.paragraph(absent["certificate"], "absent")]
    rows = [
        [kind.replace("_", " "), f"{check['rows']:,}", number(check["max_error"])]
        for kind, check in certificate["checks"].items()
    ]
    outcome = "passed" if certificate["passed"] else "FAILED"
    return [
        heading,
        h.paragraph(
            f"The certificate {outcome}: on {certificate['rows']:,} rows the exported model is off "
            f"by {number(certificate['max_error'])} at most (allowed: "
            f"{number(certificate['tolerance'])}). It takes "
            f"{certificate['model_bytes'] / 1e6:.2f} MB."
        ),
        h.table("Compared", ["rows", "number", "largest error"], rows, numeric=(1, 2)),
        h.paragraph(
            h.Safe(f"SHA-256 of the model: <code>{h.text(certificate['model_sha256'])}</code>"),
            "note",
        ),
    ]


def data_section(report: Report | BaselineReport, rows_name: str) -> list[Any]:
    """Say what was measured on what."""
    training = report.training
    rows: list[list[Any]] = [
        [f"{rows_name} tested on", f"{report.n_rows:,}"],
        ["homes", f"{report.n_homes:,}"],
        ["of these without consent (tested on, never trained on)", f"{report.n_without_consent:,}"],
        ["from", f"{day(report.first_time)} to {day(report.last_time)} (UTC)"],
        ["SHA-256 of what was tested on", _code(report.data["sha256"])],
        ["rows trained on, all with consent", f"{training['n_samples']:,}"],
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
