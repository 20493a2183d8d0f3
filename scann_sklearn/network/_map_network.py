"""A network that reads images: layers of maps ahead of the neurons."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from scann_sklearn.network import _edit, _exits, _inference, _rows, _walks
from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._network import Network
from scann_sklearn.network._topology import Topology


@dataclass(frozen=True, eq=False)
class MapNetwork(Network):
    """Weights and biases of convolutions and neurons, one after the other.

    `weight` holds those of the convolutions, then those of `topology`; `bias` those of the maps,
    then those of hidden neurons and outputs. The inputs of `topology` are the maps of the last
    stage, row by row.

    Parameters
    ----------
    front : MapFront
        The layers of maps.
    """

    front: MapFront = field(kw_only=True)

    def __post_init__(self) -> None:
        if self.front.target.size != self.topology.n_inputs:
            raise ValueError(
                f"The front makes {self.front.target.size} numbers, but the topology takes "
                f"{self.topology.n_inputs}."
            )
        super().__post_init__()

    @classmethod
    def initialize_maps(cls, front, topology, rng, dtype=np.float64) -> Self:
        """Network with random weights and zero biases.

        Parameters
        ----------
        front : MapFront
            The layers of maps.
        topology : Topology
            The neurons.
        rng : int or numpy.random.Generator
            Where the weights come from, see `Network.initialize`.
        dtype : dtype, default=numpy.float64
            Type of the weights.

        Returns
        -------
        network : MapNetwork
            The initialized network.
        """
        rng, parts = np.random.default_rng(rng), []
        for layer in front.layers:
            fan_in = np.diff(layer.indptr)
            bound = np.repeat(np.sqrt(6.0 / np.maximum(fan_in, 1)), fan_in)
            parts.append(rng.uniform(-1, 1, layer.n_connections) * bound)
        tail = Network.initialize(topology, rng, dtype)
        weight = np.concatenate([*parts, tail.weight]).astype(dtype)
        bias = np.append(np.zeros(front.n_maps, dtype), tail.bias)
        return cls(topology, weight, bias, front=front)

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers, whose weights follow each other in `weight`."""
        return (*self.front.layers, self.topology)

    @property
    def n_inputs(self) -> int:
        """Number of values of an image."""
        return self.front.source.size

    @property
    def minimum_connections(self) -> int:
        """Fewest connections with which every output can be reached from the image."""
        return len(self.front.layers) + self.topology.minimum_connections

    @property
    def n_biases(self) -> int:
        """Number of maps, hidden neurons and outputs."""
        return self.front.n_maps + self.topology.n_targets

    @property
    def graph(self) -> tuple[int, int, np.ndarray, np.ndarray]:
        """The connections as a graph, in which a map is a neuron.

        Returns
        -------
        n_inputs, n_outputs : int
            Maps of an image, and outputs.
        indptr, indices : ndarray of int32
            As of `Topology`, in the order of `weight`; between two maps there may be many.
        """
        t, n_images = self.topology, self.front.source.n_maps
        starts, sources, n_before = [np.zeros(1, np.int64)], [], 0
        first, after = 0, n_images  # the maps that a layer reads, and those that it makes
        for layer in self.front.layers:
            sources.append(layer.places[0] + first)
            starts.append(n_before + layer.indptr[1:].astype(np.int64))
            n_before += layer.n_connections
            first, after = after, after + layer.n_maps
        of_maps = first + t.indices // self._area
        sources.append(np.where(t.indices < t.n_inputs, of_maps, after + t.indices - t.n_inputs))
        starts.append(n_before + t.indptr[1:].astype(np.int64))
        indptr, indices = (np.concatenate(parts).astype(np.int32) for parts in (starts, sources))
        return n_images, t.n_outputs, indptr, indices

    @property
    def _area(self) -> int:
        return self.front.target.height * self.front.target.width

    @property
    def tail(self) -> Network:
        """The neurons, with views of their weights and biases."""
        w, b = self.front.n_connections, self.front.n_maps
        moments = tuple((weight[w:], bias[b:]) for weight, bias in self.moments)
        return Network(self.topology, self.weight[w:], self.bias[b:], moments, self.n_updates)

    def csr_from_maps(self) -> tuple[np.ndarray, np.ndarray]:
        """Connections of the neurons where the maps that they read count as neurons.

        As such they get gradients. Nothing comes into them here.

        Returns
        -------
        indptr, indices : ndarray of int32
            For kernels, with no inputs.
        """
        indptr, indices = self.topology.csr
        return np.append(np.zeros(self.topology.n_inputs, indptr.dtype), indptr), indices

    def read_maps(self, X) -> np.ndarray:
        """What the neurons read.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Images, row by row.

        Returns
        -------
        maps : ndarray of shape (n_samples, topology.n_inputs)
            Maps of the last stage.
        """
        X = _inference.check_samples(X, self.front.source.size, self.weight.dtype)
        w, b = self.front.n_connections, self.front.n_maps
        return self.front.maps(X, self.weight[:w], self.bias[:b])

    def decision_function(self, X) -> np.ndarray:
        """Values of the outputs before softmax or the logistic function."""
        return self.tail.decision_function(self.read_maps(X))

    def hidden_activations(self, X) -> np.ndarray:
        """Activations of the hidden neurons."""
        return self.tail.hidden_activations(self.read_maps(X))

    def without_moments(self) -> MapNetwork:
        """Drop what the optimizer remembers."""
        return MapNetwork(self.topology, self.weight, self.bias, front=self.front)

    def fold_input_scaling(self, center, scale) -> Self:
        """Network that takes raw images where this one takes (X - center) / scale.

        Parameters
        ----------
        center, scale : ndarray of shape (n_inputs,)
            The same for all pixels of a channel; the center is zero where the first convolution
            reads zeros around the image.

        Returns
        -------
        network : MapNetwork
            The same function of unscaled images, without an optimizer's memory.
        """
        layer, source = self.front.layers[0], self.front.source
        n, pixels = layer.n_connections, np.s_[:: source.height * source.width]
        center, scale = (values[pixels][layer.places[0]] for values in (center, scale))
        weight, bias = self.weight.copy(), self.bias.copy()
        with np.errstate(over="ignore", invalid="ignore"):  # callers look whether it is finite
            own = self.weight[:n] / scale
            shift = np.bincount(layer.targets, own * center, minlength=layer.n_maps)
            weight[:n], bias[: layer.n_maps] = own, self.bias[: layer.n_maps] - shift
        return replace(self, weight=weight, bias=bias, moments=())

    def fold_output_scaling(self, center, scale) -> MapNetwork:
        """Network with the outputs scale * z + center where this one has z."""
        return self._with_tail(self.tail.fold_output_scaling(center, scale)).without_moments()

    def keep(self, connections) -> Self:
        """Drop connections, and with them whatever the rest has no use for.

        As for neurons: maps without a path to an output go, and maps without a path from the image
        are constants that are folded into the biases behind them. One that isn't zero stays where
        padding reads over its edge, which would change, and where only a part of it is computed.
        """
        if len(connections) != self.n_connections:
            raise ValueError(f"{len(connections)} flags for {self.n_connections} connections.")
        n_images, n_outputs, indptr, indices = self.graph
        bias, living = self._bias_and_living(connections)
        used = np.zeros(n_images + len(indptr) - 1, dtype=bool)
        used[indices[living]] = True
        used[:n_images] = used[len(used) - n_outputs :] = True
        front, read = self._kept_front(living, used)
        flags = living[self.front.n_connections :]
        neurons = used[n_images + self.front.n_maps : len(used) - n_outputs]
        topology = _kept_topology(self.topology, flags, read, neurons)
        target = used[n_images:]
        moments = tuple((w[living], b[target]) for w, b in self.moments)
        return replace(
            self,
            topology=topology,
            front=front,
            weight=self.weight[living],
            bias=bias[target],
            moments=moments,
        )

    def _bias_and_living(self, connections) -> tuple[np.ndarray, np.ndarray]:
        """Biases with the constants of maps and neurons that go, and the connections that stay."""
        n_images, n_outputs, indptr, indices = self.graph
        weight = self.weight
        bias = _edit.absorb_constants(n_images, indptr, indices, connections, weight, self.bias)
        constant = ~_walks.fed(n_images, indptr, indices, connections) & (bias > 0)
        stays = np.flatnonzero(constant & (self._read_with_padding() | self._is_partial()))
        if not len(stays):
            return bias, _walks.living_connections(
                n_images, n_outputs, indptr, indices, connections
            )
        # as if each of them had one more connection from the image, of weight zero
        at = indptr[stays + 1]
        own = np.ones(len(indices) + len(at), dtype=bool)
        own[at + np.arange(len(at))] = False
        rows = indptr + np.searchsorted(stays, np.arange(len(indptr))).astype(indptr.dtype)
        graph = rows, np.insert(indices, at, 0)
        kept = np.insert(connections, at, True)
        bias = _edit.absorb_constants(n_images, *graph, kept, np.insert(weight, at, 0), self.bias)
        return bias, _walks.living_connections(n_images, n_outputs, *graph, kept)[own]

    def _read_with_padding(self) -> np.ndarray:
        """Which targets are maps that the next convolution reads with zeros around them."""
        layers = self.front.layers
        padded = [after.padding > 0 for after in layers[1:]] + [False]
        maps = np.repeat(padded[: len(layers)], [layer.n_maps for layer in layers]).astype(bool)
        return np.append(maps, np.zeros(self.topology.n_targets, dtype=bool))

    def _is_partial(self) -> np.ndarray:
        """Which targets are maps that are zero at some positions, whatever their biases."""
        of_layers = [
            np.zeros(layer.n_maps, dtype=bool)
            if layer.area is None
            else ~layer.area.all(axis=(1, 2))
            for layer in self.front.layers
        ]
        return np.concatenate([*of_layers, np.zeros(self.topology.n_targets, dtype=bool)])

    def _kept_front(self, living, used) -> tuple[MapFront, np.ndarray]:
        """The front that is left, and which numbers of its last stage there are still."""
        stages: list = []
        begin = 0
        maps = used[: self.front.source.n_maps]
        first = len(maps)
        for stage in self.front.stages:
            source = MapShape(int(maps.sum()), *stage.source[1:])
            if not isinstance(stage, SparseConv2d):
                stages.append(type(stage)(source, stage.window))
                continue
            flags = living[begin : begin + stage.n_connections]
            own = used[first : first + stage.n_maps]
            stages.append(stage.restrict(flags, maps, own))
            begin, first, maps = begin + stage.n_connections, first + stage.n_maps, own
        return MapFront(tuple(stages)), np.repeat(maps, self._area)

    def connect(self, targets, sources, weight=None) -> Self:
        """Add connections between inputs of the topology and neurons."""
        return self._with_tail(self.tail.connect(targets, sources, weight))

    def insert(
        self, positions, layer_sizes, targets=(), sources=(), weight=None, exits=None
    ) -> Self:
        """Add hidden neurons, and connections between inputs of the topology and neurons."""
        new = (targets, sources, weight, exits)
        return self._with_tail(self.tail.insert(positions, layer_sizes, *new))

    def duplicate(self, neurons, noise, rng, *, split=True) -> Self:
        """Add a copy of each given hidden neuron next to it in the order."""
        return self._with_tail(self.tail.duplicate(neurons, noise, rng, split=split))

    def wake(self, places) -> Self:
        """Activate dormant connections, with weight zero; places are counted through all layers."""
        places = np.sort(places)
        stages: list = []
        begin = 0
        ends = iter(np.cumsum([layer.n_allowed for layer in self.front.layers]))
        starts = _Growing(self)
        for stage in self.front.stages:
            if isinstance(stage, SparseConv2d):
                end = next(ends)
                own = places[(places >= begin) & (places < end)] - begin
                stage, begin = starts.add(stage, own), end
            stages.append(stage)
        grown = starts.finish(MapFront(tuple(stages)))
        own = places[places >= begin] - begin
        return grown._with_tail(grown.tail.wake(own)) if len(own) else grown

    def _with_tail(self, tail) -> Self:
        w, b = self.front.n_connections, self.front.n_maps

        def joined(mine, its, n) -> np.ndarray:
            return np.append(mine[:n], its)

        pairs = zip(self.moments, tail.moments, strict=True)
        moments = tuple((joined(m[0], n[0], w), joined(m[1], n[1], b)) for m, n in pairs)
        return replace(
            self,
            topology=tail.topology,
            weight=joined(self.weight, tail.weight, w),
            bias=joined(self.bias, tail.bias, b),
            moments=moments,
        )


