"""Compiled inference on rows of samples."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._codes import IDENTITY, LOGISTIC
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._exponential import scratch, softmax_terms
from scann_sklearn.network._kernels import forward
from scann_sklearn.network._walks import used_inputs

# Samples in a chunk, for few and for many rows. Multiples of what the processor computes at once:
# the result of a sample is the same in either.
_FEW, _MANY = 64, 512


def check_samples(X, n_inputs, dtype) -> np.ndarray:
    """X as the kernels take it, whatever its dtype and layout.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_inputs)
        Samples.
    n_inputs : int
        Number of inputs of the network.
    dtype : dtype
        Type of the network's weights.

    Returns
    -------
    X : ndarray of shape (n_samples, n_inputs)
        The samples.
    """
    X = np.require(X, dtype=dtype, requirements=("C", "W"))
    if X.ndim != 2 or X.shape[1] != n_inputs:
        raise ValueError(f"X of shape {X.shape} doesn't fit: expected (n_samples, {n_inputs}).")
    return X


def outputs(X, n_outputs, indptr, indices, weight, bias, *, link=IDENTITY) -> np.ndarray:
    """Outputs as they are, or the class probabilities that they stand for.

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
    link : int, default=IDENTITY
        Code of what makes probabilities of the outputs.

    Returns
    -------
    outputs : ndarray of shape (n_samples, n_outputs) or (n_samples, n_classes)
        One column an output or class.
    """
    # One combination of types and layouts for the compiler: arrays that come back from disk may be
    # read-only, and X may have another dtype than the network.
    X = X.astype(weight.dtype, copy=False)
    X, *arrays = (
        array if array.flags.carray else np.require(array, None, ("C", "W"))
        for array in (X, indptr, indices, weight, bias)
    )
    chunk = _FEW if len(X) < _MANY else _MANY
    return _outputs(X, n_outputs, *arrays, link, scratch(chunk, weight.dtype))


@kernel
def _mark_lost(output, work, result) -> None:
    """Make probabilities NaN where outputs are not finite: they may not look like it.

    The bits tell; comparisons can't, since compiled code counts on finite numbers. After the
    exponentials the scratch is free for a sum, which infinity and NaN survive.
    """
    power, bits = work.power, work.bits
    bias, shift = work.exponent_bias[0], work.mantissa_bits[0]
    full = 2 * bias + 1
    for b in range(power.shape[0]):
        power[b] = output[0, b]
    for k in range(1, output.shape[0]):
        for b in range(power.shape[0]):
            power[b] += output[k, b]
    for b in range(result.shape[0]):
        if (bits[b] >> shift) & full == full:
            result[b, :] = np.nan


@kernel
def _outputs(X, n_outputs, indptr, indices, weight, bias, link, work) -> np.ndarray:
    # Samples go through in chunks that are always computed in full, so that the result of one
    # doesn't depend on its neighbours.
    n_samples, n_inputs = X.shape
    n_hidden, chunk = bias.shape[0] - n_outputs, work.peak.shape[0]
    used = used_inputs(n_inputs, indices)
    activation = np.zeros((n_inputs + n_hidden, chunk), weight.dtype)
    output = np.empty((max(n_outputs, 2), chunk), weight.dtype)
    terms = np.empty((max(n_outputs, 2), chunk), weight.dtype)
    result = np.empty((n_samples, 2 if link == LOGISTIC else n_outputs), weight.dtype)
    for first in range(0, n_samples, chunk):
        m = min(chunk, n_samples - first)
        for i in used:
            for b in range(m):
                activation[i, b] = X[first + b, i]
        forward(n_inputs, indptr, indices, weight, bias, activation, output[:n_outputs], chunk)
        if link != IDENTITY:
            if link == LOGISTIC:  # the logistic function is the softmax of (0, z)
                for b in range(chunk):
                    output[1, b] = output[0, b]
                    output[0, b] = 0
            softmax_terms(output, terms, work, chunk)
            for k in range(result.shape[1]):
                for b in range(chunk):
                    terms[k, b] /= work.total[b]
                for b in range(m):
                    result[first + b, k] = terms[k, b]
            _mark_lost(output, work, result[first : first + m])
        else:
            for k in range(n_outputs):
                for b in range(m):
                    result[first + b, k] = output[k, b]
    return result


@kernel
def activations(X, n_outputs, indptr, indices, weight, bias) -> tuple[np.ndarray, np.ndarray]:
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
