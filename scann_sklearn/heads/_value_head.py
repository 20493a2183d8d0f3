"""Heads of networks that predict numbers, and the losses between which users choose."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._codes import ABSOLUTE, DELTA, HUBER, SQUARED

_HALVINGS = 60  # of an interval, until nothing of it is left


class ValueHead(Head):
    """One or several numbers a sample, an output each.

    Parameters
    ----------
    n_outputs : int
        How many.
    """

    kind = "values"
    comparisons = 0

    def __init__(self, n_outputs: int) -> None:
        self.n_outputs = n_outputs

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n_outputs})"

    @property
    def meaning(self) -> str:
        """What there is to predict, in words."""
        return f"{self.n_outputs:,} value{'s' * (self.n_outputs > 1)}"

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: y, or y0, y1 and so on."""
        if self.n_outputs == 1:
            return ["y"]
        return [f"y{k}" for k in range(self.n_outputs)]

    def answers(self, y: np.ndarray) -> np.ndarray:
        """Numbers of shape (n_samples, n_outputs); of one output as (n_samples,)."""
        return y[:, 0] if self.n_outputs == 1 else y

    def targets(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        smoothing: float = 0.0,
        dtype: np.dtype | type = np.float64,
        labels: np.ndarray | None = None,
    ) -> Targets:
        """Targets of numbers, of shape (n_samples,) or (n_samples, n_outputs); not smoothed."""
        return Targets.of_values(np.asarray(y), self.n_outputs, sample_weight, dtype)

    def target_array(self, targets: Targets) -> np.ndarray:
        """The numbers, of shape (n_samples, n_outputs)."""
        return targets.values.T

    def start_bias(self, targets: Targets) -> np.ndarray:
        """Location of each output's targets: what the loss is smallest for."""
        there = targets.sample_weight > 0
        values, weight = targets.values[:, there], targets.sample_weight[there].astype(float)
        return np.array([self._location(v.astype(float), weight) for v in values])

    @abstractmethod
    def _location(self, values: np.ndarray, weight: np.ndarray) -> float:
        """The constant with the smallest weighted loss."""

    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """The outputs; a single one as an array of shape (n_samples,)."""
        return self.answers(outputs)


class Squared(ValueHead):
    """Half of the squared error: predicts means."""

    loss, loss_name = SQUARED, "squared_error"

    def _location(self, values, weight) -> float:
        return float(np.average(values, weights=weight))


class Absolute(ValueHead):
    """The absolute error: predicts medians."""

    loss, loss_name = ABSOLUTE, "absolute_error"

    def _location(self, values, weight) -> float:
        return float(np.quantile(values, 0.5, weights=weight, method="inverted_cdf"))


class Huber(ValueHead):
    """Squared where the error is small, else absolute: outliers have a bounded say.

    Parameters
    ----------
    n_outputs : int
        Number of outputs.
    delta : float
        Error from which on it is absolute, in the scale of training.

    References
    ----------
    Huber. Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35, 1964.
    """

    loss, loss_name = HUBER, "huber"

    def __init__(self, n_outputs: int, delta: float) -> None:
        super().__init__(n_outputs)
        self.delta = delta

    @property
    def loss_numbers(self) -> dict[int, float]:
        """The delta."""
        return {DELTA: self.delta}

    def _location(self, values, weight) -> float:
        # the sum of the clipped errors falls from one sign to the other
        low, high = values.min(), values.max()
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if weight @ np.clip(values - middle, -self.delta, self.delta) > 0:
                low = middle
            else:
                high = middle
        return float((low + high) / 2)


VALUE_HEADS: dict[str, type[ValueHead]] = {h.loss_name: h for h in (Squared, Absolute, Huber)}


def value_head(loss: str, n_outputs: int, huber_delta: float) -> ValueHead:
    """Head for a loss.

    Parameters
    ----------
    loss : str
        Its name, a key of `VALUE_HEADS`.
    n_outputs : int
        Number of outputs.
    huber_delta : float
        See `Huber`.

    Returns
    -------
    head : ValueHead
        The head.
    """
    if loss == Huber.loss_name:
        return Huber(n_outputs, huber_delta)
    return VALUE_HEADS[loss](n_outputs)
