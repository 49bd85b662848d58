"""Homes that are reached by Flower: questions pushed, answers pulled until the deadline."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.exceptions import UpdateError
from novin_ml.federated.app import messages
from novin_ml.federated.app.boosting_messages import boosting_task_content, histograms_from
from novin_ml.federated.boosting import BoostingReach, BoostingTask
from novin_ml.federated.homes import RoundTask
from novin_ml.federated.reach import Reach, failed, late
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.federated.update_files import Update

#: Seconds between two looks for answers.
_PAUSE = 0.2
#: Homes that are asked for their statistics at once: each answers with megabytes.
_AT_ONCE = 50


class FlowerReach:
    """Homes behind the grid of a Flower run.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
        Of the run.
    names : sequence of str
        The homes of the federation. One that is not connected is asked in vain.
    classes : list of str
        The labels of the federation, in order.
    nodes : callable
        Returns the number of the node of each home that is connected now, by name.
    deadline : float
        Seconds to wait for statistics.
    """

    def __init__(
        self,
        grid: Any,
        names: Sequence[str],
        classes: list[str],
        nodes: Callable[[], dict[str, int]],
        deadline: float,
    ) -> None:
        self._grid, self._names, self._classes = grid, sorted(names), classes
        self._nodes, self._deadline = nodes, deadline

    @property
    def names(self) -> Sequence[str]:
        """The names of the homes, sorted."""
        return self._names

    @substitute(sections=sections_of(Reach.statistics))
    def statistics(self, n_classes: int) -> Iterator[tuple[str, FeatureStatistics | Exception]]:
        """Yield the statistics of each home, or why there are none.

        {sections}
        """
        content = messages.words_content({"classes": self._classes})
        for start in range(0, len(self._names), _AT_ONCE):
            some = self._names[start : start + _AT_ONCE]
            answers = self._ask(some, messages.STATISTICS, content, self._deadline)
            found = {name: _read(messages.statistics_from, answer) for name, answer in answers}
            yield from ((name, found[name]) for name in some)

    @substitute(sections=sections_of(Reach.updates))
    def updates(
        self, names: Sequence[str], task: RoundTask, deadline: float
    ) -> Iterator[tuple[str, Update | UpdateError]]:
        """Yield the updates of homes as they come.

        {sections}
        """
        content = messages.task_content(task, self._classes)
        for name, answer in self._ask(names, messages.UPDATE, content, deadline):
            yield name, _read(messages.update_from, answer)

    @substitute(sections=sections_of(Reach.losses))
    def losses(self, names: Sequence[str], task: RoundTask, deadline: float) -> list[float]:
        """Return the finite losses of homes that never train.

        {sections}
        """
        content, found = messages.task_content(task, self._classes), []
        for _, answer in self._ask(names, messages.LOSS, content, deadline):
            loss = _read(lambda content: messages.number_from(content, "loss"), answer)
            found.extend([loss] if isinstance(loss, float) and math.isfinite(loss) else [])
        return found

    @substitute(sections=sections_of(BoostingReach.histograms))
    def histograms(
        self, names: Sequence[str], task: BoostingTask, deadline: float
    ) -> Iterator[tuple[str, np.ndarray | UpdateError]]:
        """Yield the histograms of homes as they come.

        {sections}
        """
        content = boosting_task_content(task, self._classes)
        for name, answer in self._ask(names, messages.HISTOGRAMS, content, deadline):
            yield name, _read(histograms_from, answer)

    def _ask(
        self, names: Sequence[str], kind: str, content: Any, deadline: float
    ) -> Iterator[tuple[str, Any]]:
        """Yield a reply for each name as it comes, or the UpdateError that stands for it."""
        nodes = self._nodes()
        numbers = {nodes[name]: name for name in names if name in nodes}
        for name in names:
            if name not in nodes:
                yield name, UpdateError("not connected", "come from a connected home", "none")
        yield from (
            (numbers[node], answer)
            for node, answer in replies(self._grid, list(numbers), kind, content, deadline)
        )


def replies(
    grid: Any, nodes: Sequence[int], kind: str, content: Any, deadline: float
) -> Iterator[tuple[int, Any]]:
    """Ask nodes, and yield what each answers, as it comes.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
        Of the run.
    nodes : sequence of int
        Numbers of nodes.
    kind : str
        Kind of the message.
    content : RecordDict
        What they are sent.
    deadline : float
        Seconds. A message that is older is delivered to nobody.

    Yields
    ------
    node, answer : tuple of (int, RecordDict or UpdateError)
        One for each node.
    """
    message = messages.flower().Message
    ends = time.monotonic() + deadline
    pushed = [message(content, node, kind, ttl=deadline) for node in nodes]
    waiting: dict[Any, int] = {
        number: node
        for number, node in zip(grid.push_messages(pushed), nodes, strict=True)
        if number is not None
    }
    for node in set(nodes) - set(waiting.values()):
        yield node, failed("not sent")
    while waiting:
        came = list(grid.pull_messages(list(waiting)))
        for reply in came:
            number = reply.metadata.reply_to_message_id
            if number in waiting:
                node = waiting.pop(number)
                yield node, failed("an error of flwr") if reply.has_error() else reply.content
        if time.monotonic() > ends:
            break
        if not came and waiting:
            time.sleep(_PAUSE)
    for node in waiting.values():
        yield node, late()


def _read(reader: Callable[[Any], Any], answer: Any) -> Any:
    if isinstance(answer, UpdateError):
        return answer
    try:
        return reader(answer)
    except UpdateError as error:
        return error
