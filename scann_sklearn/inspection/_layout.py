"""Where the nodes and connections of a graph stand in a picture."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

_SWEEPS = 8
_GOLDEN = 0.6180339887


def node_positions(graph) -> np.ndarray:
    """Place every node: x is its level, y is between 0 (top) and 1.

    Inputs and outputs keep their order. Within a level, hidden neurons are sorted by the mean
    height of their neighbours, which leaves few crossings (the barycentre method of Sugiyama,
    Tagawa and Toda, 1981).

    Parameters
    ----------
    graph : Graph
        The graph.

    Returns
    -------
    positions : ndarray of shape (n_nodes, 2)
        x and y; NaN for inputs that are not used.
    """
    y = np.full(len(graph.levels), np.nan)
    y[graph.used_inputs] = _heights(len(graph.used_inputs), span=1.0)
    y[graph.outputs] = _heights(graph.n_outputs)
    columns = [graph.hidden[graph.levels[graph.hidden] == level] for level in range(1, graph.depth)]
    slots = []
    for number, column in enumerate(columns):
        heights = _heights(len(column))
        # Neighbouring levels are shifted against each other, lest connections that pass over a
        # level should run through its neurons.
        room = 1 - np.ptp(heights)
        slots.append(heights + ((number * _GOLDEN + 0.25) % 1 - 0.5) * 0.8 * room)
        y[column] = slots[-1]
    for _ in range(_SWEEPS):
        for column, heights in zip(columns, slots):
            y[column[np.argsort(_neighbour_height(graph, y)[column], kind="stable")]] = heights
    return np.column_stack([graph.levels, y])


def _heights(n, span=None) -> np.ndarray:
    """Evenly spaced heights around the middle; few nodes take up less of it."""
    span = (n - 1) / (n + 1) if span is None else span
    return np.array([0.5]) if n == 1 else 0.5 + span * np.linspace(-0.5, 0.5, n)


def _neighbour_height(graph, y) -> np.ndarray:
    """Mean height of the nodes that each node is connected with."""
    n = len(y)
    ends = np.concatenate([graph.targets, graph.sources])
    others = np.concatenate([graph.sources, graph.targets])
    total = np.bincount(ends, weights=y[others], minlength=n)
    return total / np.maximum(np.bincount(ends, minlength=n), 1)


def curves(positions, sources, targets, n_points=24) -> np.ndarray:
    """Connections as smooth curves that leave and arrive horizontally.

    Parameters
    ----------
    positions : ndarray of shape (n_nodes, 2)
        Where the nodes are.
    sources, targets : ndarray of int of shape (n_connections,)
        Nodes at the two ends of each connection.
    n_points : int, default=24
        Points of a curve.

    Returns
    -------
    segments : ndarray of shape (n_connections, n_points, 2)
        Points of each curve, from source to target.
    """
    t = np.linspace(0, 1, n_points)
    start, end = positions[sources][:, None, :], positions[targets][:, None, :]
    run = end[..., 0] - start[..., 0]
    bend = np.minimum(0.5 * run, 1.0)  # of a cubic Bézier curve
    x = (
        start[..., 0] * (1 - t) ** 3
        + 3 * (start[..., 0] + bend) * t * (1 - t) ** 2
        + 3 * (end[..., 0] - bend) * t**2 * (1 - t)
        + end[..., 0] * t**3
    )
    y = start[..., 1] + (end[..., 1] - start[..., 1]) * (3 * t**2 - 2 * t**3)
    return np.stack([x, y], axis=-1)
