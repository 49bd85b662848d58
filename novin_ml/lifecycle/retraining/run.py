"""Retrain a release: from what came since the served version to a decision."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.exceptions import BuildError
from novin_ml.files import write_text
from novin_ml.lifecycle.building import (
    BuildResult,
    Declaration,
    StepResult,
    build,
    read_declaration,
)
from novin_ml.lifecycle.building.declaration import FILE
from novin_ml.lifecycle.building.rows import find_files, read_rows
from novin_ml.lifecycle.registry import Registry, Version, record_removal, removed_homes
from novin_ml.lifecycle.registry.contents import files_in
from novin_ml.lifecycle.registry.removals import homes_in
from novin_ml.lifecycle.retraining import result as reason
from novin_ml.lifecycle.retraining.result import ModelRetraining, Retraining, withdrawn_sentence
from novin_ml.lifecycle.retraining.rule import Verdict, decide, judge
from novin_ml.lifecycle.retraining.since import Contest, Since
from novin_ml.lifecycle.saving.estimators import load_estimator
from novin_ml.lifecycle.weeks import has_times
from novin_ml.plain import plain

#: The record of the decision, beside the challenger.
DECISION = "retraining.json"


def retrain(
    declaration: Declaration | str | os.PathLike[str] = FILE,
    out: str | os.PathLike[str] = "challenger",
    *,
    level: float = 0.05,
    min_effect: float = 0.2,
    dry_run: bool = False,
    step: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    tell: Callable[[StepResult], Any] = lambda done: None,
) -> Retraining:
    """Train a challenger on what came since the served version, and promote it if it is better.

    Look at the new rows with consent: what drifted against those that the served version was
    trained on, and whether their labels agree with that version and with the rules as in the 8
    weeks before. Build a challenger from the same declaration, without the weeks whose labels do
    not. Compare both on the frozen set and on the fresh set, and promote the challenger, or keep
    the served version and say why.

    Parameters
    ----------
    declaration : Declaration or path, default="novin.toml"
        What to build. It must name a registry and frozen homes.
    out : path, default="challenger"
        Folder of the challenger: new, empty, or of an earlier build. The decision is written there
        as ``retraining.json``.
    level, min_effect : float, default=0.05 and 0.2
        When drift is shown, as in `measure_drift`.
    dry_run : bool, default=False
        Build, promote and write nothing: tell what came, and what drifted.
    step : callable, default=contextlib.nullcontext
        ``step(title)`` returns a context manager, such as a spinner, that is active while a part
        runs.
    tell : callable
        Called with the `StepResult` of each step of the build.

    Returns
    -------
    retraining : Retraining
        The decision, its reason, and what it rests on.

    Raises
    ------
    BuildError
        If the declaration is wrong, names no registry or no frozen homes, or the served version is
        of another family.
    RegistryConflictError
        If another writer promoted a version meanwhile; nothing is changed then.
    NovinError, ValueError, OSError
        As `build` and `measure_drift` raise. The served version stays.

    See Also
    --------
    build : Makes the challenger.
    measure_drift : Tells whether the old set counts.

    Notes
    -----
    While the old set counts, the challenger must be shown to be better on the frozen or the fresh
    set, and not worse on the other. If drift is shown, the frozen set no longer counts: then the
    challenger must be shown not to be worse on the fresh set, and gain in two separate weeks of it.
    In both cases the labels of the newest week must agree with the served version and with the
    rules in the range of the last 8 weeks with labels, which holds 99 % of such weeks.

    The gates of the declaration are held, but for ``released``, whose place this rule takes.

    Answers of users are of alarms alone. They are trained on, but no version is compared by them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.events import write_events
    >>> from novin_ml.lifecycle import retrain
    >>> from novin_ml.simulation import simulate_deliveries
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_events(simulate_deliveries(1000, random_state=0), folder / "events.jsonl")
    >>> _ = (folder / "novin.toml").write_text('''
    ... [data]
    ... files = ["events.jsonl"]
    ... [data.frozen]
    ... homes = ["home_0001"]
    ... [models.delivery]
    ... family = "delivery"
    ... parameters = { epochs = 5 }
    ... [registry]
    ... folder = "registry"
    ... name = "novin"
    ... ''')
    >>> first = retrain(folder / "novin.toml", folder / "challenger")
    >>> first.decision, first.reason, first.promoted
    ('promoted', 'first version', 1)
    >>> again = retrain(folder / "novin.toml", folder / "challenger")
    >>> again.decision, again.reason, again.served
    ('kept', 'nothing new', 1)
    """
    if not isinstance(declaration, Declaration):
        declaration = read_declaration(declaration)
    _require_sections(declaration)
    options = {"level": level, "min_effect": min_effect}
    work = _Retraining(declaration, Path(out), options, step, tell)
    return work.planned() if dry_run else work.made()


def _require_sections(declaration: Declaration) -> None:
    if declaration.registry is None:
        raise BuildError(
            f"{declaration.path} must have a section [registry], which says where the served "
            "version is. Got none. Add it."
        )
    if not declaration.data.frozen.homes:
        raise BuildError(
            f"{declaration.path}: data.frozen.homes must name homes that no model is ever trained "
            "on, to compare versions on. Got none. Name some before the first version."
        )


@dataclass
class _Retraining:
    declaration: Declaration
    folder: Path
    options: dict[str, float]
    step: Callable[[str], AbstractContextManager[Any]]
    tell: Callable[[StepResult], Any]
    n_withdrawn: int = 0
    withdrawn: tuple[str, ...] = ()
    trained_with: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # All models are of one release in the registry.
        declared = self.declaration.registry
        self.name = declared.name if declared else ""
        place = self.declaration.place(declared.folder if declared else "")
        self.registry = Registry(place)
        self.version: Version | None = None
        if place.exists() and self.name in self.registry.names():
            self.version = self.registry.served(self.name)

    def planned(self) -> Retraining:
        models, _ = self._seen()
        self._count_withdrawn()
        early = self._early(models)
        if early is not None:
            return self._result("planned", reason.PLANNED, f"Would keep: {early[1]}", models, None)
        said = "Would build a challenger and compare it with the served version."
        if self.version is None:
            said = "Would build a first version and serve it."
        return self._result("planned", reason.PLANNED, said, models, None)

    def made(self) -> Retraining:
        models, since = self._seen()
        self._record_withdrawn()
        early = self._early(models)
        if early is not None:
            return self._kept(*early, models, None)
        left_out = {each.name: each.left_out for each in models}
        built = build(self._to_build(left_out), self.folder, step=self.step, tell=self.tell)
        if not built.released:
            gate = built.failed[0]
            said = f"{gate.model}: {gate.gate}: wanted {gate.wanted}, got {gate.got}: {gate.short}."
            return self._kept(reason.GATES, said, models, built)
        if self.version is None:
            said = "No version was served: the gates alone decided."
            return self._promoted(reason.FIRST, said, models, built)
        with self.step("comparing with the served version"):
            verdicts: dict[str, Verdict] = {}
            for place, each in enumerate(models):
                if each.name in since and not self._is_same(each.name):
                    models[place], verdicts[each.name] = self._compared(each, since[each.name])
        promotes, why, said = decide(verdicts)
        act = self._promoted if promotes else self._kept
        return act(why, said, models, built)

    def _seen(self) -> tuple[list[ModelRetraining], dict[str, Since]]:
        """Look at the rows of each model, and at its new ones."""
        models, since = [], {}
        for name, model in self.declaration.models.items():
            with self.step(f"{name}: reading"):
                files = find_files(self.declaration, model)
                rows = read_rows(self.declaration, model, files)
            self.withdrawn = tuple(sorted({*self.withdrawn, *rows.adjusted.withdrawn}))
            if not has_times(rows.whole):
                raise BuildError(
                    f"{self.declaration.path}: {name} must have rows with times, to tell what is "
                    "new. Got signals. Build it from a novin.toml of its own."
                )
            if self.version is None or model.of_family().is_detector or not self._has(name):
                models.append(ModelRetraining(name))
                continue
            found = Since(name, model, self.declaration, rows, self.version)
            if "label" not in found.table.columns:
                raise BuildError(
                    f"{self.declaration.path}: the files of {name} must have labels. Got none. "
                    "Give the rows that were looked at a 'label'."
                )
            since[name] = found
            with self.step(f"{name}: looking at what came since version {self.version.number}"):
                models.append(self._of_model(found))
        self.n_withdrawn = len(self.withdrawn)
        return models, since

    def _of_model(self, since: Since) -> ModelRetraining:
        new = since.is_new
        if not new.any():
            return ModelRetraining(since.name)
        weeks = since.weeks()
        full = [each for each in weeks if each.is_full and since.is_since(each.monday)]
        left_out = [each.monday for each in weeks if each.is_left_out]
        seed = self.declaration.split.random_state
        return ModelRetraining(
            since.name,
            n_new_rows=int(new.sum()),
            n_new_homes=int(since.table["home_id"][new].nunique()),
            n_new_labels=int(np.count_nonzero(since.is_labelled & new)),
            drift=since.drift(**self.options, random_state=seed),
            weeks=weeks,
            newest=full[-1] if full else None,
            left_out=tuple(left_out),
            left_out_since=tuple(monday for monday in left_out if since.is_since(monday)),
        )

    def _early(self, models: list[ModelRetraining]) -> tuple[str, str] | None:
        """Return reason and sentence if nothing is to be built."""
        if self.version is None or any(not self._has(name) for name in self._judged()):
            return None
        known = [each for each in models if each.n_new_rows]
        if not known:
            served = f"version {self.version.number}"
            return reason.NOTHING_NEW, f"No row with consent came since {served}."
        if not any(each.n_new_labels for each in known):
            said = f"None of the new rows of {known[0].name} has a label of an annotator."
            return reason.NO_LABELS, said
        for each in known:
            if each.newest is not None and each.newest.is_left_out:
                return reason.LABELS, f"{each.name}: {each.newest.sentence}"
        return None

    def _compared(self, found: ModelRetraining, since: Since) -> tuple[ModelRetraining, Verdict]:
        challenger = load_estimator(self.folder / found.name)
        contest = Contest(since, challenger, found.left_out)
        frozen, fresh, gains = contest.on_frozen(), contest.on_fresh(), contest.gains()
        margin = since.model.gates.margin
        ranged = found.newest is None or found.newest.model.low is not None
        verdict = judge(
            found.old_set_counts, frozen, fresh, gains, found.left_out_since, margin, ranged
        )
        compared = replace(
            found,
            frozen=frozen,
            fresh=fresh,
            gains=gains,
            verdict=verdict.reason,
            sentence=verdict.sentence,
        )
        return compared, verdict

    def _to_build(self, left_out: dict[str, tuple[str, ...]]) -> Declaration:
        """Return the declaration of the challenger: without the labels of some weeks.

        The rule takes the place of the gate that compares with the released version.
        """
        weeks = {each for mondays in left_out.values() for each in mondays}
        data = self.declaration.data
        weeks |= {*data.weeks_left_out}
        models = {
            name: replace(model, gates=replace(model.gates, released=None))
            for name, model in self.declaration.models.items()
        }
        return replace(
            self.declaration, data=replace(data, weeks_left_out=sorted(weeks)), models=models
        )

    def _judged(self) -> list[str]:
        """Return the models that are compared: baselines learn without labels, and come along."""
        models = self.declaration.models
        return [name for name, model in models.items() if not model.of_family().is_detector]

    def _has(self, name: str) -> bool:
        """Whether the served version has a model of this name."""
        version = self.version
        return version is not None and any(file.startswith(f"{name}/") for file in version.files)

    def _is_same(self, name: str) -> bool:
        """Whether the challenger's model is the served one, byte for byte."""
        own, version = f"{name}/", self.version
        served = {} if version is None else version.files
        files = {file: entry for file, entry in served.items() if file.startswith(own)}
        made = files_in(self.folder / name)
        return files == {f"{own}{file}": entry for file, entry in made.items()}

    def _count_withdrawn(self) -> None:
        if self.version is None or not self.withdrawn:
            return
        found = homes_in(self.version, self.withdrawn).values()
        self.trained_with = {self.version.number: max(map(len, found), default=0)}

    def _record_withdrawn(self) -> None:
        if self.version is None:
            return
        record_removal(self.registry, self.name, self.withdrawn, "withdrawn")
        self.trained_with = removed_homes(self.registry, self.name)

    def _promoted(
        self, why: str, said: str, models: list[ModelRetraining], built: BuildResult
    ) -> Retraining:
        before = None if self.version is None else self.version.number
        facts = {"retraining": {"reason": why, "sentence": said, "compared_with": before}}
        with self.step("promoting"):
            version = self.registry.add(self.name, self.folder, facts=facts)
            self.registry.promote(self.name, version.number, reason=why, instead_of=before)
        return self._result("promoted", why, said, models, built, version.number)

    def _kept(
        self, why: str, said: str, models: list[ModelRetraining], built: BuildResult | None
    ) -> Retraining:
        return self._result("kept", why, said, models, built)

    def _result(
        self,
        decision: Any,
        why: str,
        said: str,
        models: Iterable[ModelRetraining],
        built: BuildResult | None,
        promoted: int | None = None,
    ) -> Retraining:
        served = None if self.version is None else self.version.number
        withdrawn = withdrawn_sentence(self.n_withdrawn, self.trained_with, served)
        result = Retraining(
            decision=decision,
            reason=why,
            sentence=" ".join(filter(None, [said, withdrawn])),
            served=served,
            promoted=promoted,
            models=tuple(models),
            build=built,
            n_withdrawn=self.n_withdrawn,
            trained_with=self.trained_with,
            folder=self.folder,
        )
        if decision != "planned" and built is not None:
            text = json.dumps(plain(result.as_dict()), indent=1, sort_keys=True)
            write_text(text + "\n", self.folder / DECISION)
        return result
