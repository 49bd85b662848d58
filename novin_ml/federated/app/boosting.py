"""The server of a federation of trees, with homes behind a grid."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.families import family_named
from novin_ml.exceptions import InvalidParametersError, SavedModelError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.app.boosting_messages import trees_from_arrays, trees_to_arrays
from novin_ml.federated.app.config import boosting_settings_from
from novin_ml.federated.app.nodes import kept_homes, nodes_of
from novin_ml.federated.app.reach import FlowerReach
from novin_ml.federated.boosting import BoostingSettings, FederatedTrees
from novin_ml.federated.boosting.reach import Answers
from novin_ml.federated.boosting.server import edges_of, grow_trees, with_trees
from novin_ml.federated.boosting.trees import Tree
from novin_ml.federated.reach import merged_statistics
from novin_ml.federated.start import untrained_trees
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.files import replace_whole, write_text
from novin_ml.formats import FORMATS, newer
from novin_ml.lifecycle import save_estimator

#: What a folder of state holds: the trees so far, what was refused, and the model.
TREES, COUNTED, RESULT = "trees.npz", "trees.json", "model"

_log = logging.getLogger(__name__)


def serve_boosting(grid: Any, config: Mapping[str, Any]) -> None:
    """Grow trees over the nodes of a grid; called again, it goes on from its last round.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
        Of the run.
    config : mapping
        The run configuration, as `boosting_config` returns it. The folder ``state`` gets the trees
        after each round, and at the end what was refused, and but for a simulation the model.

    Raises
    ------
    InvalidParametersError
        If the configuration cannot be used, or too few homes connect.
    SavedModelError
        If the state is of another federation.
    UpdateError
        If no home has statistics that count.
    """
    settings = boosting_settings_from(config)
    if not config["state"] or config["model"]:
        raise InvalidParametersError(
            "The run configuration of a federation of trees must name a folder as its 'state', and "
            f"no 'model': trees begin anew. Got {config['state']!r} and {config['model']!r}."
        )
    state = Path(str(config["state"]))
    state.mkdir(parents=True, exist_ok=True)
    nodes = nodes_of(grid, config)
    names = kept_homes(state, nodes, config)
    family = family_named(str(config["family"]))
    classes = json.loads(str(config["classes"])) or sorted(map(str, family.labels))
    (step, features), (last, estimator) = family.make_pipeline(algorithm="boosting").steps
    columns = [spec.name for spec in features.feature_specs]
    n_features = int(config["features"]) or len(columns)
    reach = FlowerReach(grid, names, classes, nodes, settings.deadline)
    statistics, refusals = merged_statistics(reach, n_features, len(classes))
    for each in refusals:
        _log.warning("no statistics of %s: %s", each.source, each.reason)
    edges = edges_of(statistics, settings)
    kept = _Kept(state / TREES, names, edges, settings)
    answers = Answers(reach, settings)
    trees = grow_trees(answers, edges, len(classes), kept.load(), kept.save)
    if not config["rows"]:
        model = _model(estimator, statistics, classes, columns, trees, edges)
        save_estimator(Pipeline([(step, features), (last, model)]), state / RESULT)
    report = {
        "refusals": [asdict(each) for each in answers.refusals],
        "n_refused": answers.n_refused,
        "bytes_of_home": answers.n_bytes,
    }
    write_text(json.dumps(report), state / COUNTED)  # last: it says that all is there


def _model(
    estimator: Any,
    statistics: FeatureStatistics,
    classes: list[str],
    columns: list[str],
    trees: list[list[Tree]],
    edges: np.ndarray,
) -> Any:
    start = untrained_trees(estimator, statistics, np.array(classes, dtype=object), columns)
    return with_trees(start, trees, edges)


def kept_trees(state: Path) -> tuple[list[list[Tree]], np.ndarray]:
    """Read the trees that a server has kept.

    Parameters
    ----------
    state : Path
        Its folder of state.

    Returns
    -------
    trees : list of list of Tree
        Those of each round.
    edges : ndarray of shape (n_bins - 1, n_features), float32
        Upper ends of the bins, but for the last.
    """
    arrays = read_arrays((state / TREES).read_bytes())
    trees, per_round = trees_from_arrays(arrays), int(arrays["per_round"])
    rounds = [trees[place : place + per_round] for place in range(0, len(trees), per_round)]
    return rounds, arrays["edges"]


def counted_of(state: Path, model: Any) -> FederatedTrees:
    """Return the result of a federation that is over.

    Parameters
    ----------
    state : Path
        Its folder of state.
    model : object
        The model with its trees.

    Returns
    -------
    result : FederatedTrees
        With what was refused in the last call.
    """
    report = json.loads((state / COUNTED).read_text(encoding="utf-8"))
    refusals = [Refusal(**each) for each in report["refusals"]]
    return FederatedTrees(model, refusals, report["n_refused"], report["bytes_of_home"])


class _Kept:
    """Keeps the trees after each round, with what decides the next ones."""

    def __init__(
        self, path: Path, names: list[str], edges: np.ndarray, settings: BoostingSettings
    ) -> None:
        self._path, self._edges = path, edges
        # More rounds go on with the same trees, and a deadline changes none.
        own = asdict(replace(settings, rounds=1, deadline=1.0))
        self._identity = json.dumps([names, own], sort_keys=True)

    def load(self) -> list[list[Tree]]:
        """Return the trees of the rounds that are over."""
        if not self._path.exists():
            return []
        try:
            arrays = read_arrays(self._path.read_bytes())
            if refusal := newer(self._path, "federation", int(arrays["format"])):
                raise SavedModelError(refusal)
            same = arrays["identity"].tobytes().decode() == self._identity
            same &= np.array_equal(arrays["edges"], self._edges)
            trees, _ = kept_trees(self._path.parent)
        except (KeyError, TypeError, ValueError) as error:
            raise SavedModelError(
                f"{self._path} must hold the trees of a federation. Got {error!r}. Remove it to "
                "begin again."
            ) from None
        if not same:
            raise SavedModelError(
                f"{self._path} must be of this federation: the same homes, rows and settings, but "
                "for more rounds. Got that of another one. Name another folder, or remove it to "
                "begin again."
            )
        return trees

    def save(self, trees: list[list[Tree]]) -> None:
        """Keep the trees, whole or not at all."""
        arrays = trees_to_arrays([tree for of_round in trees for tree in of_round])
        own = {
            "format": np.array(FORMATS["federation"]),
            "per_round": np.array(len(trees[0])),
            "edges": self._edges,
            "identity": np.frombuffer(self._identity.encode(), dtype=np.uint8),
        }
        with replace_whole(self._path) as new:
            new.write_bytes(write_arrays(arrays | own))
        _log.info("round %d: %d trees", len(trees), len(arrays["value"]))
