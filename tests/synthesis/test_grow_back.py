"""Growth back to an earlier architecture: who returns, with which weights."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import GrowConnections, grow_neurons, prune_connections
from scann_sklearn.synthesis._grow_back import grow_back
from scann_sklearn.synthesis._steps import GrowthBatch
from scann_sklearn.training._objective import Objective

from ..network._nets import assert_clean, networks, random_network, random_samples

RNG = np.random.default_rng


def pruned(n_connections=30, seed=0, **shape):
    """A perceptron of 12 neurons between 5 inputs and 3 outputs, pruned hard, and its samples."""
    topology = Topology.dense(5, 3, **(shape or {"n_hidden": 12}))
    dense = random_network(topology, seed)  # with biases, which tell the neurons apart
    network = prune_connections(dense, n_connections)
    X = RNG(seed).standard_normal((40, 5))
    y = RNG(seed).integers(3, size=40)
    return network, X, Objective.of_arrays(network, X, y, None, 0.0, "log_loss", 1.35)


@pytest.mark.parametrize("n_connections", [None, 0.5, 0.9])
@pytest.mark.parametrize("shape", [{"n_hidden": 12}, {"layer_sizes": (8, 4)}])
@pytest.mark.parametrize("seed", range(3))
def test_neurons_return_and_the_function_stays(shape, n_connections, seed):
    network, X, objective = pruned(seed=seed, **shape)
    full = Topology.dense(5, 3, **shape)
    assert network.n_hidden < 12
    n = None if n_connections is None else int(n_connections * full.n_connections)
    neurons = shape.get("n_hidden") or shape["layer_sizes"]
    grown = grow_back(network, objective, n, neurons, RNG(1))
    assert grown.n_connections == (full.n_connections if n is None else n)
    assert grown.n_hidden == 12
    assert grown.topology.layer_sizes == full.layer_sizes
    np.testing.assert_allclose(grown.decision_function(X), network.decision_function(X), atol=1e-12)
    returned = np.setdiff1d(np.arange(12), _places(network, grown))
    hidden = grown.hidden_activations(X)[returned]
    assert n is not None or hidden.any(axis=1).mean() > 0.5  # they are alive: what they say counts


def test_he_weights_and_dead_neurons():
    network, _, objective = pruned(10)
    grown = grow_back(network, objective, None, 12, RNG(0))
    t = grown.topology
    returned = np.setdiff1d(np.arange(12), _places(network, grown))
    assert len(returned) == 12 - network.n_hidden
    for neuron in returned:
        row = slice(t.indptr[neuron], t.indptr[neuron + 1])
        bound = np.sqrt(6 / (row.stop - row.start))
        assert (np.abs(grown.weight[row]) <= bound).all()
        assert (grown.weight[row] != 0).all()
        into_others = (t.indices == 5 + neuron) & ~np.isin(t.targets, returned)
        assert (grown.weight[into_others] == 0).all()


def _places(network, grown):
    """Where the neurons of a network are in the grown one: those whose bias is theirs."""
    return np.flatnonzero(np.isin(grown.bias[: grown.n_hidden], network.bias[: network.n_hidden]))


def test_ties_are_broken_by_the_generator():
    network, _, objective = pruned(10)
    n = int(0.9 * Topology.dense(5, 3, n_hidden=12).n_connections)
    grown = [grow_back(network, objective, n, 12, RNG(seed)).topology for seed in (0, 0, 1)]
    assert np.array_equal(grown[0].indices, grown[1].indices)
    assert not np.array_equal(grown[0].indices, grown[2].indices)


def test_large_gradients_come_first():
    network, _, objective = pruned(30)
    n_new = 5
    within = GrowConnections(network.n_connections + n_new, 1).apply(network, _batch(objective))
    back = grow_back(network, objective, network.n_connections + n_new, network.n_hidden, RNG(0))
    assert np.array_equal(within.topology.indices, back.topology.indices)
    returning = grow_back(network, objective, network.n_connections + n_new, 12, RNG(0))
    assert returning.n_connections == within.n_connections
    alive = returning.keep(np.ones(returning.n_connections, dtype=bool))
    assert alive.n_connections == within.n_connections  # none was spent on a neuron that is gone


def _batch(objective):
    return GrowthBatch(objective, RNG(0))


def test_enough_connections_already():
    network, _, objective = pruned(30)
    assert grow_back(network, objective, 20, 12, RNG(0)) is network


@given(networks(), st.integers(0, 2**16), st.floats(0, 0.5))
def test_copied_neurons(network, seed, noise):
    """A copy has all weights of its parent; without noise the two act as twice the parent."""
    X, *_ = random_samples(network, seed, 20)
    split = grow_neurons(network, X, 2, noise=noise, random_state=seed)
    copied = grow_neurons(network, X, 2, noise=noise, duplication="copy", random_state=seed)
    assert np.array_equal(split.topology.indices, copied.topology.indices)
    exact = grow_neurons(network, X, 2, noise=0.0, duplication="copy", random_state=seed)
    assert set(np.unique(exact.weight)) <= set(np.unique(network.weight))
    if noise == 0 and network.n_hidden:
        assert np.array_equal(exact.weight, copied.weight)


def test_the_noise_of_a_copy_is_on_all_its_weights():
    network = Network.initialize(Topology.dense(4, 2, layer_sizes=(3,)), RNG(0))
    X = RNG(1).standard_normal((20, 4))
    grown = grow_neurons(network, X, 1, noise=0.1, duplication="copy", random_state=0)
    exact = grow_neurons(network, X, 1, noise=0.0, duplication="copy", random_state=0)
    assert_clean(grown)
    changed = grown.weight != exact.weight
    assert changed.sum() == 4 + 2  # incoming and outgoing
    sizes = np.abs(grown.weight - exact.weight)[changed]
    assert sizes.max() < 0.5 * np.abs(network.weight).max()
    with pytest.raises(ValueError, match="duplication must be 'split' or 'copy', got 'half'"):
        grow_neurons(network, X, 1, duplication="half")
