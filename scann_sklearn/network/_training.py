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
def shuffled(uniform) -> np.ndarray:
    """Random order of as many samples as there are random numbers in [0, 1) (Fisher, Yates)."""
    order = np.arange(uniform.shape[0])
    for i in range(uniform.shape[0] - 1, 0, -1):
        j = int(uniform[i] * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


@kernel
def train_epoch(
    X, labels, values, sample_weight, order, batch_size, loss_kind, n_outputs, indptr, indices,
    used, weight, bias, optimizer, numbers, step, weight_first, weight_second, bias_first,
    bias_second, work,
) -> float:  # fmt: skip
    """Train on the samples in `order`, batch by batch; return the mean loss.

    `X` is feature-major (n_features, n_samples), and so is `values` (n_outputs, n_samples), which
    is empty where the labels are the targets; `loss_kind` and `optimizer` are codes; `used` lists
    the inputs that are connected, the only ones that are read. `step` counts the optimizer's
    updates so far. Parameters and moments change in place; `work` is scratch for batches of this
    size.
    """
    n_inputs, n_samples = X.shape[0], order.shape[0]
    n_hidden = bias.shape[0] - n_outputs
    activation = np.empty((n_inputs + n_hidden, batch_size), X.dtype)
    output = np.empty((n_outputs, batch_size), X.dtype)
    delta_output = np.empty((n_outputs, batch_size), X.dtype)
    delta = np.empty((n_hidden, batch_size), X.dtype)
    weight_grad, bias_grad = np.empty_like(weight), np.empty_like(bias)
    batch_labels, batch_weight = np.empty(batch_size, labels.dtype), np.empty(batch_size, X.dtype)
    batch_values = np.empty((n_outputs, batch_size if values.shape[1] else 0), X.dtype)
    decay, zero = numbers[WEIGHT_DECAY], numbers.dtype.type(0)
    loss = 0.0
    for first in range(0, n_samples, batch_size):
        m = min(batch_size, n_samples - first)
        rows = order[first : first + m]
        for i in range(used.shape[0]):
            source, target = X[used[i]], activation[used[i]]
            for b in range(m):
                target[b] = source[rows[b]]
        for b in range(m):
            batch_labels[b] = labels[rows[b]]
            batch_weight[b] = sample_weight[rows[b]]
        if values.shape[1]:
            for k in range(n_outputs):
                for b in range(m):
                    batch_values[k, b] = values[k, rows[b]]
        forward(n_inputs, indptr, indices, weight, bias, activation, output, m)
        loss += batch_loss(
            loss_kind, output, batch_labels, batch_values, batch_weight, numbers, delta_output,
            work, m,
        )  # fmt: skip
        backward(
            n_inputs, indptr, indices, weight, activation, delta_output, delta, weight_grad,
            bias_grad, m,
        )  # fmt: skip
        step += 1
        update(optimizer, numbers, step, weight, weight_grad, weight_first, weight_second, decay)
        update(optimizer, numbers, step, bias, bias_grad, bias_first, bias_second, zero)
    return loss / n_samples
