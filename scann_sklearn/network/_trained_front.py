"""The layers of maps of a fitted network, with their weights: what computes maps of raw images."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d
from scann_sklearn.network._topology import Topology, read_only
from scann_sklearn.network._values import as_values

_POOLING = {"max": MaxPool2d, "avg": AvgPool2d}


class TrainedFront:
    """Trained convolutions and pooling that take raw images; immutable.

    Parameters
    ----------
    front : MapFront
        The layers.
    weight : ndarray of shape (n_connections,)
        Weight of each connection, layer after layer.
    bias : ndarray of shape (n_maps,)
        Bias of each map, layer after layer.
    """

    def __init__(self, front: MapFront, weight: np.ndarray, bias: np.ndarray) -> None:
        self._fill(front, weight, bias)

    def _fill(self, front, weight, bias) -> None:
        dtype = np.asarray(weight).dtype
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"weight must be of dtype float32 or float64, got {dtype}.")
        self.layers = front
        weight = as_values(weight, dtype, front.n_connections, "weights", "connections")
        bias = as_values(bias, dtype, front.n_maps, "biases", "maps")
        # copies: what the compiled code gets can be written to, which is another type
        self._weight, self._bias = weight.copy(), bias.copy()

    @classmethod
    def of(cls, network: MapNetwork) -> TrainedFront:
        """Front of a network of raw images."""
        w, b = network.front.n_connections, network.front.n_maps
        return cls(network.front, network.weight[:w], network.bias[:b])

    @property
    def weight(self) -> np.ndarray:
        """Weight of each connection, layer after layer."""
        return read_only(self._weight.view())

    @property
    def bias(self) -> np.ndarray:
        """Bias of each map, layer after layer."""
        return read_only(self._bias.view())

    def __repr__(self) -> str:
        stages = (
            f"{type(s).__name__} {' x '.join(map(str, s.target))}"
            + (_about(s) if isinstance(s, SparseConv2d) else "")
            for s in self.layers.stages
        )
        return f"TrainedFront({', '.join(stages)})"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Channels, height and width of an image."""
        return tuple(self.layers.source)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Number, height and width of the maps that the neurons read."""
        return tuple(self.layers.target)

    @property
    def n_read(self) -> int:
        """Number of values that neurons can read: those of the maps of the last layer."""
        return self.layers.target.size

    @property
    def n_connections(self) -> int:
        """Number of connections of all convolutions."""
        return self.layers.n_connections

    @property
    def filters(self) -> list[np.ndarray]:
        """Kernels of each convolution, with zeros for connections that don't exist.

        A list of arrays of shape (n_maps, n_source_maps, kernel_size, kernel_size).
        """
        kernels = []
        for layer, (weight, _) in zip(
            self.layers.layers, self.layers.split(self.weight, self.bias), strict=True
        ):
            kernel = np.zeros(layer.n_allowed, self.weight.dtype)
            kernel[layer.own_places()] = weight
            kernels.append(kernel.reshape(layer.kernel_shape))
        return kernels

    @property
    def areas(self) -> list[np.ndarray | None]:
        """Positions at which the maps of each convolution are computed; elsewhere they are zero.

        A list with one element per convolution: a boolean array of shape (n_maps, height, width),
        or None if the maps are computed at every position.
        """
        return [layer.area for layer in self.layers.layers]

    def ahead_of(self, topology: Topology, weight: np.ndarray, bias: np.ndarray) -> MapNetwork:
        """The whole network.

        Parameters
        ----------
        topology : Topology
            The neurons.
        weight, bias : ndarray
            Theirs.

        Returns
        -------
        network : MapNetwork
            With copies of the arrays.
        """
        both = np.append(self.weight, weight), np.append(self.bias, bias)
        return MapNetwork(topology, *both, front=self.layers)

    def maps(self, X: np.ndarray) -> np.ndarray:
        """What the neurons read.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Images, row by row, of the dtype of the weights.

        Returns
        -------
        maps : ndarray of shape (n_samples, n_maps * height * width)
            Maps of the last layer, row by row; never infinite.
        """
        maps = self.layers.maps(X, self._weight, self._bias)
        if not np.isfinite(np.vdot(maps, maps)):
            top = np.finfo(maps.dtype).max
            np.nan_to_num(maps, copy=False, nan=top, posinf=top, neginf=-top)
        return maps

    def read(self, X: Any) -> np.ndarray:
        """See `maps`; X may be sparse."""
        return self.maps(X.toarray() if issparse(X) else X)

    def trace(self, reach: np.ndarray, *, sizes: bool = True) -> np.ndarray:
        """From what the maps can do to outputs to what the pixels can.

        Parameters
        ----------
        reach : ndarray of shape (n_maps * height * width, n_outputs)
            How much each value of the last maps can move each output, not negative.
        sizes : bool, default=True
            Whether sizes of weights multiply it; else a connection counts as one.

        Returns
        -------
        reach : ndarray of shape (n_features, n_outputs)
            The same of each pixel. A pooling passes an equal share to every value of a window.
        """
        front, n = self.layers, reach.shape[1]
        weight = np.abs(self.weight).astype(np.float64) if sizes else np.ones(len(self.weight))
        parts = front.split(weight, np.zeros(front.n_maps))
        values = np.ascontiguousarray(reach, dtype=np.float64).ravel()
        for stage in reversed(front.stages):
            if isinstance(stage, SparseConv2d):
                zeros = np.zeros(stage.source.size * n)
                stage.clear_outside(values, n)
                *_, values = stage.backward(zeros, parts.pop()[0], values, n)
            else:
                values = AvgPool2d(stage.source, stage.window).backward(values, n)
        return values.reshape(-1, n)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "source": tuple(self.layers.source),
            "stages": [_record(stage) for stage in self.layers.stages],
            "weight": self.weight,
            "bias": self.bias,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Checked as if it were made anew: the compiled code trusts every index.
        shape, stages = MapShape(*state["source"]), []
        for record in state["stages"]:
            stages.append(_stage(record, shape))
            shape = stages[-1].target
        self._fill(MapFront(tuple(stages)), state["weight"], state["bias"])


def _about(layer) -> str:
    text = f" of {layer.n_connections} connections"
    return text if layer.area is None else f"{text} at {layer.n_computed} positions"


def _record(stage) -> dict[str, Any]:
    if isinstance(stage, SparseConv2d):
        names = ("n_maps", "kernel_size", "indptr", "indices", "stride", "padding", "area")
        return {"kind": "conv", **{name: getattr(stage, name) for name in names}}
    kind = "max" if isinstance(stage, MaxPool2d) else "avg"
    return {"kind": kind, "window": stage.window}


def _stage(record, source) -> Any:
    options = {name: value for name, value in record.items() if name != "kind"}
    if record["kind"] == "conv":
        return SparseConv2d(source, **options)
    return _POOLING[record["kind"]](source, **options)
