"""The vocabulary of a package in Swift: the words of kinds and zones, and the sensors."""

from __future__ import annotations

from collections.abc import Iterable

from novin_ml.coreml.swift._generated import swift_text
from novin_ml.coreml.swift.names import case_name
from novin_ml.events.vocabulary.finding import WordFinder
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.events.vocabulary.words import Phrases


def vocabulary_swift(vocabulary: Vocabulary) -> Iterable[str]:
    """Yield the parts of ``Tables.swift`` that say how names are found."""
    finder = vocabulary.finder
    is_by_words = isinstance(finder, WordFinder)
    kinds = zones = parts = ""
    order: tuple[str, ...] = ()
    if isinstance(finder, WordFinder):
        kinds, zones = _phrases(finder.kinds), _phrases(finder.zones)
        parts, order = _phrases(finder.zone_parts), finder.order
    sensors = "".join(
        f"        Sensor(name: {swift_text(sensor.name)}, type: {_optional(sensor.key[0])}, "
        f"location: {_optional(sensor.key[1])}),\n"
        for sensor in vocabulary.sensors
    )
    yield (
        "/// The vocabulary that events are read by.\n"
        "public enum Vocabulary {\n"
        "    /// Its name.\n"
        f"    public static let name = {swift_text(vocabulary.name)}\n"
        "    /// Twelve hex digits that two vocabularies share if everything in them is equal.\n"
        f"    public static let fingerprint = {swift_text(vocabulary.fingerprint)}\n"
        "    /// Whether names are found by whole words, or anywhere in a text.\n"
        f"    static let isByWords = {str(is_by_words).lower()}\n"
        "    /// Its sensors, in the order of their codes.\n"
        f"    public static let sensors: [Sensor] = [\n{sensors}    ]\n"
        "}\n"
    )
    ordered = "".join(f"        .{case_name(name)},\n" for name in order)
    yield (
        "extension EventKind {\n"
        "    static let phrases: [(words: [String], meaning: EventKind)] = "
        f"[\n{kinds}    ]\n"
        "    /// From the highest precedence on.\n"
        f"    static let byPrecedence: [EventKind] = [\n{ordered}    ]\n"
        "}\n"
    )
    yield (
        "extension Zone {\n"
        f"    static let phrases: [(words: [String], meaning: Zone)] = [\n{zones}    ]\n"
        "    /// Those that count within a location too.\n"
        f"    static let parts: [(words: [String], meaning: Zone)] = [\n{parts}    ]\n"
        "}\n"
    )


def _phrases(phrases: Phrases) -> str:
    return "".join(
        f"        ([{', '.join(map(swift_text, words))}], .{case_name(meaning)}),\n"
        for words, meaning in phrases.items()
    )


def _optional(text: str | None) -> str:
    return "nil" if text is None else swift_text(text)
