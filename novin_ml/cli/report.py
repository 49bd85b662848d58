"""report: a page to decide from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import in_options, reporting


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
            found = build_report(pipeline, table, certificate=certificate)
        with output.step(f"writing {out}"):
            write_text(render_report(found), out)
        output.document |= {"page": out, "report": found.to_document()}
        output.line(f"report: {out}")
        if card is not None:
            write_text(model_card(found), card)
            output.add("card", card)
            output.line(f"model card: {card}")
