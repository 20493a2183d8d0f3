"""One class a sample: the y of most classifiers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import column_or_1d

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._teacher import as_teaching, check_teaching
from scann_sklearn.estimators._validation import WEIGHT
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets


class ClassProblem(Problem):
    """Classes, and their weights.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters are valid.
    y : ndarray of shape (n_samples,)
        Labels.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples; some are positive.
    known : Head or None
        That of the earlier fit which this one continues.

    Raises
    ------
    ValueError
        If fewer than two classes are present, they are not those of the earlier fit, or weights
        are out of range.
    """

    head: ClassHead

    def __init__(
        self, estimator: Any, y: np.ndarray, sample_weight: np.ndarray, known: Head | None
    ) -> None:
        self.estimator = estimator
        classes, labels = np.unique(y, return_inverse=True)
        present = np.unique(labels[sample_weight > 0])
        if len(present) < 2:
            raise ValueError(
                f"{type(estimator).__name__} needs samples of at least 2 classes, got one class: "
                f"{classes[present[0]]}."
            )
        if known is not None and known.kind != "classes":
            raise ValueError(f"warm_start continues with {known.meaning}, but y has classes.")
        if known is not None and not np.array_equal(classes, known.classes):
            raise ValueError(
                f"warm_start continues with the classes {known.classes.tolist()}, but y has "
                f"{classes.tolist()}."
            )
        there = sample_weight > 0
        self.class_weights = _class_weights(
            estimator.class_weight, classes, labels[there], sample_weight[there]
        )
        with np.errstate(over="ignore"):
            weight = sample_weight * self.class_weights[labels]
            total = weight.sum()
        if not np.isfinite(total):
            raise ValueError(
                f"sample_weight, with class_weight, adds up to {total}; the largest is "
                f"{weight.max()}."
            )
        self.y, self.sample_weight, self.head = labels, weight, class_head(classes)

    def encode_validation(self, y: Any, sample_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Class numbers, and weights with those of the classes."""
        if y.ndim == 2 and y.shape[1] > 1:
            raise ValueError(f"y_val must have one class per sample, as y has, got {y.shape}.")
        classes, y = self.head.classes, column_or_1d(y, warn=True)
        unknown = np.setdiff1d(y, classes)
        if len(unknown):
            raise ValueError(f"y_val has labels that y lacks: {unknown.tolist()}.")
        labels = np.searchsorted(classes, y)
        return labels, sample_weight * self.class_weights[labels]

    def strata(self, y: np.ndarray) -> np.ndarray:
        """The classes."""
        return y

    def scaling(self, train: Part) -> None:
        """None: outputs are logarithms of odds, whatever the data."""

    def targets(
        self,
        train: Part,
        weight: np.ndarray,
        scaling: OutputScaling | None,
        teacher: Any,
    ) -> Targets:
        """Targets of labels, or of distributions where a teacher says what they are."""
        y = train.y
        if teacher is not None:
            y = distilled_targets(self.estimator, self.head, train, teacher)
        smoothing, dtype = self.estimator.label_smoothing, train.inputs.dtype
        return self.head.targets(y, weight, smoothing, dtype, labels=train.y)


def _class_weights(class_weight, classes, labels, sample_weight) -> np.ndarray:
    """Weight of each class."""
    if isinstance(class_weight, dict):
        _check_class_weight(class_weight, classes)
    absent = np.setdiff1d(np.arange(len(classes)), labels)
    if isinstance(class_weight, str) and len(absent):
        raise ValueError(
            f"class_weight={class_weight!r} needs samples of every class, but sample_weight is "
            f"zero for all samples of the classes {classes[absent].tolist()}."
        )
    weights = compute_class_weight(
        class_weight, classes=classes, y=classes[labels], sample_weight=sample_weight
    )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights[labels].any()):
        raise ValueError(
            f"class_weight must not be negative, nor zero for all classes, got {class_weight!r}."
        )
    return weights


def _check_class_weight(class_weight, classes) -> None:
    unknown = [label for label in class_weight if label not in set(classes.tolist())]
    if unknown:
        raise ValueError(
            f"class_weight has weights for classes that y lacks: {unknown}. The classes are "
            f"{classes.tolist()}."
        )
    wrong = {
        label: weight
        for label, weight in class_weight.items()
        if not WEIGHT.is_satisfied_by(weight)
    }
    if wrong:
        raise ValueError(
            f"class_weight must hold finite numbers that are not negative, got {wrong}."
        )


def distilled_targets(estimator, head, train, teacher) -> np.ndarray:
    """Labels mixed with what a teacher says about the training samples.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters say how.
    head : ClassHead
        Its classes are those of the training part.
    train : Part
        The training part, as the user gave it.
    teacher : classifier
        Fitted.

    Returns
    -------
    targets : ndarray of shape (n_samples, n_classes)
        Distribution over the classes for each sample.

    References
    ----------
    Hinton, Vinyals, Dean. Distilling the Knowledge in a Neural Network, arXiv:1503.02531. The loss
    is the cross-entropy with one mixed distribution, in place of a sum of two losses.
    """
    classes, share = head.classes, estimator.teacher_weight
    softened = _probabilities(teacher, classes, train.X)
    if estimator.teacher_temperature < 1:  # high powers of all of them could be zero
        softened /= softened.max(axis=1, keepdims=True)
    softened **= 1 / estimator.teacher_temperature
    softened /= softened.sum(axis=1, keepdims=True)
    smoothing = estimator.label_smoothing
    labels = np.full_like(softened, smoothing / len(classes))
    labels[np.arange(len(train.y)), train.y] += 1 - smoothing
    return (1 - share) * labels + share * softened


def _probabilities(teacher, classes, X) -> np.ndarray:
    unknown = np.setdiff1d(teacher.classes_, classes)
    if len(unknown):
        raise ValueError(f"The teacher knows classes that y lacks: {unknown.tolist()}.")
    n_samples, known = X.shape[0], np.searchsorted(classes, teacher.classes_)
    probabilities = np.zeros((n_samples, len(classes)))
    said = as_teaching(teacher.predict_proba(X), (n_samples, len(known)), "probabilities")
    probabilities[:, known] = said
    usable = np.isfinite(said) & (said >= 0)
    bad = ~usable.all(axis=1) | ~(probabilities.sum(axis=1) > 0)
    check_teaching(probabilities, bad, "probabilities")
    return probabilities
