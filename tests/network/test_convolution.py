"""Sparse convolutions and pooling against torch, on random connections and shapes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.nn import functional

from scann_sklearn.network._conv_kernels import undo_relu
from scann_sklearn.network._convolution import MapShape, MapSignals, SparseConv2d
from scann_sklearn.network._layer import Layer
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d


@st.composite
def layers(draw):
    kernel = draw(st.integers(1, 4))
    padding, stride = draw(st.integers(0, 2)), draw(st.integers(1, 3))
    smallest = max(1, kernel - 2 * padding)
    source = MapShape(
        draw(st.integers(1, 3)),
        draw(st.integers(smallest, smallest + 5)),
        draw(st.integers(smallest, smallest + 5)),
    )
    n_maps, seed = draw(st.integers(1, 4)), draw(st.integers(0, 2**16))
    each = source.n_maps * kernel**2
    mask = np.random.default_rng(seed).random((n_maps, each)) < draw(st.sampled_from([0, 0.3, 1]))
    indptr = np.append(0, np.cumsum(mask.sum(axis=1)))
    return SparseConv2d(source, n_maps, kernel, indptr, np.nonzero(mask)[1], stride, padding)


def samples_last(images):
    """Images (samples, maps, height, width) as the kernels take them."""
    return np.ascontiguousarray(np.moveaxis(images, 0, -1)).ravel()


def images(maps, shape, n_samples):
    return np.moveaxis(maps.reshape(*shape, n_samples), -1, 0)


def problem(layer, seed=0, n_samples=5, dtype=np.float64):
    """Images, weights, biases and the gradient of what comes out."""
    rng = np.random.default_rng(seed)
    shapes = (
        (n_samples, *layer.source), layer.n_connections, layer.n_maps, (n_samples, *layer.target)
    )  # fmt: skip
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def torch_convolution(layer, X, weight, bias, delta):
    """Outputs, and gradients of the dense kernel, the biases and the images."""
    dense = np.zeros((layer.n_maps, layer.n_sources), X.dtype)
    dense[layer.targets, layer.indices] = weight
    k = layer.kernel_size
    dense = dense.reshape(layer.n_maps, layer.source.n_maps, k, k)
    given = [torch.tensor(a, requires_grad=True) for a in (X, dense, bias)]
    options = {"stride": layer.stride, "padding": layer.padding}
    output = functional.conv2d(*given, **options).relu()
    output.backward(torch.tensor(delta))
    in_order = (given[1], given[2], given[0])
    return output.detach().numpy(), *(tensor.grad.numpy() for tensor in in_order)


@pytest.mark.kernel_coverage
@settings(max_examples=40)
@given(layers(), st.integers(0, 2**16))
def test_convolutions_are_those_of_torch(layer, seed):
    X, weight, bias, delta = problem(layer, seed)
    outputs, kernel_grad, bias_grad, X_grad = torch_convolution(layer, X, weight, bias, delta)
    target = layer.forward(samples_last(X), weight, bias, len(X))
    np.testing.assert_allclose(images(target, layer.target, len(X)), outputs, atol=1e-12)
    before_relu = samples_last(delta)
    undo_relu(target, before_relu)
    found = layer.backward(samples_last(X), weight, before_relu, len(X))
    dense_grad = kernel_grad.reshape(layer.n_maps, -1)
    own_grad = dense_grad[layer.targets, layer.indices]
    np.testing.assert_allclose(found[0], own_grad, atol=1e-10)
    np.testing.assert_allclose(found[1], bias_grad, atol=1e-10)
    np.testing.assert_allclose(images(found[2], layer.source, len(X)), X_grad, atol=1e-10)
    again = layer.backward(samples_last(X), weight, before_relu, len(X), goes_on=False)
    assert np.array_equal(again[0], found[0])
    assert len(again[2]) == 0
    # growth sees the gradient of every connection that doesn't exist
    signals = MapSignals(samples_last(X), before_relu, len(X))
    size = np.concatenate([block for _, block in layer.candidates(signals)])
    dormant = layer.dormant()
    np.testing.assert_allclose(size[dormant], np.abs(dense_grad).ravel()[dormant], atol=1e-10)
    assert (np.delete(size, dormant) == -1).all()


@given(layers())
def test_counts(layer):
    assert layer.n_connections + len(layer.dormant()) == layer.n_allowed
    inside = np.pad(np.ones(layer.source[1:]), layer.padding)
    count = 0
    for _, dy, dx in layer.places.T:
        s, (_, height, width) = layer.stride, layer.target
        count += inside[dy : dy + s * height : s, dx : dx + s * width : s].sum()
    assert layer.n_multiplications == count


def test_candidates_in_blocks(monkeypatch):
    layer = SparseConv2d.dense((2, 6, 6), 5, 3)
    half = SparseConv2d(layer.source, 5, 3, np.arange(6) * 9, np.tile(np.arange(9), 5))
    X, _, _, delta = problem(half)
    signals = MapSignals(samples_last(X), samples_last(delta), len(X))
    ((_, whole),) = half.candidates(signals)
    monkeypatch.setattr("scann_sklearn.network._convolution._BLOCK", 40)
    blocks = list(half.candidates(signals))
    assert [first for first, _ in blocks] == [0, 36, 72]
    np.testing.assert_allclose(np.concatenate([b for _, b in blocks]), whole)


def test_saliency_ranks_connections_of_silent_maps_last():
    layer = SparseConv2d.dense((2, 5, 5), 3, 2)
    X, weight, _, delta = problem(layer)
    X[:, 1] = 0
    signals = MapSignals(samples_last(X), samples_last(delta), len(X))
    saliency = layer.saliency(weight, signals, np.ones(len(X)))
    assert (saliency[layer.places[0] == 1] == 0).all()
    assert (saliency[layer.places[0] == 0] > 0).all()


@pytest.mark.kernel_coverage
@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 3), st.integers(0, 2**16))
def test_pooling_is_that_of_torch(window, n_maps, more, seed):
    shape = MapShape(n_maps, window + more, 2 * window)
    X = np.random.default_rng(seed).standard_normal((4, *shape))
    given_X = torch.tensor(X, requires_grad=True)
    for pool, of_torch in (
        (MaxPool2d(shape, window), lambda X, k: functional.max_pool2d(X, k).relu()),
        (AvgPool2d(shape, window), functional.avg_pool2d),
    ):
        given_X.grad = None
        output = of_torch(given_X, window)
        delta = np.random.default_rng(seed).standard_normal(output.shape)
        output.backward(torch.tensor(delta))
        found = pool.forward(samples_last(X), 4)
        if isinstance(pool, MaxPool2d):
            found, chosen = found
            back = pool.backward(samples_last(delta), chosen, 4)
        else:
            back = pool.backward(samples_last(delta), 4)
        np.testing.assert_allclose(images(found, pool.target, 4), output.detach(), atol=1e-12)
        np.testing.assert_allclose(images(back, shape, 4), given_X.grad, atol=1e-12)


def test_layers_that_don_t_fit():
    with pytest.raises(ValueError, match=r"kernel of 5 x 5 is larger than its map of 4 x 8"):
        SparseConv2d.dense((1, 4, 8), 2, 5)
    SparseConv2d.dense((1, 4, 8), 2, 5, padding=1)
    with pytest.raises(ValueError, match=r"window of 3 x 3 is larger than its map of 2 x 9"):
        MaxPool2d((1, 2, 9), 3)
    with pytest.raises(ValueError, match="connection 9 is not allowed: there are 9 places"):
        SparseConv2d((1, 5, 5), 1, 3, [0, 1], [9])
    with pytest.raises(ValueError, match="must ascend"):
        SparseConv2d((1, 5, 5), 1, 3, [0, 2], [4, 4])
    with pytest.raises(ValueError, match="2 maps and 1 connections"):
        SparseConv2d((1, 5, 5), 2, 3, [0, 1], [4])


def test_a_convolution_is_a_layer():
    names = [name for name in vars(Layer) if not name.startswith("_")]
    assert all(hasattr(SparseConv2d, name) for name in names)
