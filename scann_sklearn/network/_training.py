"""Compiled training: batches, losses, gradients and updates of a whole epoch in one call."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._codes import (
    ADAM,
    ADAMW,
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    MOMENTUM,
    NESTEROV,
    SGD,
    WEIGHT_DECAY,
)
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._kernels import backward, forward
from scann_sklearn.network._losses import batch_loss
from scann_sklearn.network._sparse_kernels import scatter

_TILE = 16  # samples: what is written of an input is a line of a cache


@kernel
def update(optimizer, numbers, step, parameter, gradient, first, second, decay) -> None:
    """One optimizer step in place, as the classes of `torch.optim` do it."""
    zero, one = numbers.dtype.type(0), numbers.dtype.type(1)
    rate = numbers[LEARNING_RATE]
    # Moments of connections without gradient decay into subnormal numbers, which are slow and
    # never reach zero. In single precision 1e-290 is zero.
    numbers[-1] = 1e-290
    if numbers[-1] == 0:
        numbers[-1] = 1e-30
    negligible = numbers[-1]
    if optimizer == SGD:
        momentum, nesterov = numbers[MOMENTUM], numbers[NESTEROV] > 0
        for j in range(parameter.shape[0]):
            g = gradient[j] + decay * parameter[j]
            # torch starts the buffer with the first gradient, which a zero buffer gives too
            v = momentum * first[j] + g
            first[j] = v if abs(v) > negligible else zero
            parameter[j] -= rate * (g + momentum * first[j] if nesterov else first[j])
        return
    beta_1, beta_2 = numbers[BETA_1], numbers[BETA_2]
    numbers[-1] = rate / (1.0 - np.float64(beta_1) ** step)
    step_size = numbers[-1]
    numbers[-1] = 1.0 / np.sqrt(1.0 - np.float64(beta_2) ** step)
    correction = numbers[-1]
    epsilon = numbers[EPSILON]
    coupled = decay if optimizer == ADAM else zero
    shrink = one - rate * decay if optimizer == ADAMW else one
    for j in range(parameter.shape[0]):
        g = gradient[j] + coupled * parameter[j]
        v = beta_1 * first[j] + (one - beta_1) * g
        first[j] = v if abs(v) > negligible else zero
        v = beta_2 * second[j] + (one - beta_2) * g * g
        second[j] = v if v > negligible else zero
        parameter[j] = parameter[j] * shrink - step_size * first[j] / (
            np.sqrt(second[j]) * correction + epsilon
        )


@kernel
def shuffle_end(order, uniform) -> None:
    """Move random ones of `order` to its end, as many as there are random numbers in [0, 1).

    They come in random order (Fisher, Yates); the others are what is left to be drawn.
    """
    first = order.shape[0] - uniform.shape[0]
    for i in range(order.shape[0] - 1, max(first, 1) - 1, -1):
        j = int(uniform[i - first] * (i + 1))
        order[i], order[j] = order[j], order[i]


@kernel
def _new_batch(n_inputs, n_outputs, batch_size, labels, values, weight, bias) -> tuple:
    """Arrays for one batch: its targets, what comes out of each layer, and the gradients."""
    n_hidden = bias.shape[0] - n_outputs
    dtype = weight.dtype
    return (
        np.empty(batch_size, labels.dtype),
        np.empty((n_outputs, batch_size if values.shape[1] else 0), dtype),
        np.empty(batch_size, dtype),
        np.empty((n_inputs + n_hidden, batch_size), dtype),
        np.empty((n_outputs, batch_size), dtype),
        np.empty((n_outputs, batch_size), dtype),
        np.empty((n_hidden, batch_size), dtype),
        np.empty_like(weight),
        np.empty_like(bias),
    )


@kernel
def _learn(
    batch, n_inputs, rows, labels, values, sample_weight, loss_kind, indptr, indices, weight, bias,
    optimizer, numbers, step, weight_first, weight_second, bias_first, bias_second, work,
) -> float:  # fmt: skip
    """Train on some rows, whose inputs are in the batch; return the sum of their losses."""
    (
        batch_labels, batch_values, batch_weight, activation, output, delta_output, delta,
        weight_grad, bias_grad,
    ) = batch  # fmt: skip
    m = rows.shape[0]
    for b in range(m):
        batch_labels[b] = labels[rows[b]]
        batch_weight[b] = sample_weight[rows[b]]
    if values.shape[1]:
        for k in range(values.shape[0]):
            for b in range(m):
                batch_values[k, b] = values[k, rows[b]]
    forward(n_inputs, indptr, indices, weight, bias, activation, output, m)
    loss = batch_loss(
        loss_kind, output, batch_labels, batch_values, batch_weight, numbers, delta_output, work, m
    )
    backward(
        n_inputs, indptr, indices, weight, activation, delta_output, delta, weight_grad, bias_grad,
        m,
    )  # fmt: skip
    decay, zero = numbers[WEIGHT_DECAY], numbers.dtype.type(0)
    update(optimizer, numbers, step, weight, weight_grad, weight_first, weight_second, decay)
    update(optimizer, numbers, step, bias, bias_grad, bias_first, bias_second, zero)
    return loss


@kernel
def _take_rows(table, rows, used, activation) -> None:
    """Fill in the inputs of a batch; in tiles, since what is next to each other is read first."""
    for first in range(0, rows.shape[0], _TILE):
        some = rows[first : min(first + _TILE, rows.shape[0])]
        for i in range(used.shape[0]):
            target = activation[used[i], first : first + some.shape[0]]
            for b in range(some.shape[0]):
                target[b] = table[some[b], used[i]]


@kernel
def train_epoch(
    X, labels, values, sample_weight, order, batch_size, loss_kind, n_outputs, indptr, indices,
    used, weight, bias, optimizer, numbers, step, weight_first, weight_second, bias_first,
    bias_second, work,
) -> float:  # fmt: skip
    """Train on the samples in `order`, batch by batch; return the mean loss.

    `X` is an array and whether it has one row per sample, else one row per feature. `values` is of
    shape (n_outputs, n_samples), empty where the labels are the targets; `loss_kind` and
    `optimizer` are codes; `used` lists the inputs that are connected, the only ones that are read.
    `step` counts the optimizer's updates so far. Parameters and moments change in place; `work` is
    scratch for batches of this size.
    """
    table, by_rows = X
    n_inputs, n_samples = table.shape[1 if by_rows else 0], order.shape[0]
    batch = _new_batch(n_inputs, n_outputs, batch_size, labels, values, weight, bias)
    activation = batch[3]  # inputs, then hidden neurons
    loss = 0.0
    for first in range(0, n_samples, batch_size):
        rows = order[first : min(first + batch_size, n_samples)]
        if by_rows:
            _take_rows(table, rows, used, activation)
        else:
            for i in range(used.shape[0]):
                source, target = table[used[i]], activation[used[i]]
                for b in range(rows.shape[0]):
                    target[b] = source[rows[b]]
        step += 1
        loss += _learn(
            batch, n_inputs, rows, labels, values, sample_weight, loss_kind, indptr, indices,
            weight, bias, optimizer, numbers, step, weight_first, weight_second, bias_first,
            bias_second, work,
        )  # fmt: skip
    return loss / n_samples


@kernel
def train_sparse_epoch(
    X, labels, values, sample_weight, order, batch_size, loss_kind, n_outputs, indptr, indices,
    absent, weight, bias, optimizer, numbers, step, weight_first, weight_second, bias_first,
    bias_second, work,
) -> float:  # fmt: skip
    """Do as `train_epoch` on a sparse X: its indptr, indices, data, and the row of each feature.

    `absent` is the value of each input where X stores nothing; all inputs here are connected.
    """
    stored, columns, data, place = X
    n_inputs, n_samples = absent.shape[0], order.shape[0]
    batch = _new_batch(n_inputs, n_outputs, batch_size, labels, values, weight, bias)
    activation = batch[3]  # inputs, then hidden neurons
    loss = 0.0
    for first in range(0, n_samples, batch_size):
        rows = order[first : min(first + batch_size, n_samples)]
        for i in range(n_inputs):
            activation[i, :] = absent[i]
        scatter(stored, columns, data, rows, place, activation)
        step += 1
        loss += _learn(
            batch, n_inputs, rows, labels, values, sample_weight, loss_kind, indptr, indices,
            weight, bias, optimizer, numbers, step, weight_first, weight_second, bias_first,
            bias_second, work,
        )  # fmt: skip
    return loss / n_samples
