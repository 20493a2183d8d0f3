"""In which order samples are trained on, and how many of them are an epoch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._training import shuffle_end
from scann_sklearn.training._options import TrainingOptions

# Neighbours that stay together where an epoch is a part of the samples: 16 rows of 20 features are
# read in half of the time of 16 rows from anywhere.
GROUP = 16


class Order:
    """The order of the samples of one phase of training, an epoch at a time.

    An epoch is all samples, or the next `max_epoch_samples` where there are more: then every sample
    has had its turn before any has a second one, and neighbours stay together in groups of 16, so
    that the samples should be in random order already. A phase remembers nothing of the one before:
    between two of them a random generator is all that has to be kept.

    Parameters
    ----------
    n_samples : int
        Number of training samples.
    options : TrainingOptions
        How to train.
    rng : numpy.random.Generator
        Source of the order.
    """

    def __init__(self, n_samples: int, options: TrainingOptions, rng: np.random.Generator) -> None:
        self.n_samples, self.rng = n_samples, rng
        self.is_shuffled = options.shuffle and options.batch_size < n_samples
        self.size = options.epoch_size(n_samples)
        self._groups = self._rest = np.empty(0, np.int64)

    def next(self) -> np.ndarray:
        """Numbers of the samples of the next epoch.

        Returns
        -------
        order : ndarray of int of shape (size,)
            A sample is there twice only where an epoch begins with the last of one order and goes
            on with the first of another.
        """
        if not self.is_shuffled:
            return np.arange(self.n_samples)
        if self.size == self.n_samples:
            order = np.arange(self.n_samples)
            shuffle_end(order, self.rng.random(self.n_samples))
            return order
        parts, n = [self._rest], len(self._rest)
        while n < self.size:
            parts.append(self._draw(self.size - n))
            n += len(parts[-1])
        drawn = np.concatenate(parts) if len(parts[0]) or len(parts) > 2 else parts[1]
        self._rest = drawn[self.size :]
        return drawn[: self.size]

    def _draw(self, n) -> np.ndarray:
        """Samples of groups that have not had their turn, `n` or somewhat more if there are."""
        if not len(self._groups):
            self._groups = np.arange(-(-self.n_samples // GROUP))
        n_drawn = min(-(-n // GROUP), len(self._groups))
        shuffle_end(self._groups, self.rng.random(n_drawn))
        self._groups, drawn = np.split(self._groups, [len(self._groups) - n_drawn])
        rows = (drawn[:, None] * GROUP + np.arange(GROUP)).ravel()
        is_last = (drawn + 1) * GROUP > self.n_samples  # that group may be smaller
        return rows[rows < self.n_samples] if is_last.any() else rows
