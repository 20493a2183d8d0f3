"""Neuron growth by bridging gradients: the formulas by hand, and what becomes of the loss."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy.sparse import csr_array
from sklearn.datasets import load_digits

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import bridging_gradients, grow_bridging_neurons
from scann_sklearn.synthesis._bridging import bridge_weights
from scann_sklearn.training._objective import Objective

from ..network._nets import (
    assert_close,
    autograd,
    dense_weights,
    function,
    random_network,
    random_samples,
    random_topology,
)


@st.composite
def cases(draw):
    """A network with layers of which each has connections, a batch, and a layer of it."""
    sizes = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    seed = draw(st.integers(0, 2**16))
    topology = random_topology(
        seed, draw(st.integers(1, 5)), draw(st.integers(1, 4)), 0.8, layer_sizes=sizes
    )
    assume(topology.reached_outputs.all())
    network = random_network(topology, seed)
    return network, draw(st.integers(0, len(sizes) - 1)), random_samples(network, seed, 25, True)


def ranges(topology, layer):
    """Sources of the layers before, in and behind a layer."""
    sizes = [topology.n_inputs, *topology.layer_sizes, topology.n_outputs]
    ends = np.append(0, np.cumsum(sizes))
    return [slice(*ends[layer + n : layer + n + 2]) for n in range(3)]


def loss_of(network, X, y, sample_weight=None):
    return Objective.of_arrays(network, X, y, sample_weight).mean_loss(network)


def activations(network, X):
    return np.hstack([X, network.hidden_activations(X).T])


@settings(deadline=None, max_examples=40)
@given(cases())
def test_gradients_are_those_of_direct_connections(case):
    network, layer, (X, y, weight) = case
    t = network.topology
    before, _, behind = ranges(t, layer)
    # as if the layer behind read the one before directly: what autograd says of such weights
    whole = autograd(network, X, y, weight).dense
    targets = slice(behind.start - t.n_inputs, behind.stop - t.n_inputs)
    B = bridging_gradients(network, X, y, layer, sample_weight=weight)
    assert B.shape == (before.stop - before.start, behind.stop - behind.start)
    assert_close(B, -whole[targets, before].T)


@settings(deadline=None, max_examples=40)
@given(cases(), st.floats(0.01, 1), st.floats(0.1, 3), st.integers(1, 3), st.integers(0, 2**16))
def test_weights_are_those_of_the_formula(case, share, strength, n_neurons, seed):
    network, layer, (X, y, weight) = case
    B = bridging_gradients(network, X, y, layer, sample_weight=weight)
    assume(np.abs(B).max() > 1e-9)
    options = {"layer": layer, "bridge_share": share, "birth_strength": strength}
    grown = grow_bridging_neurons(
        network, X, y, n_neurons, sample_weight=weight, random_state=seed, **options
    )
    t = grown.topology
    sizes = list(network.topology.layer_sizes)
    sizes[layer] += n_neurons
    assert t.layer_sizes == tuple(sizes)
    before, own, behind = ranges(t, layer)
    W, n_old = dense_weights(grown), network.topology.layer_sizes[layer]
    ranked = np.argsort(-np.abs(B), axis=None, kind="stable")
    pairs = ranked[: max(1, round(share * B.size))]
    n_pairs = len(pairs)
    # the old network is there still, weights and moments
    old = np.delete(np.arange(t.n_inputs + t.n_targets), np.s_[own.start + n_old : own.stop])
    rows, columns = old[t.n_inputs :] - t.n_inputs, old[: -t.n_outputs]
    assert np.array_equal(W[np.ix_(rows, columns)], dense_weights(network))
    for (mine, _), (its, _) in zip(grown.moments, network.moments, strict=True):
        followed = dense_weights(grown, mine)
        kept = followed[np.ix_(rows, columns)]
        assert np.array_equal(kept, dense_weights(network, its))
        assert np.count_nonzero(followed) == np.count_nonzero(kept)  # new ones start at zero
    existing = np.abs(dense_weights(network))
    old_before, old_own, old_behind = ranges(network.topology, layer)
    inputs = network.topology.n_inputs
    joined_in = existing[old_own.start - inputs : old_own.stop - inputs, old_before]
    joined_out = existing[old_behind.start - inputs : old_behind.stop - inputs, old_own]
    for number in range(n_old, n_old + n_neurons):
        place = own.start + number
        incoming = W[place - t.n_inputs, before]
        outgoing = W[behind.start - t.n_inputs : behind.stop - t.n_inputs, place]
        # mean absolute weights are the birth strength times those of the layers joined
        for new, joined in ((incoming, joined_in), (outgoing, joined_out)):
            if new.any():
                means = np.abs(new[new != 0]).mean(), joined[joined != 0].mean()
                assert means[0] == pytest.approx(strength * means[1], rel=1e-9)
        if n_pairs <= 8:  # some signs give just these weights, up to a scale
            assert any(
                _same_direction(incoming, outgoing, *_by_hand(B, pairs, signs))
                for signs in np.ndindex(*(2,) * n_pairs)
            )


def _by_hand(B, pairs, signs):
    incoming, outgoing = np.zeros(B.shape[0]), np.zeros(B.shape[1])
    for pair, sign in zip(pairs, signs, strict=True):
        m, n = divmod(pair, B.shape[1])
        epsilon = 1 if sign else -1
        incoming[m] += epsilon * np.sign(B[m, n]) * np.sqrt(abs(B[m, n]))
        outgoing[n] += epsilon * np.sqrt(abs(B[m, n]))
    return incoming, outgoing


def _same_direction(incoming, outgoing, first, second):
    def unit(w):
        return w / max(np.abs(w).max(), 1e-300)

    pairs = ((incoming, first), (outgoing, second))
    return all(np.allclose(unit(a), unit(b), rtol=1e-7, atol=1e-9) for a, b in pairs)


@settings(deadline=None, max_examples=20)
@given(cases(), st.integers(1, 6))
def test_the_mean_over_the_signs_is_half_a_step_of_gradient_descent(case, n_pairs):
    network, layer, (X, y, weight) = case
    t = network.topology
    B = bridging_gradients(network, X, y, layer, sample_weight=weight)
    pairs = np.argsort(-np.abs(B), axis=None)[:n_pairs]
    m, n = np.unravel_index(pairs, B.shape)
    H = activations(network, X)[:, ranges(t, layer)[0]]
    added = np.zeros((len(X), B.shape[1]))
    signs = np.array(list(np.ndindex(*(2,) * len(pairs)))) * 2.0 - 1
    for some in signs:
        incoming, outgoing = bridge_weights(B, m, n, some)
        added += np.maximum(H @ incoming, 0)[:, None] * outgoing / len(signs)
    step = np.zeros_like(B)
    step[m, n] = B[m, n]
    np.testing.assert_allclose(added, H @ step / 2, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(cases(), st.integers(0, 2**16))
def test_the_loss_falls_with_small_weights_of_one_pair(case, seed):
    network, layer, (X, y, weight) = case
    B = bridging_gradients(network, X, y, layer, sample_weight=weight)
    assume(np.abs(B).max() > 1e-3)
    options = {"layer": layer, "bridge_share": 1e-9, "sample_weight": weight}
    grown = grow_bridging_neurons(
        network, X, y, 1, birth_strength=1e-4, random_state=seed, **options
    )
    assert loss_of(grown, X, y, weight) < loss_of(network, X, y, weight)


def trained_on_digits():
    X, y = load_digits(return_X_y=True)
    X = X[:600] / 16
    network = Network.initialize(Topology.dense(64, 10, layer_sizes=(12, 8)), 0)
    return network, X, y[:600]


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("share", [0.01, 0.1, 1.0])
def test_the_loss_falls_on_digits(layer, share):
    network, X, y = trained_on_digits()
    options = {"layer": layer, "bridge_share": share, "birth_strength": 0.05}
    grown = grow_bridging_neurons(network, X, y, 3, random_state=0, **options)
    assert loss_of(grown, X, y) < loss_of(network, X, y)
    np.testing.assert_allclose(grown.decision_function(X), function(grown, X), atol=1e-9)


def test_a_sparse_batch_says_the_same():
    network, X, y = trained_on_digits()
    options = {"layer": 0, "random_state": 0}
    dense, sparse = (grow_bridging_neurons(network, Z, y, 2, **options) for Z in (X, csr_array(X)))
    assert np.array_equal(dense.topology.indices, sparse.topology.indices)
    np.testing.assert_allclose(sparse.weight, dense.weight, rtol=1e-9)


def test_nothing_grows_where_no_gradient_is():
    network, X, y = trained_on_digits()
    nothing = grow_bridging_neurons(network, np.zeros_like(X), y, 2, layer=0)
    assert nothing is network
    assert grow_bridging_neurons(network, X, y, 0, layer=1) is network


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_neurons", -1),
        ("n_neurons", 1.5),
        ("layer", 2),
        ("layer", -1),
        ("layer", None),
        ("bridge_share", 0),
        ("bridge_share", 1.1),
        ("birth_strength", 0),
        ("birth_strength", np.inf),
    ],
)
def test_bad_numbers(name, value):
    network, X, y = trained_on_digits()
    with pytest.raises(ValueError, match=f"{name} must .* got {value!r}"):
        grow_bridging_neurons(network, X, y, **{"n_neurons": 1, "layer": 0} | {name: value})


def test_a_network_without_layers():
    _, X, y = trained_on_digits()
    network = Network.initialize(Topology.dense(64, 10, n_hidden=5), 0)
    with pytest.raises(ValueError, match="layer_sizes=None"):
        grow_bridging_neurons(network, X, y, 1, layer=0)
