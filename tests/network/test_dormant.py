"""Connections that don't exist yet: their places, their gradients, and the largest of these."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import _dormant
from scann_sklearn.network._layer import Signals

from ._nets import assert_close, networks, random_network, random_samples, random_topology

LAYERED = random_topology(1, 4, 3, 0.5, layer_sizes=(5, 4))
FREE = random_topology(2, 4, 2, 0.4, n_hidden=6)


def signals_of(network, n_samples=6):
    rng, t = np.random.default_rng(0), network.topology
    sources, targets = t.n_inputs + t.n_hidden, t.n_targets
    return [Signals(rng.normal(size=(sources, n_samples)), rng.normal(size=(targets, n_samples)))]


@given(networks())
def test_places_number_the_allowed_connections(network):
    t = network.topology
    places = np.arange(t.n_allowed)
    targets, sources = t.places.ends(places)
    first, last = t.allowed_sources
    assert (first[targets] <= sources).all()
    assert (sources < last[targets]).all()
    assert len(set(zip(targets.tolist(), sources.tolist(), strict=True))) == t.n_allowed
    mask = t.to_mask()[targets, sources]
    np.testing.assert_array_equal(places[~mask], t.dormant())
    assert mask.sum() == t.n_connections


@pytest.mark.parametrize("block", [1, 3, 7, 1000])
@pytest.mark.parametrize("topology", [LAYERED, FREE], ids=["layered", "free"])
def test_blocks_are_parts_of_the_whole(monkeypatch, topology, block):
    network = random_network(topology)
    signals = signals_of(network)
    ((_, whole),) = network.candidates(signals)
    monkeypatch.setattr(_dormant, "_BLOCK", block)
    blocks = list(network.candidates(signals))
    assert block == 1000 or len(blocks) > 1
    assert [first for first, _ in blocks] == [
        sum(len(size) for _, size in blocks[:i]) for i in range(len(blocks))
    ]
    np.testing.assert_array_equal(np.concatenate([size for _, size in blocks]), whole)
    gradient = np.abs(signals[0].delta @ signals[0].activation.T)
    targets, sources = topology.places.ends(np.arange(topology.n_allowed))
    exists = topology.to_mask()[targets, sources]
    assert_close(whole, np.where(exists, -1, gradient[targets, sources]))


@given(
    values=st.lists(st.floats(-1, 1e3), min_size=1, max_size=40, unique=True),
    share=st.floats(0, 1),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_the_largest_of_blocks_are_the_largest(values, share, cuts):
    values = np.array(values)
    n = max(1, int(share * len(values)))
    blocks, begin = [], 0
    for part in np.split(values, sorted(cut for cut in cuts if cut < len(values))):
        blocks.append((begin, part))
        begin += len(part)
    expected = np.sort(np.argsort(values)[-n:])
    np.testing.assert_array_equal(_dormant.largest(blocks, n, len(values)), expected)


@pytest.mark.parametrize("topology", [LAYERED, FREE], ids=["layered", "free"])
def test_waking_all_is_the_dense_network(topology):
    network = random_network(topology)
    X, *_ = random_samples(network, 0, 9)
    awake = network.wake(topology.dormant())
    assert awake.n_connections == network.n_allowed
    assert network.n_multiplications == network.n_connections == topology.n_connections
    assert_close(awake.decision_function(X), network.decision_function(X))


def test_a_network_is_its_layers():
    network = random_network(FREE)
    (layer,) = network.layers
    signals = signals_of(network)
    weight = np.random.default_rng(1).random(6)
    np.testing.assert_array_equal(
        network.saliency(signals, weight), layer.saliency(network.weight, signals[0], weight)
    )
