"""home: what the log of a home says on the first evening."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.doors import MappingOption, PathArgument, WriteMappingOption, ZoneOption
from novin_ml.cli.output import reporting
from novin_ml.cli.vocabulary import VocabularyOption, chosen_vocabulary, without_warning
from novin_ml.cli.warned import telling
from novin_ml.exceptions import DoorWarning


def home_command(
    path: PathArgument,
    home: Annotated[str, typer.Option("--home", help="Name of the home.")] = "home",
    alarms_per_week: Annotated[
        float, typer.Option(help="Budget of alarms per week, above 0.", callback=opt.above_zero)
    ] = 1.0,
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Also find silences and sensors that stay on.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="HTML page to write; default none.", metavar="FILE.html")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="SVG file to write: the week of the home.")
    ] = None,
    timezone: ZoneOption = None,
    mapping: MappingOption = None,
    write_mapping: WriteMappingOption = None,
    vocabulary: VocabularyOption = None,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Learn the habits of your home tonight, and show what was unusual.

    Everything happens on this machine; neither the events nor the baseline are kept.
    """
    from novin_ml.cli.door_outputs import write_mapping_file
    from novin_ml.cli.show.evening import show_evening
    from novin_ml.evaluation.report.evening import evening_picture, write_evening
    from novin_ml.events.doors import DoorMapping
    from novin_ml.files import write_text
    from novin_ml.lifecycle import first_evening

    with reporting(json, quiet) as output:
        known = None if mapping is None else DoorMapping.from_toml(mapping)
        with output.step("learning habits"), without_warning(), telling(DoorWarning, output):
            found = first_evening(
                path,
                home_id=home,
                alarms_per_week=alarms_per_week,
                timezone=timezone,
                mapping=known,
                vocabulary=chosen_vocabulary(),
                monitor=monitor,
                random_state=seed,
            )
        show_evening(found, output)
        if write_mapping is not None:
            write_mapping_file(found.door, output, write_mapping)
        if plot is not None:
            write_text(evening_picture(found), plot)
            output.line(f"wrote {plot}")
        if out is not None:
            write_evening(found, out)
            output.line(f"wrote {out}")
        output.document |= {"plot": plot, "out": out}
