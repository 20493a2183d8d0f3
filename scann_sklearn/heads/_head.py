"""What every head offers: the way from labels to targets, and from outputs to answers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from scann_sklearn.heads._targets import Targets


class Head(ABC):
    """What the outputs of a network mean.

    Attributes
    ----------
    loss : int
        Code of the loss that the compiled kernels and their twin in torch compute.
    link : int
        Code of what the compiled code makes probabilities of outputs with.
    n_outputs : int
        Number of outputs.
    comparisons : int
        Comparisons that a decision takes on a device.
    """

    loss: int
    link: int
    n_outputs: int
    comparisons: int

    @abstractmethod
    def targets(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        smoothing: float = 0.0,
        dtype: np.dtype | type = np.float64,
        labels: np.ndarray | None = None,
    ) -> Targets:
        """Training targets.

        Parameters
        ----------
        y : ndarray
            What a user's y was encoded as.
        sample_weight : ndarray of shape (n_samples,), default=None
            Weights of the samples; None: all are one.
        smoothing : float, default=0.0
            Share of the uniform distribution in targets that are made of labels.
        dtype : dtype, default=numpy.float64
            Of the network.
        labels : ndarray of int of shape (n_samples,), default=None
            With distributions: the classes of the samples, for the best constant prediction. None:
            the most probable ones.

        Returns
        -------
        targets : Targets
            As losses take them.

        Raises
        ------
        ValueError
            If `y` is of another shape or range.
        """

    @abstractmethod
    def target_array(self, targets: Targets) -> np.ndarray:
        """Targets as `targets` takes them.

        Parameters
        ----------
        targets : Targets
            What `targets` returned.

        Returns
        -------
        y : ndarray
            The way back.
        """

    @abstractmethod
    def start_bias(self, targets: Targets) -> np.ndarray:
        """Outputs of the best constant prediction: rare classes don't have to be unlearnt.

        Parameters
        ----------
        targets : Targets
            The training targets.

        Returns
        -------
        bias : ndarray of shape (n_outputs,)
            Where the biases of the outputs start.
        """

    @abstractmethod
    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """Answers in the user's terms.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Class labels.
        """
