"""Forked workers of a parent that trained trees: what they answer, or that they hang.

``python -m tests.forking`` prints it as JSON. Run it as a program: it forks.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier

X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
#: Seconds in which a worker that does not hang is done many times over.
PATIENCE = 3.0


def trees() -> DeliveryClassifier:
    """Train a few trees, in one thread."""
    return DeliveryClassifier(epochs=2, random_state=0).fit(X, X[:, 0] > 0)


def answers(model: DeliveryClassifier) -> list[Any]:
    """Return the answers of trees."""
    return model.predict_proba(X).tolist()


def trained() -> list[Any]:
    """Return the answers of trees that are trained here."""
    return answers(trees())


def baseline() -> list[Any]:
    """Return the scores of a baseline that is trained here."""
    return BehaviorAnomalyDetector(n_estimators=3, random_state=0).fit(X).score_samples(X).tolist()


def send(pipe: Any, work: Callable[..., list[Any]], *arguments: Any) -> None:
    """Work and send what it returns."""
    pipe.send(work(*arguments))


def outcome(patience: float, work: Callable[..., list[Any]], *arguments: Any) -> str:
    """Tell whether a forked worker returns the same as this process, something else, or nothing."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=send, args=(there, work, *arguments))
    worker.start()
    found = here.recv() if here.poll(patience) else None
    worker.kill()
    worker.join()
    return "hangs" if found is None else "same" if found == work(*arguments) else "other"


def main() -> None:
    """Write what becomes of each worker."""
    model = trees()
    found = {
        "trains trees": outcome(PATIENCE, trained),
        "answers with trees": outcome(60, answers, model),
        "trains a baseline": outcome(60, baseline),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
