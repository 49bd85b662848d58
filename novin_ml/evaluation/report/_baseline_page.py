"""The page of a home's baseline."""

from __future__ import annotations

from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._layout import Section, laid_out
from novin_ml.evaluation.report._reports import BaselineReport
from novin_ml.evaluation.report._sections import (
    certificate_section,
    data_section,
    device_section,
    drift_section,
    held_back_warning,
)
from novin_ml.evaluation.report._words import day, moment, number, percent
from novin_ml.evaluation.report.svg import svg
from novin_ml.plain import plural
from novin_ml.texts import visible

_KIND_WORDS = {"event": "events", "silence": "silences", "still on": "what stays on"}


def baseline_page(report: BaselineReport) -> str:
    """Return the page as HTML."""
    figures = [
        Section("kinds", "Three kinds of alarms", _kinds(report)),
        Section("found", "Does it find incidents?", _detection(report)),
        Section("cost", "What the budget costs in what is found", _cost(report)),
        Section("when", "When it alarms", _hours(report)),
        Section("unusual", "What was most unusual, and why", _unusual(report)),
        Section("device", "Size and time on the device", device_section(report, None)),
        Section("drift", "Has the home changed since the training? (drift)", drift_section(report)),
    ]
    details = [
        Section("scores", "How unusual the events are", _scores(report)),
        Section(
            "certificate",
            "Is the model on the phone this model?",
            certificate_section(report.certificate, report.absent),
        ),
        Section("data", "Data and versions", data_section(report, "events")),
    ]
    title = "The baseline of a home: does it stay quiet, and does it find incidents?"
    return laid_out(title, report.recommendation, _headline(report), figures, details)


def _headline(report: BaselineReport) -> list[Any]:
    rate, found = report.rate, report.detection
    tiles = [
        (
            "Alarms per week on usual days",
            number(rate["per_week"]),
            f"{number(rate['low'])} to {number(rate['high'])}",
        ),
        (
            "Budget per week",
            number(report.budget),
            f"proven in training: at most {number(report.bound)} at {percent(report.confidence, 0)}"
            if report.state == "ready"
            else f"not proven: it is {report.state}",
        ),
    ]
    if found is not None:
        found_in = f"{found['n_detected']} of {found['n_incidents']}"
        between = f"{percent(found['low'], 0)} to {percent(found['high'], 0)}"
        tiles.append(("Incidents found", found_in, between))
    pieces = [
        h.paragraph(
            f"{report.purpose} Measured on {plural(report.n_rows, 'event')} of "
            f"{plural(report.n_homes, 'home')}, {day(report.first_time)} to "
            f"{day(report.last_time)}."
        ),
        h.numbers(tiles),
        *held_back_warning(report),
        h.paragraph(
            "Alarms within one clock hour count as one. Intervals are of 95 % confidence: exact "
            "ones of a Poisson process, and of a share (Clopper and Pearson).",
            "note",
        ),
    ]
    if "alarms" in report.absent:
        pieces.append(h.paragraph(report.absent["alarms"], "absent"))
    return pieces


def _kinds(report: BaselineReport) -> list[Any]:
    if not report.kinds:
        return []
    rows = [
        [
            _KIND_WORDS[each["kind"]],
            number(each["rate"]["per_week"]),
            f"{number(each['rate']['low'])} to {number(each['rate']['high'])}",
            number(each["budget"]),
            f"at most {number(each['bound'])}" if each["state"] == "ready" else each["state"],
        ]
        for each in report.kinds
    ]
    total = sum(each["rate"]["per_week"] for each in report.kinds)
    columns = ["kind of alarm", "a week", "between", "budget", "proven in training"]
    return [
        h.table("On these events, with 95 % intervals", columns, rows, numeric=(1, 3)),
        h.paragraph(
            "A clock hour of events, a whole silence, and a whole activation of a sensor are one "
            f"alarm each. Together {number(total)} a week. What follows is of events.",
            "note",
        ),
    ]


