"""Dense and sparse samples are the same samples: to networks, gradients and both engines."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.sparse import csr_array, random_array

from scann_sklearn import SCANNClassifier
from scann_sklearn.heads._classes import numbered_head
from scann_sklearn.network import Topology, _samples
from scann_sklearn.network._samples import DenseSamples, SparseSamples, as_samples
from scann_sklearn.synthesis import _operations
from scann_sklearn.synthesis._gradients import importance
from scann_sklearn.training._compiled import CompiledEngine
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._torch import TorchEngine

from ._nets import assert_close, networks, random_network, random_topology


def sparse_samples(seed, n_samples, n_features, dtype=np.float64, density=0.3):
    """Random samples whose features have a value of their own where nothing is stored."""
    rng = np.random.default_rng(seed)
    X = random_array((n_samples, n_features), density=density, random_state=rng, format="csr")
    return SparseSamples(X.astype(dtype), rng.normal(size=n_features).astype(dtype))


def plain(samples):
    """The same as an array, by definition."""
    X, stored = np.tile(samples.absent, (len(samples), 1)), samples.X.tocoo()
    X[stored.row, stored.col] = stored.data
    return X


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of few features and samples."""
    monkeypatch.setattr(_samples, "_NUMBERS", 40)


@pytest.mark.kernel_coverage
def test_blocks_bounds_and_rows():
    samples = sparse_samples(0, 9, 6)
    X = plain(samples)
    assert as_samples(samples) is samples
    assert (samples.shape, samples.dtype, len(samples)) == (X.shape, X.dtype, 9)
    assert np.array_equal(samples.dense(), X)
    assert np.array_equal(samples.dense(np.array([3, 0, 3]), slice(1, 4)), X[[3, 0, 3], 1:4])
    assert np.array_equal(samples.take(np.array([5, 2])).dense(), X[[5, 2]])
    assert np.array_equal(samples.bounds(), DenseSamples(X).bounds())
    full = SparseSamples(csr_array(X + 5))
    assert np.array_equal(full.bounds(), DenseSamples(X + 5).bounds())


@given(networks(), st.integers(0, 2**16), st.integers(1, 150))
def test_networks_compute_the_same(network, seed, n_samples):
    samples = sparse_samples(seed, n_samples, network.topology.n_inputs)
    dense = DenseSamples(plain(samples))
    assert_close(samples.outputs(network), dense.outputs(network))
    assert_close(samples.hidden_activations(network), dense.hidden_activations(network))


def objectives(network, seed, n_samples, weighted=True):
    """The same objective on sparse and on dense samples."""
    dtype, n_outputs = network.weight.dtype, network.topology.n_outputs
    samples = sparse_samples(seed, n_samples, network.topology.n_inputs, dtype)
    rng, head = np.random.default_rng([seed, 3]), numbered_head(n_outputs)
    weight = rng.exponential(size=n_samples) if weighted else None
    targets = head.targets(rng.integers(max(n_outputs, 2), size=n_samples), weight, 0.1, dtype)
    return [Objective(X, targets, head) for X in (samples, plain(samples))]


@given(networks(), st.integers(0, 2**16), st.integers(1, 30), st.booleans())
def test_gradients_are_the_same(network, seed, n_samples, few):
    with pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(_samples, "_NUMBERS", 40)
        check_gradients(network, *objectives(network, seed, n_samples))


def check_gradients(network, of_sparse, of_dense):
    found, expected = of_sparse.gradients(network), of_dense.gradients(network)
    assert_close(found[0].delta, expected[0].delta)
    values = np.concatenate([block for _, block in found[0].blocks()])
    assert_close(values, expected[0].activation)
    sizes = [
        np.concatenate([size for _, size in network.candidates(signals)])
        for signals in (found, expected)
    ]
    assert_close(*sizes)
    saliencies = [importance(network, o) for o in (of_sparse, of_dense)]
    assert_close(*saliencies)


@pytest.mark.parametrize("layer_sizes", [None, (7, 5)])
@pytest.mark.usefixtures("small_blocks")
def test_gradients_in_many_blocks(layer_sizes):
    n_hidden = 12 if layer_sizes is None else None
    topology = random_topology(0, 23, 3, 0.3, n_hidden=n_hidden, layer_sizes=layer_sizes)
    network = random_network(topology)
    check_gradients(network, *objectives(network, 0, 20))


def trained(engine, network, objective, solver):
    """The network after two epochs."""
    estimator = SCANNClassifier(solver=solver, batch_size=16)
    options = replace(TrainingOptions.of(estimator, len(objective)), batch_size=16)
    orders = np.random.default_rng(0)
    running = engine(objective, options, lambda: orders.permutation(len(objective)))
    running.begin(replace(network.copy(), moments=(), n_updates=0))
    losses = [running.epoch(0.01) for _ in range(2)]
    return losses, running.network()


@pytest.mark.kernel_coverage
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-7), (np.float32, 2e-3)])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_engines_agree_on_sparse_samples(solver, dtype, rtol):
    topology = random_topology(0, 8, 3, 0.4, n_hidden=6)
    network = random_network(topology, dtype=dtype)
    of_sparse, of_dense = objectives(network, 1, 50)
    losses, expected = trained(CompiledEngine, network, of_dense, solver)
    for engine, objective in ((CompiledEngine, of_sparse), (TorchEngine, of_sparse)):
        others, found = trained(engine, network, objective, solver)
        np.testing.assert_allclose(others, losses, rtol=rtol)
        assert_close(found.weight, expected.weight, rtol)
        assert_close(found.bias, expected.bias, rtol)


@pytest.mark.parametrize("case", ["no input connected", "no hidden neuron"])
def test_unusual_networks(case):
    topology = Topology.dense(4, 3, n_hidden=0)
    if case == "no input connected":
        mask = Topology.dense(4, 3, n_hidden=5).to_mask()
        mask[:, :4] = False
        topology = Topology.from_mask(mask, 4, 3)
    network = random_network(topology)
    of_sparse, of_dense = objectives(network, 0, 33)
    check_gradients(network, of_sparse, of_dense)
    for solver in ("adam", "sgd"):
        losses, expected = trained(CompiledEngine, network, of_dense, solver)
        others, found = trained(CompiledEngine, network, of_sparse, solver)
        np.testing.assert_allclose(others, losses)
        assert_close(found.weight, expected.weight, 1e-7)


def test_public_operations_take_a_sparse_x():
    network = random_network(random_topology(0, 9, 3, 0.3, n_hidden=5))
    X = random_array((40, 9), density=0.3, random_state=np.random.default_rng(0), format="csr")
    y = np.arange(40) % 3
    found = _operations.grow_connections(network, X, y, network.n_connections + 3)
    expected = _operations.grow_connections(network, X.toarray(), y, network.n_connections + 3)
    assert np.array_equal(found.topology.indices, expected.topology.indices)
    assert_close(
        _operations.connection_saliency(network, X, y),
        _operations.connection_saliency(network, X.toarray(), y),
    )
    assert _operations.grow_neurons(network, X, 2, random_state=0).n_hidden == 7
    X.indices[0] = 9
    with pytest.raises(ValueError, match="ind"):
        _operations.connection_saliency(network, X, y)
    with pytest.raises(ValueError, match=r"shape \(40, 8\) doesn't fit"):
        _operations.connection_saliency(network, csr_array((40, 8)), y)
