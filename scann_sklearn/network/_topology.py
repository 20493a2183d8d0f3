"""Which connections of a feed-forward network exist, and which are allowed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from scann_sklearn.network import _exits, _rows, _walks
from scann_sklearn.network._allowed import allowed_sources, check_room, count_allowed
from scann_sklearn.network._dormant import Places


@dataclass(frozen=True, eq=False)
class Topology:
    """Connections of a feed-forward network: one sparse boolean matrix, targets x sources.

    Sources are the inputs, followed by the hidden neurons in topological order. Targets are the
    hidden neurons in the same order, followed by the outputs. The depth is not a parameter: it is
    the length of the longest path through the connections that exist.

    Parameters
    ----------
    n_inputs : int
        Number of inputs.
    n_outputs : int
        Number of outputs.
    indptr : ndarray of shape (n_targets + 1,)
        Positions in `indices` at which the connections of each target begin and end (CSR).
    indices : ndarray of shape (n_connections,)
        Source of every connection, in ascending order within a target.
    layer_sizes : tuple of int, default=None
        Number of neurons in each hidden layer of a multilayer perceptron, in which only
        connections between adjacent layers are allowed. If None, a target may read any input and
        any earlier hidden neuron.
    exits : tuple of int, default=None
        Early exits: the outputs form one group per exit, all of the same size, one after the
        other. Those of group e read only the first ``exits[e]`` hidden neurons; in a network with
        layers, only those in the last layer of these. The numbers ascend, and the last one is the
        number of hidden neurons. If None, there is one group.
    exit_inputs : tuple of int, default=None
        With exits, number of inputs that each may read: those of section e, whether outputs or
        hidden neurons, read only the first ``exit_inputs[e]``. The numbers ascend to `n_inputs`.
        Hidden neurons must be in one layer. If None, all inputs are read in the first section.

    Attributes
    ----------
    csr : tuple of (ndarray, ndarray)
        The memory of `indptr` and `indices`, for the compiled code, which takes read-only arrays
        for another type. Don't write to it: the compiled code doesn't check indices.

    Raises
    ------
    ValueError
        If a connection is not allowed or is out of order, or if the arrays don't fit together.

    Notes
    -----
    The arrays are copied and read-only, so that they stay valid.
    """

    n_inputs: int
    n_outputs: int
    indptr: np.ndarray
    indices: np.ndarray
    layer_sizes: tuple[int, ...] | None = None
    exits: tuple[int, ...] | None = None
    exit_inputs: tuple[int, ...] | None = None
    csr: tuple[np.ndarray, np.ndarray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._hold(copy=True)

    @classmethod
    def adopt(
        cls, n_inputs, n_outputs, indptr, indices, layer_sizes=None, exits=None, exit_inputs=None
    ) -> Self:
        """Make a topology of new arrays without copying them; nothing else may hold them.

        Parameters
        ----------
        n_inputs : int
            Number of inputs.
        n_outputs : int
            Number of outputs.
        indptr : ndarray of shape (n_targets + 1,)
            As for the class.
        indices : ndarray of shape (n_connections,)
            As for the class.
        layer_sizes, exits, exit_inputs : tuple of int, default=None
            As for the class.

        Returns
        -------
        topology : Topology
            The connections, checked.
        """
        topology = object.__new__(cls)
        given = (n_inputs, n_outputs, indptr, indices, layer_sizes, exits, exit_inputs)
        for name, value in zip(_NAMES, given, strict=True):
            object.__setattr__(topology, name, value)
        topology._hold(copy=None)
        return topology

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _NAMES}

    def __setstate__(self, state) -> None:
        type(self).__init__(self, **{name: state[name] for name in _NAMES if name in state})

    def _hold(self, copy) -> None:
        arrays = tuple(_as_int32(getattr(self, name), name, copy) for name in ("indptr", "indices"))
        object.__setattr__(self, "csr", arrays)
        for name, array in zip(("indptr", "indices"), arrays, strict=True):
            object.__setattr__(self, name, read_only(array))
        self._check_indptr()
        if self.layer_sizes is not None and sum(self.layer_sizes) != self.n_hidden:
            raise ValueError(
                f"layer_sizes={self.layer_sizes} hold {sum(self.layer_sizes)} neurons, "
                f"but the connections describe {self.n_hidden}."
            )
        if self.exits is not None or self.exit_inputs is not None:
            _exits.check_exits(self)
        self._check_indices()

    def _check_indptr(self) -> None:
        if not 1 <= self.n_outputs <= self.n_targets:
            raise ValueError(
                f"indptr of length {len(self.indptr)} describes {max(self.n_targets, 0)} targets, "
                f"but there are {self.n_outputs} outputs."
            )
        if self.indptr[0] != 0 or self.indptr[-1] != len(self.indices):
            raise ValueError(
                f"indptr runs from {self.indptr[0]} to {self.indptr[-1]}, "
                f"but there are {len(self.indices)} connections."
            )
        falls = np.flatnonzero(self.indptr[1:] < self.indptr[:-1])  # a difference might overflow
        if len(falls):
            t = int(falls[0])
            raise ValueError(
                f"indptr must not fall, but it goes from {self.indptr[t]} to "
                f"{self.indptr[t + 1]} at target {t}."
            )

    def _check_indices(self) -> None:
        first, last = self._allowed_sources()
        outside, falling = _rows.faults(*self.csr, first, last)
        at = outside if outside >= 0 else falling
        if at < 0:
            return
        t = int(np.searchsorted(self.indptr, at, side="right")) - 1
        if outside >= 0:
            raise ValueError(
                f"The connection from source {self.indices[at]} to target {t} is not allowed: "
                f"target {t} takes sources {first[t]} to {last[t] - 1}."
            )
        raise ValueError(
            f"The sources of a target must ascend, but {self.indices[at + 1]} follows "
            f"{self.indices[at]} at target {t}."
        )

    def __repr__(self) -> str:
        return (
            f"Topology(inputs={self.n_inputs}, hidden={self.n_hidden}, outputs={self.n_outputs}, "
            f"connections={self.n_connections}, allowed={self.n_allowed}, depth={self.depth})"
        )

    @classmethod
    def from_mask(cls, mask, n_inputs, n_outputs, layer_sizes=None) -> Self:
        """Make a topology of a dense boolean mask.

        Parameters
        ----------
        mask : array-like of shape (n_hidden + n_outputs, n_inputs + n_hidden)
            Which connections exist, targets x sources.
        n_inputs : int
            Number of inputs.
        n_outputs : int
            Number of outputs.
        layer_sizes : tuple of int, default=None
            As for the class.

        Returns
        -------
        topology : Topology
            Topology with the connections of the mask.

        Raises
        ------
        ValueError
            If the mask has another shape, or if one of its connections is not allowed.
        """
        mask = np.asarray(mask, dtype=bool)
        n_hidden = mask.shape[0] - n_outputs
        if mask.ndim != 2 or mask.shape[1] != n_inputs + n_hidden:
            raise ValueError(
                f"mask of shape {mask.shape} doesn't fit {n_inputs} inputs and "
                f"{n_outputs} outputs: expected (n_hidden + {n_outputs}, {n_inputs} + n_hidden)."
            )
        indptr = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
        indices = np.nonzero(mask)[1]
        return cls.adopt(n_inputs, n_outputs, indptr, indices, layer_sizes)

    @classmethod
    def dense(cls, n_inputs, n_outputs, *, layer_sizes=None, n_hidden=None) -> Self:
        """Make a topology with every allowed connection.

        Parameters
        ----------
        n_inputs : int
            Number of inputs.
        n_outputs : int
            Number of outputs.
        layer_sizes : tuple of int, default=None
            Hidden layers of a multilayer perceptron.
        n_hidden : int, default=None
            Number of hidden neurons of a network without layers.

        Returns
        -------
        topology : Topology
            The fully connected topology.

        Raises
        ------
        ValueError
            If not exactly one of `layer_sizes` and `n_hidden` is given, or if there would be more
            connections than 32-bit indices can count.
        MemoryError
            If a network with this number of connections doesn't fit into memory.
        """
        if (layer_sizes is None) == (n_hidden is None):
            raise ValueError(
                f"Give one of layer_sizes and n_hidden, got {layer_sizes=} and {n_hidden=}."
            )
        if layer_sizes is not None:
            layer_sizes = tuple(map(int, layer_sizes))
            n_hidden = sum(layer_sizes)
        n_inputs, n_hidden, n_outputs = int(n_inputs), int(n_hidden), int(n_outputs)
        check_room(count_allowed(n_inputs, n_hidden, n_outputs, layer_sizes))
        first, last = allowed_sources(n_inputs, n_hidden, n_outputs, layer_sizes)
        indptr = np.concatenate([[0], np.cumsum(last - first)])
        indices = _rows.every_source(first, last)
        return cls.adopt(n_inputs, n_outputs, indptr, indices, layer_sizes)

    @property
    def n_targets(self) -> int:
        """Number of hidden neurons and outputs."""
        return len(self.indptr) - 1

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return self.n_targets - self.n_outputs

    @property
    def n_connections(self) -> int:
        """Number of connections that exist; biases are not connections."""
        return len(self.indices)

    @cached_property
    def allowed_sources(self) -> tuple[np.ndarray, np.ndarray]:
        """First and one past the last source that each target may read, as two arrays."""
        first, last = self._allowed_sources()
        return read_only(first), read_only(last)

    def _allowed_sources(self) -> tuple[np.ndarray, np.ndarray]:
        shape = (self.n_inputs, self.n_hidden, self.n_outputs, self.layer_sizes)
        return allowed_sources(*shape, self.exits, self.exit_inputs)

    @cached_property
    def n_allowed(self) -> int:
        """Number of connections that are allowed."""
        first, last = self.allowed_sources
        return int((last - first).sum())

    @property
    def n_multiplications(self) -> int:
        """Number of multiplications of one inference: one per connection."""
        return self.n_connections

    @cached_property
    def places(self) -> Places:
        """Numbering of the allowed connections, for growth."""
        first, last = self.allowed_sources
        return Places(first, last, self.csr)

    def dormant(self) -> np.ndarray:
        """Find the connections that are allowed but don't exist.

        Returns
        -------
        places : ndarray of int
            Their positions among all allowed connections, in ascending order.
        """
        return self.places.dormant()

    def candidates(self, signals) -> Iterator[tuple[int, np.ndarray]]:
        """Yield absolute gradients of allowed connections, block by block.

        Parameters
        ----------
        signals : Signals or SparseSignals
            Activations and gradients of a batch.

        Yields
        ------
        first : int
            Position of the first connection of a block among all allowed ones.
        size : ndarray
            Absolute gradient at each position; -1 at connections that exist.
        """
        yield from self.places.candidates(signals)

    def saliency(self, weight, signals, sample_weight) -> np.ndarray:
        """Importance of each connection: abs(weight) · E abs(delta) · E abs(activation).

        Parameters
        ----------
        weight : ndarray of shape (n_connections,)
            Weight of each connection.
        signals : Signals or SparseSignals
            Activations and gradients of a batch.
        sample_weight : ndarray of shape (n_samples,)
            Weights of its samples.

        Returns
        -------
        saliency : ndarray of shape (n_connections,)
            Importance of each connection. Not finite if training has diverged, which raises an
            error after the next epoch.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            sizes = [
                np.average(np.abs(values), axis=1, weights=sample_weight)
                for _, values in signals.blocks()
            ]
            # the loss is a weighted mean, and so is its gradient
            slope = np.abs(signals.delta).sum(axis=1)
            size = np.concatenate(sizes)
            saliency = np.empty(len(weight), np.result_type(weight, slope, size))
            for part, targets in _rows.parts(self.indptr):
                saliency[part] = np.abs(weight[part]) * slope[targets] * size[self.indices[part]]
            return saliency

    @property
    def density(self) -> float:
        """Share of the allowed connections that exist."""
        return self.n_connections / max(self.n_allowed, 1)

    @cached_property
    def minimum_connections(self) -> int:
        """Smallest number of connections with which the inputs reach every output."""
        n_layers = 0 if self.layer_sizes is None else len(self.layer_sizes)
        return n_layers + self.n_outputs

    @property
    def targets(self) -> np.ndarray:
        """Target of every connection, of shape (n_connections,)."""
        return np.repeat(np.arange(self.n_targets, dtype=np.int32), np.diff(self.indptr))

    @cached_property
    def used_inputs(self) -> np.ndarray:
        """Indices of the connected inputs, in ascending order."""
        return read_only(_walks.used_inputs(self.n_inputs, self.csr[1]))

    @cached_property
    def levels(self) -> np.ndarray:
        """Length of the longest path into each target, of shape (n_targets,).

        0 if a target has no sources, 1 if all of its sources are inputs.
        """
        return read_only(_walks.levels(self.n_inputs, *self.csr))

    @property
    def depth(self) -> int:
        """Number of connections on the longest path from an input to an output."""
        return int(self.levels[self.n_hidden :].max(initial=0))

    @property
    def reached_outputs(self) -> np.ndarray:
        """Whether each output is reached from an input, of shape (n_outputs,)."""
        everything = np.ones(self.n_connections, dtype=bool)
        reached = _walks.fed(self.n_inputs, *self.csr, everything)
        return reached[self.n_hidden :]

    def as_layers(self) -> Self:
        """Make a multilayer perceptron with the same connections.

        Returns
        -------
        topology : Topology
            Topology whose layers are the levels of the hidden neurons.

        Raises
        ------
        ValueError
            If a connection skips a level, or if a hidden neuron has no incoming connection.
        """
        sizes = np.bincount(self.levels[: self.n_hidden], minlength=1)[1:]
        return replace(self, layer_sizes=tuple(sizes.tolist()))

    def to_mask(self) -> np.ndarray:
        """Convert to a dense boolean mask; its size is feasible for small networks only.

        Returns
        -------
        mask : ndarray of bool of shape (n_targets, n_inputs + n_hidden)
            Which connections exist.
        """
        mask = np.zeros((self.n_targets, self.n_inputs + self.n_hidden), dtype=bool)
        mask[self.targets, self.indices] = True
        return mask


_NAMES = tuple(field.name for field in fields(Topology) if field.init)


def read_only(array) -> np.ndarray:
    """View of an array that can't be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def _as_int32(array, name, copy) -> np.ndarray:
    """One integer type for the compiled code and for scipy.sparse; numbers beyond it are errors."""
    array = np.asarray(array)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"{name} must be integers in one dimension, got {array.dtype} of shape {array.shape}."
        )
    limits = np.iinfo(np.int32)
    if array.dtype != np.int32 and array.size:
        low, high = array.min(), array.max()
        if low < limits.min or high > limits.max:
            raise ValueError(f"{name} must fit in 32 bits, got numbers from {low} to {high}.")
    return np.array(array, dtype=np.int32, order="C", copy=copy)
