"""Sections and cells that several pages share."""

from __future__ import annotations

from typing import Any

from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._beside import certified_hash
from novin_ml.evaluation.report._parts import Recommendation
from novin_ml.evaluation.report._recommendation import STOP
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
from novin_ml.texts import visible


def share_cell(n_right: int, n: int, rules: tuple[int, int] | None = None) -> h.Safe:
    """Return a share with its interval, or a dash if there are no rows; below it the rules'."""
    below = []
    if rules is not None:
        right, of = rules
        below = [f"rules: {percent(right / of if of else None)}"]
    if not n:
        return h.stacked("-", *below)
    return h.stacked(percent(n_right / n), between(*exact_interval(n_right, n, CONFIDENCE)), *below)


def held_back_warning(report: Report | BaselineReport) -> list[Any]:
    """Return a warning if the rows are, or may include, training rows."""
    said = held_back(report.data)
    flatters = report.data["is_training"] or report.data["seen"]["flatters"]
    return [h.paragraph(said, "warning" if flatters else "note")]


def advice_section(advice: Recommendation | None) -> list[Any]:
    """Return the recommendation, with its reasons and risks."""
    if advice is None:
        return []
    risks = advice.risks or ("None that these numbers show.",)
    pieces = [
        h.element("h2", advice.sentence),
        h.element("h3", "Why"),
        h.items(advice.reasons),
        h.element("h3", "What could go wrong"),
        h.items(risks),
    ]
    kind = "no" if advice.action == STOP else "yes"
    return [h.element("div", h.joined(pieces), class_=f"advice {kind}")]


def drift_section(report: Report | BaselineReport) -> list[Any]:
    """Return what has drifted since the training, or why it is not known."""
    found = report.drift
    if found is None:
        return [h.paragraph(report.absent["drift"], "absent")]
    drifted = [each for each in found["features"] if each["verdict"] == "drift"]
    rows = [
        [
            h.stacked(h.name(each["name"]), visible(each["measure"], 60)),
            number(each["reference"]),
            number(each["current"]),
        ]
        for each in drifted
    ]
    pieces: list[Any] = [h.paragraph(found["sentence"])]
    if rows:
        columns = ["", "in training", "here"]
        caption = "What drifted, means over homes"
        pieces.append(h.table(caption, columns, rows, numeric=(1, 2)))
    return [*pieces, *(h.paragraph(note, "note") for note in found.get("notes", ()))]


def device_section(report: Report | BaselineReport, estimated_bytes: int | None) -> list[Any]:
    """Return the size and the time on the device."""
    if report.certificate is not None:
        size = f"The exported model has {report.certificate['model_bytes'] / 1e6:.2f} MB."
    elif estimated_bytes is not None:
        size = f"Its size was estimated at {estimated_bytes / 1e6:.2f} MB."
    else:
        size = "Its size is that of its file, which was not given."
    if not report.device_times:
        return [h.paragraph(size), h.paragraph(report.absent["device_times"], "absent")]
    rows = [
        [h.name(each["name"]), *(f"{each[key] / 1000:,.3g} ms" for key in ("median", "slow"))]
        for each in report.device_times
    ]
    caption = "Time of one answer, as the benchmark on the device printed it"
    columns = ["", "half are quicker than", "99 % are quicker than"]
    return [h.paragraph(size), h.table(caption, columns, rows, numeric=(1, 2))]


def certificate_section(certificate: dict[str, Any] | None, absent: dict[str, str]) -> list[Any]:
    """Return what the certificate of the exported model says."""
    if certificate is None:
        return [h.paragraph(absent["certificate"], "absent")]
    rows = [
        [kind.replace("_", " "), f"{check['rows']:,}", number(check["max_error"])]
        for kind, check in certificate["checks"].items()
    ]
    proven, core_ml = certificate_words(certificate)
    name, sha256, command = certified_hash(certificate)
    by = f", as printed by <code>{h.text(command)}</code>" if command else ""
    return [
        h.paragraph(proven),
        h.paragraph(core_ml),
        h.table(
            "Rows on which the exported model was compared with the trained one",
            ["kind", "rows", "largest error"],
            rows,
            numeric=(1, 2),
        ),
        h.paragraph(
            h.Safe(f"{name} of the model: <code>{h.text(sha256)}</code>{by}"),
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
        h.table("What the numbers are made of", ["", ""], rows, wide=(1,)),
    ]


def _code(value: str) -> h.Safe:
    return h.element("code", value)
