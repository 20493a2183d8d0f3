"""Compiled losses: what a batch costs, and its gradients with respect to the outputs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._codes import (
    ABSOLUTE,
    BERNOULLI,
    DELTA,
    HUBER,
    LOGISTIC,
    SMOOTHING,
    SQUARED,
)
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._exponential import softmax_terms


@kernel
def _logistic_loss(output, labels, values, sample_weight, numbers, delta, m) -> float:
    numbers[-1] = 1.0 / m
    scale, smoothing = numbers[-1], numbers[SMOOTHING]
    loss = 0.0
    z, d = output[0], delta[0]
    for b in range(m):
        target = labels[b] * (1.0 - smoothing) + 0.5 * smoothing
        if values.shape[1]:
            target = np.float64(values[0, b])
        e = np.exp(-abs(z[b]))
        p = 1.0 / (1.0 + e) if z[b] >= 0 else e / (1.0 + e)
        loss += sample_weight[b] * (max(z[b], 0.0) - z[b] * target + np.log1p(e))
        d[b] = sample_weight[b] * (p - target) * scale
    return loss


@kernel
def _softmax_loss(output, labels, sample_weight, numbers, delta, work, m) -> float:
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
def _soft_softmax_loss(output, values, sample_weight, numbers, delta, work, m) -> float:
    numbers[-1] = 1.0 / m
    scale = numbers[-1]
    peak, total = work.peak, work.total
    softmax_terms(output, delta, work, m)
    loss = 0.0
    for b in range(m):
        loss += sample_weight[b] * (np.log(total[b]) + peak[b])
        total[b] = 1 / total[b]
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], values[k]
        for b in range(m):
            weight = sample_weight[b]
            loss -= weight * target[b] * z[b]
            d[b] = (d[b] * total[b] - target[b]) * (weight * scale)
    return loss


@kernel
def _bernoulli_loss(output, values, sample_weight, numbers, delta, m) -> float:
    numbers[-1] = 1.0 / m
    scale = numbers[-1]
    loss = 0.0
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], values[k]
        for b in range(m):
            e = np.exp(-abs(z[b]))
            p = 1.0 / (1.0 + e) if z[b] >= 0 else e / (1.0 + e)
            loss += sample_weight[b] * (max(z[b], 0.0) - z[b] * target[b] + np.log1p(e))
            d[b] = sample_weight[b] * (p - target[b]) * scale
    return loss


@kernel
def _squared_loss(output, values, sample_weight, numbers, delta, m) -> float:
    numbers[-1] = 1.0 / m
    scale = numbers[-1]
    loss = 0.0
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], values[k]
        for b in range(m):
            error = z[b] - target[b]
            loss += sample_weight[b] * (0.5 * error * error)
            d[b] = sample_weight[b] * error * scale
    return loss


@kernel
def _absolute_loss(output, values, sample_weight, numbers, delta, m) -> float:
    numbers[-1] = 1.0 / m
    scale = numbers[-1]
    loss = 0.0
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], values[k]
        for b in range(m):
            error = z[b] - target[b]
            loss += sample_weight[b] * abs(error)
            d[b] = sample_weight[b] * np.sign(error) * scale
    return loss


@kernel
def _huber_loss(output, values, sample_weight, numbers, delta, m) -> float:
    numbers[-1] = 1.0 / m
    scale, limit = numbers[-1], numbers[DELTA]
    loss = 0.0
    for k in range(output.shape[0]):
        z, d, target = output[k], delta[k], values[k]
        for b in range(m):
            error = z[b] - target[b]
            near = min(max(error, -limit), limit)
            loss += sample_weight[b] * (near * (error - 0.5 * near))
            d[b] = sample_weight[b] * near * scale
    return loss


@kernel
def batch_loss(kind, output, labels, values, sample_weight, numbers, delta, work, m) -> float:
    """Sum of the weighted losses of a batch; `delta` receives the gradient of their mean.

    `kind` is the code of the loss: code that takes functions would be compiled again in every
    process. Targets are the labels, which label smoothing mixes with the uniform distribution over
    the classes, or `values` (n_outputs x batch) where that isn't empty, as it never is for losses
    that don't tell classes apart. Several outputs add up their losses.
    """
    if kind == LOGISTIC:
        return _logistic_loss(output, labels, values, sample_weight, numbers, delta, m)
    if kind == BERNOULLI:
        return _bernoulli_loss(output, values, sample_weight, numbers, delta, m)
    if kind == SQUARED:
        return _squared_loss(output, values, sample_weight, numbers, delta, m)
    if kind == ABSOLUTE:
        return _absolute_loss(output, values, sample_weight, numbers, delta, m)
    if kind == HUBER:
        return _huber_loss(output, values, sample_weight, numbers, delta, m)
    if values.shape[1]:
        return _soft_softmax_loss(output, values, sample_weight, numbers, delta, work, m)
    return _softmax_loss(output, labels, sample_weight, numbers, delta, work, m)
