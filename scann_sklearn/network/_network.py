"""A network: a topology with its weights, its biases and the optimizer's memory of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from scann_sklearn.network import _edit, _exits, _inference, _rows, _walks
from scann_sklearn.network._layered import LayeredMixin
from scann_sklearn.network._topology import Topology
from scann_sklearn.network._values import as_values


@dataclass(frozen=True, eq=False)
class Network(LayeredMixin):
    """Weights and biases of a sparse feed-forward network of ReLU neurons.

    The operations of the synthesis take a network and return a new one.

    Parameters
    ----------
    topology : Topology
        The connections that exist.
    weight : ndarray of shape (n_connections,)
        Weight of each connection, in the order of `topology.indices`.
    bias : ndarray of shape (n_targets,)
        Bias of each hidden neuron and output.
    moments : tuple of (ndarray, ndarray), default=()
        The optimizer's moments: pairs of arrays like `weight` and `bias`. They follow their
        connections through every operation; those of a new connection are zero.
    n_updates : int, default=0
        Number of optimizer updates that have gone into the moments.
    """

    topology: Topology
    weight: np.ndarray
    bias: np.ndarray
    moments: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    n_updates: int = 0

    def __repr__(self) -> str:
        return f"Network({self.topology!r})"

    def __post_init__(self) -> None:
        # The compiled code checks neither lengths nor types, and takes one layout.
        dtype = np.asarray(self.weight).dtype
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"weight must be of dtype float32 or float64, got {dtype}.")

        def check(weight, bias, of="") -> tuple[np.ndarray, np.ndarray]:
            return (
                as_values(weight, dtype, self.n_connections, f"weights{of}", "connections"),
                as_values(bias, dtype, self.n_biases, f"biases{of}", "targets"),
            )

        weight, bias = check(self.weight, self.bias)
        moments = tuple(check(*pair, " in moments") for pair in self.moments)
        for name, value in (("weight", weight), ("bias", bias), ("moments", moments)):
            object.__setattr__(self, name, value)

    @classmethod
    def initialize(cls, topology, rng, dtype=np.float64) -> Self:
        """Network with random weights and zero biases.

        Parameters
        ----------
        topology : Topology
            The connections that exist.
        rng : int or numpy.random.Generator
            Source of the weights, which are uniform in ±sqrt(6 / n), where n is the number of
            incoming connections of the target (He et al., 2015). Those of outputs have half of
            that variance.
        dtype : dtype, default=numpy.float64
            Type of the weights.

        Returns
        -------
        network : Network
            The initialised network.
        """
        rng = np.random.default_rng(rng)
        fan_in = np.diff(topology.indptr)
        gain = np.full(topology.n_targets, 6.0)
        gain[topology.n_hidden :] = 3.0
        bound = np.sqrt(gain / np.maximum(fan_in, 1))
        weight = np.empty(topology.n_connections, dtype)
        for part, targets in _rows.parts(topology.indptr):
            weight[part] = rng.uniform(-1, 1, len(targets)) * bound[targets]
        return cls(topology, weight, np.zeros(topology.n_targets, dtype))

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers. `weight` holds their weights one after the other."""
        return (self.topology,)

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.topology.n_inputs

    @property
    def minimum_connections(self) -> int:
        """Smallest number of connections with which the inputs reach every output."""
        return self.topology.minimum_connections

    @property
    def n_biases(self) -> int:
        """Number of hidden neurons and outputs."""
        return self.topology.n_targets

    @property
    def graph(self) -> tuple[int, int, np.ndarray, np.ndarray]:
        """Numbers of inputs and outputs, and `indptr` and `indices` of the connections (CSR)."""
        return (self.topology.n_inputs, self.topology.n_outputs, *self.topology.csr)

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return self.topology.n_hidden

    def decision_function(self, X) -> np.ndarray:
        """Compute the outputs before softmax or the logistic function.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
            Samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            One column per output.
        """
        t = self.topology
        X = _inference.check_samples(X, t.n_inputs, self.weight.dtype)
        return _inference.outputs(X, t.n_outputs, *t.csr, self.weight, self.bias)

    def hidden_activations(self, X) -> np.ndarray:
        """Compute the activations of the hidden neurons.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
            Samples.

        Returns
        -------
        activations : ndarray of shape (n_hidden, n_samples)
            One row per neuron.
        """
        t = self.topology
        X = _inference.check_samples(X, t.n_inputs, self.weight.dtype)
        both = _inference.activations(X, t.n_outputs, *t.csr, self.weight, self.bias)
        return both[0][t.n_inputs :]

    def without_moments(self) -> Network:
        """Drop the optimizer's moments.

        Returns
        -------
        network : Network
            Network with the same weights and biases.
        """
        return Network(self.topology, self.weight, self.bias)

    def copy(self) -> Self:
        """Copy the network, with arrays of its own that are writable.

        Returns
        -------
        network : Network
            The copy; the topology, which never changes, is shared.
        """
        moments = tuple((w.copy(), b.copy()) for w, b in self.moments)
        return replace(self, weight=self.weight.copy(), bias=self.bias.copy(), moments=moments)

    def keep(self, connections) -> Self:
        """Drop connections, and neurons that have lost their function.

        Neurons without a path to an output are dropped. A neuron without a path from the inputs is
        a constant: it is folded into the biases of its targets and dropped too.

        Parameters
        ----------
        connections : ndarray of bool of shape (n_connections,)
            The connections to keep.

        Returns
        -------
        network : Network
            The remaining network.
        """
        t = self.topology
        if len(connections) != t.n_connections:
            raise ValueError(f"{len(connections)} flags for {t.n_connections} connections.")
        connections = np.asarray(connections, dtype=bool)
        n = np.count_nonzero(connections)
        if 2 * n > len(connections):
            return self._without_dead(connections)
        # few stay: what goes is passed over once, and not in every step that follows
        return self._only(connections, n)._without_dead(np.ones(n, dtype=bool))

    def _only(self, connections, n) -> Self:
        """The n connections alone, between the same neurons."""
        t = self.topology
        indptr, indices, numbers = _rows.kept_csr(*t.csr, connections, n)
        shape, exits = (t.n_inputs, t.n_outputs), (t.exits, t.exit_inputs)
        topology = Topology.adopt(*shape, indptr, indices, t.layer_sizes, *exits)
        moments = tuple((w[numbers], b) for w, b in self.moments)
        return replace(self, topology=topology, weight=self.weight[numbers], moments=moments)

    def _without_dead(self, connections) -> Self:
        """Those of the connections that live; constants go into biases."""
        t = self.topology
        bias = _edit.absorb_constants(t.n_inputs, *t.csr, connections, self.weight, self.bias)
        living = _walks.living_connections(t.n_inputs, t.n_outputs, *t.csr, connections)
        counts, heard = _rows.count_kept(t.n_inputs + t.n_hidden, *t.csr, living)
        neuron = heard[t.n_inputs :]
        target = np.append(neuron, np.ones(t.n_outputs, dtype=bool))
        topology = Topology.adopt(
            t.n_inputs,
            t.n_outputs,
            np.append(0, np.cumsum(counts[target])),
            _edit.new_positions(t.n_inputs, neuron)[t.indices[living]],
            _edit.count_layers(t.layer_sizes, neuron),
            _exits.counted(t.exits, neuron),
            t.exit_inputs,
        )
        moments = tuple((w[living], b[target]) for w, b in self.moments)
        return replace(
            self, topology=topology, weight=self.weight[living], bias=bias[target], moments=moments
        )

    def wake(self, places) -> Self:
        """Activate dormant connections, with weight zero.

        Parameters
        ----------
        places : ndarray of int
            Indices of the connections among all allowed ones, counted through all layers.

        Returns
        -------
        network : Network
            The network with the new connections. Its function is the same.
        """
        places = np.asarray(places)
        if (places[1:] < places[:-1]).any():
            places = np.sort(places)
        return self._with_rows(*self.topology.places.rows(places))

    def connect(self, targets, sources, weight=None) -> Self:
        """Add connections.

        Parameters
        ----------
        targets, sources : ndarray of int of shape (n_new,)
            Targets and sources of the new connections, none of which may exist already.
        weight : ndarray of shape (n_new,), default=None
            Weights of the new connections. If None, they are zero, so that the function is the
            same.

        Returns
        -------
        network : Network
            The network with the new connections.
        """
        t = self.topology
        sources = np.asarray(sources, dtype=t.indices.dtype)
        targets = np.asarray(targets, dtype=np.int32)
        if len(targets) and not 0 <= targets.min() <= targets.max() < t.n_targets:
            raise ValueError(
                f"targets run from {targets.min()} to {targets.max()}, but there are {t.n_targets}."
            )
        order = np.lexsort((sources, targets))
        indptr = np.append(0, np.cumsum(np.bincount(targets, minlength=t.n_targets)))
        new = 0 if weight is None else np.asarray(weight, self.weight.dtype)[order]
        return self._with_rows(indptr, sources[order], new)

    def _with_rows(self, new_indptr, sources, new=0) -> Self:
        """The network with new connections, given as CSR."""
        t = self.topology
        indptr, indices, old = _rows.merged(*t.csr, new_indptr, sources)
        shape = (t.n_inputs, t.n_outputs)
        exits = (t.exits, t.exit_inputs)
        topology = Topology.adopt(*shape, indptr, indices, t.layer_sizes, *exits)

        def extend(values, new=0) -> np.ndarray:
            longer = np.empty(len(old), values.dtype)
            longer[old], longer[~old] = values, new
            return longer

        moments = tuple((extend(w), b) for w, b in self.moments)
        return replace(self, topology=topology, weight=extend(self.weight, new), moments=moments)

    def insert(
        self, positions, layer_sizes, targets=(), sources=(), weight=None, exits=None
    ) -> Self:
        """Add hidden neurons with a bias of zero, and connections.

        Parameters
        ----------
        positions : ndarray of int
            Positions of the new neurons among the hidden neurons, each at most once.
        layer_sizes : tuple of int or None
            The new sizes of the layers. None if the network has no layers.
        targets, sources : ndarray of int of shape (n_new,), default=()
            Targets and sources of new connections in the larger network, see `connect`.
        weight : ndarray of shape (n_new,), default=None
            Weights of the new connections. If None, they are zero.
        exits : tuple of int, default=None
            The new `exits` of the topology. If None, new neurons between two sections belong to the
            first of them.

        Returns
        -------
        network : Network
            The larger network. If `weight` is None, its function is the same.
        """
        t = self.topology
        old = np.ones(t.n_targets + len(positions), dtype=bool)
        old[positions] = False
        fan_in = np.zeros(len(old), dtype=np.int64)
        fan_in[old] = np.diff(t.indptr)
        place = np.append(np.arange(t.n_inputs), t.n_inputs + np.flatnonzero(old))
        topology = Topology.adopt(
            t.n_inputs,
            t.n_outputs,
            np.append(0, np.cumsum(fan_in)),
            place[t.indices],
            layer_sizes,
            _exits.among_more(t.exits, old[: len(old) - t.n_outputs]) if exits is None else exits,
            t.exit_inputs,
        )

        def spread(bias) -> np.ndarray:
            wider = np.zeros(len(old), bias.dtype)
            wider[old] = bias
            return wider

        moments = tuple((w, spread(b)) for w, b in self.moments)
        wider = replace(self, topology=topology, bias=spread(self.bias), moments=moments)
        return wider.connect(targets, sources, weight) if len(targets) else wider

    def duplicate(self, neurons, noise, rng, *, split=True) -> Self:
        """Add a copy of each given hidden neuron, next to it in the order.

        The copy gets its parent's incoming weights, with noise. Outgoing weights are shared between
        both, so that the function is preserved up to the noise, or copied too, with noise.

        Parameters
        ----------
        neurons : ndarray of int
            The hidden neurons to duplicate, each at most once.
        noise : float
            Standard deviation of the noise on the copy's weights, as a share of the root mean
            square of those that come into it, and of those that leave it.
        rng : int or numpy.random.Generator
            Source of the noise.
        split : bool, default=True
            Whether the outgoing weights are shared, rather than copied.

        Returns
        -------
        network : Network
            The larger network.
        """
        t, rng = self.topology, np.random.default_rng(rng)
        copied = np.zeros(t.n_hidden, dtype=bool)
        copied[neurons] = True
        indptr, indices, origin = _edit.duplicate_connections(
            t.n_inputs, t.n_outputs, *t.csr, copied
        )
        target_origin = np.repeat(
            np.arange(t.n_targets), np.append(copied, np.zeros(t.n_outputs, dtype=bool)) + 1
        )
        twin = np.append(False, target_origin[1:] == target_origin[:-1])
        layer_sizes = _edit.count_layers(t.layer_sizes, 1 + copied)
        exits = _exits.counted(t.exits, 1 + copied)
        shape = (t.n_inputs, t.n_outputs)
        topology = Topology.adopt(*shape, indptr, indices, layer_sizes, exits, t.exit_inputs)

        shared = np.append(np.zeros(t.n_inputs, dtype=bool), copied)[t.indices]
        weight = np.where(shared & split, self.weight / 2, self.weight)[origin]
        size = _edit.incoming_rms(t.csr[0], self.weight)[target_origin][topology.targets]
        disturbed = twin[topology.targets]
        if not split:
            leaving = np.append(np.zeros(t.n_inputs, dtype=bool), twin)[topology.indices]
            outgoing = _edit.outgoing_rms(t.indices, self.weight, t.n_inputs + t.n_targets)
            size = np.where(disturbed, size, outgoing[t.indices[origin]])
            disturbed = disturbed | leaving
        weight[disturbed] += noise * (size * rng.standard_normal(len(weight)))[disturbed]
        moments = tuple((w[origin], b[target_origin]) for w, b in self.moments)
        return replace(
            self,
            topology=topology,
            weight=weight.astype(self.weight.dtype, copy=False),
            bias=self.bias[target_origin],
            moments=moments,
        )

    def fold_input_scaling(self, center, scale) -> Network:
        """Make the same network for raw X, given that this one takes (X - center) / scale.

        Parameters
        ----------
        center, scale : ndarray of shape (n_inputs,)
            The scaling of the inputs.

        Returns
        -------
        network : Network
            The same function of unscaled inputs, without the optimizer's moments.
        """
        t = self.topology
        from_input = t.indices < t.n_inputs
        source = np.where(from_input, t.indices, 0)
        dtype = self.weight.dtype
        with np.errstate(over="ignore", invalid="ignore"):  # callers look whether it is finite
            weight = np.where(from_input, self.weight / scale[source], self.weight)
            shift = np.where(from_input, weight * center[source], 0.0)
            bias = self.bias - np.bincount(t.targets, shift, minlength=t.n_targets)
            return Network(t, weight.astype(dtype), bias.astype(dtype))

    def fold_output_scaling(self, center, scale) -> Network:
        """Make the network whose outputs are scale * z + center, where z are those of this one.

        Parameters
        ----------
        center, scale : ndarray of shape (n_outputs,)
            The scaling of the outputs.

        Returns
        -------
        network : Network
            Network with scaled outputs, without the optimizer's moments.
        """
        t, dtype = self.topology, self.weight.dtype
        factor, shift = np.ones(t.n_targets), np.zeros(t.n_targets)
        factor[t.n_hidden :], shift[t.n_hidden :] = scale, center
        with np.errstate(over="ignore", invalid="ignore"):  # callers look whether it is finite
            weight = (self.weight * factor[t.targets]).astype(dtype)
            return Network(t, weight, (self.bias * factor + shift).astype(dtype))
