"""A version of a registry in MLflow: a run with its metrics, and a registered model."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from novin_ml.exceptions import RegistryError
from novin_ml.lifecycle.registry.contents import content_faults
from novin_ml.lifecycle.registry.records import Version
from novin_ml.optional import import_optional

#: The tag that says which files a version of MLflow has.
_SEAL = "novin_ml.sha256"
#: The alias of the version that is served.
SERVED = "served"
_FOLDER = "version"
_MOST_AT_ONCE = 100
_MOST_TEXT = 500


@dataclass(frozen=True)
class MlflowVersion:
    """A version that was exported to MLflow.

    Attributes
    ----------
    name : str
        Name of the registered model.
    number : int
        Its number in MLflow.
    run_id : str
        The run with its metrics and files.
    store : str
        Where the store is, as MLflow takes it.
    is_new : bool
        False if MLflow had the same files already.
    """

    name: str
    number: int
    run_id: str
    store: str
    is_new: bool

    @property
    def uri(self) -> str:
        """The name under which MLflow loads its files."""
        return f"models:/{self.name}/{self.number}"


def export_to_mlflow(
    version: Version, store: str | os.PathLike[str], *, served: bool = False
) -> MlflowVersion:
    """Register a version in MLflow's store, with its metrics and files.

    Its numbers become metrics, versions of libraries and settings become parameters, who, when,
    parent and hash become tags. The same files are registered once.

    Parameters
    ----------
    version : Version
        A version of a registry, which must be as it was added.
    store : str or path-like
        A SQLite file, created if it is new; the files of the models go to a folder ``mlartifacts``
        beside it. Or the address of a tracking server, such as ``http://127.0.0.1:5000``.
    served : bool, default=False
        Whether the version is the served one: MLflow's alias ``served`` then names it.

    Returns
    -------
    exported : MlflowVersion
        The version in MLflow.

    Raises
    ------
    ExtraNotInstalledError
        If mlflow is not installed: it is the extra ``mlflow``.
    RegistryError
        If a file of the version is not as it was added, or MLflow cannot use the store.

    See Also
    --------
    Registry : Keeps the versions.

    Notes
    -----
    MLflow's usage tracking is turned off, unless ``MLFLOW_DISABLE_TELEMETRY`` says otherwise. The
    files are those of the version: load a model from them with `load_estimator`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import Registry, export_to_mlflow
    >>> release = Path(tempfile.mkdtemp())
    >>> _ = (release / "card.md").write_text("A model.")
    >>> registry = Registry(tempfile.mkdtemp() + "/registry")
    >>> version = registry.add("delivery", release, facts={"accuracy": 0.96})
    >>> exported = export_to_mlflow(version, "mlflow.db")  # doctest: +SKIP
    >>> exported.uri  # doctest: +SKIP
    'models:/delivery/1'
    """
    for fault in content_faults(version.folder, version.files):
        raise RegistryError(
            f"Version {version.number} of {version.name} must be as it was added. {fault} "
            "Export another version, or restore it from a copy."
        )
    mlflow, sqlalchemy = _modules()
    where = _address(store)
    try:
        client = mlflow.MlflowClient(tracking_uri=where, registry_uri=where)
        known = _registered(client, version)
        if known is None:
            run_id = _run(mlflow, client, version, where)
            made = _register(mlflow, client, version, run_id)
            found = MlflowVersion(version.name, int(made.version), run_id, where, True)
        else:
            found = MlflowVersion(version.name, int(known.version), known.run_id, where, False)
        if served:
            client.set_registered_model_alias(version.name, SERVED, str(found.number))
    except (mlflow.exceptions.MlflowException, sqlalchemy.exc.SQLAlchemyError) as error:
        said = str(error).strip().splitlines()[0]
        raise RegistryError(
            f"The 'store' parameter must be a SQLite file or a server that MLflow can use. Got "
            f"{str(store)!r}: {said[:_MOST_TEXT]} Name another one."
        ) from None
    return found


def _modules() -> tuple[ModuleType, ModuleType]:
    # Nothing is sent anywhere but to the store.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # The SQLite store needs it, and mlflow-skinny comes without.
    sqlalchemy = import_optional("sqlalchemy", extra="mlflow", purpose="MLflow's SQLite store")
    return import_optional("mlflow", extra="mlflow", purpose="An export to MLflow"), sqlalchemy


def _address(store: str | os.PathLike[str]) -> str:
    text = os.fspath(store)
    return text if "://" in text else f"sqlite:///{os.path.abspath(text)}"


def _registered(client: Any, version: Version) -> Any:
    """Return the version of MLflow that has the same files, or None."""
    for each in client.search_model_versions(f"name='{version.name}'"):
        if each.tags.get(_SEAL) == version.sha256:
            return each
    return None


def _run(mlflow: ModuleType, client: Any, version: Version, where: str) -> str:
    """Make the run of a version, and return its id."""
    experiment = client.get_experiment_by_name(version.name)
    if experiment is None:
        place = None
        if where.startswith("sqlite:///"):
            beside = Path(where.removeprefix("sqlite:///")).parent
            place = (beside / "mlartifacts" / version.name).as_uri()
        experiment_id = client.create_experiment(version.name, artifact_location=place)
    else:
        experiment_id = experiment.experiment_id
    began = int(datetime.fromisoformat(version.created).timestamp() * 1000)
    run = client.create_run(
        experiment_id,
        start_time=began,
        run_name=f"{version.name} {version.number}",
        tags={
            _SEAL: version.sha256,
            "novin_ml.version": str(version.number),
            "novin_ml.parent": "none" if version.parent is None else str(version.parent),
            "novin_ml.by": version.by,
            "novin_ml.created": version.created,
        },
    )
    run_id: str = run.info.run_id
    metrics, params = _entries(version.facts)
    entities = mlflow.entities
    numbers = [entities.Metric(key, value, began, 0) for key, value in metrics.items()]
    texts = [entities.Param(key, value) for key, value in params.items()]
    for start in range(0, max(len(numbers), len(texts)), _MOST_AT_ONCE):
        part = slice(start, start + _MOST_AT_ONCE)
        client.log_batch(run_id, metrics=numbers[part], params=texts[part])
    client.log_artifacts(run_id, str(version.folder), _FOLDER)
    client.set_terminated(run_id, "FINISHED", end_time=began)
    return run_id


def _register(mlflow: ModuleType, client: Any, version: Version, run_id: str) -> Any:
    try:
        client.create_registered_model(version.name, tags={"novin_ml": "registry"})
    except mlflow.exceptions.MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    return client.create_model_version(
        version.name,
        source=client.get_run(run_id).info.artifact_uri + f"/{_FOLDER}",
        run_id=run_id,
        tags={_SEAL: version.sha256, "novin_ml.version": str(version.number)},
    )


def _entries(facts: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """Return the numbers of facts, and their short texts, by their paths."""
    metrics: dict[str, float] = {}
    params: dict[str, str] = {}
    for path, value in _flat(facts, ""):
        key = "".join(sign if sign.isalnum() or sign in "_-. /" else "_" for sign in path)
        if isinstance(value, (bool, str)):
            if 0 < len(str(value)) <= _MOST_TEXT:
                params[key] = str(value)
        elif isinstance(value, (int, float)) and math.isfinite(value):
            metrics[key] = float(value)
    return metrics, params


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
