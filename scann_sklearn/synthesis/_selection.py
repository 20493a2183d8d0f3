"""Which connections a pruning keeps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _ranking, _rows, _walks

# A pruning is content to use this share of its bound, and looks for so many ways to use more.
_WELL_USED, _MOST_WAYS = 0.95, 50
# Connections of the ranking that are sorted; and as many, beyond half as many again as the bound,
# are looked at first.
_WINDOW = 2**16
_FURTHER = 4  # times as many are looked at where these can all be kept


class UnreachableOutputsError(ValueError):
    """Too few connections are left to reach every output from the inputs."""


class Selection:
    """Which connections a pruning keeps: the essential ones and a head of the ranking.

    The ranking is by score; of equals the first comes first. It isn't sorted: a head is what lies
    above some score, and only the connections near the right one are put in order. Nor are all
    connections walked through each time, but those that may be kept: at first half as many again as
    the bound, more where that isn't enough, and fewer as soon as it is known which can't be kept.

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
        self.passed: list[int] = []  # left out of the ranking
        self._begin()

    def _begin(self) -> None:
        self._take(self.bound + self.bound // 2 + _WINDOW)

    def _take(self, n) -> None:
        """Look at so many connections: the essential ones, and then the first of the ranking.

        Their keys are in the order of their scores: the largest integer for those that are always
        kept, 0 for those that never are. There are all with keys beyond the floor.
        """
        self.places, self.part, self.floor = None, self.graph, 0
        self.keys = _ranking.keys_of(self.score)
        self.always = int(np.iinfo(self.keys.dtype).max)
        self.keys[self.passed] = 0
        self.keys[self.essential] = self.always
        if n < len(self.keys):
            least, _ = _ranking.nth_largest(self.keys, max(n, 1))
            self._restrict(max(int(least) - 1, 0))

    def _restrict(self, floor) -> None:
        """Look no more at connections whose keys are not beyond the floor."""
        n_inputs, n_outputs, *csr = self.part
        n = np.count_nonzero(self.keys > floor)
        starts, sources, self.keys, numbers = _rows.restricted(*csr, self.keys, np.uint64(floor), n)
        self.part, self.floor = (n_inputs, n_outputs, starts, sources), floor
        self.places = numbers if self.places is None else self.places[numbers]

    def kept(self) -> np.ndarray:
        """Mask of the connections to keep."""
        return self._of_all(self._head(self.n_window))

    def _head(self, n_window) -> np.ndarray:
        """Flags of the essential ones and of a head that ends in the window."""
        keep = self.keys > self.good
        keep[self.window[:n_window]] = True
        return keep

    def _of_all(self, keep) -> np.ndarray:
        """Flags of all connections."""
        if self.places is None:
            return keep
        flags = np.zeros(len(self.score), dtype=bool)
        flags[self.places[keep]] = True
        return flags

    def _living(self, keep) -> np.ndarray:
        """Those of the connections to keep that live."""
        return _walks.living_connections(*self.part, keep)

    def _fits(self, keep) -> bool:
        return bool(self._living(keep).sum() <= self.bound)

    def fill(self) -> None:
        """Keep as much as the bound allows.

        One more connection of the ranking can bring many to life at once, all those that wait for
        it. Where much of the bound is left so, the cheapest way through it becomes essential; one
        that doesn't fit is passed over.
        """
        for _ in range(_MOST_WAYS):
            self._bisect()
            living = self._living(self._head(self.n_window))
            if self.n_window == len(self.window) or living.sum() >= _WELL_USED * self.bound:
                return
            following = self.window[self.n_window]
            through = following if self.places is None else self.places[following]
            way = _walks.way_through(*self.graph, self.score, self._of_all(living), int(through))
            if way.sum() <= self.bound:
                self._add(way)
            else:
                self.passed.append(int(through))
                self.keys[following] = 0
        self._bisect()

    def _bisect(self) -> None:
        """The longest head of the ranking with which at most the bound lives.

        Its end is in the window, which is in order: the connections with keys beyond `bad`, up to
        `good`. With all beyond `good` it fits, with all beyond `bad` it doesn't.
        """
        while self.floor and self._fits(self.keys > self.floor):
            self._take(_FURTHER * len(self.keys))
        self.good, self.n_window = self.floor, 0
        self.window = np.empty(0, np.int64)
        if not self.floor and self._fits(self.keys > 0):
            return
        n_sure = min(max(self.bound, 1), len(self.keys))  # so many fit
        self.good = min(int(_ranking.nth_largest(self.keys, n_sure)[0]), self.always - 1)
        bad = self._narrow()
        window = np.flatnonzero((self.keys > bad) & (self.keys <= self.good))
        self.window = window[np.argsort(~self.keys[window], kind="stable")]
        self.n_window, high = 0, len(window)
        while high - self.n_window > 1:
            middle = (self.n_window + high) // 2
            if self._fits(self._head(middle)):
                self.n_window = middle
            else:
                high = middle

    def _narrow(self) -> int:
        """Lower `good` until few connections are in the window; return `bad`."""
        bad, n_bad = self.floor, len(self.keys)
        n_good = int(np.count_nonzero(self.keys > self.good))
        while self.good - bad > 1 and n_bad - n_good > _WINDOW:
            middle = (self.good + bad) // 2
            keep = self.keys > middle
            n_keep = int(np.count_nonzero(keep))
            if self._fits(keep):
                self.good, n_good = middle, n_keep
            else:
                bad, n_bad = middle, n_keep
                if 2 * n_keep < len(keep):
                    self._restrict(bad)
        return bad

    def _add(self, way) -> None:
        """Make connections essential, also such that were not looked at."""
        self.essential |= way
        if self.places is None:
            self.keys[way] = self.always
            return
        self.keys[way[self.places]] = self.always
        way[self.places] = False
        further = np.flatnonzero(way).astype(np.int32)
        at = np.searchsorted(self.places, further)
        n_inputs, n_outputs, starts, sources = self.part
        starts = starts + np.searchsorted(further, self.graph[2]).astype(starts.dtype)
        self.part = n_inputs, n_outputs, starts, np.insert(sources, at, self.graph[3][further])
        self.places = np.insert(self.places, at, further)
        self.keys = np.insert(self.keys, at, self.always)

    def reaches_outputs(self) -> bool:
        """Whether what is kept leads to every output."""
        n_inputs, n_outputs, *csr = self.part
        return bool(_walks.fed(n_inputs, *csr, self._head(self.n_window))[-n_outputs:].all())

    def reach_outputs(self) -> None:
        """Make a path to every output essential, and start again."""
        self.essential = _walks.essential_connections(*self.graph, self.score)
        needed = int(self.essential.sum())
        if needed == 0 or needed > self.bound:
            raise UnreachableOutputsError(
                f"n_connections={self.bound} is too small: reaching every one of the "
                f"{self.graph[1]} outputs takes "
                f"{needed or 'connections that are missing'}."
            )
        self.passed = []
        self._begin()
