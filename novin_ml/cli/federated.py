"""federated simulate: homes of a file improve one model, beside what it is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import ClassifierName, Engine, Method, Shared
from novin_ml.cli.output import reporting

SharedOption = Annotated[Shared, typer.Option(help="A network, or trees of the homes' histograms.")]
RoundsOption = Annotated[
    int | None, typer.Option(help="Rounds at most; default 60, of trees 40.", min=1)
]
ShareOption = Annotated[
    float, typer.Option(help="Share of the homes that are asked in a round.", min=0, max=1)
]
LocalEpochsOption = Annotated[
    int, typer.Option(help="Passes of a home over its rows in a round.", min=1)
]
ProximalOption = Annotated[
    float, typer.Option(help="Weight of the distance from the global weights.", min=0)
]
MethodOption = Annotated[Method, typer.Option(help="How changes are averaged.")]
NormOption = Annotated[
    float | None,
    typer.Option(help="Largest norm of a change that counts in full; default twice the median."),
]
ExamplesOption = Annotated[
    int, typer.Option(help="Most rows of a home that count.", min=1, max=1_000_000)
]


def simulate_command(
    file: opt.RowsArgument,
    out: Annotated[Path, typer.Option(help="Folder to write the estimator to.")],
    family: Annotated[ClassifierName, typer.Option(help="Kind of model.")] = ClassifierName.MOTION,
    algorithm: SharedOption = Shared.MLP,
    rounds: RoundsOption = None,
    share: ShareOption = 1.0,
    local_epochs: LocalEpochsOption = 3,
    proximal: ProximalOption = 0.0,
    method: MethodOption = Method.MEAN,
    max_norm: NormOption = None,
    max_examples: ExamplesOption = 10_000,
    dead: Annotated[float, typer.Option(help="Share of the answers that never come.")] = 0.0,
    nan: Annotated[float, typer.Option(help="Share of the answers that have NaN.")] = 0.0,
    poisoned: Annotated[float, typer.Option(help="Share of the answers that do harm.")] = 0.0,
    engine: Annotated[
        Engine, typer.Option(help="What runs the rounds: this process, or flwr's simulation.")
    ] = Engine.HERE,
    flower: Annotated[
        Path | None,
        typer.Option(help="Folder for the Flower app, its logs and its state; default temporary."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="SVG or PNG file to write: accuracy over rounds.")
    ] = None,
    test_fraction: Annotated[
        float, typer.Option(help="Share of homes to test on.", min=0.01, max=0.9)
    ] = 0.2,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Train by a federation of the homes of a file, beside central training and homes alone."""
    from novin_ml.cli.reading import read, rejects_beside
    from novin_ml.cli.show.federated import show_trial
    from novin_ml.cli.show.federation_engines import counting_rounds, engine_named, of_networks
    from novin_ml.estimators.families import FAMILIES
    from novin_ml.federated import (
        AggregationSettings,
        BoostingSettings,
        FederationSettings,
        LocalTraining,
        try_boosting,
        try_federation,
        write_curve,
    )
    from novin_ml.lifecycle import save_estimator
    from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
    from novin_ml.store import require_free

    with reporting(json, quiet) as output:
        require_free(out, ESTIMATOR_KIND)
        rows = FAMILIES[family].rows_in(file)
        rejects = rejects_beside(out)
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        faults = {"dead": dead, "nan": nan, "poisoned": poisoned}
        trees = algorithm is Shared.BOOSTING
        own: dict[str, Any] = {"test_fraction": test_fraction, "random_state": seed}
        own["engine"] = engine_named(engine, flower, output, trees=trees)
        if trees:
            of_networks(
                share=(share, 1.0),
                local_epochs=(local_epochs, 3),
                proximal=(proximal, 0.0),
                method=(method, Method.MEAN),
                max_norm=(max_norm, None),
                **{name: (part, 0.0) for name, part in faults.items()},
            )
            grow = BoostingSettings(rounds or 40, max_examples=max_examples)
            with output.step("growing trees"):
                trial = try_boosting(FAMILIES[family], table, grow, **own)
        else:
            settings = FederationSettings(
                rounds=rounds or 60,
                share=share,
                local=LocalTraining(epochs=local_epochs, proximal=proximal),
                aggregation=AggregationSettings(str(method), max_norm, max_examples),
            )
            own["faults"] = {name: part for name, part in faults.items() if part}
            with counting_rounds(settings.rounds, output) as on_round:
                trial = try_federation(FAMILIES[family], table, settings, on_round=on_round, **own)
        save_estimator(trial.pipeline, out)
        show_trial(trial, out, output)
        if plot is not None:
            write_curve(trial, plot)
            output.line(f"wrote {plot}")
