"""Versions of a registry in MLflow's own SQLite store, by the real library."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.exceptions import RegistryError
from novin_ml.features import training_rows
from novin_ml.lifecycle import Registry, export_to_mlflow, load_estimator, save_estimator
from novin_ml.simulation import simulate_deliveries

pytest.importorskip("sqlalchemy", reason="MLflow's SQLite store is the extra mlflow.")
mlflow = pytest.importorskip("mlflow", reason="An export to MLflow is the extra mlflow.")

#: Of MLflow and SQLAlchemy among themselves.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FACTS = {
    "models": {
        "door": {
            "metrics": {
                "accuracy": {"share": 0.9, "low": 0.85, "high": 0.94, "n_rows": 300},
                "recall": {"no delivery": {"low": 0.8}},
                "alarming": None,
            },
            "thresholds": {"delivery": 0.75},
        }
    },
    "versions": {"numpy": "2.4.6"},
    "gates": [{"gate": "accuracy"}],
    "novin_toml": "[data]\n" * 200,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A registry of two models that load, the first of which is served."""
    folder = tmp_path_factory.mktemp("mlflow")
    rows, _ = training_rows(simulate_deliveries(200, n_homes=6, random_state=0))
    registry = Registry(folder / "registry")
    for epochs in (1, 2):
        model = make_delivery_pipeline(algorithm="mlp", epochs=epochs, random_state=0)
        save_estimator(model.fit(rows, rows["label"]), folder / f"release{epochs}" / "door")
        registry.add("door", folder / f"release{epochs}", facts=FACTS | {"epochs": epochs})
    registry.promote("door", 1)
    return registry


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store that is made once: its tables take seconds."""
    return tmp_path_factory.mktemp("store") / "mlflow.db"


def test_a_version_is_registered_with_its_metrics_and_files(kept, store, tmp_path):
    version = kept.version("door", 2)
    exported = export_to_mlflow(version, store)
    assert exported.is_new
    assert exported.uri == f"models:/door/{exported.number}"
    client = mlflow.MlflowClient(tracking_uri=exported.store, registry_uri=exported.store)
    registered = client.get_model_version("door", str(exported.number))
    assert registered.tags["novin_ml.sha256"] == version.sha256
    run = client.get_run(registered.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.tags["novin_ml.by"] == version.by
    place = "models.door.metrics"
    assert run.data.metrics[f"{place}.accuracy.low"] == 0.85
    assert run.data.metrics[f"{place}.recall.no delivery.low"] == 0.8
    assert run.data.metrics["epochs"] == 2
    assert run.data.params == {"versions.numpy": "2.4.6"}
    # What MLflow gives back is what the registry has.
    mlflow.set_tracking_uri(exported.store)
    got = mlflow.artifacts.download_artifacts(exported.uri, dst_path=str(tmp_path))
    found = {name: (tmp_path / name).read_bytes() for name in version.files}
    assert found == {name: version.path(name).read_bytes() for name in version.files}
    events = simulate_deliveries(50, n_homes=3, random_state=1)
    rows, _ = training_rows(events)
    ours, theirs = load_estimator(version.path("door")), load_estimator(f"{got}/door")
    assert (ours.predict_proba(rows) == theirs.predict_proba(rows)).all()


def test_the_same_files_are_registered_once_and_the_served_version_has_an_alias(
    kept, store, tmp_path
):
    first = export_to_mlflow(kept.version("door", 1), store, served=True)
    again = export_to_mlflow(kept.version("door", 1), store)
    assert (again.number, again.run_id, again.is_new) == (first.number, first.run_id, False)
    client = mlflow.MlflowClient(tracking_uri=first.store, registry_uri=first.store)
    assert int(client.get_model_version_by_alias("door", "served").version) == first.number
    mlflow.set_tracking_uri(first.store)
    got = mlflow.artifacts.download_artifacts("models:/door@served", dst_path=str(tmp_path))
    assert load_estimator(f"{got}/door").steps[-1][0] == "classifier"


def test_the_command_exports_the_served_version(kept, store):
    arguments = ["registry", "mlflow", str(kept.folder), "door", "--store", str(store), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["registry_version"] == 1
    assert document["mlflow"]["name"] == "door"
    done = CliRunner().invoke(app, [*arguments[:-1], "--version", "2"])
    assert done.exit_code == 0, done.output
    assert f"of door in sqlite:///{store}" in done.stdout


def test_what_cannot_be_exported_is_one_sentence(kept, tmp_path):
    version = kept.version("door", 2)
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    with pytest.raises(RegistryError, match=r"must be a SQLite file or a server.*text\.db"):
        export_to_mlflow(version, tmp_path / "text.db")
    place = version.path("door/manifest.json")
    content = place.read_bytes()
    place.write_bytes(content[:-1])
    with pytest.raises(RegistryError, match=r"must be as it was added\..*manifest\.json"):
        export_to_mlflow(version, tmp_path / "new.db")
    place.write_bytes(content)
    assert not (tmp_path / "new.db").exists()
