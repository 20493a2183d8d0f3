"""Where connections read, as distances from one to the next: they take up less than numbers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_FARTHEST = 255  # a distance of one byte


class Gaps(NamedTuple):
    """Connections of some targets, in order.

    Parameters
    ----------
    indptr : ndarray of shape (n_targets + 1,)
        Where those of each target begin and end.
    gaps : ndarray of shape (n_connections,)
        How far each reads behind the one before it, the first of a target behind 0.
    weights : ndarray of shape (n_connections,)
        Strength of each.
    """

    indptr: np.ndarray
    gaps: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, indptr, positions, weights) -> Gaps:
        """Distances between positions, which ascend within a target.

        Parameters
        ----------
        indptr : ndarray of shape (n_targets + 1,)
            Where the connections of each target begin and end.
        positions : ndarray of shape (n_connections,)
            Where they read.
        weights : ndarray of shape (n_connections,)
            Strength of each.

        Returns
        -------
        gaps : Gaps
            As many connections.
        """
        positions = positions.astype(np.int64)
        gaps = np.diff(positions, prepend=0)
        first = indptr[:-1][np.diff(indptr) > 0]
        gaps[first] = positions[first]
        return cls(indptr, gaps, weights)

    def bridged(self) -> Gaps:
        """The same in bytes: connections of weight 0 are put where it is farther.

        Returns
        -------
        gaps : Gaps
            Perhaps more connections.
        """
        n_more = np.maximum(self.gaps - 1, 0) // _FARTHEST
        count = n_more + 1
        ends = np.append(0, np.cumsum(count))
        gaps = np.full(ends[-1], _FARTHEST)
        weights = np.zeros(ends[-1], self.weights.dtype)
        gaps[ends[1:] - 1] = self.gaps - n_more * _FARTHEST
        weights[ends[1:] - 1] = self.weights
        return Gaps(ends[self.indptr], gaps, weights)

    def smaller(self, weight_bytes: int) -> Gaps:
        """The same with as few bytes as possible.

        Parameters
        ----------
        weight_bytes : int
            Bytes of a weight.

        Returns
        -------
        gaps : Gaps
            With bridges where these are worth it.
        """
        if self.gaps.max(initial=0) <= _FARTHEST:
            return self
        bridged = self.bridged()
        wide = 2 if self.gaps.max() < 2**16 else 4
        is_less = len(bridged.gaps) * (1 + weight_bytes) < len(self.gaps) * (wide + weight_bytes)
        return bridged if is_less else self
