"""Baselines and whose events they are asked about: one home's, or a folder of many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.evaluation import alarms_per_week
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle import Fleet, load_fleet, save_estimator
from novin_ml.lifecycle.fleet._files import HomeRecord, home_files, read_record, write_home
from novin_ml.lifecycle.saving.estimators import SUFFIX
from novin_ml.store import MANIFEST

HOME = "home_id"
_SHOWN = 5  # homes that a message names


def is_fleet(folder: Path) -> bool:
    """Whether a folder is one of `train anomaly --by`: a file of each home."""
    return folder.is_dir() and not (folder / MANIFEST).exists() and bool(home_files(folder))


def load_home(folder: Path, home: str | None) -> Any:
    """Load the baseline of one home from a folder of many."""
    fleet = load_fleet(folder)
    if home is None:
        raise ValueError(
            f"{folder} holds the baselines of {len(home_files(folder)):,} homes, and one must be "
            f"named. Got none. Add --home ID where the command has it, or pass one of its {SUFFIX} "
            "files."
        )
    if home not in fleet:
        raise ValueError(
            f"--home must be a home with a baseline in {folder}. Got {home!r}. "
            f"There are {listed(fleet)}."
        )
    return fleet[home]


def listed(homes: Any) -> str:
    """Return the first homes in words."""
    homes = list(homes)
    text = ", ".join(map(repr, homes[:_SHOWN]))
    return text + (f" and {len(homes) - _SHOWN:,} more" if len(homes) > _SHOWN else "")


def events_of(pipeline: Any, events: pd.DataFrame, home: str | None, remedy: str) -> pd.DataFrame:
    """Return the events that a baseline can be asked about: those of `home`, or all of its own.

    The features of another home's events would say how new they are to a home of which nothing is
    known, and the threshold is that of the baseline's home.
    """
    known = getattr(pipeline[0], "homes_", None)
    if known is None:  # features that were not fitted tell no home
        known = events[HOME].unique()
    if home is not None:
        if home not in known:
            raise ValueError(f"--home must be the baseline's, {listed(known)}. Got {home!r}.")
        events = events[events[HOME] == home]
    others = [name for name in events[HOME].unique() if name not in known]
    if others or not len(events):
        raise ValueError(
            f"The events must be of the baseline's home, {listed(known)}. "
            f"Got {'events of ' + listed(others) if others else 'none of it'}. {remedy}"
        )
    return events


def save_baseline(pipeline: Any, path: Path, home: str | None) -> Path:
    """Save a baseline in its place; one of a fleet stays one, and is fitted again by a new run."""
    if home is not None and is_fleet(path):
        path = load_fleet(path)._path(home)
    if path.suffix == SUFFIX:
        try:
            record = read_record(path)
        except SavedModelError:  # a file of one baseline alone
            return save_estimator(pipeline, path)
        write_home(path, pipeline, HomeRecord(record.home_id, "", pipeline[-1].state_))
        return path
    return save_estimator(pipeline, path)


def score_fleet(fleet: Fleet, events: pd.DataFrame, output: Output) -> pd.DataFrame:
    """Score each event by the baseline of its home; those of homes without one stay empty."""
    n_events = len(events)
    score, decision = np.full(n_events, np.nan), np.full(n_events, np.nan)
    states, without = [], []
    for home, places in events.groupby(HOME, observed=True, sort=False).indices.items():
        if home not in fleet:
            without.append(home)
            continue
        pipeline = fleet[str(home)]
        score[places] = pipeline.score_samples(events.iloc[places])
        decision[places] = score[places] - pipeline[-1].offset_
        states.append(pipeline[-1].state_)
    if not states:
        raise ValueError(
            f"The events must be of homes with a baseline in {fleet.folder}. "
            f"Got {listed(without)}. Train them with train anomaly --by {HOME}."
        )
    scored, alarm = ~np.isnan(score), decision < 0
    rate = alarms_per_week(events[scored], alarm[scored])
    output.document |= {
        "homes": len(states),
        "ready": states.count("ready"),
        "learning": states.count("learning"),
        "homes_without_baseline": without,
        "alarms": rate,
    }
    output.line(
        f"{states.count('ready'):,} homes ready, {states.count('learning'):,} learning: "
        f"{int(alarm.sum()):,} of {int(scored.sum()):,} events are unusual to their home; "
        f"{rate.n_alarms:,} alarms in {rate.home_weeks:.1f} usual weeks, {rate.per_week:.2f} a "
        f"home and week ({rate.low:.2f} to {rate.high:.2f} with 95% confidence)"
    )
    if without:
        output.line(
            f"no baseline of {len(without):,} homes, {listed(without)}: their "
            f"{int((~scored).sum()):,} events have empty answers"
        )
    flags = pd.array(alarm, dtype="boolean")
    flags[~scored] = pd.NA
    return pd.DataFrame({"score": score, "decision": decision, "alarm": flags})
