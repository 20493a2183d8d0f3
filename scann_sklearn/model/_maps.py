"""What a program makes of an image before its first row: convolutions and pooling."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

# Models that were saved are read with this module: of other packages it imports NumPy only.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod

import numpy as np

from scann_sklearn.model._map_stage import CONVOLUTION, MEAN, MapStage

_AT_ONCE = 2**21  # values of the largest maps: samples go through in parts
_MOST = 2**27  # numbers of a layer; more is no image


@dataclass(frozen=True, eq=False)
class Maps:
    """Stages of maps ahead of the rows of a program, whose entries are the maps of the last stage.

    Arrays are flat, as in a file: those of all stages follow each other.

    Parameters
    ----------
    image : ndarray of int of shape (3,)
        Maps of an image, their rows and columns. The inputs of the program are its values, row by
        row.
    stages : ndarray of int of shape (5 * n_stages,)
        Of each stage its kind, number of maps, size, stride and padding, see `MapStage`.
    indptr : ndarray of int of shape (n_maps + 1,)
        Where the connections of each map of a convolution begin and end.
    indices : ndarray of int of shape (n_connections,)
        Where each connection reads, see `MapStage`.
    weights : ndarray of float of shape (n_connections,)
        Strength of each connection.
    biases : ndarray of float of shape (n_maps,)
        What each map of a convolution adds.
    areas : ndarray of uint8 of shape (n_bytes,), default=empty
        A bit for each position of the maps of all convolutions, as `numpy.packbits` puts
        them: whether it is computed, else it is zero. Empty: all are.
    """

    image: np.ndarray
    stages: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    areas: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint8))

    @cached_property
    def parts(self) -> tuple[MapStage, ...]:
        """The stages."""
        source, parts, first = tuple(self.image.tolist()), [], 0
        flags = np.unpackbits(self.areas).astype(bool)
        for kind, n_maps, size, stride, padding in self.stages.reshape(-1, 5).tolist():
            last = first + n_maps * (kind == CONVOLUTION)
            indptr = self.indptr[first : last + 1]
            own = slice(indptr[0], indptr[-1])
            arrays = (self.indices[own], self.weights[own], self.biases[first:last])
            options = (n_maps, size, stride, padding)
            stage = MapStage(kind, source, *options, indptr - indptr[0], *arrays)
            if kind == CONVOLUTION and len(flags):
                area, flags = np.split(flags, [prod(stage.target)])
                stage = replace(stage, area=None if area.all() else area.reshape(stage.target))
            parts.append(stage)
            source, first = parts[-1].target, last
        return tuple(parts)

    @cached_property
    def n_entries(self) -> int:
        """Number of values of the last maps."""
        return prod(self.parts[-1].target)

    @property
    def n_connections(self) -> int:
        """Number of weights."""
        return len(self.weights)

    @property
    def copied(self) -> np.ndarray:
        """Inputs that have to be there: all of an image."""
        return np.arange(prod(self.image.tolist()))

    @property
    def numbers(self) -> np.ndarray:
        """Weights and biases, which have to fit into a type."""
        return np.concatenate([self.weights, self.biases])

    def hashed(self) -> list[np.ndarray]:
        """Arrays that name what is computed, in fixed types."""
        whole = (self.image, self.stages, self.indptr, self.indices)
        areas = [self.areas] if len(self.areas) else []  # so that names of older models stay
        return [a.astype("<i8") for a in whole] + [self.numbers.astype("<f4"), *areas]

    def select(self, read) -> tuple[np.ndarray, np.ndarray, Maps]:
        """What is needed where only some entries are read: an image is taken as a whole.

        Parameters
        ----------
        read : ndarray of int
            Entries that rows read.

        Returns
        -------
        entries, inputs : ndarray of int
            Entries that there will be, and features that are their inputs: all.
        front : Maps
            The same.
        """
        return np.arange(self.n_entries), self.copied, self

    def problems(self, n_inputs: int) -> Iterator[str]:
        """Yield what is wrong; each check relies on those before it.

        Parameters
        ----------
        n_inputs : int
            Number of inputs of the program.

        Yields
        ------
        problem : str
            What is wrong.
        """
        kinds = {"image": "i", "stages": "i", "indptr": "i", "indices": "i", "areas": "u"}
        for name, kind in (kinds | {"weights": "f", "biases": "f"}).items():
            array = getattr(self, name)
            if array.ndim != 1 or array.dtype.kind != kind:
                yield f"{name} of the maps is of shape {array.shape} and dtype {array.dtype}"
        if len(self.image) != 3 or len(self.stages) % 5 or not len(self.stages):
            yield f"the maps have {len(self.image)} sizes and {len(self.stages)} numbers of stages"
        if self.image.min() < 1 or prod(self.image.tolist()) != n_inputs:
            yield f"maps of {self.image.tolist()} for {n_inputs} inputs"
        yield from self._problems_of_shapes()
        yield from self._problems_of_areas()
        yield from self._problems_of_connections()
        if not np.isfinite(self.numbers).all():
            yield "weights or biases of the maps are not finite"

    def _problems_of_shapes(self) -> Iterator[str]:
        source, n_biases = tuple(self.image.tolist()), len(self.biases)
        for kind, n_maps, size, stride, padding in self.stages.reshape(-1, 5).tolist():
            if not (0 <= kind <= MEAN and min(n_maps, size, stride) >= 1 and padding >= 0):
                yield f"a stage of the maps is {[kind, n_maps, size, stride, padding]}"
            if kind != CONVOLUTION and (n_maps, stride, padding) != (source[0], size, 0):
                yield f"a pooling of {source[0]} maps is {[n_maps, size, stride, padding]}"
            smallest = min(source[1:])
            if size > smallest + 2 * padding or padding > min(smallest, size - 1):
                yield f"a kernel of {size} with padding {padding} on maps of {source[1:]}"
            n_biases -= n_maps * (kind == CONVOLUTION)
            none = np.empty(0)
            stage = MapStage(kind, source, n_maps, size, stride, padding, *[none] * 4)
            source = stage.target
            if n_biases < 0 or prod(source) > _MOST:
                yield f"maps of {source} with {len(self.biases)} biases"
        if n_biases != 0:
            yield f"{len(self.biases)} biases for {len(self.biases) - n_biases} maps"

    def _problems_of_areas(self) -> Iterator[str]:
        source, n_positions = tuple(self.image.tolist()), 0
        for kind, *sizes in self.stages.reshape(-1, 5).tolist():
            source = MapStage(kind, source, *sizes, *[np.empty(0)] * 4).target
            n_positions += prod(source) * (kind == CONVOLUTION)
        expected = (0, -(-n_positions // 8))
        if self.areas.dtype != np.uint8 or len(self.areas) not in expected:
            size = f"{len(self.areas)} bytes of {self.areas.dtype}"
            yield f"areas of the maps have {size} for {n_positions} positions"

    def _problems_of_connections(self) -> Iterator[str]:
        n = len(self.indices)
        if len(self.indptr) != len(self.biases) + 1 or len(self.weights) != n:
            yield (
                f"lengths of the maps are {len(self.biases)} (biases), {len(self.indptr)} "
                f"(indptr), {n} (indices) and {len(self.weights)} (weights)"
            )
        ends = (self.indptr[0], self.indptr[-1])
        if ends != (0, n) or (self.indptr[1:] < self.indptr[:-1]).any():
            yield f"indptr of the maps doesn't rise from 0 to {n}"
        for stage in self.parts:
            indices = stage.indices
            if len(indices) and (indices.min() < 0 or indices.max() >= stage.n_sources):
                yield f"a connection of the maps is outside of {stage.n_sources} places"
            starts = np.zeros(len(indices) + 1, dtype=bool)
            starts[stage.indptr] = True
            if ((indices[1:] <= indices[:-1]) & ~starts[1:-1]).any():
                yield "connections of a map don't ascend"

    def entries(self, inputs: np.ndarray) -> np.ndarray:
        """Values of the entries.

        Parameters
        ----------
        inputs : ndarray of float of shape (n_inputs, n_samples)
            Values of images.

        Returns
        -------
        entries : ndarray of shape (n_entries, n_samples)
            Maps of the last stage, in the dtype of the inputs.
        """
        largest = max(prod(stage.target) for stage in self.parts)

        def forward(images) -> np.ndarray:
            maps = images.reshape(*self.image, -1)
            for stage in self.parts:
                maps = stage.forward(maps)
            return maps.reshape(self.n_entries, -1)

        return in_parts(forward, inputs, self.n_entries, largest)


def in_parts(forward, inputs, n_entries, largest) -> np.ndarray:
    """Evaluate some samples at a time, so that the maps between take up little memory.

    Parameters
    ----------
    forward : callable
        Makes entries of inputs.
    inputs : ndarray of shape (n_inputs, n_samples)
        Images.
    n_entries : int
        Number of entries.
    largest : int
        Numbers of the largest maps of a sample.

    Returns
    -------
    entries : ndarray of shape (n_entries, n_samples)
        In the dtype of the inputs.
    """
    at_once = max(1, _AT_ONCE // max(len(inputs), largest))
    entries = np.empty((n_entries, inputs.shape[1]), inputs.dtype)
    for first in range(0, inputs.shape[1], at_once):
        part = slice(first, first + at_once)
        entries[:, part] = forward(inputs[:, part])
    return entries
