"""A model that is trained, published and promoted by a process that is killed on the way.

``python -m tests.lifecycle.killed_pipeline FOLDER POINTS`` kills at so many steps on the file
system, spread over the three parts, looks at what is there after each, and does the part again. It
prints a list of what was found, as JSON. Run it as a program: it forks.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml import verify_coreml
from novin_ml.exceptions import NovinError
from novin_ml.lifecycle import (
    Registry,
    load_estimator,
    publish,
    save_estimator,
    train,
    verify_registry,
)
from novin_ml.simulation import simulate_deliveries
from tests.killing import killed_at, steps_of

_TEST = simulate_deliveries(120, n_homes=6, random_state=2)
_TEST["home_id"] = "other_" + _TEST["home_id"].astype(str)


def _train(work: Path, seed: int = 1) -> None:
    rows = simulate_deliveries(120, n_homes=6, random_state=seed)
    made = train("delivery", rows, epochs=1, test_fraction=0, random_state=seed)
    save_estimator(made.pipeline, work / "release/delivery")


def _publish(work: Path) -> None:
    pipeline = load_estimator(work / "release/delivery")
    publish(pipeline, _TEST, work / "release/delivery.mlmodel", with_page=False)


def _promote(work: Path) -> None:
    registry = Registry(work / "registry")
    version = registry.add("delivery", work / "release")
    served = registry.served("delivery")
    if served is None or served.number != version.number:
        registry.promote("delivery", version.number)


PARTS: dict[str, Callable[[Path], None]] = {
    "train": _train,
    "publish": _publish,
    "promote": _promote,
}


def _looked_at(work: Path) -> dict[str, Any]:
    """Return what is served, and what is wrong."""
    registry = Registry(work / "registry")
    faults = verify_registry(registry)
    for version in registry.versions("delivery"):
        try:
            load_estimator(version.path("delivery"))
            verify_coreml(version.path("delivery.mlmodel"))
        except (NovinError, OSError) as error:
            faults.append(str(error))
    served = registry.served("delivery")
    return {"served": None if served is None else served.number, "faults": faults}


def found_after_kills(folder: Path, n_points: int) -> list[dict[str, Any]]:
    """Return what is found after each kill, and after the part that is done again."""
    before = folder / "before"
    _train(before, seed=0)
    _publish(before)
    _promote(before)
    shutil.rmtree(before / "release")
    starts = {}
    for name, part in PARTS.items():
        starts[name] = folder / name
        shutil.copytree(before, starts[name])
        shutil.copytree(before, folder / f"{name}.counted")
        part(before)  # the next part begins with what this one has made
    counts = {
        name: steps_of(lambda part=part, name=name: part(folder / f"{name}.counted"))
        for name, part in PARTS.items()
    }
    every = [(name, step) for name, count in counts.items() for step in range(count)]
    chosen = np.unique(np.linspace(0, len(every) - 1, n_points).round().astype(int))
    found = []
    for name, step in (every[place] for place in chosen):
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(starts[name], work)
        killed = killed_at(step, lambda name=name, work=work: PARTS[name](work))
        after_kill = _looked_at(work)
        PARTS[name](work)
        again = _looked_at(work)
        found.append({"part": name, "step": step, "killed": killed, **after_kill, "again": again})
    return found


if __name__ == "__main__":
    json.dump(found_after_kills(Path(sys.argv[1]), int(sys.argv[2])), sys.stdout)
