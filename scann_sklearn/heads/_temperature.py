"""Temperature scaling: outputs divided by what makes probabilities fit data not trained on.

Guo, Pleiss, Sun, Weinberger. On Calibration of Modern Neural Networks, ICML 2017, section 4.2.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_COLDEST, _HOTTEST, _FAR = 0.02, 50.0, 1e100


def softmax_temperature(outputs: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
    """Temperature of least log loss of a softmax.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_outputs)
        Logarithms of probabilities up to a constant.
    y : ndarray of int of shape (n_samples,)
        Classes, from 0 on.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    temperature : float
        From 0.02 to 50.
    """
    z = np.nan_to_num(np.asarray(outputs, np.float64))
    if (z == z[0]).all():  # a constant is what training says it should be
        return 1.0
    # Of halves no difference is too large; what is as far behind as that has no probability.
    z = z / 2
    z = 2 * np.maximum(z - z.max(axis=1, keepdims=True), -_FAR)
    # by a power of two, which rounds nothing, so that no sum of weights is too large
    sample_weight = np.ldexp(sample_weight, -np.frexp(sample_weight.max())[1])
    share = _one_of(sample_weight)
    wanted = (1 - share) * z[np.arange(len(z)), y] + share * z.mean(axis=1)

    def slope(sharpness) -> float:
        terms = np.exp(sharpness * z)
        expected = (terms * z).sum(axis=1) / terms.sum(axis=1)
        return sample_weight @ (expected - wanted)

    return _root(slope)


def logistic_temperature(output: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
    """Temperature of least log loss of a logistic function.

    Parameters
    ----------
    output : ndarray of shape (n_samples,)
        Logarithms of odds.
    y : ndarray of shape (n_samples,)
        0 or 1.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    temperature : float
        From 0.02 to 50.
    """
    outputs = np.column_stack([np.zeros(len(output)), output])
    return softmax_temperature(outputs, np.asarray(y, np.int64), sample_weight)


def _one_of(sample_weight) -> float:
    """One sample more, of which every class is as probable: else no error meant no doubt."""
    effective = sample_weight.sum() ** 2 / (sample_weight**2).sum()
    return 1 / (1 + effective)


def _root(slope: Callable[[float], float]) -> float:
    """Temperature at which the loss, which is convex in its reciprocal, has no slope."""
    from scipy.optimize import brentq  # files of models are read without SciPy

    low, high = -np.log(_HOTTEST), -np.log(_COLDEST)
    if slope(np.exp(low)) >= 0:
        return _HOTTEST
    if slope(np.exp(high)) <= 0:
        return _COLDEST
    return float(np.exp(-brentq(lambda sharpness: slope(np.exp(sharpness)), low, high, xtol=1e-3)))
