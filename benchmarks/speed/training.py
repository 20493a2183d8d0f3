"""Training: epochs through `SCANNClassifier.fit`, engines, whole fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from benchmarks import _data
from benchmarks.speed._reference import NeuronByNeuron, train_batch
from benchmarks.speed._timing import compare, seconds
from scann_sklearn import SCANNClassifier
from scann_sklearn.heads._classes import class_head
from scann_sklearn.network import Network, SparseNetwork, Topology
from scann_sklearn.synthesis import Scheme, Train
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._torch import Batches
from scann_sklearn.training._trainer import Trainer

BATCH, HIDDEN = 128, 100


class FixedTopology(Scheme):
    """No synthesis: random connections that stay, to time epochs of a known size."""

    def __init__(self, n_connections=500, epochs=20):
        self.n_connections = n_connections
        self.epochs = epochs

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        return Topology.dense(n_inputs, n_outputs, n_hidden=sum(hidden_layer_sizes))

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        return random_topology(
            self.largest(n_inputs, n_outputs, hidden_layer_sizes), self.n_connections, rng
        )

    def next_round(self, view, goal):
        return [Train(self.epochs)] if view.number == 0 else None


def random_topology(dense, n_connections, rng):
    """Random part of a dense topology."""
    chosen = np.sort(rng.choice(dense.n_connections, n_connections, replace=False))
    counts = np.bincount(dense.targets[chosen], minlength=dense.n_targets)
    indptr = np.append(0, np.cumsum(counts))
    return Topology(dense.n_inputs, dense.n_outputs, indptr, dense.indices[chosen])


def _pendigits():
    """Standardised training data; float32, as the networks on a device are."""
    data = _data.load("pendigits")
    return StandardScaler().fit_transform(data.X_official), data.y_official


def epoch_of_fit(X, y, n_connections, few=20, many=120):
    """Seconds of an epoch inside `SCANNClassifier.fit`: the slope between two lengths."""

    def fit(epochs):
        scheme = FixedTopology(n_connections, epochs)
        clf = SCANNClassifier(
            scheme, hidden_layer_sizes=(HIDDEN,), n_connections=1.0, batch_size=BATCH,
            validation_fraction=0.01, engine="compiled", random_state=0,
        )  # fmt: skip
        return seconds(lambda: clf.fit(X, y))

    return (fit(many) - fit(few)) / (many - few)


def epoch_of_mlp(X, y, few=3, many=13):
    """Seconds of an epoch of scikit-learn's MLP."""

    def fit(epochs):
        clf = MLPClassifier(
            (HIDDEN,), batch_size=BATCH, max_iter=epochs, tol=0, n_iter_no_change=epochs,
            random_state=0,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return seconds(lambda: clf.fit(X, y))

    return (fit(many) - fit(few)) / (many - few)


def epoch_of_reference(X, y, n_connections, n_batches=4):
    """Seconds of an epoch neuron by neuron, from a few of its batches."""
    dense = Topology.dense(X.shape[1], 10, n_hidden=HIDDEN)
    rng = np.random.default_rng(0)
    network = Network.initialize(random_topology(dense, n_connections, rng), rng, X.dtype)
    module = NeuronByNeuron(network)
    optimizer = torch.optim.Adam(module.parameters())
    batches = [
        (torch.as_tensor(X[i : i + BATCH]), torch.as_tensor(y[i : i + BATCH]))
        for i in range(0, n_batches * BATCH, BATCH)
    ]
    train_batch(module, optimizer, *batches[0])
    taken = seconds(lambda: [train_batch(module, optimizer, *batch) for batch in batches])
    return taken / n_batches * len(X) / BATCH


def torch_engine_batch(X, y, density, reference):
    """Seconds of a batch forward and backward, level by level or neuron by neuron."""
    dense = Topology.dense(X.shape[1], 10, n_hidden=HIDDEN)
    rng = np.random.default_rng(0)
    topology = random_topology(dense, int(density * dense.n_connections), rng)
    network = Network.initialize(topology, rng, X.dtype)
    module = NeuronByNeuron(network) if reference else SparseNetwork(network)
    optimizer = torch.optim.Adam(module.parameters())
    batch = torch.as_tensor(X[:BATCH]), torch.as_tensor(y[:BATCH])
    train_batch(module, optimizer, *batch)
    repeats = 3 if reference else 20
    taken = seconds(lambda: [train_batch(module, optimizer, *batch) for _ in range(repeats)])
    return taken / repeats


def dense_phase(ours, epochs=2, n_samples=5881, layers=(561, 280, 140, 6)):
    """Seconds of a fully grown MLP's phase, in our trainer or in plain torch."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, layers[0]), dtype=np.float32)
    y = rng.integers(0, layers[-1], n_samples)
    head = class_head(np.arange(layers[-1]))
    objective = Objective(X, head.targets(y, smoothing=0.1, dtype=X.dtype), head)
    if ours:
        clf = SCANNClassifier("C", engine="auto", batch_size=BATCH, weight_decay=0.0)
        options = TrainingOptions.of(clf, n_samples)
        topology = Topology.dense(layers[0], layers[-1], layer_sizes=layers[1:-1])
        network = Network.initialize(topology, rng, np.float32)
        trainer = Trainer(objective, options, rng, None)
        return seconds(lambda: trainer.train(network, epochs, lambda *_: False))
    pairs = list(pairwise(layers))
    parts = [m for a, b in pairs for m in (torch.nn.Linear(a, b), torch.nn.ReLU())][:-1]
    module = torch.nn.Sequential(*parts)
    optimizer = torch.optim.Adam(module.parameters())
    batches = Batches(objective, BATCH, lambda: rng.permutation(n_samples), "cpu")

    def train():
        for _ in range(epochs):
            for rows, (labels, _, _) in batches:
                train_batch(module, optimizer, rows, labels)

    return seconds(train)


def whole_fit(X, y, ours):
    """Seconds of a fit with defaults, the path included, or of scikit-learn's MLP."""
    clf = (
        SCANNClassifier(random_state=0)
        if ours
        else MLPClassifier((100, 50), early_stopping=True, random_state=0)
    )
    return seconds(lambda: clf.fit(X, y))


def measure(repeats):
    """Yield (what, target, result)."""
    X, y = _pendigits()
    for n, target in ((500, 5), (2000, 2)):
        yield (
            f"epoch of fit, {n} connections, against MLPClassifier((100,))",
            target,
            compare(lambda n=n: epoch_of_fit(X, y, n), lambda: epoch_of_mlp(X, y), repeats),
        )
    yield (
        "epoch of fit, 500 connections, against neuron by neuron in torch",
        50,
        compare(lambda: epoch_of_fit(X, y, 500), lambda: epoch_of_reference(X, y, 500), repeats),
    )
    yield (
        "torch engine, density 0.3, against neuron by neuron",
        5,
        compare(
            lambda: torch_engine_batch(X, y, 0.3, False),
            lambda: torch_engine_batch(X, y, 0.3, True),
            repeats,
        ),
    )
    yield (
        "fully grown MLP 561-280-140-6 against nn.Sequential, same loader",
        1 / 1.5,
        compare(lambda: dense_phase(True), lambda: dense_phase(False), repeats),
    )
    yield (
        "whole fit with defaults against MLPClassifier((100, 50), early_stopping=True)",
        1 / 2,
        compare(lambda: whole_fit(X, y, True), lambda: whole_fit(X, y, False), repeats),
    )
    yield (
        "epoch with 500 connections against one with 5000",
        5,
        compare(lambda: epoch_of_fit(X, y, 500), lambda: epoch_of_fit(X, y, 5000), repeats),
    )
