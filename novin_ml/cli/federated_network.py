"""federated server, client: a federation over a network, by flwr's programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.federated import (
    ExamplesOption,
    LocalEpochsOption,
    MethodOption,
    NormOption,
    ProximalOption,
    RoundsOption,
    SharedOption,
    ShareOption,
)
from novin_ml.cli.names import ClassifierName, Method, Shared
from novin_ml.cli.output import reporting

AuthorityOption = Annotated[
    Path, typer.Option(help="PEM file of who signed the server's certificate.")
]
PortOption = Annotated[int, typer.Option(help="Port.", min=1, max=65535)]


def server_command(
    keys: Annotated[
        Path,
        typer.Argument(help="Folder of public keys, NAME.pub for the home NAME.", metavar="DIR"),
    ],
    state: Annotated[
        Path, typer.Option(help="Folder for the state after each round, and for flwr's logs.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the estimator to.")],
    ca: AuthorityOption,
    certificate: Annotated[Path, typer.Option(help="PEM file of the server's certificate.")],
    key: Annotated[Path, typer.Option(help="PEM file of its private key.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: PortOption = 8000,
    family: Annotated[ClassifierName, typer.Option(help="Kind of model.")] = ClassifierName.MOTION,
    model: Annotated[
        Path | None, typer.Option(help="Network to begin from; default: made by the homes.")
    ] = None,
    min_homes: Annotated[
        int | None, typer.Option(help="Begin with so many connected; default all.", min=1)
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for them.", min=0)] = 600.0,
    algorithm: SharedOption = Shared.MLP,
    rounds: RoundsOption = None,
    share: ShareOption = 1.0,
    deadline: Annotated[
        float, typer.Option(help="Seconds of a round; what comes later does not count.", min=1)
    ] = 600.0,
    local_epochs: LocalEpochsOption = 3,
    proximal: ProximalOption = 0.0,
    method: MethodOption = Method.MEAN,
    max_norm: NormOption = None,
    max_examples: ExamplesOption = 10_000,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Train over homes that connect by TLS; called again, it goes on from its last round."""
    from novin_ml.cli.show.federated import show_rounds, show_trees
    from novin_ml.cli.show.federation_engines import of_networks
    from novin_ml.federated import (
        AggregationSettings,
        BoostingSettings,
        FederationSettings,
        LocalTraining,
    )
    from novin_ml.federated.app import Link, serve_boosting_homes, serve_homes
    from novin_ml.lifecycle import save_estimator
    from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
    from novin_ml.store import require_free

    with reporting(json, quiet) as output:
        require_free(out, ESTIMATOR_KIND)
        at = (state, keys, Link(host, port, ca, certificate, key))
        own: dict[str, Any] = {"family": str(family), "min_homes": min_homes, "wait": wait}
        own["say"] = lambda command: output.line(f"$ {command}")
        if algorithm is Shared.BOOSTING:
            of_networks(
                model=(model, None),
                share=(share, 1.0),
                local_epochs=(local_epochs, 3),
                proximal=(proximal, 0.0),
                method=(method, Method.MEAN),
                max_norm=(max_norm, None),
            )
            grow = BoostingSettings(rounds or 40, max_examples=max_examples, deadline=deadline)
            grown = serve_boosting_homes(*at, grow, **own)
            save_estimator(grown.model, out)
            show_trees(grown, out, output)
            return
        settings = FederationSettings(
            rounds=rounds or 60,
            share=share,
            deadline=deadline,
            local=LocalTraining(epochs=local_epochs, proximal=proximal),
            aggregation=AggregationSettings(str(method), max_norm, max_examples),
        )
        trained, reports = serve_homes(*at, settings, model=model, random_state=seed, **own)
        save_estimator(trained, out)
        show_rounds(reports, out, output)


def client_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="Events of the home, with labels; or with --prepared, its features.",
            metavar="FILE",
        ),
    ],
    home: Annotated[str, typer.Option(help="Name of the home, as the server has its key.")],
    superlink: Annotated[str, typer.Option(help="Host and port of the server.")],
    ca: AuthorityOption,
    key: Annotated[Path, typer.Option(help="Private key of the home, in OpenSSH's form.")],
    port: Annotated[
        int, typer.Option(help="Free port for its own processes.", min=1, max=65535)
    ] = 9094,
    prepared: Annotated[
        bool, typer.Option("--prepared", help="FILE is an npz file of features.")
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Take part in a federation, until interrupted: train on the rows of a home, send weights."""
    from novin_ml.federated.app import join

    with reporting(json, quiet) as output:
        join(
            file,
            home,
            superlink,
            ca,
            key,
            port=port,
            prepared=prepared,
            say=lambda command: output.line(f"$ {command}"),
        )
