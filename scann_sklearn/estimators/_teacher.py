"""Distillation: training targets that a more accurate classifier helps to make."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import has_fit_parameter


def distilled_targets(estimator, head, train, rng) -> np.ndarray:
    """Labels mixed with what the estimator's teacher says about the training samples.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its `teacher` is cloned and fitted on the training part.
    head : ClassHead
        Its classes are those of the training part.
    train : Part
        The training part, as the user gave it.
    rng : numpy.random.Generator
        Fills in every `random_state` of the teacher that is None.

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
    teacher = _fitted_teacher(estimator.teacher, classes, train, rng)
    softened = _probabilities(teacher, classes, train.X)
    if estimator.teacher_temperature < 1:  # high powers of all of them could be zero
        softened /= softened.max(axis=1, keepdims=True)
    softened **= 1 / estimator.teacher_temperature
    softened /= softened.sum(axis=1, keepdims=True)
    smoothing = estimator.label_smoothing
    labels = np.full_like(softened, smoothing / len(classes))
    labels[np.arange(len(train.y)), train.y] += 1 - smoothing
    return (1 - share) * labels + share * softened


def _fitted_teacher(teacher, classes, train, rng) -> Any:
    teacher = clone(teacher)
    if not isinstance(teacher, FrozenEstimator):
        unset = [
            name
            for name, value in sorted(teacher.get_params().items())
            if value is None and (name == "random_state" or name.endswith("__random_state"))
        ]
        teacher.set_params(**{name: int(rng.integers(2**31)) for name in unset})
    weights = {}
    if has_fit_parameter(teacher, "sample_weight"):
        weights["sample_weight"] = train.sample_weight
    return teacher.fit(train.X, classes[train.y], **weights)


def _probabilities(teacher, classes, X) -> np.ndarray:
    unknown = np.setdiff1d(teacher.classes_, classes)
    if len(unknown):
        raise ValueError(f"The teacher knows classes that y lacks: {unknown.tolist()}.")
    probabilities = np.zeros((len(X), len(classes)))
    probabilities[:, np.searchsorted(classes, teacher.classes_)] = teacher.predict_proba(X)
    bad = ~np.isfinite(probabilities).all(axis=1) | ~(probabilities.sum(axis=1) > 0)
    if bad.any():
        raise ValueError(
            f"The teacher's probabilities of a sample are {probabilities[bad.argmax()].tolist()}: "
            "nothing can be learnt from them."
        )
    return probabilities
