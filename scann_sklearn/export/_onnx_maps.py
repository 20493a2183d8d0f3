"""Maps in an ONNX graph: standard convolutions and pooling."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.model._map_stage import CONVOLUTION, MAXIMUM
from scann_sklearn.model._maps import Maps


def map_nodes(graph: Any, maps: Maps) -> str:
    """Append nodes for the maps of a program to a graph.

    Parameters
    ----------
    graph : _Graph
        Has ``node``, ``constant`` and ``dtype``.
    maps : Maps
        What is appended; connections that don't exist are zeros of the kernels.

    Returns
    -------
    name : str
        The output: the last maps of each sample, row by row.
    """
    shape = graph.constant("image_shape", np.array([-1, *maps.image], np.int64))
    values = graph.node("Reshape", ["X", shape], "image")
    for i, stage in enumerate(maps.parts):
        name = f"maps{i}"
        if stage.kind == CONVOLUTION:
            values = _convolution(graph, stage, values, name)
        else:
            window = {"kernel_shape": [stage.size] * 2, "strides": [stage.size] * 2}
            if stage.kind == MAXIMUM and values == "image":  # which may be below zero
                values = graph.node("Relu", [values], f"{name}_relu")
            kind = "MaxPool" if stage.kind == MAXIMUM else "AveragePool"
            values = graph.node(kind, [values], name, **window)
    return graph.node("Flatten", [values], "maps", axis=1)


def _convolution(graph, stage, values, name) -> str:
    """A convolution and its ReLU; outside of an area what was computed is set to zero."""
    kernel = np.zeros((stage.n_maps, stage.n_sources))
    kernel[np.repeat(np.arange(stage.n_maps), np.diff(stage.indptr)), stage.indices] = stage.weights
    shape = (stage.n_maps, stage.source[0], stage.size, stage.size)
    factors = [
        graph.constant(f"{name}_kernels", kernel.reshape(shape).astype(graph.dtype)),
        graph.constant(f"{name}_biases", stage.biases.astype(graph.dtype)),
    ]
    options = {"strides": [stage.stride] * 2, "pads": [stage.padding] * 4}
    sums = graph.node("Conv", [values, *factors], name, **options)
    values = graph.node("Relu", [sums], f"{name}_relu")
    if stage.area is None:
        return values
    area = graph.constant(f"{name}_area", stage.area.astype(graph.dtype))
    return graph.node("Mul", [values, area], f"{name}_within_area")
