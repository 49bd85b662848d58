"""The report: its numbers are scikit-learn's, and its page is safe, whole and readable."""

import json
import re
from copy import deepcopy
from html import escape
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, confusion_matrix, roc_auc_score
from sklearn.pipeline import make_pipeline

from novin_ml.coreml import export_coreml
from novin_ml.estimators import (
    make_behavior_pipeline,
    make_chain_pipeline,
    make_delivery_pipeline,
    make_motion_pipeline,
)
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import (
    build_report,
    compare,
    conformalize,
    model_card,
    observed_weeks,
    permutation_importances,
    render_report,
    write_report,
)
from novin_ml.evaluation.report import _figures, with_certificate
from novin_ml.evaluation.report._parts import Curve
from novin_ml.evaluation.report.shares import rate_by_home, share_by_home
from novin_ml.evaluation.report.svg import svg
from novin_ml.events import training_events
from novin_ml.exceptions import InvalidEventError, SavedModelError, TrainingDataWarning
from novin_ml.features import attach_context, training_rows
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)
from novin_ml.texts import visible
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
    truth, answers = rows["clean_label"].to_numpy(), model.predict(rows)
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
    assert right / report.n_rows == pytest.approx(report.comparison["accuracy"]["difference"])
    assert 0 < differ < report.n_rows
    assert any(each.examples for each in report.disagreements)
    silent = build_report(model, events.assign(consent=False))
    assert not any(each.examples for each in silent.disagreements)
    assert silent.n_without_consent == silent.n_rows
    assert "none is shown as an example" in render_report(silent)


def test_a_home_is_named_only_if_all_its_rows_consent(model, events):
    # A home that never consented, and one that took it back for its last labelled row.
    asked = ["home_1_0002", "home_1_0004"]
    last = events.index[(events["home_id"] == asked[1]) & events["label"].notna()][-1]
    events = events.assign(consent=(events["home_id"] != asked[0]) & (events.index != last))
    classifier = model[-1].set_thresholds({"delivery": 0.5})
    try:
        found = build_report(model, events)
    finally:
        classifier.set_thresholds({})
    page, document = render_report(found), json.dumps(found.to_document())
    named = {group.name for group in found.by_home} & set(events["home_id"])
    labelled = set(events["home_id"][events["label"].notna()])
    assert named == labelled - set(asked)
    assert named
    assert all(home not in text for home in asked for text in (page, document))
    assert {each["home_id"] for each in found.thresholds["homes"]} == {
        g.name for g in found.by_home
    }
    # A home that is not named is still one home.
    assert len(found.by_home) == found.n_homes


def test_features_have_an_example_in_words(model, events, report):
    examples = {each.permuted.name: each.example for each in report.importances}
    assert all(examples.values())
    assert re.fullmatch(r"lasted [\d.]+ s|lasted .* min.*", examples["duration"])
    assert re.fullmatch(r"at \d\d:\d\d", examples["hour"])
    assert examples["seconds_since_doorbell"].endswith("after the doorbell")
    page = render_report(report)
    assert f"such as: {examples['duration']}" in page
    silent = build_report(model, events.assign(consent=False))
    assert {each.example for each in silent.importances} == {""}
    assert "such as:" not in render_report(silent)


def test_a_budget_is_kept_on_the_rows(model, events, report):
    (curve,) = report.alarms
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    classes = model.classes_.tolist()
    probability = model.predict_proba(rows)[:, classes.index("delivery")]
    weeks = observed_weeks(rows["home_id"], rows["timestamp"])
    for each in curve.budgets:
        alarms = probability >= np.float32(each["threshold"])
        is_right = (rows["clean_label"] == "delivery").to_numpy(dtype=bool)
        assert np.count_nonzero(alarms & ~is_right) <= each["budget"] * weeks
        assert each["recall"] == pytest.approx(np.mean(alarms[is_right]))
    recalls = [each["recall"] for each in curve.budgets]
    assert recalls == sorted(recalls)
    assert all(np.diff(curve.false_per_home_week) <= 0)


