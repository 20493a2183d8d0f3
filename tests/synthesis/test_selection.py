"""A pruning keeps what it would if it sorted all connections and walked through all of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import UnreachableOutputsError, _selection, prune_connections
from scann_sklearn.synthesis._selection import Selection

from .._devices import DEVICE
from ..network._maps import map_networks
from ..network._nets import sound_networks
from ._plain_selection import PlainSelection

SEEDS = st.integers(0, 2**16)
# scores: all different, many equal, of very different sizes
SCORES = {
    "uniform": lambda rng, n: rng.random(n),
    "equal": lambda rng, n: rng.integers(0, 3, n).astype(float),
    "wide": lambda rng, n: np.exp(8 * rng.standard_normal(n)),
    "negative": lambda rng, n: np.where(rng.random(n) < 0.1, -0.0, rng.normal(size=n)),
}


def plainly(graph, score, bound):
    """Flags of what is kept, None where an output can't be reached."""
    selection = PlainSelection(graph, score, bound)
    selection.fill()
    if not selection.reaches_outputs():
        if not selection.reach_outputs():
            return None
        selection.fill()
    return selection.kept()


def selected(graph, score, bound):
    selection = Selection(graph, score, bound, DEVICE)
    selection.fill()
    if not selection.reaches_outputs():
        try:
            selection.reach_outputs()
        except UnreachableOutputsError:
            return None
        selection.fill()
    return selection.kept()


def check(network, seed, share, kind, window, dtype, in_tensors):
    rng = np.random.default_rng(seed)
    score = SCORES[kind](rng, network.n_connections).astype(dtype)
    bound = round(share * network.n_connections)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_selection, "_WINDOW", window)
        patch.setattr(_selection, "computes_operations", lambda device: in_tensors)
        found = selected(network.graph, score, bound)
    expected = plainly(network.graph, score, bound)
    assert (found is None) == (expected is None)
    assert found is None or np.array_equal(found, expected)


OPTIONS = st.tuples(
    SEEDS,
    st.floats(0, 1),
    st.sampled_from(sorted(SCORES)),
    st.sampled_from([0, 1, 5, 2**16]),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([False, False, True]),  # in tensors
)


@settings(max_examples=300)
@given(sound_networks(max_hidden=8), OPTIONS)
def test_what_is_kept(network, options):
    check(network, *options)


@settings(max_examples=40)
@given(map_networks(), OPTIONS)
def test_what_is_kept_of_images(network, options):
    check(network, *options)


@pytest.mark.parametrize("in_tensors", [False, True])
def test_a_head_of_the_magnitudes_of_a_dense_network(monkeypatch, in_tensors):
    """Large enough that only a part is looked at, and more of it in a second step."""
    topology = Topology.dense(300, 10, layer_sizes=(300, 30))
    network = Network.initialize(topology, 0, np.float32)
    score, bound = np.abs(network.weight), 2000
    assert 3 * bound // 2 + _selection._WINDOW < len(score)
    monkeypatch.setattr(_selection, "computes_operations", lambda device: in_tensors)
    kept = selected(network.graph, score, bound)
    pruned = prune_connections(network, bound)
    assert 0.95 * bound <= pruned.n_connections <= bound
    beyond = score[~kept].max()
    assert np.sort(score[kept])[kept.sum() // 2] > beyond
    assert np.count_nonzero(score > beyond) >= kept.sum() - 10 * 3 - 1


@pytest.mark.parametrize("in_tensors", [False, True])
def test_nan_is_pruned_first(monkeypatch, in_tensors):
    monkeypatch.setattr(_selection, "computes_operations", lambda device: in_tensors)
    network = Network.initialize(Topology.dense(4, 2, n_hidden=0), 0)
    saliency = np.arange(8.0)
    saliency[[0, 7]] = np.nan
    kept = selected(network.graph, saliency, 6)
    assert kept.tolist() == [False] + [True] * 6 + [False]
