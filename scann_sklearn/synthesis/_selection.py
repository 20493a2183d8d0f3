"""Which connections a pruning keeps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scann_sklearn.network import _walks
from scann_sklearn.network._device import computes_operations
from scann_sklearn.synthesis._ranked import Ranked

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
    device : str, default="cpu"
        Where they are ranked, see `computes_operations`.
    """

    def __init__(self, graph, score, bound, device="cpu") -> None:
        self.graph, self.bound = graph, bound
        self.score = score if score.dtype in (np.float32, np.float64) else score.astype(float)
        self._rank_all: Callable[[], Any] = partial(Ranked.of, graph, self.score)
        if computes_operations(device):
            from scann_sklearn.synthesis._device_ranked import DeviceRanked  # loads torch

            self._rank_all = DeviceRanked.of(graph, self.score, device).copy
        self.essential = np.zeros(len(score), dtype=bool)
        self.passed: list[int] = []  # left out of the ranking
        self._begin()

    def _begin(self) -> None:
        self._take(self.bound + self.bound // 2 + _WINDOW)

    def _take(self, n) -> None:
        """Look at so many connections: the essential ones, and then the first of the ranking.

        There are all with keys beyond the floor; 0 is the key of those that are never kept.
        """
        self.ranked, self.floor = self._rank_all(), 0
        self.ranked.set(self.passed, 0)
        if self.essential.any():
            self.ranked.set(self.essential, self.ranked.always)
        if n < len(self.ranked):
            self._restrict(max(self.ranked.nth_largest(max(n, 1)) - 1, 0))

    def _restrict(self, floor) -> None:
        """Look no more at connections whose keys are not beyond the floor."""
        self.ranked, self.floor = self.ranked.restricted(floor), floor

    def kept(self) -> np.ndarray:
        """Mask of the connections to keep."""
        return self.ranked.of_all(self._head(self.n_window))

    def _head(self, n_window) -> Any:
        """Flags of the essential ones and of a head that ends in the window."""
        keep = self.ranked.beyond(self.good)
        keep[self.window[:n_window]] = True
        return keep

    def _fits(self, keep) -> bool:
        return self.ranked.count(self.ranked.living(keep)) <= self.bound

    def fill(self) -> None:
        """Keep as much as the bound allows.

        One more connection of the ranking can bring many to life at once, all those that wait for
        it. Where much of the bound is left so, the cheapest way through it becomes essential; one
        that doesn't fit is passed over.
        """
        for _ in range(_MOST_WAYS):
            self._bisect()
            living = self.ranked.living(self._head(self.n_window))
            is_all = self.n_window == len(self.window)
            if is_all or self.ranked.count(living) >= _WELL_USED * self.bound:
                return
            following = self.window[self.n_window]
            through, chosen = self.ranked.number(following), self.ranked.of_all(living)
            way = _walks.way_through(*self.graph, self.score, chosen, through)
            if way.sum() <= self.bound:
                self.essential |= way
                self.ranked = self.ranked.joined_by(way, self.graph)
            else:
                self.passed.append(through)
                self.ranked.set(following, 0)
        self._bisect()

    def _bisect(self) -> None:
        """The longest head of the ranking with which at most the bound lives.

        Its end is in the window, which is in order: the connections with keys beyond `bad`, up to
        `good`. With all beyond `good` it fits, with all beyond `bad` it doesn't.
        """
        while self.floor and self._fits(self.ranked.beyond(self.floor)):
            self._take(_FURTHER * len(self.ranked))
        self.good, self.n_window = self.floor, 0
        self.window = self.ranked.between(0, 0)
        if not self.floor and self._fits(self.ranked.beyond(0)):
            return
        n_sure = min(max(self.bound, 1), len(self.ranked))  # so many fit
        self.good = min(self.ranked.nth_largest(n_sure), self.ranked.always - 1)
        bad = self._narrow()
        self.window = self.ranked.between(bad, self.good)
        self.n_window, high = 0, len(self.window)
        while high - self.n_window > 1:
            middle = (self.n_window + high) // 2
            if self._fits(self._head(middle)):
                self.n_window = middle
            else:
                high = middle

    def _narrow(self) -> int:
        """Lower `good` until few connections are in the window; return `bad`."""
        bad, n_bad = self.floor, len(self.ranked)
        n_good = self.ranked.count(self.ranked.beyond(self.good))
        while self.good - bad > 1 and n_bad - n_good > _WINDOW:
            middle = (self.good + bad) // 2
            keep = self.ranked.beyond(middle)
            n_keep = self.ranked.count(keep)
            if self._fits(keep):
                self.good, n_good = middle, n_keep
            else:
                bad, n_bad = middle, n_keep
                if 2 * n_keep < len(self.ranked):
                    self._restrict(bad)
        return bad

    def reaches_outputs(self) -> bool:
        """Whether what is kept leads to every output."""
        return self.ranked.reaches_outputs(self._head(self.n_window))

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
