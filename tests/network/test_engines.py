"""Compiled kernels, torch module and plain autograd compute the same."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from scann_sklearn.heads._classes import numbered_head
from scann_sklearn.network import (
    Network,
    SparseNetwork,
    Topology,
    _codes,
    _inference,
    _kernels,
    _losses,
)
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._torch_losses import TorchLoss
from scann_sklearn.training._objective import Objective

from ._nets import (
    assert_close,
    autograd,
    function,
    networks,
    random_network,
    random_samples,
    random_topology,
)


def by_kernels(network, X, y, sample_weight, label_smoothing):
    """Loss and gradients from the compiled kernels."""
    t, m, dtype = network.topology, len(y), network.weight.dtype
    weights = np.ones(m, dtype) if sample_weight is None else sample_weight
    activation, output = _inference.activations(
        X, t.n_outputs, *t.csr, network.weight, network.bias
    )
    numbers = np.zeros(_codes.N_NUMBERS, dtype)
    numbers[_codes.SMOOTHING] = label_smoothing
    delta_output, delta = np.empty((t.n_outputs, m), dtype), np.empty((t.n_hidden, m), dtype)
    work, head = scratch(m, dtype), numbered_head(t.n_outputs)
    made = head.targets(y, dtype=dtype)
    loss = _losses.batch_loss(
        head.loss, output, made.labels, made.values, weights, numbers, delta_output, work, m
    )
    weight, bias = np.empty_like(network.weight), np.empty_like(network.bias)
    _kernels.backward(
        t.n_inputs, *t.csr, network.weight, activation, delta_output, delta, weight,
        bias, m,
    )  # fmt: skip
    return SimpleNamespace(loss=loss / m, outputs=output.T, weight=weight, bias=bias)


def by_torch(network, X, y, sample_weight, label_smoothing):
    """Loss and gradients from the torch module."""
    module = SparseNetwork(network)
    X = torch.tensor(X, requires_grad=True)
    outputs = module(X)
    weights = torch.ones(len(y), dtype=X.dtype)
    if sample_weight is not None:
        weights = torch.as_tensor(sample_weight)
    head = numbered_head(network.topology.n_outputs)
    made = head.targets(y, dtype=network.weight.dtype)
    values = torch.as_tensor(made.values.T) if made.has_values else None
    target = (torch.as_tensor(made.labels), values, weights)
    loss = TorchLoss(head.loss, {_codes.SMOOTHING: label_smoothing})(outputs, target)
    loss.backward()
    # no gradient where no input is connected
    X_grad = np.zeros(X.shape) if X.grad is None else X.grad.numpy()
    return SimpleNamespace(
        loss=loss.item(),
        outputs=outputs.detach().numpy(),
        weight=module.weight.grad.numpy(),
        bias=module.bias.grad.numpy(),
        X=X_grad,
    )


def check_engines(network, seed, n_samples, weighted, label_smoothing, rtol=1e-9, soft=False):
    X, y, sample_weight = random_samples(network, seed, n_samples, weighted, soft)
    expected = autograd(network, X, y, sample_weight, label_smoothing)
    for engine in (by_kernels, by_torch):
        found = engine(network, X, y, sample_weight, label_smoothing)
        for name, value in vars(found).items():
            assert_close(value, getattr(expected, name), rtol)


@given(
    networks(),
    st.integers(0, 2**16),
    st.integers(1, 9),
    st.booleans(),
    st.sampled_from([0.0, 0.1, 0.6]),
    st.booleans(),
)
def test_engines_agree_on_random_networks(network, seed, n_samples, weighted, smoothing, soft):
    check_engines(network, seed, n_samples, weighted, smoothing, soft=soft)


def without(topology, drop):
    """The topology without the connections that `drop(target, source)` names."""
    mask = topology.to_mask()
    for t, s in zip(*np.nonzero(mask), strict=True):
        mask[t, s] = not drop(t, s)
    return Topology.from_mask(mask, topology.n_inputs, topology.n_outputs, topology.layer_sizes)


CASES = {
    "neurons without inputs": without(
        Topology.dense(3, 2, n_hidden=6), lambda t, s: t in (0, 3, 4) or s == 1
    ),
    "neurons nobody hears": without(
        Topology.dense(3, 2, n_hidden=6), lambda t, s: s in (3 + 2, 3 + 5)
    ),
    "outputs without inputs": without(Topology.dense(3, 3, n_hidden=4), lambda t, s: t in (4, 6)),
    "no input connected": without(Topology.dense(3, 2, n_hidden=4), lambda t, s: s < 3),
    "empty": random_topology(0, 3, 2, 0.0, n_hidden=4),
    "empty, layered": random_topology(0, 3, 2, 0.0, layer_sizes=(4, 2)),
    "no hidden neuron": Topology.dense(4, 3, n_hidden=0),
    "dense": Topology.dense(6, 4, n_hidden=20),
    "dense layers": Topology.dense(6, 4, layer_sizes=(9, 8, 7)),
    "sparse layers": random_topology(1, 6, 4, 0.3, layer_sizes=(9, 8, 7)),
    "60 levels, all connections": Topology.dense(3, 2, n_hidden=60),
    "60 levels, few connections": without(
        Topology.dense(3, 2, n_hidden=60), lambda t, s: s != 3 + t - 1 and (t * 7 + s * 3) % 10
    ),
    "60 layers": Topology.dense(3, 1, layer_sizes=(2,) * 60),
}


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("case", CASES)
def test_engines_agree(case, label_smoothing):
    check_engines(random_network(CASES[case]), 3, 13, True, label_smoothing)


@pytest.mark.parametrize("case", ["60 levels, few connections", "dense layers", "empty"])
def test_engines_agree_in_single_precision(case):
    network = random_network(CASES[case], dtype=np.float32)
    check_engines(network, 3, 13, True, 0.1, rtol=2e-4)
    check_engines(network, 3, 13, True, 0.1, rtol=2e-4, soft=True)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-9), (np.float32, 1e-4)])
@pytest.mark.parametrize("n_outputs", [1, 4])
@pytest.mark.parametrize("size", [1e-3, 30.0, 1e4])
def test_engines_agree_on_small_and_saturated_outputs(size, n_outputs, dtype, rtol):
    network = random_network(Topology.dense(5, n_outputs, n_hidden=3), dtype=dtype)
    network.weight[:] *= size
    check_engines(network, 0, 20, False, 0.1, rtol)


def test_the_deep_cases_are_deep():
    assert CASES["60 levels, all connections"].depth == 61
    assert CASES["60 levels, few connections"].depth == 61
    assert CASES["60 layers"].depth == 61


@given(networks(), st.integers(0, 2**16))
def test_prediction_is_the_function_of_the_dense_matrix(network, seed):
    X, *_ = random_samples(network, seed, 7)
    assert_close(network.decision_function(X), function(network, X))


@given(networks(), st.integers(0, 2**16))
def test_probabilities_are_the_softmax_of_the_outputs(network, seed):
    X, *_ = random_samples(network, seed, 70)
    z = function(network, X)
    if z.shape[1] == 1:
        z = np.hstack([np.zeros_like(z), z])
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    found = probabilities_of(network, X)
    assert_close(found, expected)
    assert np.array_equal(found[65:66], probabilities_of(network, X[65:66]))


def probabilities_of(network, X):
    t = network.topology
    link = numbered_head(t.n_outputs).link
    return _inference.outputs(X, t.n_outputs, *t.csr, network.weight, network.bias, link=link)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_is_predicted_the_same_in_any_company(dtype):
    network = random_network(CASES["dense"], dtype=dtype)
    X, *_ = random_samples(network, 0, 150)
    together = network.decision_function(X)
    for rows in (slice(0, 1), slice(63, 65), slice(149, None), slice(None, None, -7)):
        assert np.array_equal(network.decision_function(X[rows]), together[rows])
    assert network.decision_function(X[:0]).shape == (0, 4)


def test_samples_of_any_layout():
    network = random_network(CASES["dense"])
    X, *_ = random_samples(network, 0, 20)
    read_only = X.copy()
    read_only.flags.writeable = False
    expected = network.decision_function(X)
    hidden = network.hidden_activations(X)
    for other in (np.asfortranarray(X), read_only, X.tolist()):
        assert np.array_equal(network.decision_function(other), expected)
        assert np.array_equal(network.hidden_activations(other), hidden)
    single = network.decision_function(X.astype(np.float32))
    assert single.dtype == np.float64
    assert_close(single, expected, 1e-5)


@given(networks(), st.integers(0, 2**16), st.booleans())
def test_deltas_give_the_gradient_of_every_possible_connection(network, seed, weighted):
    X, y, sample_weight = random_samples(network, seed, 6, weighted)
    objective = Objective.of_arrays(network, X, y, sample_weight, 0.1)
    ((activation, delta),) = objective.gradients(network)
    expected = autograd(network, X, y, sample_weight, 0.1)
    t = network.topology
    possible = np.tri(t.n_targets, t.n_inputs + t.n_hidden, t.n_inputs - 1, dtype=bool)
    assert_close((delta @ activation.T)[possible], expected.dense[possible])
    assert_close(delta.sum(axis=1), expected.bias)
    assert_close(network.hidden_activations(X), activation[t.n_inputs :])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"X": np.zeros((4, 2))}, r"shape \(4, 2\) doesn't fit: expected \(n_samples, 3\)"),
        ({"X": np.zeros(3)}, r"shape \(3,\) doesn't fit"),
        ({"y": np.array([0, 1, 2, 4])}, "from 0 to 3, got int64 from 0 to 4"),
        ({"y": np.array([0, 1, 2, -1])}, "from 0 to 3, got int64 from -1 to 2"),
        ({"y": np.array([0.0, 1, 2, 3])}, "integers from 0 to 3, got float64"),
        ({"y": np.array([0, 1])}, "2 labels for 4 samples"),
        ({"X": np.zeros((0, 3)), "y": np.array([], int)}, "at least one label"),
        ({"sample_weight": np.ones(3)}, "3 sample weights for 4 samples"),
    ],
)
def test_samples_that_do_not_fit(change, match):
    network = random_network(Topology.dense(3, 4, n_hidden=2))
    arguments = {"X": np.zeros((4, 3)), "y": np.array([0, 1, 2, 3])} | change
    with pytest.raises(ValueError, match=match):
        Objective.of_arrays(network, **arguments).gradients(network)


def test_prediction_takes_no_other_number_of_inputs():
    network = random_network(Topology.dense(3, 4, n_hidden=2))
    for method in (network.decision_function, network.hidden_activations):
        with pytest.raises(ValueError, match=r"expected \(n_samples, 3\)"):
            method(np.zeros((2, 4)))


def test_module_shares_the_arrays_of_its_network():
    network = random_network(CASES["dense"])
    module = SparseNetwork(network)
    with torch.no_grad():
        module.weight.zero_()
    assert not network.weight.any()


def test_module_is_copied_cast_and_described():
    network = random_network(CASES["sparse layers"])
    X, *_ = random_samples(network, 0, 5)
    module = SparseNetwork(network)
    expected = module(torch.tensor(X)).detach()
    assert torch.equal(copy.deepcopy(module)(torch.tensor(X)), expected)
    single = copy.deepcopy(module).float()
    assert_close(single(torch.tensor(X).float()).detach().numpy(), expected.numpy(), 1e-4)
    n = network.n_connections
    assert f"inputs=6, hidden=24, outputs=4, connections={n}, depth=4" in repr(module)


def test_work_follows_the_layers_and_not_the_square():
    topology = Topology.dense(20, 5, layer_sizes=(30, 20, 10))
    module = SparseNetwork(Network.initialize(topology, np.random.default_rng(0)))
    module(torch.zeros(2, 20, dtype=torch.float64))
    assert module._plan.buffer_size == topology.n_connections
