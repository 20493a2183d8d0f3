"""Networks of maps and neurons: what is dropped, woken and pruned, and that functions stay."""

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
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d
from scann_sklearn.synthesis import UnreachableOutputsError, prune_connections

from ._maps import map_networks, random_images

RNG = np.random.default_rng


def dense(kinds=("conv", "max", "conv"), seed=0, n_hidden=5, layer_sizes=None):
    """A network with every connection and random biases, of images of 2 x 14 x 13."""
    stages, shape = [], (2, 14, 13)
    for kind in kinds:
        if kind == "conv":
            stage = SparseConv2d.dense(shape, 4, 3)
        else:
            stage = {"max": MaxPool2d, "mean": AvgPool2d}[kind](shape, 2)
        stages.append(stage)
        shape = stage.target
    front = MapFront(tuple(stages))
    neurons = {"layer_sizes": layer_sizes} if layer_sizes else {"n_hidden": n_hidden}
    topology = Topology.dense(front.target.size, 3, **neurons)
    network = MapNetwork.initialize_maps(front, topology, seed)
    rng = RNG([seed, 1])
    bias = rng.standard_normal(network.n_biases)
    bias[: front.n_maps] = np.abs(bias[: front.n_maps])  # most maps are alive
    moments = tuple((rng.random(network.n_connections), rng.random(len(bias))) for _ in range(2))
    return replace(network, bias=bias, moments=moments)


def images(network, n=6, seed=0):
    return RNG([seed, 2]).random((n, network.front.source.size))


def masked(network, keep):
    """The same function as after dropping connections: their weights are zero."""
    return replace(network, weight=np.where(keep, network.weight, 0))


KINDS = st.sampled_from(
    [("conv",), ("conv", "max", "conv"), ("mean", "conv", "conv"), ("conv", "mean"), ("max",)]
)


@settings(max_examples=60, deadline=None)
@given(KINDS, st.integers(0, 2**16), st.sampled_from([0.0, 0.02, 0.1, 0.5, 1.0]))
def test_what_is_dropped_has_no_effect(kinds, seed, share):
    network = dense(kinds, seed)
    keep = RNG([seed, 3]).random(network.n_connections) < share
    kept = network.keep(keep)
    X = images(network, seed=seed)
    expected = masked(network, keep).decision_function(X)
    np.testing.assert_allclose(kept.decision_function(X), expected, atol=1e-9)
    assert kept.n_connections <= keep.sum()
    assert set(kept.weight) <= set(network.weight[keep])
    assert all(set(w) <= set(m) for (w, _), (m, _) in zip(kept.moments, network.moments))
    # nothing is left that has no use: every map and neuron hears something and is heard
    n_images, n_outputs, indptr, indices = kept.graph
    n_nodes = len(indptr) - 1 - n_outputs
    assert (np.diff(indptr)[:n_nodes] > 0).all()
    assert np.isin(np.arange(n_images, n_images + n_nodes), indices).all()
    again = kept.keep(np.ones(kept.n_connections, dtype=bool))
    assert again.n_connections == kept.n_connections


@settings(max_examples=60, deadline=None)
@given(map_networks(), st.sampled_from([0.05, 0.2, 0.5, 1.0]))
def test_with_padding_too_what_is_dropped_has_no_effect(network, share):
    keep = RNG(0).random(network.n_connections) < share
    X = random_images(network, 5)[0]
    expected = masked(network, keep).decision_function(X)
    np.testing.assert_allclose(network.keep(keep).decision_function(X), expected, atol=1e-9)


def test_a_constant_stays_where_padding_reads_over_its_edge():
    """Map 0 hears nothing; with padding the next convolution sees its edge, without it doesn't."""
    for padding in (0, 1):
        first = SparseConv2d.dense((1, 6, 6), 2, 3)
        second = SparseConv2d.dense(first.target, 2, 3, padding=padding)
        front = MapFront((first, second))
        topology = Topology.dense(front.target.size, 2, n_hidden=0)
        network = MapNetwork.initialize_maps(front, topology, 0)
        network.bias[:] = 1
        keep = np.arange(network.n_connections) >= 9  # those of map 0 come first
        kept = network.keep(keep)
        assert [layer.n_maps for layer in kept.front.layers] == [1 + padding, 2]
        X = images(network)
        expected = masked(network, keep).decision_function(X)
        np.testing.assert_allclose(kept.decision_function(X), expected, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(KINDS, st.integers(0, 2**16), st.floats(0, 1))
def test_waking_changes_no_answer(kinds, seed, share):
    network = dense(kinds, seed)
    network = network.keep(RNG([seed, 3]).random(network.n_connections) < 0.3)
    dormant, first = [], 0
    for layer in network.layers:
        dormant.append(first + layer.dormant())
        first += layer.n_allowed
    dormant = np.concatenate(dormant)
    chosen = dormant[RNG(seed).random(len(dormant)) < share]
    grown = network.wake(chosen)
    assert grown.n_connections == network.n_connections + len(chosen)
    X = images(network, seed=seed)
    np.testing.assert_allclose(grown.decision_function(X), network.decision_function(X), atol=1e-9)
    assert np.array_equal(np.sort(grown.weight[grown.weight != 0]), np.sort(network.weight))
    for (w, b), (old, bias) in zip(grown.moments, network.moments):
        assert w.sum() == pytest.approx(old.sum())
        assert np.array_equal(b, bias)
    if share == 1:
        assert grown.n_connections == network.n_allowed


@pytest.mark.parametrize("n_connections", [7, 12, 40, 200])
@pytest.mark.parametrize("layer_sizes", [None, (4, 3)])
def test_one_pruning_for_maps_and_neurons(n_connections, layer_sizes):
    network = dense(layer_sizes=layer_sizes)
    pruned = prune_connections(network, n_connections)
    assert pruned.n_connections <= n_connections
    assert pruned.n_connections > 0.9 * n_connections
    assert pruned.front.n_connections > 0
    assert np.isfinite(pruned.decision_function(images(network))).all()
    assert (pruned.topology.layer_sizes is None) == (layer_sizes is None)


def test_too_few_for_a_way_through_the_maps():
    with pytest.raises(UnreachableOutputsError, match=r"n_connections=4 .* 3 outputs takes 5"):
        prune_connections(dense(), 4)
    assert prune_connections(dense(), 5).n_connections == 5


def test_operations_on_neurons_leave_the_maps():
    network = dense(layer_sizes=(5,))
    X = images(network)
    doubled = network.duplicate(np.array([1, 3]), 0.0, 0)
    np.testing.assert_allclose(doubled.decision_function(X), network.decision_function(X))
    assert doubled.n_hidden == 7
    wider = network.insert(np.array([5]), (6,))
    np.testing.assert_allclose(wider.decision_function(X), network.decision_function(X))
    for one in (doubled, wider):
        assert one.front is network.front
        n = network.front.n_connections
        assert np.array_equal(one.weight[:n], network.weight[:n])
        assert np.array_equal(one.moments[0][0][:n], network.moments[0][0][:n])


def test_parts_that_don_t_fit():
    network = dense()
    with pytest.raises(ValueError, match=r"front makes \d+ numbers, but the topology takes 23"):
        replace(network, topology=Topology.dense(23, 3, n_hidden=5))
    with pytest.raises(ValueError, match="3 flags for"):
        network.keep(np.ones(3, dtype=bool))
