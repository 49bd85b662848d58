"""report: a page to decide from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, in_options, reporting

if TYPE_CHECKING:
    from novin_ml.estimators.families import Family
    from novin_ml.lifecycle import DriftReport


def report_command(
    estimator: opt.EstimatorArgument,
    data: Annotated[
        Path, typer.Option(help="Labelled events or chains that the model was not trained on.")
    ],
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("report.html"),
    card: Annotated[Path | None, typer.Option(help="Model card to write, Markdown.")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Certificate of the exported model. Default: DIR.certificate.json, if it exists."
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(help="Events that it was trained on: what drifted since is in the report."),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(help="What `novin-tool benchmark --json` printed on a device."),
    ] = None,
    home: opt.HomeOption = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    refuse_training_data: opt.RefuseOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a report page that compares a model with the hand-written rules."""
    from novin_ml.cli.reading import load, read, require_other
    from novin_ml.cli.show.report import show_report
    from novin_ml.cli.training_data import check_training_data
    from novin_ml.estimators.home_models import family_in_use
    from novin_ml.evaluation import build_report, model_card, render_report
    from novin_ml.files import write_text
    from novin_ml.lifecycle import certificate_beside, events_of_home, is_fleet

    with reporting(json, quiet) as output:
        require_other(out, data)
        if card is not None:
            require_other(card, data, out, option="--card")
        pipeline = load(estimator, home, monitors=True)
        family = family_in_use(pipeline)
        table = read(family.rows, data, output, timezone=timezone, strict=strict, rejects=rejects)
        if family.is_detector:
            with in_options("Name its home with --home."):
                table = events_of_home(pipeline, table, home)
        elif home is not None:
            raise ValueError("--home must come with a baseline. Got a classifier. Leave it out.")
        check_training_data(pipeline, table, output, refuse=refuse_training_data)
        with output.step("measuring"):
            if certificate is None and not is_fleet(estimator):
                beside = certificate_beside(estimator, pipeline)
                certificate = beside.path
                if beside.fault:
                    output.line(beside.fault)
            drift = None
            if reference is not None:
                drift = _drift(pipeline, family, reference, table, output, timezone, strict)
            found = build_report(
                pipeline, table, certificate=certificate, drift=drift, device_times=times
            )
        with output.step(f"writing {out}"):
            write_text(render_report(found), out)
        output.document |= {"page": out, "report": found.to_document()}
        show_report(found, output)
        output.line(f"report: {out}")
        if card is not None:
            write_text(model_card(found), card)
            output.add("card", card)
            output.line(f"model card: {card}")


def _drift(
    pipeline: Any,
    family: Family,
    reference: Path,
    table: Any,
    output: Output,
    timezone: str,
    strict: bool,
) -> DriftReport:
    """Return what differs between the events of the training and those of the report."""
    from novin_ml.cli.reading import read
    from novin_ml.estimators.row_kinds import EVENT_ROWS
    from novin_ml.lifecycle import measure_drift

    if family.rows.name != EVENT_ROWS.name:
        raise ValueError(
            f"--reference must come with a model of single events. Got one of {family.rows.name}. "
            "Compare their events with novin-ml drift."
        )
    tested = output.document.pop("events")
    before = read(EVENT_ROWS, reference, output, timezone=timezone, strict=strict, rejects=None)
    output.document |= {"reference": output.document.pop("events"), "events": tested}
    # Models of one home have no answers that homes can be compared by.
    return measure_drift(before, table, model=None if family.is_detector else pipeline)
