"""Sparse convolutions and pooling: layers whose neurons are maps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from scann_sklearn.network import _conv_kernels
from scann_sklearn.network._area import checked_area, spans_of, without_gaps
from scann_sklearn.network._topology import read_only

_BLOCK = 2**16  # places whose gradients are computed at a time


class MapShape(NamedTuple):
    """Size of the maps between two layers."""

    n_maps: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """Numbers of one sample."""
        return self.n_maps * self.height * self.width


class MapSignals(NamedTuple):
    """What a batch did to one layer of maps.

    Parameters
    ----------
    activation : ndarray of shape (source.size * n_samples,)
        Values of the source maps, samples last.
    delta : ndarray of shape (target.size * n_samples,)
        Gradient of the mean loss with respect to every target before its ReLU, samples last.
    n_samples : int
        Number of samples.
    """

    activation: np.ndarray
    delta: np.ndarray
    n_samples: int


@dataclass(frozen=True, eq=False)
class SparseConv2d:
    """A convolution of which only some weights exist.

    A connection is (target map, source map, dy, dx): its weight is stored once and used at every
    position. Where the kernel reaches over the edge of a map, zeros are read.

    Parameters
    ----------
    source : MapShape
        What comes in.
    n_maps : int
        Number of target maps.
    kernel_size : int
        Rows and columns of a kernel.
    indptr : ndarray of shape (n_maps + 1,)
        Where the connections of each target map begin and end in `indices`.
    indices : ndarray of shape (n_connections,)
        (source map * kernel_size + dy) * kernel_size + dx of each connection, ascending within a
        target map.
    stride : int, default=1
        Step between two positions.
    padding : int, default=0
        Rows and columns of zeros around the source maps.
    area : ndarray of bool of shape (n_maps, height, width), default=None
        The positions at which each target map is computed, at least one of a map; at the others it
        is zero, behind its ReLU too. None: all of them.

    Raises
    ------
    ValueError
        If a connection is not allowed or stands out of order, the kernel doesn't fit, or the area
        is of another shape than the target maps or leaves one of them no position.
    """

    source: MapShape
    n_maps: int
    kernel_size: int
    indptr: np.ndarray
    indices: np.ndarray
    stride: int = 1
    padding: int = 0
    area: np.ndarray | None = None
    places: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        k, padded = self.kernel_size, 2 * self.padding
        source = MapShape(*self.source)
        if min(source.height, source.width) + padded < k:
            raise ValueError(
                f"A kernel of {k} x {k} is larger than its map of {source.height} x "
                f"{source.width} with padding {self.padding}."
            )
        indptr = np.array(self.indptr, dtype=np.int32)
        indices = np.array(self.indices, dtype=np.int32)
        self._check(indptr, indices, source.n_maps * k * k)
        places = np.stack([indices // (k * k), indices // k % k, indices % k])
        for name, array in (("indptr", indptr), ("indices", indices), ("places", places)):
            object.__setattr__(self, name, read_only(np.ascontiguousarray(array)))
        object.__setattr__(self, "source", source)
        if self.area is not None:
            object.__setattr__(self, "area", checked_area(self.area, tuple(self.target)))

    def _check(self, indptr, indices, n_sources) -> None:
        fits = len(indptr) == self.n_maps + 1 and indptr[0] == 0 and indptr[-1] == len(indices)
        if not fits or (np.diff(indptr) < 0).any():
            raise ValueError(
                f"indptr doesn't describe {self.n_maps} maps and {len(indices)} connections."
            )
        outside = (indices < 0) | (indices >= n_sources)
        if outside.any():
            raise ValueError(
                f"The connection {indices[outside][0]} is not allowed: there are "
                f"{n_sources} places."
            )
        targets = np.repeat(np.arange(self.n_maps), np.diff(indptr))
        if ((np.diff(indices) <= 0) & (np.diff(targets) == 0)).any():
            raise ValueError("The connections of a target map must ascend.")

    @classmethod
    def dense(cls, source, n_maps, kernel_size, *, stride=1, padding=0) -> Self:
        """Convolution with every connection.

        Parameters
        ----------
        source : MapShape
            See the class.
        n_maps : int
            See the class.
        kernel_size : int
            See the class.
        stride : int, default=1
            See the class.
        padding : int, default=0
            See the class.

        Returns
        -------
        layer : SparseConv2d
            All connections.
        """
        each = source[0] * kernel_size**2
        indptr = each * np.arange(n_maps + 1)
        indices = np.tile(np.arange(each), n_maps)
        return cls(MapShape(*source), n_maps, kernel_size, indptr, indices, stride, padding)

    @cached_property
    def target(self) -> MapShape:
        """What comes out."""
        height, width = (
            (n + 2 * self.padding - self.kernel_size) // self.stride + 1 for n in self.source[1:]
        )
        return MapShape(self.n_maps, height, width)

    @property
    def n_connections(self) -> int:
        """Number of connections that exist, as many as weights are stored."""
        return len(self.indices)

    @property
    def n_sources(self) -> int:
        """Connections that a target map may have."""
        return self.source.n_maps * self.kernel_size**2

    @property
    def n_allowed(self) -> int:
        """Number of connections that there may be."""
        return self.n_maps * self.n_sources

    @property
    def n_computed(self) -> int:
        """Positions of all target maps at which they are computed."""
        return self.target.size if self.area is None else int(self.area.sum())

    @cached_property
    def n_multiplications(self) -> int:
        """Multiplications of one inference: one for each connection and position inside a map."""
        rows = self._is_inside(self.source.height, self.target.height)
        columns = self._is_inside(self.source.width, self.target.width)
        if self.area is None:
            n_rows, n_columns = rows.sum(axis=0), columns.sum(axis=0)
            return int((n_rows[self.places[1]] * n_columns[self.places[2]]).sum())
        of_kernel = np.einsum("tyx,yd,xe->tde", self.area.astype(np.int64), rows, columns)
        return int(of_kernel[self.targets, self.places[1], self.places[2]].sum())

    @cached_property
    def n_kernel_multiplications(self) -> int:
        """Those of the compiled kernels, which compute rows of a map without gaps."""
        if self.area is None:
            return self.n_multiplications
        return replace(self, area=without_gaps(self.area)).n_multiplications

    def _is_inside(self, n_in, n_out) -> np.ndarray:
        """At which positions each offset of the kernel reads inside the map."""
        read = np.arange(n_out)[:, None] * self.stride + np.arange(self.kernel_size) - self.padding
        return (read >= 0) & (read < n_in)

    @cached_property
    def _spans(self) -> np.ndarray:
        return spans_of(self.area, self.target)

    def clear_outside(self, maps, n_samples) -> None:
        """Set target maps to zero where they are not computed.

        Parameters
        ----------
        maps : ndarray of shape (target.size * n_samples,)
            Target maps or their gradients, samples last; changed in place.
        n_samples : int
            Number of samples.
        """
        if self.area is not None:
            maps.reshape(-1, n_samples)[~self.area.ravel()] = 0

    @property
    def targets(self) -> np.ndarray:
        """Target map of every connection."""
        return np.repeat(np.arange(self.n_maps, dtype=np.int32), np.diff(self.indptr))

    @property
    def kernel_shape(self) -> tuple[int, int, int, int]:
        """Shape of an array with one entry for every place."""
        return self.n_maps, self.source.n_maps, self.kernel_size, self.kernel_size

    def own_places(self) -> np.ndarray:
        """Places of the connections that exist, ascending.

        Returns
        -------
        places : ndarray of int
            As of `dormant`.
        """
        return self.targets.astype(np.int64) * self.n_sources + self.indices

    def dormant(self) -> np.ndarray:
        """Places of the connections that are allowed and don't exist, ascending.

        Returns
        -------
        places : ndarray of int
            Target map * number of places of a map + index.
        """
        there = np.zeros(self.n_allowed, dtype=bool)
        there[self.own_places()] = True
        return np.flatnonzero(~there)

    def restrict(self, connections, sources, targets) -> Self:
        """Layer of some of the connections and maps.

        Parameters
        ----------
        connections : ndarray of bool of shape (n_connections,)
            The connections to keep, none of which is between maps that go.
        sources, targets : ndarray of bool
            The source maps and target maps to keep.

        Returns
        -------
        layer : SparseConv2d
            What is left.
        """
        area = self.kernel_size**2
        position = np.cumsum(sources) - 1
        indices = position[self.places[0]] * area + self.indices % area
        counts = np.bincount(self.targets[connections], minlength=self.n_maps)[targets]
        source = MapShape(int(sources.sum()), *self.source[1:])
        indptr = np.append(0, np.cumsum(counts))
        left = None if self.area is None else self.area[targets]
        own = (source, len(counts), self.kernel_size, indptr, indices[connections])
        return type(self)(*own, self.stride, self.padding, left)

    def forward(self, source, weight, bias, n_samples, *, rectified=True) -> np.ndarray:
        """Target maps.

        Parameters
        ----------
        source : ndarray of shape (source.size * n_samples,)
            Source maps, samples last.
        weight : ndarray of shape (n_connections,)
            Strength of each connection.
        bias : ndarray of shape (n_maps,)
            Bias of each map.
        n_samples : int
            Number of samples.
        rectified : bool, default=True
            Whether a ReLU follows; a pooling by maxima has one of its own.

        Returns
        -------
        target : ndarray of shape (target.size * n_samples,)
            Target maps, samples last.
        """
        target = np.empty(self.target.size * n_samples, weight.dtype)
        connections = (self.indptr, self.places, self._spans, weight, bias)
        _conv_kernels.convolve(source, *connections, target, rectified, self._sizes(n_samples))
        self.clear_outside(target, n_samples)
        return target

    def backward(self, source, weight, delta, n_samples, *, goes_on=True) -> tuple:
        """Gradients of weights, biases and source maps.

        Parameters
        ----------
        source : ndarray of shape (source.size * n_samples,)
            As for `forward`.
        weight : ndarray of shape (n_connections,)
            As for `forward`.
        delta : ndarray of shape (target.size * n_samples,)
            Gradient of the targets before their ReLU, zero outside of the area.
        n_samples : int
            As for `forward`.
        goes_on : bool, default=True
            Whether the gradient of the source maps is needed.

        Returns
        -------
        weight_grad, bias_grad, back : ndarray
            Like `weight`, the biases and `source`; the last is empty where it isn't needed.
        """
        grads = np.empty_like(weight), np.empty(self.n_maps, weight.dtype)
        back = np.empty(len(source) if goes_on else 0, weight.dtype)
        connections = (self.indptr, self.places, self._spans, weight)
        _conv_kernels.convolve_back(
            source, *connections, delta, *grads, back, self._sizes(n_samples)
        )
        return *grads, back

    def _sizes(self, n_samples) -> tuple[int, ...]:
        return (*self.source, *self.target, self.stride, self.padding, n_samples)

    def candidates(self, signals: MapSignals) -> Iterator[tuple[int, np.ndarray]]:
        """Yield blocks of places with the sizes of their gradients.

        Parameters
        ----------
        signals : MapSignals
            What a batch did.

        Yields
        ------
        first : int
            The first place of a block.
        size : ndarray
            Size of the gradient at each place; -1 at connections that exist.
        """
        at_once = max(1, _BLOCK // self.n_sources)
        area = self.target.height * self.target.width * signals.n_samples
        for first in range(0, self.n_maps, at_once):
            last = min(first + at_once, self.n_maps)
            options = {"stride": self.stride, "padding": self.padding}
            block = SparseConv2d.dense(self.source, last - first, self.kernel_size, **options)
            delta = signals.delta[first * area : last * area]
            zeros = np.zeros(block.n_connections, delta.dtype)
            gradient, *_ = block.backward(
                signals.activation, zeros, delta, signals.n_samples, goes_on=False
            )
            size = np.abs(gradient)
            own = slice(self.indptr[first], self.indptr[last])
            size[(self.targets[own] - first) * self.n_sources + self.indices[own]] = -1
            yield first * self.n_sources, size

    def saliency(self, weight, signals: MapSignals, sample_weight) -> np.ndarray:
        """Importance of each connection: abs(weight) · E abs(delta) · E abs(activation).

        Parameters
        ----------
        weight : ndarray of shape (n_connections,)
            Strength of each connection.
        signals : MapSignals
            What a batch did.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples.

        Returns
        -------
        saliency : ndarray of shape (n_connections,)
            In the order of `weight`.
        """
        maps = (self.source.n_maps, -1, signals.n_samples)
        values = np.abs(signals.activation.reshape(maps)).mean(axis=1)
        size = np.average(values, axis=1, weights=sample_weight)
        slope = np.abs(signals.delta.reshape(self.n_maps, -1)).sum(axis=1)
        return np.abs(weight) * slope[self.targets] * size[self.places[0]]
