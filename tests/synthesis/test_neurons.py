"""Pruning of whole neurons and maps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import prune_neurons
from scann_sklearn.synthesis._neurons import neuron_layers, neuron_magnitudes

from ..network._maps import map_networks
from ..network._nets import assert_clean, dense_weights, function, networks, sound_networks
from ..network.test_map_network import dense


@settings(deadline=None, max_examples=60)
@given(networks())
def test_magnitudes_by_hand(network):
    W, t = dense_weights(network), network.topology
    for neuron, found in enumerate(neuron_magnitudes(network)):
        expected = np.linalg.norm(W[neuron]) * np.linalg.norm(W[:, t.n_inputs + neuron])
        assert found == pytest.approx(expected, rel=1e-9)


@settings(deadline=None, max_examples=60)
@given(sound_networks(), st.integers(0, 5))
def test_the_weakest_go_and_every_output_stays(network, number):
    t = network.topology
    pruned = prune_neurons(network, number)
    assert_clean(pruned)
    assert pruned.n_hidden <= max(t.n_hidden - number, 0 if t.layer_sizes is None else t.n_hidden)
    if t.layer_sizes is not None:
        assert len(pruned.topology.layer_sizes) == len(t.layer_sizes)
        assert min(pruned.topology.layer_sizes, default=1) >= 1
    for mine, bias in pruned.moments:
        assert len(mine) == pruned.n_connections
        assert len(bias) == pruned.n_biases
    # what is left does what the old network does without the neurons that are gone
    X = np.random.default_rng(number).normal(size=(9, t.n_inputs))
    np.testing.assert_allclose(pruned.decision_function(X), function(pruned, X), atol=1e-9)


def test_the_neuron_of_the_smallest_magnitude_goes():
    network = Network.initialize(Topology.dense(5, 3, layer_sizes=(6, 4)), 0)
    weakest = int(neuron_magnitudes(network).argmin())
    pruned = prune_neurons(network, 1)
    W, t = dense_weights(network), network.topology
    others = np.delete(np.arange(t.n_targets), weakest)
    sources = np.delete(np.arange(t.n_inputs + t.n_hidden), t.n_inputs + weakest)
    assert np.array_equal(dense_weights(pruned), W[np.ix_(others, sources)])


def test_each_layer_loses_its_number():
    network = Network.initialize(Topology.dense(5, 3, layer_sizes=(6, 4)), 0)
    assert prune_neurons(network, (2, 1)).topology.layer_sizes == (4, 3)
    assert prune_neurons(network, (0, 0)).n_connections == network.n_connections
    # one of each layer is needed, the strongest
    left = prune_neurons(network, (6, 4))
    assert left.topology.layer_sizes == (1, 1)
    assert left.n_connections == 5 + 1 + 3
    by_rank = prune_neurons(network, (5, 0), magnitude=np.arange(10))
    last = dense_weights(network)[5, :5]
    assert np.array_equal(dense_weights(by_rank)[0, :5], last)


@settings(deadline=None, max_examples=25)
@given(map_networks())
def test_maps_are_neurons_too(network):
    n_images, n_outputs, indptr, indices = network.graph
    magnitudes = neuron_magnitudes(network)
    assert len(magnitudes) == sum(neuron_layers(network)) == len(indptr) - 1 - n_outputs
    for neuron, found in enumerate(magnitudes):
        incoming = network.weight[indptr[neuron] : indptr[neuron + 1]]
        outgoing = network.weight[indices == n_images + neuron]
        expected = np.linalg.norm(incoming) * np.linalg.norm(outgoing)
        assert found == pytest.approx(expected, rel=1e-9)


def test_a_map_goes_with_its_connections():
    network = dense(layer_sizes=(4, 3))
    sizes = neuron_layers(network)
    pruned = prune_neurons(network, (1,) + (0,) * (len(sizes) - 1))
    assert neuron_layers(pruned) == (sizes[0] - 1, *sizes[1:])
    X = np.random.default_rng(0).normal(size=(5, network.n_inputs))
    # as if all weights of the weakest map and from it were zero
    weakest = int(neuron_magnitudes(network)[: sizes[0]].argmin())
    n_images, _, _, indices = network.graph
    silent = network.copy()
    silent.weight[indices == n_images + weakest] = 0
    np.testing.assert_allclose(pruned.decision_function(X), silent.decision_function(X), atol=1e-9)


@pytest.mark.parametrize("number", [-1, 1.5, (1, 2, 3), (1, -1), (0.5, 1)])
def test_bad_numbers(number):
    network = Network.initialize(Topology.dense(5, 3, layer_sizes=(6, 4)), 0)
    with pytest.raises(ValueError, match="n_neurons"):
        prune_neurons(network, number)
    with pytest.raises(ValueError, match="magnitude has 3 entries for 10 neurons"):
        prune_neurons(network, 1, magnitude=np.ones(3))