def _cost(report: BaselineReport) -> list[Any]:
    if not report.cost:
        return []
    rows = [
        [
            number(each["alarms_per_week"]),
            percent(each["planted"], 0),
            percent(each["incidents"], 0),
        ]
        for each in report.cost
    ]
    last = report.cost[-1]
    columns = ["alarms a week", "planted half hours", "incidents"]
    return [
        h.table("Shares found", columns, rows, numeric=(0, 1, 2)),
        h.paragraph(
            f"Each of {plural(last['n_planted'], 'half hour')} of the home's own was moved to 3 am "
            "of another day, one at a time, and is found if an event of it is an alarm. "
            "The thresholds are ranks: by them the usual hours of these events have so many alarms "
            f"a week. {plural(last['n_incidents'], 'incident')} labelled.",
            "note",
        ),
    ]


def _detection(report: BaselineReport) -> list[Any]:
    found = report.detection
    if found is None:
        return [h.paragraph(report.absent["detection"], "absent")]
    soon = ""
    if found["median_delay"] is not None:
        soon = f", with a median of {found['median_delay']:.0f} s after the first event"
    return [
        h.paragraph(
            f"It found {found['n_detected']} of {plural(found['n_incidents'], 'incident')} "
            f"({percent(found['recall'])}; {percent(found['low'])} to "
            f"{percent(found['high'])}){soon}."
        ),
    ]


def _measure(report: BaselineReport) -> str:
    """Return the name of the number by which events are unusual."""
    return "rarity in bits" if report.kinds else "anomaly score"


def _scores(report: BaselineReport) -> list[Any]:
    alarms, measure = report.state != "learning", _measure(report)
    drawn = svg(
        partial(
            draw.scores,
            edges=report.scores["edges"],
            counts=report.scores["counts"],
            threshold=report.threshold if alarms else None,
            measure=measure,
        ),
        f"Histogram of the {measure} of {plural(report.n_rows, 'event')}; "
        f"threshold {report.threshold:.4f}",
        "scores",
    )
    return [
        h.figures(
            [
                h.figure(
                    drawn,
                    f"Events by {measure}, on a logarithmic scale."
                    + " Those to the right of the line are alarms." * alarms,
                )
            ]
        ),
    ]


def _hours(report: BaselineReport) -> list[Any]:
    total = sum(map(sum, report.hours))
    if not total:
        return [h.paragraph("It gave no alarm for these events.")]
    alt = f"{plural(total, 'hour')} with an alarm, by weekday and hour of the home's day"
    drawn = svg(partial(draw.alarm_hours, hours=report.hours), alt, "hours", height=2.5)
    return [h.figures([h.figure(drawn, "Hours with an alarm; larger is more.")])]


def _reason_texts(unusual: dict[str, Any]) -> list[str]:
    """Return the reasons of what was unusual as sentences."""
    return [
        visible(each["text"], 200) + ("" if each["contribution"] > 0 else " (speaks against it)")
        for each in unusual["reasons"]
    ]


def _unusual(report: BaselineReport) -> list[Any]:
    if not report.unusual:
        return [h.paragraph("No event has consent, so none is shown.", "absent")]
    events = []
    for event in report.unusual:
        outcome = "alarm" if event["alarm"] else "no alarm"
        if "text" in event:
            what = f"{visible(event['text'], 200)} ({event['score']:.2f} bits, {outcome})"
        else:
            what = (
                f"{visible(event['type'], 30)}, {visible(event['zone'], 30)} "
                f"(anomaly score {event['anomaly_score']:.3f}, {outcome})"
            )
        said = f"{moment(event['timestamp'], event['utc_offset'])}, {what}"
        events.append(h.joined([h.element("strong", said), h.items(_reason_texts(event))]))
    of = "Events, silences and activations" if report.kinds else "Events"
    caption = f"{of} of homes that consent, in the home's time, with the strongest reasons:"
    return [h.paragraph(caption, "caption"), h.items(events)]
