"""The texts of words and the cases of phrases, as Swift tables and as a catalog for translators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.swift._generated import swift_text
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.estimators.words import ENGLISH, LANGUAGES, Language
from novin_ml.estimators.words.phrasebooks import ON_DAYS, PHRASEBOOKS, phrase_of
from novin_ml.estimators.words.phrases import ZONE_KIND, ZONE_OF, Case, Part, Text
from novin_ml.events.vocabulary.vocabulary import Vocabulary

_PLACE = re.compile(r"\{(\d)\}")
_TYPES = {"en": "EnglishWords", "de": "GermanWords"}
#: Names in Swift that differ.
_NAMES = {
    "is": "equals",
    "ratio_below": "ratioBelow",
    "ratio_from": "ratioFrom",
    "ratio_above": "ratioAbove",
    "absolute_ratio_below": "absoluteRatioBelow",
    "absolute_ratio": "absoluteRatio",
}


def flat_texts(language: Language) -> dict[str, str]:
    """Return the texts of a language by key, as Swift and its catalogs have them.

    Values are ``%1$@``, ``%2$@`` ... A text that depends on a count has a key for each form.
    """
    flat = {}
    for key, forms in language.texts.items():
        of_key = {"": forms} if isinstance(forms, str) else {f".{f}": t for f, t in forms.items()}
        for form, text in of_key.items():
            flat[key + form] = _PLACE.sub(lambda found: f"%{int(found[1]) + 1}$@", text)
    return flat


def catalog() -> str:
    """Return ``NovinWords.xcstrings``, which Xcode and translators edit."""
    tables = {code: flat_texts(language) for code, language in LANGUAGES.items()}
    strings = {
        key: {
            "extractionState": "manual",
            "localizations": {
                code: {"stringUnit": {"state": "translated", "value": table[key]}}
                for code, table in tables.items()
            },
        }
        for key in tables[ENGLISH.code]
    }
    document = {"sourceLanguage": ENGLISH.code, "strings": strings, "version": "1.0"}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def words_swift(vocabulary: Vocabulary) -> str:
    """Return ``WordTables.swift``: the texts, and the phrases for a vocabulary's features."""
    return "\n".join(
        [
            "// swift-format-ignore-file\n"
            "// Written by novin_ml from its own phrases; do not edit.\n",
            *(_texts(_TYPES[code], language) for code, language in LANGUAGES.items()),
            _zones(),
            *_phrasebooks(vocabulary),
        ]
    )


def _texts(name: str, language: Language) -> str:
    lines = "".join(
        f"        {swift_text(key)}: {swift_text(text)},\n"
        for key, text in flat_texts(language).items()
    )
    return (
        f"/// Texts by key, those that differ by a count with its form.\nenum {name} {{\n"
        f"    static let texts: [String: String] = [\n{lines}    ]\n}}\n"
    )


def _zones() -> str:
    zones = "".join(
        f"        ({risk!r}, {'nil' if kind is None else int(kind)}, {swift_text(name)}),\n"
        for (risk, kind), name in ZONE_OF.items()
    )
    days = ", ".join(swift_text(day.key) for day in ON_DAYS)
    return (
        "/// The zones that a risk and the code of a kind tell apart.\nenum WordZones {\n"
        f"    static let all: [(risk: Double, kind: Int?, name: String)] = [\n{zones}    ]\n"
        f"    static let kind: [PhraseCase] = {_cases(ZONE_KIND)}\n"
        f"    static let days: [String] = [{days}]\n}}\n"
    )


def _phrasebooks(vocabulary: Vocabulary) -> Iterable[str]:
    specs = {
        name: family.features_of(vocabulary).feature_specs for name, family in FAMILIES.items()
    } | {MONITOR: FOREST_COLUMNS}
    names = ", ".join(f"{swift_text(name)}: {name}" for name in PHRASEBOOKS)
    yield (
        "/// The cases of each feature's phrase, by family and feature.\nenum Phrasebooks {\n"
        f"    static let all: [String: [String: [PhraseCase]]] = [{names}]\n}}\n"
    )
    for name, phrasebook in PHRASEBOOKS.items():
        lines = []
        for spec in specs[name]:
            phrase = phrase_of(phrasebook, spec)
            if phrase is not None:
                lines.append(f"        book[{swift_text(spec.name)}] = {_cases(phrase)}\n")
        yield (
            f"extension Phrasebooks {{\n    static let {name}: [String: [PhraseCase]] = {{\n"
            f"        var book: [String: [PhraseCase]] = [:]\n{''.join(lines)}"
            "        return book\n    }()\n}\n"
        )


def _cases(cases: Sequence[Case]) -> str:
    return f"[{', '.join(map(_case, cases))}]"


def _case(case: Case) -> str:
    test = _NAMES.get(case.test, case.test)
    parts = f", [{', '.join(map(_part, case.parts))}]" if case.parts else ""
    return f"PhraseCase({swift_text(case.text.key)}, .{test}, {float(case.limit)!r}{parts})"


def _part(part: Part) -> str:
    names = (part.words,) if part.words is not None else part.names
    texts = [f".{part.kind}", f".{_NAMES.get(part.of, part.of)}"]
    texts += [f"scale: {part.scale!r}"] if part.scale != 1 else []
    texts += [f"shift: {float(part.shift)!r}"] if part.shift else []
    if part.kind != "zones" and names:
        texts.append(f"names: [{', '.join(map(_name, names))}]")
    texts += [f"cases: {_cases(part.cases)}"] if part.cases else []
    return f"PhrasePart({', '.join(texts)})"


def _name(text: Text) -> str:
    given = f", [.text({swift_text(text.given)})]" if text.given else ""
    return f"Words({swift_text(text.key)}{given})"
