"""Publishing from Python: a certified model with its report, card and page."""

import json
import shutil

import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.evaluation import build_report, model_card
from novin_ml.evaluation.report import with_certificate
from novin_ml.exceptions import NotExportableError, SavedModelError
from novin_ml.lifecycle import certificate_beside, publish, save_estimator, train, train_baseline
from novin_ml.simulation import simulate_behavior, simulate_deliveries


@pytest.fixture(scope="module")
def table():
    return simulate_deliveries(1000, random_state=0)


@pytest.fixture(scope="module")
def trained(table):
    return train("delivery", table, epochs=3)


def test_a_model_is_published_with_all_that_is_said_of_it(trained, tmp_path):
    path = tmp_path / "delivery.mlmodel"
    published = publish(trained.pipeline, trained.held_back, path, author="A. Tester")
    assert {each.name for each in tmp_path.iterdir()} == {
        "delivery.mlmodel",
        "delivery.certificate.json",
        "delivery.reference",
        "delivery.card.md",
        "delivery.html",
    }
    assert published.model == path
    assert published.certificate.passed
    assert verify_coreml(path).passed
    assert CoreMLRuntime(path).metadata["author"] == "A. Tester"
    assert published.report.certificate == json.loads(published.certificate.to_json())
    measured = build_report(trained.pipeline, trained.held_back)
    assert published.report == with_certificate(measured, published.certificate)
    assert published.card.read_text(encoding="utf-8") == model_card(published.report)
    assert published.page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_page_can_be_left_out(trained, tmp_path):
    published = publish(
        trained.pipeline, trained.held_back, tmp_path / "d.mlpackage", with_page=False
    )
    assert published.page is None
    assert published.card.exists()
    assert not list(tmp_path.glob("*.html"))


def test_a_baseline_is_published(tmp_path):
    events = simulate_behavior(1, weeks=5, random_state=2).assign(consent=True)
    last = events["timestamp"] > events["timestamp"].max() - 7 * 86_400
    trained = train_baseline(events[~last], random_state=0)
    published = publish(trained.pipeline, events[last], tmp_path / "home.mlmodel")
    assert published.certificate.passed
    assert published.report.n_rows == int(last.sum())
    assert "The baseline of a home" in published.page.read_text(encoding="utf-8")


def test_nothing_is_written_if_the_model_cannot_be_exported(table, tmp_path):
    trained = train("delivery", table, epochs=3)
    trained.pipeline[-1].set_params(max_bytes=1)
    with pytest.raises(NotExportableError):
        publish(trained.pipeline, trained.held_back, tmp_path / "d.mlmodel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model", "model.novin"])
def test_the_certificate_beside_an_estimator_is_found(trained, name, tmp_path):
    estimator = save_estimator(trained.pipeline, tmp_path / name)
    none = certificate_beside(estimator, trained.pipeline)
    assert (none.path, none.fault) == (None, "")
    export = export_coreml(trained.pipeline, tmp_path / "model.mlmodel")
    found = certificate_beside(estimator, trained.pipeline)
    assert (found.path, found.fault) == (export.certificate_file, "")


def test_the_certificate_of_another_training_is_left_out(table, trained, tmp_path):
    estimator = save_estimator(trained.pipeline, tmp_path / "model")
    export = export_coreml(trained.pipeline, tmp_path / "model.mlmodel")
    other = train("delivery", table, epochs=4)
    found = certificate_beside(estimator, other.pipeline)
    assert found.path is None
    assert "is not of this training" in found.fault
    # The reference was written anew; its certificate was not.
    later = export_coreml(other.pipeline, tmp_path / "later.mlmodel")
    shutil.rmtree(export.reference)
    shutil.copytree(later.reference, export.reference)
    found = certificate_beside(estimator, other.pipeline)
    assert found.path is None
    assert f"is not of {export.reference}" in found.fault
    export.certificate_file.write_text("{}")
    with pytest.raises(SavedModelError, match="must be one that export_coreml wrote"):
        certificate_beside(estimator, other.pipeline)
