"""Any number of classes by one output each."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._class_head import ClassHead, decision
from scann_sklearn.network._codes import SOFTMAX


class Softmax(ClassHead):
    """Three or more classes, one output each."""

    loss = link = SOFTMAX

    def __init__(self, classes: np.ndarray) -> None:
        super().__init__(classes)
        self.n_outputs = len(classes)
        self.comparisons = decision(self.n_outputs)

    def _values(self, probabilities) -> np.ndarray:
        return probabilities.T

    def _distributions(self, values) -> np.ndarray:
        return values.T

    def decide(self, outputs) -> np.ndarray:
        """Number of the class: the first of the largest outputs."""
        return outputs.argmax(axis=1)

    def scores(self, outputs) -> np.ndarray:
        """The outputs as they are."""
        return outputs

    def log_probabilities(self, outputs) -> np.ndarray:
        """Logarithms of class probabilities."""
        from scipy.special import log_softmax  # files of models are read without SciPy

        with np.errstate(over="ignore"):  # a difference of huge outputs: probability zero
            return log_softmax(outputs, axis=1)

    def _bias_of(self, logarithms) -> np.ndarray:
        return logarithms - logarithms.mean()
