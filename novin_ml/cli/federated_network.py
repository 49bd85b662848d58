"""federated server, client: a federation over a network, by flwr's programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.federated import (
    ExamplesOption,
    LocalEpochsOption,
    MethodOption,
    NormOption,
    ProximalOption,
    RoundsOption,
    ShareOption,
)
from novin_ml.cli.names import ClassifierName, Method
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
    rounds: RoundsOption = 60,
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
    from novin_ml.cli.show.federated import show_rounds
    from novin_ml.federated import AggregationSettings, FederationSettings, LocalTraining
    from novin_ml.federated.app import Link, serve_homes
    from novin_ml.lifecycle import save_estimator
    from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
    from novin_ml.store import require_free

    with reporting(json, quiet) as output:
        require_free(out, ESTIMATOR_KIND)
        settings = FederationSettings(
            rounds=rounds,
            share=share,
            deadline=deadline,
            local=LocalTraining(epochs=local_epochs, proximal=proximal),
            aggregation=AggregationSettings(str(method), max_norm, max_examples),
        )
        trained, reports = serve_homes(
            state,
            keys,
            Link(host, port, ca, certificate, key),
            settings,
            family=str(family),
            model=model,
            min_homes=min_homes,
            wait=wait,
            random_state=seed,
            say=lambda command: output.line(f"$ {command}"),
        )
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
