"""What is said of a feature: a key with typed values, which each language has a text for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Text(NamedTuple):
    """An English text and the key that other languages know it by.

    Attributes
    ----------
    key : str
        The same in Python and Swift.
    english : str
        With ``{0}``, ``{1}`` ... for the values.
    one : str
        The text if the first value is 1; empty if it is the same.
    given : str
        A name that is told as it is, the first value; empty if there is none.
    """

    key: str
    english: str
    one: str = ""
    given: str = ""

    def words(self) -> Words:
        """Return the words without other values."""
        return Words(self.key, (Value("text", self.given),) if self.given else ())


@dataclass(frozen=True)
class Value:
    """A typed value within words.

    Attributes
    ----------
    kind : {"number", "digits", "span", "clock", "text", "words", "any"}
        A number is told to three significant digits, whole ones in full; digits to two. A span is
        in seconds, a clock in minutes since midnight. A text is told as it is. Any is a list of
        words joined by "or".
    content : float, str, Words or tuple of Words
    """

    kind: str
    content: Any

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON document.

        Returns
        -------
        document : dict
            The kind as its key.
        """
        if self.kind == "words":
            return {"words": self.content.to_dict()}
        if self.kind == "any":
            return {"any": [words.to_dict() for words in self.content]}
        return {self.kind: self.content}


@dataclass(frozen=True)
class Words:
    """Words of any language: a key with typed values.

    Attributes
    ----------
    key : str
    values : tuple of Value

    See Also
    --------
    novin_ml.estimators.words.Language.text : The words in a language.
    """

    key: str
    values: tuple[Value, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON document.

        Returns
        -------
        document : dict
            As the Swift package writes it.
        """
        return {"key": self.key, "values": [value.to_dict() for value in self.values]}
