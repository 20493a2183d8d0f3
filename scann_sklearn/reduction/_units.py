"""The units in which features are reduced."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from enum import Enum, auto

import numpy as np

from scann_sklearn.network._samples import as_samples


class Units(Enum):
    """What a feature is measured in."""

    OWN = auto()  # in its range, from its minimum: normalised
    COMMON = auto()  # in the widest range of all, so that extreme scales can't overflow
    GIVEN = auto()  # in that of the data


def find_units(X: np.ndarray, units: Units) -> tuple[np.ndarray, np.ndarray]:
    """Find center and factor of every feature.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
        Training data.

    units : Units
        Which ones.

    Returns
    -------
    center, scale : ndarray of shape (n_features,)
        ``(X - center) * scale`` is of order 1, but for `Units.GIVEN`. The scale is 0 for what is
        constant.

    Raises
    ------
    ValueError
        Where the range of a feature is beyond the largest float.
    """
    low, high = (bound.astype(np.float64) for bound in as_samples(X).bounds())
    with np.errstate(over="ignore"):
        span = high - low
    if not np.isfinite(span).all():
        widest = int(np.argmin(np.isfinite(span)))
        raise ValueError(
            f"Feature {widest} of X runs from {low[widest]} to {high[widest]}, a range beyond "
            "float64. Scale X."
        )
    if units is Units.GIVEN:
        return np.zeros_like(span), np.ones_like(span)
    rounding = 4 * np.finfo(X.dtype).eps * np.maximum(np.abs(low), np.abs(high))
    varies = span > np.maximum(rounding, 1e-300)
    if units is Units.COMMON:
        span = np.full_like(span, span.max())
        varies = np.full_like(varies, varies.any())
    return low, np.divide(1, span, where=varies, out=np.zeros_like(span))
