"""NeST with early exits: what grows and what goes respects which neurons an exit may read."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from scann_sklearn.network import Topology
from scann_sklearn.network._exits import section_ends, with_exits
from scann_sklearn.synthesis import SchemeNeST, bridging_gradients, grow_bridging_neurons
from scann_sklearn.synthesis._layer_sections import layer_sections, shared_among
from scann_sklearn.synthesis._neuron_steps import PruneNeurons
from scann_sklearn.synthesis._neurons import neuron_magnitudes

from ..network._nets import (
    allowed_by,
    assert_close,
    dense_weights,
    exit_networks,
    function,
    random_network,
)
from ..network.test_exit_inputs import assert_allowed, section_networks

SEEDS = st.integers(0, 2**16)


def samples(network, seed):
    rng, n_outputs = np.random.default_rng(seed), network.topology.n_outputs
    return rng.normal(size=(20, network.n_inputs)), rng.normal(size=(20, n_outputs))


@settings(deadline=None, max_examples=60)
@given(st.one_of(exit_networks(), section_networks()), SEEDS, st.integers(1, 5), st.data())
def test_new_neurons_join_sections(network, seed, n_neurons, data):
    t = network.topology
    assume(t.layer_sizes)
    layer = data.draw(st.integers(0, len(t.layer_sizes) - 1))
    X, y = samples(network, seed)
    B = bridging_gradients(network, X, y, layer, loss="squared_error")
    assume(B.any())
    options = {"layer": layer, "loss": "squared_error", "random_state": seed}
    grown = grow_bridging_neurons(network, X, y, n_neurons, **options)
    new = grown.topology
    sizes = list(t.layer_sizes)
    sizes[layer] += n_neurons
    assert new.layer_sizes == tuple(sizes)
    if t.exit_inputs is None:
        assert not (new.to_mask() & ~allowed_by(new)).any()
    else:
        assert_allowed(new)
    added = np.diff(new.exits, prepend=0) - np.diff(t.exits, prepend=0)
    assert added.min() >= 0
    assert added.sum() == n_neurons
    # what an exit reads has changed only where a neuron has joined its section or one before
    size = t.n_outputs // len(t.exits)
    same = int(np.argmax(added > 0)) * size
    if len(t.layer_sizes) == 1:
        assert_close(function(grown, X)[:, :same], function(network, X)[:, :same])
    ends = np.append(0, np.cumsum(t.layer_sizes))
    old = np.setdiff1d(np.arange(new.n_hidden), _places(t, new, ends, layer))
    rows = np.append(old, new.n_hidden + np.arange(t.n_outputs))
    columns = np.append(np.arange(t.n_inputs), t.n_inputs + old)
    assert np.array_equal(dense_weights(grown)[np.ix_(rows, columns)], dense_weights(network))


def _places(t, new, ends, layer):
    """Hidden neurons that are new: the last of the sections of a layer."""
    low, high, found = ends[layer], ends[layer + 1], []
    for e, (first, last) in enumerate(zip((0, *t.exits), t.exits)):
        begin = (0, *new.exits)[e] if len(t.layer_sizes) == 1 else None
        n = new.exits[e] - (0, *new.exits)[e] - (last - first)
        if begin is None:
            begin = max(first, low) + sum(len(part) for part in found)
            found.append(begin + min(last, high) - max(first, low) + np.arange(n))
        else:
            found.append(begin + last - first + np.arange(n))
    return np.concatenate(found)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(2, 5), st.floats(1.05, 6), st.booleans())
def test_sections_of_a_layer_grow_to_their_shares(n_seed, n_new, n_exits, ratio, in_two):
    """From the shares of the seed to those of the whole, in one round or two."""

    def grown(topology, n):
        sections = layer_sections(topology, 0)
        numbers = shared_among(sections, n, topology, ratio)
        assert sum(numbers) == n
        ends = np.diff(topology.exits, prepend=0)
        ends[[section.number for section in sections]] += numbers
        return of(topology.n_hidden + n, tuple(np.cumsum(ends).tolist()))

    def of(n, ends):
        whole = Topology.dense(2, n_exits, layer_sizes=(n,))
        return with_exits(whole, ends, np.random.default_rng(0))

    topology = of(n_seed, section_ends(n_seed, (n_seed,), n_exits, ratio))
    for n in (n_new // 2, n_new - n_new // 2) if in_two else (n_new,):
        topology = grown(topology, n)
    total = n_seed + n_new
    expected = np.diff(section_ends(total, (total,), n_exits, ratio), prepend=0)
    assert np.abs(np.diff(topology.exits, prepend=0) - expected).max() <= 2


@settings(deadline=None)
@given(exit_networks(), st.floats(0, 0.9))
def test_neurons_go_from_all_sections(network, share):
    t = network.topology
    assume(t.layer_sizes and t.n_hidden)
    pruned = PruneNeurons(share, 0).apply(network, None).topology
    assert pruned.reached_outputs.all()
    assert len(pruned.exits) == len(t.exits)
    assert not (pruned.to_mask() & ~allowed_by(pruned)).any()


def test_the_weakest_of_each_section_go():
    whole = with_exits(Topology.dense(3, 4, layer_sizes=(20,)), (8, 20), np.random.default_rng(0))
    network = random_network(whole, 3)
    pruned = PruneNeurons(0.25, 0).apply(network, None)
    assert pruned.topology.exits == (6, 15)
    magnitude = neuron_magnitudes(network)
    stay = [np.sort(np.argsort(magnitude[:8])[2:]), 8 + np.sort(np.argsort(magnitude[8:])[3:])]
    kept = dense_weights(network)[np.ix_(np.concatenate(stay), np.arange(3))]
    assert np.array_equal(dense_weights(pruned)[:15, :3], kept)


@pytest.mark.parametrize("layers", [(30,), (12, 9, 6), (8, 8, 8, 8)])
def test_the_seed_reaches_every_exit(layers):
    rng = np.random.default_rng(0)
    seed = SchemeNeST().start(6, 9, layers, rng)
    ends = section_ends(seed.n_hidden, seed.layer_sizes, 3, 2.0)
    topology = with_exits(seed, ends, rng)
    assert topology.reached_outputs.all()
    assert topology.n_connections <= seed.n_connections
