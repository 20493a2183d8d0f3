"""Maps in integers: the arithmetic of the C code, bit by bit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from scann_sklearn.export._map_blocks import Block
from scann_sklearn.model._maps import in_parts


@dataclass(frozen=True, eq=False)
class FixedBlock:
    """A convolution with its pooling, in integers.

    A sum of 32 bits is what a connection after the other adds to a bias. A window keeps the largest
    sum and 0, or adds the sums above 0, each shifted by `halvings`. Its total is shifted by
    `shifts`, saturates between `low` and `high`, and is written less `zero`.

    Parameters
    ----------
    block : Block
        The connections.
    weights : ndarray of shape (n_connections,), int64
        Weights, of as many bits as an image.
    biases : ndarray of shape (n_maps,), int64
        Biases of 32 bits.
    shifts : ndarray of shape (n_maps,), int64
        At most 31.
    halvings : int
        So many that the sum of a window stays within 32 bits; 0 where there is none.
    low, high : int
        Bounds of what is written, before `zero` is subtracted.
    zero : int
        What 0 is less than the integer that is written for it.
    outside : int
        What is read outside of the source maps: the integer for 0.
    """

    block: Block
    weights: np.ndarray
    biases: np.ndarray
    shifts: np.ndarray
    halvings: int
    low: int
    high: int
    zero: int
    outside: int

    def totals(self, source) -> np.ndarray:
        """Totals of the windows before they are shifted.

        Parameters
        ----------
        source : ndarray of shape (n_maps, rows, columns, n_samples), int64
            Source maps.

        Returns
        -------
        totals : ndarray of shape (n_maps, rows, columns, n_samples), int64
            One for each number that comes out.
        """
        block = self.block
        sums = block.convolution.sums(source, self.weights, self.biases, self.outside)
        if block.is_linear:
            return sums
        sums = np.maximum(sums, 0) >> self.halvings
        return sums if block.pool is None else block.pool.pooled(sums)

    def written(self, totals) -> np.ndarray:
        """What becomes of totals."""
        values = totals >> self.shifts[:, None, None, None]
        return np.clip(values, self.low, self.high) - self.zero

    def forward(self, source) -> np.ndarray:
        """Target maps of source maps, both int64."""
        return self.written(self.totals(source))


@dataclass(frozen=True, eq=False)
class FixedMaps:
    """All maps of a network in integers.

    Parameters
    ----------
    image : tuple of int
        Maps of an image, their rows and columns.
    blocks : list of FixedBlock
        One after the other.
    """

    image: tuple[int, int, int]
    blocks: list[FixedBlock]

    def entries(self, inputs: np.ndarray) -> np.ndarray:
        """The last maps, as rows read them.

        Parameters
        ----------
        inputs : ndarray of shape (n_inputs, n_samples), int64
            Images.

        Returns
        -------
        entries : ndarray of shape (n_entries, n_samples), int64
            Integers of 16 bits.
        """
        shape = prod(self.blocks[-1].block.target)
        largest = max(prod(b.block.convolution.target) for b in self.blocks)

        def forward(images) -> np.ndarray:
            maps = images.reshape(*self.image, -1)
            for block in self.blocks:
                maps = block.forward(maps)
            return maps.reshape(shape, -1)

        return in_parts(forward, inputs, shape, largest)

    def hashed(self) -> list[np.ndarray]:
        """Arrays that name what is computed."""
        arrays = []
        for b in self.blocks:
            arrays += [b.weights, b.biases, b.shifts]
            arrays.append(np.array([b.halvings, b.low, b.high, b.zero, b.outside]))
        return arrays
