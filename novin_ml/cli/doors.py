"""import: the history that another program keeps becomes events."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.vocabulary import VocabularyOption, chosen_vocabulary
from novin_ml.cli.warned import telling
from novin_ml.events.doors.registry import DOORS, Door
from novin_ml.exceptions import DoorWarning

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
ConfigOption = Annotated[
    Path | None,
    typer.Option(help="Folder that has .storage, if it is not beside the database.", metavar="DIR"),
]
WeakOption = Annotated[
    Path | None,
    typer.Option(help="CSV file to write: hints at deliveries, not confirmed."),
]


def import_door(door: Door | None) -> Callable[..., None]:
    """Return the command that reads by one door, or by the one that recognises the file."""

    def command(
        path: PathArgument,
        home: HomeOption,
        out: Annotated[Path, typer.Option(help="File to write: .jsonl, .csv or .parquet.")],
        consent: ConsentOption = False,
        timezone: ZoneOption = None,
        mapping: MappingOption = None,
        write_mapping: WriteMappingOption = None,
        max_duration: LongestOption = None,
        config: ConfigOption = None,
        weak_labels: WeakOption = None,
        vocabulary: VocabularyOption = None,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        from novin_ml.cli.door_outputs import (
            write_mapping_file,
            write_read_events,
            write_weak_labels,
        )
        from novin_ml.cli.reading import require_other
        from novin_ml.cli.show.doors import show_door

        with reporting(json, quiet) as output:
            given = [Path(path), *([] if mapping is None else [mapping])]
            for option, target in (
                ("--out", out), ("--write-mapping", write_mapping), ("--weak-labels", weak_labels),
            ):  # fmt: skip
                if target is not None:
                    require_other(target, *given, option=option)
            options = {"home_id": home, "consent": consent, "timezone": timezone}
            if max_duration is not None:
                options["max_duration"] = max_duration
            chosen = door or _recognised(path, output)
            if config is not None:
                options |= _registries(chosen, config)
            events, report = read_by_door(chosen, path, output, mapping=mapping, **options)
            show_door(report, output)
            if write_mapping is not None:
                write_mapping_file(report, output, write_mapping)
            write_read_events(events, report, output, out)
            if weak_labels is not None:
                write_weak_labels(report, output, weak_labels)

    if door is None:
        command.__doc__ = "Read a file of any of these, recognised by what is in it."
        return command
    command.__doc__ = f"Read {door.title}."
    absent = {"weak_labels": not door.has_weak_labels, "config": not door.has_registries}
    signature = inspect.signature(command)
    kept = [each for name, each in signature.parameters.items() if not absent.get(name)]
    command.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return command


def _registries(door: Door, config: Path) -> dict[str, Path]:
    """Return the option of a door with registries; refuse it for another."""
    if not door.has_registries:
        raise ValueError(
            f"--config must come with home-assistant. Got it with {door.name}. Leave it out."
        )
    return {"config": config}


def _recognised(path: str, output: Output) -> Door:
    """Return the door of a file, and print by what it is recognised."""
    from novin_ml.events.doors import recognise

    door, found = recognise(path)
    output.add("recognised_by", found)
    output.line(f"recognised {door.name} by {found}")
    return door


def read_by_door(
    door: Door, path: str, output: Output, *, mapping: Path | None, **options: Any
) -> tuple[pd.DataFrame, DoorReport]:
    """Read by a door with the vocabulary and the mapping of the options."""
    from novin_ml.cli.vocabulary import without_warning
    from novin_ml.events.doors import DoorMapping

    known = None if mapping is None else DoorMapping.from_toml(mapping)
    with output.step(f"reading {door.title}"), without_warning(), telling(DoorWarning, output):
        return door.read(path, mapping=known, vocabulary=chosen_vocabulary(), **options)


#: One command a door, and one that finds the door.
IMPORTS: dict[str, Callable[..., None]] = {
    "auto": import_door(None),
    **{name: import_door(door) for name, door in DOORS.items()},
}
