"""Samples, dense or sparse, as networks are trained and computed on them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy.sparse import issparse

from scann_sklearn._arrays import canonical
from scann_sklearn.network import _inference
from scann_sklearn.network._codes import IDENTITY
from scann_sklearn.network._saturation import finite_outputs
from scann_sklearn.network._sparse_kernels import scatter, stored_bounds

# Samples of a sparse X that are dense at a time where many inputs are read: a multiple of what
# processors compute at once, so that blocks don't show in results. Where few are read: numbers.
_ROWS, _NUMBERS = 64, 2**16
# Bytes of the inputs that are read up to which a batch is taken feature by feature: they stay in a
# cache, and that is up to twice as fast. Beyond it row by row is three times as fast.
_CACHE = 2**21


class Samples(Protocol):
    """What is looked at in place of X, so that nothing else has to know whether it is sparse."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of samples and of features."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray) -> Samples:
        """Some of the samples."""

    def dense(self, rows: Any = slice(None)) -> np.ndarray:
        """Some of the samples as an array of shape (n_rows, n_features)."""

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of each feature."""

    def outputs(self, network: Any) -> np.ndarray:
        """Outputs of a network, shape (n_samples, n_outputs)."""

    def hidden_activations(self, network: Any) -> np.ndarray:
        """Activations of a network's hidden neurons, shape (n_hidden, n_samples)."""

    def inputs(self, topology: Any) -> tuple[Any, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """What the kernel of an epoch takes of the samples and of the connections."""


def as_samples(X: Any) -> Samples:
    """Samples of an array or of a sparse matrix; samples are returned as they are.

    Parameters
    ----------
    X : array-like or scipy.sparse matrix of shape (n_samples, n_features), or Samples
        It isn't changed, and must not change as long as the samples are in use.

    Returns
    -------
    samples : Samples
        They hold the memory of X where that has the form for the compiled code.
    """
    if issparse(X):
        return SparseSamples(canonical(X.tocsr()))
    return X if hasattr(X, "hidden_activations") else DenseSamples(X)


class DenseSamples:
    """Samples in an array.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The samples.
    """

    def __init__(self, X) -> None:
        self.X = np.ascontiguousarray(X)
        self.shape, self.dtype = self.X.shape, self.X.dtype

    def __len__(self) -> int:
        return len(self.X)

    @cached_property
    def feature_major(self) -> np.ndarray:
        """X with one row per feature, for the compiled engine."""
        return np.ascontiguousarray(self.X.T)

    def take(self, rows) -> DenseSamples:
        """Some of the samples."""
        return DenseSamples(self.X[rows])

    def dense(self, rows=slice(None)) -> np.ndarray:
        """Some of the samples as an array."""
        return self.X[rows]

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of each feature."""
        return self.X.min(axis=0), self.X.max(axis=0)

    def outputs(self, network) -> np.ndarray:
        """Outputs of a network."""
        return network.decision_function(self.X)

    def hidden_activations(self, network) -> np.ndarray:
        """Activations of a network's hidden neurons."""
        return network.hidden_activations(self.X)

    def inputs(self, topology) -> tuple[tuple, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """What `train_epoch` takes: X, the inputs that are connected, and the connections."""
        used = topology.used_inputs.copy()
        by_rows = len(used) * len(self) * self.dtype.itemsize > _CACHE
        return (self.X if by_rows else self.feature_major, by_rows), used, topology.csr


class SparseSamples:
    """Samples in a CSR matrix, of which what is not stored has a value of its own a feature.

    So a sparse X can be centered: zero is scaled to ``absent``, the same for all samples, and only
    what is stored has to be computed. Dense are blocks, of the inputs that a network reads.

    Parameters
    ----------
    X : scipy.sparse CSR of shape (n_samples, n_features)
        With sorted indices and without duplicates.
    absent : ndarray of shape (n_features,), default=None
        Value of each feature where X stores nothing; None: zero.
    """

    def __init__(self, X, absent=None) -> None:
        self.X, self.shape, self.dtype = X, X.shape, X.dtype
        self.absent = np.zeros(X.shape[1], X.dtype) if absent is None else absent

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, rows) -> SparseSamples:
        """Some of the samples."""
        return SparseSamples(self.X[rows], self.absent)

    def dense(self, rows=slice(None), columns=slice(None), dtype=None) -> np.ndarray:
        """Some samples, and of these some features, as an array."""
        rows, columns = _numbers(rows, len(self)), _numbers(columns, self.shape[1])
        X = np.empty((len(rows), len(columns)), dtype or self.dtype)
        self._write(rows, columns, X.T)
        return X

    def _write(self, rows, columns, block) -> None:
        """Fill a dense block that has one row per feature."""
        block[:] = self.absent[columns, None]
        arrays = (self.X.indptr, self.X.indices, self.X.data)
        scatter(*arrays, rows, self._places(columns), block)

    def _places(self, columns) -> np.ndarray:
        """Number of each feature among some, -1 where it isn't one of them."""
        places = np.full(self.shape[1], -1)
        places[columns] = np.arange(len(columns))
        return places

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of each feature."""
        low = np.full(self.shape[1], np.inf, self.dtype)
        high = -low
        stored = stored_bounds(self.X.indices, self.X.data, low, high)
        everywhere = stored == len(self)
        absent = self.absent
        return (
            np.where(everywhere, low, np.minimum(low, absent)),
            np.where(everywhere, high, np.maximum(high, absent)),
        )

    def outputs(self, network) -> np.ndarray:
        """Outputs of a network."""
        t = network.topology
        arrays = (*t.csr, network.weight, network.bias)
        return self._compute(_inference.outputs, IDENTITY, t.n_outputs, *arrays)

    def predictions(self, n_outputs, indptr, indices, weight, bias, link) -> np.ndarray:
        """Outputs or probabilities, never infinite: `finite_outputs` of the dense samples."""
        return self._compute(finite_outputs, link, n_outputs, indptr, indices, weight, bias)

    def _compute(self, function, link, n_outputs, indptr, indices, weight, bias) -> np.ndarray:
        """Outputs of blocks of samples, which depend on no sample's neighbours."""
        reader = _Reader(self.shape[1], indices)
        arrays = (indptr, reader.indices, weight, bias)
        size = max(_ROWS, _NUMBERS // max(len(reader.used), 1))
        blocks = [
            function(self.dense(rows, reader.used, weight.dtype), n_outputs, *arrays, link=link)
            for rows in _slices(len(self), size)
        ]
        return np.concatenate(blocks)

    def hidden_activations(self, network) -> np.ndarray:
        """Activations of a network's hidden neurons."""
        return self.run(network)[0]

    def run(self, network) -> tuple[np.ndarray, np.ndarray]:
        """Activations of the hidden neurons and outputs, both feature-major."""
        t, dtype = network.topology, network.weight.dtype
        if t.n_inputs != self.shape[1]:
            raise ValueError(
                f"X of shape {self.shape} doesn't fit: expected (n_samples, {t.n_inputs})."
            )
        indptr, indices = t.csr
        reader = _Reader(t.n_inputs, indices)
        hidden = np.empty((t.n_hidden, len(self)), dtype)
        output = np.empty((t.n_outputs, len(self)), dtype)
        for rows in _slices(len(self), _ROWS):
            X = self.dense(rows, reader.used, dtype)
            activation, output[:, rows] = _inference.activations(
                X, t.n_outputs, indptr, reader.indices, network.weight, network.bias
            )
            hidden[:, rows] = activation[len(reader.used) :]
            del X, activation  # before the next ones come
        return hidden, output

    def feature_blocks(self, dtype) -> Iterator[tuple[int, np.ndarray]]:
        """Yield dense blocks of features, each with the number of its first, feature-major."""
        rows = np.arange(len(self))
        for columns in _slices(self.shape[1], max(1, _NUMBERS // len(self))):
            block = np.empty((columns.stop - columns.start, len(self)), dtype)
            self._write(rows, _numbers(columns, self.shape[1]), block)
            yield columns.start, block

    def inputs(self, topology) -> tuple[tuple, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """What `train_sparse_epoch` takes: X, the values of what it doesn't store, connections."""
        indptr, indices = topology.csr
        reader = _Reader(self.shape[1], indices)
        X = (self.X.indptr, self.X.indices, self.X.data, self._places(reader.used))
        return X, self.absent[reader.used], (indptr, reader.indices)


class _Reader:
    """The connections of a network of only those inputs that it reads.

    Parameters
    ----------
    n_inputs : int
        Number of inputs.
    indices : ndarray of int
        Sources of the connections.

    Attributes
    ----------
    used : ndarray of int
        The inputs that are read, ascending.
    indices : ndarray of int
        The sources, counted among these.
    """

    def __init__(self, n_inputs, indices) -> None:
        is_used = np.zeros(n_inputs, dtype=bool)
        is_used[indices[indices < n_inputs]] = True
        self.used = np.flatnonzero(is_used)
        n_sources = max(n_inputs, int(indices.max(initial=-1)) + 1)
        place = np.arange(n_sources, dtype=indices.dtype) - (n_inputs - len(self.used))
        place[self.used] = np.arange(len(self.used))
        self.indices = place[indices]


def _numbers(selection, n) -> np.ndarray:
    """What is selected of range(n), by a slice or by numbers."""
    return np.arange(*selection.indices(n)) if isinstance(selection, slice) else selection


def _slices(n, size) -> Iterator[slice]:
    """Slices that cover range(n)."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
