"""Which connections a pruning keeps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _ranking, _walks

# A pruning is content to use this share of its bound, and looks for so many ways to use more.
_WELL_USED, _MOST_WAYS = 0.95, 50
# Of the ranking, this many connections beyond half as many again as the bound are sorted at first.
_SPARE = 2**16
_ALWAYS, _NEVER = -1, np.iinfo(np.int32).max  # ranks of what is essential, and of what is passed over


class UnreachableOutputsError(ValueError):
    """Too few connections are left to reach every output from the inputs."""


class Selection:
    """Which connections a pruning keeps: the essential ones and a head of the ranking.

    The ranking is by score; of equals the first comes first. Only as much of it is sorted as is
    likely to be kept, twice as much where that wasn't enough, and walks go only through that and
    the essential connections. So the time that it takes is mainly that of what is kept.

    Parameters
    ----------
    graph : tuple
        The connections, see `Network.graph`.
    score : ndarray of float of shape (n_connections,)
        What they are ranked by; NaN comes last.
    bound : int
        Most of them that may live, that is lie on a path from an input to an output.
    """

    def __init__(self, graph, score, bound) -> None:
        self.graph, self.bound = graph, bound
        self.score = score if score.dtype in (np.float32, np.float64) else score.astype(float)
        self.essential = np.zeros(len(score), dtype=bool)
        self.passed = np.empty(0, np.int64)  # left out of the ranking
        self.n_head = 0
        self._rank(bound + bound // 2 + _SPARE)

    @property
    def n_ranked(self) -> int:
        """How much of the ranking is sorted."""
        return len(self.ranking)

    @property
    def is_complete(self) -> bool:
        """Whether all of it is."""
        return self.n_ranked == len(self.score) - len(self.passed)

    def _rank(self, n_ranked) -> None:
        """Sort so much of the ranking, and restrict the graph to it."""
        score, n = self.score, min(max(n_ranked, 1) + len(self.passed), len(self.score))
        lost = np.isnan(score)
        if lost.any():
            score = np.where(lost, -np.inf, score).astype(score.dtype)
        if n < len(score):
            places = _ranking.largest_places(_ranking.as_bits(score), n)
        else:
            places = np.arange(n)
        ranking = places[np.argsort(-score[places], kind="stable")]
        if len(self.passed):
            ranking = ranking[~np.isin(ranking, self.passed)]
        self.ranking = ranking
        self.places = places
        if self.essential.any():
            self.places = np.union1d(places, np.flatnonzero(self.essential))
        self.rank = np.full(len(self.places), _NEVER, np.int32)
        self.rank[np.searchsorted(self.places, ranking)] = np.arange(len(ranking))
        self._restrict()

    def _restrict(self) -> None:
        """The part of the graph that is walked through: the connections at `places`."""
        n_inputs, n_outputs, indptr, indices = self.graph
        starts = np.searchsorted(self.places, indptr).astype(indptr.dtype)
        self._part = n_inputs, n_outputs, starts, indices[self.places]
        self.rank[self.essential[self.places]] = _ALWAYS

    def kept(self) -> np.ndarray:
        """Mask of the connections to keep."""
        return self._of_all(self.rank < self.n_head)

    def _of_all(self, part) -> np.ndarray:
        keep = np.zeros(len(self.score), dtype=bool)
        keep[self.places] = part
        return keep

    def _living(self, n_head) -> np.ndarray:
        """Which of the part live, where so much of the ranking is kept."""
        return _walks.living_connections(*self._part, self.rank < n_head)

    def fill(self) -> None:
        """Keep as much as the bound allows.

        One more connection of the ranking can bring many to life at once, all those that wait for
        it. Where much of the bound is left so, the cheapest way through it becomes essential; one
        that doesn't fit is passed over.
        """
        for _ in range(_MOST_WAYS):
            self._bisect()
            living = self._living(self.n_head)
            if self.n_head == self.n_ranked or living.sum() >= _WELL_USED * self.bound:
                return
            following = self.ranking[self.n_head]
            way = _walks.way_through(*self.graph, self.score, self._of_all(living), following)
            if way.sum() <= self.bound:
                self._add(way)
            else:
                self._pass_over()
        self._bisect()

    def _bisect(self) -> None:
        """The longest head of the ranking with which at most the bound lives."""
        while not self.is_complete and self._living(self.n_ranked).sum() <= self.bound:
            self._rank(2 * self.n_ranked)
        # so much can't be too much
        low = min(max(self.bound - int(self.essential.sum()), 0), self.n_ranked)
        high = self.n_ranked + self.is_complete
        while high - low > 1:
            middle = (low + high) // 2
            if self._living(middle).sum() <= self.bound:
                low = middle
            else:
                high = middle
        self.n_head = low

    def _add(self, way) -> None:
        """Make connections essential, also such that are not among those walked through."""
        self.essential |= way
        way[self.places] = False
        further = np.flatnonzero(way)
        if len(further):
            at = np.searchsorted(self.places, further)
            self.places = np.insert(self.places, at, further)
            self.rank = np.insert(self.rank, at, _ALWAYS)
        self._restrict()

    def _pass_over(self) -> None:
        """Leave the connection behind the head out of the ranking."""
        out = self.ranking[self.n_head]
        self.passed = np.append(self.passed, out)
        self.ranking = np.delete(self.ranking, self.n_head)
        self.rank[self.rank > self.n_head] -= 1  # that of what is never kept is larger still
        at = np.searchsorted(self.places, out)
        if self.rank[at] != _ALWAYS:
            self.rank[at] = _NEVER

    def reaches_outputs(self) -> bool:
        """Whether what is kept leads to every output."""
        n_inputs, n_outputs, *csr = self._part
        return bool(_walks.fed(n_inputs, *csr, self.rank < self.n_head)[-n_outputs:].all())

    def reach_outputs(self) -> None:
        """Make a path to every output essential, and start again."""
        self.passed = self.passed[:0]
        self.essential = _walks.essential_connections(*self.graph, self.score)
        needed = int(self.essential.sum())
        if needed == 0 or needed > self.bound:
            raise UnreachableOutputsError(
                f"n_connections={self.bound} is too small: reaching every one of the "
                f"{self.graph[1]} outputs takes "
                f"{needed or 'connections that are missing'}."
            )
        self._rank(self.bound + self.bound // 2 + _SPARE)
