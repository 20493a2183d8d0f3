"""What is asked of all layers of a network together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


class LayeredMixin:
    """Counts, places and rankings through all layers, one after the other.

    Attributes
    ----------
    layers : tuple of Layer
        Their weights follow each other in `weight`.
    """

    layers: Any
    weight: np.ndarray

    @property
    def n_connections(self) -> int:
        """Number of connections."""
        return sum(layer.n_connections for layer in self.layers)

    @property
    def n_allowed(self) -> int:
        """Number of connections that are allowed between the existing neurons."""
        return sum(layer.n_allowed for layer in self.layers)

    @property
    def n_multiplications(self) -> int:
        """Number of multiplications of one inference."""
        return sum(layer.n_multiplications for layer in self.layers)

    def dormant(self) -> np.ndarray:
        """Find the connections that are allowed but don't exist.

        Returns
        -------
        places : ndarray of int
            Their positions among all allowed connections, counted through all layers, in ascending
            order.
        """
        parts, begin = [], 0
        for layer in self.layers:
            parts.append(layer.dormant())
            parts[-1] += begin
            begin += layer.n_allowed
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def candidates(self, signals) -> Iterator[tuple[int, np.ndarray]]:
        """Yield absolute gradients of allowed connections, block by block and layer by layer.

        Parameters
        ----------
        signals : list of Signals
            Activations and gradients of a batch, layer by layer.

        Yields
        ------
        first : int
            Position of the first connection of a block, counted through all layers.
        size : ndarray
            Absolute gradient at each position; -1 at connections that exist.
        """
        begin = 0
        for layer, signal in zip(self.layers, signals, strict=True):
            for first, size in layer.candidates(signal):
                yield begin + first, size
            begin += layer.n_allowed

    def saliency(self, signals, sample_weight) -> np.ndarray:
        """Compute the importance of every connection.

        Parameters
        ----------
        signals : list of Signals
            Activations and gradients of a batch, layer by layer.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples of the batch.

        Returns
        -------
        saliency : ndarray of shape (n_connections,)
            Importance of each connection, in the order of `weight`.
        """
        ends = np.cumsum([layer.n_connections for layer in self.layers])
        weights = np.split(self.weight, ends[:-1])
        triples = zip(self.layers, weights, signals, strict=True)
        return np.concatenate(
            [layer.saliency(weight, signal, sample_weight) for layer, weight, signal in triples]
        )
