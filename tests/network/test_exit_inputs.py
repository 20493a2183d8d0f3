"""Exits that read only the first inputs: what is allowed stays so, whatever changes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import Topology
from scann_sklearn.network._exits import depths, sections, with_exits
from scann_sklearn.resume._networks import network_of_tree, tree_of_network
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.synthesis._grow_back import grow_back
from scann_sklearn.training._objective import Objective

from ._nets import DENSITIES, assert_clean, assert_close, function, random_network

SEEDS = st.integers(0, 2**16)


@st.composite
def section_networks(draw):
    """Random networks without a hidden layer or with one, of which every output is reached."""
    n_exits, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(SEEDS))
    inputs = np.cumsum(rng.integers(1, 4, n_exits))
    exits = np.cumsum(rng.integers(1, 4, n_exits)) * draw(st.integers(0, 1))
    layers = (int(exits[-1]),) if exits[-1] else ()
    given_exits, given_inputs = tuple(exits.tolist()), tuple(inputs.tolist())
    whole = Topology.dense(given_inputs[-1], n_exits * size, layer_sizes=layers)
    whole = with_exits(whole, given_exits, rng, given_inputs)
    keep = rng.random(whole.n_connections) < draw(st.sampled_from(DENSITIES))
    mask = whole.to_mask()
    mask[whole.targets[~keep], whole.indices[~keep]] = False
    indptr = np.append(0, np.cumsum(mask.sum(axis=1)))
    arrays = (indptr, np.nonzero(mask)[1], layers, given_exits, given_inputs)
    part = Topology(whole.n_inputs, whole.n_outputs, *arrays)
    return random_network(part if part.reached_outputs.all() else whole, draw(SEEDS))


def allowed(t):
    """Dense mask of what a target may read, from the words of the documentation."""
    mask = np.zeros((t.n_targets, t.n_inputs + t.n_hidden), dtype=bool)
    size = t.n_outputs // len(t.exits)
    for row in range(t.n_targets):
        if row < t.n_hidden:
            section = next(e for e, end in enumerate(t.exits) if row < end)
            mask[row, : t.exit_inputs[section]] = True
        elif t.n_hidden == 0:
            mask[row, : t.exit_inputs[row // size]] = True
        else:
            end = t.exits[(row - t.n_hidden) // size]
            mask[row, t.n_inputs : t.n_inputs + end] = True
    return mask


def assert_allowed(t):
    assert not (t.to_mask() & ~allowed(t)).any()
    assert t.n_allowed == allowed(t).sum()


def samples(network, n_samples=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n_samples, network.n_inputs))


@given(section_networks())
def test_counts_and_state(network):
    t = network.topology
    assert_allowed(t)
    assert len(t.dormant()) == t.n_allowed - t.n_connections
    again = pickle.loads(pickle.dumps(t))
    assert (again.exits, again.exit_inputs) == (t.exits, t.exit_inputs)
    kept = network_of_tree(tree_of_network(network)).topology
    assert (kept.exits, kept.exit_inputs) == (t.exits, t.exit_inputs)


def test_files_from_before():
    t = Topology.dense(2, 2, n_hidden=3)
    state = t.__getstate__()
    del state["exit_inputs"]
    old = object.__new__(Topology)
    old.__setstate__(state)
    assert old.exit_inputs is None
    tree = tree_of_network(random_network(t))
    del tree["topology"]["exit_inputs"]
    assert network_of_tree(tree).topology.exit_inputs is None


@pytest.mark.parametrize("n_updates", [-1, 2**62, 10**400])
def test_files_with_updates_that_nobody_counts(n_updates):
    tree = tree_of_network(random_network(Topology.dense(2, 2, n_hidden=3)))
    with pytest.raises(ValueError, match=f"can't have been updated {n_updates} times"):
        network_of_tree(tree | {"n_updates": n_updates})


@given(section_networks(), SEEDS, st.integers(0, 60))
def test_pruning(network, seed, spare):
    least = network.minimum_connections + spare + network.n_hidden
    pruned = prune_connections(network, max(least, network.topology.n_outputs * 2))
    assert pruned.topology.reached_outputs.all()
    assert_allowed(pruned.topology)
    assert_clean(pruned)


@given(section_networks(), SEEDS)
def test_duplicates_and_growth(network, seed):
    rng, n = np.random.default_rng(seed), network.n_hidden
    neurons = rng.choice(n, rng.integers(0, n + 1), replace=False)
    wider = network.duplicate(neurons, 0.0, 0)
    assert_allowed(wider.topology)
    X = samples(network)
    assert_close(function(wider, X), function(network, X))
    woken = wider.wake(wider.topology.dormant())
    assert woken.n_connections == woken.n_allowed
    assert_allowed(woken.topology)
    assert_close(function(woken, X), function(network, X))


@given(section_networks(), SEEDS)
def test_neurons_return(network, seed):
    t, X = network.topology, samples(network, 6)
    objective = Objective.of_arrays(network, X, np.zeros((6, t.n_outputs)), loss="squared_error")
    sizes = tuple(n + 1 for n in t.layer_sizes)
    grown = grow_back(network, objective, None, sizes, np.random.default_rng(seed))
    assert_allowed(grown.topology)
    assert grown.n_connections == grown.n_allowed
    assert_close(function(grown, X), function(network, X))


@given(section_networks())
def test_depths(network):
    """The first so many parts of the inputs are all that decides about an exit."""
    t = network.topology
    n_exits, size = len(t.exits), t.n_outputs // len(t.exits)
    found = depths(t.n_inputs, t.n_outputs, n_exits, *t.csr, t.exit_inputs)
    assert (np.diff(found) >= 0).all()
    X = samples(network)
    expected = function(network, X)
    for e, depth in enumerate(found):
        assert depth <= e + 1
        changed, end = X.copy(), (0, *t.exit_inputs)[depth]
        changed[:, end:] += 5.0
        part = slice(0, size * (e + 1))
        assert_close(function(network, changed)[:, part], expected[:, part])
    parts = sections(t.n_inputs, t.n_outputs, n_exits, *t.csr)
    read = [set(np.flatnonzero(t.to_mask()[own, : t.n_inputs].any(axis=0))) for own in parts]
    for e, depth in enumerate(found):
        before = set().union(*read[: e + 1])
        of_section = np.searchsorted(t.exit_inputs, sorted(before), side="right")
        assert depth == max(of_section + 1, default=0)


@pytest.mark.parametrize(
    ("exits", "inputs", "layers", "message"),
    [
        (None, (1, 2), None, r"exit_inputs=\(1, 2\) without exits"),
        ((0, 0), (1,), (), r"ascend to the number of inputs, 2, .* 2 exits, got \(1,\)"),
        ((0, 0), (2, 1), (), r"got \(2, 1\)"),
        ((0, 0), (0, 2), (), r"got \(0, 2\)"),
        ((0, 0), (1, 3), (), r"got \(1, 3\)"),
        ((1, 3), (1, 2), None, "at most one hidden layer, got layer_sizes=None"),
        ((1, 3), (1, 2), (1, 2), r"at most one hidden layer, got layer_sizes=\(1, 2\)"),
    ],
)
def test_errors(exits, inputs, layers, message):
    n_hidden = (exits or (0,))[-1]
    indptr, indices = np.zeros(n_hidden + 3, np.int32), np.zeros(0, np.int32)
    with pytest.raises(ValueError, match=message):
        Topology(2, 2, indptr, indices, layers, exits, inputs)


def test_connections_to_later_inputs_are_refused():
    with pytest.raises(ValueError, match="source 1 to target 0 is not allowed: .*sources 0 to 0"):
        Topology(2, 2, [0, 2, 4], [0, 1, 0, 1], (), (0, 0), (1, 2))
