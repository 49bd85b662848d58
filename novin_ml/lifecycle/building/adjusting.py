"""What is done to rows before they are divided: withdrawn consents, answers of users, weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import Family
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.events.training_record import Keys, event_keys, homes_and_times
from novin_ml.lifecycle.answering import AnsweredRows, Answers, label_by_answers
from novin_ml.lifecycle.weeks import has_times, times_of, week_of_monday, weeks_of
from novin_ml.plain import plural

_LABELS = ("label", "clean_label")


@dataclass(frozen=True)
class Adjusted:
    """Rows whose consents and labels are those to work with.

    Attributes
    ----------
    rows : DataFrame or Chains
    withdrawn : tuple of str
        Homes that withdrew their consent, whose rows are without consent now.
    answered : ndarray of uint64
        Keys of the rows whose label is what a user said.
    facts : dict
        Counts, for the record; no names.
    notes : tuple of str
        Sentences for whoever builds.
    """

    rows: Any
    withdrawn: tuple[str, ...] = ()
    answered: Keys = field(default_factory=lambda: np.zeros(0, dtype=np.uint64), repr=False)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def adjusted(
    rows: Any, family: Family, answers: Answers | None, mondays: Iterable[str]
) -> Adjusted:
    """Return rows with withdrawn consents and users' answers, without the labels of some weeks.

    Parameters
    ----------
    rows : DataFrame or Chains
        As they were read.
    family : Family
        What the labels are of.
    answers : Answers or None
        What users said of alarms.
    mondays : iterable of str
        Weeks whose labels are not used.
    """
    if not has_times(rows):
        return Adjusted(rows, facts={"withdrawn": 0, "weeks_left_out": [], "answers": None})
    withdrawn = withdrawn_homes(rows)
    if withdrawn:
        stay = ~rows["home_id"].isin(withdrawn).to_numpy(dtype=bool)
        rows = rows.assign(consent=has_consent(rows) & stay)
    found = AnsweredRows(rows, np.zeros(0, dtype=np.uint64))
    if answers is not None and not family.is_detector:
        found = label_by_answers(rows, answers, family)
    weeks = sorted(mondays)
    rows = without_labels(found.rows, weeks)
    facts: dict[str, Any] = {"withdrawn": len(withdrawn), "weeks_left_out": weeks}
    facts["answers"] = None if answers is None else found.counts()
    return Adjusted(rows, withdrawn, found.keys, facts, tuple(_notes(found, withdrawn)))


def withdrawn_homes(rows: Any) -> tuple[str, ...]:
    """Return the homes whose last row is without consent, though an earlier one had it, sorted."""
    if "consent" not in rows.columns or not len(rows):
        return ()
    table = pd.DataFrame(
        {
            "home": np.asarray(rows["home_id"], dtype=object),
            "time": times_of(rows),
            "consent": has_consent(rows),
        }
    )
    table = table[table["home"] != UNKNOWN_HOME]
    by_home = table.groupby("home", sort=True)
    is_last = table["time"] == by_home["time"].transform("max")
    last = table[is_last].groupby("home", sort=True)["consent"].all()
    ever = by_home["consent"].any()
    return tuple(str(home) for home in ever.index[ever & ~last.reindex(ever.index)])


def without_labels(rows: Any, mondays: Iterable[str]) -> Any:
    """Return rows without the labels of some weeks; their events stay, as context of others."""
    weeks = [week_of_monday(each) for each in mondays]
    if not weeks:
        return rows
    return _unlabelled(rows, np.isin(weeks_of(times_of(rows)), weeks))


def keep_labels(rows: Any, where: np.ndarray) -> Any:
    """Return rows with these labels alone; the other rows stay, as context."""
    return _unlabelled(rows, ~where)


def annotated(rows: Any, answered: Keys) -> Any:
    """Return rows with the labels of annotators alone: without those that users' answers gave."""
    found = homes_and_times(rows) if len(answered) else None
    return rows if found is None else _unlabelled(rows, np.isin(event_keys(*found), answered))


def _unlabelled(rows: Any, where: np.ndarray) -> Any:
    if not where.any():
        return rows
    columns = {name: rows[name] for name in _LABELS if name in rows.columns}
    return rows.assign(
        **{
            name: np.where(where, None, column.astype(object).where(column.notna(), None))
            for name, column in columns.items()
        }
    )


def _notes(found: AnsweredRows, withdrawn: tuple[str, ...]) -> Iterable[str]:
    if withdrawn:
        yield (
            f"{plural(len(withdrawn), 'home')} withdrew consent: nothing of "
            f"{'it' if len(withdrawn) == 1 else 'them'} is trained on."
        )
    if found.unknown:
        yield (
            f"{plural(len(found.unknown), 'answer')} of users {_are(found.unknown)} of events that "
            f"the data do not have: {found.unknown[0]}."
        )
    if found.contradicted:
        yield (
            f"{plural(len(found.contradicted), 'answer')} of users {_are(found.contradicted)} not "
            f"used, since an annotator said something else: {found.contradicted[0]}."
        )


def _are(those: tuple[str, ...]) -> str:
    return "is" if len(those) == 1 else "are"
