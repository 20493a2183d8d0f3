"""Compiled forward and backward passes over a sparse network.

Arrays are feature-major: one row a source (inputs first, then hidden neurons) or a target
(hidden neurons, then outputs), one column per sample. A row of the CSR matrix is a target, so
that the work of one connection is one vector operation over the batch, whatever the depth.
No BLAS: results don't depend on the number of threads. Everything releases the GIL.

Scalars reach the kernels in arrays of the data's dtype, or are made with `dtype.type`: a
Python literal, even an integer, would promote single precision to double.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel


@kernel(inline="always")
def add_weighted(target, t, start, stop, indices, weight, source, m) -> None:
    """target[t] += weight[start:stop] @ source[indices[start:stop]], four sources at a time."""
    j = start
    while j + 4 <= stop:
        w0, w1, w2, w3 = weight[j], weight[j + 1], weight[j + 2], weight[j + 3]
        i0, i1, i2, i3 = indices[j], indices[j + 1], indices[j + 2], indices[j + 3]
        for b in range(m):
            target[t, b] += (w0 * source[i0, b] + w1 * source[i1, b]) + (
                w2 * source[i2, b] + w3 * source[i3, b]
            )
        j += 4
    while j < stop:
        w0, i0 = weight[j], indices[j]
        for b in range(m):
            target[t, b] += w0 * source[i0, b]
        j += 1


@kernel(inline="always")
def _dot_products(delta, t, start, stop, indices, source, gradient, m) -> None:
    """gradient[start:stop] = source[indices[start:stop]] @ delta[t], four at a time."""
    zero = delta.dtype.type(0)
    j = start
    while j + 4 <= stop:
        i0, i1, i2, i3 = indices[j], indices[j + 1], indices[j + 2], indices[j + 3]
        g0, g1, g2, g3 = zero, zero, zero, zero
        for b in range(m):
            d = delta[t, b]
            g0 += d * source[i0, b]
            g1 += d * source[i1, b]
            g2 += d * source[i2, b]
            g3 += d * source[i3, b]
        gradient[j], gradient[j + 1], gradient[j + 2], gradient[j + 3] = g0, g1, g2, g3
        j += 4
    while j < stop:
        i0, g0 = indices[j], zero
        for b in range(m):
            g0 += delta[t, b] * source[i0, b]
        gradient[j] = g0
        j += 1


@kernel(inline="always")
def _add_outer(delta, t, start, stop, indices, weight, first, sink, m) -> None:
    """sink[indices - first] += weight * delta[t]: what a target sends back to hidden sources."""
    for j in range(start, stop):
        w, i = weight[j], indices[j] - first
        for b in range(m):
            sink[i, b] += w * delta[t, b]


@kernel
def forward(n_inputs, indptr, indices, weight, bias, activation, output, m) -> None:
    """Fill the hidden rows of `activation` and `output` (the outputs before softmax)."""
    n_outputs = output.shape[0]
    n_hidden = bias.shape[0] - n_outputs
    zero = activation.dtype.type(0)
    for t in range(n_hidden):
        row, value = n_inputs + t, bias[t]
        for b in range(m):
            activation[row, b] = value
        add_weighted(activation, row, indptr[t], indptr[t + 1], indices, weight, activation, m)
        for b in range(m):
            activation[row, b] = max(activation[row, b], zero)
    for k in range(n_outputs):
        t, value = n_hidden + k, bias[n_hidden + k]
        for b in range(m):
            output[k, b] = value
        add_weighted(output, k, indptr[t], indptr[t + 1], indices, weight, activation, m)


@kernel(inline="always")
def _send_back(
    n_inputs, target, t, row, indptr, indices, weight, activation, delta, weight_grad, bias_grad, m
) -> None:
    """Gradients of one target, whose delta is row `row` of `target`."""
    total = target.dtype.type(0)
    for b in range(m):
        total += target[row, b]
    bias_grad[t] = total
    start, stop = indptr[t], indptr[t + 1]
    _dot_products(target, row, start, stop, indices, activation, weight_grad, m)
    hidden = start
    while hidden < stop and indices[hidden] < n_inputs:
        hidden += 1
    _add_outer(target, row, hidden, stop, indices, weight, n_inputs, delta, m)


@kernel
def backward(
    n_inputs, indptr, indices, weight, activation, delta_output, delta, weight_grad, bias_grad, m
) -> None:
    """Gradients of all connections and biases from those of the outputs.

    `delta` (hidden neurons x batch) receives the gradient of every pre-activation.
    """
    n_outputs = delta_output.shape[0]
    n_hidden = indptr.shape[0] - 1 - n_outputs
    for t in range(n_hidden):
        for b in range(m):
            delta[t, b] = 0
    one = delta.dtype.type(1)
    for k in range(n_outputs):
        _send_back(
            n_inputs, delta_output, n_hidden + k, k, indptr, indices, weight, activation, delta,
            weight_grad, bias_grad, m,
        )  # fmt: skip
    for t in range(n_hidden - 1, -1, -1):
        # ceil(min(a, 1)) is the derivative of a ReLU of value a. Not a condition: compiled to a
        # branch, it would be mispredicted half of the time.
        row = n_inputs + t
        for b in range(m):
            delta[t, b] *= np.ceil(min(activation[row, b], one))
        _send_back(
            n_inputs, delta, t, t, indptr, indices, weight, activation, delta, weight_grad,
            bias_grad, m,
        )  # fmt: skip
