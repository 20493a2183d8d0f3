"""Meters of networks with maps: weights are stored once and multiplied at every position."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from scann_sklearn.heads._classes import class_head
from scann_sklearn.metrics import EnergyModel, flops, n_bytes, n_connections
from scann_sklearn.model._model import Model
from scann_sklearn.synthesis import prune_connections, set_areas

from ..network.test_map_network import dense

HEAD = class_head(np.arange(3))
# With every map: 4 x 12 x 11 are compared in windows of 4 values, or one by one.
COMPARED = {
    ("conv", "max", "conv"): [0, 4 * 6 * 5 * 4, 4 * 4 * 3],
    ("mean", "conv"): [0, 4 * 5 * 4],
    ("max",): [2 * 7 * 6 * 4],
}


@pytest.mark.parametrize("n", [20, 100, None])
@pytest.mark.parametrize("kinds", [("conv", "max", "conv"), ("mean", "conv"), ("max",)])
def test_counts_by_hand(kinds, n):
    network = dense(kinds)
    network = network if n is None else prune_connections(network, n)
    model, front, t = Model(network, HEAD), network.front, network.topology
    pools = [stage for stage in front.stages if stage not in front.layers]
    means = sum(p.target.size for p in pools if "mean" in kinds)
    multiplications = sum(layer.n_multiplications for layer in front.layers) + means
    assert n_connections(model, include_reduction=True) == network.n_connections
    compared = [stage.comparisons for stage in model.stages()[:-1]]
    assert compared == COMPARED[kinds] if n is None else all(c >= 0 for c in compared)
    assert flops(model) == 2 * (multiplications + t.n_connections)
    lists = [(layer.n_sources, layer.n_maps, layer.n_connections) for layer in front.layers]
    lists.append((t.n_inputs + t.n_hidden, t.n_targets, t.n_connections))
    expected = 4 * (network.n_connections + network.n_biases)
    for n_sources, n_targets, stored in lists:
        wide = 1 if n_sources <= 256 else 2
        expected += stored * wide + (n_targets + 1) * (1 if stored < 256 else 2)
    assert n_bytes(model) == expected


def test_areas_are_counted_by_hand():
    """A bit and a comparison for each position; of those that are computed all else."""
    network = dense(("conv", "max", "conv"))
    first, last = (np.zeros(layer.target, bool) for layer in network.front.layers)
    first[:, :5, :3] = True
    last[:, 0] = True
    stages = Model(set_areas(network, [first, last]), HEAD).stages()
    assert [stage.comparisons for stage in stages[:-1]] == [4 * 12 * 11, 4 * 15, 4 * (4 * 3 + 3)]
    assert [stage.n_macs for stage in stages[:-1]] == [4 * 18 * 15, 0, 4 * 36 * 3]
    whole = Model(network, HEAD)
    assert n_bytes(Model(set_areas(network, [first, last]), HEAD)) == n_bytes(whole) + 4 * (17 + 2)


def test_energy_follows_the_positions():
    network = dense(("conv",))
    smaller = prune_connections(network, 60)
    energy = EnergyModel()
    assert 0 < energy.energy(Model(smaller, HEAD)) < 0.5 * energy.energy(Model(network, HEAD))
    assert network.n_multiplications > 10 * network.front.n_connections
