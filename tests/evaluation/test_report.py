"""The report: its numbers are scikit-learn's, and its page is safe, whole and readable."""

import json
import re
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.metrics import accuracy_score, average_precision_score, confusion_matrix, roc_auc_score

from novin_ml.coreml import export_coreml
from novin_ml.estimators import (
    make_behavior_pipeline,
    make_chain_pipeline,
    make_delivery_pipeline,
    make_motion_pipeline,
)
from novin_ml.evaluation import build_report, conformalize, render_report, write_report
from novin_ml.evaluation.report._words import shown, verdict
from novin_ml.events import training_events
from novin_ml.events.synthetic import (
    simulate_behavior,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)
from novin_ml.exceptions import SavedModelError
from novin_ml.features import attach_context, training_rows
from tests.evaluation._browser import BROWSER, look, photograph

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>$\\frac{'
WEEK = 604_800.0


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(1200, random_state=1)


@pytest.fixture(scope="module")
def model():
    rows, _ = training_rows(simulate_deliveries(1500, random_state=0))
    pipeline = make_delivery_pipeline(epochs=15, calibrate=True, random_state=0)
    return pipeline.fit(rows, rows["label"].astype(object))


@pytest.fixture(scope="module")
def report(model, events):
    return build_report(model, events)


@pytest.fixture(scope="module")
def home():
    events = simulate_behavior(weeks=8, usual_weeks=5, unusual_per_month=6, random_state=0)
    events = events.assign(consent=True)
    first = events["timestamp"] < events["timestamp"].min() + 5 * WEEK
    train = events[first]
    pipeline = make_behavior_pipeline(random_state=0)
    return pipeline.fit(train, detector__timestamps=train["timestamp"]), events[~first]


def test_numbers_are_scikit_learns(model, events, report):
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    truth, answers = rows["label"].to_numpy(), model.predict(rows)
    probability = model.predict_proba(rows)[:, list(model.classes_).index("delivery")]
    assert report.accuracy.share == accuracy_score(truth, answers)
    assert report.accuracy.low < report.accuracy.share < report.accuracy.high
    assert report.confusion == confusion_matrix(truth, answers, labels=report.labels).tolist()
    (roc,), (precision,) = report.roc, report.precision_recall
    assert roc.area == roc_auc_score(truth == "delivery", probability)
    assert precision.area == average_precision_score(truth == "delivery", probability)
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
    # Thinned for a picture, it still has the whole curve's area.
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(roc.area, abs=0.005)


def test_groups_add_up_to_all_rows(report):
    for groups in (report.by_home, report.by_zone, report.by_hour):
        assert sum(group.accuracy.n_rows for group in groups) == report.n_rows
        assert sum(group.accuracy.n_right for group in groups) == report.accuracy.n_right
    assert {group.few for group in report.by_hour} == {True, False}


def test_disagreements_are_where_answers_differ_and_examples_have_consent(model, events, report):
    differ = sum(each.n_rows for each in report.disagreements)
    right = sum(each.n_model_right - each.n_rules_right for each in report.disagreements)
    assert right / report.n_rows == pytest.approx(report.gain[0])
    assert 0 < differ < report.n_rows
    assert any(each.examples for each in report.disagreements)
    silent = build_report(model, events.assign(consent=False))
    assert not any(each.examples for each in silent.disagreements)
    assert silent.n_without_consent == silent.n_rows
    assert "none is shown as an example" in render_report(silent)


def test_a_budget_is_kept_on_the_rows(report):
    (curve,) = report.alarms
    false = np.interp(curve.budgets[2]["threshold"], curve.thresholds, curve.false_per_home_week)
    assert false <= 1.05
    recalls = [each["recall"] for each in curve.budgets]
    assert recalls == sorted(recalls)
    assert all(np.diff(curve.false_per_home_week) <= 0)


def test_importance_finds_what_counts(report):
    assert report.importances[0].permuted > 0.02
    assert sum(each.gain for each in report.importances) == pytest.approx(1)


def test_what_is_absent_is_said(report):
    page = render_report(report)
    assert {"thresholds", "abstention", "certificate"} <= set(report.absent)
    for sentence in report.absent.values():
        assert sentence.split("'")[0].split('"')[0] in page


def test_thresholds_abstention_and_certificate_are_in_it(model, events, tmp_path):
    export = export_coreml(model, tmp_path / "delivery.mlmodel")
    classifier = model[-1]
    before = classifier.decisions_
    try:
        classifier.set_thresholds({"delivery": 0.8})
        conformalize(model, events, error_rate=0.1)
        full = build_report(model, events, certificate=export.certificate_file)
        assert full == build_report(model, events, certificate=export.certificate)
    finally:
        classifier.decisions_ = before
    assert not set(full.absent) & {"thresholds", "abstention", "certificate"}
    assert full.alarms[0].chosen == np.float32(0.8)
    page = render_report(full)
    assert "The certificate passed" in page
    assert "don&#x27;t know" in page
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SavedModelError, match="export_coreml wrote"):
        build_report(model, events, certificate=tmp_path / "other.json")


