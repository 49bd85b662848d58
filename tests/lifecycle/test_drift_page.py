"""The page on drift: it says what the report says, and shows texts of users as texts."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from novin_ml.lifecycle import measure_drift, write_drift_page
from novin_ml.lifecycle.drift import render_drift
from novin_ml.simulation import simulate_motions

BEFORE, AFTER = (simulate_motions(600, n_homes=10, random_state=seed) for seed in (0, 1))
EVIL = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Collects the tags and the texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def svgs(page):
    return [part.partition("</svg>")[0] + "</svg>" for part in page.split("<svg")[1:]]


def test_which_feature_since_when_and_which_homes(tmp_path):
    report = measure_drift(BEFORE, AFTER.assign(sample_rate=20.0))
    write_drift_page(report, tmp_path / "new" / "drift.html")
    page = (tmp_path / "new" / "drift.html").read_text(encoding="utf-8")
    text = "".join(Reader(page).texts)
    assert "Something drifted." in text
    assert report.sentence in text
    (found,) = report.drifted
    assert found.sentence in text
    assert all(home.home_id in text for home in found.homes)
    assert all(each.name in text for each in report.features)
    pictures = svgs(page)
    assert len(pictures) == 2
    for picture in pictures:
        ElementTree.fromstring(f"<svg{picture}")
    assert page == render_drift(report)


@pytest.mark.parametrize(
    ("current", "verdict"),
    [
        (AFTER, "No drift is shown."),
        (AFTER[AFTER["home_id"] == AFTER["home_id"].iloc[0]], "Too few homes to tell."),
    ],
)
def test_nothing_to_show(current, verdict):
    page = render_drift(measure_drift(BEFORE, current))
    assert verdict in "".join(Reader(page).texts)
    assert "<svg" not in page


def test_texts_of_users_stay_texts():
    """Homes and categories can have any name."""
    after = AFTER.assign(home_id=AFTER["home_id"] + EVIL, type=f"$x_1$ {EVIL}", label=EVIL)
    report = measure_drift(BEFORE, after)
    assert any(each.name == "type" for each in report.drifted)
    page = render_drift(report)
    assert "script" not in Reader(page).tags
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_a_feature_without_pictures_is_shown():
    report = measure_drift(BEFORE, AFTER.assign(sample_rate=20.0))
    bare = replace(report.drifted[0], series=None, bins=(), since=None)
    page = render_drift(replace(report, features=(bare,)))
    assert bare.sentence in "".join(Reader(page).texts)
