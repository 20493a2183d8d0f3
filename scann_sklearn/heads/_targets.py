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
        Class of each sample, from 0 on; zeros where samples have no class.
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

    @classmethod
    def of_values(
        cls,
        y: np.ndarray,
        n_outputs: int,
        sample_weight: np.ndarray | None,
        dtype: np.dtype | type,
    ) -> Targets:
        """Targets of numbers, one an output.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            What each output should be.
        n_outputs : int
            Number of outputs.
        sample_weight : ndarray of shape (n_samples,), default=None
            Weights of the samples; None: all are one.
        dtype : dtype
            Of the network.

        Returns
        -------
        targets : Targets
            Whose labels say nothing.

        Raises
        ------
        ValueError
            If shapes don't fit.
        """
        columns = y[:, None] if y.ndim == 1 else y
        if columns.shape != (len(y), n_outputs) or len(y) == 0:
            raise ValueError(f"y must have the shape (n_samples, {n_outputs}), got {y.shape}.")
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)
        if len(weight) != len(y):
            raise ValueError(f"{len(weight)} sample weights for {len(y)} samples.")
        values = np.ascontiguousarray(columns.T, dtype)
        return cls(np.zeros(len(y), np.int64), values, weight.astype(dtype, copy=False))

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
