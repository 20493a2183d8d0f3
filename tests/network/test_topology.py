"""Connections: what is allowed, levels, life, counts, errors."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from scann_sklearn.network import Topology, _walks

from ._nets import allowed_by, allowed_mask, paths, random_topology, topologies


def longest_paths(mask, n_inputs):
    """Length of the longest path into each target, by the definition."""
    levels = []
    for t in range(len(mask)):
        before = [1] if mask[t, :n_inputs].any() else []
        before += [levels[s] + 1 for s in np.flatnonzero(mask[t, n_inputs:])]
        levels.append(max(before, default=0))
    return levels


@given(topologies())
def test_mask_round_trip(topology):
    t = topology
    again = Topology.from_mask(t.to_mask(), t.n_inputs, t.n_outputs, t.layer_sizes)
    assert np.array_equal(again.indptr, t.indptr)
    assert np.array_equal(again.indices, t.indices)
    assert again.indptr.dtype == again.indices.dtype == np.int32
    assert again.layer_sizes == t.layer_sizes


@given(topologies())
def test_counts_and_walks(topology):
    t, mask = topology, topology.to_mask()
    allowed = allowed_by(t)
    assert not (mask & ~allowed).any()
    assert t.n_allowed == allowed.sum()
    assert t.n_connections == mask.sum()
    assert t.density == mask.sum() / max(allowed.sum(), 1)
    assert mask.shape == (t.n_targets, t.n_inputs + t.n_hidden)
    assert np.array_equal(t.used_inputs, np.flatnonzero(mask[:, : t.n_inputs].any(axis=0)))
    levels = longest_paths(mask, t.n_inputs)
    assert t.levels.tolist() == levels
    assert t.depth == max(levels[t.n_hidden :])
    fed, heard = paths(t)
    assert np.array_equal(t.reached_outputs, fed[t.n_hidden :])
    everything = np.ones(t.n_connections, dtype=bool)
    living = _walks.living_connections(t.n_inputs, t.n_outputs, *t.csr, everything)
    source_lives = np.append(np.ones(t.n_inputs, dtype=bool), fed[: t.n_hidden])
    target_lives = np.append(heard, np.ones(t.n_outputs, dtype=bool))
    assert np.array_equal(living, source_lives[t.indices] & target_lives[t.targets])


@settings(max_examples=50)
@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.one_of(st.integers(0, 6), st.lists(st.integers(1, 4), max_size=4)),
)
def test_dense_has_all_that_is_allowed(n_inputs, n_outputs, hidden):
    if isinstance(hidden, int):
        topology = Topology.dense(n_inputs, n_outputs, n_hidden=hidden)
        allowed = allowed_mask(n_inputs, n_outputs, n_hidden=hidden)
    else:
        topology = Topology.dense(n_inputs, n_outputs, layer_sizes=hidden)
        allowed = allowed_mask(n_inputs, n_outputs, layer_sizes=hidden)
        assert topology.depth == len(hidden) + 1
    assert np.array_equal(topology.to_mask(), allowed)
    assert topology.density == 1


def test_paper_counts():
    """LeNet-5's head, Ciresan's network, and the square that they don't need."""

    def n_allowed(n_inputs, layer_sizes):
        indptr = np.zeros(sum(layer_sizes) + 10 + 1, dtype=int)
        return Topology(n_inputs, 10, indptr, [], layer_sizes).n_allowed

    assert n_allowed(800, (500,)) == 400_000 + 5_000
    assert n_allowed(784, (2500, 2000, 1500, 1000, 500)) == 11_965_000  # 12.0M in the paper


def fewest(topology):
    """Fewest connections that reach every output, by trying ever larger sets of them."""
    from itertools import combinations

    t = topology
    for n in range(t.n_connections + 1):
        for chosen in combinations(range(t.n_connections), n):
            keep = np.isin(np.arange(t.n_connections), chosen)
            if _walks.fed(t.n_inputs, *t.csr, keep)[t.n_hidden :].all():
                return n
    return None


@pytest.mark.parametrize(
    ("n_outputs", "hidden"),
    [
        (1, {"n_hidden": 2}),
        (3, {"n_hidden": 0}),
        (3, {"n_hidden": 1}),
        (1, {"layer_sizes": (2, 1)}),
        (2, {"layer_sizes": (2,)}),
        (2, {"layer_sizes": (1, 1, 1)}),
        (2, {"layer_sizes": ()}),
    ],
)
def test_minimum_connections(n_outputs, hidden):
    topology = Topology.dense(2, n_outputs, **hidden)
    assert topology.minimum_connections == fewest(topology)
    strength = np.random.default_rng(0).random(topology.n_connections)
    t = topology
    chosen = _walks.essential_connections(t.n_inputs, t.n_outputs, *t.csr, strength)
    assert chosen.sum() == topology.minimum_connections


@given(topologies(), st.integers(0, 2**16))
def test_essential_connections_reach_every_output(topology, seed):
    t = topology
    strength = np.random.default_rng(seed).random(t.n_connections)
    graph = (t.n_inputs, t.n_outputs, *t.csr)
    chosen = _walks.essential_connections(*graph, strength)
    assert chosen.any() == t.reached_outputs.all()
    if chosen.any():
        assert _walks.fed(t.n_inputs, *t.csr, chosen)[t.n_hidden :].all()
        assert np.array_equal(_walks.living_connections(*graph, chosen), chosen)


