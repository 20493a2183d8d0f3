"""What every head offers: the way from labels to targets, and from outputs to answers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._codes import IDENTITY

SMALLEST_SHARE = 1e-6  # of a class that has none: the logarithm of zero is no bias


class Head(ABC):
    """What the outputs of a network mean.

    Attributes
    ----------
    kind : {"classes", "labels", "values"}
        What is answered: one class of several, some labels of several, or numbers.
    loss : int
        Code of the loss that the compiled kernels and their twin in torch compute.
    loss_name : str
        Its name, as the operations take it.
    loss_numbers : dict of int to float
        Numbers of the head that the loss takes, by their codes.
    link : int
        Code of what the compiled code makes probabilities of outputs with.
    n_outputs : int
        Number of outputs.
    comparisons : int
        Comparisons that a decision takes on a device.
    decides_by_sign : bool
        Whether the answer is one class of two, that of the sign of one output.
    answers_by_probabilities : bool
        Whether temperatures change answers: where probabilities are averaged.
    section_ratio : float or None
        With early exits: how many times as many connections a pruning leaves for each exit as for
        the one before. If None, all connections are ranked together.
    classes : ndarray
        Labels of the classes; empty where there are none.
    """

    kind: str
    loss: int
    loss_name: str
    link: int = IDENTITY
    n_outputs: int
    comparisons: int
    decides_by_sign = False
    answers_by_probabilities = False
    section_ratio: float | None = None
    classes: np.ndarray = np.empty(0)

    @property
    def loss_numbers(self) -> dict[int, float]:
        """Numbers of the head that the loss takes, by their codes."""
        return {}

    @property
    @abstractmethod
    def meaning(self) -> str:
        """What there is to predict, in words for a table."""

    @property
    @abstractmethod
    def output_names(self) -> list[str]:
        """What each output speaks for, for a picture."""

    def answers(self, y: np.ndarray) -> np.ndarray:
        """The user's y of what `targets` takes.

        Parameters
        ----------
        y : ndarray
            What a user's y was encoded as.

        Returns
        -------
        y : ndarray
            As `predict` returns it.
        """
        return y

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

    def entropy(self, targets: Targets) -> float:
        """Entropy of the best constant prediction: how much there is to learn.

        Parameters
        ----------
        targets : Targets
            The training targets.

        Returns
        -------
        entropy : float
            In bits, of labels the mean over them; 1 for values.
        """
        return 1.0

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities that outputs stand for, with NumPy alone.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probability of each class or label.

        Raises
        ------
        AttributeError
            If the outputs are values.
        """
        raise AttributeError(f"Outputs that are {self.kind} have no probabilities: use predict.")

    def temperatures(
        self, outputs: np.ndarray, y: np.ndarray, sample_weight: np.ndarray
    ) -> np.ndarray | None:
        """What outputs are divided by so that probabilities fit these data; answers don't change.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.
        y : ndarray
            What a user's y was encoded as.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples; some are positive.

        Returns
        -------
        temperatures : ndarray of shape (n_outputs,) or None
            All are positive. None: there are no probabilities.
        """
        return None

    @abstractmethod
    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """Answers in the user's terms.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, indicators or numbers.
        """
