"""How a network is laid out in dense blocks, level by level. Knows nothing of torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np


class LevelLayout:
    """Where each connection and neuron stands when a network is computed level by level.

    Targets are sorted by level, the outputs last; hidden sources have the place of their target.
    A buffer holds the weights as dense blocks: one for the inputs, then one per level. Where the
    blocks would make up the lower triangle of a matrix, as in a network without layers, they are
    parts of that matrix, so that one product gives the gradients of all of them.

    Parameters
    ----------
    topology : Topology
        The connections that exist.

    Attributes
    ----------
    order, place : ndarray of int of shape (n_targets,)
        Target at each place, and place of each target.
    slot : ndarray of int of shape (n_connections,)
        Place of each connection in the buffer.
    """

    def __init__(self, topology) -> None:
        n_hidden, n_inputs = topology.n_hidden, topology.n_inputs
        self.n_hidden, self.n_targets = n_hidden, topology.n_targets
        levels = topology.levels.copy()
        levels[n_hidden:] = levels.max(initial=0) + 1  # nothing depends on an output
        order = np.argsort(levels, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self.level_sizes = np.unique(levels, return_counts=True)[1].tolist()
        rows, from_input = place[topology.targets], topology.indices < n_inputs
        columns = np.where(
            from_input, topology.indices, place[np.maximum(topology.indices - n_inputs, 0)]
        )
        self.input_rows, self.input_columns = _span(rows, from_input), _span(columns, from_input)
        self.level_columns = self._columns_of_levels(rows, columns, from_input)
        self._lay_out(rows, columns, from_input)
        self.order: Any = order  # tensors in `LevelPlan`, as `slot`
        self.place: Any = place

    def _columns_of_levels(self, rows, columns, from_input) -> list[slice | None]:
        """Span of the hidden sources of each level."""
        rows, columns = rows[~from_input], columns[~from_input]
        level = np.repeat(np.arange(len(self.level_sizes)), self.level_sizes)[rows]
        first = np.full(len(self.level_sizes), self.n_hidden)
        last = np.zeros(len(self.level_sizes), dtype=int)
        np.minimum.at(first, level, columns)
        np.maximum.at(last, level, columns + 1)
        return [slice(int(a), int(b)) if a < b else None for a, b in zip(first, last)]

    def _lay_out(self, rows, columns, from_input) -> None:
        """Place of each connection in the buffer."""
        top, left = self.input_rows.start, self.input_columns.start
        width = self.input_columns.stop - left
        self.input_size = (self.input_rows.stop - top) * width
        spans = [slice(0, 0) if c is None else c for c in self.level_columns]
        widths = np.array([c.stop - c.start for c in spans])
        areas = widths * self.level_sizes
        self.square = 2.5 * areas.sum() > self.n_targets * self.n_hidden > 0
        if self.square:
            self.block_sizes = [self.n_targets * self.n_hidden]
            hidden = rows * self.n_hidden + columns
        else:
            self.block_sizes = areas.tolist()
            level = np.repeat(np.arange(len(areas)), self.level_sizes)[rows]
            bounds = np.cumsum(self.level_sizes) - self.level_sizes
            starts = np.array([c.start for c in spans])
            hidden = (np.cumsum(areas) - areas)[level]
            hidden += (rows - bounds[level]) * widths[level] + columns - starts[level]
        self.slot = np.where(
            from_input, (rows - top) * width + columns - left, self.input_size + hidden
        )
        self.buffer_size = self.input_size + sum(self.block_sizes)


def _span(positions, where) -> slice:
    """Slice from the first to the last of some positions."""
    chosen = positions[where]
    return slice(int(chosen.min()), int(chosen.max()) + 1) if len(chosen) else slice(0, 0)
