"""Several labels per sample: an indicator matrix as y."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._teacher import as_teaching, check_teaching
from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._head import SMALLEST_SHARE, Head
from scann_sklearn.heads._targets import Targets


class LabelProblem(Problem):
    """Labels that a sample has or not.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters are valid.
    y : ndarray of shape (n_samples, n_labels)
        Indicators, 0 or 1.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.
    known : Head or None
        That of the earlier fit which this one continues.

    Raises
    ------
    ValueError
        If y holds other numbers, has another shape than in the earlier fit, or classes have
        weights.
    """

    head: Bernoulli

    def __init__(
        self, estimator: Any, y: np.ndarray, sample_weight: np.ndarray, known: Head | None
    ) -> None:
        if isinstance(estimator.class_weight, dict):
            raise ValueError(
                f"class_weight={estimator.class_weight!r} is for samples of one class each, but y "
                f"has {y.shape[1]} labels: use sample_weight."
            )
        if known is not None and (known.kind, known.n_outputs) != ("labels", y.shape[1]):
            raise ValueError(
                f"warm_start continues with {known.meaning}, but y has {y.shape[1]} labels."
            )
        self.estimator, self.head = estimator, Bernoulli(y.shape[1])
        self.y = _indicators("y", y)
        self.label_weights = np.ones((2, y.shape[1]))
        if estimator.class_weight is not None:
            self.label_weights = _balanced(self.y, sample_weight)
        self.sample_weight = sample_weight * self._of_labels(self.y)
        if not np.isfinite(total := self.sample_weight.sum()):
            raise ValueError(f"sample_weight, with class_weight, adds up to {total}.")

    def _of_labels(self, y) -> np.ndarray:
        """Weights of samples for their labels: the product over these, as in scikit-learn."""
        return np.where(y > 0, self.label_weights[1], self.label_weights[0]).prod(axis=1)

    def encode_validation(self, y: Any, sample_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Indicators as integers."""
        expected = (len(y), self.head.n_outputs)
        if y.shape != expected:
            raise ValueError(f"y_val must have the shape {expected}, as y has, got {y.shape}.")
        labels = _indicators("y_val", y)
        return labels, sample_weight * self._of_labels(labels)

    def scaling(self, train: Part) -> OutputScaling | None:
        """Labels that all or no training samples have become constant outputs."""
        share = train.y.mean(axis=0)
        varies = (share > 0) & (share < 1)
        if varies.all():
            return None
        sure = np.log1p(-SMALLEST_SHARE) - np.log(SMALLEST_SHARE)
        return OutputScaling(np.where(varies, 0, np.where(share > 0, sure, -sure)), 1.0 * varies)

    def targets(
        self,
        train: Part,
        weight: np.ndarray,
        scaling: OutputScaling | None,
        teacher: Any,
    ) -> Targets:
        """Targets of indicators, mixed with the probabilities of a teacher where there is one."""
        y, smoothing = train.y, self.estimator.label_smoothing
        if teacher is not None:
            share = self.estimator.teacher_weight
            said = _probabilities(teacher, train.X, y.shape[1])
            softened = _soften(said, self.estimator.teacher_temperature)
            y = (1 - share) * (y * (1 - smoothing) + smoothing / 2) + share * softened
        return self.head.targets(y, weight, smoothing, train.inputs.dtype)


def _balanced(y, sample_weight) -> np.ndarray:
    """Weight of 0 and 1 of each label, shape (2, n_labels): both have the same sum."""
    ones = sample_weight @ y
    sums = np.array([sample_weight.sum() - ones, ones])
    return np.where(sums > 0, sample_weight.sum() / 2 / np.where(sums > 0, sums, 1), 1)


def _indicators(name, y) -> np.ndarray:
    other = np.setdiff1d(y, [0, 1])
    if len(other):
        raise ValueError(
            f"{name} has several columns and holds {other[0]}: labels must be 0 or 1. "
            "Columns with several classes (multiclass-multioutput) are not "
            "supported: use sklearn.multioutput.MultiOutputClassifier."
        )
    return np.asarray(y).astype(np.int64)


def _probabilities(teacher, X, n_labels) -> np.ndarray:
    """Probability of each label, as an array or as a list of two-column arrays says it."""
    said = teacher.predict_proba(X)
    if isinstance(said, list):
        labels = teacher.classes_
        said = np.column_stack([_of_one(p, known) for p, known in zip(said, labels, strict=True)])
    said = as_teaching(said, (X.shape[0], n_labels), "probabilities")
    usable = ((said >= 0) & (said <= 1)).all(axis=1)
    check_teaching(said, np.logical_not(usable), "probabilities")
    return said


def _of_one(probabilities, known) -> np.ndarray:
    """Probability of 1 among the classes that a teacher knows of one label."""
    position = np.flatnonzero(np.asarray(known) == 1)
    return probabilities[:, position[0]] if len(position) else np.zeros(len(probabilities))


def _soften(p, temperature) -> np.ndarray:
    with np.errstate(divide="ignore"):  # certainty stays certain
        odds = np.log(p) - np.log1p(-p)
    return 1 / (1 + np.exp(np.clip(-odds / temperature, -700, 700)))
