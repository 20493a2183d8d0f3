"""Statistics of the features of training samples, dense or sparse, for their scaling."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.network._row_samples import blocks_of
from scann_sklearn.network._samples import SparseSamples
from scann_sklearn.network._sparse_kernels import squared_deviations, weighted_sums

_QUARTERS = (0.25, 0.5, 0.75)
_SORTED = 2**24  # numbers of which quartiles are found at a time


class Columns(Protocol):
    """Statistics in units of the largest value of each feature: squares stay within range.

    Attributes
    ----------
    unit : ndarray of shape (n_features,), float64
        The largest absolute value of each feature; 1 where that is zero.
    """

    unit: np.ndarray

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value."""

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation."""

    def quartiles(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lower quartile, median and upper quartile."""


def columns_of(X: Any, sample_weight: np.ndarray) -> Columns:
    """Columns of the samples that have a weight.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features), or RowSamples
        Samples.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    columns : Columns
        Both kinds give the same numbers.
    """
    there = sample_weight > 0
    if issparse(X):
        X = X if there.all() else X[there]
        return _SparseColumns(X, sample_weight[there])
    return _DenseColumns(X, sample_weight)


class _DenseColumns:
    """Statistics of blocks of rows, so that what is in double precision stays small."""

    def __init__(self, X, weight) -> None:
        self.X, self.weight = X, weight
        self.n_samples = int((weight > 0).sum())
        self.unit = np.ones(X.shape[1])
        largest = [np.abs(block).max(axis=0) for block, _ in self._blocks()]
        self.unit = _unit(np.max(largest, axis=0))

    def _blocks(self, columns=slice(None)) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows that have a weight, in units of the largest value, and their weights."""
        for rows, block in blocks_of(self.X):
            weight = self.weight[rows]
            there = weight > 0
            block = block[:, columns] if there.all() else block[there, columns]
            if len(block):
                yield block.astype(np.float64, order="C") / self.unit[columns], weight[there]

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        found = [(block.min(axis=0), block.max(axis=0)) for block, _ in self._blocks()]
        low, high = zip(*found)
        return np.min(low, axis=0), np.max(high, axis=0)

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        mean = self._average(lambda block: block)
        return mean, np.sqrt(self._average(lambda block: (block - mean) ** 2))

    def _average(self, of) -> np.ndarray:
        """`numpy.average` of something, to the last bit: rows are added up in their order."""
        total: np.ndarray | None = None
        for block, weight in self._blocks():
            terms = of(block) * weight[:, None]
            if total is not None:
                terms[0] += total
            total = terms.sum(axis=0)
        return total / self.weight[self.weight > 0][:, None].sum(axis=0)

    def quartiles(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = np.empty((3, self.X.shape[1]))
        weight = self.weight[self.weight > 0]
        n_columns = max(1, _SORTED // max(self.n_samples, 1))
        for start in range(0, self.X.shape[1], n_columns):
            some = slice(start, start + n_columns)
            columns = np.concatenate([block for block, _ in self._blocks(some)])
            found[:, some] = [_weighted_quantile(columns, q, weight) for q in _QUARTERS]
        return found[0], found[1], found[2]


class _SparseColumns:
    def __init__(self, X, weight) -> None:
        self.X, self.weight = X, weight
        self._low, self._high = SparseSamples(X).bounds()
        self.unit = _unit(np.maximum(self._high, -self._low).astype(np.float64))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self._low / self.unit, self._high / self.unit

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        arrays = (self.X.indptr, self.X.indices, self.X.data, self.weight, self.unit)
        total = self.weight.sum()
        mean = weighted_sums(*arrays) / total
        return mean, np.sqrt(squared_deviations(*arrays, mean) / total)

    def quartiles(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        quartiles = np.zeros((3, self.X.shape[1]))
        X, few = self.X.tocsc(), 0.249 * self.weight.sum()
        for i in range(X.shape[1]):
            stored = slice(X.indptr[i], X.indptr[i + 1])
            rows = X.indices[stored]
            if self.weight[rows].sum() < few:  # all three are zero
                continue
            column = np.zeros((X.shape[0], 1))
            column[rows, 0] = X.data[stored] / self.unit[i]
            for k, q in enumerate(_QUARTERS):
                quartiles[k, i] = _weighted_quantile(column, q, self.weight)[0]
        return quartiles[0], quartiles[1], quartiles[2]


def _unit(largest) -> np.ndarray:
    return np.where(largest == 0, 1, largest)


def _weighted_quantile(X, q, weight) -> np.ndarray:
    return np.quantile(X, q, axis=0, weights=weight, method="inverted_cdf")
