"""Add what users said of alarms to the file that a novin.toml declares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from novin_ml.exceptions import AnswersError, BuildError
from novin_ml.files import write_csv
from novin_ml.lifecycle.answering import AnsweredRows, Answers, label_by_answers, read_answers
from novin_ml.lifecycle.answering.reading import ANSWER, ANSWERED, COLUMNS, HOME, last_answers
from novin_ml.lifecycle.building.declaration import FILE, Declaration, read_declaration
from novin_ml.lifecycle.building.rows import find_files, read_whole
from novin_ml.plain import plural


@dataclass(frozen=True)
class AddedAnswers:
    """Result of `add_answers`.

    Attributes
    ----------
    path : Path
        The file that they were added to.
    n_new, n_changed, n_all : int
        Alarms answered for the first time, those whose answer is another one now, and all answers
        in the file.
    models : dict of str to AnsweredRows
        What becomes of the new answers, by model.
    """

    path: Path
    n_new: int
    n_changed: int
    n_all: int
    models: dict[str, AnsweredRows]


def add_answers(
    file: str | os.PathLike[str], declaration: Declaration | str | os.PathLike[str] = FILE
) -> AddedAnswers:
    """Add what users said of alarms to the file of answers that a novin.toml declares.

    `build` and `retrain` train on them from then on. An event that an annotator labelled keeps that
    label. Of several answers to one alarm the last one counts.

    Parameters
    ----------
    file : path
        Answers, as `read_answers` takes them.
    declaration : Declaration or path, default="novin.toml"
        Names the file to add to, as ``answers`` in ``[data]``, and the files of events.

    Returns
    -------
    added : AddedAnswers
        Counts, and what annotators contradict.

    Raises
    ------
    AnswersError
        If the file is none, or an answer is of an event that the data do not have. The message
        names the event; nothing is written then.
    BuildError
        If no file of answers is declared, or the declaration is wrong.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.events import write_events
    >>> from novin_ml.lifecycle import add_answers
    >>> from novin_ml.simulation import simulate_deliveries
    >>> folder = Path(tempfile.mkdtemp())
    >>> events = simulate_deliveries(300, random_state=0)
    >>> write_events(events.assign(label=None), folder / "events.jsonl")
    >>> _ = (folder / "novin.toml").write_text('''
    ... [data]
    ... files = ["events.jsonl"]
    ... answers = "answers.csv"
    ... [models.delivery]
    ... family = "delivery"
    ... ''')
    >>> answers = events.head(2)[["home_id", "timestamp"]]
    >>> answers.assign(label="delivery", answer=["real", "nothing"]).to_csv(folder / "new.csv")
    >>> added = add_answers(folder / "new.csv", folder / "novin.toml")
    >>> added.n_new, added.models["delivery"].n_real, added.models["delivery"].n_nothing
    (2, 1, 1)
    """
    if not isinstance(declaration, Declaration):
        declaration = read_declaration(declaration)
    if declaration.data.answers is None:
        raise BuildError(
            f"{declaration.path}: [data] must name a file of answers. Got none. Add "
            'answers = "answers.csv".'
        )
    new = read_answers(file)
    models = {
        name: label_by_answers(
            read_whole(model.of_family(), find_files(declaration, model), declaration)[0],
            new,
            model.of_family(),
        )
        for name, model in declaration.models.items()
    }
    _refuse_unknown(Path(file), new, models)
    place = declaration.place(declaration.data.answers)
    tables = [new.table]
    known: dict[int, str] = {}
    if place.is_file():
        before = read_answers(place)
        tables.insert(0, before.table)
        known = dict(zip(before.keys.tolist(), before.table[ANSWER], strict=True))
    merged = last_answers(pd.concat(tables, ignore_index=True))
    after = dict(zip(merged.keys.tolist(), merged.table[ANSWER], strict=True))
    write_csv(merged.table[[*COLUMNS, ANSWERED]], place)
    return AddedAnswers(
        path=place,
        n_new=len(after.keys() - known.keys()),
        n_changed=sum(known[key] != after[key] for key in known),
        n_all=len(merged),
        models=models,
    )


def _refuse_unknown(file: Path, new: Answers, models: dict[str, AnsweredRows]) -> None:
    nowhere = sorted(set.intersection(*({*each.absent} for each in models.values())))
    if not nowhere:
        return
    first = nowhere[0]
    others = "" if len(nowhere) == 1 else f", and {len(nowhere) - 1} more"
    labels = sorted({str(label) for label in new.table["label"].iloc[nowhere]})
    homes = plural(new.table[HOME].iloc[nowhere].nunique(), "home")
    raise AnswersError(
        f"{file}: each answer must be of an event of the data, once at that time, and of a label "
        f"of its model. Got {new.named(first)} (label {labels[0]!r}){others}, of {homes}. Correct "
        "home_id, timestamp or label, or leave the rows out; nothing was written."
    )
