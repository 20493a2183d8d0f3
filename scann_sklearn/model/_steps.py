"""The steps that samples go through, in pipelines and searches too."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._sklearn import BaseSearchCV

_NOT_SEARCHED = "This %(name)s has no best estimator yet: call fit, with refit other than False."


def best_of(estimator: Any) -> Any:
    """Best estimator of a search, what a frozen one holds; anything else as it is.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.

    Returns
    -------
    estimator : estimator
        What predicts.

    Raises
    ------
    NotFittedError
        If a search has no best estimator.
    """
    while isinstance(estimator, BaseSearchCV | FrozenEstimator):
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
            continue
        check_is_fitted(estimator, "best_estimator_", msg=_NOT_SEARCHED)
        estimator = estimator.best_estimator_
    return estimator


def last_of(estimator: Any) -> Any:
    """Last step of a pipeline, fitted or not; anything else as it is."""
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def steps_of(estimator: Any) -> list[Any]:
    """Steps of an estimator, pipelines and searches opened.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, a pipeline or a search, inside each other too.

    Returns
    -------
    steps : list of estimator
        What samples go through, one after the other; the last one predicts.

    Raises
    ------
    NotFittedError
        If a search has no best estimator.
    """
    estimator = best_of(estimator)
    if not isinstance(estimator, Pipeline):
        return [estimator]
    steps = [step for _, step in estimator.steps if step is not None and step != "passthrough"]
    return [inner for step in steps for inner in steps_of(step)]


@dataclass(frozen=True)
class Branch:
    """A step that takes some features, next to others.

    Parameters
    ----------
    step : estimator, "passthrough" or "drop"
        A fitted step; not fitted where it takes none.
    columns : ndarray of int
        Features that it takes.
    weight : float
        What its features are multiplied by.
    outputs : slice or None
        Where they are put; None: behind those of the branches before.
    """

    step: Any
    columns: np.ndarray
    weight: float
    outputs: slice | None = None


def branches_of(step: ColumnTransformer | FeatureUnion) -> list[Branch]:
    """Branches of a step that has several next to each other.

    Parameters
    ----------
    step : ColumnTransformer or FeatureUnion
        A fitted one.

    Returns
    -------
    branches : list of Branch
        In the order of their features.
    """
    weights = step.transformer_weights or {}
    if isinstance(step, FeatureUnion):
        columns = np.arange(step.n_features_in_)
        return [Branch(s, columns, weights.get(name, 1.0)) for name, s in step.transformer_list]
    names = getattr(step, "feature_names_in_", ())
    place = {name: i for i, name in enumerate(names)}
    return [
        Branch(
            inner,
            _indices(columns, place, step.n_features_in_),
            weights.get(name, 1.0),
            step.output_indices_[name],
        )
        for name, inner, columns in step.transformers_
    ]


def _indices(columns, place, n_features) -> np.ndarray:
    """Indices of columns that are given in any of the ways of a ColumnTransformer."""
    if isinstance(columns, slice):
        start, stop = columns.start, columns.stop
        if isinstance(start, str) or isinstance(stop, str):
            stop = None if stop is None else place[stop] + 1
            columns = slice(start and place[start], stop, columns.step)
    elif len(found := np.atleast_1d(np.asarray(columns))) and found.dtype.kind in "OUT":
        columns = [place[name] for name in found]
    else:
        columns = found.astype(bool if found.dtype.kind == "b" else int)
    return np.atleast_1d(np.arange(n_features)[columns])
