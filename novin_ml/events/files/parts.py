"""Read files of events part by part, for logs that do not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Integral

import pandas as pd

from novin_ml.docstrings import substitute
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.formats import check_options
from novin_ml.events.files.inputs import files_in
from novin_ml.events.files.reading import OPTIONS, chunks_of_file
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.sources import Readable
from novin_ml.events.files.table import check_chunks
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.validation import validate_params

#: Events of a part, which take some 50 MB.
_N_EVENTS = 100_000


@validate_params(
    lambda rules: {"n_events": [rules.Interval(Integral, 1, None, closed="left")]},
    prefer_skip_nested_validation=True,
)
@substitute(options=OPTIONS)
def read_events_in_parts(
    path: Readable | Sequence[Readable],
    *,
    n_events: int = _N_EVENTS,
    timezone: str = "UTC",
    strict: bool = False,
    separator: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    vocabulary: Vocabulary | None = None,
) -> Iterator[tuple[pd.DataFrame, ReadReport]]:
    r"""Read and check events part by part, in the memory of one part.

    What `read_events` returns at once comes in tables of so many events, in the same order. Of
    JSON this holds for lines; one document is in memory as a whole.

    Parameters
    ----------
    path : path, file object, or sequence of them
        As `read_events` takes them.
    n_events : int, default=100_000
        Least number of events that are read for a part, but for the last one; one more read of the
        file may add to it.
    {options}

    Returns
    -------
    parts : iterator of (DataFrame, ReadReport)
        The event table of each part, shape (n_accepted, n_columns), with the rejects and counts of
        the part. Parts may differ in the columns that are there if any of their events has them,
        such as `label`. What the vocabulary does not recognise is in the report, without a warning.

    Raises
    ------
    InvalidEventError
        As `read_events` raises it, once the part that it concerns is read.
    ValueError
        If a parameter is not as described.
    ExtraNotInstalledError
        If a Parquet file, or one compressed by zstd, is read without pyarrow.

    See Also
    --------
    read_events : Reads all events into one table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events import read_events_in_parts
    >>> line = '{"type": "doorbell", "timestamp": 1.7e9, "confidence": 0.9}\n'
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "log.jsonl")
    ...     _ = path.write_text(5 * line + line.replace("0.9", "9"))
    ...     counts = [(len(part), report.n_rejected) for part, report in read_events_in_parts(path)]
    >>> counts
    [(5, 1)]
    """
    zone, known = find_timezone(timezone), checked_vocabulary(vocabulary)
    check_options(separator, decimal)
    files = files_in(path)

    def checked(held: list[tuple[str, Chunk]]) -> tuple[pd.DataFrame, ReadReport]:
        found = check_chunks(held, zone, strict=strict, vocabulary=known, warn=False)
        held.clear()  # not in memory while the part is used
        return found

    def parts() -> Iterator[tuple[pd.DataFrame, ReadReport]]:
        held: list[tuple[str, Chunk]] = []
        n_held = 0
        for each in files:
            for pair in chunks_of_file(each, separator, decimal, encoding):
                held.append(pair)
                n_held += len(pair[1].lines) + len(pair[1].refusals)
                if n_held >= n_events:
                    n_held = 0
                    yield checked(held)
        if held:
            yield checked(held)

    return parts()
