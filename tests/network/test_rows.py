"""What is done part by part is what would be done at once."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import Network, _rows
from scann_sklearn.network._layer import Signals

from ._nets import networks, random_network, random_topology, topologies

LAYERED = random_topology(1, 4, 3, 0.5, layer_sizes=(5, 4))


@given(topologies(), st.integers(1, 9), st.sampled_from([np.float32, np.float64]))
def test_weights_are_drawn_as_if_at_once(topology, part, dtype):
    t, fan_in = topology, np.diff(topology.indptr)
    gain = np.append(np.full(t.n_hidden, 6.0), np.full(t.n_outputs, 3.0))
    bound = np.repeat(np.sqrt(gain / np.maximum(fan_in, 1)), fan_in)
    expected = np.random.default_rng(3).uniform(-1, 1, t.n_connections) * bound
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_rows, "_PART", part)
        weight = Network.initialize(t, 3, dtype).weight
    assert weight.dtype == dtype
    assert np.array_equal(weight, expected.astype(dtype))


@given(networks(), st.integers(1, 9), st.sampled_from([np.float32, np.float64]))
def test_saliency_part_by_part(network, part, dtype):
    t, rng = network.topology, np.random.default_rng(0)
    activation = rng.normal(size=(t.n_inputs + t.n_hidden, 5)).astype(dtype)
    signals = Signals(activation, rng.normal(size=(t.n_targets, 5)).astype(dtype))
    weight, sample_weight = network.weight.astype(dtype), rng.random(5).astype(dtype)
    size = np.average(np.abs(activation), axis=1, weights=sample_weight)
    slope = np.abs(signals.delta).sum(axis=1)
    expected = np.abs(weight) * slope[t.targets] * size[t.indices]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_rows, "_PART", part)
        found = t.saliency(weight, signals, sample_weight)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@given(networks(), st.integers(0, 2**16))
def test_places_wake_in_any_order(network, seed):
    places = network.dormant()
    some = places[np.random.default_rng(seed).random(len(places)) < 0.5]
    grown = network.wake(np.random.default_rng(seed).permutation(some))
    assert np.array_equal(grown.dormant(), np.setdiff1d(places, some))


def test_what_is_not_there_does_not_wake():
    network = random_network(LAYERED)
    n_allowed = network.n_allowed
    for place in (-1, n_allowed):
        with pytest.raises(ValueError, match=rf"to {place}, but there are {n_allowed}"):
            network.wake([place])
    exists = np.setdiff1d(np.arange(n_allowed), network.dormant())[0]
    with pytest.raises(ValueError, match="must ascend"):
        network.wake([exists])
    for target in (-1, 12):
        with pytest.raises(ValueError, match=rf"to {target}, but there are 12"):
            network.connect([target], [0])
