"""The guide says what the laws say."""

import re
from pathlib import Path

import pytest

import novin_ml
from tests.properties.sentences import SENTENCES

ROOT = Path(novin_ml.__file__).parents[1]
EACH = [(page, words) for page, sentences in SENTENCES.items() for words in sentences]


@pytest.mark.parametrize(("page", "words"), EACH)
def test_each_sentence_stands_where_it_is_listed_and_has_its_law(page, words):
    path = ROOT / page
    if not path.exists():
        pytest.skip("The pages of the guide are beside a checkout only.")
    assert words in re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
    file, law = SENTENCES[page][words]
    assert f"\ndef {law}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
