"""Training and synthesis of networks with maps: gradients and updates of torch, whole schemes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import MaxPool2d
from scann_sklearn.synthesis import SchemeB, SchemeC, connection_saliency, grow_connections
from scann_sklearn.synthesis._gradients import importance
from scann_sklearn.training._trainer import Trainer

from ..network._maps import Twin
from ..network.test_map_network import dense, images
from ._run import Observer, accuracy, objective_of, options_of, prepare


def problem(network, n=23, seed=0):
    X = images(network, n, seed)
    y = np.random.default_rng(seed).integers(network.topology.n_outputs, size=n)
    return X, y


def sparse(seed=0, **options):
    network = dense(seed=seed, **options).without_moments()
    return network.keep(np.random.default_rng(seed).random(network.n_connections) < 0.4)


def loss_of(twin, X, y, smoothing=0.1):
    return functional.cross_entropy(twin(X), torch.as_tensor(y), label_smoothing=smoothing)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("layer_sizes", [None, (4, 3)])
def test_training_is_what_torch_does(solver, layer_sizes):
    network = sparse(seed=1 if layer_sizes else 0, layer_sizes=layer_sizes)
    X, y = problem(network)
    options = options_of(len(X), batch_size=10, solver=solver, shuffle=False, weight_decay=0.0)
    losses = []
    trainer = Trainer(objective_of(X, y), options, np.random.default_rng(0), lambda n: 0.0)
    trained = trainer.train(network, 3, lambda epoch, loss, rate: losses.append(loss))

    twin = Twin(network)
    parameters = [twin.weight, twin.bias]
    if solver == "adam":
        optimizer = torch.optim.Adam(parameters, eps=options.epsilon)
    else:
        optimizer = torch.optim.SGD(parameters, options.rate(0, 3), 0.9, nesterov=True)
    for epoch in range(3):
        optimizer.param_groups[0]["lr"] = options.rate(epoch, 3)
        total = 0.0
        for first in range(0, len(X), 10):
            rows = slice(first, first + 10)
            optimizer.zero_grad()
            loss = loss_of(twin, X[rows], y[rows])
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(X[rows])
        assert losses[epoch] == pytest.approx(total / len(X), rel=1e-9)
    n = network.front.n_connections
    assert (trained.weight[:n] != network.weight[:n]).mean() > 0.3
    np.testing.assert_allclose(trained.weight, twin.weight.detach(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(trained.bias, twin.bias.detach(), rtol=1e-6, atol=1e-9)
    assert trained.n_updates == 9


def test_growth_takes_the_largest_gradients_of_all_layers():
    network = sparse()
    X, y = problem(network)
    n = network.n_connections + 20
    grown = grow_connections(network, X, y, n, label_smoothing=0.1)
    assert grown.n_connections == n
    np.testing.assert_allclose(grown.decision_function(X), network.decision_function(X))
    everything = network.wake(network.dormant())
    twin = Twin(everything)
    loss_of(twin, X, y).backward()
    size = twin.weight.grad.abs().numpy()[everything.weight == 0]
    threshold = np.sort(size)[-20]
    twin = Twin(grown)
    loss_of(twin, X, y).backward()
    chosen = twin.weight.grad.abs().numpy()[grown.weight == 0]
    assert (chosen >= threshold - 1e-12).all()


def test_saliency_has_a_value_for_every_connection():
    network = sparse()
    X, y = problem(network)
    saliency = connection_saliency(network, X, y)
    assert saliency.shape == (network.n_connections,)
    assert (saliency >= 0).all()
    assert (saliency[: network.front.n_connections] > 0).mean() > 0.5
    assert np.array_equal(saliency, importance(network, objective_of(X, y, smoothing=0.0)))


@pytest.mark.parametrize(
    ("scheme", "engine"), [(SchemeB, "compiled"), (SchemeC, "compiled"), (SchemeC, "torch")]
)
def test_a_scheme_on_images(scheme, engine):
    """Maps and neurons are grown and pruned under one bound, and the digits are learnt."""
    X, y = load_digits(return_X_y=True)
    X = (X / 8 - 1).astype(np.float32)
    conv = SparseConv2d.dense((1, 8, 8), 6, 3)
    front = MapFront((conv, MaxPool2d(conv.target, 2)))
    chosen = scheme(initial_epochs=10, epochs=4, iterations=2, pruning_ratio=0.5)
    score = accuracy(X[1200:], y[1200:])
    synthesis, plain = prepare(chosen, X[:1200], y[:1200], (20,), score, engine=engine)
    shape = {"layer_sizes": (20,)} if scheme is SchemeC else {"n_hidden": 20}
    topology = Topology.dense(front.target.size, 10, **shape)
    start = MapNetwork.initialize_maps(front, topology, 0, np.float32)
    start = replace(start, bias=np.append(start.bias[:6], plain.bias))
    synthesis.run(start, 300, Observer())
    network = synthesis.network
    assert isinstance(network, MapNetwork)
    assert network.n_connections <= 300
    assert 0 < network.front.n_connections < 54
    assert synthesis.last_score > 0.88
    sizes = [point.n_connections for point in synthesis.frontier]
    assert sizes == sorted(sizes)
    assert any(r["operation"] == "grow connections" for r in synthesis.history)
