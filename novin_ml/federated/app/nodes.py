"""The homes behind a grid: who is connected, and who takes part."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from novin_ml.arrays import read_arrays
from novin_ml.exceptions import InvalidParametersError, UpdateError
from novin_ml.federated.app import messages
from novin_ml.federated.app.reach import replies
from novin_ml.files import write_text
from novin_ml.plain import plural, shown

#: The list of homes in a folder of state.
HOMES = "homes.json"
#: Seconds between two looks for homes that connect.
_PAUSE = 0.5


def nodes_of(grid: Any, config: Mapping[str, Any]) -> Callable[[], dict[str, int]]:
    """Return how to find the connected homes: by the name each node was registered with.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
        Of the run.
    config : mapping
        The run configuration.

    Returns
    -------
    nodes : callable
        Returns the number of the node of each home that is connected now, by name.
    """
    if not config["rows"]:
        return lambda: {
            node.name or str(node.node_id): node.node_id for node in list(grid.get_nodes())
        }
    names = sorted(set(read_arrays(Path(str(config["rows"])).read_bytes())["homes"].tolist()))
    found: dict[str, int] = {}

    def simulated() -> dict[str, int]:
        """Return the homes of a simulation, whose nodes know their number alone."""
        ids = [] if len(found) == len(names) else list(grid.get_node_ids())
        if len(ids) >= len(names):
            content = messages.words_content({"ask": "partition"})
            deadline = float(config["deadline"])
            for node, answer in replies(grid, ids, messages.PARTITION, content, deadline):
                if not isinstance(answer, UpdateError):
                    found[names[int(messages.number_from(answer, "partition"))]] = node
        return found

    return simulated


def kept_homes(
    state: Path, nodes: Callable[[], dict[str, int]], config: Mapping[str, Any]
) -> list[str]:
    """Return the names of the homes of a federation, which are kept when it begins.

    Parameters
    ----------
    state : Path
        The folder that keeps them.
    nodes : callable
        What `nodes_of` returns.
    config : mapping
        The run configuration.

    Returns
    -------
    names : list of str
        Sorted.

    Raises
    ------
    InvalidParametersError
        If too few homes connect in time.
    """
    ends, wanted = time.monotonic() + float(config["wait"]), int(config["homes"])
    while len(found := nodes()) < wanted:
        if time.monotonic() > ends:
            raise InvalidParametersError(
                f"{plural(wanted, 'home')} must connect within {shown(config['wait'])} seconds. "
                f"Got {len(found)}. Name fewer 'homes', or a longer 'wait'."
            )
        time.sleep(_PAUSE)
    file = state / HOMES
    if not file.exists():
        write_text(json.dumps(sorted(found)), file)
    return [str(name) for name in json.loads(file.read_text(encoding="utf-8"))]
