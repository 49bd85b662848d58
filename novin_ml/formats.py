"""The numbers of the formats of all files that novin_ml writes, and the refusal of newer ones.

A file of a newer format may hold what this release does not know, so it is refused by name instead
of read in part. What people write by hand (novin.toml, vocabularies, mappings, hardware) has no
number until a format 2 exists; a file without one is of format 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novin_ml._version import __version__
from novin_ml.plain import shown

#: The newest number of each kind of file that this release reads.
FORMATS: dict[str, int] = {
    "assignment of a rollout": 1,
    "certificate": 5,
    "federation": 1,
    "forgotten homes": 1,
    "golden vectors": 1,
    "hardware": 1,
    "mapping of a home": 1,
    "novin.toml": 1,
    "prior of habits": 1,
    "registry": 1,
    "release": 1,
    "saved model": 2,
    "signed release": 1,
    "Swift package": 1,
    "times": 1,
    "update": 1,
    "vocabulary": 1,
    "weights": 2,
}


def newer(place: Any, kind: str, number: Any, word: str = "format") -> str | None:
    """Return why a file of a number is refused as newer; None if it is not.

    Parameters
    ----------
    place : path or str
        The file.
    kind : str
        A key of `FORMATS`.
    number : object
        What the file says; anything that is no whole number is left to the reader.
    word : str, default="format"
        What the file calls its number.

    Returns
    -------
    refusal : str or None
        A sentence for the error of the reader.

    Examples
    --------
    >>> from novin_ml.formats import newer
    >>> newer("prior.json", "prior of habits", 9).split(". ")[1]
    'Got format 9, of a newer novin_ml'
    >>> newer("prior.json", "prior of habits", 1) is None
    True
    """
    if type(number) is not int or number <= FORMATS[kind]:
        return None
    return (
        f"{place} must be of {word} {FORMATS[kind]} or older. Got {word} {number}, of a newer "
        f"novin_ml. Update novin_ml, which is {__version__} here."
    )


def format_of(document: Mapping[str, Any], place: Any, kind: str) -> str | None:
    """Return why a document by hand is refused for its ``format``; None if it is not.

    Parameters
    ----------
    document : mapping
        A document without ``format`` is of format 1.
    place : path or str
        The file.
    kind : str
        A key of `FORMATS`.

    Returns
    -------
    refusal : str or None
        A sentence for the error of the reader.

    Examples
    --------
    >>> from novin_ml.formats import format_of
    >>> format_of({"format": "two"}, "novin.toml", "novin.toml")
    "novin.toml must have a whole number from 1 on as its format, or none. Got 'two'. Write 1."
    """
    number = document.get("format", 1)
    if type(number) is not int or number < 1:
        return (
            f"{place} must have a whole number from 1 on as its format, or none. "
            f"Got {shown(number)}. Write 1."
        )
    return newer(place, kind, number)
