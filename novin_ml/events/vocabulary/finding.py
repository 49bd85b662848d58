"""Find the kind of a type and the zone of a location: anywhere in the text, or by its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from novin_ml.events.kinds import EventKind, by_precedence, kind_in, texts_by_precedence
from novin_ml.events.vocabulary.words import Phrases, words_of
from novin_ml.events.zones import Zone, zone_in, zones_by_name


class SubstringFinder:
    """The rule of the SDK."""

    def __init__(self, kinds: Sequence[EventKind], zones: Sequence[Zone]) -> None:
        self._texts = texts_by_precedence(kinds)
        self._by_name = zones_by_name(zones)
        self._zones = tuple(zone.name for zone in zones)

    def kind_of(self, text: str) -> str:
        """Return the kind of a type."""
        return kind_in(text, self._texts)

    def zone_of(self, text: str) -> str:
        """Return the zone of a location."""
        return zone_in(text, self._by_name, self._zones)


class WordFinder:
    """The rule of whole words.

    Attributes
    ----------
    order : tuple of str
        Kinds from the highest precedence on.
    kinds, zones : Phrases
        All names and texts.
    zone_parts : Phrases
        Those that count within a location too.
    """

    def __init__(self, kinds: Sequence[EventKind], zones: Sequence[Zone]) -> None:
        self.order = tuple(kind.name for kind in by_precedence(kinds))
        names = [(kind.name, kind.name) for kind in kinds[:-1]]
        self.kinds = Phrases(
            [*names, *((text, kind.name) for kind in kinds for text in kind.texts)]
        )
        self.zones = Phrases(_names_of(zones))
        self.zone_parts = Phrases(
            (text, name) for text, name in _names_of(zones) if not _is_part(text, name)
        )

    def kind_of(self, text: str) -> str:
        """Return the kind of a type."""
        words = words_of(text)
        return self.kinds.exact(words) or self.kinds.first(words, self.order) or "other"

    def zone_of(self, text: str) -> str:
        """Return the zone of a location."""
        words = words_of(text)
        return self.zones.exact(words) or self.zone_parts.longest(words) or "unknown"


Finder = SubstringFinder | WordFinder


def _names_of(zones: Sequence[Zone]) -> Iterator[tuple[str, str]]:
    for zone in zones:
        yield zone.name, zone.name
    for zone in zones:
        for alias in zone.aliases:
            yield alias, zone.name


def _is_part(alias: str, name: str) -> bool:
    """Tell whether an alias is a part of its zone's name, as "front" of the front door."""
    words, whole = words_of(alias), words_of(name)
    return words != whole and set(words) <= set(whole)
