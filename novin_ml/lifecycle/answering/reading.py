"""Read a file of what users said of alarms."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.timestamps import parse_iso
from novin_ml.events.training_record import Keys, event_keys
from novin_ml.exceptions import AnswersError
from novin_ml.plain import shown

#: Columns of the file; the last one may be absent.
HOME, TIME, LABEL, ANSWER, ANSWERED = "home_id", "timestamp", "label", "answer", "answered"
COLUMNS = (HOME, TIME, LABEL, ANSWER)
#: What a user can say of an alarm.
NOTHING, REAL = "nothing", "real"
_HOW = f"Write a row for each answer: {', '.join(COLUMNS)} and, if it is known, {ANSWERED}."


@dataclass(frozen=True, eq=False)
class Answers:
    """What users said of alarms, one answer an alarm: the last one.

    Attributes
    ----------
    table : DataFrame of shape (n_answers, 7)
        `home_id`, `timestamp`, `label`, `answer` and `answered` as they are written; `seconds`, the
        time of the event since 1970, and `when`, that of the answer or NaN.
    n_repeated : int
        Answers that a later one of the same alarm replaced.
    """

    table: pd.DataFrame
    n_repeated: int

    def __len__(self) -> int:
        return len(self.table)

    @property
    def keys(self) -> Keys:
        """Key of each event: of its home and its time in whole milliseconds."""
        return event_keys(self.table[HOME], self.table["seconds"])

    def named(self, place: int) -> str:
        """Return an event as a message names it.

        Parameters
        ----------
        place : int
            Its row in the table.

        Returns
        -------
        name : str
            Home and time, as the file has them.
        """
        return f"{shown(self.table[HOME].iloc[place])} at {self.table[TIME].iloc[place]}"


def read_answers(path: str | os.PathLike[str]) -> Answers:
    r"""Read what users said of alarms.

    Parameters
    ----------
    path : path
        A CSV file, or JSON Lines (``.jsonl``), with a row for each answer: ``home_id``;
        ``timestamp`` of the event, or of the first event of the chain, in seconds since 1970 or in
        ISO 8601; ``label`` that was alarmed; ``answer``, "nothing" or "real"; and ``answered``,
        when, which may be absent.

    Returns
    -------
    answers : Answers
        Of several answers to one alarm, the last: by ``answered``, or else by their order.

    Raises
    ------
    AnswersError
        If the file is no such table. The message names the row and its column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import read_answers
    >>> file = Path(tempfile.mkdtemp(), "answers.csv")
    >>> _ = file.write_text("home_id,timestamp,label,answer\n"
    ...                     "a,1746000000,delivery,real\na,1746000000,delivery,nothing\n")
    >>> answers = read_answers(file)
    >>> answers.table["answer"].tolist(), answers.n_repeated
    (['nothing'], 1)
    """
    file = Path(path)
    rows = _rows_of(file)
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise AnswersError(
            f"{file} must have the column {missing[0]!r}. Got {shown([*map(str, rows)])}. {_HOW}"
        )
    if ANSWERED not in rows:
        rows[ANSWERED] = ""
    table = rows[[*COLUMNS, ANSWERED]].reset_index(drop=True)
    for name in (HOME, LABEL):
        _require(file, table[name].str.strip() != "", name, table[name], "a text")
    _require(file, table[ANSWER].isin([NOTHING, REAL]), ANSWER, table[ANSWER], "nothing or real")
    table["seconds"] = _seconds(file, TIME, table[TIME])
    table["when"] = _seconds(file, ANSWERED, table[ANSWERED], may_miss=True)
    return last_answers(table)


def last_answers(table: pd.DataFrame) -> Answers:
    """Return the last answer to each alarm: by the time of the answer, or else by its row."""
    when = table["when"].fillna(-np.inf).to_numpy(dtype=np.float64)
    ordered = table.iloc[np.lexsort([np.arange(len(table)), when])]
    keys = pd.Series(event_keys(ordered[HOME], ordered["seconds"]))
    last = ~keys.duplicated(keep="last").to_numpy(dtype=bool)
    kept = ordered[last].sort_index().reset_index(drop=True)
    return Answers(kept, len(table) - len(kept))


def _rows_of(file: Path) -> pd.DataFrame:
    try:
        if file.suffix.lower() in (".jsonl", ".ndjson"):
            lines = file.read_text(encoding="utf-8-sig").splitlines()
            found = [json.loads(line) for line in lines if line.strip()]
            if not all(isinstance(each, dict) for each in found):
                raise ValueError("a line that is no object")
            rows = pd.DataFrame(found, dtype=object) if found else pd.DataFrame(columns=COLUMNS)
            return rows.map(lambda value: "" if _is_null(value) else _text(value))
        return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, RecursionError) as error:
        said = shown(" ".join(str(error).split()))
        raise AnswersError(
            f"{file} must be a CSV file or JSON Lines of answers. Got: {said}. {_HOW}"
        ) from None


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _seconds(file: Path, name: str, texts: pd.Series, *, may_miss: bool = False) -> Any:
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    left = np.flatnonzero(np.isnan(numbers) & (texts.str.strip() != "").to_numpy(dtype=bool))
    seconds = numbers.copy()
    if len(left):
        seconds[left] = parse_iso([*texts.iloc[left].str.strip()])[0]
    empty = (texts.str.strip() == "").to_numpy(dtype=bool)
    fine = (np.isfinite(seconds) & (seconds >= 0)) | (empty if may_miss else np.zeros_like(empty))
    expected = "seconds since 1970, or a date and time of ISO 8601"
    _require(file, pd.Series(fine), name, texts, expected)
    return seconds


def _require(file: Path, fine: pd.Series, name: str, values: pd.Series, expected: str) -> None:
    if not fine.all():
        row = int(np.flatnonzero(~fine.to_numpy(dtype=bool))[0])
        raise AnswersError(
            f"{file}: the column {name!r} must be {expected}. Got {shown(values.iloc[row])} in row "
            f"{row + 1}. Correct it, or leave the row out."
        )
