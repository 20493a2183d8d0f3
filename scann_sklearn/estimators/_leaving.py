"""Prediction with early exits: what is behind an exit is computed for samples that go on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.heads._exits import Exits
from scann_sklearn.network import _exits
from scann_sklearn.network._saturation import finite_outputs

# Samples at a time. They are filled up to a multiple of what the processor computes at once, so
# that the result of one doesn't depend on its neighbours.
_ROWS, _LANES = 512, 64


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
    """

    arrays: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    used: np.ndarray
    sources: np.ndarray
    sections: list[np.ndarray]

    @classmethod
    def of(cls, head: Exits, n_inputs: int, arrays: Any) -> Plan:
        """Plan of a fitted network.

        Parameters
        ----------
        head : Exits
            What the outputs mean.
        n_inputs : int
            Number of inputs.
        arrays : tuple of ndarray
            indptr, indices, weights and biases, checked.

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
        sections = _exits.sections(n_inputs, head.n_outputs, head.n_exits, indptr, indices)
        return cls(arrays, used, place[indices], sections)

    def leave(self, head: Exits, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Let every sample go as far as it has to.

        Parameters
        ----------
        head : Exits
            Whose thresholds are taken.
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs)
            Samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            Zero behind the exit of a sample.
        exits : ndarray of int of shape (n_samples,)
            Exit that each sample leaves at, from 0 on.
        """
        dtype = self.arrays[2].dtype
        outputs = np.zeros((X.shape[0], head.n_outputs), dtype)
        exits = np.full(X.shape[0], head.n_exits - 1)
        for first in range(0, X.shape[0], _ROWS):
            rows = slice(first, first + _ROWS)
            self._leave(head, _dense(X[rows], self.used), outputs[rows], exits[rows])
        beyond = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if len(beyond):  # sums beyond the largest float: once more, slowly
            some = X[beyond].toarray() if issparse(X) else X[beyond]
            outputs[beyond] = finite_outputs(some, head.n_outputs, *self.arrays)
            exits[beyond] = head.exit_of(outputs[beyond])
        return outputs, exits

    def _leave(self, head, X, outputs, exits) -> None:
        """Fill in outputs and exits of a few samples, of which X has the inputs that are used."""
        indptr, _, weights, biases = self.arrays
        n_used, size = len(self.used), head.inner.n_outputs
        going = np.arange(len(X))
        values = np.zeros((n_used + len(biases), _padded(len(X))), weights.dtype)
        values[:n_used, : len(X)] = X.T
        n_hidden = len(biases) - head.n_outputs
        for e, targets in enumerate(self.sections):
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
            if _padded(len(going)) < values.shape[1]:
                fewer = np.zeros((len(values), _padded(len(going))), values.dtype)
                fewer[:, : len(going)] = values[:, stay]
                values = fewer
            else:
                values[:, : len(going)] = values[:, stay]


def _dense(X, columns) -> np.ndarray:
    return X[:, columns].toarray() if issparse(X) else X[:, columns]


def _padded(n) -> int:
    return -(-n // _LANES) * _LANES
