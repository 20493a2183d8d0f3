"""Random networks with maps, and what they compute in plain torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import torch
from hypothesis import strategies as st
from torch.nn import functional

from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d

from ._nets import DENSITIES, random_topology


def random_conv(source, n_maps, kernel_size, share, rng, **options):
    """A convolution of which each connection exists with a probability."""
    source = MapShape(*source)
    mask = rng.random((n_maps, source.n_maps * kernel_size**2)) < share
    indptr = np.append(0, np.cumsum(mask.sum(axis=1)))
    return SparseConv2d(source, n_maps, kernel_size, indptr, np.nonzero(mask)[1], **options)


def with_area(layer, share, rng):
    """The same convolution, computed at random positions: each map at one at least."""
    area = rng.random(tuple(layer.target)) < share
    area[:, rng.integers(layer.target.height), rng.integers(layer.target.width)] = True
    return replace(layer, area=area)


def random_map_network(front, seed=0, share=0.5, n_outputs=3, dtype=np.float64, **hidden):
    """Random neurons behind these stages, random weights and biases."""
    front = MapFront(tuple(front))
    topology = random_topology(seed, front.target.size, n_outputs, share, **hidden)
    network = MapNetwork.initialize_maps(front, topology, seed, dtype)
    network.bias[:] = 0.3 * np.random.default_rng([seed, 1]).standard_normal(network.n_biases)
    return network


@st.composite
def map_networks(draw):
    """Convolutions of any stride, padding and area and both kinds of pooling, clean or not."""
    seed = draw(st.integers(0, 2**16))
    rng, stages = np.random.default_rng(seed), []
    shape = MapShape(draw(st.integers(1, 2)), draw(st.integers(5, 9)), draw(st.integers(5, 9)))
    for kind in draw(st.lists(st.sampled_from(["conv", "conv", "max", "mean"]), min_size=1)):
        size, smallest = draw(st.integers(1, 3)), min(shape.height, shape.width)
        if kind == "conv":
            padding = draw(st.integers(max(0, (size - smallest + 1) // 2), 2))
            options = {"stride": draw(st.integers(1, 3)), "padding": padding}
            share = draw(st.sampled_from(DENSITIES))
            stage = random_conv(shape, draw(st.integers(1, 4)), size, share, rng, **options)
            if draw(st.booleans()):
                stage = with_area(stage, draw(st.sampled_from([0.0, 0.5, 1.0])), rng)
        else:
            stage = (MaxPool2d if kind == "max" else AvgPool2d)(shape, min(size, smallest))
        stages.append(stage)
        shape = stage.target
    hidden = draw(st.sampled_from([{"n_hidden": 5}, {"n_hidden": 0}, {"layer_sizes": (4, 3)}]))
    share, n_outputs = draw(st.sampled_from(DENSITIES)), draw(st.sampled_from([1, 3]))
    return random_map_network(stages, seed, share, n_outputs, **hidden)


def random_images(network, n_samples, seed=0):
    """Images row by row, of either sign, and their classes."""
    rng = np.random.default_rng([seed, 2])
    X = rng.standard_normal((n_samples, network.n_inputs)).astype(network.weight.dtype)
    return X, rng.permutation(np.arange(n_samples) % max(2, network.topology.n_outputs))


class Twin:
    """The same network in plain torch, with one tensor of all weights and one of all biases."""

    def __init__(self, network):
        self.network = network
        self.weight = torch.tensor(network.weight, requires_grad=True)
        self.bias = torch.tensor(network.bias, requires_grad=True)

    def __call__(self, X):
        t, w, b = self.network.topology, 0, 0
        values = torch.as_tensor(X).reshape(-1, *self.network.front.source)
        for stage in self.network.front.stages:
            if isinstance(stage, SparseConv2d):
                last, end = w + stage.n_connections, b + stage.n_maps
                values = _convolution(stage, values, self.weight[w:last], self.bias[b:end])
                w, b = last, end
            elif isinstance(stage, MaxPool2d):
                values = functional.max_pool2d(values, stage.window).relu()
            else:
                values = functional.avg_pool2d(values, stage.window)
        sources = list(values.flatten(1).T)
        for target in range(t.n_targets):
            own = range(t.indptr[target], t.indptr[target + 1])
            total = self.bias[b + target].expand(len(X))
            for j in own:
                total = total + self.weight[w + j] * sources[t.indices[j]]
            sources.append(total.relu() if target < t.n_hidden else total)
        return torch.stack(sources[-t.n_outputs :], dim=1)


def _convolution(stage, values, weight, bias):
    k = stage.kernel_size
    kernel = torch.zeros(stage.n_maps, stage.n_sources, dtype=values.dtype)
    where = (torch.tensor(stage.targets).long(), torch.tensor(stage.indices).long())
    kernel = kernel.index_put(where, weight).reshape(stage.n_maps, -1, k, k)
    options = {"stride": stage.stride, "padding": stage.padding}
    values = functional.conv2d(values, kernel, bias, **options).relu()
    return values if stage.area is None else values * torch.tensor(stage.area)
