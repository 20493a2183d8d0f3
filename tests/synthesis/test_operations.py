"""The operations: what they choose, and what they leave as it was."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import Network, Topology, _walks
from scann_sklearn.synthesis import (
    UnreachableOutputsError,
    connection_saliency,
    grow_all_connections,
    grow_connections,
    grow_neurons,
    prune_connections,
)

from ..network._nets import (
    allowed_by,
    assert_clean,
    assert_close,
    autograd,
    dense_outputs,
    dense_weights,
    function,
    networks,
    paths,
    random_network,
    random_samples,
    sound_networks,
)

SEEDS = st.integers(0, 2**16)


def living_part(topology, keep):
    """The kept connections that lie on a path from an input to an output, in plain numpy."""
    mask = topology.to_mask()
    mask[mask] = keep
    masked = Topology.from_mask(mask, topology.n_inputs, topology.n_outputs, topology.layer_sizes)
    fed, heard = paths(masked)
    sources = np.append(np.ones(topology.n_inputs, dtype=bool), fed[: topology.n_hidden])
    targets = np.append(heard, np.ones(topology.n_outputs, dtype=bool))
    alive = sources[topology.indices] & targets[topology.targets] & keep
    return alive, fed[topology.n_hidden :]


def best_by_rank(topology, score, n_connections, always):
    """Try from all connections down: the most of the strongest of which few enough live."""
    ranking = np.argsort(-score, kind="stable")
    for n_kept in range(topology.n_connections, -1, -1):
        keep = always.copy()
        keep[ranking[:n_kept]] = True
        alive, reached = living_part(topology, keep)
        if alive.sum() <= n_connections:
            return keep, reached
    raise AssertionError


@given(sound_networks(), SEEDS, st.floats(0, 1), st.booleans())
def test_pruning(network, seed, share, by_saliency):
    t = network.topology
    alive, _ = living_part(t, np.ones(t.n_connections, dtype=bool))
    n_connections = max(round(share * alive.sum()), t.minimum_connections)
    saliency = None
    score = np.abs(network.weight)
    if by_saliency:
        saliency = score = np.random.default_rng(seed).random(t.n_connections)
    keep, reached = best_by_rank(t, score, n_connections, np.zeros(t.n_connections, dtype=bool))
    try:
        with patch.object(Network, "keep", autospec=True, side_effect=Network.keep) as kept:
            pruned = prune_connections(network, n_connections, saliency=saliency)
    except UnreachableOutputsError:
        essential = _walks.essential_connections(t.n_inputs, t.n_outputs, *t.csr, score)
        assert essential.sum() > n_connections
        assert not reached.all()
        return
    assert_clean(pruned)
    assert pruned.n_connections <= n_connections
    by_rank = living_part(t, keep)[0].sum()
    (_, chosen), _ = kept.call_args
    assert pruned.n_connections == living_part(t, chosen)[0].sum()
    if reached.all() and by_rank >= 0.95 * n_connections:
        assert np.array_equal(chosen, keep)
    elif reached.all():  # ways through the next in rank may be added
        assert pruned.n_connections >= by_rank
    # constants folded: the same function as the masked network
    X, *_ = random_samples(network, seed, 5)
    masked = dense_weights(network, np.where(chosen, network.weight, 0))
    expected = dense_outputs(masked, network.bias, t.n_inputs, X)
    assert_close(pruned.decision_function(X), expected)
    # weights and moments follow their connections (random weights are distinct)
    origin = np.flatnonzero(np.isin(network.weight, pruned.weight))
    assert np.array_equal(network.weight[origin], pruned.weight)
    for before, after in zip(network.moments, pruned.moments, strict=True):
        assert np.array_equal(before[0][origin], after[0])


@given(sound_networks())
def test_pruning_to_all_connections_removes_the_dead_only(network):
    pruned = prune_connections(network, network.n_connections)
    assert_clean(pruned)
    X, *_ = random_samples(network, 0, 5)
    assert_close(pruned.decision_function(X), function(network, X))


def test_a_neuron_that_loses_its_inputs_becomes_a_bias():
    # input -0.1-> hidden -5-> output, input -1-> output
    topology = Topology.dense(1, 1, n_hidden=1)
    network = Network(topology, np.array([0.1, 1.0, 5.0]), np.array([2.0, 0.5]))
    pruned = prune_connections(network, 1)
    assert pruned.n_hidden == 0
    assert pruned.weight == pytest.approx([1.0])
    assert pruned.bias == pytest.approx([0.5 + 5 * 2.0])


def test_room_left_by_the_dead_goes_to_others():
    # the strongest connections feed a neuron that nobody hears
    topology = Topology.from_mask([[1, 1, 0], [1, 1, 0]], 2, 1)
    network = Network(topology, np.array([9.0, 8.0, 1.0, 2.0]), np.zeros(2))
    assert prune_connections(network, 2).weight.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("hidden", "fewest"), [({"n_hidden": 5}, 4), ({"layer_sizes": (4, 3)}, 6)])
def test_pruning_to_the_fewest(hidden, fewest):
    topology = Topology.dense(3, 4, **hidden)
    assert topology.minimum_connections == fewest
    for seed in range(20):
        network = random_network(topology, seed)
        pruned = prune_connections(network, fewest)
        assert_clean(pruned)
        assert pruned.n_connections == fewest
        with pytest.raises(
            UnreachableOutputsError, match=rf"n_connections={fewest - 1} .*4 outputs takes {fewest}"
        ):
            prune_connections(network, fewest - 1)


def test_pruning_where_an_output_is_not_connected():
    network = random_network(Topology.from_mask([[1, 1], [0, 0]], 2, 2))
    with pytest.raises(UnreachableOutputsError, match="takes connections that are missing"):
        prune_connections(network, 2)


def test_pruning_wants_a_saliency_for_each_connection():
    network = random_network(Topology.dense(2, 1, n_hidden=1))
    with pytest.raises(ValueError, match="3 saliencies for 5 connections"):
        prune_connections(network, 2, saliency=np.ones(3))


@given(networks(), SEEDS, st.floats(0, 1.2), st.booleans(), st.sampled_from([0.0, 0.1]))
def test_growth_takes_the_largest_gradients(network, seed, share, weighted, label_smoothing):
    t = network.topology
    X, y, sample_weight = random_samples(network, seed, 8, weighted)
    wanted = round(share * t.n_allowed)
    grown = grow_connections(
        network, X, y, wanted, sample_weight=sample_weight, label_smoothing=label_smoothing
    )
    before, after, allowed = t.to_mask(), grown.topology.to_mask(), allowed_by(t)
    assert not (after & ~allowed).any()
    assert not (before & ~after).any()
    assert grown.n_connections == max(t.n_connections, min(wanted, t.n_allowed))
    gradient = np.abs(autograd(network, X, y, sample_weight, label_smoothing).dense)
    taken, left = gradient[after & ~before], gradient[allowed & ~after]
    if len(taken) and len(left):
        assert taken.min() >= left.max() - 1e-9 * gradient.max()
    check_grown(network, grown, X)


@given(networks(), SEEDS)
def test_full_growth(network, seed):
    grown = grow_all_connections(network)
    X, y, _ = random_samples(network, seed, 5)
    assert np.array_equal(grown.topology.to_mask(), allowed_by(network.topology))
    assert grown.n_hidden == network.n_hidden
    check_grown(network, grown, X)
    asked = grow_connections(network, X, y, 10**6)
    assert np.array_equal(asked.topology.indices, grown.topology.indices)


def check_grown(network, grown, X):
    """New connections start at zero without memory; nothing else changes."""
    new = grown.topology.to_mask() & ~network.topology.to_mask()
    assert np.array_equal(dense_weights(grown), dense_weights(network))
    for before, after in zip(network.moments, grown.moments, strict=True):
        moment = dense_weights(grown, after[0])
        assert not moment[new].any()
        assert np.array_equal(moment, dense_weights(network, before[0]))
        assert np.array_equal(after[1], before[1])
    assert grown.n_updates == network.n_updates
    assert grown.topology.layer_sizes == network.topology.layer_sizes
    assert_close(function(grown, X), function(network, X), 1e-12)


def test_growth_ranges_over_the_neurons_that_exist():
    network = random_network(Topology.dense(4, 2, n_hidden=10))
    pruned = prune_connections(network, 8)
    assert pruned.n_hidden < 10
    grown = grow_all_connections(pruned)
    assert grown.n_hidden == pruned.n_hidden
    assert grown.n_connections == allowed_by(pruned.topology).sum()


@given(networks(), SEEDS, st.integers(0, 12), st.booleans())
def test_the_most_active_neurons_are_duplicated(network, seed, n_neurons, weighted):
    X, _, sample_weight = random_samples(network, seed, 6, weighted)
    t = network.topology
    grown = grow_neurons(network, X, n_neurons, sample_weight=sample_weight, noise=0.0)
    n_new = min(n_neurons, t.n_hidden)
    assert grown.n_hidden == t.n_hidden + n_new
    hidden = np.zeros((len(X), t.n_inputs + t.n_hidden))
    hidden[:, : t.n_inputs] = X
    W = dense_weights(network)
    for k in range(t.n_hidden):
        hidden[:, t.n_inputs + k] = np.maximum(hidden @ W[k] + network.bias[k], 0)
    weights = np.ones(len(X)) if sample_weight is None else sample_weight
    mean = weights @ hidden[:, t.n_inputs :] / weights.sum()
    # twins have equal biases next to each other; random biases are distinct
    bias = grown.bias[: grown.n_hidden]
    parents = np.flatnonzero(np.isin(network.bias[: t.n_hidden], bias[1:][bias[1:] == bias[:-1]]))
    assert len(parents) == n_new
    others = np.setdiff1d(np.arange(t.n_hidden), parents)
    if len(parents) and len(others):
        assert mean[parents].min() >= mean[others].max() - 1e-12
    assert_close(function(grown, X), function(network, X), 1e-12)


def test_noise_comes_from_the_generator_that_is_passed():
    network = random_network(Topology.dense(3, 2, n_hidden=4))
    X, *_ = random_samples(network, 0, 5)
    first, again, other = (grow_neurons(network, X, 2, random_state=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.weight, again.weight)
    assert not np.array_equal(first.weight, other.weight)
    generator = np.random.default_rng(1)
    assert np.array_equal(grow_neurons(network, X, 2, random_state=generator).weight, first.weight)
    following = grow_neurons(network, X, 2, random_state=generator)
    assert not np.array_equal(following.weight, first.weight)


@given(networks(), SEEDS, st.booleans(), st.sampled_from([0.0, 0.1]))
def test_saliency(network, seed, weighted, label_smoothing):
    """|w| · E|dL/du of the target| · E|value of the source|, from autograd's deltas."""
    t = network.topology
    X, y, sample_weight = random_samples(network, seed, 6, weighted)
    found = connection_saliency(
        network, X, y, sample_weight=sample_weight, label_smoothing=label_smoothing
    )
    weights = np.ones(len(X)) if sample_weight is None else sample_weight
    values = np.hstack([X, network.hidden_activations(X).T])
    size = (np.abs(values) * weights[:, None]).sum(axis=0) / weights.sum()
    slope = np.zeros(t.n_targets)
    for i in range(len(X)):  # the bias gradient of a sample alone is its delta
        alone = autograd(network, X[[i]], y[[i]], weights[[i]], label_smoothing)
        slope += np.abs(alone.bias) / len(X)
    assert_close(found, np.abs(network.weight) * slope[t.targets] * size[t.indices])


