"""Connections that are allowed and don't exist, numbered by their places.

A place is a number from 0 on for every allowed connection, by target, then by source.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scann_sklearn.network import _ranking, _rows
from scann_sklearn.network._compile import kernel
from scann_sklearn.network._layer import Signals, SparseSignals

_BLOCK = 2**22  # places whose gradients are in memory at once
_TILE = 2**17  # values of sources that stay in a cache for all targets of a block


@kernel
def dormant_gradients(first, last, indptr, indices, activation, delta) -> np.ndarray:
    """|gradient| of every allowed connection, target after target; -1 where it exists."""
    offset = np.zeros(first.shape[0] + 1, np.int64)
    for t in range(first.shape[0]):
        offset[t + 1] = offset[t] + last[t] - first[t]
    score = np.zeros(offset[-1], activation.dtype)
    for t in range(first.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            score[offset[t] - first[t] + indices[j]] = -1
    n_at_once = max(_TILE // max(delta.shape[1], 1), 1)
    for begin in range(0, activation.shape[0], n_at_once):
        for t in range(first.shape[0]):
            d, place = delta[t], offset[t] - first[t]
            for s in range(max(first[t], begin), min(last[t], begin + n_at_once)):
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
        return _rows.absent_places(self.first, self.last, *self.csr)

    def ends(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targets and sources of the connections at some places."""
        targets = np.searchsorted(self.offset, places, side="right") - 1
        return targets, places - self.offset[targets] + self.first[targets]

    def rows(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The connections at some places, which ascend, as CSR."""
        places = np.ascontiguousarray(places, dtype=np.int64)
        if len(places) and not 0 <= places[0] <= places[-1] < self.offset[-1]:
            raise ValueError(
                f"Places run from {places[0]} to {places[-1]}, but there are {self.offset[-1]}."
            )
        indptr = np.searchsorted(places, self.offset)
        return indptr, _rows.sources_at(places, indptr, self.offset, self.first)

    def candidates(self, signals: Signals | SparseSignals) -> Iterator[tuple[int, np.ndarray]]:
        """Blocks of places with the sizes of their gradients, see `Layer`."""
        for targets in self.blocks(_BLOCK):
            yield int(self.offset[targets.start]), self._gradients(targets, signals)

    def blocks(self, n_places: int) -> Iterator[slice]:
        """Targets that follow each other, of up to so many places together but at least one."""
        begin, n_targets = 0, len(self.first)
        while begin < n_targets:
            full = np.searchsorted(self.offset, self.offset[begin] + n_places, side="right") - 1
            end = min(max(int(full), begin + 1), n_targets)
            yield slice(begin, end)
            begin = end

    def rectangles(self, area: int) -> Iterator[tuple[slice, slice]]:
        """The same, and sources that have all of theirs: of up to such an area."""
        for block in self.blocks(area):
            begin = block.start
            while begin < block.stop:
                rows = slice(begin, block.stop)
                first = np.minimum.accumulate(self.first[rows])
                last = np.maximum(np.maximum.accumulate(self.last[rows]), first)
                areas = (last - first) * np.arange(1, len(first) + 1)  # ascending
                n = max(int(np.searchsorted(areas, area, side="right")), 1)
                yield slice(begin, begin + n), slice(int(first[n - 1]), int(last[n - 1]))
                begin += n

    def _gradients(self, targets, signals) -> np.ndarray:
        """Sizes of the gradients of some targets, block after block of the sources' values."""
        offset = self.offset[targets.start : targets.stop + 1] - self.offset[targets.start]
        score = np.empty(offset[-1], signals.delta.dtype)
        for begin, values in signals.blocks():
            part = self._within(targets, begin, begin + len(values))
            found = dormant_gradients(
                part.first, part.last, *part.csr, values, signals.delta[targets]
            )
            if len(found) == offset[-1]:  # all sources are in one block
                return found
            start = offset[:-1] + (begin + part.first - self.first[targets]) - part.offset[:-1]
            score[np.arange(len(found)) + np.repeat(start, np.diff(part.offset))] = found
        return score

    def _within(self, targets, begin, end) -> Places:
        """Places of some targets and of the sources in a range, which are counted from 0 on."""
        indptr, indices = self.csr
        first, last = (
            np.clip(bound[targets], begin, end) - begin for bound in (self.first, self.last)
        )
        indptr = indptr[targets.start : targets.stop + 1]
        own = indices[indptr[0] : indptr[-1]]
        inside = (own >= begin) & (own < end)
        count = np.append(0, np.cumsum(inside, dtype=indptr.dtype))
        csr = count[indptr - indptr[0]], own[inside] - indices.dtype.type(begin)
        return Places(first, last, csr)


def largest(blocks: Iterable[tuple[int, np.ndarray]], n: int, n_places: int) -> np.ndarray:
    """Places with the largest values, of blocks that are in memory one at a time.

    Parameters
    ----------
    blocks : iterable of (int, ndarray)
        First place of each block, and a value for each of its places.
    n : int
        How many; there are at least as many that count.
    n_places : int
        Number of places in all blocks.

    Returns
    -------
    places : ndarray of int of shape (n,)
        Ascending. Among equal values the first are taken.

    Notes
    -----
    What may be among the largest is kept until there is half as much again as needed. Then it is
    cut down to that, and from there on only values that are larger than its least are kept.
    """
    size = min(n + max(n // 2, 2 * _BLOCK), n_places)
    places, least, n_kept = np.empty(size, np.int64), np.uint64(0), 0
    kept = np.empty(0)
    for first, values in blocks:
        keys = _ranking.keys_of(values, nan_is_largest=True)
        if not len(kept):
            kept = np.empty(size, keys.dtype)
        for begin in range(0, len(keys), _BLOCK):
            part = keys[begin : begin + _BLOCK]
            if n_kept + len(part) > size:
                least = _ranking.keep_largest(kept[:n_kept], places, n)
                n_kept = n
            n_kept = _ranking.append_larger(part, first + begin, least, kept, places, n_kept)
    if n_kept > n:
        _ranking.keep_largest(kept[:n_kept], places, n)
    return places[:n].copy()
