"""split: files to train on, to choose thresholds on and to test on, without shared homes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.every_command import text_format
from novin_ml.cli.output import in_options, reporting


def split_command(
    file: opt.RowsArgument,
    train: Annotated[Path, typer.Option(help="File to write: homes to train on.")],
    test: Annotated[Path, typer.Option(help="File to write: homes to test on.")],
    tune: Annotated[
        Path | None, typer.Option(help="File to write: homes to choose thresholds on.")
    ] = None,
    test_fraction: Annotated[float, typer.Option(help="Share of homes to test on.")] = 0.2,
    tune_fraction: Annotated[float, typer.Option(help="Share of homes in --tune.")] = 0.2,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Divide a file by home, so that training and test share no home."""
    from novin_ml.cli.reading import read, require_other
    from novin_ml.estimators.row_kinds import CHAIN_ROWS, EVENT_ROWS
    from novin_ml.events import holds_chains
    from novin_ml.events.files.sources import opened
    from novin_ml.files import require_writable
    from novin_ml.lifecycle import divide_by_home

    with reporting(json, quiet) as output:
        paths = {"train": train, "test": test} | ({} if tune is None else {"tune": tune})
        before = [file]
        for name, path in paths.items():
            require_other(path, *before, option=f"--{name}")
            before.append(path)
            require_writable(path)
        options: Any = {"timezone": timezone, "strict": strict, "rejects": rejects}
        rows = EVENT_ROWS
        if file.is_dir():
            table = read(rows, file, output, **options)
        else:
            with opened(file, text_format()["encoding"]) as source:
                rows = CHAIN_ROWS if holds_chains(source) else EVENT_ROWS
                table = read(rows, source, output, **options)
        with in_options("Pass a file of more homes."):
            parts = divide_by_home(
                table,
                test_fraction=test_fraction,
                tune_fraction=0.0 if tune is None else tune_fraction,
                random_state=seed,
            )
        found: dict[str, dict[str, Any]] = {}
        for name, part in parts.items():
            with output.step(f"writing {paths[name]}"):
                rows.write(part, paths[name])
            labels = part["label"].value_counts() if "label" in part.columns else {}
            found[name] = {
                "file": paths[name],
                rows.name: len(part),
                "homes": int(part["home_id"].nunique()),
                "labels": {str(label): int(count) for label, count in labels.items()},
            }
        output.add("parts", found)
        output.table(
            f"{len(table):,} {rows.name} divided by home",
            ["", "file", "homes", rows.name, "labelled"],
            [
                [
                    name,
                    str(part["file"]),
                    f"{part['homes']:,}",
                    f"{part[rows.name]:,}",
                    f"{sum(part['labels'].values()):,}",
                ]
                for name, part in found.items()
            ],
        )
