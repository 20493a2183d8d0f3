"""What one inference of a reduction consists of."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from typing import Any

import numpy as np

from scann_sklearn.model._stages import Stage, dense_stage, scaling_stage


def reducer_stages(estimator: Any) -> list[Stage]:
    """List what a fitted DimReducer does for one inference."""
    n_features, n_components = estimator.n_features_in_, estimator.n_components_
    scaling = [scaling_stage(n_features)] if estimator.normalize else []
    if estimator.method == "passthrough":
        return scaling
    if not estimator.is_affine_:
        return [*scaling, *_landmark_stages(estimator)]
    stage = dense_stage(n_features, n_components, reduction=True, folds_after=True)
    if estimator.method == "sparse_rp":  # the one map that is stored without its zeros
        matrix, _ = estimator.to_affine()
        stage = replace(stage, n_connections=int(np.count_nonzero(matrix)), indexed=True)
    return [stage]


def _landmark_stages(estimator: Any) -> list[Stage]:
    """Squared distances to the landmarks, what is made of them, and the extension product."""
    embedding = estimator.reducer_
    n_landmarks, n_coordinates = embedding.n_landmarks_, embedding.n_coordinates_
    if not n_coordinates:  # a single landmark: every coordinate is 0
        return []
    n_neighbors = min(embedding.n_neighbors, n_landmarks - 1)
    distances = Stage(
        n_sources=estimator.n_features_in_,
        n_targets=n_landmarks,
        n_connections=n_landmarks * estimator.n_features_in_,
        comparisons=n_landmarks * n_neighbors,  # the nearest ones
        reduction=True,
    )
    if estimator.method == "isomap":
        # To each landmark the shortest of n_neighbors paths, an addition each, squared.
        between = Stage(
            n_sources=n_neighbors,
            n_targets=n_landmarks,
            n_connections=n_landmarks * (n_neighbors + 1),
            n_weights=n_landmarks**2,
            comparisons=n_landmarks * (n_neighbors - 1),
            table_reads=n_neighbors,  # their square roots
            reduction=True,
        )
        extension = dense_stage(n_landmarks, n_coordinates, reduction=True, folds_after=True)
        return [distances, between, extension]
    # The kernel of each landmark: the distance over two widths, less the smallest.
    kernel = Stage(
        n_sources=n_landmarks,
        n_targets=n_landmarks,
        n_connections=2 * n_landmarks,
        n_weights=n_landmarks,
        comparisons=n_landmarks - 1,
        table_reads=n_landmarks + 1,  # the exponentials, and the square root for the own width
        reduction=True,
    )
    # A weighted mean: the sum of weights is one more row of ones, and divides every coordinate.
    extension = Stage(
        n_sources=n_landmarks,
        n_targets=n_coordinates + 1,
        n_connections=n_landmarks * (n_coordinates + 1) + n_coordinates,
        n_weights=n_landmarks * n_coordinates,
        reduction=True,
        folds_after=True,
    )
    return [distances, kernel, extension]