@settings(max_examples=50)
@given(sound_networks(), SEEDS)
def test_repeating_samples_and_weighting_them_is_the_same(network, seed):
    X, y, _ = random_samples(network, seed, 5)
    times = np.random.default_rng(seed).integers(0, 3, size=5) + np.eye(5, dtype=int)[0]
    repeated = np.repeat(np.arange(5), times)
    once = connection_saliency(network, X, y, sample_weight=times / times.mean())
    assert_close(once, connection_saliency(network, X[repeated], y[repeated]))


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["prune", "prune", "grow", "grow all", "duplicate"]),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=8,
)


def apply(network, operation, amount, X, y):
    """Carry one operation out; the network and whether its function has to be the same."""
    t = network.topology
    if operation == "prune":
        fewest, most = t.minimum_connections, t.n_connections
        return prune_connections(network, fewest + round(amount * (most - fewest))), False
    if operation == "grow":
        return grow_connections(network, X, y, round(amount * t.n_allowed)), True
    if operation == "grow all":
        return grow_all_connections(network), True
    grown = grow_neurons(network, X, round(amount * min(t.n_hidden, 4)), noise=0.0)
    return grown, True


@settings(max_examples=120)
@given(sound_networks(max_hidden=8), SEEDS, OPERATIONS)
def test_invariants_hold_after_any_sequence(network, seed, operations):
    X, y, _ = random_samples(network, seed, 6)
    layered = network.topology.layer_sizes is not None
    n_layers = len(network.topology.layer_sizes) if layered else None
    network = prune_connections(network, network.n_connections)
    assert_clean(network)
    for operation, amount in operations:
        before = network
        try:
            network, preserved = apply(before, operation, amount, X, y)
        except UnreachableOutputsError:
            continue  # what exists has no short enough paths; nothing has changed
        t = network.topology
        assert_clean(network)
        assert (t.layer_sizes is not None) == layered
        if layered:
            assert len(t.layer_sizes) == n_layers
            assert sum(t.layer_sizes) == t.n_hidden
        for weight, bias in network.moments:
            assert weight.shape == network.weight.shape
            assert bias.shape == network.bias.shape
        assert np.isfinite(network.weight).all()
        assert np.isfinite(network.bias).all()
        if preserved:
            assert_close(function(network, X), function(before, X), 1e-9)
        if operation != "duplicate":
            assert network.n_hidden <= before.n_hidden
        assert_close(network.decision_function(X), function(network, X))