class Page(HTMLParser):
    """What tags a page opens and closes, and which attributes they have."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes


def check_page(page):
    """Assert that a page is whole, needs nothing from outside and runs nothing."""
    found = Page(page)
    assert not found.open
    assert not {"script", "img", "iframe", "object", "base"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for name, value in found.attributes:
        if name in ("href", "src", "xlink:href"):
            assert value.startswith(("#", "data:"))
            assert value[1:] in ids or value == "data:,"
    assert "url(http" not in page
    assert not re.search(r"#[ab]1000\d", page)  # all colours are the page's
    assert len(page.encode()) < 2_000_000
    return found


def test_the_page_is_whole_and_the_same_again(model, events, report, tmp_path):
    settings = dict(matplotlib.rcParams)
    again = write_report(model, events, tmp_path / "new" / "report.html")
    page = (tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    assert again == report
    assert page == render_report(report)
    found = check_page(page)
    assert found.tags.count("svg") == 6
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "report.html"]
    # Nothing of matplotlib's is left behind.
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == settings


def test_the_document_is_json(report):
    document = report.to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["accuracy"]["n_rows"] == 1200


def test_hostile_names_are_text(events):
    rows = events.assign(
        home_id=events["home_id"].where(events.index % 2 == 0, HOSTILE).astype(str) + "\u202e\x07",
        label=events["label"].map({"delivery": HOSTILE, "no_delivery": "\u4e2d\u6587 $x$"}),
    ).drop(columns="clean_label")
    train, _ = training_rows(rows.assign(consent=True))
    model = make_motion_pipeline(epochs=3, random_state=0)
    model.fit(train, train["label"].astype(object))
    page = render_report(build_report(model, rows))
    check_page(page)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "\x07" not in page


def test_shown_names_have_no_invisible_letters():
    assert shown("a\u202eb\x00c\n") == "abc"
    assert shown("\u200b") == "(no name)"
    assert len(shown("x" * 500)) == 60


def test_chains_and_networks_have_reports():
    chains, _ = training_events(simulate_chains(600, random_state=0))
    model = make_chain_pipeline(epochs=5, random_state=0).fit(chains, chains["label"])
    report = build_report(model, simulate_chains(400, random_state=1))
    assert "no_pattern" not in [curve.label for curve in report.alarms]
    assert "training_curve" in report.absent
    check_page(render_report(report))
    rows, _ = training_rows(simulate_motions(600, random_state=0))
    network = make_motion_pipeline(algorithm="mlp", epochs=3, random_state=0)
    network.fit(rows, rows["label"].astype(object))
    report = build_report(network, rows)
    assert report.importances[0].gain is None
    check_page(render_report(report))


def test_a_baseline_has_a_report(home, tmp_path):
    pipeline, events = home
    report = write_report(pipeline, events, tmp_path / "home.html")
    alarm = pipeline.predict(events) == -1
    hours = {int(time // 3600) for time in events["timestamp"][alarm]}
    assert sum(map(sum, report.hours)) == len(hours)
    assert sum(report.scores["counts"]) == report.n_rows == len(events)
    assert report.detection["n_incidents"] > 0
    assert len(report.unusual) == 8
    assert all(len(event["reasons"]) == 3 for event in report.unusual)
    check_page((tmp_path / "home.html").read_text(encoding="utf-8"))
    without = build_report(pipeline, events.drop(columns=["label", "consent"]))
    assert without.detection is None
    assert without.unusual == []
    check_page(render_report(without))


def test_a_verdict_is_one_of_three():
    assert "is better" in verdict((0.02, 0.01, 0.03), 10)
    assert "is worse" in verdict((-0.02, -0.03, -0.01), 10)
    assert "do not tell" in verdict((0.02, -0.01, 0.03), 10)
    assert "one home" in verdict((0.02, 0.01, 0.03), 1)


def test_errors_name_the_remedy(model, events):
    with pytest.raises(ValueError, match="must be a pipeline"):
        build_report(model[-1], events)
    with pytest.raises(ValueError, match="Label some"):
        build_report(model, events.drop(columns="label"))
    with pytest.raises(ValueError, match="must know the label 'parcel'"):
        build_report(model, events.replace({"label": {"delivery": "parcel"}}))


@pytest.mark.skipif(BROWSER is None, reason="No chromium or chrome is on the PATH.")
def test_a_browser_shows_it_on_a_phone_and_on_a_desk(home, report, tmp_path):
    pages = {"report": render_report(report), "home": render_report(build_report(*home))}
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    papers = []
    for name, width, dark in (
        ("report", 390, False),
        ("report", 1200, True),
        ("home", 390, True),
    ):
        found = look(tmp_path / f"{name}.html", tmp_path, width=width, dark=dark)
        assert found["console"] == []
        assert (found["viewport"], found["width"]) == (width, width)
        assert found["sticking_out"] == []
        assert found["pictures"] >= 1
        assert found["without_alt"] == found["scripts"] == 0
        assert found["headings"][-1] == "Data and versions"
        papers.append(found["paper"])
    assert papers == ["rgb(255, 255, 255)", "rgb(20, 23, 27)", "rgb(20, 23, 27)"]
    picture = tmp_path / "report.png"
    photograph(tmp_path / "report.html", picture, tmp_path, width=390, height=1500)
    pixels = matplotlib.image.imread(picture)[:, :390, :3]
    assert pixels.shape[0] == 1500
    # It is neither blank nor a page of one colour.
    assert 0.5 < np.mean(pixels.mean(axis=2) > 0.9) < 0.98
