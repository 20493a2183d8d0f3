"""One stage of maps, and its arithmetic in NumPy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

# Models that were saved are read with this module: of other packages it imports NumPy only.

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

CONVOLUTION, MAXIMUM, MEAN = range(3)  # kinds of stages


@dataclass(frozen=True, eq=False)
class MapStage:
    """A convolution or a pooling.

    A convolution has a ReLU behind it. A pooling by maxima has one of its own: no value of its maps
    is below zero.

    Parameters
    ----------
    kind : int
        CONVOLUTION, MAXIMUM or MEAN.
    source : tuple of int
        Maps that come in, their rows and columns.
    n_maps : int
        Maps that come out.
    size : int
        Rows and columns of a kernel or a window.
    stride : int
        Step between two positions; that of a pooling is its size.
    padding : int
        Rows and columns of zeros around the source maps; 0 for a pooling.
    indptr : ndarray of shape (n_maps + 1,)
        Where the connections of each map begin and end; of a pooling nothing.
    indices : ndarray of shape (n_connections,)
        (source map * size + dy) * size + dx of each connection, ascending within a map.
    weights : ndarray of shape (n_connections,)
        Strength of each connection.
    biases : ndarray of shape (n_maps,)
        What each map adds; of a pooling nothing.
    area : ndarray of bool of shape (n_maps, rows, columns), default=None
        Where a convolution is computed, zero being elsewhere; None: everywhere.
    """

    kind: int
    source: tuple[int, int, int]
    n_maps: int
    size: int
    stride: int
    padding: int
    indptr: np.ndarray
    indices: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    area: np.ndarray | None = None

    @cached_property
    def target(self) -> tuple[int, int, int]:
        """Maps that come out, their rows and columns."""
        height, width = (
            (n + 2 * self.padding - self.size) // self.stride + 1 for n in self.source[1:]
        )
        return self.n_maps, height, width

    @property
    def positions(self) -> np.ndarray:
        """Number of positions at which each map of a convolution is computed."""
        n, rows, columns = self.target
        return np.full(n, rows * columns) if self.area is None else self.area.sum(axis=(1, 2))

    @property
    def n_sources(self) -> int:
        """Connections that a map may have."""
        return self.source[0] * self.size**2

    def places(self) -> list[tuple[int, int, int]]:
        """Source map, row and column in the kernel of each connection."""
        area = self.size**2
        columns = self.indices // area, self.indices // self.size % self.size
        return list(zip(*(c.tolist() for c in (*columns, self.indices % self.size))))

    def window(self, place, rows, columns) -> tuple:
        """Index of what a connection reads of padded source maps, at all positions.

        Parameters
        ----------
        place : tuple of int
            Source map, row and column in the kernel.
        rows, columns : int
            Positions.

        Returns
        -------
        index : tuple
            Of source maps.
        """
        s, dy, dx = place
        step = self.stride
        return (
            s,
            slice(dy, dy + (rows - 1) * step + 1, step),
            slice(dx, dx + (columns - 1) * step + 1, step),
        )

    def sums(self, source, weights, biases, outside=0) -> np.ndarray:
        """What comes into each neuron of a convolution: connection after connection, bias first.

        Parameters
        ----------
        source : ndarray of shape (n_maps, rows, columns, n_samples)
            Source maps.
        weights : ndarray of shape (n_connections,)
            Taken for those of the stage, in the dtype of the source.
        biases : ndarray of shape (n_maps,)
            Taken for those of the stage.
        outside : number, default=0
            What is read outside of the source maps.

        Returns
        -------
        sums : ndarray of shape (n_maps, rows, columns, n_samples)
            Before the ReLU; zero outside of the area.
        """
        p, (n, rows, columns) = self.padding, self.target
        if p:
            edges = (0, 0), (p, p), (p, p), (0, 0)
            source = np.pad(source, edges, constant_values=outside)
        sums = np.empty((n, rows, columns, source.shape[-1]), source.dtype)
        places = self.places()
        for t in range(n):
            sums[t] = biases[t]
            for j in range(self.indptr[t], self.indptr[t + 1]):
                sums[t] += weights[j] * source[self.window(places[j], rows, columns)]
        if self.area is not None:
            sums[~self.area] = 0
        return sums

    def pooled(self, source) -> np.ndarray:
        """Maxima or means of windows; sums where the source is of integers.

        Parameters
        ----------
        source : ndarray of shape (n_maps, rows, columns, n_samples)
            Source maps.

        Returns
        -------
        target : ndarray of shape (n_maps, rows, columns, n_samples)
            Target maps.
        """
        _, rows, columns = self.target
        of_window = [(dy, dx) for dy in range(self.size) for dx in range(self.size)]
        target = np.zeros((*self.target, source.shape[-1]), source.dtype)
        one = source.dtype.type(1)
        is_float = source.dtype.kind == "f"
        share = one / source.dtype.type(self.size**2) if is_float else one
        for dy, dx in of_window:
            values = source[self.window((slice(None), dy, dx), rows, columns)]
            if self.kind == MAXIMUM:
                np.maximum(target, values, out=target)
            else:
                target += share * values
        return target

    def forward(self, source) -> np.ndarray:
        """Target maps, in the dtype of the source.

        Parameters
        ----------
        source : ndarray of shape (n_maps, rows, columns, n_samples)
            Source maps.

        Returns
        -------
        target : ndarray of shape (n_maps, rows, columns, n_samples)
            Target maps.
        """
        if self.kind != CONVOLUTION:
            return self.pooled(source)
        weights, biases = (a.astype(source.dtype) for a in (self.weights, self.biases))
        sums = self.sums(source, weights, biases)
        return np.maximum(sums, 0, out=sums)
