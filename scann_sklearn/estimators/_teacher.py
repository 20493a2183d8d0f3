"""A more accurate estimator that helps to make the training targets."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import has_fit_parameter

from scann_sklearn.estimators._data import Part


def fitted_teacher(teacher: Any, train: Part, y: np.ndarray, rng: np.random.Generator) -> Any:
    """Fit a clone of a teacher.

    Parameters
    ----------
    teacher : estimator
        The user's; inside a `FrozenEstimator` it is taken as it is.
    train : Part
        The training part, as the user gave it.
    y : ndarray
        Its answers, in the user's terms.
    rng : numpy.random.Generator
        Fills in every `random_state` of the teacher that is None.

    Returns
    -------
    teacher : estimator
        Fitted, with `sample_weight` where its `fit` takes them.
    """
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
    return teacher.fit(train.X, y, **weights)


def as_teaching(said: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """What a teacher says about samples, as numbers.

    Parameters
    ----------
    said : array-like
        What it says.
    shape : tuple of int
        The shape that is expected.
    what : str
        What it is.

    Returns
    -------
    said : ndarray of float64 of this shape
        A copy.
    """
    try:
        said = np.array(said, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The teacher's {what} must be numbers: {error}.") from error
    if said.shape != shape:
        raise ValueError(f"The teacher's {what} have the shape {said.shape}, expected {shape}.")
    return said


def check_teaching(said: np.ndarray, bad: np.ndarray, what: str) -> None:
    """Raise where a teacher says something that nothing can be learnt from.

    Parameters
    ----------
    said : ndarray of shape (n_samples, n)
        What it says about the samples.
    bad : ndarray of bool of shape (n_samples,)
        About which of them it can't be used.
    what : str
        What it is.
    """
    if bad.any():
        raise ValueError(
            f"The teacher's {what} for a sample are {said[bad.argmax()].tolist()}: "
            "nothing can be learnt from them."
        )
