"""What runs the rounds of a federation, how they are counted, and which options it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from novin_ml.cli.names import Engine
from novin_ml.cli.output import Output
from novin_ml.estimators.progress import training_progress
from novin_ml.federated import RoundReport, train_boosting, train_federated


@contextmanager
def counting_rounds(rounds: int, output: Output) -> Iterator[Callable[[RoundReport], None]]:
    """Show a bar of the rounds; yields what is called after each."""
    with training_progress(output.shows_progress, "federation") as progress:

        def after(report: RoundReport) -> None:
            if progress is not None:
                progress(report.number, rounds, report.validation_loss)

        yield after


def engine_named(
    name: str, folder: Path | None, output: Output, *, trees: bool = False
) -> Callable[..., Any]:
    """Return what runs the rounds; flwr's programs are said as they are run."""
    if name != Engine.FLOWER:
        return train_boosting if trees else train_federated
    from novin_ml.federated.app import messages, train_boosting_on_flower, train_on_flower

    messages.flower("ray")  # before the long work
    train: Any = train_boosting_on_flower if trees else train_on_flower
    return partial(train, state=folder, say=lambda command: output.line(f"$ {command}"))


def of_networks(**options: tuple[Any, Any]) -> None:
    """Raise ValueError if an option of networks, with its default, was given for trees."""
    for name, (value, default) in options.items():
        if value != default:
            raise ValueError(
                f"--{name.replace('_', '-')} must be left out with --algorithm boosting: it is for "
                f"networks. Got {value}. A round of trees asks all homes for sums of their rows."
            )
