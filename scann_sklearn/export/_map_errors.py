"""How far other roundings of the same maps can be apart."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.model._map_stage import CONVOLUTION, MEAN
from scann_sklearn.model._maps import Maps

_EPS = 2.0**-23


def map_errors(maps: Maps, X: np.ndarray) -> np.ndarray:
    """Bound the rounding errors of the last maps in single precision.

    Parameters
    ----------
    maps : Maps
        What is computed.
    X : ndarray of shape (n_samples, n_features), float32
        Images.

    Returns
    -------
    errors : ndarray of shape (n_entries, n_samples)
        Whatever a compiler fuses or reorders, the entries are no farther from the exact ones.
    """
    values = X.T.astype(float).reshape(*maps.image, -1)
    errors = np.zeros_like(values)
    for stage in maps.parts:
        after = stage.forward(values)
        if stage.kind == CONVOLUTION:
            weights, biases = np.abs(stage.weights), np.abs(stage.biases)
            # Each product and each sum rounds by 2^-24 of what has been added up at most.
            largest = stage.sums(np.abs(values) + errors, weights, biases)
            n_terms = np.diff(stage.indptr).max(initial=0) + 2
            errors = stage.sums(errors, weights, np.zeros_like(biases)) + n_terms * _EPS * largest
        else:
            errors = stage.pooled(errors)
            if stage.kind == MEAN:
                errors += (stage.size**2 + 2) * _EPS * stage.pooled(np.abs(values))
        values = after
    return errors.reshape(maps.n_entries, -1)
