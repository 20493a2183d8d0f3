# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
"""Compiled forward and backward passes over a sparse network.

Arrays are feature-major: one row a source (inputs first, then hidden neurons) or a target
(hidden neurons, then outputs), one column a sample. A row of the CSR matrix is a target, so
that the work of one connection is one vector operation over the batch, whatever the depth.
No BLAS: results don't depend on the number of threads. Everything releases the GIL.

Scalars reach the kernels in arrays of the data's dtype: a Python literal would promote
single precision to double.
"""

import numpy as np
from numba import njit

_JIT = {"nogil": True, "cache": True, "fastmath": True, "error_model": "numpy"}


@njit(inline="always", **_JIT)
def _add_weighted(row, start, stop, indices, weight, activation, m):
    """row += weight[start:stop] @ activation[indices[start:stop]], four sources at a time."""
    j = start
    while j + 4 <= stop:
        w0, w1, w2, w3 = weight[j], weight[j + 1], weight[j + 2], weight[j + 3]
        a0 = activation[indices[j]]
        a1 = activation[indices[j + 1]]
        a2 = activation[indices[j + 2]]
        a3 = activation[indices[j + 3]]
        for b in range(m):
            row[b] += (w0 * a0[b] + w1 * a1[b]) + (w2 * a2[b] + w3 * a3[b])
        j += 4
    while j < stop:
        w0 = weight[j]
        a0 = activation[indices[j]]
        for b in range(m):
            row[b] += w0 * a0[b]
        j += 1


@njit(inline="always", **_JIT)
def _dot_products(delta, start, stop, indices, activation, gradient, m):
    """gradient[start:stop] = activation[indices[start:stop]] @ delta, four at a time."""
    zero = delta[0] * 0
    j = start
    while j + 4 <= stop:
        a0 = activation[indices[j]]
        a1 = activation[indices[j + 1]]
        a2 = activation[indices[j + 2]]
        a3 = activation[indices[j + 3]]
        g0, g1, g2, g3 = zero, zero, zero, zero
        for b in range(m):
            d = delta[b]
            g0 += d * a0[b]
            g1 += d * a1[b]
            g2 += d * a2[b]
            g3 += d * a3[b]
        gradient[j], gradient[j + 1], gradient[j + 2], gradient[j + 3] = g0, g1, g2, g3
        j += 4
    while j < stop:
        a0 = activation[indices[j]]
        g0 = zero
        for b in range(m):
            g0 += delta[b] * a0[b]
        gradient[j] = g0
        j += 1


@njit(inline="always", **_JIT)
def _add_outer(delta, start, stop, indices, weight, first, sink, m):
    """sink[indices - first] += weight * delta: what a target sends back to hidden sources."""
    for j in range(start, stop):
        w = weight[j]
        s = sink[indices[j] - first]
        for b in range(m):
            s[b] += w * delta[b]


@njit(**_JIT)
def forward(n_inputs, indptr, indices, weight, bias, activation, output, m):
    """Fill the hidden rows of `activation` and `output` (the outputs before softmax)."""
    n_outputs = output.shape[0]
    n_hidden = bias.shape[0] - n_outputs
    for t in range(n_hidden + n_outputs):
        row = activation[n_inputs + t] if t < n_hidden else output[t - n_hidden]
        value = bias[t]
        for b in range(m):
            row[b] = value
        _add_weighted(row, indptr[t], indptr[t + 1], indices, weight, activation, m)
        if t < n_hidden:
            for b in range(m):
                row[b] = max(row[b], row[b] * 0)


@njit(**_JIT)
def backward(
    n_inputs, indptr, indices, weight, activation, delta_output, delta, weight_grad, bias_grad, m
):
    """Gradients of all connections and biases from those of the outputs.

    `delta` (hidden neurons x batch) receives the gradient of every pre-activation.
    """
    n_outputs = delta_output.shape[0]
    n_hidden = indptr.shape[0] - 1 - n_outputs
    for t in range(n_hidden):
        row = delta[t]
        for b in range(m):
            row[b] = 0
    for t in range(n_hidden + n_outputs - 1, -1, -1):
        row = delta[t] if t < n_hidden else delta_output[t - n_hidden]
        total = row[0] * 0
        if t < n_hidden:
            # ceil(min(a, 1)) is the derivative of a ReLU of value a. Not a condition: compiled to
            # a branch, it would be mispredicted half of the time.
            one = total + 1
            a = activation[n_inputs + t]
            for b in range(m):
                row[b] *= np.ceil(min(a[b], one))
        for b in range(m):
            total += row[b]
        bias_grad[t] = total
        start, stop = indptr[t], indptr[t + 1]
        _dot_products(row, start, stop, indices, activation, weight_grad, m)
        hidden = start
        while hidden < stop and indices[hidden] < n_inputs:
            hidden += 1
        _add_outer(row, hidden, stop, indices, weight, n_inputs, delta, m)
