"""Edits of a network: dropping, connecting, duplicating, folding."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import Network, Topology

from ._nets import (
    allowed_by,
    assert_close,
    dense_outputs,
    dense_weights,
    function,
    networks,
    paths,
    random_network,
    random_samples,
)

SEEDS = st.integers(0, 2**16)


@given(networks(), SEEDS, st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]))
def test_keep_is_the_function_of_the_masked_network(network, seed, share):
    keep = np.random.default_rng(seed).random(network.n_connections) < share
    kept = network.keep(keep)
    masked = dense_weights(network, np.where(keep, network.weight, 0))
    X, *_ = random_samples(network, seed, 6)
    n_inputs = network.topology.n_inputs
    expected = dense_outputs(masked, network.bias, n_inputs, X)
    assert_close(kept.decision_function(X), expected)
    fed, heard = paths(kept.topology)
    assert fed[: kept.n_hidden].all()
    assert heard.all()


@given(networks(), SEEDS)
def test_keep_takes_the_moments_along(network, seed):
    """With moments equal to the parameters, they still are afterwards."""
    rng = np.random.default_rng(seed)
    keep = rng.random(network.n_connections) < 0.6
    marked = Network(
        network.topology, network.weight, network.bias, ((network.weight, network.bias),), 5
    )
    kept = marked.keep(keep)
    ((weight, bias),) = kept.moments
    assert np.array_equal(weight, kept.weight)
    assert kept.n_updates == 5
    # of the biases only those into which a constant was folded differ
    assert len(bias) == len(kept.bias)
    assert np.isin(bias, network.bias).all()


def test_constants_are_folded_along_a_chain():
    # input -> h0 -> h1 -> output, input -> output; the first connection goes
    topology = Topology.from_mask([[1, 0, 0], [0, 1, 0], [1, 0, 1]], 1, 1)
    network = Network(topology, np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 0.25, 1.0]))
    kept = network.keep(np.array([False, True, True, True]))
    assert kept.n_hidden == 0
    assert kept.bias == pytest.approx([1 + 4 * (0.25 + 2 * 0.5)])
    # a constant below zero is none
    network = Network(topology, np.array([1.0, 2.0, 3.0, 4.0]), np.array([-0.5, 0.25, 1.0]))
    assert network.keep(np.array([False, True, True, True])).bias == pytest.approx([2])


def test_keep_wants_a_flag_for_each_connection():
    network = random_network(Topology.dense(2, 1, n_hidden=1))
    with pytest.raises(ValueError, match="3 flags for 5 connections"):
        network.keep(np.ones(3, dtype=bool))


@given(networks(), SEEDS, st.floats(0, 1))
def test_connect_adds_nothing_but_connections(network, seed, share):
    t = network.topology
    dormant = allowed_by(t) & ~t.to_mask()
    new = dormant & (np.random.default_rng(seed).random(dormant.shape) < share)
    targets, sources = np.nonzero(new)
    order = np.random.default_rng(seed).permutation(len(targets))
    grown = network.connect(targets[order], sources[order])
    assert np.array_equal(grown.topology.to_mask(), t.to_mask() | new)
    assert grown.topology.layer_sizes == t.layer_sizes
    assert np.array_equal(dense_weights(grown), dense_weights(network))
    assert np.array_equal(grown.bias, network.bias)
    for before, after in zip(network.moments, grown.moments, strict=True):
        assert np.array_equal(dense_weights(grown, after[0]), dense_weights(network, before[0]))
        assert np.array_equal(after[1], before[1])
    assert grown.n_updates == network.n_updates


def test_connect_refuses_what_exists_and_what_is_not_allowed():
    network = random_network(Topology.dense(2, 1, layer_sizes=(1, 1)))
    with pytest.raises(ValueError, match="must ascend, but 0 follows 0 at target 0"):
        network.connect([0], [0])
    with pytest.raises(ValueError, match="source 0 to target 1 is not allowed"):
        network.connect([1], [0])


def _copied(network, seed):
    """Half of the hidden neurons, in any order, and where each neuron stands afterwards."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(network.n_hidden)[: (network.n_hidden + 1) // 2]
    copied = np.isin(np.arange(network.n_hidden), chosen)
    position = np.arange(network.n_hidden) + np.append(0, np.cumsum(copied))[:-1]
    return chosen, copied, position


