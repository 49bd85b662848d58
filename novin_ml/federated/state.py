"""A federation between two rounds, in memory and in a folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.model_hash import model_sha256
from novin_ml.exceptions import SavedModelError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.checking import UpdateCount
from novin_ml.federated.server_steps import ServerStep
from novin_ml.federated.settings import FederationSettings
from novin_ml.files import replace_whole
from novin_ml.formats import FORMATS, newer
from novin_ml.plain import plain

_STATE = "federation.npz"


@dataclass(frozen=True)
class RoundReport:
    """What happened in a round.

    Attributes
    ----------
    number : int
        From 1.
    n_asked : int
        Number of homes that were asked.
    count : UpdateCount
        How many updates were counted, and why others were not.
    refusals : list of Refusal
        The first hundred that were not.
    max_norm : float or None
        The largest norm of a change that counted in full; None if no update was counted.
    validation_loss : float or None
        Median over the homes that never train of their mean log loss after the round; None if
        there are none.
    seconds : float
    """

    number: int
    n_asked: int
    count: UpdateCount
    refusals: list[Refusal]
    max_norm: float | None
    validation_loss: float | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it.

        Returns
        -------
        document : dict
            For `from_dict`.
        """
        # Not by asdict, which counts the pairs of a Counter.
        count = {**vars(self.count), "rejected": dict(self.count.rejected)}
        refusals = [asdict(each) for each in self.refusals]
        document: dict[str, Any] = plain({**vars(self), "count": count, "refusals": refusals})
        return document

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> RoundReport:
        """Read a report as JSON holds it.

        Parameters
        ----------
        document : dict
            What `to_dict` returned.

        Returns
        -------
        report : RoundReport
            The same.
        """
        count = {**document["count"], "rejected": Counter(document["count"]["rejected"])}
        refusals = [Refusal(**each) for each in document["refusals"]]
        return cls(**{**document, "count": UpdateCount(**count), "refusals": refusals})


@dataclass(frozen=True, eq=False)
class FederationState:
    """A federation between two rounds: all that the next one depends on."""

    values: np.ndarray
    step: ServerStep
    reports: list[RoundReport]
    best: np.ndarray

    @property
    def kept(self) -> int:
        """Number of the round with the smallest loss; the last one if losses are not known."""
        losses = [each.validation_loss for each in self.reports]
        known = [loss for loss in losses if loss is not None]
        return losses.index(min(known)) + 1 if known else len(losses)

    def after(self, values: np.ndarray, step: ServerStep, report: RoundReport) -> FederationState:
        """Return the state after one more round."""
        new = FederationState(values, step, [*self.reports, report], values)
        return new if new.kept == report.number else replace(new, best=self.best)

    def is_over(self, patience: int) -> bool:
        """Return whether no round of the last ones had a smaller loss."""
        return len(self.reports) - self.kept >= patience


class StateKeeper:
    """The state of a federation in a folder, or nowhere."""

    def __init__(self, folder: str | os.PathLike[str] | None, identity: str) -> None:
        self._path = None if folder is None else Path(folder) / _STATE
        self._identity = identity

    def load(self, start: FederationState) -> FederationState:
        """Return what was kept last, or the start."""
        if self._path is None or not self._path.exists():
            return start
        try:
            arrays = read_arrays(self._path.read_bytes())
            document = json.loads(arrays["document"].tobytes())
            reports = [RoundReport.from_dict(each) for each in document["rounds"]]
            values, best = arrays["values"], arrays["best"]
            identity = document["identity"]
            number = document.get("format", 1)
        except (KeyError, TypeError, ValueError) as error:
            raise SavedModelError(
                f"{self._path} must hold the state of a federation. Got {error!r}. Remove it to "
                "begin again."
            ) from None
        if refusal := newer(self._path, "federation", number):
            raise SavedModelError(refusal)
        if identity != self._identity:
            raise SavedModelError(
                f"{self._path} must be the state of this federation: the same model, homes, "
                "settings and seed, but for more rounds. Got that of another one. Name another "
                "folder, or remove it to begin again."
            )
        return FederationState(values, start.step.with_arrays(arrays), reports, best)

    def save(self, at: FederationState) -> None:
        """Keep a state, whole or not at all."""
        if self._path is None:
            return
        document = {
            "format": FORMATS["federation"],
            "identity": self._identity,
            "rounds": [each.to_dict() for each in at.reports],
        }
        text = json.dumps(document).encode()
        arrays = {
            "values": at.values,
            "best": at.best,
            "document": np.frombuffer(text, dtype=np.uint8),
        }
        with replace_whole(self._path) as new:
            new.write_bytes(write_arrays(arrays | at.step.to_arrays()))


def identity_of(
    model: Any, homes: Iterable[str], settings: FederationSettings, random_state: int
) -> str:
    """Return a hash of all that decides the result but the number of rounds."""
    digest = hashlib.sha256(model_sha256(model).encode())
    digest.update("\0".join(sorted(homes)).encode("utf-8", "surrogatepass"))
    said = {
        name: repr(each)
        for name, each in vars(settings).items()
        if name not in ("rounds", "patience")
    }
    digest.update(repr((sorted(said.items()), random_state)).encode())
    return digest.hexdigest()
