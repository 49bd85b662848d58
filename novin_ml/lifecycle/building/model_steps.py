"""The steps of one model of a build: train, decide, publish, judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml import export_coreml
from novin_ml.estimators.families import Family, family_of
from novin_ml.evaluation import compare, rows_of_new_homes, seen_in_training
from novin_ml.evaluation.decisions import choose_decisions, tune_threshold
from novin_ml.evaluation.report.shares import share_by_home
from novin_ml.evaluation.truth import GIVEN
from novin_ml.events.consent import has_consent
from novin_ml.exceptions import BuildError
from novin_ml.files import write_text
from novin_ml.lifecycle.building.declaration import Declaration, Model
from novin_ml.lifecycle.building.gates import GateResult, model_gates
from novin_ml.lifecycle.building.rows import Rows
from novin_ml.lifecycle.building.steps import Step
from novin_ml.lifecycle.gate import check_gate
from novin_ml.lifecycle.publishing import publish
from novin_ml.lifecycle.registry.contents import files_in
from novin_ml.lifecycle.registry.records import Version
from novin_ml.lifecycle.registry.release import WORK
from novin_ml.lifecycle.saving.estimators import load_estimator, save_estimator
from novin_ml.lifecycle.training import train
from novin_ml.plain import plain

_HOME = "home_id"


@dataclass(frozen=True)
class ModelSteps:
    """Makes a model of a release, step by step.

    Attributes
    ----------
    name : str
        Name of the model in the release.
    model : Model
        What is declared of it.
    declaration : Declaration
    folder : Path
        Folder of the release.
    rows : callable
        Returns the rows; they are read when a step needs them.
    data : str
        Name of the step that read them.
    released : Version or None
        The version to compare with.
    of_signals : bool
        Whether its rows are signals, which have no times: no report is written of them.
    """

    name: str
    model: Model
    declaration: Declaration
    folder: Path
    rows: Callable[[], Rows] = field(repr=False)
    data: str
    released: Version | None
    of_signals: bool = False

    @property
    def family(self) -> Family:
        """Family of the model."""
        return self.model.of_family()

    def steps(self) -> list[Step]:
        """Return the steps in their order."""
        name, model, work = self.name, self.model, f"{WORK}/{self.name}"
        seed = self.declaration.split.random_state
        trained, decided, published = f"{name}: train", f"{name}: decide", f"{name}: publish"
        return [
            Step(
                trained,
                {
                    "family": model.family,
                    "algorithm": model.algorithm,
                    "parameters": model.parameters,
                    "random_state": seed,
                },
                (self.data,),
                (f"{work}.trained", f"{name}.training.json"),
                self.train,
            ),
            Step(
                decided,
                {"budget": model.false_alarms_per_week, "coverage": model.coverage},
                (self.data, trained),
                (name, f"{name}.thresholds.json"),
                self.decide,
            ),
            Step(
                published,
                {},
                (self.data, decided),
                (
                    f"{name}.mlmodel",
                    f"{name}.certificate.json",
                    f"{name}.reference",
                    *(() if self.of_signals else (f"{name}.card.md", f"{name}.html")),
                    f"{work}.report.json",
                ),
                self.publish,
            ),
            Step(
                f"{name}: judge",
                {"verdict": model.gates.rules, "margin": model.gates.margin, "random_state": seed},
                (self.data, decided, published),
                (f"{name}.metrics.json",),
                self.judge,
            ),
            # What is released is no part of the release: another one does not make new bytes.
            Step(
                f"{name}: compare",
                {
                    "verdict": model.gates.released,
                    "margin": model.gates.margin,
                    "random_state": seed,
                    "version": None if self.released is None else self.released.sha256,
                },
                (self.data, decided),
                (f"{work}.released.json",),
                self.compare,
            ),
        ]

    def train(self) -> None:
        """Train on the training homes, and count rows that must not be in the training."""
        rows = self.rows()
        result = train(
            self.family,
            rows.parts["train"],
            test_fraction=0,
            random_state=self.declaration.split.random_state,
            algorithm=self.model.algorithm,
            **self.model.parameters,
        )
        held_out = [part for name, part in rows.parts.items() if name != "train"]
        n_seen = sum(seen_in_training(result.pipeline, part).n_homes_seen for part in held_out)
        facts = {
            "rows": result.n_trained,
            "homes": result.n_homes,
            "left_out_without_consent": result.n_without_consent,
            "homes_on_both_sides": n_seen,
            "rows_without_consent": _trained_without_consent(result.pipeline, rows.whole),
        }
        save_estimator(result.pipeline, self.folder / WORK / f"{self.name}.trained")
        _write(facts, self.folder / f"{self.name}.training.json")

    def decide(self) -> None:
        """Choose thresholds from the budget, and when to say "don't know"."""
        pipeline = load_estimator(self.folder / WORK / f"{self.name}.trained")
        budget, coverage = self.model.false_alarms_per_week, self.model.coverage
        if budget is not None or coverage is not None:
            rows, tune = self.rows(), self.rows().parts["tune"]
            choose_decisions(
                pipeline,
                rows.annotated(tune),
                false_alarms_per_week=budget,
                error_rate=None if coverage is None else round(1 - coverage, 12),
            )
            if budget is not None and len(rows.adjusted.answered):
                raise_thresholds(pipeline, tune, budget)
        save_estimator(pipeline, self.folder / self.name)
        _write(pipeline[-1].decisions_.to_document(), self.folder / f"{self.name}.thresholds.json")

    def publish(self) -> None:
        """Measure, export, certify, and write report and card."""
        pipeline = load_estimator(self.folder / self.name)
        test, model = self.rows().parts["test"], self.folder / f"{self.name}.mlmodel"
        if self.of_signals:
            export_coreml(pipeline, model)
            document = _measured_signals(pipeline, test)
        else:
            # The gates are of the labels that people gave, and so is all that is shown of them.
            report = publish(pipeline, test, model, truth=GIVEN).report
            document = report.to_document() | {"clean_accuracy": _clean_accuracy(report)}
        _write(document, self.folder / WORK / f"{self.name}.report.json")

    def judge(self) -> None:
        """Measure the values of the gates, and compare with the rules."""
        pipeline = load_estimator(self.folder / self.name)
        rows = self.rows()
        report = read_json(self.folder / WORK / f"{self.name}.report.json")
        certificate = read_json(self.folder / f"{self.name}.certificate.json")
        names = ("accuracy", "clean_accuracy", "alarming", "thresholds", "abstention")
        facts: dict[str, Any] = {
            "family": self.model.family,
            "algorithm": report["algorithm"],
            "n_rows": report["n_rows"],
            "n_homes": report["n_homes"],
            **{name: report[name] for name in names},
            "recall": _recall(pipeline, rows.parts["test"]),
            "rules": self._against_rules(pipeline, rows.parts["test"]),
            "bytes": certificate["model_bytes"],
            "parity": {name: certificate[name] for name in ("passed", "max_error", "tolerance")},
        }
        if "frozen" in rows.parts:
            facts["frozen"] = _accuracy(pipeline, rows.parts["frozen"])
        _write(facts, self.folder / f"{self.name}.metrics.json")

    def compare(self) -> None:
        """Compare with the released version, on homes that neither was trained on."""
        pipeline = load_estimator(self.folder / self.name)
        found = self._against_released(pipeline)
        _write(found, self.folder / WORK / f"{self.name}.released.json")

    def measured(self) -> dict[str, Any]:
        """Return the metrics, with the comparison with the released version."""
        metrics: dict[str, Any] = read_json(self.folder / f"{self.name}.metrics.json")
        return metrics | {"released": read_json(self.folder / WORK / f"{self.name}.released.json")}

    def facts(self) -> dict[str, Any]:
        """Return what a registry is to know of the model."""
        place = self.folder / self.name
        parts = ("thresholds", "data", "training")
        return {"metrics": self.measured()} | {
            part: read_json(place.with_name(f"{self.name}.{part}.json")) for part in parts
        }

    def gates(self) -> Iterator[GateResult]:
        """Yield the gates of the model."""
        return model_gates(self.measured(), self.model.gates, self.name)

    def _against_rules(self, pipeline: Any, test: Any) -> dict[str, Any]:
        if self.of_signals:
            return {"absent": "There are no hand-written rules of signals."}
        return self._compared(pipeline, self.family.rules(), test, "the rules", "rules")

    def _against_released(self, pipeline: Any) -> dict[str, Any]:
        if self.released is None:
            return {"absent": "No version is released yet."}
        own = f"{self.name}/"
        files = {name: entry for name, entry in self.released.files.items() if name.startswith(own)}
        if not files:
            return {"absent": f"Version {self.released.number} has no model {self.name!r}."}
        if files == {f"{own}{name}": e for name, e in files_in(self.folder / self.name).items()}:
            return {"absent": f"It is the model of the released version {self.released.number}."}
        rows = self.rows()
        other = load_estimator(self.released.path(self.name))
        if family_of(other) is not self.family:
            raise BuildError(
                f"{self.declaration.path}: models.{self.name}.family must be that of the released "
                f"version {self.released.number}, {family_of(other).name}. Got "
                f"{self.model.family}. Give the new model another name."
            )
        held_out = _homes(rows, "test") | _homes(rows, "frozen")
        table = rows.annotated(rows.whole)
        table = table[table[_HOME].isin(held_out).to_numpy(dtype=bool)]
        table = table[rows_of_new_homes(other, table)]
        if not len(table) or not table["label"].notna().any():
            return {
                "absent": "The released version was trained on all homes to compare on. Name some "
                "under [data.frozen] before they are trained on.",
                "version": self.released.number,
            }
        name = f"version {self.released.number}"
        found = self._compared(pipeline, other, table, name, "released")
        return found | {"version": self.released.number}

    def _compared(
        self, pipeline: Any, other: Any, table: Any, name: str, gate: str
    ) -> dict[str, Any]:
        seed = self.declaration.split.random_state
        found = compare(pipeline, other, table, names=(self.name, name), random_state=seed)
        wanted = getattr(self.model.gates, gate)
        fault = None if wanted is None else check_gate(found, wanted, self.model.gates.margin)
        return found.to_dict() | {"fault": fault}


def raise_thresholds(pipeline: Any, rows: Any, budget: float) -> None:
    """Raise thresholds where the alarms that users answered "nothing" would break the budget.

    Users answer alarms alone, so of rows below the thresholds of their time nothing is known: a
    threshold that answers would lower stays.
    """
    classifier = pipeline[-1]
    before = dict(classifier.decisions_.thresholds)
    tune_threshold(pipeline, rows, budget)
    after = classifier.decisions_.thresholds
    classifier.set_thresholds(
        {
            label: max(before.get(label, found), found, key=lambda each: each.threshold)
            for label, found in after.items()
        }
    )


def read_json(path: Path) -> Any:
    """Read a JSON file that a step wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def _write(document: Any, path: Path) -> None:
    write_text(json.dumps(plain(document), indent=1, sort_keys=True) + "\n", path)


