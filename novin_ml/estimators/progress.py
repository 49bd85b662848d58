"""A progress bar for training, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from novin_ml.estimators.learners import Progress


@contextmanager
def training_progress(verbose: int | bool, title: str) -> Iterator[Progress | None]:
    """Yield a callback that moves a bar, or None when `verbose` is false."""
    if not verbose:
        yield None
        return
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.fields[loss]}"),
    )
    with progress.Progress(
        *columns, console=Console(stderr=True, markup=False, emoji=False)
    ) as bar:
        task = bar.add_task(title, total=None, loss="")

        def advance(done: int, planned: int, loss: float | None) -> None:
            text = "" if loss is None else f"held-back log loss {loss:.4f}"
            bar.update(task, completed=done, total=planned, loss=text)

        yield advance
        # Early stopping ends a bar before its planned length.
        bar.update(task, total=bar.tasks[0].completed)
