"""Build a release from a novin.toml."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from novin_ml.coreml.swift import write_swift_package
from novin_ml.exceptions import BuildError, ParityError
from novin_ml.files import write_text
from novin_ml.lifecycle.building.baseline_steps import BaselineSteps
from novin_ml.lifecycle.building.declaration import FILE, Declaration, read_declaration
from novin_ml.lifecycle.building.gates import (
    GateResult,
    data_gates,
    parity_failed,
    training_gates,
)
from novin_ml.lifecycle.building.model_steps import ModelSteps, read_json
from novin_ml.lifecycle.building.place import alone
from novin_ml.lifecycle.building.rows import Rows, files_hash, find_files, read_rows, vocabulary_of
from novin_ml.lifecycle.building.steps import WOULD_RUN, Step, StepResult, Steps, library_versions
from novin_ml.lifecycle.registry import Registry, Version
from novin_ml.lifecycle.registry.contents import hash_of
from novin_ml.lifecycle.registry.records import now, user
from novin_ml.lifecycle.registry.release import (
    LOG,
    NOT_RELEASED,
    RECORD,
    write_release,
)
from novin_ml.plain import plain, plural, shown


@dataclass(frozen=True)
class BuildResult:
    """The result of a build.

    Attributes
    ----------
    folder : Path
        Folder of the release.
    steps : tuple of StepResult
        What became of each step.
    gates : tuple of GateResult
        The gates that were held; empty in a dry run.
    sha256 : str or None
        Hash of the release's files; None unless all gates passed.
    seconds : float
        Wall time.
    unfinished : str
        Why nothing is released though no gate failed; empty otherwise.
    notes : tuple of str
        Why events were rejected, and what the vocabulary does not recognise, in sentences.
    """

    folder: Path
    steps: tuple[StepResult, ...]
    gates: tuple[GateResult, ...]
    sha256: str | None
    seconds: float
    unfinished: str = ""
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[GateResult, ...]:
        """The gates that failed."""
        return tuple(gate for gate in self.gates if not gate.passed)

    @property
    def released(self) -> bool:
        """Whether the folder is a release: all is made, and all gates passed."""
        return self.sha256 is not None


def build(
    declaration: Declaration | str | os.PathLike[str] = FILE,
    out: str | os.PathLike[str] = "release",
    *,
    only: str | None = None,
    dry_run: bool = False,
    step: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    tell: Callable[[StepResult], Any] = lambda result: None,
) -> BuildResult:
    """Make a release from a novin.toml: from data to certified models behind gates.

    Read and divide by home; train each model, choose its thresholds, export and certify it, write
    report and card, compare it with the rules and the released version; hold the gates; write the
    Swift package and the record of the release. Steps whose inputs did not change are kept, also
    those of a build that was killed.

    Parameters
    ----------
    declaration : Declaration or path, default="novin.toml"
        What to build.
    out : path, default="release"
        Folder of the release: new, empty, or of an earlier build.
    only : str or None, default=None
        Make this model alone. Nothing is released then unless all others are up to date.
    dry_run : bool, default=False
        Run nothing: tell which steps would run.
    step : callable, default=contextlib.nullcontext
        ``step(title)`` returns a context manager, such as a spinner, that is active while a step
        runs.
    tell : callable
        Called with the `StepResult` of each step when it is done.

    Returns
    -------
    result : BuildResult
        Steps and gates. If a gate failed, ``result.failed`` names it; what was made stays in the
        folder, which is marked as not released.

    Raises
    ------
    BuildError
        If the file is wrong, names absent files, or another build is running in the folder.
    NovinError, ValueError, OSError
        As a step raises. What earlier steps made stays.

    See Also
    --------
    Registry.add : Keeps the release.

    Notes
    -----
    The same inputs give the same bytes on the same machine: ``sha256`` is the same. Times and the
    user are in ``build.log.json``, which is not hashed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.events import write_events
    >>> from novin_ml.lifecycle import build
    >>> from novin_ml.simulation import simulate_deliveries
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_events(simulate_deliveries(1000, random_state=0), folder / "events.jsonl")
    >>> _ = (folder / "novin.toml").write_text('''
    ... [data]
    ... files = ["events.jsonl"]
    ... [models.delivery]
    ... family = "delivery"
    ... parameters = { epochs = 5 }
    ... gates = { min_accuracy = 0.5 }
    ... ''')
    >>> result = build(folder / "novin.toml", folder / "release")
    >>> result.released, len(result.sha256)
    (True, 64)
    >>> again = build(folder / "novin.toml", folder / "release")
    >>> {step.state for step in again.steps}, again.sha256 == result.sha256
    ({'kept'}, True)
    """
    if not isinstance(declaration, Declaration):
        declaration = read_declaration(declaration)
    if only is not None and only not in declaration.models:
        known = ", ".join(declaration.models)
        raise BuildError(
            f"The 'only' parameter must be a model of {declaration.path}: {known}. "
            f"Got {shown(only)}."
        )
    folder = Path(out)
    made = _Build(declaration, folder, Steps(folder, step, tell, dry_run), only)
    if dry_run:
        return made.planned()
    with alone(folder):
        return made.made()


@dataclass
class _Build:
    declaration: Declaration
    folder: Path
    steps: Steps
    only: str | None
    gates: list[GateResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        # All files are looked at before anything is made.
        self._files = {
            name: find_files(self.declaration, model)
            for name, model in self.declaration.models.items()
        }
        self._tables: dict[Any, Rows] = {}

    def planned(self) -> BuildResult:
        for name in self._wanted():
            self.steps.do(self._data_step(name))
            for step in self._model(name).steps():
                self.steps.do(step)
        self._package()
        return self._result(None)

    def made(self) -> BuildResult:
        began = now()
        state = "failed"
        try:
            self._mark("The build is not done.")
            (self.folder / RECORD).unlink(missing_ok=True)
            write_text(self.declaration.content.decode(), self.folder / FILE)
            result = self._make()
            state = "released" if result.released else "not released"
            return result
        finally:
            self._log(began, state)

    def _make(self) -> BuildResult:
        for name in self._wanted():
            self.steps.do(self._data_step(name))
            self._hold_data(name)
        if self._failed():
            return self._stopped()
        for name in self._wanted():
            self._make_model(name)
        if self._failed():
            return self._stopped()
        missing = self._not_built()
        if missing:
            reason = f"{', '.join(missing)} not built yet: build without --only."
            self._mark(reason)
            return self._result(None, reason)
        self._package()
        self.steps.forget_others()
        toml = self.folder / FILE
        files = self.steps.files() | {FILE: [toml.stat().st_size, hash_of(toml)]}
        sha256 = write_release(self.folder, files, self._facts())
        (self.folder / NOT_RELEASED).unlink()
        return self._result(sha256)

    def _make_model(self, name: str) -> None:
        model = self._model(name)
        for each in model.steps():
            try:
                self.steps.do(each)
            except ParityError as error:
                self.gates.append(parity_failed(name, error))
                return
            if each.name.endswith(": train"):
                self._hold_training(name)
                if self._failed():
                    return
        self._hold_model(name)

    def _model(self, name: str) -> ModelSteps | BaselineSteps:
        model, read = self.declaration.models[name], f"{name}: read"
        if model.of_family().is_detector:
            rows = partial(self._rows, name)
            return BaselineSteps(name, model, self.declaration, self.folder, rows, read)
        return ModelSteps(
            name=name,
            model=model,
            declaration=self.declaration,
            folder=self.folder,
            rows=lambda: self._rows(name),
            data=read,
            of_signals=self._files[name][0].suffix == ".npz",
            released=self._released,
        )

    def _data_step(self, name: str) -> Step:
        model, data = self.declaration.models[name], self.declaration.data
        answers = None if data.answers is None else self.declaration.place(data.answers)
        answers = answers if answers is not None and answers.is_file() else None
        inputs = {
            "sha256": self._fingerprint(name),
            "family": model.family,
            "vocabulary": vocabulary_of(self.declaration).fingerprint,
            "reading": [data.timezone, data.separator, data.decimal, data.encoding],
            "frozen": sorted(data.frozen.homes),
            "split": plain(self.declaration.split),
            "labels": None if data.labels is None else self._labels_hash,
            "answers": None if answers is None else files_hash([answers]),
            "weeks_left_out": sorted(data.weeks_left_out),
        }

        def read() -> None:
            facts = {"sha256": inputs["sha256"], **self._rows(name).facts()}
            text = json.dumps(plain(facts), indent=1, sort_keys=True)
            write_text(text + "\n", self.folder / f"{name}.data.json")

        return Step(f"{name}: read", inputs, (), (f"{name}.data.json",), read)

    def _package(self) -> None:
        package = self.declaration.package
        if package is None:
            return
        models = {
            name: self.folder / f"{name}.mlmodel"
            for name, model in sorted(self.declaration.models.items())
            if not model.of_family().is_detector
        }
        after = tuple(f"{name}: publish" for name in models)
        self.steps.do(
            Step(
                "package",
                {"name": package.name},
                after,
                (package.name,),
                lambda: write_swift_package(models, self.folder / package.name),
            )
        )

    def _rows(self, name: str) -> Rows:
        """Return the rows of a model; models of the same files share them."""
        model = self.declaration.models[name]
        family = model.of_family()
        key = (tuple(self._files[name]), family.rows.name, family.is_detector)
        if key not in self._tables:
            self._tables[key] = read_rows(self.declaration, model, self._files[name])
        return self._tables[key]

    def _fingerprint(self, name: str) -> str:
        return self._hashes[tuple(self._files[name])]

    @cached_property
    def _hashes(self) -> Mapping[tuple[Path, ...], str]:
        return {key: files_hash(key) for key in {tuple(files) for files in self._files.values()}}

    @cached_property
    def _labels_hash(self) -> str:
        return files_hash([self.declaration.place(str(self.declaration.data.labels))])

    @cached_property
    def _released(self) -> Version | None:
        wanted = self.declaration.registry
        if wanted is None:
            return None
        folder = self.declaration.place(wanted.folder)
        if not folder.exists():
            return None
        registry = Registry(folder)
        return registry.served(wanted.name) if wanted.name in registry.names() else None

    def _wanted(self) -> list[str]:
        return [*self.declaration.models] if self.only is None else [self.only]

    def _not_built(self) -> list[str]:
        """Return the models whose steps were left out and are not as they would be made."""
        if self.only is None:
            return []
        others = Steps(self.folder, nullcontext, lambda result: None, dry_run=True)
        missing = []
        for name in self.declaration.models:
            if name == self.only:
                continue
            steps = [self._data_step(name), *self._model(name).steps()]
            if any(others.do(each).state == WOULD_RUN for each in steps):
                missing.append(name)
                continue
            for each in steps:
                self.steps.do(each)
            self._hold_data(name)
            self._hold_training(name)
            self._hold_model(name)
        return missing

    def _hold_data(self, name: str) -> None:
        facts = read_json(self.folder / f"{name}.data.json")
        unused = facts["unused_labels"]
        self.notes += [*facts["reasons"], *facts["not_recognised"], *([unused] if unused else [])]
        self.notes += facts["notes"]
        self.gates += data_gates(facts, self.declaration.data, name)

    def _hold_training(self, name: str) -> None:
        facts = read_json(self.folder / f"{name}.training.json")
        if facts.get("failed"):
            homes = plural(facts["failed"], "home")
            self.notes.append(f"{name}: no baseline for {homes}: {facts['reasons'][0]}")
        self.gates += training_gates(facts, name)

    def _hold_model(self, name: str) -> None:
        self.gates += self._model(name).gates()

    def _failed(self) -> bool:
        return not all(gate.passed for gate in self.gates)

    def _stopped(self) -> BuildResult:
        failed = [gate for gate in self.gates if not gate.passed]
        lines = [
            f"{gate.model}: {gate.gate}: wanted {gate.wanted}, got {gate.got}: {gate.short}."
            for gate in failed
        ]
        self._mark("\n".join(["Gates failed.", *lines]))
        return self._result(None)

    def _result(self, sha256: str | None, unfinished: str = "") -> BuildResult:
        return BuildResult(
            folder=self.folder,
            steps=tuple(self.steps.results),
            gates=tuple(self.gates),
            sha256=sha256,
            seconds=time.perf_counter() - self.started,
            unfinished=unfinished,
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _facts(self) -> dict[str, Any]:
        facts = {
            "models": {name: self._model(name).facts() for name in self.declaration.models},
            "versions": library_versions(),
            "gates": [plain(gate) for gate in self._by_model()],
            "compared_with": None if self._released is None else self._released.number,
            "novin_toml": self.declaration.content.decode(),
        }
        if os.environ.get("SOURCE_DATE_EPOCH"):
            facts["created"] = now()
        return facts

    def _by_model(self) -> list[GateResult]:
        # The record is the same, whichever model was made first.
        order = [*self.declaration.models]
        return sorted(self.gates, key=lambda gate: order.index(gate.model))

    def _mark(self, why: str) -> None:
        write_text(why + "\n", self.folder / NOT_RELEASED)

    def _log(self, began: str, state: str) -> None:
        document = {
            "began": began,
            "ended": now(),
            "by": user(),
            "state": state,
            "seconds": round(time.perf_counter() - self.started, 3),
            "steps": [plain(each) for each in self.steps.results],
        }
        write_text(json.dumps(document, indent=1) + "\n", self.folder / LOG)
