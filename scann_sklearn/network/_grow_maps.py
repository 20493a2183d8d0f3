"""Insertion of maps into a convolution."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._topology import Topology


def insert_map(network, layer, kernels) -> MapNetwork:
    """Add a map behind the others of a convolution, which nothing reads yet.

    Parameters
    ----------
    network : MapNetwork
        The network.
    layer : int
        The convolution, from 0 on.
    kernels : ndarray of shape (n_source_maps, kernel_size, kernel_size)
        Weights of the new map; connections of weight zero don't exist.

    Returns
    -------
    larger : MapNetwork
        Its function is the same.
    """
    kernels = np.ravel(kernels)
    indices = np.flatnonzero(kernels)
    before = network.front.layers
    at = sum(conv.n_connections for conv in before[: layer + 1])
    at_bias = sum(conv.n_maps for conv in before[: layer + 1])
    front = _larger_front(network.front, layer, indices)
    zeros = np.zeros(len(indices))

    def longer(pair, new) -> tuple[np.ndarray, np.ndarray]:
        weight, bias = pair
        grown = np.concatenate([weight[:at], new.astype(weight.dtype), weight[at:]])
        return grown, np.insert(bias, at_bias, 0)

    weight, bias = longer((network.weight, network.bias), kernels[indices])
    return replace(
        network,
        topology=_more_inputs(network.topology, front.target.size),
        front=front,
        weight=weight,
        bias=bias,
        moments=tuple(longer(pair, zeros) for pair in network.moments),
    )


def _larger_front(front, layer, indices) -> MapFront:
    stages: list = []
    number, shape = -1, front.source
    for stage in front.stages:
        if not isinstance(stage, SparseConv2d):
            stages.append(type(stage)(shape, stage.window))
        else:
            number += 1
            # new source maps are behind the others: all indices stay
            stages.append(replace(stage, source=MapShape(*shape)))
            if number == layer:
                area = stage.area
                if area is not None:  # the new map is computed everywhere
                    area = np.append(area, np.ones((1, *area.shape[1:]), dtype=bool), axis=0)
                stages[-1] = replace(
                    stages[-1],
                    area=area,
                    n_maps=stage.n_maps + 1,
                    indptr=np.append(stage.indptr, stage.indptr[-1] + len(indices)),
                    indices=np.append(stage.indices, indices),
                )
        shape = stages[-1].target
    return MapFront(tuple(stages))


def _more_inputs(t, n_inputs) -> Topology:
    shift = n_inputs - t.n_inputs
    indices = np.where(t.indices < t.n_inputs, t.indices, t.indices + shift)
    shape = (n_inputs, t.n_outputs)
    return Topology.adopt(*shape, t.indptr.copy(), indices, t.layer_sizes, t.exits)
