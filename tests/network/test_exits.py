"""Networks with early exits: what outputs may read, whatever changes, and section by section."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import Network, Topology, _exits, _walks
from scann_sklearn.network._exits import first_exits, sections, shared_out, up_to, with_exits
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.synthesis._grow_back import grow_back
from scann_sklearn.training._objective import Objective

from ._nets import allowed_by, assert_clean, assert_close, exit_networks, function

SEEDS = st.integers(0, 2**16)


def dense(n_inputs=3, size=2, exits=(2, 5), **shape):
    shape = shape or {"n_hidden": exits[-1]}
    whole = Topology.dense(n_inputs, size * len(exits), **shape)
    return with_exits(whole, exits, np.random.default_rng(0))


def samples(network, n_samples=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n_samples, network.n_inputs))


def test_what_outputs_may_read():
    mask = dense().to_mask()
    assert mask[5:7].all(axis=0).tolist() == [True] * 5 + [False] * 3  # the first exit
    assert mask[7:].all()
    layered = dense(exits=(2, 5), layer_sizes=(2, 3)).to_mask()
    assert layered[5:7].all(axis=0).tolist() == [False] * 3 + [True] * 2 + [False] * 3
    assert layered[7:].all(axis=0).tolist() == [False] * 5 + [True] * 3
    part = dense(exits=(1, 4), layer_sizes=(4,)).to_mask()  # a share of the only layer
    assert part[4:6].all(axis=0).tolist() == [False] * 3 + [True] + [False] * 3


@given(exit_networks())
def test_counts_and_state(network):
    t = network.topology
    allowed, mask = allowed_by(t), t.to_mask()
    assert not (mask & ~allowed).any()
    assert t.n_allowed == allowed.sum()
    assert len(t.dormant()) == t.n_allowed - t.n_connections
    again = pickle.loads(pickle.dumps(t))
    assert (again.exits, again.layer_sizes) == (t.exits, t.layer_sizes)


def test_files_from_before_exits():
    t = Topology.dense(2, 1, n_hidden=3)
    state = t.__getstate__()
    del state["exits"]
    old = object.__new__(Topology)
    old.__setstate__(state)
    assert old.exits is None
    assert np.array_equal(old.to_mask(), t.to_mask())


@given(exit_networks(), SEEDS, st.integers(0, 60))
def test_pruning_keeps_all_exits(network, seed, spare):
    bound = network.minimum_connections + spare
    t = network.topology
    strength = np.random.default_rng(seed).random(t.n_connections)
    essential = _walks.essential_connections(t.n_inputs, t.n_outputs, *t.csr, strength).sum()
    pruned = prune_connections(network, max(bound, int(essential)))
    assert pruned.topology.reached_outputs.all()
    assert_clean(pruned)
    assert len(pruned.topology.exits) == len(t.exits)


@given(exit_networks(), SEEDS)
def test_keep_folds_and_counts(network, seed):
    """What has to go changes nothing, and each exit still sees the same of the neurons."""
    everything = np.ones(network.n_connections, dtype=bool)
    kept = network.keep(everything)
    X = samples(network)
    assert_close(function(kept, X), function(network, X))
    assert_clean(kept)


@given(exit_networks(), SEEDS, st.booleans())
def test_duplicates_are_in_the_same_section(network, seed, split):
    rng = np.random.default_rng(seed)
    n = network.n_hidden
    neurons = rng.choice(n, rng.integers(0, n + 1), replace=False)
    wider = network.duplicate(neurons, 0.0, 0, split=split)
    t, added = network.topology, np.isin(np.arange(n), neurons)
    assert wider.topology.exits == tuple(e + int(added[:e].sum()) for e in t.exits)
    assert not (wider.topology.to_mask() & ~allowed_by(wider.topology)).any()
    if split:
        X = samples(network)
        assert_close(function(wider, X), function(network, X))


@given(exit_networks(), SEEDS)
def test_neurons_return(network, seed):
    """Growth back: new neurons, as many connections as there may be, the same function."""
    t = network.topology
    sizes = t.n_hidden + 2 if t.layer_sizes is None else tuple(n + 1 for n in t.layer_sizes)
    X = samples(network, 6)
    objective = Objective.of_arrays(network, X, np.zeros((6, t.n_outputs)), loss="squared_error")
    grown = grow_back(network, objective, None, sizes, np.random.default_rng(seed))
    assert grown.n_connections == grown.n_allowed == allowed_by(grown.topology).sum()
    assert grown.topology.exits[-1] == grown.n_hidden
    if t.layer_sizes is not None:
        seen = [t.layer_sizes[: int(n)] for n in np.searchsorted(np.cumsum(t.layer_sizes), t.exits)]
        assert grown.topology.exits == tuple(
            sum(grown.topology.layer_sizes[: len(layers) + 1]) for layers in seen
        )
    assert_close(function(grown, X), function(network, X))


@given(exit_networks(), SEEDS)
@pytest.mark.kernel_coverage
def test_sections(network, seed):
    """Exit after exit the same outputs, without a neuron that is not needed yet."""
    t = network.topology
    n_exits, size = len(t.exits), t.n_outputs // len(t.exits)
    parts = sections(t.n_inputs, t.n_outputs, n_exits, *t.csr)
    mask, X = t.to_mask(), samples(network, 7, seed)
    expected = function(network, X)
    values = np.full((t.n_inputs + t.n_targets, 7), np.nan)
    values[: t.n_inputs] = X.T
    for e, targets in enumerate(parts):
        arrays = (*t.csr, network.weight, network.bias)
        _exits.compute_targets(t.n_inputs, t.n_hidden, *arrays, targets, values)
        outputs = t.n_hidden + size * e + np.arange(size)
        assert_close(values[t.n_inputs + outputs].T, expected[:, outputs - t.n_hidden])
        needed = np.zeros(t.n_hidden, dtype=bool)  # by this exit or one before it
        for row in np.flatnonzero(np.arange(t.n_targets) < t.n_hidden + size * (e + 1))[::-1]:
            if row >= t.n_hidden or needed[row]:
                needed |= mask[row, t.n_inputs :]
        computed = np.isfinite(values[t.n_inputs : t.n_inputs + t.n_hidden]).all(axis=1)
        assert np.array_equal(computed, needed)


@given(exit_networks(), SEEDS, st.data())
def test_the_first_exits_alone(network, seed, data):
    """The same outputs, by the neurons on the ways to them and no others."""
    t = network.topology
    n_exits, size = len(t.exits), t.n_outputs // len(t.exits)
    n = data.draw(st.integers(1, n_exits))
    part, connections, targets = up_to(t, n)
    alone = Network(part, network.weight[connections], network.bias[targets])
    X = samples(network, 7, seed)
    assert_close(function(alone, X), function(network, X)[:, : n * size])
    parts = sections(t.n_inputs, t.n_outputs, n_exits, *t.csr)
    assert np.array_equal(np.flatnonzero(targets), np.sort(np.concatenate(parts[:n])))
    assert len(part.exits) == n
    again = sections(part.n_inputs, part.n_outputs, n, *part.csr)
    assert [len(own) for own in again] == [len(own) for own in parts[:n]]


@pytest.mark.parametrize(
    ("exits", "message"),
    [
        ((), "ascend to the number of hidden neurons, 4, got"),
        ((1, 2), r"ascend to the number of hidden neurons, 4, got \(1, 2\)"),
        ((3, 2, 4), r"got \(3, 2, 4\)"),
        ((-1, 4), r"got \(-1, 4\)"),
        ((1, 2, 3, 4), "2 outputs can't be divided among 4 exits"),
    ],
)
def test_errors(exits, message):
    t = Topology.dense(2, 2, n_hidden=4)
    with pytest.raises(ValueError, match=message):
        Topology(2, 2, t.indptr, t.indices, exits=exits)


def test_connections_beyond_an_exit_are_refused():
    t = Topology.dense(2, 2, n_hidden=4)
    with pytest.raises(ValueError, match="source 4 to target 4 is not allowed: .*sources 0 to 3"):
        Topology(2, 2, t.indptr, t.indices, exits=(2, 4))


def test_a_thinned_start_keeps_as_many_sources():
    t = Topology.from_mask(
        [[1, 0, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1]], 2, 2
    )
    part = with_exits(t, (1, 3), np.random.default_rng(0))
    assert np.diff(part.indptr)[3:].tolist() == [2, 1]
    assert part.indices[part.targets == 3].max() <= 2


@given(exit_networks(), SEEDS, st.floats(1.1, 9.0), st.floats(0, 1))
def test_every_section_gets_its_share(network, seed, ratio, kept):
    t, n_exits = network.topology, len(network.topology.exits)
    score = np.random.default_rng(seed).normal(size=t.n_connections)
    ranked = shared_out(t, score, ratio)
    assert (ranked > 0).all()
    needed = first_exits(t.n_inputs, t.n_outputs, n_exits, t.indptr, t.indices)
    own_exit = np.repeat(np.arange(n_exits), t.n_outputs // n_exits)
    of_target = np.append(np.minimum(needed, n_exits - 1), own_exit)
    section = np.repeat(of_target, np.diff(t.indptr))
    shares = [ratio ** (1 - n_exits), *(ratio**e - ratio ** (e - 1) for e in range(2 - n_exits, 1))]
    top = np.argsort(-ranked, kind="stable")[: round(kept * len(score))]
    counts = np.bincount(section[top], minlength=n_exits)
    for e in range(n_exits):
        own = np.flatnonzero(section == e)
        inside = own[np.argsort(-score[own], kind="stable")]
        assert np.array_equal(np.sort(inside[: counts[e]]), np.sort(top[section[top] == e]))
        for f in range(n_exits):  # whoever has some left has had its share
            if counts[e] > 0 and counts[f] < np.sum(section == f):
                assert (counts[e] - 1) / shares[e] <= counts[f] / shares[f] * (1 + 1e-9)