def _homes(rows: Rows, part: str) -> set[Any]:
    return set(rows.parts[part][_HOME]) if part in rows.parts else set()


def _trained_without_consent(pipeline: Any, whole: Any) -> int:
    """Count the rows without consent that a model was trained on, by the record in the model."""
    without = whole[~has_consent(whole)]
    if not len(without):
        return 0
    seen = seen_in_training(pipeline, without)
    return seen.n_rows_seen if seen.rows_flatter else 0


def _answers(pipeline: Any, table: Any) -> tuple[Any, Any, Any]:
    kind = family_of(pipeline).rows_in(table)
    rows = kind.to_score(table, pipeline)
    rows = rows[rows["label"].notna()]
    truth = np.asarray(rows["label"].astype(object)).astype(str)
    return truth, np.asarray(pipeline.predict(rows)).astype(str), np.asarray(rows[_HOME])


def _recall(pipeline: Any, table: Any) -> dict[str, Any]:
    truth, answers, homes = _answers(pipeline, table)
    found = {}
    for label in map(str, pipeline.classes_):
        of_label = truth == label
        found[label] = plain(share_by_home(answers[of_label] == label, homes[of_label]))
    return found


def _clean_accuracy(report: Any) -> float | None:
    others = report.other_labels
    return None if others is None else others.accuracy


def _measured_signals(pipeline: Any, test: Any) -> dict[str, Any]:
    """Return what a report would tell of signals, which have no times."""
    found = _accuracy(pipeline, test)
    n_homes = found.pop("n_homes")
    return {
        "algorithm": pipeline[-1].learner_.kind,
        "n_rows": len(test),
        "n_homes": n_homes,
        "accuracy": found,
        "clean_accuracy": None,
        "alarming": None,
        "thresholds": None,
        "abstention": None,
    }


def _accuracy(pipeline: Any, table: Any) -> dict[str, Any]:
    truth, answers, homes = _answers(pipeline, table)
    found: dict[str, Any] = plain(share_by_home(answers == truth, homes))
    return found | {"n_homes": len(set(homes))}
