"""federated aggregate: a new model of the update files that phones sent."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.federated import ExamplesOption, MethodOption, NormOption
from novin_ml.cli.names import Method
from novin_ml.cli.output import reporting


def aggregate_command(
    folder: Annotated[
        Path, typer.Argument(help="Folder of update files that homes sent.", metavar="DIR")
    ],
    model: Annotated[
        Path, typer.Option(help="Estimator that the homes were given: a folder or a .novin file.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the new estimator to.")],
    coreml: Annotated[
        Path | None,
        typer.Option(help="File to write as well: its updatable Core ML model."),
    ] = None,
    method: MethodOption = Method.MEAN,
    max_norm: NormOption = None,
    max_examples: ExamplesOption = 10_000,
    min_updates: Annotated[int, typer.Option(help="Make no model of fewer updates.", min=1)] = 10,
    jobs: Annotated[
        int, typer.Option(help="Processes that check and add; the mean stays the same.", min=1)
    ] = 1,
    report: Annotated[
        Path | None, typer.Option(help="JSON file to write: counts, and refusals by name.")
    ] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Make a new model of update files; what is wrong with one is said, and the rest goes on."""
    from novin_ml.cli.show.exports import show_export
    from novin_ml.cli.show.federated import folder_document, show_folder_round
    from novin_ml.coreml import export_coreml
    from novin_ml.federated import AggregationSettings, aggregate_folder
    from novin_ml.files import replace_whole
    from novin_ml.lifecycle import load_estimator, save_estimator
    from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
    from novin_ml.plain import plain
    from novin_ml.store import require_free

    with reporting(json, quiet) as output:
        require_free(out, ESTIMATOR_KIND)
        settings = AggregationSettings(str(method), max_norm, max_examples)
        with output.step("checking and averaging"):
            result = aggregate_folder(
                folder, load_estimator(model), settings, min_updates=min_updates, n_jobs=jobs
            )
        save_estimator(result.model, out)
        show_folder_round(result, output)
        output.line(f"saved to {out}")
        if coreml is not None:
            with output.step("exporting and comparing"):
                show_export(export_coreml(result.model, coreml, updatable=True), output)
        if report is not None:
            with replace_whole(report) as new:
                new.write_text(dumps(plain(folder_document(result)), indent=2), encoding="utf-8")
            output.line(f"wrote {report}")
