"""Convolutions and pooling in a row against torch, and stages that don't fit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from torch.nn import functional

from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d

from .test_convolution import images, samples_last


def sparse(layer, share, rng):
    """A part of the connections of a dense convolution."""
    mask = rng.random((layer.n_maps, layer.n_sources)) < share
    indptr = np.append(0, np.cumsum(mask.sum(axis=1)))
    places = np.nonzero(mask)[1]
    options = (layer.stride, layer.padding)
    return SparseConv2d(layer.source, layer.n_maps, layer.kernel_size, indptr, places, *options)


def front(kinds, rng, source=(2, 14, 13), share=0.4):
    """Stages of these kinds, as they follow from each other."""
    stages, shape = [], source
    for kind in kinds:
        if kind == "conv":
            stage = sparse(SparseConv2d.dense(shape, 5, 3, padding=1), share, rng)
        else:
            stage = {"max": MaxPool2d, "mean": AvgPool2d}[kind](shape, 2)
        stages.append(stage)
        shape = stage.target
    return MapFront(tuple(stages))


def of_torch(built, X, weight, bias, delta):
    """Outputs and gradients of weights and biases, from dense masked kernels."""
    leaves, values = [], torch.tensor(X)
    parameters = iter(built.split(weight, bias))
    for stage in built.stages:
        if not isinstance(stage, SparseConv2d):
            pool = functional.max_pool2d if isinstance(stage, MaxPool2d) else functional.avg_pool2d
            values = pool(values, stage.window)
            continue
        own, offsets = next(parameters)
        dense = np.zeros((stage.n_maps, stage.n_sources))
        dense[stage.targets, stage.indices] = own
        k = stage.kernel_size
        dense = dense.reshape(stage.n_maps, -1, k, k)
        pair = [torch.tensor(a, requires_grad=True) for a in (dense, offsets)]
        leaves.append((stage, *pair))
        values = functional.conv2d(values, *pair, padding=stage.padding).relu()
    values.backward(torch.tensor(delta))
    weight_grad = [w.grad.numpy().reshape(s.n_maps, -1)[s.targets, s.indices] for s, w, _ in leaves]
    bias_grad = [b.grad.numpy() for *_, b in leaves]
    return values.detach().numpy(), np.concatenate(weight_grad), np.concatenate(bias_grad)


@pytest.mark.parametrize(
    "kinds",
    [
        ("conv",),
        ("conv", "max", "conv", "max"),
        ("conv", "mean", "conv", "mean"),
        ("mean", "conv", "conv", "max"),
        ("max", "conv", "mean", "conv"),
    ],
)
def test_a_front_is_that_of_torch(kinds):
    rng = np.random.default_rng(0)
    built = front(kinds, rng)
    X = rng.random((6, *built.source))
    weight, bias = rng.standard_normal(built.n_connections), rng.standard_normal(built.n_maps)
    delta = rng.standard_normal((6, *built.target))
    expected, weight_grad, bias_grad = of_torch(built, X, weight, bias, delta)
    values, memory = built.forward(samples_last(X), weight, bias, 6)
    np.testing.assert_allclose(images(values, built.target, 6), expected, atol=1e-12)
    found = built.backward(memory, weight, samples_last(delta), 6)
    np.testing.assert_allclose(found[0], weight_grad, atol=1e-9)
    np.testing.assert_allclose(found[1], bias_grad, atol=1e-9)
    assert [len(d) for d in found[2]] == [6 * layer.target.size for layer in built.layers]


def test_a_front_without_connections():
    rng = np.random.default_rng(0)
    built = front(("max", "mean"), rng)
    assert built.n_connections == built.n_maps == 0
    X, none = rng.random((2, *built.source)), np.empty(0)
    values, memory = built.forward(samples_last(X), none, none, 2)
    gradients = built.backward(memory, none, np.ones_like(values), 2)
    assert [len(part) for part in gradients] == [0, 0, 0]


def test_stages_that_don_t_follow_from_each_other():
    with pytest.raises(ValueError, match=r"Stage 1 \(MaxPool2d\) takes maps of \(3, 8, 8\)"):
        MapFront((SparseConv2d.dense((1, 8, 8), 3, 3), MaxPool2d((3, 8, 8), 2)))
    with pytest.raises(ValueError, match="no stages"):
        MapFront(())
