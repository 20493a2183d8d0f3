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
        """Number of connections that are stored."""
        return sum(layer.n_connections for layer in self.layers)

    @property
    def n_allowed(self) -> int:
        """Number of connections that there may be between the neurons that exist."""
        return sum(layer.n_allowed for layer in self.layers)

    @property
    def n_multiplications(self) -> int:
        """Multiplications of one inference."""
        return sum(layer.n_multiplications for layer in self.layers)

    def dormant(self) -> np.ndarray:
        """Connections that are allowed and don't exist.

        Returns
        -------
        places : ndarray of int
            Their places, ascending, counted through all layers.
        """
        parts, begin = [], 0
        for layer in self.layers:
            parts.append(layer.dormant())
            parts[-1] += begin
            begin += layer.n_allowed
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def candidates(self, signals) -> Iterator[tuple[int, np.ndarray]]:
        """Yield blocks of places, layer after layer, with the sizes of their gradients.

        Parameters
        ----------
        signals : list of Signals
            What a batch did to each layer.

        Yields
        ------
        first : int
            The first place of a block, counted through all layers.
        size : ndarray
            Size of the gradient at each place; -1 at connections that exist.
        """
        begin = 0
        for layer, signal in zip(self.layers, signals, strict=True):
            for first, size in layer.candidates(signal):
                yield begin + first, size
            begin += layer.n_allowed

    def saliency(self, signals, sample_weight) -> np.ndarray:
        """Importance of every stored connection.

        Parameters
        ----------
        signals : list of Signals
            What a batch did to each layer.
        sample_weight : ndarray of shape (n_samples,)
            Weights of its samples.

        Returns
        -------
        saliency : ndarray of shape (n_connections,)
            In the order of `weight`.
        """
        ends = np.cumsum([layer.n_connections for layer in self.layers])
        weights = np.split(self.weight, ends[:-1])
        triples = zip(self.layers, weights, signals, strict=True)
        return np.concatenate(
            [layer.saliency(weight, signal, sample_weight) for layer, weight, signal in triples]
        )
