"""How a server asks homes for histograms, and which of their answers count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.exceptions import UpdateError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.boosting.homes import BoostingHome, BoostingTask, LocalBoostingHome
from novin_ml.federated.boosting.settings import BoostingSettings
from novin_ml.federated.boosting.trees import SCALE
from novin_ml.federated.homes import LocalHome
from novin_ml.federated.reach import failed
from novin_ml.plain import plural

_MOST_REFUSALS = 100


@runtime_checkable
class BoostingReach(Protocol):
    """Asks homes for histograms, and hands on what they answer as it comes; it judges none."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the homes of the federation."""
        ...

    def histograms(
        self, names: Sequence[str], task: BoostingTask, deadline: float
    ) -> Iterator[tuple[str, np.ndarray | UpdateError]]:
        """Ask homes for their histograms of a level.

        Parameters
        ----------
        names : sequence of str
            The homes.
        task : BoostingTask
            What they are sent.
        deadline : float
            Seconds. What comes later is no answer.

        Yields
        ------
        name, answer : tuple of (str, ndarray or UpdateError)
            One for each name; the error says why there is none.
        """
        ...


class BoostingHomesHere:
    """Homes in this process, asked one after the other.

    Parameters
    ----------
    homes : mapping of str to LocalHome or BoostingHome
        By name.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import BoostingHomesHere, homes_of
    >>> homes, classes = homes_of(np.eye(4), list("abab"), ["x", "x", "y", "x"])
    >>> BoostingHomesHere(homes).names
    ['x', 'y']
    """

    def __init__(self, homes: Mapping[str, LocalHome | BoostingHome]) -> None:
        self._homes: dict[str, BoostingHome] = {
            name: LocalBoostingHome(home) if isinstance(home, LocalHome) else home
            for name, home in homes.items()
        }

    @property
    def names(self) -> Sequence[str]:
        """The names of the homes, sorted."""
        return sorted(self._homes)

    @substitute(sections=sections_of(BoostingReach.histograms))
    def histograms(
        self, names: Sequence[str], task: BoostingTask, deadline: float
    ) -> Iterator[tuple[str, np.ndarray | UpdateError]]:
        """Yield the histograms of homes, whatever time they take.

        {sections}
        """
        for name in names:
            try:
                yield name, self._homes[name].histograms(task)
            except Exception as error:  # whatever fails at a home stays at that home
                yield name, failed(type(error).__name__)


@dataclass
class Answers:
    """Adds up what homes answer, and keeps why others do not count.

    Attributes
    ----------
    reach : BoostingReach
    settings : BoostingSettings
    refusals : list of Refusal
        The first hundred.
    n_refused : int
        All of them.
    n_bytes : int
        What a home was asked to send.
    """

    reach: BoostingReach
    settings: BoostingSettings
    refusals: list[Refusal] = field(default_factory=list)
    n_refused: int = 0
    n_bytes: int = 0

    def total(self, task: BoostingTask, names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
        """Return the sum of all answers that count, int64, and the homes that they are of."""
        total = np.zeros(task.shape, dtype=np.int64)
        self.n_bytes += total.nbytes
        counted = []
        for name, answer in self.reach.histograms(names, task, self.settings.deadline):
            try:
                if isinstance(answer, UpdateError):
                    raise answer
                check_histograms(answer, task, self.settings.max_examples)
            except UpdateError as error:
                self.n_refused += 1
                if len(self.refusals) < _MOST_REFUSALS:
                    self.refusals.append(Refusal(name, error.reason, str(error)))
            else:
                total += answer
                counted.append(name)
        return total, sorted(counted)


def check_histograms(answer: Any, task: BoostingTask, max_examples: int) -> None:
    """Raise UpdateError unless an answer can be sums of the rows of a home.

    Parameters
    ----------
    answer : object
        What a home sent.
    task : BoostingTask
        What it was asked for.
    max_examples : int
        Most rows of a home.

    Raises
    ------
    UpdateError
        If it has another type or shape, is larger than so many rows allow, has a negative hessian,
        or other sums for one feature than for another.
    """
    if not isinstance(answer, np.ndarray) or answer.dtype != np.int64:
        raise UpdateError("not whole", "be whole numbers, int64", type(answer).__name__)
    if answer.shape != task.shape:
        raise UpdateError("another shape", f"have shape {task.shape}", f"{answer.shape}")
    most = max_examples * SCALE
    # Not by absolute values: that of the least int64 is negative.
    least, largest = int(answer.min(initial=0)), int(answer.max(initial=0))
    sums = answer.sum(axis=2) if max(-least, largest) <= most else None  # in range: no overflow
    if (
        sums is None
        or int(answer[..., 1].min(initial=0)) < 0
        or int(np.abs(sums).max(initial=0)) > most
    ):
        raise UpdateError(
            "too large",
            f"be of {plural(max_examples, 'row')} at most, with hessians of 0 or more",
            f"sums from {least:,} to {largest:,}",
        )
    if (sums != sums[:, :1]).any():  # each feature has the same rows
        raise UpdateError("contradiction", "have one sum for all features", "several")
