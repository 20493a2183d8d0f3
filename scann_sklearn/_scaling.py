"""Affine scaling of the inputs inside the classifier, which `fit` folds into the weights."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np


def fit_input_scaling(X, kind, sample_weight):
    """Center and scale of every feature.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Training samples.
    kind : {"standard", "robust", "range", None}
        Mean and standard deviation; median and interquartile range (standard deviation where that
        is zero); minimum and range; nothing.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    center, scale : ndarray of shape (n_features,), float64
        (X - center) / scale is the scaled X. The scale of a feature that is constant up to
        rounding is its largest absolute value, at least 1.
    """
    n_features = X.shape[1]
    if kind is None:
        return np.zeros(n_features), np.ones(n_features)
    rounding = 10 * np.finfo(X.dtype).eps
    X = X[sample_weight > 0].astype(np.float64)
    weight = sample_weight[sample_weight > 0]
    # Squares of huge and of tiny values are out of range: compute in units of the largest value.
    unit = np.abs(X).max(axis=0)
    unit[unit == 0] = 1
    X /= unit
    center = np.average(X, axis=0, weights=weight)
    scale = np.sqrt(np.average((X - center) ** 2, axis=0, weights=weight))
    if kind == "range":
        center = X.min(axis=0)
        scale = X.max(axis=0) - center
    elif kind == "robust":
        low, center, high = (_weighted_quantile(X, q, weight) for q in (0.25, 0.5, 0.75))
        spread = high - low
        scale = np.where(spread > 0, spread, scale)
    constant = scale <= rounding * np.maximum(np.abs(center), 1e-3)
    scale[constant] = np.maximum(1, 1 / unit[constant])
    return center * unit, scale * unit


def _weighted_quantile(X, q, weight):
    return np.quantile(X, q, axis=0, weights=weight, method="inverted_cdf")