@given(networks(), SEEDS)
def test_duplicates_stand_next_to_their_parents(network, seed):
    chosen, copied, position = _copied(network, seed)
    grown = network.duplicate(chosen, 0.0, np.random.default_rng(0))
    t, g = network.topology, grown.topology
    assert g.n_hidden == t.n_hidden + len(chosen)
    # Rows and columns of the larger matrix, parents at `position`, twins behind them.
    parent = np.repeat(np.arange(t.n_hidden), 1 + copied)
    rows = np.append(parent, t.n_hidden + np.arange(t.n_outputs))
    columns = np.append(np.arange(t.n_inputs), t.n_inputs + parent)
    assert np.array_equal(parent[position], np.arange(t.n_hidden))
    assert np.array_equal(g.to_mask(), t.to_mask()[rows][:, columns])
    share = np.append(np.ones(t.n_inputs), np.where(copied, 0.5, 1))
    expected = (dense_weights(network) * share)[rows][:, columns]
    assert np.array_equal(dense_weights(grown), expected)
    assert np.array_equal(grown.bias, network.bias[rows])
    for before, after in zip(network.moments, grown.moments, strict=True):
        moment = dense_weights(network, before[0])[rows][:, columns]
        assert np.array_equal(dense_weights(grown, after[0]), moment)
        assert np.array_equal(after[1], before[1][rows])
    if t.layer_sizes is None:
        assert g.layer_sizes is None
    else:
        bounds = np.append(0, np.cumsum(t.layer_sizes))
        added = [copied[a:b].sum() for a, b in itertools.pairwise(bounds)]
        assert g.layer_sizes == tuple(np.add(t.layer_sizes, added).astype(int))


@given(networks(), SEEDS)
def test_duplication_preserves_the_function(network, seed):
    chosen, *_ = _copied(network, seed)
    X, *_ = random_samples(network, seed, 6)
    grown = network.duplicate(chosen, 0.0, np.random.default_rng(0))
    assert_close(function(grown, X), function(network, X), 1e-12)
    noisy = network.duplicate(chosen, 1e-6, np.random.default_rng(seed))
    assert_close(function(noisy, X), function(network, X), 1e-3)


def test_noise_is_a_share_of_the_incoming_weights():
    network = random_network(Topology.dense(5000, 2, layer_sizes=(3,)))
    parent = dense_weights(network)[1, :5000]
    noisy = network.duplicate([1], 0.2, np.random.default_rng(0))
    rows = dense_weights(noisy)[:, :5000]
    assert np.array_equal(rows[1], parent)  # the parent's stay
    noise = rows[2] - parent
    assert noise.std() == pytest.approx(0.2 * np.sqrt((parent**2).mean()), rel=0.05)
    assert abs(noise.mean()) < 0.05 * noise.std()
    untouched = dense_weights(network)[[0, 2], :5000]
    assert np.array_equal(rows[[0, 3]], untouched)


@given(networks(), SEEDS)
def test_input_scaling_is_folded(network, seed):
    rng = np.random.default_rng(seed)
    n_inputs = network.topology.n_inputs
    center, scale = rng.normal(size=n_inputs), rng.exponential(size=n_inputs) + 0.1
    X, *_ = random_samples(network, seed, 6)
    folded = network.fold_input_scaling(center, scale)
    assert_close(function(folded, X * scale + center), function(network, X), 1e-9)
    assert folded.moments == ()
    unfolded = folded.fold_input_scaling(-center / scale, 1 / scale)
    assert_close(unfolded.weight, network.weight)
    assert_close(unfolded.bias, network.bias)


def test_folding_keeps_single_precision():
    network = random_network(Topology.dense(4, 2, n_hidden=3), dtype=np.float32)
    folded = network.fold_input_scaling(np.ones(4), np.full(4, 2.0))
    assert folded.weight.dtype == folded.bias.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_initialize(dtype):
    topology = Topology.dense(200, 10, layer_sizes=(300,))
    network = Network.initialize(topology, np.random.default_rng(0), dtype)
    again = Network.initialize(topology, np.random.default_rng(0), dtype)
    assert np.array_equal(network.weight, again.weight)
    assert network.weight.dtype == network.bias.dtype == dtype
    assert not network.bias.any()
    hidden = network.weight[: 200 * 300]
    outputs = network.weight[200 * 300 :]
    assert np.abs(hidden).max() <= np.sqrt(6 / 200)
    assert hidden.var() == pytest.approx(2 / 200, rel=0.05)
    assert outputs.var() == pytest.approx(1 / 300, rel=0.1)
    sparse = Network.initialize(
        Topology.from_mask(np.zeros((2, 3)), 2, 1), np.random.default_rng(0)
    )
    assert len(sparse.weight) == 0


def test_without_moments():
    network = random_network(Topology.dense(2, 1, n_hidden=1))
    bare = network.without_moments()
    assert bare.moments == ()
    assert bare.n_updates == 0
    assert np.array_equal(bare.weight, network.weight)


def test_arrays_that_do_not_fit():
    topology = Topology.dense(2, 1, n_hidden=1)
    with pytest.raises(ValueError, match="4 weights for 5 connections"):
        Network(topology, np.zeros(4), np.zeros(2))
    with pytest.raises(ValueError, match="3 biases for 2 targets"):
        Network(topology, np.zeros(5), np.zeros(3))
