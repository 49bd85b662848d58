"""report: the page that a person decides from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli._homes import events_of, is_fleet
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.reading import load, read, require_other, rows_of
from novin_ml.estimators import BehaviorAnomalyDetector
from novin_ml.evaluation import model_card
from novin_ml.evaluation.report import BaselineReport, Report, build_report, render_report
from novin_ml.evaluation.report._provenance import certificate_entry
from novin_ml.exceptions import SavedModelError
from novin_ml.files import write_text


def report_command(
    estimator: opt.EstimatorArgument,
    data: Annotated[
        Path, typer.Option(help="Labelled events or chains that it was not trained on.")
    ],
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("report.html"),
    card: Annotated[Path | None, typer.Option(help="Model card to write, Markdown.")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(help="Of the exported model. Default: DIR.certificate.json, if it is there."),
    ] = None,
    home: opt.HomeOption = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a page about a model, beside the hand-written rules: what a person decides from."""
    with reporting(json, quiet) as output:
        require_other(out, data)
        if card is not None:
            require_other(card, data, out, option="--card")
        pipeline = load(estimator, home)
        rows = rows_of(pipeline, estimator)
        table = read(rows, data, output, timezone=timezone, strict=strict, rejects=rejects)
        if isinstance(pipeline[-1], BehaviorAnomalyDetector):
            table = events_of(pipeline, table, home, "Name its home with --home.")
        elif home is not None:
            raise ValueError("--home must come with a baseline. Got a classifier. Leave it out.")
        with output.step("measuring"):
            if certificate is None and not is_fleet(estimator):
                certificate = certificate_beside(estimator, pipeline, output)
            found = build_report(pipeline, table, certificate=certificate)
        show_report(found, out, card, output)


def certificate_beside(estimator: Path, pipeline: Any, output: Output) -> Path | None:
    """Return the certificate of a model that was exported beside its estimator, if any.

    One of another training is left out: its reference has another learner.
    """
    from novin_ml.coreml.subject import REFERENCE_KIND
    from novin_ml.store import folder_hash, read_folder

    path = estimator.resolve()
    path = path.with_name(path.name.removesuffix(".novin") + ".certificate.json")
    if not path.is_file():
        return None
    reference = path.with_name(path.name.removesuffix(".certificate.json") + ".reference")
    certificate, _ = certificate_entry(path)
    try:
        files = read_folder(reference, REFERENCE_KIND)
    except SavedModelError:
        files = {}
    learner = pipeline[-1].learner_.to_files()
    is_same = {name: files.get(name) for name in learner} == learner
    if not is_same or certificate is None:
        output.line(f"{path} is not of this training: left out; export the estimator again")
        return None
    if certificate.get("reference_sha256") != folder_hash(reference):
        output.line(f"{path} is not of {reference}: left out; export the estimator again")
        return None
    return path


def show_report(
    report: Report | BaselineReport, out: Path, card: Path | None, output: Output
) -> None:
    """Write the page and the card of a report, and say where they lie."""
    with output.step(f"writing {out}"):
        write_text(render_report(report), out)
    output.document |= {"page": out, "report": report.to_document()}
    output.line(f"report: {out}")
    if card is not None:
        write_text(model_card(report), card)
        output.add("card", card)
        output.line(f"model card: {card}")
