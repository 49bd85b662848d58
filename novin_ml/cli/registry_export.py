"""registry mlflow: a version in MLflow's store."""

from __future__ import annotations

from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.cli.registry import NameArgument, RegistryArgument


def mlflow_command(
    registry: RegistryArgument,
    name: NameArgument,
    store: Annotated[
        str, typer.Option(help="SQLite file of MLflow, created if new, or address of its server.")
    ],
    version: Annotated[
        str, typer.Option(help='Number of the version, "served" or "latest".')
    ] = "served",
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Register a version in MLflow, with its metrics and files."""
    import logging

    from novin_ml.lifecycle import Registry, export_to_mlflow

    with reporting(json, quiet) as output:
        for each in ("alembic", "mlflow"):
            logging.getLogger(each).setLevel(logging.WARNING)  # they tell of each table they make
        found = Registry(registry)
        chosen = found.version(name, int(version) if version.isdigit() else version)
        served = found.served(name)
        is_served = served is not None and served.number == chosen.number
        with output.step("writing to MLflow"):
            made = export_to_mlflow(chosen, store, served=is_served)
        output.document |= {"registry_version": chosen.number, "mlflow": made, "uri": made.uri}
        done = "is" if made.is_new else "was already"
        output.line(
            f"version {chosen.number} {done} version {made.number} of {made.name} in {made.store}"
        )
