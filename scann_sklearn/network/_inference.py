# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
"""Compiled inference on rows of samples."""

import numpy as np
from numba import njit

from scann_sklearn.network._graph import used_inputs
from scann_sklearn.network._kernels import _JIT, forward

_CHUNK = 64


def outputs(X, n_outputs, indptr, indices, weight, bias):
    """Outputs before softmax or the logistic function.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Samples.
    n_outputs : int
        Number of outputs.
    indptr, indices, weight : ndarray
        The connections, CSR with one row a target.
    bias : ndarray of shape (n_targets,)
        The biases.

    Returns
    -------
    outputs : ndarray of shape (n_samples, n_outputs)
        One column an output.
    """
    # One combination of types and layouts for the compiler: arrays that come back from disk may be
    # read-only, and X may have another dtype than the network.
    X = np.require(X, dtype=weight.dtype, requirements=("C", "W"))
    indptr, indices, weight, bias = (
        np.require(array, requirements=("C", "W")) for array in (indptr, indices, weight, bias)
    )
    return _outputs(X, n_outputs, indptr, indices, weight, bias)


@njit(**_JIT)
def _outputs(X, n_outputs, indptr, indices, weight, bias):
    # Samples go through in chunks that are always computed in full, so that the result of one
    # doesn't depend on its neighbours.
    n_samples, n_inputs = X.shape
    n_hidden = bias.shape[0] - n_outputs
    used = used_inputs(n_inputs, indices)
    activation = np.zeros((n_inputs + n_hidden, _CHUNK), weight.dtype)
    output = np.empty((n_outputs, _CHUNK), weight.dtype)
    result = np.empty((n_samples, n_outputs), weight.dtype)
    for first in range(0, n_samples, _CHUNK):
        m = min(_CHUNK, n_samples - first)
        for i in used:
            for b in range(m):
                activation[i, b] = X[first + b, i]
        forward(n_inputs, indptr, indices, weight, bias, activation, output, _CHUNK)
        for k in range(n_outputs):
            for b in range(m):
                result[first + b, k] = output[k, b]
    return result


@njit(**_JIT)
def activations(X, n_outputs, indptr, indices, weight, bias):
    """Activations of all sources and outputs of all samples, both feature-major."""
    n_samples, n_inputs = X.shape
    n_hidden = bias.shape[0] - n_outputs
    activation = np.empty((n_inputs + n_hidden, n_samples), weight.dtype)
    for i in range(n_inputs):
        for b in range(n_samples):
            activation[i, b] = X[b, i]
    output = np.empty((n_outputs, n_samples), weight.dtype)
    forward(n_inputs, indptr, indices, weight, bias, activation, output, n_samples)
    return activation, output
