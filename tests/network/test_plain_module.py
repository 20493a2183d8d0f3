"""The module that `to_torch` gives: the same function, of operations that torch can take apart."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call, grad, jacrev, vmap

from scann_sklearn.network import SparseNetwork, Topology
from scann_sklearn.network._plain_module import PlainNetwork
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d

from ._maps import map_networks, random_conv, random_map_network
from ._nets import networks, random_network, random_samples


def _maps(*pools, **options):
    """Convolutions with one of these poolings between them."""
    rng = np.random.default_rng(0)
    stages = [random_conv((1, 6, 5), 3, 2, 0.7, rng, padding=1)]
    stages += [pool(stages[0].target, 2) for pool in pools]
    stages.append(random_conv(stages[-1].target, 2, 2, 0.7, rng, **options))
    return random_map_network(stages, n_outputs=2, layer_sizes=(4,))


NETWORKS = {
    "a single neuron": random_network(Topology.dense(3, 1, n_hidden=1)),
    "every connection": random_network(Topology.dense(4, 3, n_hidden=5)),
    "layers": random_network(Topology.dense(5, 2, layer_sizes=(6, 4))),
    "no hidden neuron": random_network(Topology.dense(4, 3, n_hidden=0)),
    "maps": _maps(stride=2),
    "maps and means": _maps(AvgPool2d),
    "maps and maxima": _maps(MaxPool2d),
}
ELEMENTWISE = [name for name in NETWORKS if name != "maps and maxima"]


def _module(name):
    X, *_ = random_samples(NETWORKS[name], 0, 6)
    return PlainNetwork(NETWORKS[name]), torch.tensor(X)


@settings(max_examples=40)
@given(networks() | map_networks())
def test_outputs_and_gradients_are_those_of_the_other_module(network):
    X, *_ = random_samples(network, 1, 7)
    results = []
    for kind in (SparseNetwork, PlainNetwork):
        module, samples = kind(network), torch.tensor(X, requires_grad=True)
        outputs = module(samples)
        (outputs * torch.arange(1.0, 8, dtype=outputs.dtype)[:, None]).sum().backward()
        tensors = (samples, module.weight, module.bias)
        # without any connection there is nothing to differentiate by
        gradients = [torch.zeros_like(t) if t.grad is None else t.grad for t in tensors]
        results.append([t.detach().numpy() for t in (outputs, *gradients)])
    tolerance = 1e-4 if network.weight.dtype == np.float32 else 1e-9
    for ours, plain in zip(*results, strict=True):
        np.testing.assert_allclose(plain, ours, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NETWORKS)
def test_derivatives_of_first_and_second_order(name):
    module, X = _module(name)
    X.requires_grad_()
    assert gradcheck(module, X)
    assert gradgradcheck(lambda samples: module(samples) ** 2, X)


@pytest.mark.parametrize("name", NETWORKS)
def test_backward_twice(name):
    module, X = _module(name)
    X.requires_grad_()
    outputs = module(X)
    first, second = (torch.autograd.grad(outputs.sum(), X, retain_graph=True) for _ in range(2))
    assert torch.equal(*first, *second)


@pytest.mark.parametrize("name", NETWORKS)
def test_functions_of_torch(name):
    """The Jacobian and the gradient of the parameters, each sample by itself."""
    module, X = _module(name)
    jacobians = vmap(jacrev(lambda x: module(x[None])[0]))(X)
    parameters = {key: value.detach() for key, value in module.named_parameters()}

    def loss(parameters, x):
        return functional_call(module, parameters, (x[None],)).sum()

    gradients = vmap(grad(loss), in_dims=(None, 0))(parameters, X)
    module(X).sum().backward()
    assert jacobians.shape == (6, module.topology.n_outputs, X.shape[1])
    for key, parameter in module.named_parameters():
        torch.testing.assert_close(gradients[key].sum(dim=0), parameter.grad)


@pytest.mark.parametrize("name", ["layers", "maps and maxima"])
def test_samples_of_another_dtype_are_converted(name):
    """Explainers draw samples in single precision, whatever they are given."""
    module, X = _module(name)
    single = X.float().requires_grad_()
    outputs = module(single)
    assert (module.weight.dtype, outputs.dtype) == (torch.float64, torch.float64)
    outputs.sum().backward()
    assert single.grad.dtype == torch.float32
    assert module.float()(X).dtype == torch.float32


@pytest.mark.parametrize("name", ["layers", "maps and maxima"])
def test_copies_and_what_is_saved(name):
    module, X = _module(name)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(other(X), module(X))
    assert list(module.state_dict()) == ["weight", "bias"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_all_that_is_not_linear_is_in_submodules(name):
    """DeepLIFT's rule, by hooks: it adds up to the difference of the outputs only if that holds."""
    module, X = _module(name)
    samples, background = X[:3], X[3:]
    calls = []

    def rescale(relu, received, sent):
        before, after = received[0].detach().chunk(2), sent.detach().chunk(2)
        calls.append(relu)
        # nothing over nothing where only padding or no connection is read
        slope = ((after[0] - after[1]) / (before[0] - before[1])).nan_to_num()
        relu.slope = torch.cat([slope, slope])

    def multiply(relu, gradient, after):
        return (after[0] * relu.slope,)

    leaves = [leaf for leaf in module.modules() if isinstance(leaf, torch.nn.ReLU)]
    for leaf in leaves:
        leaf.register_forward_hook(rescale)
        leaf.register_full_backward_hook(multiply)
    both = torch.cat([samples, background]).requires_grad_()
    outputs = module(both)
    assert calls == leaves  # each once
    for k in range(outputs.shape[1]):
        (gradient,) = torch.autograd.grad(outputs[:3, k].sum(), both, retain_graph=True)
        effects = (gradient[:3] * (samples - background)).sum(dim=1)
        torch.testing.assert_close(effects, (outputs[:3, k] - outputs[3:, k]).detach())
