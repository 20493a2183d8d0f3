"""What heads of networks that tell classes apart have in common."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from scann_sklearn.heads._head import SMALLEST_SHARE, Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.heads._temperature import softmax_temperature


def decision(n_outputs: int) -> int:
    """Comparisons of a decision: an argmax, or the sign of a single output.

    Softmax and the logistic function don't change which output is largest: they cost nothing.
    """
    return max(n_outputs - 1, 1)


class ClassHead(Head):
    """One class a sample.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Class labels.
    """

    kind = "classes"
    loss_name = "log_loss"

    def __init__(self, classes: np.ndarray) -> None:
        self.classes = classes

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.classes)} classes)"

    def targets(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        smoothing: float = 0.0,
        dtype: np.dtype | type = np.float64,
        labels: np.ndarray | None = None,
    ) -> Targets:
        """Targets of class numbers, or of distributions of shape (n_samples, n_classes)."""
        y = np.asarray(y)
        if sample_weight is None:
            sample_weight = np.ones(len(y))
        weight = np.asarray(sample_weight).astype(dtype, copy=False)
        if len(weight) != len(y):
            raise ValueError(f"{len(weight)} sample weights for {len(y)} samples.")
        if y.ndim == 1:
            labels, values = self._numbers(y), np.empty((self.n_outputs, 0), dtype)
        else:
            values = self._of_distributions(y, dtype)
            labels = y.argmax(axis=1) if labels is None else self._numbers(labels)
        return Targets(labels, values, weight, smoothing)

    def _numbers(self, y) -> np.ndarray:
        # The kernels use labels as indices without looking.
        n_classes = len(self.classes)
        if len(y) == 0:
            raise ValueError("There must be at least one label.")
        if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= n_classes:
            raise ValueError(
                f"y must hold integers from 0 to {n_classes - 1}, got {y.dtype} "
                f"from {y.min()} to {y.max()}."
            )
        return y.astype(np.int64, copy=False)

    def _of_distributions(self, y, dtype) -> np.ndarray:
        if y.shape != (len(y), len(self.classes)) or len(y) == 0:
            raise ValueError(
                f"y must have the shape (n_samples, {len(self.classes)}) to hold distributions "
                f"over the classes, got {y.shape}."
            )
        return np.ascontiguousarray(self._values(y), dtype)

    @abstractmethod
    def _values(self, probabilities: np.ndarray) -> np.ndarray:
        """Probability that each output stands for, (n_outputs, n_samples)."""

    @abstractmethod
    def _distributions(self, values: np.ndarray) -> np.ndarray:
        """The way back from `_values`."""

    def target_array(self, targets: Targets) -> np.ndarray:
        """Class numbers, or distributions of shape (n_samples, n_classes)."""
        return self._distributions(targets.values) if targets.has_values else targets.labels

    @abstractmethod
    def decide(self, outputs: np.ndarray) -> np.ndarray:
        """Number of the most probable class.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        numbers : ndarray of int of shape (n_samples,)
            The first of the largest.
        """

    @abstractmethod
    def scores(self, outputs: np.ndarray) -> np.ndarray:
        """One number a class whose softmax is the probability of the class.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes)
            Up to a constant the logarithms of the probabilities.
        """

    @property
    def meaning(self) -> str:
        """What there is to predict, in words."""
        n_classes = len(self.classes)
        one = ", one logistic output" * (self.n_outputs < n_classes)
        return f"{n_classes:,} classes{one}"

    @property
    def output_names(self) -> list[str]:
        """Class that each output speaks for."""
        return [str(label) for label in self.classes[-self.n_outputs :]]

    def answers(self, y: np.ndarray) -> np.ndarray:
        """Labels of class numbers."""
        return self.classes[y]

    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """Labels of the most probable classes."""
        return self.classes[self.decide(outputs)]

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        z = self.scores(outputs)
        terms = np.exp(z - z.max(axis=1, keepdims=True))
        return terms / terms.sum(axis=1, keepdims=True)

    def temperatures(
        self, outputs: np.ndarray, y: np.ndarray, sample_weight: np.ndarray
    ) -> np.ndarray:
        """One temperature for all outputs."""
        one = softmax_temperature(self.scores(outputs), y, sample_weight)
        return np.full(self.n_outputs, one)

    @abstractmethod
    def log_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Logarithms of class probabilities.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Outputs of a network.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Logarithm of the probability of each class.
        """

    def start_bias(self, targets: Targets) -> np.ndarray:
        """Logarithms of the class shares, by the labels where targets are distributions too."""
        n_classes, smoothing = len(self.classes), targets.smoothing
        share = np.bincount(targets.labels, targets.sample_weight, minlength=n_classes)
        share = (1 - smoothing) * share / share.sum() + smoothing / n_classes
        return self._bias_of(np.log(np.maximum(share, SMALLEST_SHARE)))

    def entropy(self, targets: Targets) -> float:
        """Entropy of the class shares in bits."""
        share = self.probabilities(self.start_bias(targets)[None])[0]
        return float(-share @ np.log2(share))

    @abstractmethod
    def _bias_of(self, logarithms: np.ndarray) -> np.ndarray:
        """Biases of the outputs from the logarithms of the class shares."""
