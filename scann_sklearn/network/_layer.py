"""What a network consists of: layers, whose weights follow each other in one flat vector."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from scann_sklearn.network._samples import SparseSamples


class Signals(NamedTuple):
    """What a batch did to one layer.

    Parameters
    ----------
    activation : ndarray of shape (n_sources, n_samples)
        Values of the sources.
    delta : ndarray of shape (n_targets, n_samples)
        Gradient of the mean loss with respect to every target before its ReLU.
    """

    activation: np.ndarray
    delta: np.ndarray

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the values of the sources in one block, which begins with source 0."""
        yield 0, self.activation


@dataclass(frozen=True)
class SparseSignals:
    """What a batch of a sparse X did to one layer, without an array as large as a dense batch.

    Parameters
    ----------
    samples : SparseSamples
        The batch.
    hidden : ndarray of shape (n_hidden, n_samples)
        Values of the hidden neurons.
    delta : ndarray of shape (n_targets, n_samples)
        Gradient of the mean loss with respect to every target before its ReLU.
    """

    samples: SparseSamples
    hidden: np.ndarray
    delta: np.ndarray

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the values of the sources in blocks, each with the number of its first."""
        yield from self.samples.feature_blocks(self.hidden.dtype)
        yield self.samples.shape[1], self.hidden


class Layer(Protocol):
    """Connections of one kind.

    A layer says which connections there may be and which there are; the weights are the network's,
    one for each *stored* connection: a weight that is used at many positions is stored once.
    Operations rank the flat vector of all layers, so that one budget, one growth and one pruning
    cover layers of every kind.
    """

    @property
    def n_connections(self) -> int:
        """Number of connections that exist, as many as weights are stored."""

    @property
    def n_allowed(self) -> int:
        """Number of connections that there may be."""

    @property
    def n_multiplications(self) -> int:
        """Multiplications of one inference: what energy counts."""

    def dormant(self) -> np.ndarray:
        """Places of the connections that are allowed and don't exist, ascending."""

    def candidates(self, signals: Signals | SparseSignals) -> Iterator[tuple[int, np.ndarray]]:
        """Yield blocks of places: the first place, and the size of the gradient at each.

        It is -1 at connections that exist. Blocks bound the memory that growth needs.
        """

    def saliency(
        self, weight: np.ndarray, signals: Signals | SparseSignals, sample_weight: np.ndarray
    ) -> np.ndarray:
        """Importance of each stored connection."""
