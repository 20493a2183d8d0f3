"""The graph of a fitted network: nodes with their levels, connections with their kinds."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from scann_sklearn.network._topology import Topology

KINDS = ("input → hidden", "hidden → hidden", "hidden → output", "input → output")


@dataclass(frozen=True, eq=False)
class Graph:
    """Connections between nodes: inputs, then hidden neurons, then outputs.

    Parameters
    ----------
    n_inputs, n_hidden, n_outputs : int
        Numbers of nodes, unused inputs included.
    sources, targets : ndarray of int of shape (n_connections,)
        Nodes at the two ends of each connection.
    levels : ndarray of int of shape (n_nodes,)
        Connections on the longest path from an input to a node. All outputs have the level of the
        deepest one, as they are read together.
    """

    n_inputs: int
    n_hidden: int
    n_outputs: int
    sources: np.ndarray
    targets: np.ndarray
    levels: np.ndarray

    @classmethod
    def of(cls, topology: Topology) -> Self:
        """Graph of a network's connections."""
        d, h, c = topology.n_inputs, topology.n_hidden, topology.n_outputs
        levels = np.zeros(d + h + c, dtype=int)
        levels[d : d + h] = topology.levels[:h]
        levels[d + h :] = topology.depth
        return cls(d, h, c, topology.indices, topology.targets + d, levels)

    @property
    def depth(self) -> int:
        """Connections on the longest path from an input to an output."""
        return int(self.levels[-1])

    @property
    def hidden(self) -> np.ndarray:
        """Nodes that are hidden neurons."""
        return np.arange(self.n_inputs, self.n_inputs + self.n_hidden)

    @property
    def outputs(self) -> np.ndarray:
        """Nodes that are outputs."""
        return np.arange(self.n_inputs + self.n_hidden, len(self.levels))

    @cached_property
    def input_uses(self) -> np.ndarray:
        """Number of connections that read each input, shape (n_inputs,)."""
        return np.bincount(self.sources, minlength=len(self.levels))[: self.n_inputs]

    @property
    def used_inputs(self) -> np.ndarray:
        """Inputs that are read."""
        return np.flatnonzero(self.input_uses)

    @cached_property
    def hidden_by_level(self) -> tuple[int, ...]:
        """Number of hidden neurons at the levels 1, 2 and so on."""
        counts = np.bincount(self.levels[self.hidden], minlength=max(self.depth, 1))
        return tuple(counts[1:].tolist())

    @cached_property
    def connections_by_kind(self) -> dict[str, int]:
        """Number of connections of each kind."""
        from_input = self.sources < self.n_inputs
        to_output = self.targets >= self.n_inputs + self.n_hidden
        masks = (
            from_input & ~to_output,
            ~from_input & ~to_output,
            ~from_input & to_output,
            from_input & to_output,
        )
        return {kind: int(mask.sum()) for kind, mask in zip(KINDS, masks)}

    @cached_property
    def n_skip(self) -> int:
        """Number of connections that pass over at least one level."""
        return int((self.levels[self.targets] - self.levels[self.sources] > 1).sum())
