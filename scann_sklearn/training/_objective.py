"""Samples with what is to be learnt about them: what training and operations look at."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scann_sklearn.heads._head import Head
from scann_sklearn.heads._of_kind import head_for_loss
from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._codes import SMOOTHING
from scann_sklearn.network._gradients import mean_loss, signals_of
from scann_sklearn.network._layer import Signals, SparseSignals
from scann_sklearn.network._network import Network
from scann_sklearn.network._samples import as_samples


class Objective:
    """What a network should do: samples, their targets and weights, and the loss.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs), or Samples
        Samples, scaled as for training.
    targets : Targets
        What is to be learnt about them; how much each of them counts.
    head : Head
        What the outputs mean: which loss is computed.
    renew : callable, default=None
        Makes other samples and targets for every epoch: augmented images.
    """

    def __init__(
        self,
        X: Any,
        targets: Targets,
        head: Head,
        renew: Callable[[], tuple[Any, Targets]] | None = None,
    ) -> None:
        self.samples = as_samples(X)
        self.targets, self.head, self.renew = targets, head, renew

    def of_epoch(self) -> Objective:
        """What an epoch trains on: this objective, or one that is made for it."""
        return self if self.renew is None else Objective(*self.renew(), self.head)

    @classmethod
    def of_arrays(
        cls, network, X, y, sample_weight=None, smoothing=0.0, loss="log_loss", huber_delta=1.35
    ) -> Objective:
        """Objective of a network whose classes, if it has any, are numbers from 0 on.

        Parameters
        ----------
        network : Network
            Its outputs and dtype are taken.
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs)
            Samples.
        y : ndarray
            What the loss compares outputs with, see `connection_saliency`.
        sample_weight : ndarray of shape (n_samples,), default=None
            Weights of the samples.
        smoothing : float, default=0.0
            Share of the uniform distribution in targets that are made of labels.
        loss : str, default="log_loss"
            Name of the loss.
        huber_delta : float, default=1.35
            Of the loss "huber".

        Returns
        -------
        objective : Objective
            What these arrays ask for.
        """
        head = head_for_loss(loss, network.topology.n_outputs, huber_delta)
        return cls(X, head.targets(y, sample_weight, smoothing, network.weight.dtype), head)

    def follow(self, network: Network) -> bool:
        """Make the samples those that a network reads; whether they were others."""
        return False

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def X(self) -> np.ndarray:
        """The samples as an array, scaled as for training; those of a sparse X are made dense."""
        return self.samples.dense()

    @property
    def dtype(self) -> np.dtype:
        """Type of the samples, and so of the network."""
        return self.samples.dtype

    @property
    def sample_weight(self) -> np.ndarray:
        """Weights of the samples."""
        return self.targets.sample_weight

    @property
    def loss_numbers(self) -> dict[int, float]:
        """Numbers that the loss takes, by their codes."""
        return {SMOOTHING: self.targets.smoothing} | self.head.loss_numbers

    @property
    def loss_arguments(self) -> tuple:
        """Code of the loss, its numbers, and labels, values and weights of the samples."""
        t = self.targets
        return self.head.loss, self.loss_numbers, t.labels, t.values, t.sample_weight

    def take(self, rows: np.ndarray) -> Objective:
        """Objective on some of the samples.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        objective : Objective
            With these samples only.
        """
        return Objective(self.samples.take(rows), self.targets.take(rows), self.head)

    def sample(self, n_samples: int, rng: np.random.Generator) -> Objective:
        """Objective on random samples; on all that count if these are few.

        Parameters
        ----------
        n_samples : int
            How many.
        rng : numpy.random.Generator
            What draws them.

        Returns
        -------
        objective : Objective
            Samples of weight zero, which have no say, are not among them.
        """
        rows = np.flatnonzero(self.sample_weight)
        if n_samples < len(rows):
            rows = np.sort(rng.choice(rows, n_samples, replace=False))
        return self.take(rows)

    def gradients(self, network: Network) -> list[Signals | SparseSignals]:
        """Run all samples forward and backward.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        signals : list of Signals or SparseSignals
            What the samples did to each layer.
        """
        return signals_of(network, self.samples, *self.loss_arguments)

    def mean_loss(self, network: Network) -> float:
        """Mean of the weighted losses of all samples.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        loss : float
            Without a penalty on weights.
        """
        return mean_loss(network, self.samples, *self.loss_arguments)
