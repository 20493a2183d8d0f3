"""Compiled losses: what a batch costs, and its gradients with respect to the outputs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._codes import (
    ABSOLUTE,
    BERNOULLI,
    DELTA,
    DISTILLATION,
    EXITS,
    HUBER,
    LOGISTIC,
    N_EXITS,
    SMOOTHING,
    SQUARED,
    TEMPERATURE,
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
def _class_loss(output, labels, values, sample_weight, numbers, delta, work, m) -> float:
    """Cross-entropy of one group of outputs that tell classes apart."""
    if output.shape[0] == 1:
        return _logistic_loss(output, labels, values, sample_weight, numbers, delta, m)
    if values.shape[1]:
        return _soft_softmax_loss(output, values, sample_weight, numbers, delta, work, m)
    return _softmax_loss(output, labels, sample_weight, numbers, delta, work, m)


@kernel
def _cooled(output, first, size, cold, sharpness, m) -> None:
    """Outputs of one exit divided by the temperature; a single one is that of (0, z)."""
    for k in range(size):
        z, row = output[first + k], cold[cold.shape[0] - size + k]
        for b in range(m):
            row[b] = z[b] * sharpness


@kernel
def _distillation(output, size, sample_weight, numbers, delta, work, m) -> float:
    """Divergence of the softened exits from the deepest one, which doesn't learn by it."""
    n_classes = max(size, 2)
    deepest = output.shape[0] - size
    numbers[-1] = 1.0 / numbers[TEMPERATURE]
    sharpness = numbers[-1]
    numbers[-1] = np.float64(numbers[DISTILLATION]) * numbers[TEMPERATURE] / m
    scale = numbers[-1]
    cold = np.zeros((n_classes, m), output.dtype)
    wanted, found = np.empty_like(cold), np.empty_like(cold)
    entropy = np.zeros(m, output.dtype)
    peak, total = work.peak, work.total
    _cooled(output, deepest, size, cold, sharpness, m)
    softmax_terms(cold, wanted, work, m)
    for k in range(n_classes):
        for b in range(m):
            wanted[k, b] /= total[b]
            entropy[b] += wanted[k, b] * (cold[k, b] - peak[b] - np.log(total[b]))
    loss = 0.0
    for first in range(0, deepest, size):
        _cooled(output, first, size, cold, sharpness, m)
        softmax_terms(cold, found, work, m)
        for b in range(m):
            loss += sample_weight[b] * (entropy[b] + peak[b] + np.log(total[b]))
        for k in range(n_classes):
            for b in range(m):
                loss -= sample_weight[b] * wanted[k, b] * cold[k, b]
        for k in range(size):
            d, row = delta[first + k], n_classes - size + k
            for b in range(m):
                slope = found[row, b] / total[b] - wanted[row, b]
                d[b] += sample_weight[b] * slope * scale
    return loss * numbers[DISTILLATION] * np.float64(numbers[TEMPERATURE]) ** 2


@kernel
def _exits_loss(output, labels, values, sample_weight, numbers, delta, work, m) -> float:
    size = output.shape[0] // int(numbers[N_EXITS])
    deepest = output.shape[0] - size
    numbers[-1] = 1.0 - numbers[DISTILLATION]
    share = numbers[-1]
    loss = 0.0
    for first in range(0, deepest + 1, size):
        own, slope = output[first : first + size], delta[first : first + size]
        part = _class_loss(own, labels, values, sample_weight, numbers, slope, work, m)
        if first < deepest:
            part *= share
            for k in range(size):
                for b in range(m):
                    slope[k, b] *= share
        loss += part
    if numbers[DISTILLATION] > 0:
        loss += _distillation(output, size, sample_weight, numbers, delta, work, m)
    return loss


@kernel
def batch_loss(kind, output, labels, values, sample_weight, numbers, delta, work, m) -> float:
    """Sum of the weighted losses of a batch; `delta` receives the gradient of their mean.

    `kind` is the code of the loss: code that takes functions would be compiled again in every
    process. Targets are the labels, which label smoothing mixes with the uniform distribution over
    the classes, or `values` (n_outputs x batch) where that isn't empty, as it never is for losses
    that don't tell classes apart. Several outputs add up their losses, and so do exits, whose
    `values` are those of one exit: its first rows.
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
    if kind == EXITS:
        return _exits_loss(output, labels, values, sample_weight, numbers, delta, work, m)
    if values.shape[1]:
        return _soft_softmax_loss(output, values, sample_weight, numbers, delta, work, m)
    return _softmax_loss(output, labels, sample_weight, numbers, delta, work, m)
