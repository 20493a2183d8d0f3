"""Prediction with early exits: what is behind an exit is computed for samples that go on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.heads._exits import Exits
from scann_sklearn.network import _exits
from scann_sklearn.network._saturation import finite_outputs

# Samples at a time. They are filled up to a multiple of what the processor computes at once, so
# that the result of one doesn't depend on its neighbours.
_ROWS, _LANES = 512, 64


class Samples(Protocol):
    """Samples that go from exit to exit, a few at a time."""

    at_once: int

    def __len__(self) -> int:
        """Number of samples."""

    def rows(self, rows: slice) -> Any:
        """Those that set out together: see `TableRows`."""

    def whole(self, rows: np.ndarray) -> np.ndarray:
        """Inputs of some of them, dense."""


class Table:
    """Samples whose inputs are there.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs)
        The inputs.
    """

    at_once = _ROWS

    def __init__(self, X: Any) -> None:
        self.X = X

    def __len__(self) -> int:
        return self.X.shape[0]

    def rows(self, rows: slice) -> TableRows:
        """Some of them."""
        return TableRows(self.X[rows])

    def whole(self, rows: np.ndarray) -> np.ndarray:
        """Inputs of some of them, dense."""
        return self.X[rows].toarray() if issparse(self.X) else self.X[rows]


class TableRows:
    """Some samples of a table, all of whose inputs are read ahead of the first exit.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs)
        Their inputs.
    """

    def __init__(self, X: Any) -> None:
        self.X = X

    def read(self, depth: int, columns: np.ndarray) -> np.ndarray:
        """Some inputs, dense."""
        return self.X[:, columns].toarray() if issparse(self.X) else self.X[:, columns]

    def keep(self, stay: np.ndarray) -> None:
        """Go on with some of the samples; nothing else is read of them."""


class Plan(NamedTuple):
    """A network as it is computed exit by exit.

    Parameters
    ----------
    arrays : tuple of ndarray
        indptr, indices, weights and biases.
    used : ndarray of int
        Inputs that are connected.
    sources : ndarray of int of shape (n_connections,)
        Source of each connection where only these inputs are there.
    sections : list of ndarray of int
        Targets of each exit.
    depths : ndarray of int of shape (n_exits,)
        Number of parts of the inputs that are read up to each exit.
    n_read : list of int
        Number of `used` inputs in these parts.
    """

    arrays: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    used: np.ndarray
    sources: np.ndarray
    sections: list[np.ndarray]
    depths: np.ndarray
    n_read: list[int]

    @classmethod
    def of(cls, head: Exits, n_inputs: int, arrays: Any, ends: Sequence[int] | None = None) -> Plan:
        """Plan of a fitted network.

        Parameters
        ----------
        head : Exits
            What the outputs mean.
        n_inputs : int
            Number of inputs.
        arrays : tuple of ndarray
            indptr, indices, weights and biases, checked.
        ends : sequence of int, default=None
            Where parts of the inputs end, of which later ones are computed only for samples that
            get so far. None: there is one part.

        Returns
        -------
        plan : Plan
            What is computed when.
        """
        indptr, indices, _, biases = arrays
        used = np.unique(indices[indices < n_inputs])
        place = np.zeros(n_inputs + len(biases), indices.dtype)
        place[used] = np.arange(len(used))
        place[n_inputs:] = len(used) + np.arange(len(biases))
        network = (n_inputs, head.n_outputs, head.n_exits, indptr, indices)
        sections = _exits.sections(*network)
        if ends is None:
            depths, n_read = np.ones(head.n_exits, int), [len(used)] * head.n_exits
        else:
            depths = _exits.depths(*network, ends)
            n_read = np.searchsorted(used, np.append(0, ends)[depths]).tolist()
        return cls(arrays, used, place[indices], sections, depths, n_read)

    def leave(self, head: Exits, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """Let every sample go as far as it has to.

        Parameters
        ----------
        head : Exits
            Whose thresholds are taken.
        samples : Samples
            A `Table`, or samples whose inputs are computed on the way.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            Zero behind the exit of a sample.
        exits : ndarray of int of shape (n_samples,)
            Exit that each sample leaves at, from 0 on.
        """
        dtype, n_samples = self.arrays[2].dtype, len(samples)
        outputs = np.zeros((n_samples, head.n_outputs), dtype)
        exits = np.full(n_samples, head.n_exits - 1)
        for first in range(0, n_samples, samples.at_once):
            rows = slice(first, first + samples.at_once)
            self._leave(head, samples.rows(rows), outputs[rows], exits[rows])
        beyond = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if len(beyond):  # sums beyond the largest float: once more, slowly
            some = samples.whole(beyond)
            outputs[beyond] = finite_outputs(some, head.n_outputs, *self.arrays)
            exits[beyond] = head.exit_of(outputs[beyond])
        return outputs, exits

    def _leave(self, head, rows, outputs, exits) -> None:
        """Fill in outputs and exits of a few samples."""
        indptr, _, weights, biases = self.arrays
        n_used, size = len(self.used), head.inner.n_outputs
        going, read = np.arange(len(exits)), 0
        values = np.zeros((n_used + len(biases), _padded(len(exits))), weights.dtype)
        n_hidden = len(biases) - head.n_outputs
        for e, targets in enumerate(self.sections):
            if read < (upto := self.n_read[e]):
                new = rows.read(int(self.depths[e]), self.used[read:upto])
                values[read:upto, : len(going)] = new.T
                read = upto
            network = (n_used, n_hidden, indptr, self.sources, weights, biases)
            _exits.compute_targets(*network, targets, values)
            own = values[n_used + targets[-size:], : len(going)].T
            outputs[going, e * size : (e + 1) * size] = own
            if e == head.n_exits - 1:
                return
            with np.errstate(invalid="ignore"):
                sure = head.confidence(own) > head.thresholds[e]
            exits[going[sure]] = e
            stay = np.flatnonzero(~sure)
            if not len(stay):
                return
            going = going[stay]
            rows.keep(stay)
            if _padded(len(going)) < values.shape[1]:
                fewer = np.zeros((len(values), _padded(len(going))), values.dtype)
                fewer[:, : len(going)] = values[:, stay]
                values = fewer
            else:
                values[:, : len(going)] = values[:, stay]


def _padded(n) -> int:
    return -(-n // _LANES) * _LANES
