"""Languages: the texts of words, and how numbers are written in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from novin_ml.estimators.words._german import GERMAN_TEXTS
from novin_ml.estimators.words._numbers import clock, number, span_parts, two_digits
from novin_ml.estimators.words.phrasebooks import all_texts, english_texts
from novin_ml.estimators.words.said import Value, Words

_PLACE = re.compile(r"\{(\d)\}")


@dataclass(frozen=True)
class Language:
    """The texts of a language.

    Attributes
    ----------
    code : str
        The code of the language, such as "en".
    texts : mapping of str to str or dict of str
        Texts by key, with ``{0}``, ``{1}`` ... for the values; by "one" and "other" where they
        depend on the first value.
    decimal, thousands : str
        What separates parts of numbers.
    """

    code: str
    texts: Mapping[str, str | Mapping[str, str]]
    decimal: str = "."
    thousands: str = ","

    def text(self, words: Words) -> str:
        """Return words in this language.

        Parameters
        ----------
        words : Words
            Their key and values.

        Returns
        -------
        text : str
            What a person reads.

        Examples
        --------
        >>> from novin_ml.estimators.words import ENGLISH, GERMAN, Value, Words
        >>> words = Words("after_vehicle", (Value("span", 20.8),))
        >>> ENGLISH.text(words), GERMAN.text(words)
        ('20.8 s after a vehicle', '20,8 s nach einem Fahrzeug')
        """
        first = words.values[0].content if words.values else None
        return self._filled(words.key, [self._told(value) for value in words.values], first == 1)

    def _filled(self, key: str, told: list[str], is_one: bool) -> str:
        forms = self.texts[key]
        text = forms if isinstance(forms, str) else forms["one" if is_one else "other"]
        return _PLACE.sub(lambda found: told[int(found[1])], text)

    def _told(self, value: Value) -> str:
        content = value.content
        if value.kind == "words":
            return self.text(content)
        if value.kind == "any":
            first, *others = map(self.text, content)
            for other in others:
                first = self._filled("or", [first, other], False)
            return first
        if value.kind == "span":
            return self.span(content)
        if value.kind == "clock":
            return clock(content)
        if value.kind == "text":
            return str(content)
        return self._number(number(content) if value.kind == "number" else two_digits(content))

    def span(self, seconds: float) -> str:
        """Return a time span in this language, rounded as `Reason` says.

        Parameters
        ----------
        seconds : float
            Its length.

        Returns
        -------
        text : str
            Number and unit, such as "20.8 s".
        """
        if seconds < 0:
            return f"-{self.span(-seconds)}"
        return " ".join(
            self._filled(f"unit.{unit}", [self._number(text)], text == "1")
            for unit, text in span_parts(seconds)
        )

    def _number(self, english: str) -> str:
        separators = {".": self.decimal, ",": self.thousands}
        return "".join(separators.get(each, each) for each in english)


ENGLISH = Language("en", english_texts(all_texts()))
GERMAN = Language("de", GERMAN_TEXTS, decimal=",", thousands=".")
#: All languages by their codes.
LANGUAGES = {language.code: language for language in (ENGLISH, GERMAN)}
