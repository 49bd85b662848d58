"""How a server reaches homes: in its own process, or over a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.exceptions import UpdateError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.homes import Home, RoundTask
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.federated.update_files import Update
from novin_ml.plain import plural, shown


@runtime_checkable
class Reach(Protocol):
    """Asks homes for what the server needs, and hands on what they answer as it comes.

    It judges no answer: whoever asks checks each one before it counts.
    """

    @property
    def names(self) -> Sequence[str]:
        """The names of the homes of the federation."""
        ...

    def statistics(self, n_classes: int) -> Iterator[tuple[str, FeatureStatistics | Exception]]:
        """Ask every home for its statistics, and yield them in the order of names.

        Parameters
        ----------
        n_classes : int
            Number of classes of the federation.

        Yields
        ------
        name, answer : tuple of (str, FeatureStatistics or Exception)
            The exception that a home raised, or why it has not answered.
        """
        ...

    def updates(
        self, names: Sequence[str], task: RoundTask, deadline: float
    ) -> Iterator[tuple[str, Update | UpdateError]]:
        """Ask homes for an update, and yield what they answer as it comes.

        Parameters
        ----------
        names : sequence of str
            The homes of the round.
        task : RoundTask
            What they are sent.
        deadline : float
            Seconds. What comes later is no answer.

        Yields
        ------
        name, answer : tuple of (str, Update or UpdateError)
            One for each name; the error says why there is no update.
        """
        ...

    def losses(self, names: Sequence[str], task: RoundTask, deadline: float) -> list[float]:
        """Ask homes that never train for their loss.

        Parameters
        ----------
        names : sequence of str
            The homes.
        task : RoundTask
            What they are sent.
        deadline : float
            Seconds.

        Returns
        -------
        losses : list of float
            Finite ones, in any order; a home may give none.
        """
        ...


class HomesHere:
    """Homes in this process, asked one after the other.

    Parameters
    ----------
    homes : mapping of str to Home
        By name.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import HomesHere, homes_of
    >>> homes, classes = homes_of(np.eye(4), list("abab"), ["x", "x", "y", "x"])
    >>> here = HomesHere(homes)
    >>> here.names, [name for name, _ in here.statistics(len(classes))]
    (['x', 'y'], ['x', 'y'])
    """

    def __init__(self, homes: Mapping[str, Home]) -> None:
        self._homes = homes

    @property
    def names(self) -> Sequence[str]:
        """The names of the homes, sorted."""
        return sorted(self._homes)

    @substitute(sections=sections_of(Reach.statistics))
    def statistics(self, n_classes: int) -> Iterator[tuple[str, FeatureStatistics | Exception]]:
        """Yield the statistics of each home, or what it raised.

        {sections}
        """
        for name in self.names:
            try:
                yield name, self._homes[name].statistics(n_classes)
            except Exception as error:  # whatever fails at a home stays at that home
                yield name, error

    @substitute(sections=sections_of(Reach.updates))
    def updates(
        self, names: Sequence[str], task: RoundTask, deadline: float
    ) -> Iterator[tuple[str, Update | UpdateError]]:
        """Yield the updates of homes, as long as there is time.

        {sections}
        """
        ends = time.monotonic() + deadline
        for name in names:
            try:
                yield name, _within(ends - time.monotonic(), self._homes[name], task)
            except UpdateError as error:
                yield name, error
            except Exception as error:  # whatever fails at a home stays at that home
                yield name, failed(type(error).__name__)

    @substitute(sections=sections_of(Reach.losses))
    def losses(self, names: Sequence[str], task: RoundTask, deadline: float) -> list[float]:
        """Return the finite losses of homes that never train, as long as there is time.

        {sections}
        """
        ends, losses = time.monotonic() + deadline, []
        for name in names:
            if time.monotonic() > ends:
                break
            try:
                losses.append(float(self._homes[name].loss(task)))
            except Exception:  # whatever fails at a home stays at that home
                continue
        return [loss for loss in losses if np.isfinite(loss)]


def reach_of(homes: Mapping[str, Home] | Reach) -> Reach:
    """Return how homes are reached: as they are in this process, unless it is said.

    Parameters
    ----------
    homes : mapping of str to Home, or Reach
        Homes of this process by name, or how others are reached.

    Returns
    -------
    reach : Reach
        The same, if it is one.
    """
    return HomesHere(homes) if isinstance(homes, Mapping) else homes


def failed(what: str) -> UpdateError:
    """Return the refusal of a home that raised something: its kind, and no text of its own.

    Parameters
    ----------
    what : str
        Kind of what it raised.

    Returns
    -------
    error : UpdateError
        With the reason "failed".
    """
    return UpdateError("failed", "be made without an error", what)


def late() -> UpdateError:
    """Return the refusal of a home that has not answered in time.

    Returns
    -------
    error : UpdateError
        With the reason "late".
    """
    return UpdateError("late", "arrive before the deadline of its round", "none")


def merged_statistics(
    homes: Mapping[str, Home] | Reach, n_features: int, n_classes: int
) -> tuple[FeatureStatistics, list[Refusal]]:
    """Ask every home for its statistics, and merge those that can be right.

    Parameters
    ----------
    homes : mapping of str to Home, or Reach
        By name, or how they are reached.
    n_features, n_classes : int
        Of the federation.

    Returns
    -------
    statistics : FeatureStatistics
        Of its rows.
    refusals : list of Refusal
        The homes whose statistics do not count, and why.

    Raises
    ------
    UpdateError
        If no home has statistics that count.
    """
    merged: FeatureStatistics | None = None
    refusals = []
    n_homes = 0
    for name, own in reach_of(homes).statistics(n_classes):
        n_homes += 1
        try:
            if isinstance(own, Exception):
                raise own
            own.check(n_features, n_classes)
        except UpdateError as error:
            refusals.append(Refusal(name, error.reason, str(error)))
        except Exception as error:  # whatever fails at a home stays at that home
            refusals.append(Refusal(name, "failed", f"{type(error).__name__}: {error}"))
        else:
            merged = own if merged is None else merged.merged(own)
    if merged is None or merged.n_rows == 0:
        raise UpdateError(
            "no statistics",
            "begin with the statistics of one home or more",
            f"none of {plural(n_homes, 'home')}; {shown([str(each) for each in refusals[:3]])}",
        )
    return merged, refusals


def _within(seconds: float, home: Home, task: RoundTask) -> Update:
    """Return the update of a home; UpdateError if it takes longer, and then it is not awaited."""
    answers: list[Update | BaseException] = []

    def answer() -> None:
        try:
            answers.append(home.update(task))
        except BaseException as error:  # raised in the thread that asked
            answers.append(error)

    if seconds > 0:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        thread.join(seconds)
    if not answers:
        raise late()
    if isinstance(answers[0], BaseException):
        raise answers[0]
    return answers[0]
