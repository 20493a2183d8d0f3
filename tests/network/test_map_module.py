"""Networks of maps and neurons as torch modules against plain torch and the compiled kernels."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import SparseNetwork
from scann_sklearn.network._plain_module import PlainNetwork
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d

from ._maps import Twin, map_networks, random_conv, random_images, random_map_network
from ._nets import assert_close

RNG = np.random.default_rng


def some_network(share=0.5, **options):
    conv = random_conv((2, 9, 8), 4, 3, share, RNG(0), padding=1)
    pool = MaxPool2d(conv.target, 2)
    last = random_conv(pool.target, 3, 2, share, RNG(1), stride=2)
    return random_map_network((conv, pool, last), share=share, layer_sizes=(6,), **options)


def outputs_and_gradients(module, X):
    """Outputs, and gradients of images, weights and biases; zeros where nothing is connected."""
    samples = torch.tensor(X, requires_grad=True)
    outputs = module(samples)
    (outputs * torch.arange(1.0, len(X) + 1, dtype=outputs.dtype)[:, None]).sum().backward()
    tensors = (samples, module.weight, module.bias)
    gradients = [torch.zeros_like(t) if t.grad is None else t.grad for t in tensors]
    return [tensor.detach().numpy() for tensor in (outputs, *gradients)]


@pytest.mark.parametrize("kind", [SparseNetwork, PlainNetwork])
@settings(max_examples=60)
@given(map_networks(), st.integers(0, 2**16))
def test_a_module_is_the_network(kind, network, seed):
    X, _ = random_images(network, 5, seed)
    expected = outputs_and_gradients(Twin(network), X)
    assert_close(network.decision_function(X), expected[0])
    for found, value in zip(outputs_and_gradients(kind(network), X), expected, strict=True):
        assert_close(found, value)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_single_precision(share):
    network = some_network(share, dtype=np.float32)
    X, _ = random_images(network, 7)
    outputs = SparseNetwork(network)(torch.tensor(X))
    assert outputs.dtype == torch.float32
    assert_close(outputs.detach().numpy(), network.decision_function(X), 1e-4)


def test_maps_without_connections():
    stages = [AvgPool2d((2, 6, 6), 2)]
    stages.append(MaxPool2d(stages[0].target, 3))
    network = random_map_network(stages, share=1.0, n_hidden=3)
    X, _ = random_images(network, 5)
    for found, value in zip(*(outputs_and_gradients(k(network), X) for k in (SparseNetwork, Twin))):
        assert_close(found, value)


@pytest.mark.parametrize("kind", [SparseNetwork, PlainNetwork])
def test_nothing_is_left(kind):
    network = some_network()
    network = network.keep(np.zeros(network.n_connections, dtype=bool))
    assert network.front.target.size == 0
    X, _ = random_images(network, 5)
    assert_close(kind(network)(torch.tensor(X)).detach().numpy(), network.decision_function(X))


def test_images_of_another_size():
    with pytest.raises(RuntimeError, match="shape"):
        SparseNetwork(some_network())(torch.zeros(144, 143, dtype=torch.float64))


def test_parameters_share_the_arrays_of_the_network():
    network = some_network()
    module = SparseNetwork(network)
    assert [name for name, _ in module.named_parameters()] == ["weight", "bias"]
    assert list(module.state_dict()) == ["weight", "bias"]
    with torch.no_grad():
        module.weight.zero_()
    assert not network.weight.any()


def test_copied_cast_and_described():
    network = some_network()
    X, _ = random_images(network, 5)
    module = SparseNetwork(network)
    expected = module(torch.tensor(X)).detach()
    assert torch.equal(copy.deepcopy(module)(torch.tensor(X)), expected)
    single = copy.deepcopy(module).float()
    assert_close(single(torch.tensor(X).float()).detach().numpy(), expected.numpy(), 1e-4)
    n = network.n_connections
    assert f"inputs=144, hidden=6, outputs=3, connections={n}, depth=4" in repr(module)


@pytest.mark.parametrize("kind", [SparseNetwork, PlainNetwork])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_all_tensors_are_on_the_device(kind, share):
    """A device without memory refuses what is mixed with another."""
    module = kind(some_network(share), "meta")
    later = kind(some_network(share)).to("meta")
    X = torch.empty(5, 144, device="meta", dtype=torch.float64)
    for one in (module, later):
        one(X).sum().backward()
        assert one.weight.grad.device.type == "meta"


def test_steps_are_called_once():
    module = PlainNetwork(some_network())
    calls = []
    leaves = [leaf for leaf in module.modules() if not list(leaf.children())]
    for leaf in leaves:
        leaf.register_forward_hook(lambda *arguments: calls.append(arguments[0]))
    module(torch.zeros(2, 144, dtype=torch.float64))
    assert calls == leaves
    assert [type(leaf).__name__ for leaf in leaves] == ["MaxPool2d", "ReLU", "ReLU", "ReLU"]
