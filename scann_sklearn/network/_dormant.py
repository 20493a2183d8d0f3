"""Connections that are allowed and don't exist, numbered by their places.

A place is a number from 0 on for every allowed connection, by target, then by source.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scann_sklearn.network._compile import kernel
from scann_sklearn.network._layer import Signals

_BLOCK = 2**22  # places whose gradients are in memory at once


@kernel
def dormant_gradients(first, last, indptr, indices, activation, delta) -> np.ndarray:
    """|gradient| of every allowed connection, target after target; -1 where it exists."""
    offset = np.zeros(first.shape[0] + 1, np.int64)
    for t in range(first.shape[0]):
        offset[t + 1] = offset[t] + last[t] - first[t]
    score = np.zeros(offset[-1], activation.dtype)
    for t in range(first.shape[0]):
        d, place = delta[t], offset[t] - first[t]
        for j in range(indptr[t], indptr[t + 1]):
            score[place + indices[j]] = -1
        for s in range(first[t], last[t]):
            if score[place + s] < 0:
                continue
            a = activation[s]
            total = delta.dtype.type(0)
            for b in range(d.shape[0]):
                total += d[b] * a[b]
            score[place + s] = abs(total)
    return score


class Places:
    """The places of a topology.

    Parameters
    ----------
    first, last : ndarray of int of shape (n_targets,)
        Allowed sources of each target: from the first to before the last.
    csr : tuple of (ndarray, ndarray)
        The connections that exist.
    """

    def __init__(
        self, first: np.ndarray, last: np.ndarray, csr: tuple[np.ndarray, np.ndarray]
    ) -> None:
        self.first, self.last, self.csr = first, last, csr
        self.offset = np.append(0, np.cumsum(last - first))

    def dormant(self) -> np.ndarray:
        """Places of the connections that don't exist, ascending."""
        indptr, indices = self.csr
        dormant = np.ones(self.offset[-1], dtype=bool)
        dormant[indices + np.repeat(self.offset[:-1] - self.first, np.diff(indptr))] = False
        return np.flatnonzero(dormant)

    def ends(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targets and sources of the connections at some places."""
        targets = np.searchsorted(self.offset, places, side="right") - 1
        return targets, places - self.offset[targets] + self.first[targets]

    def candidates(self, signals: Signals) -> Iterator[tuple[int, np.ndarray]]:
        """Blocks of places with the sizes of their gradients, see `Layer`."""
        indptr, indices = self.csr
        begin, n_targets = 0, len(self.first)
        while begin < n_targets:
            full = np.searchsorted(self.offset, self.offset[begin] + _BLOCK, side="right") - 1
            end = min(max(int(full), begin + 1), n_targets)
            rows = slice(begin, end)
            yield (
                int(self.offset[begin]),
                dormant_gradients(
                    self.first[rows].copy(),
                    self.last[rows].copy(),
                    indptr[begin : end + 1],
                    indices,
                    signals.activation,
                    signals.delta[rows],
                ),
            )
            begin = end


def largest(blocks: Iterable[tuple[int, np.ndarray]], n: int) -> np.ndarray:
    """Places with the largest values, of blocks that are in memory one at a time.

    Parameters
    ----------
    blocks : iterable of (int, ndarray)
        First place of each block, and a value for each of its places.
    n : int
        How many; there are at least as many that count.

    Returns
    -------
    places : ndarray of int of shape (n,)
        Ascending.
    """
    best_places, best = np.empty(0, np.int64), None
    for first, values in blocks:
        places = np.arange(first, first + len(values))
        if best is not None:
            places, values = np.append(best_places, places), np.append(best, values)
        kept = (
            np.argpartition(values, len(values) - n)[len(values) - n :]
            if len(values) > n
            else slice(None)
        )
        best_places, best = places[kept], values[kept]
    return np.sort(best_places)