def test_saliency_of_a_network_that_has_diverged_warns_nobody():
    """The error about it comes after the next epoch, and is enough."""
    topology = Topology.dense(2, 2, n_hidden=0)
    network = Network(topology, np.array([1e38, 1, 1, 1], np.float32), np.zeros(2, np.float32))
    X = np.array([[1e3, 1], [1e-3, 1]], np.float32)
    saliency = connection_saliency(network, X * [1, 0.5], np.array([1, 0]))
    assert not np.isfinite(saliency[0])


@pytest.mark.parametrize("loss", ["binary_log_loss", "squared_error", "absolute_error", "huber"])
def test_operations_take_every_loss(loss):
    """A connection that would lower the loss grows; one that nothing depends on goes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 6))
    y = (X[:, 4] > 0).astype(int) if loss == "binary_log_loss" else 3 * X[:, 4]
    empty = Network.initialize(Topology.dense(6, 1, n_hidden=0), 0)
    sparse = empty.keep(np.arange(6) == 1)
    grown = grow_connections(sparse, X, y[:, None], 2, loss=loss)
    assert 4 in grown.topology.indices
    useful = replace(empty, weight=np.where(np.arange(6) == 4, 0.1, 1e-3))
    saliency = connection_saliency(useful, X, y[:, None], loss=loss, huber_delta=0.5)
    assert saliency.argmax() == 4
    with pytest.raises(ValueError, match="loss must be one of"):
        grow_connections(sparse, X, y, 2, loss="hinge")
