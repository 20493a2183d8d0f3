"""Two classes by one output."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._class_head import ClassHead, decision
from scann_sklearn.network._codes import LOGISTIC


class Logistic(ClassHead):
    """Two classes by one output, positive for the second: a second one would add nothing."""

    loss = link = LOGISTIC
    n_outputs = 1
    comparisons = decision(1)
    decides_by_sign = True

    def _values(self, probabilities) -> np.ndarray:
        return probabilities.T[1:]

    def _distributions(self, values) -> np.ndarray:
        return np.vstack([1 - values, values]).T

    def decide(self, outputs) -> np.ndarray:
        """Number of the class: the sign of the output."""
        return (outputs[:, 0] > 0).astype(int)

    def scores(self, outputs) -> np.ndarray:
        """Zero and the output: the logistic function is the softmax of these."""
        return np.hstack([np.zeros_like(outputs), outputs])

    def log_probabilities(self, outputs) -> np.ndarray:
        """Logarithms of class probabilities."""
        from scipy.special import log_expit  # files of models are read without SciPy

        return np.column_stack([log_expit(-outputs[:, 0]), log_expit(outputs[:, 0])])

    def _bias_of(self, logarithms) -> np.ndarray:
        return logarithms[1:] - logarithms[:1]
