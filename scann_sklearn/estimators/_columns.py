"""Statistics of the features of training samples, dense or sparse, for their scaling."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.network._samples import SparseSamples
from scann_sklearn.network._sparse_kernels import squared_deviations, weighted_sums

_QUARTERS = (0.25, 0.5, 0.75)


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
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
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
    return _DenseColumns(X[there].astype(np.float64), sample_weight[there])


class _DenseColumns:
    def __init__(self, X, weight) -> None:
        self.unit = _unit(np.abs(X).max(axis=0))
        self.X, self.weight = X, weight
        self.X /= self.unit

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self.X.min(axis=0), self.X.max(axis=0)

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        mean = np.average(self.X, axis=0, weights=self.weight)
        variance = np.average((self.X - mean) ** 2, axis=0, weights=self.weight)
        return mean, np.sqrt(variance)

    def quartiles(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        low, middle, high = (_weighted_quantile(self.X, q, self.weight) for q in _QUARTERS)
        return low, middle, high


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
