"""import: the history that another program keeps becomes events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.vocabulary import VocabularyOption, chosen_vocabulary, name_of_vocabulary
from novin_ml.events.doors.registry import DOORS, Door

if TYPE_CHECKING:
    import pandas as pd

    from novin_ml.events.doors import DoorReport

PathArgument = Annotated[
    str, typer.Argument(help="File or folder to read, or URL of a database.", metavar="PATH")
]
HomeOption = Annotated[str, typer.Option("--home", help="Id of the home, of your choice.")]
ConsentOption = Annotated[
    bool, typer.Option(help="The home lets its events be trained on; without it they say so.")
]
ZoneOption = Annotated[
    str | None,
    typer.Option("--timezone", help="IANA time zone of the home; default that of the files."),
]
MappingOption = Annotated[
    Path | None, typer.Option(help="TOML file of what the sensors are: kind, zone, hold time.")
]
WriteMappingOption = Annotated[
    Path | None, typer.Option(help="TOML file to write: what was guessed, and what was not.")
]
LongestOption = Annotated[
    float | None, typer.Option(help="Longest duration of a motion, in seconds; default none.")
]


def import_door(door: Door) -> Callable[..., None]:
    """Return the command that reads by one door."""

    def command(
        path: PathArgument,
        home: HomeOption,
        out: Annotated[Path, typer.Option(help="File to write: .jsonl, .csv or .parquet.")],
        consent: ConsentOption = False,
        timezone: ZoneOption = None,
        mapping: MappingOption = None,
        write_mapping: WriteMappingOption = None,
        max_duration: LongestOption = None,
        vocabulary: VocabularyOption = None,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        with reporting(json, quiet) as output:
            options = {"home_id": home, "consent": consent, "timezone": timezone}
            if max_duration is not None:
                options["max_duration"] = max_duration
            events, report = read_by_door(door, path, output, mapping=mapping, **options)
            write_results(events, report, output, out=out, write_mapping=write_mapping)

    command.__doc__ = f"Read {door.title}."
    return command


def read_by_door(
    door: Door, path: str, output: Output, *, mapping: Path | None, **options: Any
) -> tuple[pd.DataFrame, DoorReport]:
    """Read by a door with the vocabulary and the mapping of the options."""
    from novin_ml.cli.vocabulary import without_warning
    from novin_ml.events.doors import DoorMapping

    known = None if mapping is None else DoorMapping.from_toml(mapping)
    with output.step(f"reading {door.title}"), without_warning():
        return door.read(path, mapping=known, vocabulary=chosen_vocabulary(), **options)


def write_results(
    events: pd.DataFrame,
    report: DoorReport,
    output: Output,
    *,
    out: Path,
    write_mapping: Path | None,
) -> None:
    """Write the events and the mapping, and print what was read and what was not."""
    from novin_ml.cli.show.doors import show_door
    from novin_ml.events import write_events
    from novin_ml.events.doors import DoorMapping
    from novin_ml.events.doors.events import door_vocabulary

    show_door(report, output)
    if write_mapping is not None:
        DoorMapping.write_guessed(report, door_vocabulary(chosen_vocabulary()), write_mapping)
        output.add("mapping", write_mapping)
        output.line(f"wrote {write_mapping}: correct it, and pass it as --mapping")
    write_events(events, out)
    output.add("out", out)
    named = name_of_vocabulary() or "home"
    output.line(f"wrote {out}: read it with --vocabulary {named}")


#: One command a door.
IMPORTS: dict[str, Callable[..., None]] = {name: import_door(door) for name, door in DOORS.items()}
