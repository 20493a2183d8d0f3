"""Outputs that are finite for every finite sample: what is too large stays at the largest float."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math

import numpy as np

from scann_sklearn.network import _inference
from scann_sklearn.network._codes import IDENTITY, LOGISTIC


def finite_outputs(X, n_outputs, indptr, indices, weight, bias, *, link=IDENTITY) -> np.ndarray:
    """Compute outputs or class probabilities, never infinite and never NaN.

    Samples far outside the training data can take sums beyond the largest float, and the difference
    of two such sums is NaN. The few samples to which that happens are computed once more, slowly.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Finite samples of the dtype of the weights.
    n_outputs : int
        Number of outputs.
    indptr, indices, weight : ndarray
        The connections, CSR with one row a target; finite.
    bias : ndarray of shape (n_targets,)
        The biases; finite.
    link : int, default=IDENTITY
        Code of what makes probabilities of the outputs.

    Returns
    -------
    outputs : ndarray of shape (n_samples, n_outputs) or (n_samples, n_classes)
        One column an output or class.
    """
    arrays = (indptr, indices, weight, bias)
    result = _inference.outputs(X, n_outputs, *arrays, link=link)
    # one number tells whether all are finite, and vdot doesn't warn where it isn't
    if not math.isfinite(np.vdot(result, result)):
        rows = np.flatnonzero(~np.isfinite(result).all(axis=1))
        with np.errstate(over="ignore", invalid="ignore"):
            z = _saturated(X[rows], n_outputs, *arrays)
            result[rows] = z if link == IDENTITY else _softmax(z, link)
    return result


def _saturated(X, n_outputs, indptr, indices, weight, bias) -> np.ndarray:
    """Outputs target by target, each at most the largest float of the network's dtype."""
    n_inputs, n_hidden = X.shape[1], len(bias) - n_outputs
    top = np.finfo(weight.dtype).max
    value = np.empty((n_inputs + len(bias), len(X)))
    value[:n_inputs] = X.T
    for t in range(len(bias)):
        connections = slice(indptr[t], indptr[t + 1])
        total = _scaled_product(weight[connections].astype(float), value[indices[connections]])
        total = np.clip(total + float(bias[t]), -top, top)
        value[n_inputs + t] = np.maximum(total, 0) if t < n_hidden else total
    return value[n_inputs + n_hidden :].T.astype(weight.dtype)


def _scaled_product(weight, value) -> np.ndarray:
    """weight @ value, infinite where it is too large but never a difference of infinities."""
    a = np.abs(weight).max(initial=0) or 1.0
    b = np.abs(value).max(axis=0, initial=0)
    b[b == 0] = 1
    total = (weight / a) @ (value / b)  # at most one a connection
    return total * np.minimum(a, b) * np.maximum(a, b)


def _softmax(z, link) -> np.ndarray:
    if link == LOGISTIC:  # the logistic function is the softmax of (0, z)
        z = np.hstack([np.zeros_like(z), z])
    terms = np.exp(z - z.max(axis=1, keepdims=True))
    return terms / terms.sum(axis=1, keepdims=True)
