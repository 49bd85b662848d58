"""The first evening with a home's own log: its measurements, and the page of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._evening_figure import height_of, week_grid
from novin_ml.evaluation.report._words import day, moment, number, sentence
from novin_ml.evaluation.report.style import STYLE
from novin_ml.evaluation.report.svg import standalone, svg
from novin_ml.events.doors.report import DoorReport
from novin_ml.files import write_text
from novin_ml.plain import plain, plural
from novin_ml.texts import visible

__all__ = ["FirstEvening", "evening_page", "evening_picture", "write_evening"]


@dataclass(frozen=True)
class FirstEvening:
    """What the log of one home says on the first evening.

    Attributes
    ----------
    home_id : str
        The home.
    door : DoorReport
        What was read of it, and what was not.
    n_events : int
        Events that the habits were learned from.
    first_time, last_time : float
        Times of the first and the last event, in seconds since 1970.
    utc_offset : float
        Seconds that the home's clock was ahead of UTC at the last event.
    state : {"learning", "unproven", "ready"}
        That of the baseline. Only a ready one has alarms with a proven budget.
    n_days, required_days, learning_days : float
        Days that the baseline has seen, days that it needs to prove its budget, and days before
        which it never alarms.
    budget, bound : float
        Allowed alarms a week, and the most that the log proves; infinite or zero while learning.
    n_alarms : int
        Events of the log that are alarms, of a monitor alarms; none while learning.
    unusual : list of dict
        Alarms, or else the most unusual events, the most unusual first. Each has `timestamp`,
        `utc_offset`, `type`, `location`, `anomaly_score`, `alarm` and `reasons`, a list of
        sentences. Those of a monitor have `kind`, `text` and `bits` instead of `type`, `location`
        and `anomaly_score`.
    sensors : list of str
        Rows of the picture, the busiest first.
    marks : list of (int, float, bool)
        Events of the picture: row, hours since Monday 00:00 by the home's clock, and whether it is
        one of `unusual`.
    needs : list of str
        Sentences on what would be needed for more.
    kinds : list of str
        Kinds of alarms of a monitor, over which `budget` and `bound` are summed; empty for a
        baseline.
    """

    home_id: str
    door: DoorReport
    n_events: int
    first_time: float
    last_time: float
    utc_offset: float
    state: str
    n_days: float
    required_days: float
    learning_days: float
    budget: float
    bound: float
    n_alarms: int
    unusual: list[dict[str, Any]] = field(default_factory=list)
    sensors: list[str] = field(default_factory=list)
    marks: list[tuple[int, float, bool]] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    @property
    def of_monitor(self) -> bool:
        """Whether a monitor learned the habits."""
        return bool(self.kinds)

    @property
    def missing_days(self) -> int:
        """Days after which the budget is proven if they have no alarm."""
        return max(0, -int((self.n_days - self.required_days) // 1))

    @property
    def headline(self) -> str:
        """The state of the baseline in one sentence."""
        budget = f"{plural(self.budget, 'alarm', form='g')} a week"
        if self.state == "ready":
            alarms = f"{plural(self.n_alarms, 'event')} of the log would have been alarms"
            if self.of_monitor:
                alarms = f"the log would have had {plural(self.n_alarms, 'alarm')}"
            return (
                f"ready: {alarms}, at "
                f"most {self.bound:.2f} alarms a week are proven (budget {self.budget:g})"
            )
        missing = plural(self.missing_days, "more day", form="")
        if self.missing_days == 0:
            return f"{self.state}: the log has too many unusual hours for {budget}"
        return f"{self.state}: {missing} at your budget of {budget}"

    @property
    def unusual_title(self) -> str:
        """What the unusual events are, so that nobody takes them for alarms."""
        return "alarms" if self.state == "ready" else "most unusual so far, unproven"

    def to_document(self) -> dict[str, Any]:
        """Return what was found as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            Without the marks of the picture.
        """
        found: dict[str, Any] = plain(self)
        found["door"] = {"name": self.door.door, "read": self.door.read.n_accepted}
        del found["marks"]
        return found | {"missing_days": self.missing_days, "headline": self.headline}


def evening_picture(found: FirstEvening) -> str:
    """Return the week grid as a picture of its own.

    Parameters
    ----------
    found : FirstEvening
        The measurements.

    Returns
    -------
    svg : str
        An SVG file, light or dark as the reader's device is.
    """
    return standalone(_picture(found))


def write_evening(found: FirstEvening, path: str | os.PathLike[str]) -> None:
    """Write the page of the first evening.

    Parameters
    ----------
    found : FirstEvening
        The measurements.
    path : path
        HTML file to write, replaced whole or not at all.
    """
    write_text(evening_page(found), Path(path))


def evening_page(found: FirstEvening) -> str:
    """Return the page of the first evening.

    Parameters
    ----------
    found : FirstEvening
        The measurements.

    Returns
    -------
    page : str
        One HTML file without scripts or anything from outside.
    """
    title = f"Your home, tonight: {visible(found.home_id)}"
    pieces: list[Any] = [h.element("h1", title), *_headline(found), *_week(found)]
    pieces += [*_unusual(found), *_needs(found), *_sensors(found), *_not_read(found)]
    return h.page(title, STYLE, pieces)


def _headline(found: FirstEvening) -> list[Any]:
    tiles = [
        ("Events", f"{found.n_events:,}", f"of {plural(len(found.door.sensors), 'sensor')}"),
        (
            "Days seen",
            f"{found.n_days:.0f}",
            f"{plural(found.required_days, 'day', form='.0f')} needed",
        ),
        ("Budget per week", number(found.budget), f"the baseline is {found.state}"),
    ]
    return [
        h.paragraph(
            f"{day(found.first_time)} to {day(found.last_time)}, in the home's own time. The "
            "habits were learned on this machine, from this log alone."
        ),
        h.numbers(tiles),
        h.paragraph(sentence(found.headline) + ".", "verdict"),
    ]


def _picture(found: FirstEvening) -> str:
    n_unusual = sum(is_unusual for _, _, is_unusual in found.marks)
    return svg(
        partial(week_grid, sensors=found.sensors, marks=found.marks),
        f"Events of {plural(len(found.sensors), 'sensor')} by the hour of the week; "
        f"{n_unusual:,} of {plural(len(found.marks), 'event')} are marked as unusual",
        "week",
        height=height_of(len(found.sensors)),
        width=8.6,
    )


def _week(found: FirstEvening) -> list[Any]:
    caption = (
        "When which sensor fired: all weeks of the log on top of each other. "
        "Rings are the unusual events below."
    )
    return [h.element("h2", "The week of the home"), h.figure(_picture(found), caption)]


def unusual_words(unusual: dict[str, Any]) -> str:
    """Return what was unusual in words, and how much so.

    Parameters
    ----------
    unusual : dict
        An entry of `FirstEvening.unusual`.

    Returns
    -------
    words : str
        Without characters that a terminal or a page would obey.
    """
    if "text" in unusual:
        return f"{visible(unusual['text'], 200)} ({unusual['bits']:.1f} bits)"
    return (
        f"{visible(unusual['type'], 30)}, {visible(unusual['location'], 60)} "
        f"(anomaly score {unusual['anomaly_score']:.3f})"
    )


def _unusual(found: FirstEvening) -> list[Any]:
    heading = h.element("h2", sentence(found.unusual_title))
    if not found.unusual:
        return [heading, h.paragraph("None.")]
    pieces: list[Any] = [heading]
    if found.state != "ready":
        pieces.append(
            h.paragraph(
                "These are no alarms: a home that is still being learned has some most unusual "
                "event on any day.",
                "absent",
            )
        )
    events = [
        h.joined(
            [
                h.element(
                    "strong",
                    f"{moment(each['timestamp'], each['utc_offset'])}, {unusual_words(each)}",
                ),
                h.items([visible(reason, 200) for reason in each["reasons"]]),
            ]
        )
        for each in found.unusual
    ]
    return [*pieces, h.items(events)]


def _needs(found: FirstEvening) -> list[Any]:
    heading = h.element("h2", "What is needed for more")
    return [heading, h.items(found.needs) if found.needs else h.paragraph("Nothing.")]


def _sensors(found: FirstEvening) -> list[Any]:
    rows = [
        [
            h.stacked(h.name(each.name), h.name(each.location)),
            h.name(each.kind),
            h.name(each.zone),
            f"{each.n_events:,}",
            "-" if each.shortest is None else f"{each.shortest:.1f}",
            h.stacked(visible(each.kind_from), visible(each.zone_from)),
        ]
        for each in found.door.sensors
    ]
    columns = ["sensor", "kind", "zone", "events", "shortest, s", "guessed by"]
    return [
        h.element("h2", "What was read"),
        h.table("Sensors, with what told their kind and zone", columns, rows, numeric=(3, 4)),
    ]


def _not_read(found: FirstEvening) -> list[Any]:
    if not found.door.not_read:
        return []
    rows = [
        [h.name(each.name), f"{each.n_active:,}", visible(each.reason)]
        for each in found.door.not_read
    ]
    columns = ["sensor", "times active", "why"]
    return [
        h.element("h2", "What was not read"),
        h.table("A mapping has them read", columns, rows, numeric=(1,)),
    ]
