"""One pass forward and backward of a whole batch, without BLAS."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _inference
from scann_sklearn.network._codes import N_NUMBERS
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._kernels import backward
from scann_sklearn.network._layer import Signals
from scann_sklearn.network._losses import batch_loss


def signals_of(network, X, loss, loss_numbers, labels, values, sample_weight) -> list[Signals]:
    """Run a batch forward and backward.

    Parameters
    ----------
    network : Network
        The network.
    X : ndarray of shape (n_samples, n_inputs)
        Samples.
    loss : int
        Code of the loss.
    loss_numbers : dict of int to float
        Numbers that it takes, by their codes.
    labels : ndarray of int64 of shape (n_samples,)
        Class of each sample, checked: the kernels use them as indices.
    values : ndarray of shape (n_outputs, n_samples) or (n_outputs, 0)
        What each output should be; empty where the labels say it.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    signals : list of Signals
        What the batch did to each layer.
    """
    t, dtype = network.topology, network.weight.dtype
    X = _inference.check_samples(X, t.n_inputs, dtype)
    n_samples = len(X)
    if len(labels) != n_samples:
        raise ValueError(f"{len(labels)} labels for {n_samples} samples.")
    activation, output = _inference.activations(
        X, t.n_outputs, *t.csr, network.weight, network.bias
    )
    numbers = np.zeros(N_NUMBERS, dtype)
    for place, number in loss_numbers.items():
        numbers[place] = number
    delta = np.empty((t.n_targets, n_samples), dtype)
    outputs = delta[t.n_hidden :]
    work = scratch(n_samples, dtype)
    batch_loss(loss, output, labels, values, sample_weight, numbers, outputs, work, n_samples)
    backward(
        t.n_inputs, *t.csr, network.weight, activation, outputs,
        delta[: t.n_hidden], np.empty_like(network.weight), np.empty_like(network.bias), n_samples,
    )  # fmt: skip
    return [Signals(activation, delta)]
