"""Sums beyond the largest float: they are noticed, bounded, and never become NaN."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.heads._classes import numbered_head
from scann_sklearn.network import Network, Topology, _inference
from scann_sklearn.network._bounds import Reach, largest_value
from scann_sklearn.network._codes import IDENTITY
from scann_sklearn.network._saturation import _saturated, _softmax, finite_outputs

from ._nets import assert_close, function, networks, random_network, random_samples, random_topology

DTYPES = [np.float32, np.float64]


def arrays(network):
    return (network.topology.n_outputs, *network.topology.csr, network.weight, network.bias)


@given(networks(), st.integers(0, 2**16))
def test_ordinary_samples(network, seed):
    X, *_ = random_samples(network, seed, 5)
    assert_close(_saturated(X, *arrays(network)), function(network, X))
    link = numbered_head(network.topology.n_outputs).link
    for code in (IDENTITY, link):
        found = finite_outputs(X, *arrays(network), link=code)
        expected = _inference.outputs(X, *arrays(network), link=code)
        assert np.array_equal(found, expected)
    assert_close(_softmax(function(network, X), link), found, 1e-8)


@pytest.mark.kernel_coverage
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_differences_of_infinities(dtype, n_outputs):
    """Two hidden neurons overflow, and the outputs see their difference."""
    mask = np.zeros((2 + n_outputs, 3), dtype=bool)
    mask[:2, 0] = mask[2:, 1:] = True
    topology = Topology.from_mask(mask, 1, n_outputs)
    top = np.finfo(dtype).max
    weight = np.array([top / 2, top / 2, *[0.5, -1] * n_outputs], dtype)
    network = Network(topology, weight, np.zeros(2 + n_outputs, dtype))
    X = np.array([[1e-3], [10], [-10]], dtype)
    z = finite_outputs(X, *arrays(network))
    # hidden neurons stay at the largest float: 0.5 · top - top
    assert_close(z[1].astype(float), np.full(n_outputs, -0.5 * float(top)), 1e-6)
    assert (z[2] == 0).all()
    probabilities = finite_outputs(X, *arrays(network), link=numbered_head(n_outputs).link)
    expected = [1, 0] if n_outputs == 1 else [1 / 3] * 3
    assert_close(probabilities[1], expected, 1e-6)
    assert np.isfinite(probabilities).all()


@pytest.mark.kernel_coverage
@pytest.mark.parametrize("n_hidden", [0, 4])
def test_the_bound_holds(n_hidden):
    network = random_network(random_topology(5, 3, 2, 0.8, n_hidden=n_hidden))
    X, *_ = random_samples(network, 0, 50)
    t = network.topology
    bound = largest_value(t.n_inputs, *t.csr, network.weight, network.bias, np.abs(X).max(axis=0))
    assert np.abs(function(network, X)).max() <= bound < np.inf


@pytest.mark.parametrize("dtype", DTYPES)
def test_reach(dtype):
    network = random_network(random_topology(5, 3, 2, 1.0, n_hidden=4), dtype=dtype)
    X, *_ = random_samples(network, 0, 50)
    X = X.astype(dtype)
    assert Reach(X).is_finite(network)
    top = np.finfo(dtype).max
    # beyond the bound, which is no proof: the samples decide
    deep = random_network(random_topology(5, 3, 2, 1.0, n_hidden=500), dtype=dtype)
    deep.weight[:] *= np.sign(deep.weight) * dtype(1e-3)
    deep.weight[0] = top / 2
    assert Reach(np.zeros_like(X)).is_finite(deep)
    network.weight[:] = top / 2
    assert not Reach(X + 1).is_finite(network)
    network.weight[:] = 0
    network.bias[-1] = np.nan
    assert not Reach(X).is_finite(network)


@pytest.mark.parametrize(
    ("weight", "bias", "moments", "message"),
    [
        (np.ones(3, int), np.zeros(2), (), "weight must be of dtype float32 or float64, got int"),
        (np.ones(3, ">f8").astype(np.float16), np.zeros(2), (), "got float16"),
        (np.ones(3), np.zeros(2, np.float32), (), "biases are of dtype float32, but weight is of"),
        (np.ones(3), np.zeros(2), ((np.ones(2), np.ones(2)),), "2 weights in moments for 3 conn"),
        (np.ones(3), np.zeros(2), ((np.ones(3), np.ones(9)),), "9 biases in moments for 2 targets"),
    ],
)
def test_arrays_that_do_not_fit(weight, bias, moments, message):
    with pytest.raises(ValueError, match=message):
        Network(Topology(1, 1, [0, 1, 3], [0, 0, 1]), weight, bias, moments)


def test_arrays_of_another_layout():
    weight, bias = np.arange(6.0)[::2], np.zeros(2)
    bias.flags.writeable = False
    network = Network(Topology(1, 1, [0, 1, 3], [0, 0, 1]), weight, bias)
    assert network.weight.tolist() == [0, 2, 4]
    assert network.weight.flags.carray
    assert network.bias.flags.carray
