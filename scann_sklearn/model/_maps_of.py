"""From a network of maps to the part of a program that is ahead of its rows."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.model._map_stage import CONVOLUTION, MAXIMUM, MEAN
from scann_sklearn.model._maps import Maps
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import MaxPool2d


def maps_of(network: MapNetwork) -> Maps:
    """Stages, weights and biases of the maps of a network.

    Parameters
    ----------
    network : MapNetwork
        What they are taken of.

    Returns
    -------
    maps : Maps
        Copies, in flat arrays.
    """
    front, stages, areas = network.front, [], []
    starts, indices = [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
    for stage in front.stages:
        if isinstance(stage, SparseConv2d):
            own = (stage.n_maps, stage.kernel_size, stage.stride, stage.padding)
            stages += [CONVOLUTION, *own]
            starts.append(starts[-1][-1] + stage.indptr[1:])
            indices.append(stage.indices)
            area = np.ones(stage.target, bool) if stage.area is None else stage.area
            areas.append(area.ravel())
        else:
            kind = MAXIMUM if isinstance(stage, MaxPool2d) else MEAN
            stages += [kind, stage.source.n_maps, stage.window, stage.window, 0]
    is_partial = any(not area.all() for area in areas)
    flags = np.concatenate([*areas, np.empty(0, bool)]) if is_partial else np.empty(0, bool)
    return Maps(
        image=np.array(front.source, np.int32),
        stages=np.array(stages, np.int32),
        indptr=np.concatenate(starts).astype(np.int32),
        indices=np.concatenate(indices),
        weights=network.weight[: front.n_connections].copy(),
        biases=network.bias[: front.n_maps].copy(),
        areas=np.packbits(flags),
    )
