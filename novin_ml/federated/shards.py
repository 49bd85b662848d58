"""The update files of a folder, counted by one process or by several, with the same sum."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np

from novin_ml.exceptions import InvalidParametersError, UpdateError
from novin_ml.federated.aggregation import AggregationSettings, RoundAggregation
from novin_ml.federated.update_files import Update, read_update
from novin_ml.plain import shown

#: Reading and hashing run beside the sum; more files in hand would only take memory.
_AT_ONCE = 8
_HASH_BYTES = 32

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class FolderTask:
    """What updates are checked against.

    Attributes
    ----------
    folder : Path
    base : ndarray of shape (n_values,), float32
        The global weights.
    model_sha256 : bytes of length 32
        Hash of the model, which an update must name.
    weights_sha256 : bytes of length 32
        Hash of its weights alone, which updates of a manifest of format 1 name.
    settings : AggregationSettings
    max_updates : int
        Most updates of the round.
    """

    folder: Path
    base: np.ndarray
    model_sha256: bytes
    weights_sha256: bytes
    settings: AggregationSettings
    max_updates: int

    def aggregation(self) -> RoundAggregation:
        """Return an aggregation that has counted nothing."""
        return RoundAggregation(
            self.base, self.model_sha256, self.settings, max_updates=self.max_updates
        )


def count_files(task: FolderTask, names: list[str], progress: Progress) -> RoundAggregation:
    """Count the named files in this process, in their order."""
    aggregation = task.aggregation()
    for done, (name, answer) in enumerate(_checked(task, names), start=1):
        _add(aggregation, name, answer)
        progress(done, len(names))
    return aggregation


def count_in_shards(
    task: FolderTask, names: list[str], n_jobs: int | None, progress: Progress
) -> RoundAggregation:
    """Count the named files in several processes; the sum has the bits of one process.

    Raises
    ------
    InvalidParametersError
        If the method is not the mean.
    """
    if task.settings.method != "mean":
        raise InvalidParametersError(
            "Shards must be of a mean: other methods compare updates with each other. Got "
            f"method={shown(task.settings.method)}. Leave n_jobs=1."
        )
    task = replace(task, settings=_with_norm(task, names))
    if task.settings.max_norm is None:  # so few that all were needed to measure it
        return count_files(task, names, progress)
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    shards = _shards(task.folder, names, 4 * joblib.effective_n_jobs(n_jobs))
    total, done = task.aggregation(), 0
    counted = parallel(joblib.delayed(_count_shard)(task, shard) for shard in shards)
    for shard, part in zip(shards, counted, strict=True):
        total.merge(part)
        done += len(shard)
        progress(done, len(names))
    total.refusals.sort(key=lambda refusal: refusal.source)
    return total


def _count_shard(task: FolderTask, names: list[str]) -> RoundAggregation:
    return count_files(task, names, lambda done, n: None)


def _with_norm(task: FolderTask, names: list[str]) -> AggregationSettings:
    """State the norm that the first updates of the round measure, if it is not stated."""
    if task.settings.max_norm is None:
        aggregation = task.aggregation()
        for name, answer in _checked(task, names):
            _add(aggregation, name, answer)
            if aggregation.max_norm is not None:
                return replace(task.settings, max_norm=aggregation.max_norm)
    return task.settings


def _shards(folder: Path, names: list[str], n_shards: int) -> list[list[str]]:
    """Divide files, so that those that may be copies of each other are in one shard, in order."""
    by_end: dict[bytes, list[str]] = defaultdict(list)
    for name in names:
        by_end[_end_of(folder / name)].append(name)
    copies = {name for group in by_end.values() if len(group) > 1 for name in group}
    shards = [[name for name in names if name in copies]]
    others = [name for name in names if name not in copies]
    shards += [part.tolist() for part in np.array_split(np.array(others, object), n_shards)]
    return [shard for shard in shards if shard]


def _end_of(path: Path) -> bytes:
    """Return the last bytes of a plain file, which are its hash; the name of anything else."""
    try:
        if path.is_symlink() or not path.is_file():
            return path.name.encode("utf-8", "surrogateescape")
        with path.open("rb") as file:
            file.seek(-_HASH_BYTES, 2)
            return file.read()
    except OSError:  # shorter than a hash, or not to be read: refused when it is its turn
        return path.name.encode("utf-8", "surrogateescape")


def _checked(task: FolderTask, names: list[str]) -> Iterator[tuple[str, Update | UpdateError]]:
    """Give each file as an update, or why it is none, before it is compared with the weights."""
    seen: set[bytes] = set()
    for name, read in _read_ahead(task.folder, names):
        try:
            update = read.result()
            _refuse_earlier_format(update, task)
            # Eight bytes of a hash tell a million files apart, and take little memory.
            if update.sha256[:8] in seen:
                raise UpdateError("a copy", "be sent once", "the bytes of an earlier file")
            seen.add(update.sha256[:8])
        except UpdateError as error:
            yield name, error
        else:
            yield name, update


def _add(aggregation: RoundAggregation, name: str, answer: Update | UpdateError) -> None:
    if isinstance(answer, UpdateError):
        aggregation.refuse(answer, name)
    else:
        aggregation.add(answer, name)


def _refuse_earlier_format(update: Update, task: FolderTask) -> None:
    """Refuse an update of a manifest of format 1, which says nothing of imputer and scaler."""
    if update.model_sha256 == task.weights_sha256:
        raise UpdateError(
            "an earlier manifest",
            f"name the model {task.model_sha256.hex()[:12]} by the model_sha256 of its manifest, "
            "format 2",
            f"the hash of its weights alone, {task.weights_sha256.hex()[:12]}, as format 1 had it. "
            "Export the model again, and give its manifest to the app",
        )


def _read_ahead(folder: Path, names: list[str]) -> Iterator[tuple[str, Future[Update]]]:
    """Give the files in order, while the next ones are read and hashed beside."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[tuple[str, Future[Update]]] = deque()
        for name in names:
            waiting.append((name, pool.submit(read_update, folder / name)))
            if len(waiting) == _AT_ONCE:
                yield waiting.popleft()
        yield from waiting
