"""Few rows in place of many: all that methods see of these is their mean and covariance."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import eigh, helmert
from sklearn.decomposition import PCA

from scann_sklearn.network._row_samples import blocks_of

_MANY = 2**25  # values of X above which it isn't taken as a whole: 256 MiB in double precision
_MOST_FEATURES = 2**12  # whose covariances fit into memory


def is_large(X: Any) -> bool:
    """Whether an array is to be read block by block.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Training data.

    Returns
    -------
    is_large : bool
        By its size alone, be it in memory or mapped.
    """
    return X.size > _MANY and X.shape[1] <= min(_MOST_FEATURES, X.shape[0])


def rows_of_moments(X: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Rows with the mean and the covariance of others, read in two passes over blocks.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Training data.
    center, scale : ndarray of shape (n_features,)
        ``(X - center) * scale`` are the data in internal units.

    Returns
    -------
    Z : ndarray of shape (n_features + 1, n_features)
        In internal units; both moments, those of the population, are equal up to rounding.
    """
    n_samples, n_features = X.shape
    total = np.zeros(n_features)
    for _, block in blocks_of(X):
        total += ((block - center) * scale).sum(axis=0)
    mean = total / n_samples
    products = np.zeros((n_features, n_features))
    for _, block in blocks_of(X):
        centred = (block - center) * scale - mean
        products += centred.T @ centred
    variance, directions = eigh(products / n_samples)
    root = np.sqrt(np.maximum(variance, 0))[:, None] * directions.T
    # the Helmert matrix: orthonormal rows, each with mean 0
    return mean + np.sqrt(n_features + 1) * (helmert(n_features + 1).T @ root)


def count_again(reducer: Any, n_samples: int) -> None:
    """Give a PCA that has seen a few rows the numbers of the many that they stand for.

    Parameters
    ----------
    reducer : estimator
        Fitted; others than a PCA stay as they are.
    n_samples : int
        Number of the samples.
    """
    if not isinstance(reducer, PCA):
        return
    seen = reducer.n_samples_
    ratio = (seen - 1) / seen * n_samples / (n_samples - 1)
    reducer.explained_variance_ = reducer.explained_variance_ * ratio
    reducer.noise_variance_ = reducer.noise_variance_ * ratio
    reducer.singular_values_ = np.sqrt(reducer.explained_variance_ * (n_samples - 1))
    reducer.n_samples_ = n_samples
