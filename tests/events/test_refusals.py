"""The words of refusals, as the table that Swift shares has them."""

import pytest

from novin_ml.events import read_events
from tests.events.refusals import REFUSALS


@pytest.mark.parametrize(("text", "refusals"), REFUSALS)
def test_a_text_is_refused_in_these_words(tmp_path, text, refusals):
    path = tmp_path / "events.jsonl"
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    path.write_bytes(b'{"type": "motion", "timestamp": 1}\n' + content + b"\n")
    _, report = read_events(path, return_report=True)
    columns = ["line", "field", "expected", "got"]
    got = report.rejects[columns].itertuples(index=False, name=None)
    assert list(got) == [(2, *refusal) for refusal in refusals]


def test_the_table_knows_every_field():
    from novin_ml.events import EVENT_FIELDS

    refused = {field for _, refusals in REFUSALS for field, _, _ in refusals}
    flags = {"consent"}  # anything may stand there, and only true is consent
    paths = {field.path for field in EVENT_FIELDS} - flags - {"clean_label"}
    assert paths <= refused