def test_importances_are_those_of_the_public_function(model, events, report):
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    expected = permutation_importances(
        model[-1],
        model[:-1].transform(rows),
        rows["clean_label"].to_numpy(dtype=object),
        groups=rows["home_id"].to_numpy(dtype=object),
        n_repeats=3,
    )
    by_name = {each.permuted.name: each for each in report.importances}
    assert {name: each.permuted for name, each in by_name.items()} == {
        each.name: each for each in expected
    }
    assert by_name["zone"].permuted.columns == ("zone_risk", "zone_kind")
    assert report.importances[0].permuted.accuracy > 0.02
    # Gains of all columns add up, those of one factor together.
    assert sum(each.gain for each in report.importances) == pytest.approx(1)
    gain = model[-1].learner_.booster.get_score(importance_type="total_gain")
    place = [spec.name for spec in model[-1].feature_specs_]
    names = model[-1].learner_.booster.feature_names or [f"f{i}" for i in range(len(place))]
    zone = sum(gain.get(names[place.index(name)], 0) for name in ("zone_risk", "zone_kind"))
    assert by_name["zone"].gain == pytest.approx(zone / sum(gain.values()))


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
    notes = [*full.thresholds["notes"], *full.abstention["notes"]]
    assert any(note.startswith("No confidence is stated: ") for note in notes)
    assert all(escape(note) in page for note in notes)
    assert "no bound stated" in page
    card = model_card(full)
    assert all(note in card for note in full.thresholds["notes"])
    assert "no bound stated" in card
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
        if tag not in ("meta", "link", "br", "wbr"):
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
    assert found.tags.count("svg") == 7
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "report.html"]
    # Nothing of matplotlib's is left behind.
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == settings


def test_the_document_is_json(report):
    document = report.to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["accuracy"]["n_rows"] == 1200


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
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
    assert visible("a\u202eb\x00c\n") == "abc"
    assert visible("\u200b") == "(no name)"
    assert len(visible("x" * 500)) == 60


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
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
    assert 0 < report.scores["edges"][0] < report.scores["edges"][-1] <= 1
    shown = [each["anomaly_score"] for each in report.unusual]
    assert shown == sorted(shown, reverse=True)
    with pytest.warns(FutureWarning, match="-report.threshold"):
        assert report.offset == -report.threshold
    assert report.detection["n_incidents"] > 0
    assert len(report.unusual) == 8
    assert all(len(event["reasons"]) == 3 for event in report.unusual)
    check_page((tmp_path / "home.html").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="table of a home's events"):
        build_report(pipeline, events[:0])
    without = build_report(pipeline, events.drop(columns=["label", "consent"]))
    assert without.detection is None
    assert without.unusual == []
    check_page(render_report(without))


def test_the_verdict_is_that_of_compare(model, events, report):
    names = ("the model", "the hand-written rules")
    clean = events.assign(label=events["clean_label"])
    expected = compare(model, DeliveryRules(), clean, names=names)
    assert report.comparison["sentence"] == expected.sentence
    assert report.comparison["verdict"] == "better"
    # Four homes cannot decide, however large the difference on them is.
    few = events[events["home_id"].isin(events["home_id"].unique()[:4])]
    undecided = build_report(model, few)
    assert undecided.comparison["accuracy"]["low"] > 0
    assert "Not enough data to tell the model from the hand-written" in render_report(undecided)
    one = build_report(model, events[events["home_id"] == events["home_id"].iloc[0]])
    assert "one of the homes alone says nothing of others" in render_report(one)


def test_alarms_beside_the_rules_are_counted(model, events, report):
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    quiet = (rows["clean_label"] == "no_delivery").to_numpy()
    said = model.predict(rows) == "delivery"
    by_rules = DeliveryRules().fit(rows, rows["label"]).predict(rows) == "delivery"
    found, false = report.alarming.found, report.alarming.false_alarms
    assert (found.n_right, found.n_rows) == (np.sum(said & ~quiet), np.sum(~quiet))
    assert (false.n_false, false.home_weeks) == (np.sum(said & quiet), report.home_weeks)
    assert report.alarming.rules_false_alarms.n_false == np.sum(by_rules & quiet)
    assert false.low < false.per_week < false.high
    assert report.most_frequent == "no_delivery"
    assert report.most_frequent_share == np.mean(quiet)
    page = render_report(report)
    assert f"{100 * np.mean(quiet):.1f} %, and find nothing else" in page
    # With the rules' own number of false alarms it finds more of the one label.
    (same,) = report.alarming.at_rules_alarms
    assert same["n_false"] == np.sum(by_rules & quiet)
    assert report.alarming.gain == same["model_recall"] - same["rules_recall"] > 0


