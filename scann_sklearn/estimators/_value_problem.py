"""Numbers as y: regression."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import column_or_1d

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._teacher import as_teaching, check_teaching
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.heads._value_head import ValueHead, value_head


class ValueProblem(Problem):
    """One or several numbers a sample.

    Parameters
    ----------
    estimator : SCANNRegressor
        Its parameters are valid.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Numbers.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.
    known : Head or None
        That of the earlier fit which this one continues.

    Raises
    ------
    ValueError
        If y holds something else than numbers, or has another number of columns than in the
        earlier fit.
    """

    head: ValueHead

    def __init__(
        self, estimator: Any, y: np.ndarray, sample_weight: np.ndarray, known: Head | None
    ) -> None:
        self.estimator, self.sample_weight = estimator, sample_weight
        self.y = _numbers("y", y)
        n_outputs = self.y.shape[1]
        if known is not None and known.n_outputs != n_outputs:
            raise ValueError(
                f"warm_start continues with {known.n_outputs} target(s), but y has {n_outputs}."
            )
        with np.errstate(over="ignore"):
            total = sample_weight.sum()
        if not np.isfinite(total):
            raise ValueError(
                f"sample_weight adds up to {total}; the largest is {sample_weight.max()}."
            )
        if estimator.teacher is not None and is_classifier(estimator.teacher):
            raise ValueError(f"teacher must be a regressor, got {estimator.teacher!r}.")
        self.head = value_head(estimator.loss, n_outputs, estimator.huber_delta)

    def encode_validation(self, y: Any, sample_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers, one column per target."""
        if self.head.n_outputs == 1 and y.shape == (len(y), 1):
            y = column_or_1d(y, warn=True)
        y = _numbers("y_val", y)
        if y.shape[1] != self.head.n_outputs:
            raise ValueError(f"y_val has {y.shape[1]} target(s), but y has {self.head.n_outputs}.")
        return y, sample_weight

    def scaling(self, train: Part) -> OutputScaling:
        """Mean and standard deviation of each target become zero and one."""
        return OutputScaling.of_values(train.y, train.sample_weight, train.inputs.dtype)

    def targets(
        self,
        train: Part,
        weight: np.ndarray,
        scaling: OutputScaling | None,
        teacher: Any,
    ) -> Targets:
        """Targets in the scale of training, mixed with a teacher's where there is one."""
        y = train.y
        if teacher is not None:
            share = self.estimator.teacher_weight
            said = np.asarray(teacher.predict(train.X))
            said = as_teaching(said[:, None] if said.ndim == 1 else said, y.shape, "predictions")
            check_teaching(said, np.logical_not(np.isfinite(said).all(axis=1)), "predictions")
            y = (1 - share) * y + share * said
        y = y if scaling is None else scaling.apply(y)
        return self.head.targets(y, weight, dtype=train.inputs.dtype)


def _numbers(name, y) -> np.ndarray:
    """float64, one column per target."""
    y = np.asarray(y)
    if y.dtype.kind in "mMUS":
        what = "strings" if y.dtype.kind in "US" else "dates or times"
        raise ValueError(f"{name} must hold numbers, got {what} such as {y.ravel()[0]}.")
    try:
        y = y.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers: {error}.") from error
    if not np.isfinite(y).all():
        raise ValueError(f"{name} holds {y[~np.isfinite(y)][0]}, which is not finite.")
    return y[:, None] if y.ndim == 1 else y
