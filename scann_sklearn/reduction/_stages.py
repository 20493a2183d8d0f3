"""What one inference of a reduction consists of."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from typing import Any

import numpy as np

from scann_sklearn.model._stages import Stage, dense_stage, scaling_stage
from scann_sklearn.reduction._components import count_components
from scann_sklearn.reduction._methods import METHODS


def reducer_stages(estimator: Any) -> list[Stage]:
    """List what a fitted DimReducer does for one inference."""
    method = METHODS[estimator.method]
    n_features, n_components = estimator.n_features_in_, estimator.n_components_
    scaling = [scaling_stage(n_features)] if estimator.normalize else []
    if method.is_diagonal:
        return scaling
    if not estimator.is_affine_:
        return [*scaling, *estimator.reducer_.stages(n_features)]
    stage = dense_stage(n_features, n_components, reduction=True, folds_after=True)
    if method.is_sparse:
        matrix, _ = estimator.to_affine()
        stage = replace(stage, n_connections=int(np.count_nonzero(matrix)), indexed=True)
    return [stage]


def planned_stages(estimator: Any, n_samples: int, n_features: int) -> tuple[list[Stage], int]:
    """List what a DimReducer will do for one inference, before it is fitted.

    Parameters
    ----------
    estimator : DimReducer
        Its parameters decide.
    n_samples, n_features : int
        Size of the training data.

    Returns
    -------
    stages : list of Stage
        As of the fitted one: of "sparse_rp" with the share of zeros that there is on average, of
        embeddings as if no two samples were equal.
    n_components : int
        Number of components.

    Raises
    ------
    ValueError
        Where `ratio` or `n_components` don't fit the data.
    """
    method = METHODS[estimator.method]
    fit: Any = method.fit  # partial functions, whose arguments tell the methods apart
    n_components = count_components(
        method,
        n_samples,
        n_features,
        ratio=estimator.ratio,
        n_components=estimator.n_components,
        n_landmarks=estimator.n_landmarks,
    )
    scaling = [scaling_stage(n_features)] if estimator.normalize else []
    if method.is_diagonal:
        return scaling, n_components
    if not method.is_affine:
        (embedding,) = fit.args
        planned = embedding(n_components)
        planned.n_landmarks_ = min(estimator.n_landmarks, n_samples)
        planned.n_coordinates_ = n_components
        return [*scaling, *planned.stages(n_features)], n_components
    stage = dense_stage(n_features, n_components, reduction=True, folds_after=True)
    if method.is_sparse:
        n_drawn = round(fit.keywords["density"] * n_features * n_components)
        stage = replace(stage, n_connections=n_drawn, indexed=True)
    return [stage], n_components