def test_intervals_widen_with_how_much_homes_differ():
    homes = np.repeat([f"{i}" for i in range(20)], 50)
    times = np.tile(np.arange(50) * 86_400.0, 20)
    alike = np.tile(np.arange(50) < 10, 20)
    apart = np.repeat(np.arange(20) < 4, 50)
    for measure in (share_by_home, lambda is_true, homes: rate_by_home(is_true, homes, times)):
        narrow, wide = measure(alike, homes), measure(apart, homes)
        assert narrow.high - narrow.low < 0.01 * (wide.high - wide.low)
    # A bootstrap that never saw an alarm knows nothing of how rare they are.
    none = rate_by_home(np.zeros(1000, bool), homes, times)
    assert none.low == 0 < none.high * none.home_weeks == pytest.approx(-np.log(0.025))
    assert "Poisson" in none.method


def test_bins_of_the_reliability_diagram_have_intervals(report):
    found = report.reliability
    for low, share, high, n in zip(
        found.low, found.share_right, found.high, found.n_rows, strict=True
    ):
        assert 0 <= low <= share <= high <= 1
        assert high - low > 0.8 if n == 1 else high - low < 1
    assert "95 % interval" in render_report(report)


def test_a_certificate_does_not_claim_what_core_ml_was_not_asked(report):
    certificate = {
        **{"passed": True, "rows": 10, "max_error": 1e-7, "tolerance": 1e-6, "checks": {}},
        **{"model_bytes": 1000, "file_sha256": "0" * 64, "hashed_by": "sha256sum MODEL.mlmodel"},
        "core_ml": {"ran": False, "reason": "this is linux"},
    }
    untold = with_certificate(report, certificate)
    asked = with_certificate(report, certificate | {"core_ml": {"ran": True, "rows": 7}})
    for made in (render_report, model_card):
        assert "Core ML itself was not asked (this is linux)" in made(untold)
        assert "Core ML itself agreed on 7 rows" in made(asked)


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_training_rows_are_recognised(model, home, report):
    events = simulate_deliveries(1500, random_state=0)
    silent = events[:100].assign(home_id="silent", consent=False)
    flattered = build_report(model, pd.concat([events, silent], ignore_index=True))
    assert flattered.n_without_consent > 0
    pipeline, _ = home
    log = simulate_behavior(weeks=8, usual_weeks=5, unusual_per_month=6, random_state=0)
    log = log[log["timestamp"] < log["timestamp"].min() + 5 * WEEK].assign(consent=True)
    in_any_order = build_report(model, events.sample(frac=1, random_state=0))
    for made in (flattered, in_any_order, build_report(pipeline, log)):
        assert made.data["is_training"]
        assert "the numbers flatter it" in render_report(made)
        assert "the numbers flatter it" in model_card(made)
    assert not report.data["is_training"]
    assert "trained on none of the" in render_report(report)


def test_a_model_of_0_1_0_knows_its_training_rows_in_their_order_only(model, events):
    older = deepcopy(model)
    for _, step in older.steps:
        vars(step).pop("training_record_", None)
    trained_on = simulate_deliveries(1500, random_state=0)
    assert build_report(older, trained_on).data["is_training"]
    for rows in (events, trained_on[::-1]):
        made = build_report(older, rows)
        assert not made.data["is_training"]
        assert "Whether some of them are is not known here" in render_report(made)


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_a_baseline_knows_how_many_rows_it_was_trained_on(home):
    pipeline, events = home
    before = simulate_behavior(weeks=8, usual_weeks=5, unusual_per_month=6, random_state=0)
    train = before[before["timestamp"] < events["timestamp"].min()].assign(consent=True)
    later = build_report(pipeline, events)
    mixed = build_report(pipeline, pd.concat([train.tail(50), events]))
    assert (later.data["n_trained_on"], mixed.data["n_trained_on"]) == (0, 50)
    for made in (render_report, model_card):
        assert f"trained on none of the {len(events):,} rows" in made(later)
        assert f"trained on 50 of the {len(events) + 50:,} rows" in made(mixed)
    assert 'class="warning"' in render_report(mixed)
    assert 'class="warning"' not in render_report(later)


