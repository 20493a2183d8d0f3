"""Labels that a sample may have or not, each by one output."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._head import SMALLEST_SHARE, Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.heads._temperature import logistic_temperature
from scann_sklearn.network._codes import BERNOULLI


class Bernoulli(Head):
    """Any number of labels, each of which a sample has or not; one output a label.

    Parameters
    ----------
    n_outputs : int
        Number of labels.
    """

    kind = "labels"
    loss, loss_name = BERNOULLI, "binary_log_loss"

    def __init__(self, n_outputs: int) -> None:
        self.n_outputs = self.comparisons = n_outputs
        self.classes = np.arange(n_outputs)

    def __repr__(self) -> str:
        return f"Bernoulli({self.n_outputs} labels)"

    @property
    def meaning(self) -> str:
        """What there is to predict, in words."""
        return f"{self.n_outputs:,} labels"

    @property
    def output_names(self) -> list[str]:
        """Numbers of the labels."""
        return [str(k) for k in range(self.n_outputs)]

    def targets(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        smoothing: float = 0.0,
        dtype: np.dtype | type = np.float64,
        labels: np.ndarray | None = None,
    ) -> Targets:
        """Targets of indicators (integers, which are smoothed) or of probabilities (floats)."""
        y = np.asarray(y)
        if y.dtype.kind in "iub":
            y = y * (1 - smoothing) + smoothing / 2
        return Targets.of_values(y, self.n_outputs, sample_weight, dtype)

    def target_array(self, targets: Targets) -> np.ndarray:
        """Probabilities of shape (n_samples, n_outputs)."""
        return targets.values.T

    def start_bias(self, targets: Targets) -> np.ndarray:
        """Logarithms of the odds of each label."""
        share = np.average(targets.values, axis=1, weights=targets.sample_weight)
        share = np.clip(share, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        return np.log(share) - np.log1p(-share)

    def entropy(self, targets: Targets) -> float:
        """Mean over the labels of the entropy of their shares in bits."""
        share = self.probabilities(self.start_bias(targets)[None])[0]
        return float(-np.mean(share * np.log2(share) + (1 - share) * np.log2(1 - share)))

    def temperatures(
        self, outputs: np.ndarray, y: np.ndarray, sample_weight: np.ndarray
    ) -> np.ndarray:
        """A temperature for each label."""
        columns = zip(outputs.T, y.T, strict=True)
        return np.array([logistic_temperature(z, known, sample_weight) for z, known in columns])

    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """Indicators: 1 for the labels that are more probable than not."""
        return (outputs > 0).astype(int)

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probability of each label."""
        small = np.exp(-np.abs(outputs))
        return np.where(outputs >= 0, 1, small) / (1 + small)

    def log_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Logarithms of the probabilities of the labels, as of those of classes."""
        return np.minimum(outputs, 0) - np.log1p(np.exp(-np.abs(outputs)))
