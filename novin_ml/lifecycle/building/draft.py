"""Write a novin.toml for data."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.estimators.families import FAMILIES, Family, family_with_labels
from novin_ml.evaluation.comparison import fewest_groups
from novin_ml.evaluation.decisions import FEWEST_HOMES, provable_budget
from novin_ml.events import holds_chains, read_events
from novin_ml.events.consent import has_consent
from novin_ml.events.files.sources import opened
from novin_ml.events.shown import printable
from novin_ml.exceptions import BuildError
from novin_ml.files import write_text
from novin_ml.lifecycle.building.declaration import (
    FILE,
    DataFiles,
    Declaration,
    Frozen,
    Split,
    read_declaration,
)
from novin_ml.lifecycle.building.rows import (
    divided,
    expand,
    read_whole,
    reading_options,
)
from novin_ml.plain import plural, toml_text

_FEWEST_HOMES = 3
_SEEDS = 100
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class _Seen:
    """The facts about the data of a model."""

    family: Family
    files: list[str]
    whole: Any
    n_rejected: int
    n_read: int

    @property
    def homes(self) -> list[Any]:
        return sorted(set(self.whole["home_id"]))


def draft_declaration(
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    file: str | os.PathLike[str] = FILE,
    *,
    n_frozen: int = 0,
    **reading: Any,
) -> Declaration:
    """Write a commented novin.toml for data, complete enough to build.

    The labels tell the families, the number of homes the shares to test on and to choose thresholds
    by. The seed is the first that leaves each label to train on.

    Parameters
    ----------
    data : path or sequence of paths
        Files, folders or patterns of labelled events or chains.
    file : path, default="novin.toml"
        The file to write; none may be there.
    n_frozen : int, default=0
        Number of homes to freeze, which no model is ever trained on and `retrain` compares versions
        on. They are chosen by hashes of their names.
    **reading
        ``timezone``, ``vocabulary`` (sdk, home or a TOML file), ``separator``, ``decimal`` and
        ``encoding``, as in the file.

    Returns
    -------
    declaration : Declaration
        What was written.

    Raises
    ------
    BuildError
        If a file is there already, no row has a label, or there are fewer than three homes besides
        the frozen ones.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.events import write_events
    >>> from novin_ml.lifecycle import draft_declaration
    >>> from novin_ml.simulation import simulate_deliveries
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_events(simulate_deliveries(1000, random_state=0), folder / "events.jsonl")
    >>> drafted = draft_declaration(folder / "events.jsonl", folder / "novin.toml")
    >>> list(drafted.models), drafted.models["delivery"].gates.max_bytes
    (['delivery'], 5000000)
    """
    file = Path(file)
    if file.exists():
        raise BuildError(
            f"{file} must be a new file. Got one that is there. Remove it, or name another one."
        )
    given = [data] if isinstance(data, (str, os.PathLike)) else [*data]
    empty = Declaration(file, b"", DataFiles(**reading), Split(), {}, None, None)
    seen = _look(given, empty)
    if n_frozen:
        frozen = Frozen(_to_freeze(seen, n_frozen, file))
        empty = replace(empty, data=replace(empty.data, frozen=frozen))
    split = _split(seen, empty)
    write_text(_text(seen, split, empty), file)
    return read_declaration(file)


def _to_freeze(seen: list[_Seen], n_frozen: int, file: Path) -> list[str]:
    homes = set.intersection(*(set(map(str, each.homes)) for each in seen))
    if not 0 < n_frozen <= len(homes) - _FEWEST_HOMES:
        raise BuildError(
            f"{file}: the homes to freeze must be at least 1, and leave {_FEWEST_HOMES} of "
            f"{plural(len(homes), 'home')} that all files have. Got {n_frozen}. Freeze fewer, or "
            "observe more homes."
        )
    by_hash = sorted(homes, key=lambda home: hashlib.sha256(home.encode()).digest())
    return sorted(by_hash[:n_frozen])


def _look(given: Sequence[str | os.PathLike[str]], empty: Declaration) -> list[_Seen]:
    """Tell the family of each file, and read the files of each family together."""
    of_family: dict[str, list[Path]] = {}
    written: dict[str, list[str]] = {}
    for each in given:
        name = _from_file(each, empty.path)
        paths = expand(name, empty)
        families = {path: _family_of(path, empty) for path in paths}
        one = len({*families.values()}) == 1
        for path, kind in families.items():
            of_family.setdefault(kind, []).append(path)
            entry = name if one else _from_file(path, empty.path)
            if entry not in written.setdefault(kind, []):
                written[kind].append(entry)
    seen = []
    for name in (name for name in FAMILIES if name in of_family):
        family = FAMILIES[name]
        whole, reports = read_whole(family, of_family[name], empty)
        _required_labels(whole, ", ".join(written[name]))
        n_read = sum(report.n_read for report in reports)
        n_rejected = sum(report.n_rejected for report in reports)
        seen.append(_Seen(family, written[name], whole, n_rejected, n_read))
    return seen


def _from_file(path: str | os.PathLike[str], file: Path) -> str:
    """Return a path from the folder of the novin.toml."""
    absolute = os.path.abspath(path)
    folder = os.path.abspath(file.parent)
    inside = os.path.commonpath([absolute, folder]) == folder
    return Path(os.path.relpath(absolute, folder) if inside else absolute).as_posix()


def _family_of(path: Path, empty: Declaration) -> str:
    if path.suffix == ".npz":
        return next(family.name for family in FAMILIES.values() if family.signal_rows is not None)
    with opened(path, empty.data.encoding) as source:
        if holds_chains(source):
            return "chains"
        options = reading_options(empty) | {"encoding": None}
        events = read_events(source, **options)
    names = sorted(_required_labels(events, str(path)))
    known = family_with_labels(names)
    if known is not None:
        return known.name
    positive = [family.name for family in FAMILIES.values() if family.positive_label in names]
    return positive[0] if positive else "motion"


def _required_labels(rows: Any, name: str) -> set[str]:
    labels = _labels(rows)
    if not labels:
        raise BuildError(
            f"{name} must have labels, which tell what to train. Got none in "
            f"{plural(len(rows), 'row')}. Give those that were looked at a 'label'."
        )
    return labels


def _split(seen: list[_Seen], empty: Declaration) -> Split:
    """Return shares of the homes, and the first seed that leaves each label to train on."""
    seen = [each for each in seen if not each.family.is_detector]  # those are divided by time
    if not seen:
        return Split()
    fewest = min(len(each.homes) for each in seen) - len(empty.data.frozen.homes)
    if fewest < _FEWEST_HOMES:
        raise BuildError(
            f"{empty.path}: the data must be of {_FEWEST_HOMES} homes or more: to train on, to "
            f"choose thresholds by, and to test on. Got {fewest}. Observe more homes."
        )
    # A bound on false alarms takes so many homes in each part, if there are enough.
    share = FEWEST_HOMES / fewest
    share = math.ceil(100 * share) / 100 if 0.2 < share <= 0.34 else 0.2
    split = Split(test=share, tune=share)
    for seed in range(_SEEDS):
        tried = replace(split, random_state=seed)
        if all(_leaves_labels(each, replace(empty, split=tried)) for each in seen):
            return tried
    raise BuildError(
        f"{empty.path}: each label must be of several homes, to train on some and test on others. "
        f"Got none of {_SEEDS} divisions that leaves all labels to train on. Label more homes."
    )


def _leaves_labels(seen: _Seen, declaration: Declaration) -> bool:
    parts = divided(seen.whole, declaration)
    labels = {name: _labels(part) for name, part in parts.items()}
    learnt = _labels(parts["train"][has_consent(parts["train"])])
    return all(labels.values()) and set().union(*labels.values()) <= learnt


def _labels(rows: Any) -> set[str]:
    return {str(label) for label in rows["label"].dropna()} if "label" in rows.columns else set()


def _budget(seen: _Seen, declaration: Declaration) -> float:
    """Return a budget of false alarms that the homes to choose thresholds by can prove."""
    tune = divided(seen.whole, declaration)["tune"]
    return provable_budget(tune)


def _text(seen: list[_Seen], split: Split, empty: Declaration) -> str:
    data = empty.data
    off = "" if data.frozen.homes else "# "
    lines = [
        "# What novin-ml build makes, and what it must keep. Paths begin at the folder of this",
        "# file. The guide has all keys.",
        "",
        "[data]",
    ]
    if len(seen) == 1:
        lines.append(f"files = {toml_text(seen[0].files)}")
    lines += [
        f"timezone = {toml_text(data.timezone)}",
        f"vocabulary = {toml_text(data.vocabulary)}",
    ]
    lines += [
        f"{name} = {toml_text(getattr(data, name))}"
        for name in ("separator", "decimal", "encoding")
        if getattr(data, name) != getattr(DataFiles(), name)
    ]
    rejected = max(each.n_rejected / max(1, each.n_read) for each in seen)
    most = max(0.01, math.ceil(100 * rejected) / 100)
    lines += [
        f"max_rejected = {most:g}  # {rejected:.2%} of the events are rejected today",
        'answers = "answers.csv"  # what users said of alarms, once novin-ml answers adds some',
        "",
        "# Homes that no model is ever trained on, which novin-ml retrain compares versions on:",
        f"{off}[data.frozen]",
        f"{off}homes = {toml_text(data.frozen.homes or [str(home) for home in seen[0].homes[:2]])}",
        "",
        "[split]  # shares of the homes",
        f"test = {split.test:g}",
        f"tune = {split.tune:g}",
        f"random_state = {split.random_state}  # chooses the homes, and seeds the models",
    ]
    for each in seen:
        lines.append("")
        if each.family.is_detector:
            lines += _baseline_lines(each, alone=len(seen) == 1)
            continue
        budget = _budget(each, replace(empty, split=split))
        lines += _model_lines(each, split, budget, alone=len(seen) == 1)
    if not all(each.family.is_detector for each in seen):
        lines += ["", "[package]  # the Swift package", 'name = "NovinModels"']
    lines += [
        "",
        "[registry]  # where the released version is, to compare with; it may not be there yet",
        'folder = "registry"',
        'name = "novin"',
        "",
    ]
    return "\n".join(lines)


def _baseline_lines(seen: _Seen, *, alone: bool) -> list[str]:
    consent = int(np.count_nonzero(has_consent(seen.whole)))
    return [
        f"# {plural(len(seen.whole), 'event')} of {plural(len(seen.homes), 'home')}, "
        f"{consent:,} with consent.",
        f"[models.{seen.family.name}]  # a baseline of each home, measured on its last days",
        f"family = {toml_text(seen.family.name)}",
        *([] if alone else [f"files = {toml_text(seen.files)}"]),
        "parameters = { alarms_per_week = 1.0 }  # budget of each home",
        "",
        f"[models.{seen.family.name}.gates]",
        "# max_false_alarms_per_week = 2  # by the upper bound",
    ]


def _model_lines(seen: _Seen, split: Split, budget: float, *, alone: bool) -> list[str]:
    family = seen.family
    homes = len(seen.homes)
    n_test = math.floor(split.test * homes)
    labels = seen.whole["label"].dropna().astype(str).value_counts()
    counts = ", ".join(f"{printable(name)} {labels[name]:,}" for name in sorted(labels.index))
    consent = int(np.count_nonzero(has_consent(seen.whole)))
    rows = family.rows_in(seen.whole).name
    alarms = family.positive_label is not None or family.quiet_label is not None
    off = "" if alarms else "# "
    few = "" if n_test >= FEWEST_HOMES else f", which takes {FEWEST_HOMES} homes to test on"
    compared = "" if n_test >= fewest_groups(_CONFIDENCE) else "# "
    label = family.positive_label or next(
        name for name in labels.index if name != family.quiet_label
    )
    return [
        f"# {len(seen.whole):,} {rows} of {plural(homes, 'home')}, {consent:,} with consent.",
        f"# Labels: {counts}.",
        f"[models.{family.name}]",
        f"family = {toml_text(family.name)}",
        'algorithm = "boosting"  # or mlp, blend, forest',
        *([] if alone else [f"files = {toml_text(seen.files)}"]),
        f"{off}false_alarms_per_week = {budget:g}  # budget of each label and home, for thresholds",
        '# coverage = 0.9  # of prediction sets: below it the answer is "don\'t know"',
        "# parameters = { epochs = 200 }",
        "",
        f"[models.{family.name}.gates]  # set the others once a build shows what it reaches",
        "# min_accuracy = 0.9  # by its lower confidence bound",
        f"# min_recall = {{ {toml_text(label)} = 0.8 }}",
        f"# max_false_alarms_per_week = {2 * budget:g}  # by the upper bound{few}",
        "max_bytes = 5_000_000",
        '# rules = "better"  # or not-worse',
        f'{compared}released = "not-worse"  # or better; passes as long as none is released',
        "margin = 0.01",
    ]
