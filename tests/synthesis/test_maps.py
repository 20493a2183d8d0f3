"""Growth of feature maps: insertion, and the best of the candidates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from scann_sklearn.network import Network, Topology
from scann_sklearn.network._grow_maps import insert_map
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.synthesis import grow_maps
from scann_sklearn.synthesis._maps import grow_maps_for, map_candidates
from scann_sklearn.training._objective import Objective

from ..network._maps import Twin, map_networks, random_images
from ..network.test_map_network import dense


def problem(network, n=40):
    X, y = random_images(network, n)
    return X, y, Objective.of_arrays(network, X, y)


@settings(deadline=None, max_examples=30)
@given(map_networks(), st.integers(0, 2**16), st.data())
def test_a_map_that_nothing_reads_changes_nothing(network, seed, data):
    assume(network.front.layers)
    layer = data.draw(st.integers(0, len(network.front.layers) - 1))
    conv = network.front.layers[layer]
    kernels = np.random.default_rng(seed).normal(size=conv.kernel_shape[1:])
    larger = insert_map(network, layer, kernels)
    X, _ = random_images(network, 7)
    before, after = network.decision_function(X), larger.decision_function(X)
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12)
    assert larger.front.layers[layer].n_maps == conv.n_maps + 1
    assert larger.n_connections == network.n_connections + kernels.size
    # it doesn't disturb what follows, and goes again
    clean = larger.keep(np.ones(larger.n_connections, dtype=bool))
    again = network.keep(np.ones(network.n_connections, dtype=bool))
    assert clean.n_connections == again.n_connections


def test_a_new_map_is_computed_everywhere():
    network = dense(layer_sizes=(4, 3))
    conv = network.front.layers[0]
    area = np.ones(tuple(conv.target), dtype=bool)
    area[:, :3] = False
    front = MapFront((replace(conv, area=area), *network.front.stages[1:]))
    network = replace(network, front=front)
    X, y, _ = problem(network)
    grown = grow_maps(network, X, y, 1, layer=0, n_candidates=2, random_state=0)
    assert np.array_equal(grown.front.layers[0].area[:-1], area)
    assert grown.front.layers[0].area[-1].all()


@settings(deadline=None, max_examples=25)
@given(map_networks(), st.integers(0, 2**16), st.data())
def test_the_best_of_the_candidates_grows(network, seed, data):
    assume(network.front.layers and network.topology.n_targets > 0)
    layer = data.draw(st.integers(0, len(network.front.layers) - 1))
    X, y, objective = problem(network)
    arguments = (network, objective, layer, 4, 0.5)
    candidates = map_candidates(*arguments, np.random.default_rng(seed))
    assert len(candidates) == 4
    losses = [objective.mean_loss(candidate) for candidate in candidates]
    grown = grow_maps(network, X, y, 1, layer=layer, n_candidates=4, random_state=seed)
    assert objective.mean_loss(grown) <= min(losses) + 1e-5 * abs(min(losses))
    # engines that know nothing of growth agree on what it computes
    np.testing.assert_allclose(
        grown.decision_function(X), Twin(grown)(X).detach().numpy(), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("layer", [0, 1])
def test_the_loss_falls_with_small_weights(layer):
    network = dense(layer_sizes=(4, 3))
    X, y, objective = problem(network)
    options = {"layer": layer, "birth_strength": 0.02, "random_state": 0}
    grown = grow_maps(network, X, y, 2, **options)
    assert grown.front.layers[layer].n_maps == network.front.layers[layer].n_maps + 2
    assert objective.mean_loss(grown) < objective.mean_loss(network)


def test_weights_have_the_birth_strength_and_moments_follow():
    network = dense(layer_sizes=(4, 3))
    moments = (np.full(network.n_connections, 2.0), np.full(network.n_biases, 3.0))
    network = type(network)(
        network.topology, network.weight, network.bias, (moments,), front=network.front
    )
    _, _, objective = problem(network)
    grown = grow_maps_for(network, objective, 1, 1, 3, 0.4, np.random.default_rng(0))
    ((weight, bias),) = grown.moments
    assert sorted(np.unique(weight)) == [0, 2]
    assert (weight == 2).sum() == network.n_connections
    assert (bias == 0).sum() == 1
    new = grown.weight[weight == 0]
    own = network.front.layers[1]
    n_own = own.n_sources
    tail = network.tail.weight[network.topology.indices < network.topology.n_inputs]
    assert np.abs(new[n_own:]).mean() == pytest.approx(0.4 * np.abs(tail).mean(), rel=1e-9)
    assert 0 < np.abs(new[:n_own]).max() <= 0.8 * np.abs(_weights_of(network, 1)).mean()


def _weights_of(network, layer):
    sizes = [conv.n_connections for conv in network.front.layers]
    return network.weight[sum(sizes[:layer]) : sum(sizes[: layer + 1])]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_maps", -1),
        ("layer", 2),
        ("layer", -1),
        ("n_candidates", 0),
        ("birth_strength", 0),
    ],
)
def test_bad_numbers(name, value):
    network = dense(layer_sizes=(4, 3))
    X, y, _ = problem(network)
    with pytest.raises(ValueError, match=f"{name} must .* got {value!r}"):
        grow_maps(network, X, y, **{"n_maps": 1, "layer": 0} | {name: value})


def test_a_network_without_convolutions():
    network = Network.initialize(Topology.dense(4, 3, layer_sizes=(5,)), 0)
    X = np.zeros((6, 4))
    with pytest.raises(ValueError, match=r"convolutions, got Network\(Topology\(inputs=4"):
        grow_maps(network, X, np.arange(6) % 3, 1, layer=0)
