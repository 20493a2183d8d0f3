"""Compiled training: batches, cross-entropy, gradients and updates of a whole epoch in one call."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel
from scann_sklearn.network._exponential import softmax_terms
from scann_sklearn.network._kernels import backward, forward

ADAM, ADAMW, SGD = 0, 1, 2
# Where each number stands in the array that the kernels take. A last place behind them is free: a
# number that is written there and read again has the dtype of the data.
LEARNING_RATE, WEIGHT_DECAY, BETA_1, BETA_2, EPSILON, MOMENTUM, NESTEROV, SMOOTHING = range(8)


@kernel
def _logistic_loss(output, labels, soft, sample_weight, numbers, delta, m):
    numbers[-1] = 1.0 / m
    scale, smoothing = numbers[-1], numbers[SMOOTHING]
    loss = 0.0
    z, d = output[0], delta[0]
    for b in range(m):
        target = labels[b] * (1.0 - smoothing) + 0.5 * smoothing
        if soft.shape[1]:
            target = np.float64(soft[0, b])
        e = np.exp(-abs(z[b]))
        p = 1.0 / (1.0 + e) if z[b] >= 0 else e / (1.0 + e)
        loss += sample_weight[b] * (max(z[b], 0.0) - z[b] * target + np.log1p(e))
        d[b] = sample_weight[b] * (p - target) * scale
    return loss


@kernel
def _softmax_loss(output, labels, sample_weight, numbers, delta, work, m):
    n_outputs = output.shape[0]
    numbers[-1] = 1.0 / m
    scale, smoothing = numbers[-1], numbers[SMOOTHING]
    numbers[-1] = smoothing / n_outputs
    uniform = numbers[-1]
    numbers[-1] = (1.0 - smoothing) / m
    hot = numbers[-1]
    peak, total = work.peak, work.total
    softmax_terms(output, delta, work, m)
    loss = 0.0
    for b in range(m):
        z = output[labels[b], b]
        loss += sample_weight[b] * (np.log(total[b]) + peak[b] - z * (1.0 - smoothing))
        total[b] = 1 / total[b]
    for k in range(n_outputs):
        z, d = output[k], delta[k]
        for b in range(m):
            weight = sample_weight[b]
            loss -= weight * uniform * z[b]
            d[b] = (d[b] * total[b] - uniform) * (weight * scale)
    for b in range(m):
        delta[labels[b], b] -= sample_weight[b] * hot
    return loss


@kernel
def _soft_softmax_loss(output, soft, sample_weight, numbers, delta, work, m):
    numbers[-1] = 1.0 / m
    scale = numbers[-1]
    peak, total = work.peak, work.total
    softmax_terms(output, delta, work, m)
    loss = 0.0
    for b in range(m):
        loss += sample_weight[b] * (np.log(total[b]) + peak[b])
        total[b] = 1 / total[b]
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], soft[k]
        for b in range(m):
            weight = sample_weight[b]
            loss -= weight * target[b] * z[b]
            d[b] = (d[b] * total[b] - target[b]) * (weight * scale)
    return loss


@kernel
def cross_entropy(output, labels, soft, sample_weight, numbers, delta, work, m):
    """Sum of the weighted losses of a batch; `delta` receives the gradient of their mean.

    One output: logistic loss; several: softmax. The targets are the labels, which label smoothing
    mixes with the uniform distribution over the classes, or, where `soft` is not empty, its
    probabilities (n_outputs x batch; of the second class where there is one output).
    """
    if output.shape[0] == 1:
        return _logistic_loss(output, labels, soft, sample_weight, numbers, delta, m)
    if soft.shape[1]:
        return _soft_softmax_loss(output, soft, sample_weight, numbers, delta, work, m)
    return _softmax_loss(output, labels, sample_weight, numbers, delta, work, m)


@kernel
def update(kind, numbers, step, parameter, gradient, first, second, decay):
    """One optimizer step in place, as the classes of `torch.optim` do it."""
    zero, one = numbers.dtype.type(0), numbers.dtype.type(1)
    rate = numbers[LEARNING_RATE]
    # Moments of connections without gradient decay into subnormal numbers, which are slow and
    # never reach zero. In single precision 1e-290 is zero.
    numbers[-1] = 1e-290
    if numbers[-1] == 0:
        numbers[-1] = 1e-30
    negligible = numbers[-1]
    if kind == SGD:
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
    coupled = decay if kind == ADAM else zero
    shrink = one - rate * decay if kind == ADAMW else one
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
def shuffled(uniform):
    """Random order of as many samples as there are random numbers in [0, 1) (Fisher, Yates)."""
    order = np.arange(uniform.shape[0])
    for i in range(uniform.shape[0] - 1, 0, -1):
        j = int(uniform[i] * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


@kernel
def train_epoch(
    X, labels, soft, sample_weight, order, batch_size, n_outputs, indptr, indices, used, weight,
    bias, kind, numbers, step, weight_first, weight_second, bias_first, bias_second, work,
):  # fmt: skip
    """Train on the samples in `order`, batch by batch; return the mean loss.

    `X` is feature-major (n_features, n_samples), and so is `soft` (n_outputs, n_samples), which
    is empty where the labels are the targets; `used` lists the inputs that are connected, the
    only ones that are read. `step` counts the optimizer's updates so far. Parameters and
    moments change in place; `work` is scratch for batches of this size.
    """
    n_inputs, n_samples = X.shape[0], order.shape[0]
    n_hidden = bias.shape[0] - n_outputs
    activation = np.empty((n_inputs + n_hidden, batch_size), X.dtype)
    output = np.empty((n_outputs, batch_size), X.dtype)
    delta_output = np.empty((n_outputs, batch_size), X.dtype)
    delta = np.empty((n_hidden, batch_size), X.dtype)
    weight_grad, bias_grad = np.empty_like(weight), np.empty_like(bias)
    batch_labels, batch_weight = np.empty(batch_size, labels.dtype), np.empty(batch_size, X.dtype)
    batch_soft = np.empty((n_outputs, batch_size if soft.shape[1] else 0), X.dtype)
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
        if soft.shape[1]:
            for k in range(n_outputs):
                for b in range(m):
                    batch_soft[k, b] = soft[k, rows[b]]
        forward(n_inputs, indptr, indices, weight, bias, activation, output, m)
        loss += cross_entropy(
            output, batch_labels, batch_soft, batch_weight, numbers, delta_output, work, m
        )
        backward(
            n_inputs, indptr, indices, weight, activation, delta_output, delta, weight_grad,
            bias_grad, m,
        )  # fmt: skip
        step += 1
        update(kind, numbers, step, weight, weight_grad, weight_first, weight_second, decay)
        update(kind, numbers, step, bias, bias_grad, bias_first, bias_second, zero)
    return loss / n_samples
