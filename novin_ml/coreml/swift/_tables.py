"""The Swift file with Python's tables: kinds, zones, fields and limits, features.

Nothing in it is typed a second time, so that it cannot drift. Numbers are written so that Swift
reads the very same float64.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from novin_ml._version import __version__
from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.swift._generated import swift_text
from novin_ml.coreml.swift._vocabulary import vocabulary_swift
from novin_ml.coreml.swift.names import case_name
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.monitor import HomeMonitor
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.events.fields import (
    CHAIN_KEYS,
    EVENT_FIELDS,
    HOME_MODES,
    MAX_NESTING,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_EVENTS,
    NULL_WORDS,
    SENSOR_STATES,
    EventField,
)
from novin_ml.events.kinds import groups_of, texts_by_precedence
from novin_ml.events.refusals import EVENT, EVENTS, NO_JSON, OBJECT, REQUEST, REQUEST_BYTES
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.events.zones import ZONE_KINDS
from novin_ml.features import (
    FeatureSpec,
)
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER

_HEAD = "// swift-format-ignore-file\n// Written by novin_ml from its own tables; do not edit.\n"


def tables_swift(vocabulary: Vocabulary | None = None) -> str:
    """Return ``Tables.swift`` for a vocabulary, by default `Vocabulary.sdk`."""
    vocabulary = vocabulary or DEFAULT_VOCABULARY
    return "\n".join(
        [
            _HEAD,
            *_enumerations(vocabulary),
            *vocabulary_swift(vocabulary),
            *_limits(),
            *_features(vocabulary),
        ]
    )


def _enumerations(vocabulary: Vocabulary) -> Iterable[str]:
    kinds = [kind.name for kind in vocabulary.kinds]
    zones = [zone.name for zone in vocabulary.zones]
    groups = groups_of(vocabulary.kinds)
    yield _enumeration("KindGroup", "The kinds that are one step of a chain.", groups)
    yield _enumeration(
        "EventKind",
        "The kinds of event. The raw value is the kind's code, in models too.",
        kinds,
        _property(
            "group",
            "KindGroup",
            "The kinds that are one step of a chain with it.",
            [f".{case_name(kind.group)}" for kind in vocabulary.kinds],
            kinds,
        ),
        _constant(
            "texts",
            "[(text: String, kind: EventKind)]",
            "The first of these that a lower-cased type contains tells its kind.",
            [
                f"({swift_text(text)}, .{case_name(name)})"
                for text, name in texts_by_precedence(vocabulary.kinds)
            ],
        ),
    )
    yield _enumeration(
        "ZoneKind", "The kinds of zone.", ZONE_KINDS, _order("code", ZONE_KIND_ORDER, ZONE_KINDS)
    )
    yield _enumeration(
        "Zone",
        "The zones of a home. The raw value is the zone's code.",
        zones,
        _property(
            "risk",
            "Double",
            "How much an event there is worth attention, from 0 to 1.",
            [_number(zone.risk) for zone in vocabulary.zones],
            zones,
        ),
        _property(
            "kind",
            "ZoneKind",
            "What kind of place it is.",
            [f".{case_name(zone.kind)}" for zone in vocabulary.zones],
            zones,
        ),
        _property(
            "aliases",
            "[String]",
            "Other names that mean the zone.",
            [_list(map(swift_text, zone.aliases)) for zone in vocabulary.zones],
            zones,
            access="",
        ),
    )
    yield _enumeration(
        "HomeMode",
        "The modes of the alarm system.",
        HOME_MODES,
        _order("absence", HOME_MODE_ORDER, HOME_MODES),
    )
    yield _enumeration("SensorState", "What a sensor says of itself.", SENSOR_STATES)


def _enumeration(name: str, meaning: str, values: Sequence[str], *members: str) -> str:
    cases = "".join(f"    case {case_name(value)}\n" for value in values)
    names = _property(
        "name", "String", "Its name in Python.", [swift_text(value) for value in values], values
    )
    return (
        f"/// {meaning}\n"
        f"public enum {name}: Int, CaseIterable, Codable, Sendable {{\n"
        f"{cases}{names}{''.join(members)}}}\n"
    )


def _property(
    name: str,
    type_: str,
    meaning: str,
    values: Sequence[str],
    cases: Sequence[str],
    access: str = "public ",
) -> str:
    lines = "".join(
        f"        case .{case_name(case).strip('`')}: {value}\n"
        for case, value in zip(cases, values, strict=True)
    )
    return (
        f"\n    /// {meaning}\n"
        f"    {access}var {name}: {type_} {{\n        switch self {{\n{lines}        }}\n    }}\n"
    )


def _order(name: str, order: Sequence[str], values: Sequence[str]) -> str:
    """Return the position of each value in the order of the features."""
    lines = "".join(
        f"        case .{case_name(value).strip('`')}: {position}\n"
        for position, value in enumerate(order)
    )
    is_whole = set(values) == set(order)
    note = "" if is_whole else "; nil where features have it as missing"
    rest = "" if is_whole else "        default: nil\n"
    return (
        f"\n    /// Its code in features{note}.\n"
        f"    public var {name}: Int{'' if is_whole else '?'} {{\n"
        f"        switch self {{\n{lines}{rest}        }}\n    }}\n"
    )


def _constant(name: str, type_: str, meaning: str, values: Iterable[str]) -> str:
    lines = "".join(f"        {value},\n" for value in values)
    return f"\n    /// {meaning}\n    static let {name}: {type_} = [\n{lines}    ]\n"


def semantic_version(version: str) -> str:
    """Return a version of Python, such as 0.2.0.dev0, as a semantic version, 0.2.0-dev.0."""
    found = re.fullmatch(r"(\d+\.\d+\.\d+)(?:\.?(a|b|rc|dev|post)(\d+))?", version)
    if found is None or found[2] is None:
        return version
    return f"{found[1]}-{found[2]}.{found[3]}"


def _limits() -> Iterable[str]:
    yield (
        "/// The version of novin_ml that wrote the package, as a semantic version.\n"
        f"public let novinVersion = {swift_text(semantic_version(__version__))}\n"
    )
    yield (
        "/// What a request may hold, and the words of refusals.\n"
        "enum Limits {\n"
        f"    static let requestEvents = {MAX_REQUEST_EVENTS}\n"
        f"    static let requestBytes = {MAX_REQUEST_BYTES}\n"
        f"    static let nesting = {MAX_NESTING}\n"
        f"    static let noJSON = {swift_text(NO_JSON)}\n"
        f"    static let event = {swift_text(EVENT)}\n"
        f"    static let object = {swift_text(OBJECT)}\n"
        f"    static let events = {swift_text(EVENTS)}\n"
        f"    static let request = {swift_text(REQUEST)}\n"
        f"    static let requestOfBytes = {swift_text(REQUEST_BYTES)}\n"
        "    /// Keys that make a chain of an object with a list of events.\n"
        f"    static let chainKeys: Set<String> = {_list(map(swift_text, sorted(CHAIN_KEYS)))}\n"
        "    /// Texts that tables have for what is missing.\n"
        f"    static let nullWords = {_list(map(swift_text, sorted(NULL_WORDS)))}\n"
        "}\n"
    )
    fields = "".join(f"        {_field(field)},\n" for field in EVENT_FIELDS)
    yield f"extension EventField {{\n    static let all: [EventField] = [\n{fields}    ]\n}}\n"


def _field(field: EventField) -> str:
    parts = [
        f"name: {swift_text(field.name)}",
        f"path: {swift_text(field.path)}",
        f"type: .{field.type}",
        f"expected: {swift_text(field.expected)}",
        f"isRequired: {str(field.required).lower()}",
        f"low: {_number(field.low)}",
        f"high: {_number(field.high)}",
        f"maxLength: {field.max_length if field.max_length is not None else 'nil'}",
        f"choices: {_list(map(swift_text, field.choices))}",
        f"aliases: {_list(map(swift_text, field.aliases))}",
    ]
    if isinstance(field.default, str):
        parts.append(f"defaultText: {swift_text(field.default)}")
    elif field.default is not None:
        parts.append(f"defaultNumber: {_number(field.default)}")
    if field.has_null_words:
        parts.append("hasNullWords: true")
    return f"EventField(\n            {', '.join(parts)})"


def _features(vocabulary: Vocabulary) -> Iterable[str]:
    yield "/// What the features of each family are, in the order of the columns.\n" + (
        "public enum FeatureSpecs {"
    )
    for family in FAMILIES.values():
        yield _specs(family.name, family.features_of(vocabulary).feature_specs)
    yield _specs(MONITOR, FOREST_COLUMNS)
    numbers = {
        family.name: family.features_of(vocabulary).feature_set for family in FAMILIES.values()
    }
    numbers[MONITOR] = HomeMonitor.feature_set
    sets = ", ".join(f"{swift_text(name)}: {number}" for name, number in numbers.items())
    yield (
        "    /// The number of each family's set of features: 1 are those of novin_ml 0.1.\n"
        f"    public static let featureSets: [String: Int] = [{sets}]\n"
    )
    by_name = ", ".join(f"{swift_text(name)}: {name}" for name in (*FAMILIES, MONITOR))
    yield (
        "    /// The features by the name of the family.\n"
        f"    public static let byFamily: [String: [FeatureSpec]] = [{by_name}]\n"
    )
    names = " + ".join(FAMILIES)
    yield f"    /// The features of all families.\n    public static let all = {names}\n}}\n"


def _specs(family: str, specs: Sequence[FeatureSpec]) -> str:
    lines = "".join(
        f"        FeatureSpec(\n            name: {swift_text(spec.name)}, "
        f"unit: {swift_text(spec.unit)}, low: {_number(spec.low)}, high: {_number(spec.high)},\n"
        f"            meaning: {swift_text(spec.meaning)}),\n"
        for spec in specs
    )
    return f"    public static let {family}: [FeatureSpec] = [\n{lines}    ]\n"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(values)}]"


def _number(number: float) -> str:
    if math.isinf(number):
        return ".infinity" if number > 0 else "-.infinity"
    return repr(float(number))