def test_a_baseline_is_not_reported_on_other_homes(home):
    pipeline, events = home
    with pytest.raises(ValueError, match="Got some of 'elsewhere' as well"):
        build_report(pipeline, events.assign(home_id="elsewhere"))
    with pytest.raises(InvalidEventError, match="Missing: home_id"):
        build_report(pipeline, events.drop(columns="home_id"))


def test_a_detector_of_several_homes_is_reported():
    log = simulate_behavior(2, weeks=1, random_state=0).assign(consent=True)
    pipeline = make_behavior_pipeline(n_estimators=5, random_state=0)
    pipeline[0].one_home = False
    with pytest.warns(TrainingDataWarning):
        assert build_report(pipeline.fit(log), log).n_homes == 2


def test_labels_of_other_words_are_reported(events):
    rows, _ = training_rows(simulate_deliveries(800, random_state=0))
    model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"] == "delivery")
    known = events["label"].map({"delivery": True, "no_delivery": False})
    report = build_report(model, events.assign(label=known))
    assert [curve.label for curve in report.roc] == ["False", "True"]
    assert report.alarming is None
    check_page(render_report(report))


def test_every_curve_is_drawn_and_told_from_the_others():
    curves = [Curve(f"label {i}", 10, 0.5, [0.0, 1.0], [0.0, 1.0]) for i in range(8)]
    looks = set()

    def draw(axes):
        _figures.roc(axes, curves)
        looks.update((line.get_color(), line.get_linestyle()) for line in axes.lines[:8])

    page = svg(draw, "curves", "roc", height=_figures.height_for(8))
    assert len(looks) == 8
    assert all(f"label {i}: 0.500" in page for i in range(8))


def test_errors_name_the_remedy(model, events):
    with pytest.raises(ValueError, match="must be a pipeline"):
        build_report(model[-1], events)
    with pytest.raises(ValueError, match="Label some"):
        build_report(model, events.drop(columns="label"))
    with pytest.raises(ValueError, match="must be a table of events, or chains"):
        build_report(model, [1, 2])
    with pytest.raises(ValueError, match="'pipeline' parameter must end with a model of"):
        build_report(make_pipeline(model[0], LogisticRegression()), events)
    with pytest.raises(ValueError, match=r"labels must be of .* Got 'parcel'"):
        build_report(model, events.replace({"label": {"delivery": "parcel"}}))


@pytest.mark.skipif(BROWSER is None, reason="No chromium or chrome is on the PATH.")
def test_a_browser_shows_it_on_a_phone_and_on_a_desk(home, report, tmp_path):
    chains, _ = training_events(simulate_chains(400, random_state=0))
    alarms = make_chain_pipeline(epochs=3, random_state=0).fit(chains, chains["label"])
    alarms[-1].set_thresholds(dict.fromkeys(set(alarms.classes_) - {"no_pattern"}, 0.5))
    pages = {
        "report": render_report(report),
        "home": render_report(build_report(*home)),
        "chains": render_report(build_report(alarms, simulate_chains(300, random_state=1))),
    }
    for name, page in pages.items():
        # What is folded must fit too.
        opened = page.replace("<details>", "<details open>")
        (tmp_path / f"{name}.html").write_text(opened, encoding="utf-8")
    papers = []
    for name, width, dark in (
        ("report", 390, False),
        ("report", 1280, True),
        ("home", 390, True),
        ("chains", 390, False),
    ):
        found = look(tmp_path / f"{name}.html", tmp_path, width=width, dark=dark)
        assert found["console"] == []
        assert (found["viewport"], found["width"]) == (width, width)
        assert found["sticking_out"] == found["scrolling"] == []
        assert found["pictures"] >= 1
        assert found["without_alt"] == found["scripts"] == 0
        assert found["headings"][-1] == "Data and versions"
        papers.append(found["paper"])
    light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
    assert papers == [light, dark, dark, light]
    picture = tmp_path / "report.png"
    photograph(tmp_path / "report.html", picture, tmp_path, width=390, height=1500)
    pixels = matplotlib.image.imread(picture)[:, :390, :3]
    assert pixels.shape[0] == 1500
    # It is neither blank nor a page of one colour.
    assert 0.5 < np.mean(pixels.mean(axis=2) > 0.9) < 0.98
