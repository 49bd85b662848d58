"""The labelled rows of a build: found, read from several files, and divided by home."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import Family
from novin_ml.events import (
    Chains,
    ChannelSignals,
    Vocabulary,
    chains_from_events,
    holds_chains,
)
from novin_ml.events.consent import has_consent
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.sources import opened
from novin_ml.exceptions import BuildError, HomeMismatchError
from novin_ml.lifecycle.answering import Answers, read_answers
from novin_ml.lifecycle.building.adjusting import Adjusted, adjusted, annotated
from novin_ml.lifecycle.building.declaration import DataFiles, Declaration, Model
from novin_ml.lifecycle.building.labels import LabelFile, read_labels
from novin_ml.lifecycle.dividing import divide_by_home
from novin_ml.lifecycle.weeks import has_times, times_of

_HOME = "home_id"
_SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".npz")


@dataclass(frozen=True)
class Rows:
    """Labelled rows of a model.

    Attributes
    ----------
    parts : dict of str to table
        "train", "tune", "test", and "frozen" if homes are named.
        Those to test on have the labels of annotators alone.
    whole : DataFrame or Chains
        All rows.
    reports : tuple of ReadReport
        One of each reading.
    adjusted : Adjusted
        What was done to all rows before they were divided.
    unused_labels : str
        A sentence about rows of the file of labels that are of no event; else empty.
    """

    parts: dict[str, Any]
    whole: Any
    reports: tuple[ReadReport, ...]
    adjusted: Adjusted = field(repr=False)
    unused_labels: str = ""

    def annotated(self, rows: Any) -> Any:
        """Return some of the rows, with the labels of annotators alone."""
        return annotated(rows, self.adjusted.answered)

    def facts(self) -> dict[str, Any]:
        """Return counts: what was read, and what each part has."""
        until = float(times_of(self.whole).max()) if has_times(self.whole) else None
        return {
            "read": sum(each.n_read for each in self.reports),
            "accepted": sum(each.n_accepted for each in self.reports),
            "rejected": sum(each.n_rejected for each in self.reports),
            "without_consent": sum(each.n_without_consent for each in self.reports),
            "reasons": [reason for each in self.reports for reason in each.reasons()],
            "not_recognised": [
                str(each.recognition) for each in self.reports if each.recognition.is_notable
            ],
            "unused_labels": self.unused_labels,
            "until": until,
            **self.adjusted.facts,
            "notes": list(self.adjusted.notes),
            "parts": {name: _facts_of(part) for name, part in self.parts.items()},
        }


def find_files(declaration: Declaration, model: Model) -> list[Path]:
    """Return the files of a model, each once.

    Raises
    ------
    BuildError
        If a file is not there, or a folder or a pattern has none.
    """
    found: dict[Path, None] = {}
    for written in model.files or declaration.data.files:
        found |= dict.fromkeys(expand(written, declaration))
    signals = [path for path in found if path.suffix == ".npz"]
    if signals and (len(signals) < len(found) or model.of_family().signal_rows is None):
        others = "" if len(signals) == len(found) else " and files of events"
        raise BuildError(
            f"{declaration.path}: files of signals, .npz, must be all files of a model, of the "
            f"family motion. Got {signals[0]}{others} for {model.family}. Give each model its own "
            "files."
        )
    return [*found]


def expand(written: str, declaration: Declaration) -> list[Path]:
    """Return the files that an entry of the files names, sorted."""
    place = declaration.place(written)
    if place.is_dir():
        here = sorted(path for path in place.rglob("*") if _is_data(path))
    elif place.is_file():
        here = [place]
    else:
        folder = declaration.path.parent
        found = (folder / name for name in glob(written, root_dir=folder, recursive=True))
        here = sorted(path for path in found if path.is_file())
    if not here:
        what = "a folder with files of events" if place.is_dir() else "files that are there"
        raise BuildError(
            f"{declaration.path}: data.files must name {what}. Got {written!r}, which has "
            f"none: {place}. Correct the path, which begins at the folder of this file."
        )
    return here


def files_hash(files: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of files, in their order."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def read_rows(declaration: Declaration, model: Model, files: list[Path]) -> Rows:
    """Read the rows of a model and divide them by home."""
    family = model.of_family()
    labels = declared_labels(declaration)
    whole, reports = read_whole(family, files, declaration, labels)
    unused = "" if labels is None else labels.unused
    weeks = declaration.data.weeks_left_out
    found = adjusted(whole, family, declared_answers(declaration), weeks)
    if family.is_detector:
        return Rows(divided_by_time(found.rows, declaration), found.rows, reports, found, unused)
    try:
        parts = divided(found.rows, declaration)
    except HomeMismatchError as error:
        raise BuildError(f"{declaration.path}: {error.problem} Name files of more homes.") from None
    # Answers are of alarms alone: they would flatter whom these are not of.
    for name in {"test", "frozen"} & {*parts}:
        parts[name] = annotated(parts[name], found.answered)
    return Rows(parts, found.rows, reports, found, unused)


def declared_answers(declaration: Declaration) -> Answers | None:
    """Return what users said of alarms, if a file of it is declared; none if it is not there."""
    name = declaration.data.answers
    if name is None or not declaration.place(name).is_file():
        return None
    return read_answers(declaration.place(name))


def vocabulary_of(declaration: Declaration) -> Vocabulary:
    """Return the vocabulary that events are read by."""
    name = declaration.data.vocabulary
    if name in ("sdk", "home"):
        return Vocabulary.home() if name == "home" else Vocabulary.sdk()
    return Vocabulary.from_toml(declaration.place(name))


def declared_labels(declaration: Declaration) -> LabelFile | None:
    """Return the labels of the file that is declared, or None."""
    data = declaration.data
    if data.labels is None:
        return None
    return read_labels(
        declaration.place(data.labels),
        timezone=data.timezone,
        separator=data.separator,
        encoding=data.encoding,
    )


def read_whole(
    family: Family,
    files: list[Path],
    declaration: Declaration,
    labels: LabelFile | None = None,
) -> tuple[Any, tuple[ReadReport, ...]]:
    """Read all rows of a family, with their labels."""
    options = reading_options(declaration)

    def labelled(rows: Any) -> Any:
        return rows if labels is None else labels.given_to(rows)

    if family.rows_in(files[0]) is family.signal_rows:
        read = [family.signal_rows.read(path, return_report=True) for path in files]
        signals, reports = [each for each, _ in read], tuple(report for _, report in read)
        whole = signals[0] if len(signals) == 1 else ChannelSignals.concatenate(signals)
        return labelled(whole), reports
    if family.rows.name == "chains":
        return _chains(files, options, labelled)
    table, report = family.rows.read(files, return_report=True, **options)
    return labelled(table), (report,)


def _chains(
    paths: list[Path], options: dict[str, Any], labelled: Callable[[Any], Any]
) -> tuple[Chains, tuple[ReadReport, ...]]:
    """Read chains; the files of events together, since chains do not end with a file."""
    from novin_ml.events import read_chains, read_events

    tables: list[Chains] = []
    reports: list[ReadReport] = []
    logs: list[Path] = []
    of_texts = {"separator": options["separator"], "decimal": options["decimal"]}
    others = {name: value for name, value in options.items() if name not in of_texts}
    for path in paths:
        with opened(path, options["encoding"]) as source:
            if not holds_chains(source):
                logs.append(path)
                continue
            chains, report = read_chains(source, return_report=True, **others)
        tables.append(labelled(chains))
        reports.append(report)
    if logs:
        events, report = read_events(logs, return_report=True, **options)
        tables.append(chains_from_events(labelled(events)))
        reports.append(report)
    return (tables[0] if len(tables) == 1 else Chains.concatenate(tables)), tuple(reports)


def reading_options(declaration: Declaration) -> dict[str, Any]:
    """Return the options of the readers of events."""
    data: DataFiles = declaration.data
    return {
        "timezone": data.timezone,
        "separator": data.separator,
        "decimal": data.decimal,
        "encoding": data.encoding,
        "vocabulary": vocabulary_of(declaration),
    }


def divided(whole: Any, declaration: Declaration) -> dict[str, Any]:
    """Divide rows by home, as is declared; frozen homes are a part of their own."""
    if not len(whole):
        raise BuildError(f"{declaration.path}: data.files must hold rows. Got none accepted.")
    frozen = declaration.data.frozen.homes
    is_frozen = np.asarray(whole[_HOME].isin(frozen), dtype=bool)
    absent = sorted(set(frozen) - set(whole[_HOME]))
    if absent:
        raise BuildError(
            f"{declaration.path}: data.frozen.homes must be homes of the files. Got "
            f"{absent[0]!r}, which is none. Correct or remove it."
        )
    split = declaration.split
    parts: dict[str, Any] = divide_by_home(
        whole[~is_frozen],
        test_fraction=split.test,
        tune_fraction=split.tune,
        random_state=split.random_state,
    )
    return parts | ({"frozen": whole[is_frozen]} if frozen else {})


def divided_by_time(whole: Any, declaration: Declaration) -> dict[str, Any]:
    """Divide the log of each home: what came last is to test on. Frozen homes are left out."""
    if not len(whole):
        raise BuildError(f"{declaration.path}: data.files must hold events. Got none accepted.")
    homes = whole[_HOME].astype(str)
    whole = whole[~homes.isin(declaration.data.frozen.homes).to_numpy(dtype=bool)]
    times = whole["timestamp"].groupby(whole[_HOME].astype(str))
    first, last = times.transform("min"), times.transform("max")
    cut = last - declaration.split.test * (last - first)
    is_last = (whole["timestamp"] > cut).to_numpy(dtype=bool)
    return {"train": whole[~is_last], "test": whole[is_last]}


def _facts_of(part: Any) -> dict[str, Any]:
    labels = part["label"].value_counts() if "label" in part.columns else pd.Series(dtype=int)
    consent = has_consent(part) if "consent" in part.columns else np.zeros(len(part), dtype=bool)
    return {
        "rows": len(part),
        "homes": int(part[_HOME].nunique()),
        "without_consent": int(np.count_nonzero(~consent)),
        "labels": {str(label): int(labels[label]) for label in sorted(labels.index, key=str)},
    }


def _is_data(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return path.is_file() and not path.name.startswith(".") and name.endswith(_SUFFIXES)