@given(
    st.integers(0, 2**16),
    st.lists(st.integers(1, 4), max_size=4),
    st.sampled_from([0.3, 0.7, 1.0]),
)
def test_as_layers(seed, layer_sizes, density):
    layered = random_topology(seed, 3, 2, density, layer_sizes=tuple(layer_sizes))
    general = Topology(3, 2, layered.indptr, layered.indices)
    fed, _ = paths(layered)
    assume(fed.all())
    again = general.as_layers()
    assert again.layer_sizes == layered.layer_sizes
    assert np.array_equal(again.indices, layered.indices)


def test_as_layers_refuses_what_skips_a_level():
    with pytest.raises(ValueError, match="from source 0 to target 1 is not allowed"):
        Topology.dense(2, 1, n_hidden=2).as_layers()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((2, 1, [0, 1, 2], [0, 3]), "source 3 to target 1 is not allowed.* takes sources 0 to 2"),
        ((2, 1, [0, 1, 2], [2, 1]), "source 2 to target 0 is not allowed.* takes sources 0 to 1"),
        ((2, 1, [0, 1, 2], [0, -1]), "source -1 to target 1 is not allowed"),
        ((2, 1, [0, 1, 2], [0, 0], (1,)), "source 0 to target 1 is not allowed.* 2 to 2"),
        ((2, 1, [0, 1, 3], [0, 1]), "runs from 0 to 3, but there are 2 connections"),
        ((2, 1, [1, 1, 2], [0, 1]), "runs from 1 to 2, but there are 2 connections"),
        ((2, 1, [0, 2, 1, 3], [0, 1, 1]), "goes from 2 to 1 at target 1"),
        ((2, 3, [0, 1, 2], [0, 1]), "length 3 describes 2 targets, but there are 3 outputs"),
        ((2, 1, [0], []), "length 1 describes 0 targets"),
        ((2, 1, [0, 1, 3], [0, 1, 0]), "must ascend, but 0 follows 1 at target 1"),
        ((2, 1, [0, 1, 3], [0, 1, 1]), "must ascend, but 1 follows 1 at target 1"),
        ((2, 1, [0, 1, 2], [0, 2**32 + 1]), "indices must fit in 32 bits, .* from 0 to 4294967297"),
        ((2, 1, [0, 2**31 - 1, -2, 2], [0, 1]), "goes from 2147483647 to -2 at target 1"),
        ((2, 1, [0, 1, 2], [0, 0.5]), "indices must be integers .* got float64"),
        ((2, 1, [0, 1, 2], [[0], [1]]), r"indices must be integers .* shape \(2, 1\)"),
        ((2, -1, [0, 1, 2], [0, 1]), "there are -1 outputs"),
        ((2, 1, [0, 1, 2], [0, 1], (2,)), r"layer_sizes=\(2,\) hold 2 neurons, .*describe 1"),
    ],
)
def test_connections_that_are_no_network(arguments, match):
    with pytest.raises(ValueError, match=match):
        Topology(*arguments)


def test_masks_that_do_not_fit():
    with pytest.raises(ValueError, match=r"mask of shape \(2, 4\) doesn't fit 2 inputs"):
        Topology.from_mask(np.ones((2, 4)), 2, 1)
    with pytest.raises(ValueError, match="source 2 to target 0 is not allowed"):
        Topology.from_mask(np.ones((2, 3)), 2, 1)


@pytest.mark.parametrize("given_", [{}, {"layer_sizes": (2,), "n_hidden": 2}])
def test_dense_takes_layers_or_a_number(given_):
    with pytest.raises(ValueError, match="Give one of layer_sizes and n_hidden, got layer_sizes="):
        Topology.dense(2, 1, **given_)


def test_arrays_are_own_and_read_only():
    indptr, indices = np.array([0, 1, 3], np.int32), np.array([0, 1, 2], np.int32)
    topology = Topology(2, 1, indptr, indices)
    indptr[:], indices[:] = 10**8, 10**8
    assert topology.indptr.tolist() == [0, 1, 3]
    assert topology.indices.tolist() == [0, 1, 2]
    others = (
        Topology.dense(2, 1, n_hidden=3),
        pickle.loads(pickle.dumps(topology)),
        copy.deepcopy(topology),
        topology.as_layers() if topology.depth == 1 else topology,
    )
    for t in (topology, *others):
        own = (t.indptr, t.indices, *t.allowed_sources, t.used_inputs, t.levels)
        assert not any(array.flags.writeable for array in own)
        # the compiled code has one type of array, and no copies
        assert all(array.flags.carray for array in t.csr)
        assert all(map(np.shares_memory, t.csr, (t.indptr, t.indices)))


def test_adopted_arrays_are_not_copied():
    indices = np.array([0, 1, 2], np.int32)
    topology = Topology.adopt(2, 1, np.array([0, 1, 3]), indices)
    assert np.shares_memory(topology.indices, indices)
    with pytest.raises(ValueError, match="source 9 to target 0 is not allowed"):
        Topology.adopt(2, 1, np.array([0, 1, 3]), np.array([9, 1, 2], np.int32))
