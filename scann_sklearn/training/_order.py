"""In which order samples are trained on, and how many of them are an epoch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._training import shuffle_end
from scann_sklearn.training._options import TrainingOptions


class Order:
    """The order of the samples of one phase of training, an epoch at a time.

    An epoch is all samples, or the next `max_epoch_samples` where there are more: then every sample
    has had its turn before any has a second one. A phase remembers nothing of the one before, so
    that between two of them a random generator is all that has to be kept.

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
        self._drawn, self._n_left = np.empty(0, np.int64), 0

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
        parts, missing = [], self.size
        while missing:
            if not self._n_left:
                self._drawn, self._n_left = np.arange(self.n_samples), self.n_samples
            n = min(missing, self._n_left)
            shuffle_end(self._drawn[: self._n_left], self.rng.random(n))
            self._n_left -= n
            parts.append(self._drawn[self._n_left : self._n_left + n])
            missing -= n
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