class _Growing:
    """Where the weights of a network with new connections in its front come from."""

    def __init__(self, network: MapNetwork) -> None:
        self.network, self.begin = network, 0
        self.origin: list[np.ndarray] = []

    def add(self, layer: SparseConv2d, places: np.ndarray) -> SparseConv2d:
        """The layer with connections at these places."""
        n = layer.n_sources
        there = layer.own_places()
        all_places = np.append(there, places)
        order = np.argsort(all_places, kind="stable")
        old = np.append(np.arange(self.begin, self.begin + len(there)), np.full(len(places), -1))
        self.origin.append(old[order])
        self.begin += layer.n_connections
        targets, indices = np.divmod(all_places[order], n)
        indptr = np.append(0, np.cumsum(np.bincount(targets, minlength=layer.n_maps)))
        return replace(layer, indptr=indptr, indices=indices)

    def finish(self, front: MapFront) -> Any:
        """The network with the new front; new weights are zero."""
        rest = np.arange(self.begin, len(self.network.weight))
        origin = np.concatenate([*self.origin, rest])

        def moved(values) -> np.ndarray:
            return np.where(origin < 0, 0, values[origin]).astype(values.dtype)

        moments = tuple((moved(w), b) for w, b in self.network.moments)
        return replace(
            self.network, front=front, weight=moved(self.network.weight), moments=moments
        )


def _kept_topology(t, living, read, neurons) -> Topology:
    """The neurons that are left, of inputs that are left."""
    source = np.append(read, neurons)
    target = np.append(neurons, np.ones(t.n_outputs, dtype=bool))
    position = np.cumsum(source) - 1
    counts, _ = _rows.count_kept(len(source), *t.csr, living)
    return Topology.adopt(
        int(read.sum()),
        t.n_outputs,
        np.append(0, np.cumsum(counts[target])),
        position[t.indices[living]],
        _edit.count_layers(t.layer_sizes, neurons),
        _exits.counted(t.exits, neurons),
    )
