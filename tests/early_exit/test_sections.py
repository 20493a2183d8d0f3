"""Sections of early exits: layers, or shares of neurons and connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_digits

from scann_sklearn.network._exits import sections

from ._helpers import short


@pytest.mark.parametrize("scheme", ["C", "NeST"])
def test_layers_are_sections(scheme):
    X, y = load_digits(return_X_y=True)
    clf = short(scheme, hidden_layer_sizes=(12, 9, 7), n_connections=500).fit(X, y)
    levels = clf._fitted_model().network.topology.levels
    size = clf.n_outputs_ // 3
    for e, outputs in enumerate(np.split(levels[-3 * size :], 3)):
        assert (outputs == e + 2).all()  # inputs, e + 1 layers
    four = short(scheme, hidden_layer_sizes=(9, 8, 7, 6), n_exits=2, n_connections=500).fit(X, y)
    levels = four._fitted_model().network.topology.levels
    assert set(levels[-20:-10]) == {3}
    assert set(levels[-10:]) == {5}


@pytest.mark.parametrize("scheme", ["C", "NeST"])
def test_the_first_section_costs_its_share(digits, scheme):
    X, _, y, _ = digits
    first = []
    for ratio in (2, 5):
        clf = short(scheme, section_ratio=ratio).fit(X, y)
        t = clf._fitted_model().network.topology
        counts = np.diff(t.indptr)
        parts = sections(t.n_inputs, t.n_outputs, 3, t.indptr, t.indices)
        first.append(counts[parts[0]].sum() / counts.sum())
        assert clf.exit_energies_[0] < 0.5 * clf.exit_energies_[-1]
    assert first[1] < first[0] < 0.4


def test_a_huge_ratio_leaves_a_neuron_to_each_section(digits):
    X, _, y, _ = digits
    clf = short("B", section_ratio=1e300).fit(X[:200], y[:200])
    assert clf.n_exits_ == 3
