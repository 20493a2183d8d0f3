"""One pass forward and backward of a whole batch, without BLAS."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _inference
from scann_sklearn.network._codes import N_NUMBERS
from scann_sklearn.network._convolution import MapSignals, SparseConv2d
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._kernels import backward
from scann_sklearn.network._layer import Signals, SparseSignals
from scann_sklearn.network._losses import batch_loss
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._samples import SparseSamples, as_samples


def signals_of(
    network, X, loss, loss_numbers, labels, values, sample_weight
) -> list[Signals | SparseSignals]:
    """Run a batch forward and backward.

    Parameters
    ----------
    network : Network
        The network.
    X : ndarray or Samples of shape (n_samples, n_inputs)
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
    signals : list of Signals or SparseSignals
        What the batch did to each layer.
    """
    samples, t = as_samples(X), network.topology
    targets = (loss, loss_numbers, labels, values, sample_weight)
    if isinstance(network, MapNetwork):
        return _signals_of_maps(network, samples.dense(), *targets)
    if isinstance(samples, SparseSamples):
        hidden, output = samples.run(network)
        delta = _deltas(_between_neurons(network), hidden, output, *targets)
        return [SparseSignals(samples, hidden, delta)]
    X = _inference.check_samples(samples.dense(), t.n_inputs, network.weight.dtype)
    activation, output = _inference.activations(
        X, t.n_outputs, *t.csr, network.weight, network.bias
    )
    connections = (t.n_inputs, *t.csr, network.weight)
    return [Signals(activation, _deltas(connections, activation, output, *targets))]


def mean_loss(network, X, loss, loss_numbers, labels, values, sample_weight) -> float:
    """Mean of the weighted losses of a batch.

    Parameters
    ----------
    network : Network
        The network.
    X : ndarray or Samples of shape (n_samples, n_inputs)
        Samples.
    loss : int
        See `signals_of`.
    loss_numbers : dict of int to float
        See `signals_of`.
    labels : ndarray of int64 of shape (n_samples,)
        See `signals_of`.
    values : ndarray of shape (n_outputs, n_samples) or (n_outputs, 0)
        See `signals_of`.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    mean_loss : float
        Its gradients are the `delta` of `signals_of`.
    """
    dtype = network.weight.dtype
    output = np.ascontiguousarray(as_samples(X).outputs(network).T)
    n_samples, delta = output.shape[1], np.empty_like(output)
    numbers, work = _numbers(loss_numbers, dtype), scratch(n_samples, dtype)
    total = batch_loss(
        loss, output, labels, values, sample_weight, numbers, delta, work, n_samples
    )  # fmt: skip
    return float(total) / n_samples


def _numbers(loss_numbers, dtype) -> np.ndarray:
    numbers = np.zeros(N_NUMBERS, dtype)
    for place, number in loss_numbers.items():
        numbers[place] = number
    return numbers


def _signals_of_maps(network, X, *targets) -> list:
    """What a batch did to each layer of maps, and to the neurons."""
    t, front, n = network.topology, network.front, len(X)
    w, b = front.n_connections, front.n_maps
    X = _inference.check_samples(X, front.source.size, network.weight.dtype)
    weight, images = network.weight[:w], X.T.ravel()
    maps, memory = front.forward(images, weight, network.bias[:b], n)
    rows = np.ascontiguousarray(maps.reshape(t.n_inputs, n).T)
    tail = network.tail
    activation, output = _inference.activations(rows, t.n_outputs, *t.csr, tail.weight, tail.bias)
    connections = (0, *network.csr_from_maps(), tail.weight)
    delta = _deltas(connections, activation, output, *targets)
    *_, deltas = front.backward(memory, weight, delta[: t.n_inputs].ravel(), n)
    sources = [
        before
        for stage, (before, *_) in zip(front.stages, memory)
        if isinstance(stage, SparseConv2d)
    ]
    signals = [MapSignals(*pair, n) for pair in zip(sources, deltas, strict=True)]
    return [*signals, Signals(activation, delta[t.n_inputs :])]


def _between_neurons(network) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Connections that deltas go back through: none from inputs, as if there were no inputs."""
    t = network.topology
    indptr, indices = t.csr
    hidden = indices >= t.n_inputs
    count = np.append(0, np.cumsum(hidden, dtype=indptr.dtype))
    sources = indices[hidden] - indices.dtype.type(t.n_inputs)
    return 0, count[indptr], sources, network.weight[hidden]


def _deltas(
    connections, activation, output, loss, loss_numbers, labels, values, sample_weight
) -> np.ndarray:
    """Gradients of the mean loss with respect to all targets before their ReLU."""
    n_inputs, indptr, indices, weight = connections
    n_targets, n_samples, dtype = len(indptr) - 1, output.shape[1], weight.dtype
    if len(labels) != n_samples:
        raise ValueError(f"{len(labels)} labels for {n_samples} samples.")
    numbers = _numbers(loss_numbers, dtype)
    delta = np.empty((n_targets, n_samples), dtype)
    n_hidden = n_targets - len(output)
    outputs, work = delta[n_hidden:], scratch(n_samples, dtype)
    batch_loss(loss, output, labels, values, sample_weight, numbers, outputs, work, n_samples)
    backward(
        n_inputs, indptr, indices, weight, activation, outputs, delta[:n_hidden],
        np.empty_like(weight), np.empty(n_targets, dtype), n_samples,
    )  # fmt: skip
    return delta
