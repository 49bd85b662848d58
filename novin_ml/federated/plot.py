"""The plot of a trial: accuracy over rounds, beside central training and homes alone."""

from __future__ import annotations

import os
from pathlib import Path

from novin_ml.evaluation.truth import words_for_labels
from novin_ml.federated.trial import FederationTrial
from novin_ml.files import replace_whole
from novin_ml.optional import import_optional
from novin_ml.plain import plural


def write_curve(trial: FederationTrial, path: str | os.PathLike[str]) -> Path:
    """Draw the accuracy of a federation over its rounds.

    Parameters
    ----------
    trial : FederationTrial
        Of `try_federation`.
    path : str or path-like
        File to write: ``.svg`` or ``.png``.

    Returns
    -------
    path : Path
        The file.

    Raises
    ------
    ValueError
        If the path ends in something else.
    ExtraNotInstalledError
        If matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix not in (".svg", ".png"):
        raise ValueError(f"The plot must be an .svg or .png file. Got {path}. Name one.")
    matplotlib = import_optional("matplotlib", extra="plots", purpose="A plot of a federation")
    from matplotlib.figure import Figure

    rounds = range(1, len(trial.curve) + 1)
    kept = trial.kept
    with matplotlib.rc_context({"svg.hashsalt": "federation", "text.parse_math": False}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.axhline(100 * trial.accuracy_central, color="0.35", label="all rows in one place")
        axes.plot(rounds, [100 * each for each in trial.curve], color="C0", label="federation")
        axes.plot(kept, 100 * trial.curve[kept - 1], "o", color="C0", label="round that is kept")
        axes.axhline(
            100 * trial.accuracy_alone, color="0.35", linestyle="--", label="each home alone, mean"
        )
        axes.set(
            xlabel="round",
            ylabel="% right in homes held back",
            title=f"{plural(trial.n_homes, 'home')}; {words_for_labels(trial.truth)}",
        )
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        with replace_whole(path) as new:
            figure.savefig(new, metadata=metadata, facecolor="white", dpi=120)
    return path
