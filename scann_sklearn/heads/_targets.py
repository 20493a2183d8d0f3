"""Training targets as the losses take them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Targets:
    """What a network is to learn about some samples, and how much each of them counts.

    Parameters
    ----------
    labels : ndarray of int64 of shape (n_samples,)
        Class of each sample, from 0 on.
    values : ndarray of shape (n_outputs, n_samples) or (n_outputs, 0)
        What each output should be, such as the probability that it stands for. Empty where the
        labels say it.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.
    smoothing : float
        Share of the uniform distribution in targets that are made of labels; distributions are
        taken as they are.
    """

    labels: np.ndarray
    values: np.ndarray
    sample_weight: np.ndarray
    smoothing: float = 0.0

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_values(self) -> bool:
        """Whether `values` are the targets, not the labels."""
        return self.values.shape[1] > 0

    def take(self, rows: np.ndarray) -> Targets:
        """Targets of some of the samples.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        targets : Targets
            Their targets.
        """
        values = self.values
        if self.has_values:
            values = np.ascontiguousarray(values[:, rows])
        return replace(
            self,
            labels=self.labels[rows],
            values=values,
            sample_weight=self.sample_weight[rows],
        )
