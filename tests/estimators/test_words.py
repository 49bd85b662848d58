"""Words: one table of English texts, and other languages with the same keys and values."""

import json
import math
import re

import pytest

from novin_ml.coreml.swift._words import catalog, flat_texts, words_swift
from novin_ml.estimators.words import ENGLISH, GERMAN, LANGUAGES, Value, Words, factors_of
from novin_ml.estimators.words.phrasebooks import all_texts, english_texts
from novin_ml.estimators.words.said import Text
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.chains import ChainFeatures
from novin_ml.features.delivery.specs import delivery_specs


def places(forms):
    texts = [forms] if isinstance(forms, str) else forms.values()
    return [sorted(re.findall(r"\{\d\}", text)) for text in texts]


def test_a_language_has_a_text_for_each_key_with_the_same_values():
    assert GERMAN.texts.keys() == ENGLISH.texts.keys()
    for key, forms in ENGLISH.texts.items():
        assert places(GERMAN.texts[key]) == places(forms), key
        assert isinstance(forms, str) == isinstance(GERMAN.texts[key], str), key


def test_a_translation_is_one():
    """Texts of words are others in German, but for two that both languages have."""
    same = {
        str(forms)
        for key, forms in ENGLISH.texts.items()
        if forms == GERMAN.texts[key] and re.search("[a-z]{4}", str(forms))
    }
    assert same <= {"person", "garage"}


def test_a_key_has_one_text():
    with pytest.raises(ValueError, match="one text"):
        english_texts([*all_texts(), Text("duration", "took {0}")])


def test_the_catalog_and_the_swift_table_are_python_s_tables():
    document = json.loads(catalog())
    assert document["sourceLanguage"] == "en"
    source = words_swift(Vocabulary.sdk())
    for code, language in LANGUAGES.items():
        flat = flat_texts(language)
        told = {
            key: entry["localizations"][code]["stringUnit"]["value"]
            for key, entry in document["strings"].items()
        }
        assert told == flat
        name = {"en": "EnglishWords", "de": "GermanWords"}[code]
        table = source.partition(f"enum {name} ")[2].partition("\n}\n")[0]
        pairs = re.findall(r'^        ("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*"),$', table, re.M)
        assert {json.loads(key): json.loads(text) for key, text in pairs} == flat
        for key, forms in language.texts.items():
            values = {int(place[1]) + 1 for each in places(forms) for place in each}
            of_key = [text for name, text in flat.items() if name in (key, f"{key}.other")]
            assert {int(each) for each in re.findall(r"%(\d)\$@", of_key[0])} == values, key


def test_words_are_typed():
    specs = delivery_specs(60.0, 20.0)
    row = {spec.name: math.nan for spec in specs} | {"seconds_since_vehicle": 20.75}
    said = {factor.name: factor.describe(row).words for factor in factors_of(specs, "delivery")}
    words = said["seconds_since_vehicle"]
    assert words.to_dict() == {"key": "after_vehicle", "values": [{"span": 20.75}]}
    assert ENGLISH.text(words) == "20.8 s after a vehicle"
    assert GERMAN.text(words) == "20,8 s nach einem Fahrzeug"
    assert ENGLISH.text(said["hour"]) == "local time not known"


def test_a_kind_of_one_s_own_vocabulary_is_told_by_its_name():
    own = {"name": "own", "extends": "sdk", "kinds": [{"name": "oven"}]}
    features = ChainFeatures()
    features.vocabulary_ = Vocabulary.from_dict(own)
    specs = features.feature_specs
    place = [spec.name for spec in specs].index("last_kind")
    names = specs[place].meaning.partition("(")[2].rstrip(")").split(", ")
    row = {spec.name: math.nan for spec in specs} | {"last_kind": float(names.index("oven"))}
    said = {factor.name: factor.describe(row).words for factor in factors_of(specs, "chains")}
    assert ENGLISH.text(said["last_kind"]) == "ends with an oven event"
    assert GERMAN.text(said["last_kind"]) == "endet mit einem Ereignis der Art oven"


def test_long_times_are_told_as_such():
    for seconds, text in (
        (86_400e6, "at least 1,000,000 days"), (1e300, "at least 1,000,000 days"),
        (86_400e5, "100,000 days"), (-61.0, "-1 min 1 s"), (3 * 86_400 + 60, "3 days 1 min"),
    ):  # fmt: skip
        assert ENGLISH.text(Words("limit.span", (Value("span", seconds),))) == text


def test_values_are_not_texts_with_places():
    """A name with a brace is told as it is."""
    words = Words("column.unit", (Value("text", "{1}"), Value("number", 3.0), Value("text", "{0}")))
    assert ENGLISH.text(words) == "{1} is 3 {0}"
