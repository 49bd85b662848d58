"""Match texts of vendors by whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["Phrases", "words_of"]

#: A word is capitals before a capitalised word ("PIR" of "PIRSensor"), letters with or without a
#: first capital, or digits. Characters beyond ASCII are letters.
_WORD = re.compile(r"[A-Z]+(?![a-z\x80-\U0010ffff])|[A-Z]?[a-z\x80-\U0010ffff]+|[0-9]+")

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """Split a text into its words, in lower case.

    Words end at spaces, hyphens, underscores and all other signs, where a capital follows a small
    letter, and where digits begin or end.

    Parameters
    ----------
    text : str
        What a vendor sends, such as ``"PIRSensor-2_kitchen"``.

    Returns
    -------
    words : tuple of str
        In the order of the text.

    Examples
    --------
    >>> from novin_ml.events.vocabulary.words import words_of
    >>> words_of("PIRSensor-2_kitchen"), words_of("GlassBreak"), words_of("outdoor camera")
    (('pir', 'sensor', '2', 'kitchen'), ('glass', 'break'), ('outdoor', 'camera'))
    """
    return tuple(map(_lowered, _WORD.findall(text)))


def _lowered(word: str) -> str:
    """Lower each letter for itself, as a phone does: Python looks at a sigma's neighbours."""
    return word.lower() if word.isascii() else "".join(map(str.lower, word))


class Phrases:
    """Texts by their words, each with what it means, and where they stand in other texts.

    Parameters
    ----------
    meanings : iterable of (str, str)
        Texts with their meanings. Of equal texts the first counts.
    """

    def __init__(self, meanings: Iterable[tuple[str, str]]) -> None:
        self._meaning: dict[Words, str] = {}
        for text, meaning in meanings:
            if phrase := words_of(text):
                self._meaning.setdefault(phrase, meaning)
        self._longest = max(map(len, self._meaning), default=0)

    def items(self) -> list[tuple[Words, str]]:
        """Return all phrases with their meanings."""
        return list(self._meaning.items())

    def exact(self, words: Words) -> str | None:
        """Return the meaning of exactly these words."""
        return self._meaning.get(_singular(words, self._meaning))

    def first(self, words: Words, order: Sequence[str]) -> str | None:
        """Return what the words mean by the phrases in them: the first meaning in `order`."""
        found = {meaning for _, _, meaning in self._within(words)}
        return next((meaning for meaning in order if meaning in found), None)

    def longest(self, words: Words) -> str | None:
        """Return what the longest phrase in the words means; of equal ones the last counts."""
        found = [(length, begin, meaning) for length, begin, meaning in self._within(words)]
        return max(found)[2] if found else None

    def _within(self, words: Words) -> Iterable[tuple[int, int, str]]:
        for begin in range(len(words)):
            for length in range(1, min(self._longest, len(words) - begin) + 1):
                part = _singular(words[begin : begin + length], self._meaning)
                if part in self._meaning:
                    yield length, begin, self._meaning[part]


def _singular(phrase: Words, known: dict[Words, str]) -> Words:
    """Leave out an s at the end of a phrase that is not known with it: "windows" is a window."""
    if phrase not in known and phrase and phrase[-1].endswith("s"):
        return (*phrase[:-1], phrase[-1][:-1])
    return phrase
