"""The connections that a pruning chooses among, in the order of their scores."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scann_sklearn.network import _ranking, _rows, _walks


class Ranked:
    """Some of the connections of a network, with keys in the order of their scores.

    A key is an integer of at least 0. `keep` below are flags of these connections, positions count
    them from 0 on.

    Parameters
    ----------
    graph : tuple
        These connections, see `Network.graph`.
    keys : ndarray of uint32 or uint64 of shape (n_connections,)
        Their keys.
    n_all : int
        How many connections the network has.
    places : ndarray of int of shape (n_connections,), default=None
        Which of the network's they are, ascending. None: all of them.
    """

    def __init__(self, graph, keys, n_all, places=None) -> None:
        self.graph, self.keys, self.n_all, self.places = graph, keys, n_all, places
        self.always = int(np.iinfo(keys.dtype).max)  # the key of those that are always kept

    @classmethod
    def of(cls, graph, score) -> Self:
        """All connections of a network, by their scores; NaN comes last."""
        return cls(graph, _ranking.keys_of(score), len(score))

    def __len__(self) -> int:
        return len(self.keys)

    def set(self, which: Any, key: int) -> None:
        """Give connections, by flags or positions, another key."""
        self.keys[which] = key

    def nth_largest(self, n: int) -> int:
        """The n-th largest key."""
        return int(_ranking.nth_largest(self.keys, n)[0])

    def beyond(self, key: int) -> Any:
        """Flags of the connections with larger keys."""
        return self.keys > key

    def count(self, keep: Any) -> int:
        """How many are flagged."""
        return int(np.count_nonzero(keep))

    def between(self, bad: int, good: int) -> Any:
        """Positions of those with keys beyond `bad`, up to `good`: the largest first."""
        window = np.flatnonzero((self.keys > bad) & (self.keys <= good))
        return window[np.argsort(~self.keys[window], kind="stable")]

    def number(self, position: Any) -> int:
        """Which of the network's connections is at a position."""
        return int(position if self.places is None else self.places[position])

    def living(self, keep: Any) -> Any:
        """Those of the connections to keep that lie on a path from an input to an output."""
        return _walks.living_connections(*self.graph, keep)

    def reaches_outputs(self, keep: Any) -> bool:
        """Whether the connections to keep lead to every output."""
        n_inputs, n_outputs, *csr = self.graph
        return bool(_walks.fed(n_inputs, *csr, keep)[-n_outputs:].all())

    def of_all(self, keep: Any) -> np.ndarray:
        """Flags of all connections of the network."""
        if self.places is None:
            return keep
        flags = np.zeros(self.n_all, dtype=bool)
        flags[self.places[keep]] = True
        return flags

    def restricted(self, floor: int) -> Self:
        """Those with keys beyond the floor."""
        n_inputs, n_outputs, *csr = self.graph
        n = self.count(self.beyond(floor))
        starts, sources, keys, numbers = _rows.restricted(*csr, self.keys, np.uint64(floor), n)
        places = numbers if self.places is None else self.places[numbers]
        return type(self)((n_inputs, n_outputs, starts, sources), keys, self.n_all, places)

    def joined_by(self, way: np.ndarray, graph: tuple) -> Self:
        """These and others that are always kept; these get another key.

        Parameters
        ----------
        way : ndarray of bool of shape (n_all,)
            Flags of what is always kept, in these or not.
        graph : tuple
            All connections of the network.

        Returns
        -------
        ranked : Ranked
            All of these; itself where it has all connections of the network already.
        """
        self.set(way if self.places is None else way[self.places], self.always)
        if self.places is None:
            return self
        further = way.copy()
        further[self.places] = False
        further = np.flatnonzero(further).astype(np.int32)
        at = np.searchsorted(self.places, further)
        n_inputs, n_outputs, starts, sources = self.graph
        starts = starts + np.searchsorted(further, graph[2]).astype(starts.dtype)
        joined = n_inputs, n_outputs, starts, np.insert(sources, at, graph[3][further])
        places = np.insert(self.places, at, further)
        return type(self)(joined, np.insert(self.keys, at, self.always), self.n_all, places)
