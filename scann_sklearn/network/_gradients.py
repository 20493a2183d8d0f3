"""Gradients of every possible connection, from one backward pass and without BLAS."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _inference
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._kernels import backward
from scann_sklearn.network._training import SMOOTHING, cross_entropy


def activations_and_deltas(network, X, y, sample_weight=None, label_smoothing=0.0):
    """Run a batch forward and backward.

    Parameters
    ----------
    network : Network
        The network.
    X : ndarray of shape (n_samples, n_inputs)
        Samples.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_classes)
        Class of each sample, from 0 on, or its distribution over the classes.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples; None: equal.
    label_smoothing : float, default=0.0
        Share of the uniform distribution in the targets that are made of labels.

    Returns
    -------
    activations : ndarray of shape (n_inputs + n_hidden, n_samples)
        Value of every source.
    deltas : ndarray of shape (n_hidden + n_outputs, n_samples)
        Gradient of the mean loss with respect to every target before its ReLU.
    """
    t, dtype = network.topology, network.weight.dtype
    X = _inference.check_samples(X, t.n_inputs, dtype)
    n_samples = len(X)
    labels, soft = split_targets(y, n_samples, t.n_outputs, dtype)
    weight = np.ones(n_samples, dtype)
    if sample_weight is not None:
        weight = np.asarray(sample_weight, dtype)
        if len(weight) != n_samples:
            raise ValueError(f"{len(weight)} sample weights for {n_samples} samples.")
    activation, output = _inference.activations(
        X, t.n_outputs, *t.csr, network.weight, network.bias
    )
    numbers = np.zeros(SMOOTHING + 2, dtype)
    numbers[SMOOTHING] = label_smoothing
    delta = np.empty((t.n_targets, n_samples), dtype)
    outputs = delta[t.n_hidden :]
    work = scratch(n_samples, dtype)
    cross_entropy(output, labels, soft, weight, numbers, outputs, work, n_samples)
    backward(
        t.n_inputs, *t.csr, network.weight, activation, outputs,
        delta[: t.n_hidden], np.empty_like(network.weight), np.empty_like(network.bias), n_samples,
    )  # fmt: skip
    return activation, delta


def split_targets(y, n_samples, n_outputs, dtype):
    """Labels and probabilities for the kernels; what `y` isn't is empty.

    Parameters
    ----------
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_classes)
        Classes, or distributions over them.
    n_samples : int
        Number of samples.
    n_outputs : int
        Number of outputs.
    dtype : dtype
        Of the network.

    Returns
    -------
    labels : ndarray of int64 of shape (n_samples,)
        Class of each sample.
    soft : ndarray of shape (n_outputs, n_samples) or (n_outputs, 0)
        Probability that each output stands for.
    """
    y, n_classes = np.asarray(y), max(n_outputs, 2)
    if y.ndim == 1:
        return _check_labels(y, n_samples, n_classes), np.empty((n_outputs, 0), dtype)
    if y.shape != (n_samples, n_classes):
        raise ValueError(
            f"y must have the shape {(n_samples, n_classes)} to hold distributions over the "
            f"classes, got {y.shape}."
        )
    soft = y.T if n_outputs > 1 else y.T[1:]
    return np.zeros(n_samples, np.int64), np.ascontiguousarray(soft, dtype)


def _check_labels(y, n_samples, n_classes):
    # The kernels use labels as indices without looking.
    if len(y) != n_samples or n_samples == 0:
        raise ValueError(f"{len(y)} labels for {n_samples} samples; there must be at least one.")
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= n_classes:
        raise ValueError(
            f"y must hold integers from 0 to {n_classes - 1}, got {y.dtype} "
            f"from {y.min()} to {y.max()}."
        )
    return y.astype(np.int64, copy=False)


@kernel
def dormant_gradients(first, last, indptr, indices, activation, delta):
    """|gradient| of every allowed connection, target after target; -1 where it exists."""
    offset = np.zeros(first.shape[0] + 1, np.int64)
    for t in range(first.shape[0]):
        offset[t + 1] = offset[t] + last[t] - first[t]
    score = np.zeros(offset[-1], activation.dtype)
    for t in range(first.shape[0]):
        d, place = delta[t], offset[t] - first[t]
        for j in range(indptr[t], indptr[t + 1]):
            score[place + indices[j]] = -1
        for s in range(first[t], last[t]):
            if score[place + s] < 0:
                continue
            a = activation[s]
            total = delta.dtype.type(0)
            for b in range(d.shape[0]):
                total += d[b] * a[b]
            score[place + s] = abs(total)
    return score, offset
