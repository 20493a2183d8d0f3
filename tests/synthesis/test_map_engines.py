"""Both engines train networks with maps alike, and hand over to each other."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import MaxPool2d
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.training._engine import choose_engine
from scann_sklearn.training._trainer import Trainer, _class_of

from ..network._maps import map_networks, random_images
from ..network._nets import assert_close
from ..network.test_map_network import dense
from ._run import objective_of, options_of
from .test_trainer import SOLVERS

ENGINES = ["compiled", "torch"]


def trainer_for(network, seed=0, **parameters):
    X, y = random_images(network, 23, seed)
    options = options_of(len(X), batch_size=10, **parameters)
    return Trainer(objective_of(X, y), options, np.random.default_rng(0), lambda network: 0.0)


def assert_same(found, expected, moments=True, rtol=1e-6):
    """Weights, biases and moments are equal to rounding, which the epochs enlarge."""
    pairs = [(found.weight, expected.weight), (found.bias, expected.bias)]
    for mine, other in zip(found.moments, expected.moments, strict=True):
        pairs += zip(mine, other, strict=True) if moments else ()
    for one, other in pairs:
        assert_close(one, other, rtol)
    assert found.n_updates == expected.n_updates


@settings(max_examples=60)
@given(map_networks(), st.integers(0, 2**16), st.sampled_from(sorted(SOLVERS)), st.booleans())
def test_engines_train_alike(network, seed, solver, in_parts):
    results = []
    for engine in ENGINES:
        losses = []
        parameters = {"max_epoch_samples": 12 if in_parts else None, **SOLVERS[solver]}
        trainer = trainer_for(network, seed, engine=engine, **parameters)
        trained = trainer.train(network, 3, lambda *report, losses=losses: losses.append(report[1]))
        assert list(trainer._engines) == [_class_of(engine, network)]
        results.append((trained, losses))
    (compiled, losses), (torch, torch_losses) = results
    assert_same(torch, compiled, moments=solver != "sgd")  # which has no momentum to remember
    assert torch_losses == pytest.approx(losses, rel=1e-6)
    assert not np.allclose(torch.bias, network.bias)


@pytest.mark.parametrize("solver", ["adam with decay", "nesterov"])
def test_engines_hand_over_to_each_other(solver):
    """Across an operation, with the memory of the optimizer."""
    results = []
    for engines in (("compiled",) * 3, ("torch",) * 3, ("torch", "compiled", "torch")):
        network = dense(layer_sizes=(5,)).without_moments()
        trainer = trainer_for(network, learning_rate="constant", **SOLVERS[solver])
        for phase, engine in enumerate(engines):
            trainer.options = replace(trainer.options, engine=engine)
            network = trainer.train(network, 2, lambda *_: None)
            if phase == 0:
                network = prune_connections(network, network.n_connections // 2)
                network = network.wake(network.dormant()[::3])
        results.append(network)
    first, *others = results
    for other in others:
        assert np.array_equal(other.topology.indices, first.topology.indices)
        assert_same(other, first)


def test_other_images_for_every_epoch():
    network, results = dense().without_moments(), []
    X, _ = random_images(network, 23)
    for engine in ENGINES:
        trainer = trainer_for(network, engine=engine)
        targets = trainer.objective.targets
        moved = (X + shift for shift in range(4))
        trainer.objective.renew = lambda moved=moved, targets=targets: (next(moved), targets)
        results.append(trainer.train(network, 3, lambda *_: None))
        assert next(moved)[0, 0] == X[0, 0] + 3  # once an epoch
    assert_same(*results)


def lenet():
    conv = SparseConv2d.dense((1, 28, 28), 20, 5)
    pool = MaxPool2d(conv.target, 2)
    last = SparseConv2d.dense(pool.target, 50, 5)
    front = MapFront((conv, pool, last, MaxPool2d(last.target, 2)))
    neurons = Topology.dense(front.target.size, 10, layer_sizes=(500,))
    return MapNetwork.initialize_maps(front, neurons, 0, np.float32)


def test_the_network_alone_chooses_the_engine():
    options, full = options_of(1000), lenet()
    half, few = (
        full.keep(np.random.default_rng(0).random(full.n_connections) < share)
        for share in (0.4, 0.01)
    )
    small = dense()
    assert [choose_engine(n, options) for n in (full, half, few, small)] == [
        "torch", "compiled", "compiled", "compiled"
    ]  # fmt: skip
    for engine in ENGINES:
        assert choose_engine(full, replace(options, engine=engine)) == engine
        assert choose_engine(few, replace(options, engine=engine)) == engine
    assert choose_engine(few, replace(options, device="cuda")) == "torch"
