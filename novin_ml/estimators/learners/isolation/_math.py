"""Path lengths of isolation trees (Liu, Ting and Zhou, 2008, equation 1)."""

from __future__ import annotations

import numpy as np


def average_path_length(n: np.ndarray) -> np.ndarray:
    """Return c(n), the mean path length of an unsuccessful search among n rows."""
    n = np.asarray(n, dtype=np.float64)
    many = np.maximum(n, 3)
    length = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.where(n > 2, length, np.where(n == 2, 1.0, 0.0))


def levels_of(left: np.ndarray, right: np.ndarray, offsets: np.ndarray) -> list[np.ndarray]:
    """Return the nodes of all trees by their depth.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,)
        Positions of the children; -1 for a leaf.
    offsets : ndarray of shape (n_trees + 1,)
        Positions where the trees start and end.
    """
    levels = [offsets[:-1]]
    while True:
        inner = levels[-1][left[levels[-1]] >= 0]
        if not len(inner):
            return levels
        levels.append(np.concatenate([left[inner], right[inner]]))


def leaf_path_lengths(count: np.ndarray, levels: list[np.ndarray]) -> np.ndarray:
    """Return the path length of each node as if it were a leaf: its depth plus c(its rows)."""
    largest = int(count.max())
    if largest < len(count):
        path_length = average_path_length(np.arange(largest + 1)).take(count)
    else:
        path_length = average_path_length(count)
    for depth, nodes in enumerate(levels):
        path_length[nodes] += depth
    return path_length


def mean_path_lengths(
    left: np.ndarray, right: np.ndarray, count: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Return the path length of each leaf and, for every other node, the mean over its rows.

    Parameters
    ----------
    left, right, offsets : ndarray
        As in `levels_of`.
    count : ndarray of shape (n_nodes,)
        Training rows that reach the node.
    """
    levels = levels_of(left, right, offsets)
    path_length = leaf_path_lengths(count, levels)
    for nodes in levels[-2::-1]:
        inner = nodes[left[nodes] >= 0]
        sides = left[inner], right[inner]
        path_length[inner] = sum(count[side] * path_length[side] for side in sides) / count[inner]
    return path_length
