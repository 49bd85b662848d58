"""The steps of the baselines of a build: one for each home, measured on its last days."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import detection_delay
from novin_ml.evaluation.report.shares import rate_by_home
from novin_ml.events.consent import has_consent
from novin_ml.exceptions import BuildError, HomeMismatchError
from novin_ml.files import write_text
from novin_ml.lifecycle.building.declaration import Declaration, Model
from novin_ml.lifecycle.building.gates import GateResult, baseline_gates
from novin_ml.lifecycle.building.rows import Rows
from novin_ml.lifecycle.building.steps import Step
from novin_ml.lifecycle.fleet import fit_fleet, is_fleet, load_fleet, score_fleet
from novin_ml.plain import plain

_HOME, _TIME = "home_id", "timestamp"
_HOUR = 3600.0
_REASONS = 3


@dataclass(frozen=True)
class BaselineSteps:
    """Makes the baselines of a release, step by step.

    They are not exported: a phone has the baseline of its own home.

    Attributes
    ----------
    name : str
        Name of their folder in the release, with a file for each home.
    model : Model
        What is declared of them.
    declaration : Declaration
    folder : Path
        Folder of the release.
    rows : callable
        Returns the rows; they are read when a step needs them.
    data : str
        Name of the step that read them.
    """

    name: str
    model: Model
    declaration: Declaration
    folder: Path
    rows: Callable[[], Rows] = field(repr=False)
    data: str

    def steps(self) -> list[Step]:
        """Return the steps in their order."""
        name, trained = self.name, f"{self.name}: train"
        inputs = {
            "family": self.model.family,
            "parameters": self.model.parameters,
            "random_state": self.declaration.split.random_state,
        }
        return [
            Step(trained, inputs, (self.data,), (name, f"{name}.training.json"), self.train),
            Step(f"{name}: judge", {}, (self.data, trained), (f"{name}.metrics.json",), self.judge),
        ]

    def train(self) -> None:
        """Fit the baseline of each home on its first days."""
        place, rows = self.folder / self.name, self.rows()
        if place.exists() and not is_fleet(place):
            shutil.rmtree(place)  # of a model that an earlier build called so
        train = rows.parts["train"]
        report = fit_fleet(
            train,
            out=place,
            estimator=make_behavior_pipeline(**self.model.parameters),
            random_state=self.declaration.split.random_state,
        )
        there = {*report.fitted, *report.skipped}
        if not there:
            reasons = " ".join([*report.failed.values()][:1])
            raise BuildError(
                f"{self.declaration.path}: the files of {self.name} must be the logs of homes with "
                f"consent, some weeks of each. Got {report}. {reasons}"
            )
        fleet = load_fleet(place)
        for home in list(fleet):
            if home not in there:
                fleet.path_of(home).unlink()
        whole = rows.whole
        facts = {
            "rows": int(has_consent(train).sum()),
            "homes": len(there),
            "homes_without_consent": len(report.without_consent),
            "left_out_without_consent": report.n_events_without_consent,
            "failed": len(report.failed),
            "reasons": sorted(set(report.failed.values()))[:_REASONS],
            "rows_on_both_sides": _remembered(fleet, rows.parts["test"]),
            "rows_without_consent": _remembered(fleet, whole[~has_consent(whole)]),
        }
        _write(facts, self.folder / f"{self.name}.training.json")

    def judge(self) -> None:
        """Count the alarms of the last days, and the incidents that were found."""
        test = self.rows().parts["test"]
        found = score_fleet(load_fleet(self.folder / self.name), test)
        scored = found.scores["alarm"].notna().to_numpy(dtype=bool)
        events = test[scored]
        alarms = found.scores["alarm"][scored].to_numpy(dtype=bool)
        usual = _usual(events)
        homes = events[_HOME].astype(str).to_numpy(dtype=object)
        counted = _first_of_hour(homes, events[_TIME].to_numpy(np.float64), alarms & usual)
        facts: dict[str, Any] = {
            "family": self.model.family,
            "n_rows": len(events),
            "n_homes": found.n_ready + found.n_unproven + found.n_learning,
            "homes_without_baseline": len(found.without_baseline),
            "states": {
                "ready": found.n_ready,
                "unproven": found.n_unproven,
                "learning": found.n_learning,
            },
            "alarms": found.alarms,
            "thresholds": None,
            "alarming": {
                "false_alarms": rate_by_home(counted, homes, events[_TIME].to_numpy(np.float64))
            },
        }
        if not usual.all():
            incidents = detection_delay(events, alarms)
            facts["incidents"] = len(incidents.incidents)
            facts["incidents_found"] = incidents.n_detected
        _write(facts, self.folder / f"{self.name}.metrics.json")

    def gates(self) -> Iterator[GateResult]:
        """Yield the gates of the baselines."""
        metrics = json.loads((self.folder / f"{self.name}.metrics.json").read_text("utf-8"))
        return baseline_gates(metrics, self.model.gates, self.name)

    def facts(self) -> dict[str, Any]:
        """Return what a registry is to know of the baselines."""
        return {
            part: json.loads((self.folder / f"{self.name}.{part}.json").read_text("utf-8"))
            for part in ("metrics", "data", "training")
        }


def _usual(events: pd.DataFrame) -> Any:
    """Tell which events are of no incident, as far as labels say."""
    if "label" not in events.columns:
        return np.ones(len(events), dtype=bool)
    return (events["label"].astype(object) != FAMILIES["behavior"].positive_label).to_numpy(
        dtype=bool
    )


def _first_of_hour(homes: Any, times: Any, alarms: Any) -> Any:
    """Tell which alarms are the first of their clock hour: several within an hour count once."""
    table = pd.DataFrame({"home": homes, "hour": np.floor(times / _HOUR)})[alarms]
    first = np.zeros(len(homes), dtype=bool)
    first[np.flatnonzero(alarms)[~table.duplicated().to_numpy()]] = True
    return first


def _remembered(fleet: Any, events: pd.DataFrame) -> int:
    """Count the events that baselines were trained on."""
    if not len(events):
        return 0
    try:
        return score_fleet(fleet, events).training_data.n_rows_seen
    except HomeMismatchError:
        return 0  # none of these homes has a baseline


def _write(document: Any, path: Path) -> None:
    write_text(json.dumps(plain(document), indent=1, sort_keys=True) + "\n", path)
