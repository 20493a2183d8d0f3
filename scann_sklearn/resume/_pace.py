"""How often a file is written: so seldom that it costs next to nothing."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A write costs at most a sixtieth of the time since the last one: with the digest of the data and
# what is remembered after each round, that stays below 2 % of a long fit.
_TIMES = 60
_BYTES_A_SECOND, _SECONDS_A_FILE = 1e8, 0.01  # of a slow disk: what a first write may cost


class Pace:
    """Says when a write is due.

    Parameters
    ----------
    clock : callable, default=time.perf_counter
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock, self._last, self._cost = clock, clock(), 0.0

    def is_due(self, n_bytes: int) -> bool:
        """Whether to write now.

        Parameters
        ----------
        n_bytes : int
            About how much it would be.

        Returns
        -------
        is_due : bool
            Whether the last write, or the beginning, is 60 times as long ago as that took, and as
            so many bytes would take a slow disk.
        """
        expected = max(self._cost, _SECONDS_A_FILE + n_bytes / _BYTES_A_SECOND)
        return self.clock() - self._last >= _TIMES * expected

    @contextmanager
    def measured(self) -> Iterator[None]:
        """A write, successful or not."""
        begun = self.clock()
        try:
            yield
        finally:
            self._last = self.clock()
            self._cost = self._last - begun
